//! The text format (protobuf.dev, "Text Format Language"), as protoc prints it.

use std::fmt::Write as _;

use super::{Payload, Record, Unknown, Value, enum_of, label, message_of};
use crate::schema::{Field, Message, Schema};

/// A message, a field to the line. What is unknown to its reader stands under its number, and a
/// comment says so.
pub fn print(record: &Record, message: &Message, schema: &Schema) -> String {
    let mut out = String::new();
    fields(record, message, schema, 0, &mut out);
    out
}

fn fields(record: &Record, message: &Message, schema: &Schema, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (number, values) in &record.fields {
        let Some(field) = message.fields.get(number) else { continue };
        let label = label(field, message);
        for value in values {
            let Value::Message(inner) = value else {
                writeln!(out, "{indent}{label}: {}", scalar(value, field, schema)).ok();
                continue;
            };
            writeln!(out, "{indent}{label} {{").ok();
            if let Some(message) = message_of(&field.ty, schema) {
                fields(inner, message, schema, depth + 1, out);
            }
            writeln!(out, "{indent}}}").ok();
        }
    }
    record.unknown.iter().for_each(|it| unknown(it, depth, out));
}

/// One value on its own, as it stands after the colon.
pub(in super::super) fn value(value: &Value, field: &Field, schema: &Schema) -> String {
    let Value::Message(record) = value else { return scalar(value, field, schema) };
    let mut out = String::new();
    if let Some(message) = message_of(&field.ty, schema) {
        fields(record, message, schema, 0, &mut out);
    }
    let words: Vec<&str> = out.lines().map(str::trim).collect();
    if words.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", words.join(" ")) }
}

fn scalar(value: &Value, field: &Field, schema: &Schema) -> String {
    match value {
        Value::Int(it) => it.to_string(),
        Value::Uint(it) => it.to_string(),
        Value::Float(it) => float(format!("{it:?}")),
        Value::Double(it) => float(format!("{it:?}")),
        Value::Bool(it) => it.to_string(),
        Value::Text(it) | Value::Bytes(it) => quoted(it),
        Value::Enum(it) => {
            let value = enum_of(&field.ty, schema).and_then(|item| item.values.get(it));
            value.map_or(it.to_string(), |value| value.name.leaf().to_owned())
        }
        Value::Message(_) => String::new(),
    }
}

/// `NaN` and `1.0` in Rust, `nan` and `1` in text format.
fn float(text: String) -> String {
    match text.as_str() {
        "NaN" => "nan".to_owned(),
        text => text.strip_suffix(".0").unwrap_or(text).to_owned(),
    }
}

fn unknown(it: &Unknown, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let number = it.number;
    let value = match &it.payload {
        Payload::Varint(it) => it.to_string(),
        Payload::Eight(it) => format!("{it:#018x}"),
        Payload::Four(it) => format!("{it:#010x}"),
        Payload::Length(it) => quoted(it),
        Payload::Group(parts) => {
            writeln!(out, "{indent}{number} {{  # unknown").ok();
            parts.iter().for_each(|it| unknown(it, depth + 1, out));
            writeln!(out, "{indent}}}").ok();
            return;
        }
    };
    writeln!(out, "{indent}{number}: {value}  # unknown").ok();
}

/// In quotes, with all that is not printable ASCII escaped, so that a terminal shows it and does
/// not obey it.
pub fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'"' => out.push_str("\\\""),
            b'\'' => out.push_str("\\'"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => write!(out, "\\{byte:03o}").unwrap_or_default(),
        }
    }
    out.push('"');
    out
}

/// The bytes of a default as descriptors have it, with the escapes of C.
pub(super) fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        (rest, _) = match (first, tail) {
            (b'\\', [b'n', tail @ ..]) => (tail, out.push(b'\n')),
            (b'\\', [b'r', tail @ ..]) => (tail, out.push(b'\r')),
            (b'\\', [b't', tail @ ..]) => (tail, out.push(b'\t')),
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                (tail, out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0')))
            }
            (b'\\', [other, tail @ ..]) => (tail, out.push(*other)),
            (byte, tail) => (tail, out.push(*byte)),
        };
    }
    out
}
