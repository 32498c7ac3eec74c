//! Schemas that differ in one number, so that the number tells which of them was read.

use prost::Message as _;
use prost_types::{
    DescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
    ServiceDescriptorProto,
};
use serde_json::Value;

use crate::repo::Place;

/// Where the file of a version lies.
pub(crate) const FILE: &str = "api/acme.proto";

/// A service with so many methods.
pub(crate) fn proto(methods: usize) -> String {
    let methods = names(methods).map(|name| format!("  rpc {name}(Empty) returns (Empty);\n"));
    let methods: String = methods.collect();
    format!(
        "syntax = \"proto3\";\npackage acme.v1;\n\nservice Manager {{\n{methods}}}\n\nmessage Empty {{}}\n"
    )
}

fn names(methods: usize) -> impl Iterator<Item = String> {
    (1..=methods).map(|index| format!("Call{index}"))
}

/// The same, as descriptors.
pub(crate) fn descriptors(methods: usize) -> FileDescriptorSet {
    let method = |name| MethodDescriptorProto {
        name: Some(name),
        input_type: Some(".acme.v1.Empty".into()),
        output_type: Some(".acme.v1.Empty".into()),
        ..Default::default()
    };
    let service = ServiceDescriptorProto {
        name: Some("Manager".into()),
        method: names(methods).map(method).collect(),
        ..Default::default()
    };
    let file = FileDescriptorProto {
        name: Some(FILE.into()),
        package: Some("acme.v1".into()),
        syntax: Some("proto3".into()),
        message_type: vec![DescriptorProto { name: Some("Empty".into()), ..Default::default() }],
        service: vec![service],
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }
}

/// [`descriptors`], as `protoc -o` writes them.
pub(crate) fn descriptor_set(methods: usize) -> Vec<u8> {
    descriptors(methods).encode_to_vec()
}

/// A repository whose commit `v1` has one method, and `v2` two.
pub(crate) fn two_versions() -> Place {
    Place::versions(FILE, &[proto(1), proto(2)])
}

/// How many methods the version has that `source` names.
#[track_caller]
pub(crate) fn methods(place: &Place, source: &str) -> u64 {
    version(place, &["check", source, source])["methods"].as_u64().expect("it is a number")
}

/// What the report says of the first version.
#[track_caller]
pub(crate) fn version(place: &Place, args: &[&str]) -> Value {
    let ran = place.run_with(&[args, &["--format", "json"]].concat());
    ran.answers();
    ran.json()["versions"][0].clone()
}

/// A service with these methods, of which Go knows where it is generated.
pub(crate) fn manager(methods: &[&str]) -> String {
    let methods: Vec<String> =
        methods.iter().map(|it| format!("rpc {it}(Agent) returns (Agent);\n")).collect();
    format!(
        "syntax = \"proto3\";\npackage acme.v1;\n\
         option go_package = \"example.com/acme/api/v1;acmev1\";\n\
         service Manager {{\n{}}}\nmessage Agent {{}}\n",
        methods.concat()
    )
}
