//! What a message suffers on its way: it is written by the sender, read by the receiver, and the
//! two are compared.

use std::collections::HashMap;

use super::codec::{
    Record,
    binary::{self, Fault},
    json::{self, Strictness},
};
use crate::{
    rules::Effect,
    schema::{Field, FullName, Message, Schema},
    skew::Codec,
};

mod compare;
mod same;

/// From whom to whom, and in which form.
#[derive(Clone, Copy)]
pub struct Way<'s> {
    /// What the sender was built from.
    pub sender: &'s Schema,
    /// What the receiver was built from.
    pub receiver: &'s Schema,
    /// The form of the message.
    pub codec: Codec,
    /// How the receiver takes what it does not know, in JSON.
    pub strictness: Strictness,
}

/// A message that was sent, and what came of it.
pub struct Delivery {
    /// What was on the wire: bytes, or the text of a document.
    pub written: Vec<u8>,
    /// What the receiver reads.
    pub read: Result<Record, Fault>,
    /// The way to a required field that the receiver lacks, if it lacks one.
    pub missing: Option<String>,
    /// All in which the two differ.
    pub harms: Vec<Harm>,
}

/// One way in which what is read is not what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harm {
    /// Of which kind.
    pub kind: Kind,
    /// The types that meet there: of messages, or of enums if it is about a value of one.
    pub types: (FullName, FullName),
    /// The number of the sender's field or enum value.
    pub sent: Option<i64>,
    /// The number of the receiver's field or enum value.
    pub read: Option<i64>,
    /// In words.
    pub says: String,
}

/// Kinds of harm, by what can be seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The receiver's parser refuses the message.
    Refused,
    /// A field is absent that the receiver requires.
    Missing,
    /// The value arrives in a field of another name. Whether that is another meaning, no message
    /// tells.
    FieldRenamed,
    /// Another value arrives.
    ValueChanged,
    /// The number of an enum value arrives, and has another name.
    EnumRenamed,
    /// A field that is not sent has another default.
    DefaultDiffers,
    /// The receiver has the field under another number.
    Renumbered,
    /// The receiver's field of that number stays empty.
    Unreadable,
    /// Fewer values arrive than were sent.
    Shortened,
    /// The value gave way to another case of a oneof.
    Cleared,
    /// An enum's number is put aside.
    EnumDropped,
    /// The receiver has the oneof, and not the case.
    CaseUnknown,
    /// The number of an enum value arrives, and has no name.
    EnumUnknown,
    /// The receiver does not have the field.
    FieldUnknown,
    /// The receiver does not have the type that an `Any` holds.
    AnyUnknown,
    /// Zero was meant and not sent, and is not what the receiver sees.
    ZeroUnseen,
    /// The sender does not have the field.
    NeverSent,
}

impl Kind {
    /// What it comes to.
    pub fn effect(self) -> Effect {
        use Kind::{
            AnyUnknown, CaseUnknown, Cleared, DefaultDiffers, EnumDropped, EnumRenamed,
            EnumUnknown, FieldRenamed, FieldUnknown, Missing, NeverSent, Refused, Renumbered,
            Shortened, Unreadable, ValueChanged, ZeroUnseen,
        };
        match self {
            Refused | Missing => Effect::CallFails,
            FieldRenamed | ValueChanged | EnumRenamed | DefaultDiffers => Effect::Misread,
            Renumbered | Unreadable | Shortened | Cleared | EnumDropped => Effect::Lost,
            CaseUnknown | EnumUnknown | FieldUnknown | AnyUnknown => Effect::Ignored,
            ZeroUnseen | NeverSent => Effect::Unset,
        }
    }
}

/// Which of the receiver's fields are looked for where nothing was sent.
#[derive(Clone, Copy)]
pub enum Absent<'a> {
    /// All of all messages.
    All,
    /// One, of messages of two types that meet. There may be thousands of others.
    One((&'a FullName, &'a FullName), Option<u32>),
}

/// Sends a message.
pub fn deliver(way: Way<'_>, types: (&Message, &Message), sent: &Record) -> Delivery {
    deliver_and_look(way, types, sent, Absent::All)
}

/// Sends a message, and looks for some of what is absent.
pub(super) fn deliver_and_look(
    way: Way<'_>,
    types: (&Message, &Message),
    sent: &Record,
    absent: Absent<'_>,
) -> Delivery {
    let (from, to) = types;
    let (written, read) = match way.codec {
        Codec::Binary => {
            let bytes = binary::encode(sent, from, way.sender);
            let read = binary::decode(&bytes, to, way.receiver);
            (bytes, read)
        }
        Codec::Json => {
            let text = json::write(sent, from, way.sender);
            let read = json::read(&text, to, way.receiver, way.strictness);
            (text.into_bytes(), read)
        }
    };
    let missing = read.as_ref().ok().and_then(|it| binary::missing(it, to, way.receiver));
    let mut harms = Vec::new();
    match &read {
        Ok(read) => Comparing { way, absent, harms: &mut harms }.messages(types, sent, read),
        Err(Fault(reason)) => harms.push(Harm {
            kind: Kind::Refused,
            types: (from.name.clone(), to.name.clone()),
            sent: None,
            read: None,
            says: format!("the receiver refuses the message: {reason}"),
        }),
    }
    Delivery { written, read, missing, harms }
}

struct Comparing<'h, 's> {
    way: Way<'s>,
    absent: Absent<'h>,
    harms: &'h mut Vec<Harm>,
}

/// A field at both ends, within two messages that meet.
#[derive(Clone, Copy)]
struct Both<'s> {
    from: &'s Message,
    to: &'s Message,
    sent: &'s Field,
    read: &'s Field,
}

impl Way<'_> {
    /// The receiver's field that takes what the sender writes into one of its own.
    pub(super) fn counterpart<'m>(&self, sent: &Field, to: &'m Message) -> Option<&'m Field> {
        match self.codec {
            Codec::Binary => to.fields.get(&sent.number),
            Codec::Json => to.fields.values().find(|read| {
                let own = read.name.parent() == to.name.as_str();
                *read.json_name == *sent.json_name || (own && read.name.leaf() == &*sent.json_name)
            }),
        }
    }

    /// The sender's field that is read as one of the receiver's.
    pub(super) fn origin<'m>(
        &self,
        read: &Field,
        from: &'m Message,
        to: &Message,
    ) -> Option<&'m Field> {
        match self.codec {
            Codec::Binary => from.fields.get(&read.number),
            Codec::Json => from.fields.values().find(|sent| {
                let alike =
                    *sent.json_name == *read.json_name || *sent.json_name == *read.name.leaf();
                alike && self.counterpart(sent, to).is_some_and(|it| it.number == read.number)
            }),
        }
    }

    /// The fields of the two messages that meet.
    pub(super) fn pairs<'m>(
        &self,
        from: &'m Message,
        to: &'m Message,
    ) -> Vec<(&'m Field, &'m Field)> {
        let mut keys: HashMap<&str, &Field> = HashMap::new();
        if self.codec == Codec::Json {
            // The key in JSON goes before the name in the schema.
            let own = to.fields.values().filter(|it| it.name.parent() == to.name.as_str());
            keys.extend(own.map(|it| (it.name.leaf(), it)));
            keys.extend(to.fields.values().map(|it| (&*it.json_name, it)));
        }
        let counterpart = |sent: &Field| match self.codec {
            Codec::Binary => to.fields.get(&sent.number),
            Codec::Json => keys.get(&*sent.json_name).copied(),
        };
        from.fields.values().filter_map(|sent| Some((sent, counterpart(sent)?))).collect()
    }
}
