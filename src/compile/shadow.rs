//! What a descriptor set says in fields that prost-types does not model: editions, their features,
//! and the HTTP bindings of methods. It is read from the same bytes a second time, and written
//! into the options as the parser would have left it there, so that sources and sets go one way.

use prost::{DecodeError, Message};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, UninterpretedOption, uninterpreted_option::NamePart,
};

#[derive(Clone, PartialEq, Message)]
struct Set {
    #[prost(message, repeated, tag = "1")]
    file: Vec<File>,
}

#[derive(Clone, PartialEq, Message)]
struct File {
    #[prost(message, repeated, tag = "4")]
    message_type: Vec<MessageType>,
    #[prost(message, repeated, tag = "5")]
    enum_type: Vec<EnumType>,
    #[prost(message, repeated, tag = "6")]
    service: Vec<Service>,
    #[prost(message, repeated, tag = "7")]
    extension: Vec<Field>,
    #[prost(message, optional, tag = "8")]
    options: Option<FileOptions>,
    #[prost(int32, tag = "14")]
    edition: i32,
}

#[derive(Clone, PartialEq, Message)]
struct MessageType {
    #[prost(message, repeated, tag = "2")]
    field: Vec<Field>,
    #[prost(message, repeated, tag = "3")]
    nested_type: Vec<MessageType>,
    #[prost(message, repeated, tag = "4")]
    enum_type: Vec<EnumType>,
    #[prost(message, repeated, tag = "6")]
    extension: Vec<Field>,
    #[prost(message, optional, tag = "7")]
    options: Option<MessageOptions>,
    #[prost(message, repeated, tag = "8")]
    oneof_decl: Vec<Oneof>,
}

#[derive(Clone, PartialEq, Message)]
struct EnumType {
    #[prost(message, optional, tag = "3")]
    options: Option<EnumOptions>,
}

#[derive(Clone, PartialEq, Message)]
struct Field {
    #[prost(message, optional, tag = "8")]
    options: Option<FieldOptions>,
}

#[derive(Clone, PartialEq, Message)]
struct Oneof {
    #[prost(message, optional, tag = "2")]
    options: Option<OneofOptions>,
}

#[derive(Clone, PartialEq, Message)]
struct Service {
    #[prost(message, repeated, tag = "2")]
    method: Vec<Method>,
}

#[derive(Clone, PartialEq, Message)]
struct Method {
    #[prost(message, optional, tag = "4")]
    options: Option<MethodOptions>,
}

#[derive(Clone, PartialEq, Message)]
struct FileOptions {
    #[prost(message, optional, tag = "50")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct MessageOptions {
    #[prost(message, optional, tag = "12")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct EnumOptions {
    #[prost(message, optional, tag = "7")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldOptions {
    #[prost(message, optional, tag = "21")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct OneofOptions {
    #[prost(message, optional, tag = "1")]
    features: Option<FeatureSet>,
}

#[derive(Clone, PartialEq, Message)]
struct MethodOptions {
    /// `google.api.http`.
    #[prost(message, optional, tag = "72295728")]
    http: Option<HttpRule>,
}

#[derive(Clone, PartialEq, Message)]
struct FeatureSet {
    #[prost(int32, tag = "1")]
    field_presence: i32,
    #[prost(int32, tag = "2")]
    enum_type: i32,
    #[prost(int32, tag = "3")]
    repeated_field_encoding: i32,
    #[prost(int32, tag = "4")]
    utf8_validation: i32,
    #[prost(int32, tag = "5")]
    message_encoding: i32,
    #[prost(int32, tag = "6")]
    json_format: i32,
}

/// `google.api.HttpRule`.
#[derive(Clone, PartialEq, Message)]
struct HttpRule {
    #[prost(string, tag = "2")]
    get: String,
    #[prost(string, tag = "3")]
    put: String,
    #[prost(string, tag = "4")]
    post: String,
    #[prost(string, tag = "5")]
    delete: String,
    #[prost(string, tag = "6")]
    patch: String,
    #[prost(string, tag = "7")]
    body: String,
    #[prost(message, optional, tag = "8")]
    custom: Option<CustomHttpPattern>,
    #[prost(message, repeated, tag = "11")]
    additional_bindings: Vec<HttpRule>,
    #[prost(string, tag = "12")]
    response_body: String,
}

#[derive(Clone, PartialEq, Message)]
struct CustomHttpPattern {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    path: String,
}

/// The files of a set with all of their options, each with the number of its edition, or 0.
pub(super) fn reveal(
    set: FileDescriptorSet,
    bytes: &[u8],
) -> Result<Vec<(FileDescriptorProto, i32)>, DecodeError> {
    let shadow = Set::decode(bytes)?;
    let files = set.file.into_iter().zip(&shadow.file).map(|(mut file, shadow)| {
        reveal_file(&mut file, shadow);
        (file, shadow.edition)
    });
    Ok(files.collect())
}

/// Adds to the options of an element what its shadow and its `deprecated` option say.
macro_rules! add {
    ($element:expr, $features:expr) => {{
        let features: Option<&FeatureSet> = $features;
        let deprecated = $element.options.as_ref().is_some_and(|it| it.deprecated());
        let added = features.map(feature_options).unwrap_or_default();
        let added = added.into_iter().chain(deprecated.then(|| word(&["deprecated"], "true")));
        let added: Vec<UninterpretedOption> = added.collect();
        if !added.is_empty() {
            $element.options.get_or_insert_default().uninterpreted_option.extend(added);
        }
    }};
}

