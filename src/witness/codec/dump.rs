//! Bytes, taken apart: what each of them is for.

use super::{
    Payload,
    binary::{DEEPEST, Fault, Reader, wire_type},
    message_of, text,
};
use crate::schema::{FieldType, Message, Schema};

/// One tag and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many messages this is in.
    pub depth: usize,
    /// The bytes: those of the tag, of the length and of the value; of a message that is taken
    /// apart in turn, those of the tag and the length.
    pub bytes: Vec<u8>,
    /// The number in the tag.
    pub number: u32,
    /// The name of the field, to the writer.
    pub name: Option<String>,
    /// `varint`, `fixed64`, `length`, `group`, `fixed32`, or `end` of a group.
    pub wire_type: &'static str,
    /// The value as the wire has it: a number, a text, or how many bytes follow.
    pub value: String,
}

/// Takes apart what a writer with this schema wrote.
///
/// # Errors
/// These are not the bytes of a message.
pub fn dump(bytes: &[u8], message: &Message, schema: &Schema) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    within(bytes, Some(message), schema, 0, &mut parts)?;
    Ok(parts)
}

fn within(
    bytes: &[u8],
    message: Option<&Message>,
    schema: &Schema,
    depth: usize,
    parts: &mut Vec<Part>,
) -> Result<(), Fault> {
    let mut reader = Reader { bytes, schema, depth };
    // Groups have no length: the messages that are open.
    let mut open = vec![message];
    while !reader.bytes.is_empty() {
        let before = reader.bytes;
        let (number, wire) = reader.tag()?;
        let message = open.last().copied().flatten();
        let field = message.and_then(|it| it.fields.get(&number));
        let inner = field.and_then(|it| message_of(&it.ty, schema));
        let name = field.map(|it| it.name.leaf().to_owned());
        let mut part = Part {
            depth: depth + open.len() - 1,
            bytes: Vec::new(),
            number,
            name,
            wire_type: word(wire),
            value: String::new(),
        };
        match wire {
            wire_type::GROUP => open.push(inner),
            wire_type::GROUP_END => {
                open.pop();
                part.depth = part.depth.saturating_sub(1);
            }
            wire_type::LENGTH => {
                let value = reader.length()?;
                let head = before.len() - reader.bytes.len() - value.len();
                let nested = field.is_some_and(|it| matches!(it.ty, FieldType::Message(_)));
                if nested && inner.is_some() && part.depth < DEEPEST {
                    part.bytes = before[..head].to_vec();
                    part.value = bytes_of(value.len());
                    let depth = part.depth + 1;
                    parts.push(part);
                    within(value, inner, schema, depth, parts)?;
                    continue;
                }
                part.value = match field.map(|it| &it.ty) {
                    Some(FieldType::Scalar(_)) if is_whole(field) => text::quoted(value),
                    _ => bytes_of(value.len()),
                };
            }
            _ => {
                part.value = match reader.payload(number, wire)? {
                    Payload::Varint(it) => it.to_string(),
                    Payload::Eight(it) => format!("{it:#018x}"),
                    Payload::Four(it) => format!("{it:#010x}"),
                    Payload::Length(_) | Payload::Group(_) => String::new(),
                };
            }
        }
        part.bytes = before[..before.len() - reader.bytes.len()].to_vec();
        parts.push(part);
    }
    Ok(())
}

/// A string or bytes, not a packed list.
fn is_whole(field: Option<&crate::schema::Field>) -> bool {
    use crate::schema::Scalar::{Bytes, String};
    field.is_some_and(|it| matches!(it.ty, FieldType::Scalar(String | Bytes)))
}

fn bytes_of(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

fn word(wire: u8) -> &'static str {
    match wire {
        wire_type::VARINT => "varint",
        wire_type::EIGHT => "fixed64",
        wire_type::LENGTH => "length",
        wire_type::GROUP => "group",
        wire_type::GROUP_END => "end",
        _ => "fixed32",
    }
}
