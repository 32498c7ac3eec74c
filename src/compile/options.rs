//! Options. After the parser all of them are uninterpreted; in a descriptor set those of
//! `descriptor.proto` are read. Custom ones are kept as text, for rules that know their names.

use std::sync::Arc;

use prost_types::{
    FieldDescriptorProto, FieldOptions, FileOptions, MessageOptions, MethodOptions,
    UninterpretedOption, method_options::IdempotencyLevel, uninterpreted_option::NamePart,
};

use crate::schema::Idempotency;

/// The `packed` option of a field, where it is written.
pub(super) fn packed(field: &FieldDescriptorProto) -> Option<bool> {
    let FieldOptions { packed, uninterpreted_option, .. } = field.options.as_ref()?;
    packed.or_else(|| boolean(uninterpreted_option, "packed"))
}

/// Where the Go code of a file lives: an import path, and maybe `;` and a name.
pub(super) fn go_package(options: Option<&FileOptions>) -> Option<Arc<str>> {
    let FileOptions { go_package, uninterpreted_option: options, .. } = options?;
    let written = || {
        let option = options.iter().find(|option| named(&option.name, "go_package"))?;
        Some(String::from_utf8_lossy(option.string_value.as_deref()?).into_owned())
    };
    go_package.clone().or_else(written).map(Arc::from)
}

/// The message is the entry of a map.
pub(super) fn map_entry(options: Option<&MessageOptions>) -> bool {
    options.is_some_and(|it| it.map_entry.unwrap_or(false))
}

/// The message writes its extensions as a message set.
pub(super) fn message_set(options: Option<&MessageOptions>) -> bool {
    let Some(MessageOptions { message_set_wire_format, uninterpreted_option, .. }) = options else {
        return false;
    };
    let written = boolean(uninterpreted_option, "message_set_wire_format");
    message_set_wire_format.or(written).unwrap_or(false)
}

/// The `idempotency_level` of a method.
pub(super) fn idempotency(options: Option<&MethodOptions>) -> Idempotency {
    let Some(options) = options else { return Idempotency::Unknown };
    let level = match options.idempotency_level {
        Some(_) => Some(options.idempotency_level().as_str_name()),
        None => word(&options.uninterpreted_option, "idempotency_level"),
    };
    match level {
        Some(it) if it == IdempotencyLevel::Idempotent.as_str_name() => Idempotency::Idempotent,
        Some(it) if it == IdempotencyLevel::NoSideEffects.as_str_name() => {
            Idempotency::NoSideEffects
        }
        _ => Idempotency::Unknown,
    }
}

fn boolean(options: &[UninterpretedOption], name: &str) -> Option<bool> {
    word(options, name)?.parse().ok()
}

/// The value of an option that is a single word.
fn word<'o>(options: &'o [UninterpretedOption], name: &str) -> Option<&'o str> {
    let option = options.iter().find(|option| named(&option.name, name))?;
    option.identifier_value.as_deref()
}

fn named(parts: &[NamePart], name: &str) -> bool {
    matches!(parts, [part] if !part.is_extension && part.name_part == name)
}

/// What the options of an element say that is not already part of it: their names, those of
/// extensions in brackets, and their values as in a `.proto` file.
pub(super) fn texts(options: &[UninterpretedOption]) -> Vec<(String, String)> {
    const READ: [&str; 5] = ["features", "packed", "json_name", "default", "idempotency_level"];
    let texts = options.iter().filter_map(|option| {
        let parts = option.name.iter().map(|part| match part.is_extension {
            true => format!("({})", part.name_part.trim_start_matches('.')),
            false => part.name_part.clone(),
        });
        let name = parts.collect::<Vec<_>>().join(".");
        let first = option.name.first()?;
        let read = !first.is_extension && READ.contains(&first.name_part.as_str());
        (!read).then(|| (name, value(option)))
    });
    texts.collect()
}

fn value(option: &UninterpretedOption) -> String {
    let word = option.identifier_value.clone();
    let natural = || option.positive_int_value.map(|it| it.to_string());
    let integer = || option.negative_int_value.map(|it| it.to_string());
    let float = || option.double_value.map(|it| it.to_string());
    let text = || option.string_value.as_ref().map(|it| format!("\"{}\"", escaped(it)));
    let aggregate = || option.aggregate_value.as_ref().map(|it| format!("{{ {it} }}"));
    let value = word.or_else(natural).or_else(integer).or_else(float).or_else(text);
    value.or_else(aggregate).unwrap_or_default()
}

/// protoc's `CEscape`.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'\\' | b'\'' | b'"' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            byte => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text
}
