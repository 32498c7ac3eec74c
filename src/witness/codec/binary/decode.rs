//! Bytes, as they are read.

use super::{
    DEEPEST, Fault,
    wire_type::{EIGHT, FOUR, GROUP, GROUP_END, LENGTH, VARINT},
    wire_type_of,
};
use crate::{
    schema::{Cardinality, Field, FieldType, Message, Scalar, Schema},
    witness::codec::{Payload, Record, Unknown, Value, default, enum_of, message_of},
};

/// What a reader makes of bytes. Required fields are another matter: see [`missing`].
///
/// # Errors
/// The bytes are no message, or a string in them that is checked is not UTF-8.
pub fn decode(bytes: &[u8], message: &Message, schema: &Schema) -> Result<Record, Fault> {
    let mut record = Record::default();
    Reader { bytes, schema, depth: 0 }.message(&mut record, message, None)?;
    Ok(record)
}

/// Bytes on their way into a record.
pub(in crate::witness::codec) struct Reader<'b, 's> {
    pub(in crate::witness::codec) bytes: &'b [u8],
    pub(in crate::witness::codec) schema: &'s Schema,
    pub(in crate::witness::codec) depth: usize,
}

impl Reader<'_, '_> {
    /// Reads fields until the bytes end, or the group of that number.
    fn message(
        &mut self,
        record: &mut Record,
        message: &Message,
        group: Option<u32>,
    ) -> Result<(), Fault> {
        if self.depth > DEEPEST {
            return Err(Fault(format!("messages are nested more than {DEEPEST} deep")));
        }
        while !self.bytes.is_empty() {
            let (number, wire_type) = self.tag()?;
            if wire_type == GROUP_END {
                return match group == Some(number) {
                    true => Ok(()),
                    false => Err(Fault(format!("the group {number} ends and did not begin"))),
                };
            }
            let payload = match message.fields.get(&number) {
                Some(field) => match self.field(record, message, field, wire_type)? {
                    None => continue,
                    Some(payload) => payload,
                },
                None => self.payload(number, wire_type)?,
            };
            record.unknown.push(Unknown { number, payload });
        }
        match group {
            None => Ok(()),
            Some(number) => Err(Fault(format!("the bytes end inside of the group {number}"))),
        }
    }

    /// Reads one field; what is not of its form is given back.
    fn field(
        &mut self,
        record: &mut Record,
        message: &Message,
        field: &Field,
        wire_type: u8,
    ) -> Result<Option<Payload>, Fault> {
        let expected = wire_type_of(&field.ty);
        let repeated = matches!(field.cardinality, Cardinality::Repeated { .. });
        let packable = matches!(expected, VARINT | EIGHT | FOUR);
        if wire_type == LENGTH && repeated && packable {
            return self.packed(record, field, expected).map(|()| None);
        }
        if wire_type != expected {
            return self.payload(field.number, wire_type).map(Some);
        }
        if let FieldType::Message(_) | FieldType::Group(_) = field.ty {
            return self.sub_message(record, message, field);
        }
        let payload = self.payload(field.number, wire_type)?;
        let value = match value(&payload, field)? {
            Value::Enum(number) if !self.has(field, number) => return Ok(Some(payload)),
            value => value,
        };
        set(record, message, field, value);
        Ok(None)
    }

    fn packed(&mut self, record: &mut Record, field: &Field, wire_type: u8) -> Result<(), Fault> {
        let bytes = self.length()?;
        let mut inner = Reader { bytes, schema: self.schema, depth: self.depth };
        while !inner.bytes.is_empty() {
            let payload = inner.payload(field.number, wire_type)?;
            match value(&payload, field)? {
                Value::Enum(number) if !self.has(field, number) => {
                    record.unknown.push(Unknown { number: field.number, payload });
                }
                value => record.fields.entry(field.number).or_default().push(value),
            }
        }
        Ok(())
    }

