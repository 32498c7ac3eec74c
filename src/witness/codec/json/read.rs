//! Documents, as they are read.

use serde_json::Value as Json;

use super::{Strictness, known, write::printable};
use crate::{
    schema::{Cardinality, Enum, Field, FieldType, Message, Scalar, Schema},
    witness::codec::{
        Record, Value,
        binary::{DEEPEST, Fault, complete, set},
        enum_of, is_unsigned, is_zero, message_of,
    },
};

/// What a reader makes of a document.
///
/// # Errors
/// A key or the name of a value is unknown, or a value is not of its field's kind or range.
pub fn read(
    text: &str,
    message: &Message,
    schema: &Schema,
    strictness: Strictness,
) -> Result<Record, Fault> {
    let json = serde_json::from_str(text).map_err(|err| Fault(format!("no JSON: {err}")))?;
    Reader { schema, strictness }.message(&json, message, 0)
}

pub(super) struct Reader<'s> {
    pub(super) schema: &'s Schema,
    strictness: Strictness,
}

impl Reader<'_> {
    pub(super) fn message(
        &self,
        json: &Json,
        message: &Message,
        depth: usize,
    ) -> Result<Record, Fault> {
        if depth > DEEPEST {
            return Err(Fault(format!("messages are nested more than {DEEPEST} deep")));
        }
        if let Some(known) = known::read(json, message, self, depth)? {
            return Ok(known);
        }
        let Json::Object(object) = json else {
            return Err(Fault(format!("`{}` is an object, not {}", message.name, kind(json))));
        };
        let mut record = Record::default();
        for (key, json) in object {
            let named = |it: &&Field| *it.json_name == **key || it.name.leaf() == key;
            // An extension goes by its full name, in brackets.
            let own =
                |it: &&Field| it.name.parent() == message.name.as_str() || *it.json_name == **key;
            let Some(field) = message.fields.values().filter(own).find(named) else {
                match self.strictness {
                    Strictness::Ignore => continue,
                    Strictness::Refuse => {
                        let name = &message.name;
                        return Err(Fault(format!("`{name}` has no field with the key \"{key}\"")));
                    }
                }
            };
            self.field(json, field, message, &mut record, depth)?;
        }
        Ok(record)
    }

    fn field(
        &self,
        json: &Json,
        field: &Field,
        message: &Message,
        record: &mut Record,
        depth: usize,
    ) -> Result<(), Fault> {
        if json.is_null() && !takes_null(&field.ty) {
            return Ok(());
        }
        let name = &field.name;
        let rival = |number| message.fields.get(number).is_some_and(|it| it.oneof == field.oneof);
        if field.oneof.is_some() && record.fields.keys().any(rival) {
            let oneof = field.oneof.as_ref().map_or("", |it| it.leaf());
            return Err(Fault(format!("`{name}` is a second case of `{oneof}`")));
        }
        if field.map {
            let entries = self.map(json, field, depth)?;
            record.fields.insert(field.number, entries);
            return Ok(());
        }
        if let Cardinality::Repeated { .. } = field.cardinality {
            let Json::Array(list) = json else {
                return Err(Fault(format!("`{name}` is a list, not {}", kind(json))));
            };
            for json in list {
                if json.is_null() && !takes_null(&field.ty) {
                    return Err(Fault(format!("`{name}` has a null in its list")));
                }
                if let Some(value) = self.value(json, field, depth)? {
                    record.fields.entry(field.number).or_default().push(value);
                }
            }
            return Ok(());
        }
        match self.value(json, field, depth)? {
            // Written out, but it looks like a field that was not.
            Some(value) if field.cardinality == Cardinality::Implicit && is_zero(&value) => (),
            Some(value) => set(record, message, field, value),
            None => (),
        }
        Ok(())
    }

    fn map(&self, json: &Json, field: &Field, depth: usize) -> Result<Vec<Value>, Fault> {
        let Json::Object(object) = json else {
            return Err(Fault(format!("`{}` is an object, not {}", field.name, kind(json))));
        };
        let Some(entry) = message_of(&field.ty, self.schema) else { return Ok(Vec::new()) };
        let (Some(key_field), Some(value_field)) = (entry.fields.get(&1), entry.fields.get(&2))
        else {
            return Ok(Vec::new());
        };
        let mut entries = Vec::new();
        for (key, json) in object {
            let key = match &key_field.ty {
                FieldType::Scalar(Scalar::Bool) => match key.as_str() {
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    _ => return Err(Fault(format!("\"{key}\" is no key of `{}`", field.name))),
                },
                _ => Json::from(key.as_str()),
            };
            let Some(key) = self.value(&key, key_field, depth)? else { continue };
            let Some(value) = self.value(json, value_field, depth)? else { continue };
            let mut record = Record::of(1, vec![key]);
            record.fields.insert(2, vec![value]);
            complete(&mut record, entry, self.schema);
            entries.push(Value::Message(record));
        }
        Ok(entries)
    }

    /// `None` for a value that is passed over.
    pub(super) fn value(
        &self,
        json: &Json,
        field: &Field,
        depth: usize,
    ) -> Result<Option<Value>, Fault> {
        let scalar = match &field.ty {
            FieldType::Scalar(scalar) => *scalar,
            FieldType::Enum(_) => {
                return match enum_of(&field.ty, self.schema) {
                    Some(item) => self.enumeration(json, item),
                    None => Ok(None),
                };
            }
            FieldType::Message(_) | FieldType::Group(_) => {
                return match message_of(&field.ty, self.schema) {
                    Some(message) => {
                        self.message(json, message, depth + 1).map(|it| Some(Value::Message(it)))
                    }
                    None => Ok(None),
                };
            }
            FieldType::Opaque(_) => return Ok(None),
        };
        scalar_value(json, scalar)
            .map(Some)
            .ok_or_else(|| Fault(format!("`{}` is {scalar}, not {}", field.name, shown(json))))
    }

    fn enumeration(&self, json: &Json, item: &Enum) -> Result<Option<Value>, Fault> {
        let refused = || Fault(format!("`{}` has no value {}", item.name, shown(json)));
        match json {
            Json::Null if item.name.as_str() == "google.protobuf.NullValue" => {
                Ok(Some(Value::Enum(0)))
            }
            Json::String(name) => {
                let named = item.values.values().find(|it| {
                    it.name.leaf() == name || it.aliases.iter().any(|alias| alias == name)
                });
                match (named, self.strictness) {
                    (Some(value), _) => Ok(Some(Value::Enum(value.number))),
                    (None, Strictness::Ignore) => Ok(None),
                    (None, Strictness::Refuse) => Err(refused()),
                }
            }
            Json::Number(_) => {
                let number = integer(json).and_then(|it| i32::try_from(it).ok());
                let number = number.ok_or_else(refused)?;
                match item.open || item.values.contains_key(&number) {
                    true => Ok(Some(Value::Enum(number))),
                    false => Err(refused()),
                }
            }
            _ => Err(refused()),
        }
    }
}

