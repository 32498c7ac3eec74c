//! What a message suffers on its way: it is written by the sender, read by the receiver, and the
//! two are compared.

use std::collections::HashMap;

use super::codec::{
    Payload, Record, Unknown, Value, binary,
    binary::Fault,
    default, enum_of, is_any, is_zero,
    json::{self, Strictness},
    message_of, text, unpacked, wrapped,
};
use crate::{
    rules::Effect,
    schema::{Cardinality, Enum, Field, FieldType, FullName, Message, Schema},
    skew::Codec,
};

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

/// Sends a message.
pub fn deliver(way: Way<'_>, types: (&Message, &Message), sent: &Record) -> Delivery {
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
        Ok(read) => Comparing { way, harms: &mut harms }.messages(types, sent, read),
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

impl<'s> Comparing<'_, 's> {
    fn messages(&mut self, types: (&Message, &Message), sent: &Record, read: &Record) {
        let (from, to) = types;
        if is_any(from) && is_any(to) {
            return self.any(types, sent, read);
        }
        for (number, values) in &sent.fields {
            let Some(field) = from.fields.get(number).filter(|_| !values.is_empty()) else {
                continue;
            };
            if !from.map_entry && self.unsent(field, sent) {
                continue;
            }
            match self.way.counterpart(field, to) {
                None => self.unknown(types, field),
                Some(own) => {
                    let both = Both { from, to, sent: field, read: own };
                    self.field(both, values, read);
                }
            }
        }
        for field in to.fields.values() {
            // An entry of a map has all its fields, though nobody sent them.
            let made_up = to.map_entry
                && !from.fields.values().any(|it| {
                    self.way.counterpart(it, to).is_some_and(|it| it.number == field.number)
                });
            if made_up || !read.fields.contains_key(&field.number) {
                self.absent(types, field, sent);
            }
        }
    }

    /// What is in an `Any`, if the sender knows it.
    fn any(&mut self, types: (&Message, &Message), sent: &Record, read: &Record) {
        let Some((from, sent)) = unpacked(sent, self.way.sender) else { return };
        match unpacked(read, self.way.receiver) {
            Some((to, Ok(read))) => {
                if let Ok(sent) = sent {
                    self.messages((from, to), &sent, &read);
                }
            }
            Some((to, Err(Fault(reason)))) => {
                let says = format!("the receiver cannot unpack it: {reason}");
                self.push(Kind::Refused, (&from.name, &to.name), None, None, says);
            }
            None => {
                let says = format!("the receiver cannot unpack it: it has no `{}`", from.name);
                self.push(Kind::AnyUnknown, (&types.0.name, &types.1.name), None, None, says);
            }
        }
    }

    /// A field that only the sender has.
    fn unknown(&mut self, (from, to): (&Message, &Message), field: &Field) {
        let name = field.name.leaf();
        let twin = to.fields.values().find(|it| it.name.leaf() == name);
        let twin = twin.filter(|it| !from.fields.contains_key(&it.number));
        let oneof = field.oneof.as_ref().map(|it| it.leaf());
        let shared = |it: &Field| oneof.is_some() && it.oneof.as_ref().map(|it| it.leaf()) == oneof;
        let (kind, read, says) = match twin {
            Some(twin) if self.way.codec == Codec::Binary => {
                let says = format!(
                    "`{name}` arrives as number {}, and the receiver looks for it at {}",
                    field.number, twin.number
                );
                (Kind::Renumbered, Some(i64::from(twin.number)), says)
            }
            _ if to.fields.values().any(shared) => {
                let oneof = oneof.unwrap_or_default();
                (Kind::CaseUnknown, None, format!("the receiver sees no case of `{oneof}`"))
            }
            _ => {
                let says = match self.way.codec {
                    Codec::Binary => format!("`{name}` arrives as an unknown field"),
                    Codec::Json => format!("`{name}` is passed over"),
                };
                (Kind::FieldUnknown, None, says)
            }
        };
        self.push(kind, (&from.name, &to.name), Some(field.number.into()), read, says);
    }

    /// A field that the receiver finds nothing in.
    fn absent(&mut self, (from, to): (&Message, &Message), field: &Field, sent: &Record) {
        let (name, number) = (field.name.leaf(), i64::from(field.number));
        let own = from
            .fields
            .values()
            .find(|it| self.way.counterpart(it, to).is_some_and(|it| it.number == field.number));
        let sent_number = own.map(|it| i64::from(it.number));
        let types = (&from.name, &to.name);
        if field.cardinality == Cardinality::Required {
            let says = format!(
                "`{name}` is required and not there, for which C++, Java and Go refuse the message; Python reads it"
            );
            self.push(Kind::Missing, types, sent_number, Some(number), says);
        }
        let Some(own) = own else {
            let reads = self.reads_absent(field);
            let says = format!("the sender does not have `{name}`, which reads as {reads}");
            self.push(Kind::NeverSent, types, None, Some(number), says);
            return;
        };
        if sent.fields.contains_key(&own.number) && !self.unsent(own, sent) || from.map_entry {
            return;
        }
        let list = |it: &Field| matches!(it.cardinality, Cardinality::Repeated { .. });
        if list(own) || list(field) {
            return;
        }
        let (schemas, defaults) = ([self.way.sender, self.way.receiver], [own, field]);
        let [theirs, ours] = [0, 1].map(|end| default(defaults[end], schemas[end]));
        let (Some(theirs), Some(ours)) = (theirs, ours) else { return };
        // What another type reads as when nothing is there is another matter.
        if !own.ty.same_kind(&field.ty) {
            return;
        }
        let both = Both { from, to, sent: own, read: field };
        if !self.same(both, &theirs, &ours) {
            let [theirs, ours] = [
                text::value(&theirs, own, self.way.sender),
                text::value(&ours, field, self.way.receiver),
            ];
            let says =
                format!("`{name}` is not sent: it is {theirs} to the sender, and reads as {ours}");
            self.push(Kind::DefaultDiffers, types, sent_number, Some(number), says);
        }
        let seen = field.cardinality == Cardinality::Explicit;
        if own.cardinality == Cardinality::Implicit && seen {
            let says = format!("a `{name}` that is zero is not sent, and reads as unset");
            self.push(Kind::ZeroUnseen, types, sent_number, Some(number), says);
        }
    }

    /// What code gets from a field that is not there.
    fn reads_absent(&self, field: &Field) -> String {
        match (field.cardinality, default(field, self.way.receiver)) {
            (Cardinality::Repeated { .. }, _) => "empty".to_owned(),
            (Cardinality::Implicit, Some(zero)) => text::value(&zero, field, self.way.receiver),
            _ => "unset".to_owned(),
        }
    }

    /// The value is there and is not written, for it is zero.
    fn unsent(&self, field: &Field, sent: &Record) -> bool {
        let values = sent.fields.get(&field.number);
        field.cardinality == Cardinality::Implicit
            && values.is_some_and(|it| it.iter().all(is_zero))
    }

    /// A field that both have.
    fn field(&mut self, both: Both<'_>, sent: &[Value], record: &Record) {
        let Both { to, sent: field, read: own, .. } = both;
        let none = Vec::new();
        let read = record.fields.get(&own.number).unwrap_or(&none);
        let put_aside = record.unknown.iter().any(|it| it.number == own.number);
        let single = !matches!(own.cardinality, Cardinality::Repeated { .. });
        let empty = read.is_empty() || put_aside && to.map_entry;
        if empty {
            self.empty(both, sent, record, put_aside);
        } else if read.len() < sent.len() {
            match sent.iter().find(|it| put_aside && self.is_dropped(both, it)) {
                Some(dropped) => self.dropped(both, dropped),
                None => {
                    let how = match own.ty {
                        FieldType::Message(_) | FieldType::Group(_) if single => {
                            "which arrive as one message".to_owned()
                        }
                        _ => format!("of which {} arrives", read.len()),
                    };
                    let name = field.name.leaf();
                    let says = format!("{} of `{name}` are sent, {how}", sent.len());
                    self.at(both, Kind::Shortened, says);
                }
            }
        } else {
            for (at, sent) in sent.iter().enumerate() {
                let entry = own.map.then(|| read.iter().find(|it| self.same_key(both, sent, it)));
                self.value(both, sent, entry.flatten().unwrap_or(&read[at]));
            }
        }
        if !empty && self.way.codec == Codec::Binary && field.name.leaf() != own.name.leaf() {
            let [theirs, ours] = [field, own].map(|it| it.name.leaf());
            self.at(both, Kind::FieldRenamed, format!("`{theirs}` arrives as `{ours}`"));
        }
    }

    /// Two entries of maps have one key; maps have no order.
    fn same_key(&self, both: Both<'_>, sent: &Value, read: &Value) -> bool {
        let (Value::Message(sent), Value::Message(read)) = (sent, read) else { return false };
        let from = message_of(&both.sent.ty, self.way.sender);
        let to = message_of(&both.read.ty, self.way.receiver);
        let (Some(from), Some(to)) = (from, to) else { return false };
        let fields = from.fields.get(&1).zip(to.fields.get(&1));
        let keys = sent.get(1).zip(read.get(1));
        fields.zip(keys).is_some_and(|((theirs, ours), (sent, read))| {
            self.same(Both { from, to, sent: theirs, read: ours }, sent, read)
        })
    }

    /// Something was sent, and the receiver's field is empty.
    fn empty(&mut self, both: Both<'_>, sent: &[Value], record: &Record, put_aside: bool) {
        let Both { to, sent: field, read: own, .. } = both;
        let name = own.name.leaf();
        // What is put aside is a number, as it was written; not a packed list, or a fixed one.
        let number =
            |it: &Unknown| it.number == own.number && matches!(it.payload, Payload::Varint(_));
        let readable = self.way.codec == Codec::Json || record.unknown.iter().any(number);
        let dropped = sent.iter().find(|it| readable && self.is_dropped(both, it));
        if let Some(dropped) = dropped {
            return self.dropped(both, dropped);
        }
        let rivals = to.fields.values().filter(|it| it.oneof == own.oneof && own.oneof.is_some());
        let rival = rivals.into_iter().find(|it| record.fields.contains_key(&it.number));
        if let Some(rival) = rival.filter(|_| !put_aside) {
            let says = format!("`{name}` is gone, for `{}` came after it", rival.name.leaf());
            return self.at(both, Kind::Cleared, says);
        }
        // What looks like zero is zero to a field with implicit presence.
        let zero = default(own, self.way.receiver);
        if let (Some(zero), [.., last], false) = (zero, sent, put_aside)
            && own.cardinality == Cardinality::Implicit
            && self.same(both, last, &zero)
        {
            return;
        }
        // An entry whose value was dropped is dropped with it.
        if let Some((inner, value)) = self.dropped_entry(both, sent) {
            return self.dropped(inner, value);
        }
        let says = match field.name.leaf() {
            sent if sent == name => format!("`{name}` was sent, and reads as unset"),
            sent => format!("`{sent}` was sent, and `{name}` reads as unset"),
        };
        self.at(both, Kind::Unreadable, says);
    }

    fn dropped_entry<'v>(
        &self,
        both: Both<'_>,
        sent: &'v [Value],
    ) -> Option<(Both<'s>, &'v Value)> {
        let from = message_of(&both.sent.ty, self.way.sender)?;
        let to = message_of(&both.read.ty, self.way.receiver).filter(|_| both.read.map)?;
        let inner = Both { from, to, sent: from.fields.get(&2)?, read: to.fields.get(&2)? };
        let mut values = sent.iter().filter_map(|it| match it {
            Value::Message(it) => it.get(2),
            _ => None,
        });
        Some((inner, values.find(|it| self.is_dropped(inner, it))?))
    }

    fn is_dropped(&self, both: Both<'_>, sent: &Value) -> bool {
        let Some(item) = enum_of(&both.read.ty, self.way.receiver) else { return false };
        match (sent, self.way.codec) {
            (Value::Enum(number), Codec::Binary) => !item.open && !item.values.contains_key(number),
            (Value::Int(number), Codec::Binary) => {
                !item.open && !item.values.contains_key(&(*number as i32))
            }
            (Value::Uint(number), Codec::Binary) => {
                !item.open && !item.values.contains_key(&(*number as i32))
            }
            (Value::Bool(it), Codec::Binary) => {
                !item.open && !item.values.contains_key(&i32::from(*it))
            }
            (Value::Enum(number), Codec::Json) => {
                let name = enum_of(&both.sent.ty, self.way.sender).and_then(|it| name(it, *number));
                name.is_some_and(|name| !has_name(item, name))
            }
            // A string that names no value.
            (Value::Int(_) | Value::Uint(_) | Value::Text(_) | Value::Bytes(_), Codec::Json) => {
                true
            }
            _ => false,
        }
    }

    fn dropped(&mut self, both: Both<'_>, value: &Value) {
        let shown = text::value(value, both.sent, self.way.sender);
        let field = both.read.name.leaf();
        let says =
            format!("`{field}` is {shown}, which the receiver puts among its unknown fields");
        self.of_enum(both, Kind::EnumDropped, value, says);
    }

    fn value(&mut self, both: Both<'_>, sent: &Value, read: &Value) {
        let Both { sent: field, read: own, .. } = both;
        if self.way.codec == Codec::Json && field.map != own.map {
            let says = format!("the keys of `{}` are not those of entries", own.name.leaf());
            return self.at(both, Kind::Unreadable, says);
        }
        if let (Value::Message(sent), Value::Message(read)) = (sent, read) {
            let from = message_of(&field.ty, self.way.sender);
            let to = message_of(&own.ty, self.way.receiver);
            if let (Some(from), Some(to)) = (from, to)
                && !(self.way.codec == Codec::Json && differ_in_form(from, to))
            {
                return self.messages((from, to), sent, read);
            }
        }
        let name = own.name.leaf();
        if !self.same(both, sent, read) {
            let [theirs, ours] = [
                text::value(sent, field, self.way.sender),
                text::value(read, own, self.way.receiver),
            ];
            let says = format!("`{name}` is sent as {theirs} and read as {ours}");
            return self.at(both, Kind::ValueChanged, says);
        }
        let (Value::Enum(number), Value::Enum(_), Codec::Binary) = (sent, read, self.way.codec)
        else {
            return;
        };
        let items = [(field, self.way.sender), (own, self.way.receiver)];
        let [Some(from), Some(to)] = items.map(|(field, schema)| enum_of(&field.ty, schema)) else {
            return;
        };
        let Some(theirs) = self::name(from, *number) else { return };
        match self::name(to, *number) {
            None => {
                let says = format!("`{name}` is {theirs} and reads as {number}, without a name");
                self.of_enum(both, Kind::EnumUnknown, sent, says);
            }
            Some(ours) if to.values.get(number).is_some_and(|it| !is_named(it, theirs)) => {
                let says = format!("`{name}` is {theirs} and reads as {ours}");
                self.of_enum(both, Kind::EnumRenamed, sent, says);
            }
            Some(_) => (),
        }
    }

    /// One value is the other, as far as both types can tell.
    fn same(&self, both: Both<'_>, sent: &Value, read: &Value) -> bool {
        let Both { sent: field, read: own, .. } = both;
        let json = self.way.codec == Codec::Json;
        match (sent, read) {
            (Value::Message(record), read) if json => {
                if let Some(held) = unwrapped(record, &field.ty, self.way.sender) {
                    return self.same(both, &held, read);
                }
                let Value::Message(theirs) = read else {
                    // A form that is text, read as text.
                    return true;
                };
                match unwrapped(theirs, &own.ty, self.way.receiver) {
                    Some(held) => self.same(both, sent, &held),
                    None => true,
                }
            }
            (sent, Value::Message(record)) if json => {
                match unwrapped(record, &own.ty, self.way.receiver) {
                    Some(held) => self.same(both, sent, &held),
                    None => true,
                }
            }
            // What was written as a message is no text, though it may look like one.
            (Value::Message(_), Value::Text(text)) => text.is_empty(),
            (Value::Message(record), Value::Bytes(bytes)) => {
                let from = message_of(&field.ty, self.way.sender);
                from.is_none_or(|from| binary::encode(record, from, self.way.sender) == *bytes)
            }
            (Value::Bytes(_) | Value::Text(_), Value::Message(_)) => true,
            (Value::Message(_), Value::Message(_)) => true,
            (Value::Enum(theirs), Value::Enum(ours)) if json => {
                let from = enum_of(&field.ty, self.way.sender);
                let to = enum_of(&own.ty, self.way.receiver);
                match (from.and_then(|it| name(it, *theirs)), to) {
                    (Some(name), Some(to)) => {
                        to.values.get(ours).is_some_and(|it| is_named(it, name))
                    }
                    _ => theirs == ours,
                }
            }
            (Value::Enum(_), Value::Text(_)) => json,
            // JSON holds no other texts than those of Unicode.
            (Value::Text(theirs), Value::Text(ours)) if json => {
                String::from_utf8_lossy(theirs).as_bytes() == ours
            }
            (
                Value::Text(theirs) | Value::Bytes(theirs),
                Value::Text(ours) | Value::Bytes(ours),
            ) => theirs == ours,
            // The shortest digits of the one are those of the other.
            (Value::Float(theirs), Value::Double(ours)) => {
                (*ours as f32).to_bits() == theirs.to_bits()
            }
            (Value::Bool(it), Value::Text(text)) | (Value::Text(text), Value::Bool(it)) if json => {
                it.to_string().as_bytes() == text
            }
            // Digits, as text.
            (it, Value::Text(text)) | (Value::Text(text), it) if number(it).is_some() => {
                number(it).is_some_and(|it| it.to_string().as_bytes() == text)
            }
            (theirs, ours) => match (number(theirs), number(ours)) {
                (Some(theirs), Some(ours)) => theirs == ours,
                (Some(integer), None) | (None, Some(integer)) => {
                    let float = float(theirs).or(float(ours));
                    float.is_some_and(|it| it.fract() == 0.0 && it as i128 == integer)
                }
                (None, None) => {
                    let [theirs, ours] = [theirs, ours].map(float);
                    theirs.map(f64::to_bits) == ours.map(f64::to_bits)
                }
            },
        }
    }

    fn at(&mut self, both: Both<'_>, kind: Kind, says: String) {
        let [sent, read] = [both.sent, both.read].map(|it| Some(i64::from(it.number)));
        self.push(kind, (&both.from.name, &both.to.name), sent, read, says);
    }

    /// About a value of an enum, if both ends have one there.
    fn of_enum(&mut self, both: Both<'_>, kind: Kind, value: &Value, says: String) {
        match (&both.sent.ty, &both.read.ty, value) {
            (FieldType::Enum(from), FieldType::Enum(to), Value::Enum(number)) => {
                let (from, to, number) = (from.clone(), to.clone(), Some(i64::from(*number)));
                self.push(kind, (&from, &to), number, number, says);
            }
            _ => self.at(both, kind, says),
        }
    }

    fn push(
        &mut self,
        kind: Kind,
        types: (&FullName, &FullName),
        sent: Option<i64>,
        read: Option<i64>,
        says: String,
    ) {
        let types = (types.0.clone(), types.1.clone());
        self.harms.push(Harm { kind, types, sent, read, says });
    }
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
}

