//! All that a rule may know besides the two ends, and what several rules ask of it.

use std::collections::BTreeSet;

use crate::{
    callsites::{CallSite, Served, ServedStatus},
    schema::{Cardinality, Element, Enum, Field, FieldType, FullName, Names, Schema},
    skew::{Codec, Ends, Flow},
    wire::{
        ByName, Reading,
        binary::{self, Enums},
        json,
    },
};

use super::names;

mod elsewhere;

/// All that a rule may know besides the two ends.
pub struct Context<'c, 's> {
    /// What is on its way.
    pub flow: Flow,
    /// How it is written.
    pub codec: Codec,
    /// The schema the sender was built from.
    pub sender: &'s Schema,
    /// The schema the receiver was built from.
    pub receiver: &'s Schema,
    /// The types that meet, where the ends are parts of them.
    pub within: Option<Within<'c, 's>>,
    /// The receiver's JSON parser passes over what it does not know. Parsers refuse it by default.
    pub ignore_unknown: bool,
    /// Names of fields that say what a call is meant to do, besides those that are known to.
    pub intents: &'c [Names],
    /// What the sources of both ends say of the call, if they were searched.
    pub code: Option<Code<'c>>,
}

/// What sources say of one call.
#[derive(Clone, Copy, Debug)]
pub struct Code<'c> {
    /// Where the client's make it.
    pub sites: &'c [&'c CallSite],
    /// What the servers do about it that programs of the server register.
    pub served: &'c [&'c Served],
}

impl Code<'_> {
    /// Whoever calls is told `UNIMPLEMENTED`, whichever of the servers it meets.
    pub(super) fn refuses(&self) -> bool {
        !self.served.is_empty() && self.served.iter().all(|it| it.status.refuses())
    }

    /// The servers are known, and none of them answers in all cases.
    pub(super) fn refuses_some(&self) -> bool {
        let some =
            |it: &&Served| it.status.refuses() || it.status == ServedStatus::SometimesRefused;
        !self.served.is_empty() && self.served.iter().all(some)
    }
}

/// Two types that meet.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub enum Within<'c, 's> {
    Messages {
        sender: &'c ByName<'s>,
        receiver: &'c ByName<'s>,
        /// Numbers of fields that have one thing in place of another.
        replaced: &'c BTreeSet<u32>,
    },
    Enums {
        sender: &'s Enum,
        receiver: &'s Enum,
        /// Where they meet.
        uses: &'c [Use<'s>],
    },
}

/// A field in which two enums meet.
#[derive(Clone, Copy, Debug)]
pub struct Use<'s> {
    /// The sender's field.
    pub sent: &'s Field,
    /// The receiver's field.
    pub read: &'s Field,
    /// They are the values of maps, which are always written.
    pub in_map: bool,
}

impl Use<'_> {
    /// The sender writes the field whatever its value, if it has one.
    pub(super) fn writes_zero(&self) -> bool {
        self.in_map || self.sent.cardinality != Cardinality::Implicit
    }
}

impl<'c, 's> Context<'c, 's> {
    /// The messages that meet, the sender's first.
    fn messages(&self) -> Option<[&'c ByName<'s>; 2]> {
        match self.within {
            Some(Within::Messages { sender, receiver, .. }) => Some([sender, receiver]),
            _ => None,
        }
    }

