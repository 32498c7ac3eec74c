//! What a reader of ProtoJSON makes of a value that was written as another type.
//!
//! Sources: protobuf.dev, "ProtoJSON Format"; where that is silent or generous, what the runtimes
//! did when they were tried (`fixed32` is unsigned and refuses -1, `bool` is no number).

use std::collections::{HashMap, HashSet};

use super::{
    Reading,
    binary::{Enums, is_repeated},
};
use crate::schema::{Enum, Field, FieldType, FullName, Message, Scalar};

/// The forms of JSON values, as far as readers tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A number, or its digits as a string: readers take both. 64-bit ones are written as strings.
    Integer {
        bits: u8,
        signed: bool,
    },
    Float {
        bits: u8,
    },
    Bool,
    Text,
    Base64,
    /// The name of a value; readers take its number as well.
    Enum,
    /// An object with the keys of a message.
    Object,
    /// A well-known type that is written as a text of its own form.
    Formatted(&'static str),
    /// `google.protobuf.Any`: the keys of what it holds, and `@type`.
    Any,
    /// `google.protobuf.Struct`: an object with any keys.
    Struct,
    /// `google.protobuf.ListValue`: a list of anything.
    List,
    /// `google.protobuf.Value`: anything.
    Anything,
}

/// How many JSON values a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Single,
    List,
    Map,
}

