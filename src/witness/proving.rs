//! From a finding to the message that shows it: tried where two types meet, then put into those
//! around it.

use super::{
    DataWitness, Written,
    codec::{Record, Value, binary::Fault, dump, is_any, packed, text},
    harm::{Absent, Delivery, Harm, Kind, Way, deliver_and_look},
    routes::{Link, Routes, Step},
    trials::{kinds, trials},
    values::{self, Filler},
};
use crate::{
    judge::{Finding, Spot},
    schema::{Cardinality, FieldType, FullName, Message},
    skew::Codec,
};

/// Messages around the one that matters: no more are shown. Parsers follow a hundred.
const AROUND: usize = 40;
/// Fields of one enum that are tried.
const USES: usize = 64;

/// One finding, on its way to a proof.
pub(super) struct Proving<'p, 's> {
    pub(super) way: Way<'s>,
    pub(super) routes: &'p Routes<'s>,
    pub(super) finding: &'p Finding,
}

impl<'s> Proving<'_, 's> {
    /// The proof where two types meet.
    pub(super) fn spot(&self, spot: &Spot) -> Option<DataWitness> {
        let step = self.routes.find(&spot.sender, &spot.receiver)?;
        let Some(types) = step.messages else {
            let uses = self.routes.uses(&spot.sender, &spot.receiver).iter().take(USES);
            return uses.into_iter().find_map(|&(at, number)| self.value(spot, at, number));
        };
        let trials = match is_any(types.0) {
            true => self.any().into_iter().collect(),
            false => trials(self.way, types, spot.sent, spot.read),
        };
        self.tried(spot, step, trials)
    }

    /// An `Any` that holds the message that the finding is about.
    fn any(&self) -> Option<Record> {
        let held = self.way.sender.messages.get(&self.finding.subject)?;
        let mut record = Record::default();
        Filler::new(self.way).fill(&mut record, held, None);
        Some(packed(&record, held, self.way.sender))
    }

    /// The value of an enum in one of the fields that hold it.
    fn value(&self, spot: &Spot, at: usize, number: u32) -> Option<DataWitness> {
        let step = self.routes.step(at);
        let field = step.messages?.0.fields.get(&number)?;
        let wanted = match spot.sent {
            Some(number) => i32::try_from(number).ok()?,
            None => values::undeclared(self.way, (&spot.sender, &spot.receiver))?,
        };
        let lists = values::lists(field, self.way.sender, Some(wanted)).into_iter();
        self.tried(spot, step, lists.map(|list| Record::of(number, list)).collect())
    }

    /// The first of some messages that shows the harm.
    fn tried(
        &self,
        spot: &Spot,
        mut step: Step<'s>,
        mut trials: Vec<Record>,
    ) -> Option<DataWitness> {
        let mut subject = spot.sent.and_then(|it| u32::try_from(it).ok());
        if self.is_of_enum(spot) {
            subject = trials.first().and_then(|it| it.fields.keys().next().copied());
        }
        let absent = self.absent(spot, step, subject);
        // What becomes of an entry, its map shows.
        while let (Some((from, to)), Some((parent, Link::Field(number)))) =
            (step.messages, step.from)
        {
            if !from.map_entry && !to.map_entry {
                break;
            }
            for trial in &mut trials {
                let mut entry = std::mem::take(trial);
                Filler::new(self.way).fill(&mut entry, from, Some(to));
                *trial = Record::of(number, vec![Value::Message(entry)]);
            }
            (step, subject) = (self.routes.step(parent), Some(number));
        }
        let types = step.messages?;
        let mut plain = Record::default();
        self.fill(&mut plain, types, subject);
        if let Some(subject) = subject {
            plain.fields.remove(&subject);
        }
        // Where all messages are refused for the sake of other fields, those are left out.
        let refused = deliver_and_look(self.way, types, &plain, absent).read.is_err();
        let note = "required fields are left out, for which the receiver refuses any message";
        for mut trial in trials {
            let cut = match refused {
                true => Some(note),
                false => self.fill(&mut trial, types, subject),
            };
            let Delivery { harms, .. } = deliver_and_look(self.way, types, &trial, absent);
            if let Some(harm) = harms.into_iter().find(|it| self.shows(it, spot, &trial)) {
                return self.witness((step, absent), trial, harm, cut);
            }
        }
        None
    }

    /// The field of the receiver's that the finding is about, or that holds the enum that it is
    /// about.
    fn absent<'a>(&self, spot: &'a Spot, step: Step<'a>, subject: Option<u32>) -> Absent<'a> {
        let field = match step.messages {
            Some((from, to)) if self.is_of_enum(spot) => {
                let field = subject.and_then(|it| from.fields.get(&it));
                let own = field.and_then(|it| self.way.counterpart(it, to));
                return Absent::One((&from.name, &to.name), own.map(|it| it.number));
            }
            _ if spot.sent.is_none() && spot.read.is_none() => return Absent::All,
            _ => spot.read.and_then(|it| u32::try_from(it).ok()),
        };
        Absent::One((&spot.sender, &spot.receiver), field)
    }

    /// Fills in what is required, but not the field that the finding is about.
    fn fill(
        &self,
        record: &mut Record,
        types: (&Message, &Message),
        subject: Option<u32>,
    ) -> Option<&'static str> {
        let mut filler = Filler::new(self.way);
        let spared = subject.filter(|it| !record.fields.contains_key(it));
        filler.fill(record, types.0, Some(types.1));
        let optional = |it: &u32| {
            let field = types.0.fields.get(it);
            field.is_some_and(|it| it.cardinality != Cardinality::Required)
        };
        if let Some(spared) = spared.filter(optional) {
            record.fields.remove(&spared);
        }
        filler.cut.then_some("not all required fields are filled: there are too many")
    }

    /// The harm is that of the finding.
    fn shows(&self, harm: &Harm, spot: &Spot, trial: &Record) -> bool {
        if !kinds(self.finding.rule, self.way.codec).contains(&harm.kind) {
            return false;
        }
        if harm.kind == Kind::Refused {
            return true;
        }
        // A field is missing for the value of its enum.
        if harm.kind == Kind::Missing && self.is_of_enum(spot) {
            let missing = harm.read.and_then(|it| u32::try_from(it).ok());
            let of = self.way.receiver.messages.get(&harm.types.1);
            let field = of.zip(missing).and_then(|(of, number)| of.fields.get(&number));
            return field.is_some_and(|it| it.ty == FieldType::Enum(spot.receiver.clone()));
        }
        let numbers = [(spot.sent, harm.sent), (spot.read, harm.read)];
        let same = numbers.iter().any(|(spot, harm)| spot.is_some() && spot == harm);
        let whole = spot.sent.is_none() && spot.read.is_none();
        // Of two that cannot stand together, the order of writing says which gives way.
        let tried = spot.sent.and_then(|it| u32::try_from(it).ok());
        let tried = tried.is_some_and(|it| trial.fields.contains_key(&it));
        let rival = harm.kind == Kind::Cleared && tried;
        (&harm.types.0, &harm.types.1) == (&spot.sender, &spot.receiver) && (same || whole || rival)
    }

    fn is_of_enum(&self, spot: &Spot) -> bool {
        self.way.receiver.enums.contains_key(&spot.receiver)
    }

    /// The message as a call carries it, with those around it.
    fn witness(
        &self,
        (step, absent): (Step<'s>, Absent<'_>),
        inner: Record,
        harm: Harm,
        cut: Option<&str>,
    ) -> Option<DataWitness> {
        let (mut at, mut record, mut around) = (step, inner.clone(), 0);
        while let Some((parent, link)) = at.from.filter(|_| around < AROUND) {
            record = match link {
                Link::Field(number) => Record::of(number, vec![Value::Message(record)]),
                Link::Any => packed(&record, at.messages?.0, self.way.sender),
            };
            at = self.routes.step(parent);
            let (from, to) = at.messages?;
            Filler::new(self.way).around(&mut record, from, Some(to), 0);
            around += 1;
        }
        let deliver = |types, record: &Record| deliver_and_look(self.way, types, record, absent);
        let (mut types, mut delivery) = (at.messages?, deliver(at.messages?, &record));
        let mut left_out = match at.depth {
            0 => None,
            depth => Some(format!("the {depth} messages around it are left out")),
        };
        let again = |it: &Harm| {
            (it.kind, &it.types, it.sent, it.read) == (harm.kind, &harm.types, harm.sent, harm.read)
                || it.kind == Kind::Refused && harm.kind == Kind::Refused
        };
        if !delivery.harms.iter().any(again) {
            // On its way there it meets another.
            (types, record) = (step.messages?, inner);
            delivery = deliver(types, &record);
            left_out =
                Some("the messages around it are left out, for harm of their own".to_owned());
        }
        let left_out = cut.map(str::to_owned).or(left_out);
        Some(self.shown(step.call, types, &record, delivery, harm, left_out))
    }

    fn shown(
        &self,
        call: &FullName,
        (from, to): (&Message, &Message),
        record: &Record,
        delivery: Delivery,
        harm: Harm,
        cut: Option<String>,
    ) -> DataWitness {
        let Way { sender, receiver, codec, .. } = self.way;
        let written = match codec {
            Codec::Binary => {
                let parts = dump::dump(&delivery.written, from, sender).unwrap_or_default();
                Written::Binary { bytes: delivery.written, parts }
            }
            Codec::Json => Written::Json(String::from_utf8_lossy(&delivery.written).into_owned()),
        };
        DataWitness {
            call: call.clone(),
            flow: self.finding.flow,
            sender: from.name.clone(),
            receiver: to.name.clone(),
            sent: text::print(record, from, sender),
            written,
            read: match delivery.read {
                Ok(read) => Ok(text::print(&read, to, receiver)),
                Err(Fault(reason)) => Err(reason),
            },
            missing: delivery.missing,
            kind: harm.kind,
            harm: harm.says,
            cut,
        }
    }
}
