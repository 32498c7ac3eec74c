//! Bytes, as they are written.

use super::{
    wire_type::{EIGHT, FOUR, GROUP, GROUP_END, LENGTH, VARINT},
    wire_type_of,
};
use crate::{
    schema::{Cardinality, Field, FieldType, Message, Scalar, Schema},
    witness::codec::{Payload, Record, Unknown, Value, is_zero, message_of},
};

/// The bytes of a message, fields in the order of their numbers.
pub fn encode(record: &Record, message: &Message, schema: &Schema) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, values) in &record.fields {
        let Some(field) = message.fields.get(number) else { continue };
        match field.cardinality {
            Cardinality::Repeated { packed: true } if !values.is_empty() => {
                let mut list = Vec::new();
                for value in values {
                    put_scalar(value, &field.ty, &mut list);
                }
                put_tag(*number, LENGTH, &mut out);
                put_length(&list, &mut out);
            }
            // An entry of a map has its key and its value, whatever they are.
            Cardinality::Implicit if !message.map_entry => {
                for value in values.iter().filter(|it| !is_zero(it)) {
                    put(value, field, schema, &mut out);
                }
            }
            _ => values.iter().for_each(|value| put(value, field, schema, &mut out)),
        }
    }
    for unknown in &record.unknown {
        put_unknown(unknown, &mut out);
    }
    out
}

fn put(value: &Value, field: &Field, schema: &Schema, out: &mut Vec<u8>) {
    match (value, &field.ty) {
        (Value::Message(record), FieldType::Group(_)) => {
            put_tag(field.number, GROUP, out);
            if let Some(message) = message_of(&field.ty, schema) {
                out.extend(encode(record, message, schema));
            }
            put_tag(field.number, GROUP_END, out);
        }
        (Value::Message(record), ty) => {
            put_tag(field.number, LENGTH, out);
            let bytes = message_of(ty, schema).map(|it| encode(record, it, schema));
            put_length(&bytes.unwrap_or_default(), out);
        }
        (value, ty) => {
            put_tag(field.number, wire_type_of(ty), out);
            put_scalar(value, ty, out);
        }
    }
}

fn put_scalar(value: &Value, ty: &FieldType, out: &mut Vec<u8>) {
    let scalar = match ty {
        FieldType::Scalar(scalar) => *scalar,
        _ => Scalar::Int32,
    };
    match (value, scalar) {
        (Value::Int(it), Scalar::Sint32 | Scalar::Sint64) => {
            put_varint(((it << 1) ^ (it >> 63)) as u64, out);
        }
        (Value::Int(it), Scalar::Sfixed32) => out.extend((*it as i32).to_le_bytes()),
        (Value::Int(it), Scalar::Sfixed64) => out.extend(it.to_le_bytes()),
        (Value::Uint(it), Scalar::Fixed32) => out.extend((*it as u32).to_le_bytes()),
        (Value::Uint(it), Scalar::Fixed64) => out.extend(it.to_le_bytes()),
        (Value::Int(it), _) => put_varint(*it as u64, out),
        (Value::Uint(it), _) => put_varint(*it, out),
        (Value::Enum(it), _) => put_varint(i64::from(*it) as u64, out),
        (Value::Bool(it), _) => put_varint(u64::from(*it), out),
        (Value::Float(it), _) => out.extend(it.to_le_bytes()),
        (Value::Double(it), _) => out.extend(it.to_le_bytes()),
        (Value::Text(it) | Value::Bytes(it), _) => put_length(it, out),
        (Value::Message(_), _) => (),
    }
}

fn put_unknown(unknown: &Unknown, out: &mut Vec<u8>) {
    let number = unknown.number;
    match &unknown.payload {
        Payload::Varint(it) => {
            put_tag(number, VARINT, out);
            put_varint(*it, out);
        }
        Payload::Eight(it) => {
            put_tag(number, EIGHT, out);
            out.extend(it.to_le_bytes());
        }
        Payload::Length(it) => {
            put_tag(number, LENGTH, out);
            put_length(it, out);
        }
        Payload::Group(it) => {
            put_tag(number, GROUP, out);
            it.iter().for_each(|it| put_unknown(it, out));
            put_tag(number, GROUP_END, out);
        }
        Payload::Four(it) => {
            put_tag(number, FOUR, out);
            out.extend(it.to_le_bytes());
        }
    }
}

fn put_tag(number: u32, wire_type: u8, out: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | u64::from(wire_type), out);
}

fn put_length(bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(bytes.len() as u64, out);
    out.extend(bytes);
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
