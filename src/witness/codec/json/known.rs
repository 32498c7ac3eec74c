//! The well-known types that ProtoJSON writes in forms of their own.

use base64::{Engine as _, alphabet, engine};
use serde_json::{Map, Value as Json};

use super::{
    read::{Reader, scalar_value, shown},
    write::{Document, document, float_word},
};
use crate::{
    schema::{Field, Message, Scalar, Schema},
    witness::codec::{Record, Value, binary::Fault, is_zero, message_of, packed, unpacked},
};

/// Readers take both alphabets, with and without padding.
const LENIENT: engine::GeneralPurposeConfig = engine::GeneralPurposeConfig::new()
    .with_decode_padding_mode(engine::DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

pub(super) fn base64(bytes: &[u8]) -> String {
    engine::general_purpose::STANDARD.encode(bytes)
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let [standard, url] = [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .map(|alphabet| engine::GeneralPurpose::new(alphabet, LENIENT));
    standard.decode(text).or_else(|_| url.decode(text)).ok()
}

/// What a wrapper wraps.
pub(in crate::witness) fn wrapped(message: &str) -> Option<Scalar> {
    Some(match message.strip_prefix("google.protobuf.")? {
        "DoubleValue" => Scalar::Double,
        "FloatValue" => Scalar::Float,
        "Int64Value" => Scalar::Int64,
        "UInt64Value" => Scalar::Uint64,
        "Int32Value" => Scalar::Int32,
        "UInt32Value" => Scalar::Uint32,
        "BoolValue" => Scalar::Bool,
        "StringValue" => Scalar::String,
        "BytesValue" => Scalar::Bytes,
        _ => return None,
    })
}

/// The form of a well-known type; `None` for all other messages.
pub(super) fn write(record: &Record, message: &Message, schema: &Schema) -> Option<Document> {
    let name = message.name.as_str().strip_prefix("google.protobuf.")?;
    let int = |number| match record.get(number) {
        Some(Value::Int(it)) => *it,
        _ => 0,
    };
    Some(Document::Plain(match name {
        "Timestamp" => Json::from(timestamp(int(1), int(2))),
        "Duration" => {
            let sign = if int(1) < 0 || int(2) < 0 { "-" } else { "" };
            let fraction = fraction(int(2).unsigned_abs());
            Json::from(format!("{sign}{}{fraction}s", int(1).unsigned_abs()))
        }
        "FieldMask" => {
            let paths = record.fields.get(&1).into_iter().flatten();
            let paths = paths.filter_map(|it| match it {
                Value::Text(it) => Some(crate::schema::json_name(&String::from_utf8_lossy(it))),
                _ => None,
            });
            Json::from(paths.collect::<Vec<_>>().join(","))
        }
        "Struct" => {
            let entries = record.fields.get(&1).into_iter().flatten();
            let entry = message.fields.get(&1).and_then(|it| message_of(&it.ty, schema));
            let of = entry.and_then(|it| it.fields.get(&2));
            let value = of.and_then(|it| message_of(&it.ty, schema));
            let entries = entries.filter_map(|it| {
                let Value::Message(it) = it else { return None };
                let (Value::Text(key), Value::Message(it)) = (it.get(1)?, it.get(2)?) else {
                    return None;
                };
                let key = String::from_utf8_lossy(key).into_owned();
                Some((key, document(it, value?, schema)))
            });
            return Some(Document::Object(entries.collect()));
        }
        "ListValue" => {
            let values = record.fields.get(&1).into_iter().flatten();
            let value = message.fields.get(&1).and_then(|it| message_of(&it.ty, schema));
            let values = values.filter_map(|it| match it {
                Value::Message(it) => Some(document(it, value?, schema)),
                _ => None,
            });
            return Some(Document::List(values.collect()));
        }
        "Value" => {
            let Some((number, held)) = record.fields.first_key_value() else {
                return Some(Document::Plain(Json::Null));
            };
            match held.last()? {
                Value::Double(it) if it.is_finite() => Json::from(*it),
                Value::Double(it) => float_word(*it),
                Value::Text(it) => Json::from(String::from_utf8_lossy(it)),
                Value::Bool(it) => Json::from(*it),
                Value::Message(it) => {
                    let held = message_of(&message.fields.get(number)?.ty, schema)?;
                    return Some(document(it, held, schema));
                }
                _ => Json::Null,
            }
        }
        "Any" => {
            let url = match record.get(1) {
                Some(Value::Text(it)) => String::from_utf8_lossy(it).into_owned(),
                _ => return Some(Document::Object(Vec::new())),
            };
            let mut object = vec![("@type".to_owned(), Document::Plain(Json::from(url)))];
            if let Some((held, Ok(inner))) = unpacked(record, schema) {
                match document(&inner, held, schema) {
                    Document::Object(fields) if !has_own_form(held) => object.extend(fields),
                    other => object.push(("value".to_owned(), other)),
                }
            }
            return Some(Document::Object(object));
        }
        _ => {
            let scalar = wrapped(message.name.as_str())?;
            let zero = || scalar_value(&zero(scalar), scalar);
            let held = record.get(1).cloned().or_else(zero)?;
            let field = message.fields.get(&1)?;
            let plain =
                Message { fields: [explicit(field)].into_iter().collect(), ..message.clone() };
            let plain = Message { name: crate::schema::FullName::new("wrapped"), ..plain };
            let Document::Object(mut held) = document(&Record::of(1, vec![held]), &plain, schema)
            else {
                return None;
            };
            return held.pop().map(|(_, held)| held);
        }
    }))
}

/// The field of a wrapper, which is written in JSON though it is zero.
fn explicit(field: &Field) -> Field {
    Field { cardinality: crate::schema::Cardinality::Explicit, ..field.clone() }
}

fn zero(scalar: Scalar) -> Json {
    match scalar {
        Scalar::String | Scalar::Bytes => Json::from(""),
        Scalar::Bool => Json::from(false),
        _ => Json::from(0),
    }
}

/// What a reader makes of the form of a well-known type; `None` for all other messages.
pub(super) fn read(
    json: &Json,
    message: &Message,
    reader: &Reader<'_>,
    depth: usize,
) -> Result<Option<Record>, Fault> {
    let Some(name) = message.name.as_str().strip_prefix("google.protobuf.") else {
        return Ok(None);
    };
    let refused = || Fault(format!("`{}` is not written as {}", message.name, shown(json)));
    if let Some(scalar) = wrapped(message.name.as_str()) {
        let value = scalar_value(json, scalar).ok_or_else(refused)?;
        return Ok(Some(match is_zero(&value) {
            true => Record::default(),
            false => Record::of(1, vec![value]),
        }));
    }
    let text = || json.as_str().ok_or_else(refused);
    let (seconds, nanos) = match name {
        "Timestamp" => from_timestamp(text()?).ok_or_else(refused)?,
        "Duration" => from_duration(text()?).ok_or_else(refused)?,
        "FieldMask" => {
            let paths = text()?.split(',').filter(|it| !it.is_empty());
            // Underscores are for the names in schemas.
            let paths: Option<Vec<Value>> = paths
                .map(|it| (!it.contains('_')).then(|| Value::Text(snake_case(it).into())))
                .collect();
            let paths = paths.ok_or_else(refused)?;
            return Ok(Some(if paths.is_empty() {
                Record::default()
            } else {
                Record::of(1, paths)
            }));
        }
        "Struct" if !json.is_object() => return Err(refused()),
        "ListValue" if !json.is_array() => return Err(refused()),
        "Any" => {
            let Json::Object(object) = json else { return Err(refused()) };
            return match object.get("@type") {
                Some(Json::String(url)) => any(url, object, reader, depth).map(Some),
                None if object.is_empty() => Ok(Some(Record::default())),
                _ => Err(refused()),
            };
        }
        "Struct" | "ListValue" | "Value" => return dynamic(json, message, reader, depth).map(Some),
        _ => return Ok(None),
    };
    let parts = [(1, seconds), (2, nanos)].into_iter().filter(|(_, it)| *it != 0);
    let fields = parts.map(|(number, it)| (number, vec![Value::Int(it)])).collect();
    Ok(Some(Record { fields, unknown: Vec::new() }))
}

/// What an `Any` holds; its type has to be known to be read.
fn any(
    url: &str,
    object: &Map<String, Json>,
    reader: &Reader<'_>,
    depth: usize,
) -> Result<Record, Fault> {
    let name = url.rsplit('/').next().unwrap_or(url);
    let Some(message) = reader.schema.messages.get(name) else {
        return Err(Fault(format!("there is no type `{name}` to read an `Any` by")));
    };
    let json = match has_own_form(message) {
        true => object.get("value").cloned().unwrap_or_default(),
        false => {
            let fields = object.iter().filter(|(key, _)| *key != "@type");
            Json::Object(fields.map(|(key, it)| (key.clone(), it.clone())).collect())
        }
    };
    let record = reader.message(&json, message, depth + 1)?;
    Ok(packed(&record, message, reader.schema))
}

/// In an `Any`, what is no plain object stands under a key of its own.
fn has_own_form(message: &Message) -> bool {
    const OWN: [&str; 7] =
        ["Timestamp", "Duration", "FieldMask", "Struct", "ListValue", "Value", "Any"];
    let name = message.name.as_str().strip_prefix("google.protobuf.");
    name.is_some_and(|it| OWN.contains(&it)) || wrapped(message.name.as_str()).is_some()
}

/// `Struct`, `ListValue` and `Value` take any JSON of their kind.
fn dynamic(
    json: &Json,
    message: &Message,
    reader: &Reader<'_>,
    depth: usize,
) -> Result<Record, Fault> {
    let schema = reader.schema;
    let held = |message: &Message, number: u32| {
        message.fields.get(&number).and_then(|it| message_of(&it.ty, schema)).cloned()
    };
    let inner = |number: u32, json: &Json| match held(message, number) {
        Some(of) => Ok(Value::Message(reader.message(json, &of, depth + 1)?)),
        None => Ok(Value::Message(Record::default())),
    };
    let (number, value) = match (message.name.leaf(), json) {
        ("Struct", Json::Object(object)) => {
            let value = held(message, 1).and_then(|entry| held(&entry, 2));
            let entries = object.iter().map(|(key, json)| {
                let mut entry = Record::of(1, vec![Value::Text(key.as_str().into())]);
                if let Some(of) = &value {
                    let read = reader.message(json, of, depth + 1)?;
                    entry.fields.insert(2, vec![Value::Message(read)]);
                }
                Ok(Value::Message(entry))
            });
            return Ok(Record::of(1, entries.collect::<Result<_, Fault>>()?));
        }
        ("ListValue", Json::Array(list)) => {
            let values = list.iter().map(|it| inner(1, it)).collect::<Result<_, Fault>>()?;
            return Ok(Record::of(1, values));
        }
        (_, Json::Null) => (1, Value::Enum(0)),
        (_, Json::Number(it)) => (2, Value::Double(it.as_f64().unwrap_or_default())),
        (_, Json::String(it)) => (3, Value::Text(it.as_str().into())),
        (_, Json::Bool(it)) => (4, Value::Bool(*it)),
        (_, Json::Object(_)) => (5, inner(5, json)?),
        (_, Json::Array(_)) => (6, inner(6, json)?),
    };
    Ok(Record::of(number, vec![value]))
}

fn snake_case(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if char.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(char.to_ascii_lowercase());
    }
    out
}

/// RFC 3339, in UTC. The days are counted as in the proleptic Gregorian calendar.
fn timestamp(seconds: i64, nanos: i64) -> String {
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    let fraction = fraction(nanos.unsigned_abs());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn fraction(nanos: u64) -> String {
    match nanos {
        0 => String::new(),
        it if it % 1_000_000 == 0 => format!(".{:03}", it / 1_000_000),
        it if it % 1000 == 0 => format!(".{:06}", it / 1000),
        it => format!(".{it:09}"),
    }
}

/// The date of a day, counted from 1970-01-01, with years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
}

fn from_timestamp(text: &str) -> Option<(i64, i64)> {
    let (date, rest) = text.split_once('T')?;
    let time = rest.strip_suffix('Z')?;
    let mut date = date.splitn(3, '-').map(|it| it.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut time = time.splitn(3, ':').map(|it| it.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    valid.then_some((seconds, from_fraction(fraction)?))
}

fn from_duration(text: &str) -> Option<(i64, i64)> {
    let number = text.strip_suffix('s')?;
    let (sign, number) = number.strip_prefix('-').map_or((1, number), |it| (-1, it));
    let (seconds, fraction) = number.split_once('.').unwrap_or((number, ""));
    Some((sign * seconds.parse::<i64>().ok()?, sign * from_fraction(fraction)?))
}

fn from_fraction(digits: &str) -> Option<i64> {
    match digits.len() {
        0 => Some(0),
        1..=9 => format!("{digits:0<9}").parse().ok(),
        _ => None,
    }
}
