//! The standard options that change what a program reads or writes. After the parser they are
//! uninterpreted; in a descriptor set they are read.

use prost_types::{
    FieldDescriptorProto, FieldOptions, MessageOptions, UninterpretedOption,
    uninterpreted_option::NamePart,
};

/// The `packed` option of a field, where it is written.
pub(super) fn packed(field: &FieldDescriptorProto) -> Option<bool> {
    let FieldOptions { packed, uninterpreted_option, .. } = field.options.as_ref()?;
    packed.or_else(|| boolean(uninterpreted_option, "packed"))
}

/// The message is the entry of a map.
pub(super) fn map_entry(options: Option<&MessageOptions>) -> bool {
    options.is_some_and(|it| it.map_entry.unwrap_or(false))
}

fn boolean(options: &[UninterpretedOption], name: &str) -> Option<bool> {
    let option = options.iter().find(|option| is_named(&option.name, name))?;
    match option.identifier_value.as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    }
}

fn is_named(parts: &[NamePart], name: &str) -> bool {
    matches!(parts, [part] if !part.is_extension && part.name_part == name)
}
