//! Documents, as they are written.

use serde_json::Value as Json;

use super::known;
use crate::{
    excerpt::is_printable,
    schema::{Cardinality, Field, FieldType, Message, Scalar, Schema},
    witness::codec::{Record, Value, enum_of, is_zero, message_of},
};

/// A document under construction, with its keys in the order of numbers.
pub(super) enum Document {
    /// A number, a text, a word.
    Plain(Json),
    List(Vec<Document>),
    Object(Vec<(String, Document)>),
}

/// A message as a document, in lines.
pub fn write(record: &Record, message: &Message, schema: &Schema) -> String {
    let mut out = String::new();
    print(&document(record, message, schema), 0, &mut out);
    out
}

fn print(document: &Document, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth);
    match document {
        Document::Plain(it) => out.push_str(&printable(&it.to_string())),
        Document::List(it) if it.is_empty() => out.push_str("[]"),
        Document::Object(it) if it.is_empty() => out.push_str("{}"),
        Document::List(it) => {
            for (at, it) in it.iter().enumerate() {
                out.push_str(if at == 0 { "[\n" } else { ",\n" });
                out.push_str(&indent);
                print(it, depth + 1, out);
            }
            out.push_str(&format!("\n{close}]"));
        }
        Document::Object(it) => {
            for (at, (key, it)) in it.iter().enumerate() {
                out.push_str(if at == 0 { "{\n" } else { ",\n" });
                let key = printable(&Json::from(key.as_str()).to_string());
                out.push_str(&format!("{indent}{key}: "));
                print(it, depth + 1, out);
            }
            out.push_str(&format!("\n{close}}}"));
        }
    }
}

/// With escapes for what a terminal obeys.
pub(super) fn printable(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        match is_printable(char) {
            true => out.push(char),
            false => out.push_str(&format!("\\u{:04x}", u32::from(char))),
        }
    }
    out
}

pub(super) fn document(record: &Record, message: &Message, schema: &Schema) -> Document {
    if let Some(known) = known::write(record, message, schema) {
        return known;
    }
    let mut object = Vec::new();
    for (number, values) in &record.fields {
        let Some(field) = message.fields.get(number) else { continue };
        let implicit = field.cardinality == Cardinality::Implicit;
        let document = match values.as_slice() {
            [] => continue,
            values if field.map => map(values, field, schema),
            values if matches!(field.cardinality, Cardinality::Repeated { .. }) => {
                Document::List(values.iter().map(|it| value(it, field, schema)).collect())
            }
            [it, ..] if implicit && is_zero(it) => continue,
            [it, ..] => value(it, field, schema),
        };
        object.push((field.json_name.to_string(), document));
    }
    Document::Object(object)
}

/// Keys are texts, whatever their type.
fn map(entries: &[Value], field: &Field, schema: &Schema) -> Document {
    let Some(entry) = message_of(&field.ty, schema) else { return Document::Object(Vec::new()) };
    let entries = entries.iter().filter_map(|it| {
        let Value::Message(it) = it else { return None };
        let (key, of) = (it.get(1)?, entry.fields.get(&2)?);
        let key = match key {
            Value::Int(it) => it.to_string(),
            Value::Uint(it) => it.to_string(),
            Value::Bool(it) => it.to_string(),
            Value::Text(it) => String::from_utf8_lossy(it).into_owned(),
            _ => return None,
        };
        Some((key, value(it.get(2)?, of, schema)))
    });
    Document::Object(entries.collect())
}

fn value(it: &Value, field: &Field, schema: &Schema) -> Document {
    let wide = matches!(
        field.ty,
        FieldType::Scalar(
            Scalar::Int64 | Scalar::Sint64 | Scalar::Sfixed64 | Scalar::Uint64 | Scalar::Fixed64
        )
    );
    Document::Plain(match it {
        Value::Int(it) if wide => Json::from(it.to_string()),
        Value::Uint(it) if wide => Json::from(it.to_string()),
        Value::Int(it) => Json::from(*it),
        Value::Uint(it) => Json::from(*it),
        Value::Float(it) => match format!("{it}").parse::<f64>() {
            Ok(shortest) if it.is_finite() => Json::from(shortest),
            _ => float_word(f64::from(*it)),
        },
        Value::Double(it) if it.is_finite() => Json::from(*it),
        Value::Double(it) => float_word(*it),
        Value::Bool(it) => Json::from(*it),
        Value::Text(it) => Json::from(String::from_utf8_lossy(it)),
        Value::Bytes(it) => Json::from(known::base64(it)),
        Value::Enum(it) => match enum_of(&field.ty, schema) {
            Some(item) if item.name.as_str() == "google.protobuf.NullValue" => Json::Null,
            item => match item.and_then(|item| item.values.get(it)) {
                Some(value) => Json::from(value.name.leaf()),
                None => Json::from(*it),
            },
        },
        Value::Message(record) => {
            return match message_of(&field.ty, schema) {
                Some(message) => document(record, message, schema),
                None => Document::Object(Vec::new()),
            };
        }
    })
}

pub(super) fn float_word(it: f64) -> Json {
    Json::from(match it {
        it if it.is_nan() => "NaN",
        it if it > 0.0 => "Infinity",
        _ => "-Infinity",
    })
}
