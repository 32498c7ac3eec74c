//! Features are what a program makes of them, so one is asked: protoc writes messages of
//! `testdata/protoc`, and reads what others may send.

use std::{collections::BTreeMap, fs, path::Path};

use protoskew::schema::{Cardinality, Enum, Field, FieldType, Message, Scalar, Schema};

#[path = "support/protoc.rs"]
mod oracle;
mod support;

use oracle::{Corpus, corpus, is_ours};

#[test]
fn features_are_what_protoc_does() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let set = folder.path().join("set.binpb");
    fs::write(&set, &corpus.bytes).expect("it can be written");
    let schema = &corpus.ours.schema;
    let (mut seen, mut differences) = (BTreeMap::new(), Vec::new());
    let messages = schema.messages.values().filter(|it| is_ours(schema, &it.name));
    // A message set is written in a way of its own, which no schema knows.
    for message in messages.filter(|it| !it.map_entry && it.name.leaf() != "Set") {
        let trial = Trial { corpus, schema, set: &set, message };
        let [presence, encodings] = trial.written();
        let traits = presence.into_iter().chain(encodings);
        let traits = traits.chain(trial.maps_of_messages());
        let traits = traits.chain(trial.closed_enums()).chain(trial.unchecked_texts());
        for (name, ours, theirs) in traits {
            *seen.entry(theirs).or_insert(0) += 1;
            if ours != theirs {
                differences.push(format!("{name} is {ours}, and {theirs} to protoc"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let expected = [
        "closed",
        "delimited",
        "expanded",
        "explicit",
        "implicit",
        "open",
        "packed",
        "prefixed",
        "required",
        "unchecked",
        "verified",
    ];
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), expected, "{seen:?}");
}

/// What a name has, as we say, and as protoc does.
type Trait = (String, &'static str, &'static str);

/// One message, and what protoc makes of it.
struct Trial<'c> {
    corpus: &'c Corpus,
    schema: &'c Schema,
    /// The path of protoc's set.
    set: &'c Path,
    message: &'c Message,
}

/// How the wire frames a value.
const LENGTH: u64 = 2;
const GROUP: u64 = 3;
const GROUP_END: u64 = 4;

impl Trial<'_> {
    /// Presence, then packing and framing: by what protoc writes of values that are all zero.
    fn written(&self) -> [Vec<Trait>; 2] {
        let mut wire: BTreeMap<u32, u64> = BTreeMap::new();
        // Of a oneof there is only one at a time.
        let mut fields: Vec<&Field> = self.message.fields.values().collect();
        while !fields.is_empty() {
            let mut oneofs = Vec::new();
            let (now, later): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| {
                let new = field.oneof.as_ref().is_none_or(|it| !oneofs.contains(&it));
                oneofs.extend(field.oneof.as_ref());
                new
            });
            let text: String = now.iter().map(|field| self.zero(field)).collect();
            let run = self.corpus.run(self.set, "encode", &self.message.name, text.as_bytes());
            let name = &self.message.name;
            assert!(
                run.status.success(),
                "{name}: {}\n{text}",
                String::from_utf8_lossy(&run.stderr)
            );
            wire.extend(top(&run.stdout));
            fields = later;
        }
        let nothing = self.corpus.run(self.set, "encode", &self.message.name, b"").stderr;
        let nothing = String::from_utf8_lossy(&nothing).trim().to_owned();
        let (_, missing) = nothing.split_once("required fields:").unwrap_or_default();
        let missing: Vec<&str> = missing.split(',').map(str::trim).collect();
        let (mut presence, mut encodings) = (Vec::new(), Vec::new());
        for field in self.message.fields.values() {
            let name = field.name.to_string();
            let written = wire.get(&field.number).copied();
            let ours = match field.cardinality {
                Cardinality::Implicit => "implicit",
                Cardinality::Explicit => "explicit",
                Cardinality::Required => "required",
                Cardinality::Repeated { packed: true } => "packed",
                Cardinality::Repeated { packed: false } => "expanded",
            };
            match (field.cardinality, written) {
                (Cardinality::Repeated { .. }, written) => {
                    let written = written.expect("two values are written");
                    // Neither texts nor messages are packed, so all of them are behind a length.
                    let whole =
                        matches!(field.ty, FieldType::Scalar(Scalar::String | Scalar::Bytes));
                    let packed = written == LENGTH && !is_message(field) && !whole;
                    encodings.push((
                        name.clone(),
                        ours,
                        if packed { "packed" } else { "expanded" },
                    ));
                }
                _ if missing.contains(&field.name.leaf()) => {
                    presence.push((name.clone(), ours, "required"));
                }
                (_, Some(_)) => presence.push((name.clone(), ours, "explicit")),
                (_, None) => presence.push((name.clone(), ours, "implicit")),
            }
            if let (Some(written), true) = (written, is_message(field)) {
                encodings.push((name, frame(is_group(field)), frame(written == GROUP)));
            }
        }
        [presence, encodings]
    }

    /// How the messages in maps are framed.
    fn maps_of_messages(&self) -> Vec<Trait> {
        let mut traits = Vec::new();
        for field in self.message.fields.values() {
            let FieldType::Message(name) = &field.ty else { continue };
            let Some(entry) = self.schema.messages.get(name).filter(|it| it.map_entry) else {
                continue;
            };
            let (key, value) = (&entry.fields[&1], &entry.fields[&2]);
            if !is_message(value) {
                continue;
            }
            let inner = Trial { message: entry, ..*self };
            let text =
                format!("{} {{ {}{} }}", self.key(field), inner.zero(key), inner.zero(value));
            let run = self.corpus.run(self.set, "encode", &self.message.name, text.as_bytes());
            let mut bytes = &*run.stdout;
            assert_eq!(take(&mut bytes), u64::from(field.number) << 3 | LENGTH, "{}", field.name);
            take(&mut bytes);
            traits.push((
                value.name.to_string(),
                frame(is_group(value)),
                frame(top(bytes)[&2] == GROUP),
            ));
        }
        traits
    }

    /// protoc is sent a number that the enum does not have, and shows it as one of an unknown field
    /// if the enum is closed.
    fn closed_enums(&self) -> Vec<Trait> {
        let fields = self.message.fields.values();
        let fields = fields.filter_map(|field| Some((field, self.enumeration(field)?)));
        let fields = fields.map(|(field, item)| {
            let bytes = [tag(field.number, 0), varint(77_777)].concat();
            let run = self.corpus.run(self.set, "decode", &self.message.name, &bytes);
            let shown = String::from_utf8_lossy(&run.stdout).into_owned();
            assert!(run.status.success(), "{}: {shown}", field.name);
            let unknown = shown.starts_with(&format!("{}: 77777", field.number));
            assert!(
                unknown || shown.starts_with(&format!("{}: 77777", self.key(field))),
                "{shown}"
            );
            let word = |open: bool| if open { "open" } else { "closed" };
            (field.name.to_string(), word(item.open), word(!unknown))
        });
        fields.collect()
    }

    /// protoc is sent a byte that is no text, and refuses it where texts are verified.
    fn unchecked_texts(&self) -> Vec<Trait> {
        let mut texts: Vec<(&Field, Vec<u8>)> = Vec::new();
        for field in self.message.fields.values() {
            let bad = [vec![1], vec![0xff]].concat();
            if field.ty == FieldType::Scalar(Scalar::String) {
                texts.push((field, [tag(field.number, LENGTH), bad].concat()));
                continue;
            }
            let FieldType::Message(name) = &field.ty else { continue };
            let entry = self.schema.messages.get(name).filter(|it| it.map_entry);
            for part in entry.into_iter().flat_map(|it| it.fields.values()) {
                if part.ty == FieldType::Scalar(Scalar::String) {
                    let part_bytes = [tag(part.number, LENGTH), bad.clone()].concat();
                    let length = varint(part_bytes.len() as u64);
                    texts.push((part, [tag(field.number, LENGTH), length, part_bytes].concat()));
                }
            }
        }
        let texts = texts.into_iter().map(|(field, bytes)| {
            let run = self.corpus.run(self.set, "decode", &self.message.name, &bytes);
            let word = |verified: bool| if verified { "verified" } else { "unchecked" };
            (field.name.to_string(), word(field.utf8), word(!run.status.success()))
        });
        texts.collect()
    }

    /// A field of the value that is zero, in text; two of them if it is repeated.
    fn zero(&self, field: &Field) -> String {
        let zero = match &field.ty {
            FieldType::Scalar(Scalar::String | Scalar::Bytes) => ": \"\"".to_owned(),
            FieldType::Scalar(Scalar::Bool) => ": false".to_owned(),
            FieldType::Scalar(_) => ": 0".to_owned(),
            FieldType::Message(_) | FieldType::Group(_) => " {}".to_owned(),
            FieldType::Enum(_) => {
                let values = &self.enumeration(field).expect("it is in the schema").values;
                let value = values.get(&0).or(values.values().next()).expect("it has a value");
                format!(": {}", value.name.leaf())
            }
            FieldType::Opaque(name) => panic!("{name} is in the corpus"),
        };
        let one = format!("{}{zero} ", self.key(field));
        match field.cardinality {
            Cardinality::Repeated { .. } => one.repeat(2),
            _ => one,
        }
    }

    fn key(&self, field: &Field) -> String {
        let own = field.name.parent() == self.message.name.as_str();
        match &field.ty {
            _ if !own => format!("[{}]", field.name),
            _ => field.name.leaf().to_owned(),
        }
    }

    fn enumeration(&self, field: &Field) -> Option<&Enum> {
        let FieldType::Enum(name) = &field.ty else { return None };
        self.schema.enums.get(name).map(|it| &**it)
    }
}