/// What a message is in JSON: the form of a wrapper is that of what it wraps.
fn message(name: &FullName) -> Form {
    let wrapped = match name.as_str() {
        "google.protobuf.Timestamp" => return Form::Formatted("a timestamp"),
        "google.protobuf.Duration" => return Form::Formatted("a duration"),
        "google.protobuf.FieldMask" => return Form::Formatted("a field mask"),
        "google.protobuf.Any" => return Form::Any,
        "google.protobuf.Struct" => return Form::Struct,
        "google.protobuf.ListValue" => return Form::List,
        "google.protobuf.Value" => return Form::Anything,
        "google.protobuf.DoubleValue" => Scalar::Double,
        "google.protobuf.FloatValue" => Scalar::Float,
        "google.protobuf.Int64Value" => Scalar::Int64,
        "google.protobuf.UInt64Value" => Scalar::Uint64,
        "google.protobuf.Int32Value" => Scalar::Int32,
        "google.protobuf.UInt32Value" => Scalar::Uint32,
        "google.protobuf.BoolValue" => Scalar::Bool,
        "google.protobuf.StringValue" => Scalar::String,
        "google.protobuf.BytesValue" => Scalar::Bytes,
        _ => return Form::Object,
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
        Scalar::Double => Form::Float { bits: 64 },
        Scalar::Float => Form::Float { bits: 32 },
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

fn shape(field: &Field) -> Shape {
    match is_repeated(field) {
        _ if field.map => Shape::Map,
        true => Shape::List,
        false => Shape::Single,
    }
}

/// Two messages have the same form, whatever they are called.
pub fn same_form(a: &FullName, b: &FullName) -> bool {
    message(a) == message(b)
}

/// Both are objects with the keys of their fields.
pub fn are_objects(a: &FullName, b: &FullName) -> bool {
    [a, b].iter().all(|it| message(it) == Form::Object)
}

/// The reader finds a string where it looks for the name of an enum's value, or the keys of a map
/// where it looks for those of its fields: a parser that passes over what it does not know passes
/// over these.
pub fn is_unknown(sent: &Field, read: &Field) -> bool {
    use Form::{Base64, Enum, Formatted, Integer, Object, Text};
    match (form(&sent.ty), form(&read.ty)) {
        (Some(Integer { bits: 64, .. } | Text | Base64 | Formatted(_)), Some(Enum)) => {
            shape(sent) == shape(read)
        }
        (_, Some(Object)) => (shape(sent), shape(read)) == (Shape::Map, Shape::Single),
        _ => false,
    }
}

/// Values of both fields have one form, and there are as many of them: only what is inside of
/// them can differ.
pub fn same_shape(a: &Field, b: &Field) -> bool {
    let same = match (form(&a.ty), form(&b.ty)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        // A type of which nobody can say is what the other is.
        _ => true,
    };
    same && shape(a) == shape(b)
}

/// What the receiver's field makes of what the sender's field writes, once its key is known.
pub fn transfer(sent: &Field, read: &Field, enums: Enums<'_>) -> Reading {
    let list = Form::List;
    match (shape(sent), shape(read)) {
        (theirs, ours) if theirs == ours => read_as(&sent.ty, &read.ty, enums),
        // A list, or an object, may be a single value too.
        (Shape::List, Shape::Single) if form(&read.ty) == Some(list) => Reading::Same,
        (Shape::Map, Shape::Single) if form(&read.ty) == Some(Form::Struct) => Reading::Same,
        (_, Shape::Single) if form(&read.ty) == Some(Form::Anything) => Reading::Same,
        (Shape::Single, Shape::List) if form(&sent.ty) == Some(list) => {
            Reading::SomeRejected("elements of another type")
        }
        (Shape::Single, _) if form(&sent.ty) == Some(Form::Anything) => {
            Reading::SomeRejected("values of another kind")
        }
        (Shape::Single, Shape::Map) if form(&sent.ty) == Some(Form::Struct) => {
            Reading::SomeRejected("values of another type")
        }
        (theirs, _) => Reading::Rejected(shapes(theirs)),
    }
}

fn shapes(sent: Shape) -> &'static str {
    match sent {
        Shape::Single => "a single value",
        Shape::List => "a list",
        Shape::Map => "an object of entries",
    }
}

/// A key of a map, which is a string in any case.
pub fn key_transfer(sent: &Field, read: &Field) -> Reading {
    match (form(&sent.ty), form(&read.ty)) {
        (_, Some(Form::Text)) => Reading::Same,
        (Some(Form::Integer { .. }), Some(Form::Integer { .. })) => {
            read_as(&sent.ty, &read.ty, Enums::default())
        }
        (theirs, ours) if theirs == ours => Reading::Same,
        (Some(Form::Text), Some(Form::Integer { .. })) => {
            Reading::SomeRejected("keys that are no number")
        }
        (Some(Form::Text), Some(Form::Bool)) => {
            Reading::SomeRejected("keys other than `true` and `false`")
        }
        _ => Reading::Rejected("keys of another type"),
    }
}

/// One value of `sent`, read as one value of `read`. Objects are compared where they meet.
fn read_as(sent: &FieldType, read: &FieldType, enums: Enums<'_>) -> Reading {
    use Form::{Anything, Base64, Enum, Float, Formatted, Integer, Object, Struct, Text};
    const KIND: &str = "a value of another kind";
    let (Some(sent), Some(read)) = (form(sent), form(read)) else { return Reading::Same };
    if sent == read {
        return Reading::Same;
    }
    match (sent, read) {
        (Integer { .. }, Integer { .. }) => integers(sent, read),
        (Integer { bits: 64, .. }, Float { bits: 64 }) => {
            Reading::SomeChange("values beyond 2^53 arrive rounded")
        }
        (Integer { .. }, Float { bits: 32 }) => {
            Reading::SomeChange("values beyond 2^24 arrive rounded")
        }
        (Integer { .. }, Float { .. }) | (Float { bits: 32 }, Float { .. }) => Reading::Same,
        (Float { .. }, Float { .. }) => {
            Reading::SomeRejected("values too large for a `float`; others arrive rounded")
        }
        (Float { .. }, Integer { .. }) => {
            Reading::SomeRejected("values with a fraction, and those too large")
        }
        // The digits of a 64-bit number are a string already.
        (Integer { bits: 64, .. } | Enum | Formatted(_), Text) => Reading::Same,
        (Text | Base64, Integer { .. } | Float { .. }) => {
            Reading::SomeRejected("texts that are no number")
        }
        (Text, Base64) => Reading::Rejected("what is not base64, and decodes the rest"),
        (Base64, Text) => Reading::Mistaken("the bytes arrive as their base64"),
        (Enum | Integer { bits: 64, .. }, Base64) => {
            Reading::Mistaken("the string is taken for base64, or refused")
        }
        (Text, Enum) => Reading::SomeRejected("texts that name no value of the enum"),
        (Text, Formatted(_)) => Reading::SomeRejected("texts of another form"),
        (Integer { bits: 64, .. }, Enum) => {
            Reading::Rejected("the digits of a number, as a string")
        }
        (Integer { signed, .. }, Enum) => number_as_enum(signed, enums.read),
        (_, Anything) | (Object, Struct) => Reading::Same,
        (Anything, _) => Reading::SomeRejected("values of another kind"),
        (Struct, Object) => Reading::SomeRejected("keys that it does not know"),
        (Form::Any, Struct) => Reading::Same,
        _ => Reading::Rejected(KIND),
    }
}

fn integers(sent: Form, read: Form) -> Reading {
    let (Form::Integer { bits: from, signed: was }, Form::Integer { bits: to, signed: is }) =
        (sent, read)
    else {
        return Reading::Same;
    };
    match (was && !is, from > to, !was && is && from == to) {
        (true, true, _) => Reading::SomeRejected("negative values, and those too large"),
        (true, ..) => Reading::SomeRejected("negative values"),
        (_, true, _) | (.., true) => Reading::SomeRejected("values too large"),
        _ => Reading::Same,
    }
}

fn number_as_enum(signed: bool, item: Option<&Enum>) -> Reading {
    match (item, signed) {
        (Some(Enum { open: false, .. }), _) => {
            Reading::SomeRejected("numbers that the enum has no name for")
        }
        (_, true) => Reading::Same,
        (_, false) => Reading::SomeRejected("values from 2^31"),
    }
}

/// The reader takes what is under the writer's key for this field: it takes the JSON name, and the
/// name in the schema unless the field is an extension.
pub fn accepts(read: &Field, key: &str) -> bool {
    let extension = read.json_name.starts_with('[');
    *read.json_name == *key || !extension && read.name.leaf() == key
}

/// The fields of a message that is sent, each with that which its reader takes it for, in the order
/// of numbers; then the reader's that nobody sends. Where the key is unknown to the reader, and the
/// number is not, the field is taken to be the same under a new name.
pub fn pairs<'s>(
    sender: &'s Message,
    receiver: &'s Message,
) -> Vec<(Option<&'s Field>, Option<&'s Field>)> {
    // Most messages have not changed their names; then there is nothing to look up.
    let both = || sender.fields.values().zip(receiver.fields.values());
    let same = |(sent, read): (&Field, &Field)| {
        sent.number == read.number && sent.json_name == read.json_name
    };
    if sender.fields.len() == receiver.fields.len() && both().all(same) {
        return both().map(|(sent, read)| (Some(sent), Some(read))).collect();
    }
    let mut by_key: HashMap<&str, &'s Field> = HashMap::new();
    // In the keys of a map's entry there are no names.
    if !sender.map_entry || !receiver.map_entry {
        for field in receiver.fields.values().filter(|it| !it.json_name.starts_with('[')) {
            by_key.insert(field.name.leaf(), field);
        }
        by_key.extend(receiver.fields.values().map(|field| (&*field.json_name, field)));
    }
    let mut taken: HashSet<u32> = HashSet::new();
    let known: Vec<Option<&'s Field>> = sender
        .fields
        .values()
        .map(|sent| by_key.get(&*sent.json_name).copied().filter(|it| taken.insert(it.number)))
        .collect();
    let mut pairs = Vec::with_capacity(sender.fields.len());
    for (sent, read) in sender.fields.values().zip(known) {
        let renamed = || receiver.fields.get(&sent.number).filter(|it| taken.insert(it.number));
        pairs.push((Some(sent), read.or_else(renamed)));
    }
    let rest = receiver.fields.values().filter(|it| !taken.contains(&it.number));
    pairs.extend(rest.map(|it| (None, Some(it))));
    pairs
}