fn takes_null(ty: &FieldType) -> bool {
    match ty {
        FieldType::Message(name) => name.as_str() == "google.protobuf.Value",
        FieldType::Enum(name) => name.as_str() == "google.protobuf.NullValue",
        _ => false,
    }
}

/// A value of a built-in type, if the JSON is one.
pub(super) fn scalar_value(json: &Json, scalar: Scalar) -> Option<Value> {
    Some(match scalar {
        Scalar::Bool => Value::Bool(json.as_bool()?),
        Scalar::String => Value::Text(json.as_str()?.into()),
        Scalar::Bytes => Value::Bytes(known::from_base64(json.as_str()?)?),
        Scalar::Double => Value::Double(float(json)?),
        Scalar::Float => {
            let wide = float(json)?;
            let narrow = wide as f32;
            // Too large for the type, and not infinite itself.
            if narrow.is_infinite() && wide.is_finite() {
                return None;
            }
            Value::Float(narrow)
        }
        scalar if is_unsigned(scalar) => {
            let it = u64::try_from(integer(json)?).ok()?;
            let narrow = matches!(scalar, Scalar::Uint32 | Scalar::Fixed32);
            Value::Uint(if narrow { u32::try_from(it).ok()?.into() } else { it })
        }
        scalar => {
            let it = i64::try_from(integer(json)?).ok()?;
            let narrow = matches!(scalar, Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32);
            Value::Int(if narrow { i32::try_from(it).ok()?.into() } else { it })
        }
    })
}

/// A number without a fraction, or the digits of one as a text.
fn integer(json: &Json) -> Option<i128> {
    match json {
        Json::Number(it) => match (it.as_i64(), it.as_u64(), it.as_f64()) {
            (Some(it), ..) => Some(it.into()),
            (_, Some(it), _) => Some(it.into()),
            (.., Some(it)) if it.fract() == 0.0 && it.abs() < 1e19 => Some(it as i128),
            _ => None,
        },
        Json::String(it) if it.trim() == it => it.parse().ok().or_else(|| {
            let float: f64 = it.parse().ok()?;
            (float.fract() == 0.0 && float.abs() < 1e19).then_some(float as i128)
        }),
        _ => None,
    }
}

fn float(json: &Json) -> Option<f64> {
    match json {
        Json::Number(it) => it.as_f64(),
        Json::String(it) => match it.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            // Rust's words for what is not finite are not those of JSON.
            it => it.parse().ok().filter(|it: &f64| it.is_finite()),
        },
        _ => None,
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// A plain value itself, of others their kind.
pub(super) fn shown(json: &Json) -> String {
    match json {
        Json::Array(_) | Json::Object(_) => kind(json).to_owned(),
        plain => crate::excerpt::short(&printable(&plain.to_string())),
    }
}
