//! The proof of a finding: the smallest message that shows it, what is on the wire, and what the
//! receiver reads; of a call, what each runtime shows.
//!
//! No rule says how it is proved. Small messages are tried until one comes to the harm that the
//! finding speaks of; if none does, the finding is not true, and tests see to that.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    judge::{Finding, Settings, Spot},
    rules::{Effect, Rule},
    schema::{Field, FieldType, FullName, Message, Schema},
    skew::{Codec, Flow, Pairing, Side},
};

mod call;
pub mod codec;
pub mod harm;
mod routes;
pub mod values;

pub use call::{CallWitness, Case, Shown};
pub use codec::dump::Part;

use codec::{Record, Value, binary::Fault, dump, is_any, json::Strictness, packed, text};
use harm::{Delivery, Harm, Kind, Way, deliver};
use routes::{Link, Routes, Step};
use values::Filler;

/// Messages around the one that matters: no more are shown. Parsers follow a hundred.
const AROUND: usize = 40;
/// Fields of one enum that are tried.
const USES: usize = 64;
/// Other cases of a oneof that are tried together with a field.
const RIVALS: usize = 8;

/// Values that are tried together with each of them.
const TOGETHER: usize = 4;

/// What proves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A message, and what becomes of it.
    Data(Box<DataWitness>),
    /// A call that fails, whatever it carries.
    Call(CallWitness),
}

/// A message that was sent, and what the receiver makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataWitness {
    /// The call that carries it.
    pub call: FullName,
    /// What is on its way.
    pub flow: Flow,
    /// The type of the message, to the sender.
    pub sender: FullName,
    /// The type of the message, to the receiver.
    pub receiver: FullName,
    /// The message in protobuf's text format.
    pub sent: String,
    /// What is on the wire.
    pub written: Written,
    /// What the receiver reads in protobuf's text format, or why it refuses.
    pub read: Result<String, String>,
    /// The way to a required field that is missing, for which C++, Java and Go refuse what others
    /// read.
    pub missing: Option<String>,
    /// The kind of harm that is to be seen.
    pub kind: Kind,
    /// What is to be seen, in words.
    pub harm: String,
    /// What was left out, in words.
    pub cut: Option<String>,
}

/// A message on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Written {
    /// Bytes, as a whole and taken apart.
    Binary { bytes: Vec<u8>, parts: Vec<Part> },
    /// A document of ProtoJSON.
    Json(String),
}

/// Finds proofs for findings of one pairing.
pub struct Prover<'s> {
    base: &'s Schema,
    head: &'s Schema,
    pairing: Pairing,
    strictness: Strictness,
    routes: BTreeMap<(Flow, Codec), Routes<'s>>,
}

impl<'s> Prover<'s> {
    /// Looks up the ways to all types that meet on the calls of some findings.
    pub fn new<'f>(
        base: &'s Schema,
        head: &'s Schema,
        pairing: Pairing,
        settings: &Settings,
        findings: impl Iterator<Item = &'f Finding>,
    ) -> Prover<'s> {
        let json = settings.json;
        // As `judge` has it: the commonest gateway passes over what it does not know.
        let lenient = json.ignore_unknown || !json.everywhere;
        let strictness = if lenient { Strictness::Ignore } else { Strictness::Refuse };
        let mut calls: BTreeMap<(Flow, Codec), BTreeSet<&FullName>> = BTreeMap::new();
        for it in findings.filter(|it| it.flow != Flow::Call) {
            calls.entry((it.flow, it.codec)).or_default().extend(it.calls.iter());
        }
        let mut prover = Prover { base, head, pairing, strictness, routes: BTreeMap::new() };
        for ((flow, codec), calls) in calls {
            let way = prover.way(flow, codec);
            // The names as the schema holds them, which outlive the findings.
            let methods = way.sender.methods().map(|it| &it.name);
            let routes =
                Routes::new(way, flow, &settings.any, methods.filter(|it| calls.contains(it)));
            prover.routes.insert((flow, codec), routes);
        }
        prover
    }

    /// From whom to whom a flow goes.
    fn way(&self, flow: Flow, codec: Codec) -> Way<'s> {
        let (sender, receiver) = match self.pairing.sender(flow) {
            Side::Base => (self.base, self.head),
            Side::Head => (self.head, self.base),
        };
        Way { sender, receiver, codec, strictness: self.strictness }
    }

    /// The proof of a finding. `None` if there is nothing to show: what it is about is not among
    /// the files of the versions, or it is not true.
    pub fn prove(&self, finding: &Finding) -> Option<Witness> {
        let way = self.way(finding.flow, finding.codec);
        if finding.flow == Flow::Call {
            return call::prove(finding, way.sender, way.receiver).map(Witness::Call);
        }
        let routes = self.routes.get(&(finding.flow, finding.codec))?;
        let proving = Proving { way, routes, finding };
        let proof = finding.spots.iter().find_map(|spot| proving.spot(spot))?;
        Some(Witness::Data(Box::new(proof)))
    }
}

struct Proving<'p, 's> {
    way: Way<'s>,
    routes: &'p Routes<'s>,
    finding: &'p Finding,
}