    /// What the receiver finds in what the sender writes of a field, in bytes or in JSON.
    pub(super) fn transfer(&self, sent: &Field, read: &Field) -> Reading {
        let item = |schema: &'s Schema, ty: &FieldType| match ty {
            FieldType::Enum(name) => schema.enums.get(name).map(|it| &**it),
            _ => None,
        };
        let (theirs, ours) = (item(self.sender, &sent.ty), item(self.receiver, &read.ty));
        let closed = read.closes_enum || ours.is_some_and(|it| !it.open);
        let enums = Enums { sent: theirs, read: ours, closed };
        match self.codec {
            Codec::Binary => binary::transfer(sent, read, enums),
            Codec::Json if self.in_map() && sent.number == 1 => json::key_transfer(sent, read),
            Codec::Json => json::transfer(sent, read, enums),
        }
    }

    /// The ends are keys or values of maps, which are always written.
    pub(super) fn in_map(&self) -> bool {
        self.messages().is_some_and(|both| both.iter().all(|it| it.message.map_entry))
    }

    /// The sender's message is the entry of a map, all of which is always written.
    pub(super) fn sends_map(&self) -> bool {
        self.messages().is_some_and(|[sender, _]| sender.message.map_entry)
    }

    /// The receiver takes what is under the sender's JSON key for the field.
    pub(super) fn accepts(&self, sent: &Field, read: &Field) -> bool {
        self.in_map() || json::accepts(read, &sent.json_name)
    }

    /// As [`Context::accepts`], where keys count.
    pub(super) fn accepts_in_codec(&self, sent: &Field, read: &Field) -> bool {
        self.codec == Codec::Binary || self.accepts(sent, read)
    }

    /// The receiver's JSON parser passes over what is under the key: a string that names no value of
    /// its enum, or the keys of a map where it looks for those of its fields. Where the field is
    /// required, it refuses the message all the same.
    pub(super) fn passes_over(&self, sent: &Field, read: &Field) -> bool {
        if read.cardinality == Cardinality::Required {
            return false;
        }
        self.codec == Codec::Json && self.ignore_unknown && json::is_unknown(sent, read)
    }

    /// The field that only the sender has, where nothing more is to be said of it: the receiver
    /// does not know it under another number, and passes over what it does not know.
    pub(super) fn unknown_field(&self, ends: Ends<'s>) -> Option<&'s Field> {
        let Ends::SenderOnly(Element::Field(field)) = ends else { return None };
        let passes = match self.codec {
            Codec::Binary => self.moved_to(field).is_none(),
            Codec::Json => self.ignore_unknown,
        };
        passes.then_some(field)
    }

    /// The name that JSON has for an enum's value, if the receiver does not know it and the sender
    /// ever writes it.
    pub(super) fn unknown_name(&self, ends: Ends<'s>) -> Option<&'s str> {
        let (Ends::SenderOnly(Element::EnumValue(sent))
        | Ends::Both { sender: Element::EnumValue(sent), .. }) = ends
        else {
            return None;
        };
        let (_, receiver, uses) = self.enums()?;
        let name = sent.name.leaf();
        let known = receiver.values.values().any(|it| names(it).any(|it| it == name));
        let written = sent.number != 0 || uses.iter().any(Use::writes_zero);
        (written && !known).then_some(name)
    }

    /// The receiver's field of that name, if its number is another and the sender has none there:
    /// the field moved.
    pub(super) fn moved_to(&self, field: &Field) -> Option<&'s Field> {
        let [sender, receiver] = self.messages()?;
        receiver.moved(field, sender)
    }

    /// The sender's field of that name, if the field moved.
    pub(super) fn moved_from(&self, field: &Field) -> Option<&'s Field> {
        let [sender, receiver] = self.messages()?;
        sender.moved(field, receiver)
    }

    /// The number under which the sender has a field of that name.
    pub(super) fn sent_as(&self, field: &Field) -> Option<u32> {
        let [sender, _] = self.messages()?;
        sender.get(field.name.leaf()).map(|it| it.number)
    }

    /// The number means one thing to the sender and another to the receiver.
    pub(super) fn is_reused(&self, sent: &Field, read: &Field) -> bool {
        let Some(Within::Messages { sender, receiver, replaced }) = self.within else {
            return false;
        };
        replaced.contains(&read.number) || sender.reuses(sent, receiver, read)
    }

    /// The name of the oneof whose case the sender sets with a field, if the receiver has that
    /// oneof, with other cases.
    pub(super) fn shared_oneof(&self, field: &Field) -> Option<&'s str> {
        let [sender, receiver] = self.messages()?;
        let oneof = field.oneof.as_ref()?;
        let cases = |it: &&Field| it.oneof.as_ref() == Some(oneof);
        let mut cases = sender.message.fields.values().filter(cases);
        let by_case = cases.find_map(|it| receiver.message.fields.get(&it.number)?.oneof.as_ref());
        let by_name = || {
            let mut oneofs = receiver.message.fields.values().filter_map(|it| it.oneof.as_ref());
            oneofs.find(|it| it.leaf() == oneof.leaf())
        };
        by_case.or_else(by_name).map(|it| it.leaf())
    }

    /// The cases of the receiver's oneof that the sender may set together, if this field is the
    /// first by which the ends disagree on that: it is said once for all.
    pub(super) fn clashing(&self, sent: &Field, read: &Field) -> Option<Vec<&'s str>> {
        let [sender, receiver] = self.messages()?;
        let oneof = read.oneof.as_ref()?;
        let cases = receiver.message.fields.values().filter(|it| it.oneof.as_ref() == Some(oneof));
        let both: Vec<(&Field, &'s Field)> =
            cases.filter_map(|read| Some((self.counterpart(sender, read)?, read))).collect();
        // Those of one oneof of the sender's are never set together.
        let with = |oneof: &FullName| {
            both.iter().filter(|(it, _)| it.oneof.as_ref() == Some(oneof)).count()
        };
        let clash = |(one, _): &(&Field, &Field)| match &one.oneof {
            None => both.len() > 1,
            Some(oneof) => with(oneof) < both.len(),
        };
        let leaf = |it: &Field| it.oneof.as_ref().map(|it| it.leaf().to_owned());
        let disagree = |(sent, read): &&(&Field, &Field)| leaf(sent) != leaf(read);
        let speaker = both.iter().filter(disagree).find(|it| clash(it))?;
        let own = speaker.0.number == sent.number && speaker.1.number == read.number;
        own.then(|| both.iter().filter(|it| clash(it)).map(|(_, read)| read.name.leaf()).collect())
    }

    /// The sender's field that the receiver reads as one of its own, and can read.
    fn counterpart(&self, sender: &ByName<'s>, read: &'s Field) -> Option<&'s Field> {
        let sent = match self.codec {
            Codec::Binary => sender.message.fields.get(&read.number)?,
            Codec::Json => {
                let named = sender.get(read.name.leaf())?;
                json::accepts(read, &named.json_name).then_some(named)?
            }
        };
        (self.transfer(sent, read) != Reading::Unreadable).then_some(sent)
    }

    /// The enums that meet, the sender's first, and where.
    pub(super) fn enums(&self) -> Option<(&'s Enum, &'s Enum, &'c [Use<'s>])> {
        match self.within {
            Some(Within::Enums { sender, receiver, uses }) => Some((sender, receiver, uses)),
            _ => None,
        }
    }
}
