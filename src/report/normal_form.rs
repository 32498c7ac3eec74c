//! The normal form as text, in the manner of a `.proto` file: one definition, with nothing in it
//! that no program could see.

use crate::schema::{
    Cardinality, Element, Enum, Field, FieldType, Idempotency, Message, Method, Scalar, Schema,
    Service, json_name,
};

/// A whole definition of a schema, or the line of a part of one.
pub fn text(element: Element<'_>, schema: &Schema) -> String {
    match element {
        Element::Service(it) => service(it),
        Element::Message(it) => message(it, schema),
        Element::Enum(it) => enumeration(it),
        Element::Method(it) => method(it),
        Element::Field(it) => field(it, schema),
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
    let idempotency = match it.idempotency {
        Idempotency::Unknown => "",
        Idempotency::Idempotent => " [idempotency_level = IDEMPOTENT]",
        Idempotency::NoSideEffects => " [idempotency_level = NO_SIDE_EFFECTS]",
    };
    format!(
        "rpc {}({}{}) returns ({}{}){idempotency};",
        it.name.leaf(),
        stream(it.client_streaming),
        it.request,
        stream(it.server_streaming),
        it.response
    )
}

fn message(it: &Message, schema: &Schema) -> String {
    let kind = if it.map_entry { "map entry" } else { "message" };
    let set = if it.message_set { " [message_set_wire_format]" } else { "" };
    let head = format!("{kind} {}{}{set}", it.name, json(it.legacy_json));
    block(head, it.fields.values().map(|it| field(it, schema)))
}

/// `map<K, V>` of the entry that a field repeats, if it is one.
fn map(it: &Field, schema: &Schema) -> Option<String> {
    let FieldType::Message(name) = &it.ty else { return None };
    let entry = schema.messages.get(name).filter(|it| it.map_entry)?;
    let [key, value] = [entry.fields.get(&1)?, entry.fields.get(&2)?];
    Some(format!("map<{}, {}>", key.ty, value.ty))
}

fn field(it: &Field, schema: &Schema) -> String {
    let map = map(it, schema);
    let sees_presence = matches!(it.ty, FieldType::Scalar(_) | FieldType::Enum(_));
    let label = match it.cardinality {
        _ if map.is_some() => "",
        Cardinality::Explicit if sees_presence && it.oneof.is_none() => "optional ",
        Cardinality::Implicit | Cardinality::Explicit => "",
        Cardinality::Required => "required ",
        Cardinality::Repeated { .. } => "repeated ",
    };
    let ty = map.unwrap_or_else(|| it.ty.to_string());
    let mut options = Vec::new();
    if let Cardinality::Repeated { packed: true } = it.cardinality {
        options.push("packed".to_owned());
    }
    options.extend(it.oneof.as_ref().map(|oneof| format!("oneof {}", oneof.leaf())));
    options.extend(it.default.as_ref().map(|default| format!("default = {default}")));
    if *it.json_name != *json_name(it.name.leaf()) {
        options.push(format!("json_name = \"{}\"", it.json_name));
    }
    if it.ty == FieldType::Scalar(Scalar::String) && !it.utf8 {
        options.push("utf8_validation = NONE".to_owned());
    }
    if it.closes_enum {
        options.push("legacy_closed_enum = true".to_owned());
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
