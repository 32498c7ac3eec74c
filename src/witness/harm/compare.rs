//! What was sent, beside what is read.

use super::{
    Absent, Both, Comparing, Harm, Kind,
    same::{is_named, name},
};
use crate::{
    schema::{Cardinality, Field, FieldType, FullName, Message},
    skew::Codec,
    witness::codec::{
        Payload, Record, Unknown, Value, binary::Fault, default, enum_of, is_any, is_zero,
        message_of, text, unpacked,
    },
};

impl<'s> Comparing<'_, 's> {
    pub(super) fn messages(&mut self, types: (&Message, &Message), sent: &Record, read: &Record) {
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
        match self.absent {
            Absent::All => to.fields.values().for_each(|it| self.looked_for(types, it, sent, read)),
            Absent::One(met, number) if met == (&from.name, &to.name) => {
                let field = number.and_then(|it| to.fields.get(&it));
                field.into_iter().for_each(|it| self.looked_for(types, it, sent, read));
            }
            Absent::One(..) => (),
        }
    }

    /// A field of the receiver's, which may not be there.
    fn looked_for(
        &mut self,
        types: (&Message, &Message),
        field: &Field,
        sent: &Record,
        read: &Record,
    ) {
        // An entry of a map has all its fields, though nobody sent them.
        let made_up = types.1.map_entry && self.way.origin(field, types.0, types.1).is_none();
        if made_up || !read.fields.contains_key(&field.number) {
            self.absent(types, field, sent);
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
        let own = self.way.origin(field, from, to);
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

/// ProtoJSON has other words for the one than for the other.
fn differ_in_form(from: &Message, to: &Message) -> bool {
    let form = |it: &Message| it.name.as_str().starts_with("google.protobuf.");
    (form(from) || form(to)) && from.name != to.name
}