fn is_message(field: &Field) -> bool {
    matches!(field.ty, FieldType::Message(_) | FieldType::Group(_))
}

fn is_group(field: &Field) -> bool {
    matches!(field.ty, FieldType::Group(_))
}

fn frame(group: bool) -> &'static str {
    if group { "delimited" } else { "prefixed" }
}

/// The fields of a message, each with its wire type; not those of the messages in it.
fn top(mut bytes: &[u8]) -> BTreeMap<u32, u64> {
    let mut fields = BTreeMap::new();
    let mut depth = 0;
    while !bytes.is_empty() {
        let tag = take(&mut bytes);
        let (number, wire) = (u32::try_from(tag >> 3).expect("a number"), tag & 7);
        if depth == 0 {
            fields.insert(number, wire);
        }
        let skipped = match wire {
            1 => 8,
            LENGTH => take(&mut bytes),
            5 => 4,
            _ => 0,
        };
        match wire {
            0 => drop(take(&mut bytes)),
            GROUP => depth += 1,
            GROUP_END => depth -= 1,
            _ => (),
        }
        bytes = &bytes[skipped as usize..];
    }
    fields
}

fn take(bytes: &mut &[u8]) -> u64 {
    prost::encoding::decode_varint(bytes).expect("protoc wrote it")
}

fn tag(number: u32, wire: u64) -> Vec<u8> {
    varint(u64::from(number) << 3 | wire)
}

fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_varint(value, &mut bytes);
    bytes
}