impl<'s> Way<'s> {
    /// The fields of the two messages that meet.
    pub(super) fn pairs(&self, from: &'s Message, to: &'s Message) -> Vec<(&'s Field, &'s Field)> {
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

/// ProtoJSON has other words for the one than for the other.
fn differ_in_form(from: &Message, to: &Message) -> bool {
    let form = |it: &Message| it.name.as_str().starts_with("google.protobuf.");
    (form(from) || form(to)) && from.name != to.name
}

/// What a wrapper holds, zero if it holds nothing.
fn unwrapped(record: &Record, ty: &FieldType, schema: &Schema) -> Option<Value> {
    let message = message_of(ty, schema)?;
    wrapped(message.name.as_str())?;
    record.get(1).cloned().or_else(|| default(message.fields.get(&1)?, schema))
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(it) => Some((*it).into()),
        Value::Uint(it) => Some((*it).into()),
        Value::Bool(it) => Some((*it).into()),
        Value::Enum(it) => Some((*it).into()),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(it) => Some((*it).into()),
        Value::Double(it) => Some(*it),
        _ => None,
    }
}

fn name(item: &Enum, number: i32) -> Option<&str> {
    item.values.get(&number).map(|it| it.name.leaf())
}

fn is_named(value: &crate::schema::EnumValue, name: &str) -> bool {
    value.name.leaf() == name || value.aliases.iter().any(|it| it == name)
}

fn has_name(item: &Enum, name: &str) -> bool {
    item.values.values().any(|it| is_named(it, name))
}
