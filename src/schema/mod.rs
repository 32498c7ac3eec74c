//! A protobuf schema as the wire sees it.
//!
//! Everything that two spellings of the same schema can disagree on without a program noticing
//! (file layout, nesting, synthetic oneofs, declaration order, comments) is already gone here, and
//! syntax is resolved into the terms of editions' features. So `==` between two elements means
//! that no program can tell them apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

mod fields;
mod name;
mod names;
mod sites;

pub use fields::Fields;
pub use name::FullName;
pub use names::Names;
pub use sites::{FileSites, Options, Places, Site, Sites};

/// One version of a schema. Plain data: it does no I/O and cannot fail.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Every service of the files that are judged.
    pub services: BTreeMap<FullName, Arc<Service>>,
    /// Every message, also those of files that only serve imports.
    pub messages: BTreeMap<FullName, Arc<Message>>,
    /// Every enum, also those of files that only serve imports.
    pub enums: BTreeMap<FullName, Arc<Enum>>,
    /// Where each element was written. Kept beside the elements, not in them, so that moving a
    /// line is never a difference.
    pub sites: Sites,
    /// Paths of files that could not be read: what they declare is unknown.
    pub unread: BTreeSet<Arc<str>>,
}

/// A group of methods that one server registers under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Package and name: the first part of the path of its calls.
    pub name: FullName,
    /// Its methods, by full name.
    pub methods: BTreeMap<FullName, Method>,
}

/// One RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The full name of its service, then its own.
    pub name: FullName,
    /// The message, or messages, that the client sends.
    pub request: FullName,
    /// The message, or messages, that the server sends.
    pub response: FullName,
    /// The client may send any number of requests, not exactly one.
    pub client_streaming: bool,
    /// The server may send any number of responses, not exactly one.
    pub server_streaming: bool,
    /// What REST clients call it by (`google.api.http`), in order.
    pub http: Vec<HttpBinding>,
    /// What its option `idempotency_level` promises.
    pub idempotency: Idempotency,
}

/// What a method promises of being called again (`idempotency_level`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Idempotency {
    /// Nothing.
    #[default]
    Unknown,
    /// Calling it twice does what calling it once does.
    Idempotent,
    /// It changes nothing; Connect serves it by HTTP GET.
    NoSideEffects,
}

/// One way to call a method by HTTP, through a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpBinding {
    /// `GET`, `POST`, …
    pub verb: String,
    /// The path, with its variables: `/v1/{name=agents/*}`.
    pub path: String,
    /// The field that is the body: `*` for the whole request, empty for none.
    pub body: String,
    /// The field of the response that is its body; empty for the whole response.
    pub response_body: String,
}

/// A message type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its full name. The wire does not carry it.
    pub name: FullName,
    /// By field number: on the wire the number is the field. Extensions stand among them.
    pub fields: Fields,
    /// The entry of a `map<K, V>`. Its bytes are those of any message, its JSON is not.
    pub map_entry: bool,
    /// `json_format = LEGACY_BEST_EFFORT`, as in proto2: its JSON may be ambiguous.
    pub legacy_json: bool,
    /// `message_set_wire_format`: extensions are written in a form of their own.
    pub message_set: bool,
}

/// A field of a message, or an extension of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The full name of its message, then its own; of an extension, of the scope that holds it.
    pub name: FullName,
    /// What stands for the field on the wire.
    pub number: u32,
    /// The type of one value.
    pub ty: FieldType,
    /// How many values, and whether their absence can be seen.
    pub cardinality: Cardinality,
    /// The key in ProtoJSON.
    pub json_name: Arc<str>,
    /// The oneof that holds the field; never a synthetic one.
    pub oneof: Option<FullName>,
    /// What a reader sees when the field is absent, if the schema says so (proto2, editions).
    pub default: Option<String>,
    /// A `map<K, V>`: in bytes a list of entries, in JSON an object.
    pub map: bool,
    /// A string that is checked to be UTF-8 (feature `utf8_validation = VERIFY`).
    pub utf8: bool,
    /// It holds an open enum, which C++, Java and Kotlin take for a closed one here: a field of
    /// proto2, or one with their feature `legacy_closed_enum`.
    pub closes_enum: bool,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// One of the fifteen built-in types.
    Scalar(Scalar),
    /// A message behind its length.
    Message(FullName),
    /// A message between two tags: a proto2 group, or `message_encoding = DELIMITED`.
    Group(FullName),
    /// An enum.
    Enum(FullName),
    /// A name, as it is written, from an import that is not among the files of this version:
    /// a message or an enum, nobody can say which.
    Opaque(FullName),
}

/// The built-in types, by their names in `.proto` files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Scalar {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
}

/// How many values a field holds, in the words of protobuf's `field_presence` feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Unset and default look the same on the wire.
    Implicit,
    /// Unset is told apart from default.
    Explicit,
    /// proto2 `required`, or `LEGACY_REQUIRED`: a message without it does not parse.
    Required,
    /// Any number of values, in order.
    Repeated {
        /// All values behind one tag; a reader takes both forms.
        packed: bool,
    },
}

