//! What the codec of witnesses writes and reads is what others do: protoc in bytes and text,
//! prost-reflect in bytes and JSON.

use std::{collections::BTreeSet, fs, path::PathBuf};

use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, ReflectMessage as _, SerializeOptions,
};
use protoskew::{
    schema::{Cardinality, Message, Schema},
    witness::{
        codec::{Record, Value, binary, json, text},
        values::lists,
    },
};

use crate::{
    oracle::{corpus, is_ours},
    support,
};

#[test]
fn bytes_and_text_are_those_of_protoc() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let set = folder.path().join("set.binpb");
    fs::write(&set, &corpus.bytes).expect("it can be written");
    let schema = &corpus.ours.schema;
    let mut tried = 0;
    // A message set is written in a way of its own, which no schema knows.
    let messages = schema.messages.values().filter(|it| is_ours(schema, &it.name));
    for message in messages.filter(|it| !it.map_entry && it.name.leaf() != "Set") {
        for record in full(message, schema, 3) {
            let bytes = binary::encode(&record, message, schema);
            let shown = text::print(&record, message, schema);
            let name = &message.name;
            let theirs = corpus.run(&set, "encode", name, shown.as_bytes());
            let error = String::from_utf8_lossy(&theirs.stderr);
            let hex = |bytes: &[u8]| format!("{bytes:02x?}");
            assert_eq!(hex(&theirs.stdout), hex(&bytes), "{name}: {error}\n{shown}");
            let decoded = binary::decode(&bytes, message, schema).expect("protoc wrote the same");
            let theirs = corpus.run(&set, "decode", name, &bytes).stdout;
            let ours = text::print(&decoded, message, schema);
            // protoc writes the sign of an exponent.
            let theirs = String::from_utf8_lossy(&theirs).replace("e+", "e");
            assert_eq!(ours, theirs, "{name}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn bytes_and_json_are_those_of_prost() {
    let mut tried = 0;
    for (folder, schema) in fixtures() {
        let files = protox_files(&folder);
        let Ok(set) = protox::compile(&files, [&folder]) else { continue };
        let Ok(pool) = DescriptorPool::from_file_descriptor_set(set) else { continue };
        // Times have limits that their fields do not have.
        let time = ["google.protobuf.Timestamp", "google.protobuf.Duration"];
        let messages = schema.messages.values().filter(|it| !it.map_entry);
        for message in messages.filter(|it| !time.contains(&it.name.as_str())) {
            let Some(descriptor) = pool.get_message_by_name(message.name.as_str()) else {
                continue;
            };
            for record in records(message, &schema) {
                let bytes = binary::encode(&record, message, &schema);
                let context = format!("{}: {record:?}", message.name);
                let Ok(theirs) = DynamicMessage::decode(descriptor.clone(), &*bytes) else {
                    // Strings are texts to Rust, whether they are checked or not.
                    assert!(has_bad_text(&record), "{context}");
                    continue;
                };
                let ours = binary::decode(&bytes, message, &schema).expect(&context);
                assert_eq!(binary::encode(&ours, message, &schema), bytes, "{context}");
                // prost leaves out what is zero in the entry of a map.
                let again = binary::decode(&theirs.encode_to_vec(), message, &schema);
                assert_eq!(again.as_ref(), Ok(&ours), "{context}");
                json_agrees(&theirs, &record, message, &schema, &context);
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

fn json_agrees(
    theirs: &DynamicMessage,
    record: &Record,
    message: &Message,
    schema: &Schema,
    context: &str,
) {
    let document = json::write(record, message, schema);
    let options = SerializeOptions::new();
    let mut written = serde_json::Serializer::new(Vec::new());
    let Ok(()) = theirs.serialize_with_options(&mut written, &options).map(drop) else { return };
    let theirs_json: serde_json::Value =
        serde_json::from_slice(&written.into_inner()).expect("it is JSON");
    let ours_json: serde_json::Value = serde_json::from_str(&document).expect("it is JSON");
    assert_eq!(ours_json, theirs_json, "{context}");
    let mut reader = serde_json::Deserializer::from_str(&document);
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let read = DynamicMessage::deserialize_with_options(theirs.descriptor(), &mut reader, &options);
    let ours = json::read(&document, message, schema, json::Strictness::Refuse);
    let (read, ours) = (read.expect(context), ours.expect(context));
    let read = binary::decode(&read.encode_to_vec(), message, schema);
    assert_eq!(read, Ok(ours), "{context}");
}

/// Messages with as many fields set as there may be, each with another of its lists of values.
fn full(message: &Message, schema: &Schema, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    for turn in 0..count {
        let mut record = Record::default();
        let mut oneofs = BTreeSet::new();
        for field in message.fields.values() {
            if field.oneof.as_ref().is_some_and(|it| !oneofs.insert(it)) {
                continue;
            }
            // The order of a map's entries is not that in which they were written.
            let lists = lists(field, schema, None).into_iter();
            let lists: Vec<Vec<Value>> = lists.filter(|it| !field.map || it.len() == 1).collect();
            if let Some(list) = lists.get(turn % lists.len().max(1)) {
                record.fields.insert(field.number, list.clone());
            }
        }
        records.push(record);
    }
    records
}

/// Messages of one field each, and of all.
fn records(message: &Message, schema: &Schema) -> Vec<Record> {
    let single = message.fields.values().flat_map(|field| {
        let lists = lists(field, schema, None).into_iter();
        let lists = lists.filter(|it| !field.map || it.len() == 1);
        lists.map(|list| Record::of(field.number, list))
    });
    let required = |it: &Record| {
        let required = |number: &u32| it.fields.contains_key(number);
        let mut fields = message.fields.values();
        fields.all(|it| it.cardinality != Cardinality::Required || required(&it.number))
    };
    single.chain(full(message, schema, 2)).filter(required).collect()
}

fn has_bad_text(record: &Record) -> bool {
    record.fields.values().flatten().any(|it| match it {
        Value::Text(it) => std::str::from_utf8(it).is_err(),
        Value::Message(it) => has_bad_text(it),
        _ => false,
    })
}

fn protox_files(folder: &PathBuf) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = files.map(|entry| entry.expect("it can be listed").into_path());
    let files = files.filter(|path| path.extension().is_some_and(|it| it == "proto"));
    files.map(|path| path.strip_prefix(folder).expect("it is in there").to_owned()).collect()
}

fn fixtures() -> impl Iterator<Item = (PathBuf, Schema)> {
    let folders = ["testdata/rules", "testdata/cases"].into_iter().flat_map(support::entries);
    let folders = folders.flat_map(|it| ["base", "head"].map(|side| it.join(side)));
    folders.map(|it| (it.clone(), support::compiled(&it).schema))
}
