//! One value is the other, as far as two types can tell.

use super::{Both, Comparing};
use crate::{
    schema::{Enum, EnumValue, FieldType, Schema},
    skew::Codec,
    witness::codec::{Record, Value, binary, default, enum_of, message_of, wrapped},
};

impl<'s> Comparing<'_, 's> {
    /// Two entries of maps have one key; maps have no order.
    pub(super) fn same_key(&self, both: Both<'_>, sent: &Value, read: &Value) -> bool {
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

    pub(super) fn dropped_entry<'v>(
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

    pub(super) fn is_dropped(&self, both: Both<'_>, sent: &Value) -> bool {
        let Some(item) = enum_of(&both.read.ty, self.way.receiver) else { return false };
        let open = item.open && !both.read.closes_enum;
        match (sent, self.way.codec) {
            (Value::Enum(number), Codec::Binary) => !open && !item.values.contains_key(number),
            (Value::Int(number), Codec::Binary) => {
                !open && !item.values.contains_key(&(*number as i32))
            }
            (Value::Uint(number), Codec::Binary) => {
                !open && !item.values.contains_key(&(*number as i32))
            }
            (Value::Bool(it), Codec::Binary) => !open && !item.values.contains_key(&i32::from(*it)),
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

    /// One value is the other, as far as both types can tell.
    pub(super) fn same(&self, both: Both<'_>, sent: &Value, read: &Value) -> bool {
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

pub(super) fn name(item: &Enum, number: i32) -> Option<&str> {
    item.values.get(&number).map(|it| it.name.leaf())
}

pub(super) fn is_named(value: &EnumValue, name: &str) -> bool {
    value.name.leaf() == name || value.aliases.iter().any(|it| it == name)
}

fn has_name(item: &Enum, name: &str) -> bool {
    item.values.values().any(|it| is_named(it, name))
}