/// An enum type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// Its full name. The wire does not carry it.
    pub name: FullName,
    /// An open enum keeps numbers that it does not know; a closed one does not.
    pub open: bool,
    /// `json_format = LEGACY_BEST_EFFORT`, as in proto2: its JSON may be ambiguous.
    pub legacy_json: bool,
    /// By number: on the wire the number is the value.
    pub values: BTreeMap<i32, EnumValue>,
    /// The number that is declared first: what an unset field reads as.
    pub first: i32,
}

/// A number of an enum, with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// The first name, inside the enum.
    pub name: FullName,
    /// What stands for the value on the wire.
    pub number: i32,
    /// The other names of the same number, in order (`allow_alias`).
    pub aliases: Vec<String>,
}

/// Any one thing a schema can declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Element<'s> {
    Service(&'s Service),
    Method(&'s Method),
    Message(&'s Message),
    Field(&'s Field),
    Enum(&'s Enum),
    EnumValue(&'s EnumValue),
}

impl<'s> Element<'s> {
    /// The full name.
    pub fn name(self) -> &'s FullName {
        match self {
            Element::Service(it) => &it.name,
            Element::Method(it) => &it.name,
            Element::Message(it) => &it.name,
            Element::Field(it) => &it.name,
            Element::Enum(it) => &it.name,
            Element::EnumValue(it) => &it.name,
        }
    }

    /// What it is, in protobuf's word.
    pub fn kind(self) -> &'static str {
        match self {
            Element::Service(_) => "service",
            Element::Method(_) => "method",
            Element::Message(_) => "message",
            Element::Field(_) => "field",
            Element::Enum(_) => "enum",
            Element::EnumValue(_) => "enum value",
        }
    }
}

impl Schema {
    /// The method of that full name.
    pub fn method(&self, name: &FullName) -> Option<&Method> {
        self.services.get(name.parent())?.methods.get(name)
    }

    /// Every method, in the order of services and names.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.services.values().flat_map(|service| service.methods.values())
    }
}

impl Enum {
    /// The full names of all its values, aliases among them.
    pub fn names(&self) -> Vec<FullName> {
        let alias = |alias: &String| FullName::new(&format!("{}.{alias}", self.name));
        let names = |it: &EnumValue| {
            let aliases = it.aliases.iter().map(alias);
            std::iter::once(it.name.clone()).chain(aliases).collect::<Vec<_>>()
        };
        self.values.values().flat_map(names).collect()
    }
}

impl Field {
    /// What a reader sees when the field is absent, as a `.proto` file would write it.
    pub fn effective_default(&self) -> String {
        match (&self.default, &self.ty) {
            (Some(default), FieldType::Scalar(Scalar::String | Scalar::Bytes)) => {
                format!("\"{default}\"")
            }
            (Some(default), _) => default.clone(),
            (None, FieldType::Scalar(Scalar::String | Scalar::Bytes)) => "\"\"".to_owned(),
            (None, FieldType::Scalar(Scalar::Bool)) => "false".to_owned(),
            (None, FieldType::Scalar(_)) => "0".to_owned(),
            (None, FieldType::Enum(_)) => "its first value".to_owned(),
            (None, _) => "empty".to_owned(),
        }
    }
}

impl FieldType {
    /// Both are the same built-in type, or both enums, or both messages.
    pub fn same_kind(&self, other: &FieldType) -> bool {
        use FieldType::{Enum, Group, Message, Opaque, Scalar};
        match (self, other) {
            (Scalar(own), Scalar(other)) => own == other,
            (Enum(_), Enum(_)) | (Opaque(_), Opaque(_)) => true,
            (Message(_) | Group(_), Message(_) | Group(_)) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scalar::Double => "double",
            Scalar::Float => "float",
            Scalar::Int32 => "int32",
            Scalar::Int64 => "int64",
            Scalar::Uint32 => "uint32",
            Scalar::Uint64 => "uint64",
            Scalar::Sint32 => "sint32",
            Scalar::Sint64 => "sint64",
            Scalar::Fixed32 => "fixed32",
            Scalar::Fixed64 => "fixed64",
            Scalar::Sfixed32 => "sfixed32",
            Scalar::Sfixed64 => "sfixed64",
            Scalar::Bool => "bool",
            Scalar::String => "string",
            Scalar::Bytes => "bytes",
        })
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldType::Scalar(scalar) => scalar.fmt(f),
            FieldType::Group(name) => write!(f, "group {name}"),
            FieldType::Message(name) | FieldType::Enum(name) | FieldType::Opaque(name) => {
                name.fmt(f)
            }
        }
    }
}

/// The key of a field in ProtoJSON, if its `json_name` is not set. As protoc's `ToJsonName` has it:
/// underscores go, and the letter after each is a capital.
pub fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut capital = false;
    for char in name.chars() {
        match char {
            '_' => capital = true,
            char if capital => {
                json.push(char.to_ascii_uppercase());
                capital = false;
            }
            char => json.push(char),
        }
    }
    json
}