    fn sub_message(
        &mut self,
        record: &mut Record,
        message: &Message,
        field: &Field,
    ) -> Result<Option<Payload>, Fault> {
        let Some(inner) = message_of(&field.ty, self.schema) else {
            return self.payload(field.number, wire_type_of(&field.ty)).map(Some);
        };
        let repeated = matches!(field.cardinality, Cardinality::Repeated { .. });
        // Of several, a field that holds one merges all.
        let mut value = match record.get(field.number) {
            Some(Value::Message(known)) if !repeated => known.clone(),
            _ => Record::default(),
        };
        if let FieldType::Group(_) = field.ty {
            self.depth += 1;
            self.message(&mut value, inner, Some(field.number))?;
            self.depth -= 1;
        } else {
            let bytes = self.length()?;
            let mut reader = Reader { bytes, schema: self.schema, depth: self.depth + 1 };
            reader.message(&mut value, inner, None)?;
            if field.map {
                // An entry with a value that a closed enum does not have is no entry.
                if value.unknown.iter().any(|it| self.is_closed(inner, it)) {
                    return Ok(Some(Payload::Length(bytes.to_vec())));
                }
                complete(&mut value, inner, self.schema);
                let entries = record.fields.entry(field.number).or_default();
                entries.retain(|it| matches!(it, Value::Message(it) if it.get(1) != value.get(1)));
            }
        }
        set(record, message, field, Value::Message(value));
        Ok(None)
    }

    /// The number is a varint for an enum, and was not taken.
    fn is_closed(&self, entry: &Message, unknown: &Unknown) -> bool {
        let field = entry.fields.get(&unknown.number);
        let number = matches!(unknown.payload, Payload::Varint(_));
        number && field.is_some_and(|it| enum_of(&it.ty, self.schema).is_some())
    }

    /// The field takes that number: its enum is open, or has it.
    fn has(&self, field: &Field, number: i32) -> bool {
        enum_of(&field.ty, self.schema)
            .is_none_or(|it| it.open && !field.closes_enum || it.values.contains_key(&number))
    }

    pub(in crate::witness::codec) fn payload(
        &mut self,
        number: u32,
        wire_type: u8,
    ) -> Result<Payload, Fault> {
        Ok(match wire_type {
            VARINT => Payload::Varint(self.varint()?),
            EIGHT => Payload::Eight(u64::from_le_bytes(self.take()?)),
            FOUR => Payload::Four(u32::from_le_bytes(self.take()?)),
            LENGTH => Payload::Length(self.length()?.to_vec()),
            GROUP => Payload::Group(self.group(number)?),
            other => return Err(Fault(format!("there is no wire type {other}"))),
        })
    }

    fn group(&mut self, group: u32) -> Result<Vec<Unknown>, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault(format!("messages are nested more than {DEEPEST} deep")));
        }
        let mut unknown = Vec::new();
        while !self.bytes.is_empty() {
            let (number, wire_type) = self.tag()?;
            if wire_type == GROUP_END && number == group {
                self.depth -= 1;
                return Ok(unknown);
            }
            let payload = self.payload(number, wire_type)?;
            unknown.push(Unknown { number, payload });
        }
        Err(Fault(format!("the bytes end inside of the group {group}")))
    }

    pub(in crate::witness::codec) fn tag(&mut self) -> Result<(u32, u8), Fault> {
        let tag = self.varint()?;
        match u32::try_from(tag).map(|tag| (tag >> 3, (tag & 7) as u8)) {
            Ok((number, wire_type)) if number > 0 => Ok((number, wire_type)),
            _ => Err(Fault(format!("{tag} is the tag of no field"))),
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or_else(too_short)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let [byte] = self.take()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault("a varint is longer than ten bytes".to_owned()))
    }
}

impl<'b> Reader<'b, '_> {
    pub(in crate::witness::codec) fn length(&mut self) -> Result<&'b [u8], Fault> {
        let length = usize::try_from(self.varint()?).map_err(|_| too_short())?;
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(too_short)?;
        self.bytes = rest;
        Ok(taken)
    }
}

fn too_short() -> Fault {
    Fault("the bytes end inside of a value".to_owned())
}

