//! The normal form as text, in the manner of a `.proto` file: one definition, with nothing in it
//! that no program could see.

use crate::schema::{
    Cardinality, Element, Enum, Field, FieldType, Message, Method, Scalar, Service, json_name,
};

/// A whole definition, or the line of a part of one.
pub fn text(element: Element<'_>) -> String {
    match element {
        Element::Service(it) => service(it),
        Element::Message(it) => message(it),
        Element::Enum(it) => enumeration(it),
        Element::Method(it) => method(it),
        Element::Field(it) => field(it),
        Element::EnumValue(it) => format!("{} = {};", it.name.leaf(), it.number),
    }
}

fn block(head: String, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("  {line}\n")).collect();
    format!("{head} {{\n{lines}}}\n")
}

fn service(it: &Service) -> String {
    block(format!("service {}", it.name), it.methods.values().map(method))
}

fn method(it: &Method) -> String {
    let stream = |streams: bool| if streams { "stream " } else { "" };
    format!(
        "rpc {}({}{}) returns ({}{});",
        it.name.leaf(),
        stream(it.client_streaming),
        it.request,
        stream(it.server_streaming),
        it.response
    )
}

fn message(it: &Message) -> String {
    let kind = if it.map_entry { "map entry" } else { "message" };
    let head = format!("{kind} {}{}", it.name, json(it.legacy_json));
    block(head, it.fields.values().map(field))
}

fn field(it: &Field) -> String {
    let (ty, is_message) = match &it.ty {
        FieldType::Scalar(scalar) => (scalar_name(*scalar).to_owned(), false),
        FieldType::Message(name) => (name.to_string(), true),
        FieldType::Group(name) => (format!("group {name}"), true),
        FieldType::Enum(name) | FieldType::Opaque(name) => (name.to_string(), false),
    };
    let label = match it.cardinality {
        Cardinality::Explicit if !is_message && it.oneof.is_none() => "optional ",
        Cardinality::Implicit | Cardinality::Explicit => "",
        Cardinality::Required => "required ",
        Cardinality::Repeated { .. } => "repeated ",
    };
    let mut options = Vec::new();
    if let Cardinality::Repeated { packed: true } = it.cardinality {
        options.push("packed".to_owned());
    }
    options.extend(it.oneof.as_ref().map(|oneof| format!("oneof {}", oneof.leaf())));
    options.extend(it.default.as_ref().map(|default| format!("default = {default}")));
    if it.json_name != json_name(it.name.leaf()) {
        options.push(format!("json_name = \"{}\"", it.json_name));
    }
    if it.ty == FieldType::Scalar(Scalar::String) && !it.utf8 {
        options.push("utf8_validation = NONE".to_owned());
    }
    let options =
        if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
    format!("{label}{ty} {} = {}{options};", it.name.leaf(), it.number)
}

fn enumeration(it: &Enum) -> String {
    let values = it.values.values().flat_map(|value| {
        let names = std::iter::once(value.name.leaf());
        let names = names.chain(value.aliases.iter().map(String::as_str));
        names.map(|name| format!("{name} = {};", value.number)).collect::<Vec<_>>()
    });
    let open = if it.open { "open" } else { "closed" };
    block(format!("{open} enum {}{}", it.name, json(it.legacy_json)), values)
}

fn json(legacy: bool) -> &'static str {
    if legacy { " [json_format = LEGACY_BEST_EFFORT]" } else { "" }
}

/// The name of a built-in type in `.proto` files.
pub fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
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
    }
}
