//! Messages to try: small ones, in which one field has a value that may come to harm.

use std::collections::BTreeMap;

use super::{
    codec::{Record, Value, enum_of, message_of, wrapped},
    harm::Way,
};
use crate::schema::{Cardinality, Field, FieldType, FullName, Message, Scalar, Schema};

/// Values that are needed only because fields are required: no more than these.
const FILLERS: usize = 100;
/// And no deeper.
const DEEPEST: usize = 16;
/// Values of one enum that are tried.
const VALUES: usize = 40;
/// Fields of a message that are tried in place of it.
const FIELDS: usize = 20;

/// What a sender that means no harm writes: all that either end requires, and nothing else.
pub(super) struct Filler<'s> {
    way: Way<'s>,
    left: usize,
    /// Some of it was left out.
    pub(super) cut: bool,
}

impl<'s> Filler<'s> {
    pub(super) fn new(way: Way<'s>) -> Filler<'s> {
        Filler { way, left: FILLERS, cut: false }
    }

    /// Fills what is required and not there, also in the messages that are there.
    pub(super) fn fill(&mut self, record: &mut Record, from: &Message, to: Option<&Message>) {
        for (number, values) in &mut record.fields {
            let Some(field) = from.fields.get(number) else { continue };
            let Some(inner) = message_of(&field.ty, self.way.sender) else { continue };
            let own = to.and_then(|to| self.way.counterpart(field, to));
            let read = own.and_then(|it| message_of(&it.ty, self.way.receiver));
            for value in values {
                if let Value::Message(value) = value {
                    self.fill(value, inner, read);
                }
            }
        }
        self.around(record, from, to, 0);
    }

    /// Fills what is required and not there, but not in the messages that are there.
    pub(super) fn around(
        &mut self,
        record: &mut Record,
        from: &Message,
        to: Option<&Message>,
        depth: usize,
    ) {
        let is_required = |it: &Field| it.cardinality == Cardinality::Required;
        let demanded = to.into_iter().flat_map(|to| {
            let required = to.fields.values().filter(|it| is_required(it));
            required.filter_map(|it| self.way.origin(it, from, to)).take(FILLERS + 1)
        });
        // An entry has both of its fields, always.
        let own = from.fields.values().filter(|it| is_required(it) || from.map_entry);
        let wanted: BTreeMap<u32, &Field> =
            demanded.chain(own.take(FILLERS + 1)).map(|it| (it.number, it)).collect();
        for field in wanted.into_values() {
            if record.fields.contains_key(&field.number) {
                continue;
            }
            if self.left == 0 || depth > DEEPEST {
                self.cut = true;
                return;
            }
            self.left -= 1;
            let own = to.and_then(|to| self.way.counterpart(field, to));
            let value = match message_of(&field.ty, self.way.sender) {
                Some(from) => {
                    let to = own.and_then(|it| message_of(&it.ty, self.way.receiver));
                    let mut inner = Record::default();
                    self.around(&mut inner, from, to, depth + 1);
                    Value::Message(inner)
                }
                None if from.map_entry && field.number == 1 => key(field, own),
                None => self.plain(field, own),
            };
            record.fields.insert(field.number, vec![value]);
        }
    }

    /// A value that arrives, if there is one.
    fn plain(&self, field: &Field, own: Option<&Field>) -> Value {
        match &field.ty {
            FieldType::Enum(_) => {
                let sent = enum_of(&field.ty, self.way.sender);
                let read = own.and_then(|it| enum_of(&it.ty, self.way.receiver));
                let known = |number: &&i32| read.is_none_or(|it| it.values.contains_key(number));
                let numbers = sent.into_iter().flat_map(|it| it.values.keys());
                let known = numbers.clone().filter(known).max_by_key(|it| **it != 0);
                Value::Enum(known.or(numbers.min()).copied().unwrap_or(0))
            }
            // No bytes are a message too.
            FieldType::Scalar(Scalar::String) if of_message(own) => Value::Text(Vec::new()),
            FieldType::Scalar(Scalar::Bytes) if of_message(own) => Value::Bytes(Vec::new()),
            FieldType::Scalar(scalar) => one(*scalar),
            _ => Value::Message(Record::default()),
        }
    }
}

fn of_message(own: Option<&Field>) -> bool {
    own.is_some_and(|it| matches!(it.ty, FieldType::Message(_)))
}

/// A key that the receiver's type has too: in JSON all keys are texts.
fn key(field: &Field, own: Option<&Field>) -> Value {
    let FieldType::Scalar(scalar) = field.ty else { return Value::Int(1) };
    match (scalar, own.map(|it| &it.ty)) {
        (Scalar::String, Some(FieldType::Scalar(Scalar::Bool))) => Value::Text(b"true".into()),
        (Scalar::String, _) => Value::Text(b"1".into()),
        _ => one(scalar),
    }
}

fn one(scalar: Scalar) -> Value {
    match scalar {
        Scalar::String => Value::Text(b"x".to_vec()),
        Scalar::Bytes => Value::Bytes(b"x".to_vec()),
        Scalar::Bool => Value::Bool(true),
        Scalar::Float => Value::Float(1.0),
        Scalar::Double => Value::Double(1.0),
        scalar if super::codec::is_unsigned(scalar) => Value::Uint(1),
        _ => Value::Int(1),
    }
}

/// The lists of values of a field that are tried, the plainest first.
pub fn lists(field: &Field, schema: &Schema, wanted: Option<i32>) -> Vec<Vec<Value>> {
    let singles = singles(field, schema, wanted);
    if !matches!(field.cardinality, Cardinality::Repeated { .. }) {
        return singles.into_iter().map(|it| vec![it]).collect();
    }
    let two: Vec<Value> = match (&field.ty, field.map) {
        (_, true) => two_entries(field, schema),
        (FieldType::Enum(_), _) => singles.iter().rev().take(2).cloned().collect(),
        (FieldType::Scalar(Scalar::Bool), _) => vec![Value::Bool(true), Value::Bool(false)],
        _ if singles.len() > 1 => singles.iter().take(2).cloned().collect(),
        _ => singles.iter().cycle().take(2).cloned().collect(),
    };
    let two = [two].into_iter().filter(|it| it.len() == 2);
    // Entries of one key, where they are no map to the sender; and values that both may know.
    let twins = singles.iter().filter(|_| !field.map);
    let twins = twins.take(VALUES).map(|it| vec![it.clone(), it.clone()]);
    singles.iter().map(|it| vec![it.clone()]).chain(two).chain(twins).collect()
}

/// Zero, if the field does not write it.
pub(super) fn zero(field: &Field, schema: &Schema) -> Option<Value> {
    let implicit = field.cardinality == Cardinality::Implicit;
    implicit.then(|| super::codec::default(field, schema)).flatten()
}

/// A number that neither of two enums has.
pub(super) fn undeclared(way: Way<'_>, types: (&FullName, &FullName)) -> Option<i32> {
    let (from, to) = (way.sender.enums.get(types.0)?, way.receiver.enums.get(types.1)?);
    let last = from.values.keys().chain(to.values.keys()).max()?;
    last.checked_add(1)
}

/// Two entries of a map, with different keys.
fn two_entries(field: &Field, schema: &Schema) -> Vec<Value> {
    let Some((keys, values)) = parts(field, schema) else { return Vec::new() };
    let Some(value) = values.into_iter().next() else { return Vec::new() };
    let zero = match keys.first() {
        Some(Value::Bool(_)) => Some(Value::Bool(false)),
        _ => None,
    };
    keys.into_iter().chain(zero).take(2).map(|key| entry(key, value.clone())).collect()
}

/// Entries of a map in which the key, or the value, is each that is tried.
fn entries(field: &Field, schema: &Schema) -> Vec<Value> {
    let Some((keys, values)) = parts(field, schema) else { return Vec::new() };
    let (Some(key), Some(value)) = (keys.first(), values.first()) else { return Vec::new() };
    let by_value = values.iter().map(|it| entry(key.clone(), it.clone()));
    by_value.chain(keys[1..].iter().map(|it| entry(it.clone(), value.clone()))).collect()
}

fn entry(key: Value, value: Value) -> Value {
    Value::Message(Record { fields: [(1, vec![key]), (2, vec![value])].into(), unknown: vec![] })
}

/// The keys and the values that are tried.
fn parts(field: &Field, schema: &Schema) -> Option<(Vec<Value>, Vec<Value>)> {
    let entry = message_of(&field.ty, schema)?;
    let [keys, values] =
        [entry.fields.get(&1)?, entry.fields.get(&2)?].map(|it| singles(it, schema, None));
    Some((keys, values))
}

/// Single values that are tried, the plainest first. Of an enum, only the wanted one if there is.
fn singles(field: &Field, schema: &Schema, wanted: Option<i32>) -> Vec<Value> {
    match &field.ty {
        _ if field.map => entries(field, schema),
        FieldType::Scalar(scalar) => scalars(*scalar, field),
        FieldType::Enum(_) => match (wanted, enum_of(&field.ty, schema)) {
            (Some(wanted), _) => vec![Value::Enum(wanted)],
            (None, Some(item)) => {
                let mut numbers: Vec<i32> = item.values.keys().copied().take(VALUES).collect();
                numbers.sort_by_key(|it| *it == 0);
                numbers.into_iter().map(Value::Enum).collect()
            }
            (None, None) => Vec::new(),
        },
        FieldType::Message(_) | FieldType::Group(_) => messages(&field.ty, schema),
        FieldType::Opaque(_) => vec![Value::Message(Record::default())],
    }
}

/// Messages with a field each; then an empty one, which shows least.
fn messages(ty: &FieldType, schema: &Schema) -> Vec<Value> {
    let empty = Value::Message(Record::default());
    let Some(message) = message_of(ty, schema) else { return vec![empty] };
    if let Some(scalar) = wrapped(message.name.as_str())
        && let Some(field) = message.fields.get(&1)
    {
        let held = scalars(scalar, field).into_iter();
        let held = held.map(|it| Value::Message(Record::of(1, vec![it])));
        return held.chain([empty]).collect();
    }
    // Nanoseconds of both have limits of their own.
    let time = ["google.protobuf.Timestamp", "google.protobuf.Duration"];
    let fields = if time.contains(&message.name.as_str()) { 1 } else { FIELDS };
    let mut all = Vec::new();
    for field in message.fields.values().take(fields) {
        let values = match field.ty {
            _ if field.map => Vec::new(),
            FieldType::Scalar(_) | FieldType::Enum(_) => singles(field, schema, None),
            _ => vec![Value::Message(Record::default())],
        };
        all.extend(values.into_iter().map(|it| Value::Message(Record::of(field.number, vec![it]))));
    }
    all.push(empty);
    all
}

fn scalars(scalar: Scalar, field: &Field) -> Vec<Value> {
    match scalar {
        Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32 => {
            // 2^24 + 1 is the first that a float has no room for; an enum may well have 1.
            [7, -1, 1000, (1 << 24) + 1, 1].map(Value::Int).to_vec()
        }
        Scalar::Int64 | Scalar::Sint64 | Scalar::Sfixed64 => {
            [7, (1 << 33) + 5, -1, 3_000_000_000, (1 << 53) + 1, 1].map(Value::Int).to_vec()
        }
        Scalar::Uint32 | Scalar::Fixed32 => {
            [7, 3_000_000_000, (1 << 24) + 1, 1].map(Value::Uint).to_vec()
        }
        Scalar::Uint64 | Scalar::Fixed64 => {
            [7, (1 << 33) + 5, 3_000_000_000, (1 << 63) + 5, (1 << 53) + 1, 1]
                .map(Value::Uint)
                .to_vec()
        }
        Scalar::Float => [1.5, 3e38].map(Value::Float).to_vec(),
        Scalar::Double => [1.5, 0.1, 1e300].map(Value::Double).to_vec(),
        Scalar::Bool => vec![Value::Bool(true)],
        Scalar::String => {
            // The second is no base64, the third by chance a message: one empty field.
            let texts = ["text", "more text", "\n\0"].map(|it| Value::Text(it.into()));
            let invalid = (!field.utf8).then(|| Value::Text(vec![0xff]));
            texts.into_iter().chain(invalid).collect()
        }
        Scalar::Bytes => {
            [b"text".as_slice(), b"\xff", b"\n\0"].map(|it| Value::Bytes(it.into())).to_vec()
        }
    }
}
