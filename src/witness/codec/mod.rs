//! Values of any message of a schema, and the three forms that they are written in: bytes,
//! ProtoJSON, text.
//!
//! This is what a program with that schema writes and reads, found out by doing it. It knows
//! nothing of `wire`, which states what becomes of a value: tests hold the two against each other.

use std::collections::BTreeMap;

pub(super) use json::wrapped;

use crate::schema::{Enum, Field, FieldType, FullName, Message, Scalar, Schema};

pub mod binary;
pub mod dump;
pub mod json;
pub mod text;

/// One value of a field, as wide as the type of the field has it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Int(i64),
    Uint(u64),
    Float(f32),
    Double(f64),
    Bool(bool),
    /// Bytes, because a `string` that is not checked may hold any.
    Text(Vec<u8>),
    Bytes(Vec<u8>),
    Enum(i32),
    Message(Record),
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The values of the fields that are set, by number. A field of a map holds entries.
    pub fields: BTreeMap<u32, Vec<Value>>,
    /// What a reader found that is none of its fields, in order.
    pub unknown: Vec<Unknown>,
}

/// A value without a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// The number on the wire.
    pub number: u32,
    /// What followed the tag.
    pub payload: Payload,
}

/// What follows a tag, by its wire type.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Payload {
    Varint(u64),
    Eight(u64),
    Length(Vec<u8>),
    Group(Vec<Unknown>),
    Four(u32),
}

impl Record {
    /// A message of one field.
    pub fn of(number: u32, values: Vec<Value>) -> Record {
        Record { fields: BTreeMap::from([(number, values)]), unknown: Vec::new() }
    }

    /// The last value of a field, which is the one of a field that holds one.
    pub fn get(&self, number: u32) -> Option<&Value> {
        self.fields.get(&number)?.last()
    }
}

/// The message that a field holds, if the schema has it.
pub(super) fn message_of<'s>(ty: &FieldType, schema: &'s Schema) -> Option<&'s Message> {
    match ty {
        FieldType::Message(name) | FieldType::Group(name) => {
            schema.messages.get(name).map(|it| &**it)
        }
        _ => None,
    }
}

/// The enum that a field holds, if the schema has it.
pub(super) fn enum_of<'s>(ty: &FieldType, schema: &'s Schema) -> Option<&'s Enum> {
    match ty {
        FieldType::Enum(name) => schema.enums.get(name).map(|it| &**it),
        _ => None,
    }
}

/// What a reader is told of a field that is absent: its default, or zero, or the first value of an
/// enum. Messages have none.
pub(super) fn default(field: &Field, schema: &Schema) -> Option<Value> {
    let written = field.default.as_deref();
    Some(match &field.ty {
        FieldType::Scalar(Scalar::String) => Value::Text(written.unwrap_or_default().into()),
        FieldType::Scalar(Scalar::Bytes) => {
            Value::Bytes(text::unescaped(written.unwrap_or_default()))
        }
        FieldType::Scalar(Scalar::Bool) => Value::Bool(written == Some("true")),
        FieldType::Scalar(Scalar::Float) => Value::Float(number(written.unwrap_or("0")) as f32),
        FieldType::Scalar(Scalar::Double) => Value::Double(number(written.unwrap_or("0"))),
        FieldType::Scalar(scalar) if is_unsigned(*scalar) => {
            Value::Uint(written.and_then(|it| it.parse().ok()).unwrap_or(0))
        }
        FieldType::Scalar(_) => Value::Int(written.and_then(|it| it.parse().ok()).unwrap_or(0)),
        FieldType::Enum(_) => {
            let item = enum_of(&field.ty, schema)?;
            let named = |name: &str| item.values.values().find(|it| it.name.leaf() == name);
            match written {
                Some(name) => Value::Enum(named(name)?.number),
                None => Value::Enum(item.first),
            }
        }
        _ => return None,
    })
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

pub(super) fn is_unsigned(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::Uint32 | Scalar::Uint64 | Scalar::Fixed32 | Scalar::Fixed64)
}

/// Zero, or nothing: what a field with implicit presence does not write.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(it) => *it == 0,
        Value::Uint(it) => *it == 0,
        // Minus zero is written: its bits are not zero.
        Value::Float(it) => it.to_bits() == 0,
        Value::Double(it) => it.to_bits() == 0,
        Value::Bool(it) => !it,
        Value::Text(it) | Value::Bytes(it) => it.is_empty(),
        Value::Enum(it) => *it == 0,
        Value::Message(_) => false,
    }
}

pub(super) fn is_any(message: &Message) -> bool {
    message.name.as_str() == "google.protobuf.Any"
}

/// A message in an `Any`.
pub(super) fn packed(record: &Record, message: &Message, schema: &Schema) -> Record {
    let url = format!("type.googleapis.com/{}", message.name);
    let bytes = binary::encode(record, message, schema);
    let fields = [(1, vec![Value::Text(url.into())]), (2, vec![Value::Bytes(bytes)])];
    Record { fields: fields.into(), unknown: Vec::new() }
}

/// The message in an `Any`, if the schema has its type.
pub(super) fn unpacked<'s>(
    record: &Record,
    schema: &'s Schema,
) -> Option<(&'s Message, Result<Record, binary::Fault>)> {
    let Value::Text(url) = record.get(1)? else { return None };
    let url = std::str::from_utf8(url).ok()?;
    let name = url.rsplit('/').next()?;
    let message = schema.messages.get(name)?;
    let bytes = match record.get(2) {
        Some(Value::Bytes(bytes)) => bytes.as_slice(),
        _ => &[],
    };
    Some((message, binary::decode(bytes, message, schema)))
}

/// How a field is called in text format: an extension, in brackets, by its full name; a group by
/// its type, as it was declared.
pub(super) fn label(field: &Field, message: &Message) -> String {
    let group_like = |name: &FullName| {
        name.parent() == field.name.parent() && name.leaf().to_lowercase() == field.name.leaf()
    };
    match &field.ty {
        _ if field.name.parent() != message.name.as_str() => format!("[{}]", field.name),
        FieldType::Group(name) if group_like(name) => name.leaf().to_owned(),
        _ => field.name.leaf().to_owned(),
    }
}