impl<'s> Proving<'_, 's> {
    fn spot(&self, spot: &Spot) -> Option<DataWitness> {
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
        let refused = deliver(self.way, types, &plain).read.is_err();
        let note = "required fields are left out, for which the receiver refuses any message";
        for mut trial in trials {
            let cut = match refused {
                true => Some(note),
                false => self.fill(&mut trial, types, subject),
            };
            let Delivery { harms, .. } = deliver(self.way, types, &trial);
            if let Some(harm) = harms.into_iter().find(|it| self.shows(it, spot, &trial)) {
                return self.witness(step, trial, harm, cut);
            }
        }
        None
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
            field.is_some_and(|it| it.cardinality != crate::schema::Cardinality::Required)
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
        step: Step<'s>,
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
        let (mut types, mut delivery) = (at.messages?, deliver(self.way, at.messages?, &record));
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
            delivery = deliver(self.way, types, &record);
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

/// Fills in what either end requires, so that only the harm shows that is looked for.
pub fn fill(way: Way<'_>, record: &mut Record, from: &Message, to: &Message) {
    Filler::new(way).fill(record, from, Some(to));
}

/// Messages that differ in one field, or in a few that belong together; the plainest first.
pub fn trials(
    way: Way<'_>,
    (from, to): (&Message, &Message),
    sent: Option<i64>,
    read: Option<i64>,
) -> Vec<Record> {
    let field = |message: &Message, number: Option<i64>| -> Option<Field> {
        message.fields.get(&u32::try_from(number?).ok()?).cloned()
    };
    let (sent, read) = (field(from, sent), field(to, read));
    let mut trials = vec![Record::default()];
    // The sender may have what the receiver reads there under the same name elsewhere.
    let twin = read.as_ref().filter(|_| sent.is_none());
    let twin =
        twin.and_then(|it| from.fields.values().find(|own| own.name.leaf() == it.name.leaf()));
    let Some(field) = sent.as_ref().or(twin) else { return trials };
    if let Some(zero) = values::zero(field, way.sender) {
        trials.insert(0, Record::of(field.number, vec![zero]));
    }
    let lists = values::lists(field, way.sender, None);
    trials.extend(lists.iter().map(|list| Record::of(field.number, list.clone())));
    for rival in rivals(way, (from, to), field).into_iter().take(RIVALS) {
        let others = values::lists(rival, way.sender, None);
        for (own, other) in lists.iter().take(TOGETHER).zip(others.iter().cycle()) {
            let mut both = Record::of(field.number, own.clone());
            both.fields.insert(rival.number, other.clone());
            trials.push(both);
        }
    }
    trials
}

/// The sender's fields that the receiver has in one oneof with this one.
fn rivals<'m>(way: Way<'_>, (from, to): (&'m Message, &Message), field: &Field) -> Vec<&'m Field> {
    let Some(own) = way.counterpart(field, to).filter(|it| it.oneof.is_some()) else {
        return Vec::new();
    };
    let together = |it: &&Field| {
        let apart = it.oneof.is_none() || it.oneof != field.oneof;
        let rival = way.counterpart(it, to).is_some_and(|it| it.oneof == own.oneof);
        it.number != field.number && apart && rival
    };
    from.fields.values().filter(together).collect()
}

/// What a rule speaks of. A rule that is not in the list is about any harm of its effect.
pub fn kinds(rule: &Rule, codec: Codec) -> Vec<Kind> {
    use Kind::{
        AnyUnknown, CaseUnknown, Cleared, DefaultDiffers, EnumDropped, EnumRenamed, EnumUnknown,
        FieldRenamed, FieldUnknown, Missing, NeverSent, Refused, Renumbered, Shortened, Unreadable,
        ValueChanged, ZeroUnseen,
    };
    let kinds: &[Kind] = match rule.id {
        "required-field-missing" => &[Missing],
        "value-rejected" | "message-unparsable" => &[Refused],
        "enum-value-rejected" => &[Missing],
        "bytes-misread" | "json-value-misread" => &[ValueChanged, Refused],
        "field-number-reused" => &[FieldRenamed],
        "number-misread" | "number-truncated" => &[ValueChanged],
        "enum-number-reused" => &[EnumRenamed],
        "default-differs" => &[DefaultDiffers],
        "field-renumbered" => &[Renumbered],
        "field-unreadable" => &[Unreadable],
        "repeated-to-single" | "map-keys-merged" => &[Shortened],
        "oneof-clobbered" => &[Cleared],
        "enum-value-dropped" | "enum-closed" => &[EnumDropped],
        "oneof-case-unknown" => &[CaseUnknown],
        "enum-value-unknown" => &[EnumUnknown],
        "field-ignored" | "field-intent-ignored" => &[FieldUnknown],
        "any-type-unknown" => &[AnyUnknown],
        "presence-unseen" => &[ZeroUnseen],
        "field-unset" => &[NeverSent],
        _ => match rule.effect {
            Effect::CallFails => &[Refused, Missing],
            Effect::Misread => &[FieldRenamed, ValueChanged, EnumRenamed, DefaultDiffers],
            // In JSON, what a key stands for is not known either.
            Effect::Lost if codec == Codec::Json => {
                &[Unreadable, Shortened, EnumDropped, FieldUnknown, CaseUnknown]
            }
            Effect::Lost => &[Renumbered, Unreadable, Shortened, Cleared, EnumDropped],
            Effect::Ignored => &[CaseUnknown, EnumUnknown, FieldUnknown, AnyUnknown],
            Effect::Unset => &[ZeroUnseen, NeverSent],
        },
    };
    kinds.to_vec()
}