fn reveal_file(file: &mut FileDescriptorProto, shadow: &File) {
    add!(file, shadow.options.as_ref().and_then(|it| it.features.as_ref()));
    for (message, shadow) in file.message_type.iter_mut().zip(&shadow.message_type) {
        reveal_message(message, shadow);
    }
    for (item, shadow) in file.enum_type.iter_mut().zip(&shadow.enum_type) {
        reveal_enum(item, shadow);
    }
    for (field, shadow) in file.extension.iter_mut().zip(&shadow.extension) {
        reveal_field(field, shadow);
    }
    for (service, shadow) in file.service.iter_mut().zip(&shadow.service) {
        add!(service, None);
        for (method, shadow) in service.method.iter_mut().zip(&shadow.method) {
            add!(method, None);
            if let Some(rule) = shadow.options.as_ref().and_then(|it| it.http.as_ref()) {
                let mut option = word(&["google.api.http"], "");
                option.name[0].is_extension = true;
                option.identifier_value = None;
                option.aggregate_value = Some(http_text(rule));
                method.options.get_or_insert_default().uninterpreted_option.push(option);
            }
        }
    }
}

/// Sets are decoded to a depth of a hundred, so this goes no deeper.
fn reveal_message(message: &mut DescriptorProto, shadow: &MessageType) {
    add!(message, shadow.options.as_ref().and_then(|it| it.features.as_ref()));
    for (field, shadow) in message.field.iter_mut().zip(&shadow.field) {
        reveal_field(field, shadow);
    }
    for (field, shadow) in message.extension.iter_mut().zip(&shadow.extension) {
        reveal_field(field, shadow);
    }
    for (nested, shadow) in message.nested_type.iter_mut().zip(&shadow.nested_type) {
        reveal_message(nested, shadow);
    }
    for (item, shadow) in message.enum_type.iter_mut().zip(&shadow.enum_type) {
        reveal_enum(item, shadow);
    }
    for (oneof, shadow) in message.oneof_decl.iter_mut().zip(&shadow.oneof_decl) {
        let features = shadow.options.as_ref().and_then(|it| it.features.as_ref());
        if let Some(features) = features {
            let options = oneof.options.get_or_insert_default();
            options.uninterpreted_option.extend(feature_options(features));
        }
    }
}

fn reveal_enum(item: &mut EnumDescriptorProto, shadow: &EnumType) {
    add!(item, shadow.options.as_ref().and_then(|it| it.features.as_ref()));
}

fn reveal_field(field: &mut FieldDescriptorProto, shadow: &Field) {
    add!(field, shadow.options.as_ref().and_then(|it| it.features.as_ref()));
}

/// The numbers of `google.protobuf.FeatureSet`, as words.
fn feature_options(features: &FeatureSet) -> Vec<UninterpretedOption> {
    let table: [(&str, i32, &[&str]); 6] = [
        ("field_presence", features.field_presence, &["EXPLICIT", "IMPLICIT", "LEGACY_REQUIRED"]),
        ("enum_type", features.enum_type, &["OPEN", "CLOSED"]),
        ("repeated_field_encoding", features.repeated_field_encoding, &["PACKED", "EXPANDED"]),
        ("utf8_validation", features.utf8_validation, &["", "VERIFY", "NONE"]),
        ("message_encoding", features.message_encoding, &["LENGTH_PREFIXED", "DELIMITED"]),
        ("json_format", features.json_format, &["ALLOW", "LEGACY_BEST_EFFORT"]),
    ];
    let words = table.into_iter().filter_map(|(name, number, words)| {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        Some(word(&["features", name], words.get(index)?))
    });
    words.collect()
}

fn word(name: &[&str], value: &str) -> UninterpretedOption {
    let part = |part: &&str| NamePart { name_part: (*part).to_owned(), is_extension: false };
    UninterpretedOption {
        name: name.iter().map(part).collect(),
        identifier_value: Some(value.to_owned()),
        ..UninterpretedOption::default()
    }
}

/// In the text format. Additional bindings hold no further ones (google/api/http.proto).
fn http_text(rule: &HttpRule) -> String {
    let quoted = |text: &str| format!("\"{}\"", super::options::escaped(text.as_bytes()));
    let own = [
        ("get", &rule.get),
        ("put", &rule.put),
        ("post", &rule.post),
        ("delete", &rule.delete),
        ("patch", &rule.patch),
        ("body", &rule.body),
        ("response_body", &rule.response_body),
    ];
    let own = own.into_iter().filter(|(_, text)| !text.is_empty());
    let mut parts: Vec<String> =
        own.map(|(name, text)| format!("{name}: {}", quoted(text))).collect();
    if let Some(custom) = &rule.custom {
        let CustomHttpPattern { kind, path } = custom;
        parts.push(format!("custom {{ kind: {} path: {} }}", quoted(kind), quoted(path)));
    }
    let more = rule.additional_bindings.iter();
    parts.extend(more.map(|it| format!("additional_bindings {{ {} }}", http_text(it))));
    parts.join(" ")
}