/// A payload of the field's wire type, as the field's type has it: as a C++ cast does, what is too
/// large is cut down.
fn value(payload: &Payload, field: &Field) -> Result<Value, Fault> {
    let scalar = match &field.ty {
        FieldType::Scalar(scalar) => *scalar,
        FieldType::Enum(_) => {
            let Payload::Varint(it) = payload else { return Ok(Value::Enum(0)) };
            return Ok(Value::Enum(*it as i32));
        }
        _ => Scalar::Bytes,
    };
    let zigzag = |it: u64| (it >> 1) as i64 ^ -((it & 1) as i64);
    Ok(match (payload, scalar) {
        (Payload::Varint(it), Scalar::Int32) => Value::Int(i64::from(*it as i32)),
        (Payload::Varint(it), Scalar::Int64) => Value::Int(*it as i64),
        (Payload::Varint(it), Scalar::Uint32) => Value::Uint(u64::from(*it as u32)),
        (Payload::Varint(it), Scalar::Uint64) => Value::Uint(*it),
        (Payload::Varint(it), Scalar::Sint32) => Value::Int(zigzag(u64::from(*it as u32))),
        (Payload::Varint(it), Scalar::Sint64) => Value::Int(zigzag(*it)),
        (Payload::Varint(it), Scalar::Bool) => Value::Bool(*it != 0),
        (Payload::Four(it), Scalar::Fixed32) => Value::Uint(u64::from(*it)),
        (Payload::Four(it), Scalar::Sfixed32) => Value::Int(i64::from(*it as i32)),
        (Payload::Four(it), Scalar::Float) => Value::Float(f32::from_bits(*it)),
        (Payload::Eight(it), Scalar::Fixed64) => Value::Uint(*it),
        (Payload::Eight(it), Scalar::Sfixed64) => Value::Int(*it as i64),
        (Payload::Eight(it), Scalar::Double) => Value::Double(f64::from_bits(*it)),
        (Payload::Length(it), Scalar::String) => {
            if field.utf8 && std::str::from_utf8(it).is_err() {
                return Err(Fault(format!("the string `{}` is not UTF-8", field.name)));
            }
            Value::Text(it.clone())
        }
        (Payload::Length(it), _) => Value::Bytes(it.clone()),
        _ => return Err(Fault(format!("`{}` is of another wire type", field.name))),
    })
}

/// Sets a field, which unsets the other cases of its oneof.
pub(in crate::witness::codec) fn set(
    record: &mut Record,
    message: &Message,
    field: &Field,
    value: Value,
) {
    if field.oneof.is_some() {
        let oneof = |number: &u32| message.fields.get(number).map(|it| &it.oneof);
        record
            .fields
            .retain(|number, _| *number == field.number || oneof(number) != Some(&field.oneof));
    }
    let values = record.fields.entry(field.number).or_default();
    if !matches!(field.cardinality, Cardinality::Repeated { .. }) {
        values.clear();
    }
    values.push(value);
}

/// An entry has a key and a value, whatever was written.
pub(in crate::witness::codec) fn complete(entry: &mut Record, message: &Message, schema: &Schema) {
    for field in message.fields.values() {
        if entry.fields.contains_key(&field.number) {
            continue;
        }
        let value = match message_of(&field.ty, schema) {
            Some(_) => Some(Value::Message(Record::default())),
            None => default(field, schema),
        };
        if let Some(value) = value {
            entry.fields.insert(field.number, vec![value]);
        }
    }
}

/// The first required field that a message lacks, with the way to it: C++, Java and Go refuse such
/// a message, Python and protobuf-es do not.
pub fn missing(record: &Record, message: &Message, schema: &Schema) -> Option<String> {
    let required = |it: &&Field| it.cardinality == Cardinality::Required;
    let absent = |it: &&Field| !record.fields.contains_key(&it.number);
    if let Some(field) = message.fields.values().filter(required).find(absent) {
        return Some(field.name.leaf().to_owned());
    }
    record.fields.iter().find_map(|(number, values)| {
        let field = message.fields.get(number)?;
        let inner = message_of(&field.ty, schema)?;
        let records = values.iter().filter_map(|it| match it {
            Value::Message(record) => Some(record),
            _ => None,
        });
        let below = records.into_iter().find_map(|it| missing(it, inner, schema))?;
        Some(format!("{}.{below}", field.name.leaf()))
    })
}
