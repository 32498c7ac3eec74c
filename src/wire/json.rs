//! What a reader of ProtoJSON makes of a value that was written as another type.
//!
//! Sources: protobuf.dev, "ProtoJSON Format"; where that is silent or generous, what the runtimes
//! did when they were tried (`fixed32` is unsigned and refuses -1, `bool` is no number).

use super::Reading;
use crate::schema::{Field, FieldType, FullName, Scalar};

/// The forms of JSON values, as far as readers tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A number, or its digits as a string: readers take both. 64-bit ones are written as strings.
    Integer {
        bits: u8,
        signed: bool,
    },
    Float,
    Bool,
    Text,
    Base64,
    /// The name of a value; readers take its number as well.
    Enum,
    Object,
    /// A well-known type that is written as text of its own form, or as anything at all.
    Special(&'static str),
}

/// The well-known types that ProtoJSON writes in forms of their own.
const SPECIAL: [&str; 6] = [
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "google.protobuf.FieldMask",
    "google.protobuf.Value",
    "google.protobuf.ListValue",
    "google.protobuf.Any",
];

/// What a message is in JSON: the form of a wrapper is that of what it wraps.
fn message(name: &FullName) -> Form {
    let wrapped = match name.as_str() {
        "google.protobuf.DoubleValue" => Scalar::Double,
        "google.protobuf.FloatValue" => Scalar::Float,
        "google.protobuf.Int64Value" => Scalar::Int64,
        "google.protobuf.UInt64Value" => Scalar::Uint64,
        "google.protobuf.Int32Value" => Scalar::Int32,
        "google.protobuf.UInt32Value" => Scalar::Uint32,
        "google.protobuf.BoolValue" => Scalar::Bool,
        "google.protobuf.StringValue" => Scalar::String,
        "google.protobuf.BytesValue" => Scalar::Bytes,
        name => {
            let special = SPECIAL.into_iter().find(|it| *it == name);
            return special.map_or(Form::Object, Form::Special);
        }
    };
    scalar(wrapped)
}

fn scalar(scalar: Scalar) -> Form {
    match scalar {
        Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32 => {
            Form::Integer { bits: 32, signed: true }
        }
        Scalar::Uint32 | Scalar::Fixed32 => Form::Integer { bits: 32, signed: false },
        Scalar::Int64 | Scalar::Sint64 | Scalar::Sfixed64 => {
            Form::Integer { bits: 64, signed: true }
        }
        Scalar::Uint64 | Scalar::Fixed64 => Form::Integer { bits: 64, signed: false },
        Scalar::Double | Scalar::Float => Form::Float,
        Scalar::Bool => Form::Bool,
        Scalar::String => Form::Text,
        Scalar::Bytes => Form::Base64,
    }
}

fn form(ty: &FieldType) -> Option<Form> {
    match ty {
        FieldType::Scalar(it) => Some(scalar(*it)),
        FieldType::Message(name) | FieldType::Group(name) => Some(message(name)),
        FieldType::Enum(_) => Some(Form::Enum),
        FieldType::Opaque(_) => None,
    }
}

/// Two messages have the same form, whatever they are called.
pub fn same_form(a: &FullName, b: &FullName) -> bool {
    message(a) == message(b)
}

/// One value of `sent`, read as one value of `read`. Objects are compared where they meet.
pub fn read_as(sent: &FieldType, read: &FieldType) -> Reading {
    use Form::{Base64, Enum, Float, Integer, Text};
    let (Some(sent), Some(read)) = (form(sent), form(read)) else { return Reading::Same };
    if sent == read {
        return Reading::Same;
    }
    match (sent, read) {
        (Integer { bits: from, signed: was }, Integer { bits: to, signed: is }) => {
            match (was && !is, from > to, !was && is && from == to) {
                (true, true, _) => Reading::SomeRejected("negative values, and those too large"),
                (true, ..) => Reading::SomeRejected("negative values"),
                (_, true, _) | (.., true) => Reading::SomeRejected("values too large"),
                _ => Reading::Same,
            }
        }
        (Integer { bits: 64, .. }, Float) => {
            Reading::SomeChange("values beyond 2^53 arrive rounded")
        }
        (Integer { .. }, Float) => Reading::Same,
        (Float, Integer { .. }) => {
            Reading::SomeRejected("values with a fraction, and those too large")
        }
        // The digits of a 64-bit number are a string already.
        (Integer { bits: 64, .. }, Text) => Reading::Same,
        (Text, Integer { .. } | Float) => Reading::SomeRejected("texts that are no number"),
        (Text, Base64) => Reading::SomeRejected("texts that are not base64"),
        (Base64, Text) => Reading::Garbage("it arrives as base64"),
        (Enum, Text) => Reading::Same,
        (Text, Enum) => Reading::SomeRejected("texts that name no value of the enum"),
        (Integer { .. }, Enum) => Reading::Same,
        (Form::Special(_), Text) | (Text, Form::Special(_)) => {
            Reading::SomeRejected("values that are not of the other's form")
        }
        (_, Form::Special("google.protobuf.Value")) => Reading::Same,
        _ => Reading::Rejected,
    }
}

/// The reader takes what is under the writer's key for this field, as it takes both the JSON name
/// and the name in the schema.
pub fn accepts(read: &Field, key: &str) -> bool {
    *read.json_name == *key || read.name.leaf() == key
}
