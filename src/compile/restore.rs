//! Puts back into a parsed file what the pre-pass took out.

use std::collections::HashMap;

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FieldOptions, FileDescriptorProto,
    UninterpretedOption,
};

use super::prepass::{DEFAULT, Prepared};

/// A place as the parser counts: line and byte column, from 0.
type Place = (i32, i32);

pub(super) fn restore(file: &mut FileDescriptorProto, source: &str, side: &Prepared) {
    if side.edition.is_some() {
        file.syntax = Some("editions".to_owned());
    }
    let places = Places::new(source);
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let spans: HashMap<Vec<i32>, (Place, Place)> =
        locations.filter_map(|it| Some((it.path.clone(), bounds(&it.span)?))).collect();
    let all = |offsets: &mut dyn Iterator<Item = usize>| -> Vec<Place> {
        offsets.map(|offset| places.of(offset)).collect()
    };
    let restoring = Restoring {
        editions: side.edition.is_some(),
        spans,
        negative: all(&mut side.negative.iter().copied()),
        numbers: side.numbers.iter().map(|&(at, number)| (places.of(at), number)).collect(),
        reserved: side.reserved.iter().map(|(at, name)| (places.of(*at), &**name)).collect(),
    };
    for (index, message) in file.message_type.iter_mut().enumerate() {
        restoring.message(message, &[4, index as i32]);
    }
    for (index, item) in file.enum_type.iter_mut().enumerate() {
        restoring.enumeration(item, &[5, index as i32]);
    }
    for (index, field) in file.extension.iter_mut().enumerate() {
        restoring.field(field, &[7, index as i32]);
    }
}

struct Restoring<'s> {
    editions: bool,
    spans: HashMap<Vec<i32>, (Place, Place)>,
    negative: Vec<Place>,
    numbers: Vec<(Place, i32)>,
    reserved: Vec<(Place, &'s str)>,
}

impl Restoring<'_> {
    fn message(&self, message: &mut DescriptorProto, path: &[i32]) {
        let below = |tag: i32, index: usize| [path, &[tag, index as i32]].concat();
        for (index, field) in message.field.iter_mut().enumerate() {
            self.field(field, &below(2, index));
        }
        for (index, field) in message.extension.iter_mut().enumerate() {
            self.field(field, &below(6, index));
        }
        // A name is reserved by the innermost that holds the statement.
        let inner: Vec<(Place, Place)> = (0..message.nested_type.len())
            .map(|index| below(3, index))
            .chain((0..message.enum_type.len()).map(|index| below(4, index)))
            .filter_map(|path| self.spans.get(&path).copied())
            .collect();
        message.reserved_name.extend(self.names(path, &inner));
        if self.editions {
            entries(message);
        }
        for (index, nested) in message.nested_type.iter_mut().enumerate() {
            self.message(nested, &below(3, index));
        }
        for (index, nested) in message.enum_type.iter_mut().enumerate() {
            self.enumeration(nested, &below(4, index));
        }
    }

    fn enumeration(&self, item: &mut EnumDescriptorProto, path: &[i32]) {
        item.reserved_name.extend(self.names(path, &[]));
    }

    fn names(&self, path: &[i32], inner: &[(Place, Place)]) -> Vec<String> {
        let Some(span) = self.spans.get(path) else { return Vec::new() };
        let all = between(&self.reserved, |(at, _)| *at, span).iter();
        let own = all.filter(|(at, _)| !inner.iter().any(|inner| within(*at, inner)));
        own.map(|(_, name)| (*name).to_owned()).collect()
    }

    fn field(&self, field: &mut FieldDescriptorProto, path: &[i32]) {
        let Some(span) = self.spans.get(path) else { return };
        if let Some((_, number)) = between(&self.numbers, |(at, _)| *at, span).first() {
            field.number = Some(*number);
        }
        if !self.editions {
            return;
        }
        let Some(FieldOptions { uninterpreted_option: options, .. }) = &mut field.options else {
            return;
        };
        let is_default = |it: &UninterpretedOption| matches!(&*it.name, [part] if part.name_part == DEFAULT && !part.is_extension);
        let Some(at) = options.iter().position(is_default) else { return };
        let option = options.remove(at);
        let negative = !between(&self.negative, |at| *at, span).is_empty();
        let sign = if negative { "-" } else { "" };
        let word = option.identifier_value.map(|word| format!("{sign}{word}"));
        let natural = || option.positive_int_value.map(|it| it.to_string());
        let integer = || option.negative_int_value.map(|it| it.to_string());
        let float = || option.double_value.map(|it| it.to_string());
        let text = || option.string_value.as_ref().map(|it| text(field.r#type, it));
        field.default_value = word.or_else(natural).or_else(integer).or_else(float).or_else(text);
    }
}

/// The features of a map are those of its keys and values.
fn entries(message: &mut DescriptorProto) {
    let DescriptorProto { field, nested_type, .. } = message;
    let mut features: HashMap<&str, Vec<&UninterpretedOption>> = HashMap::new();
    for map in field.iter() {
        let options = map.options.iter().flat_map(|it| &it.uninterpreted_option);
        let of_features = |it: &&UninterpretedOption| {
            it.name.first().is_some_and(|part| part.name_part == "features" && !part.is_extension)
        };
        let options: Vec<&UninterpretedOption> = options.filter(of_features).collect();
        if !options.is_empty() {
            features.insert(map.type_name().rsplit('.').next().unwrap_or_default(), options);
        }
    }
    for entry in nested_type {
        let is_entry = entry.options.as_ref().is_some_and(|it| it.map_entry());
        let of_map = entry.name.as_deref().and_then(|name| features.get(name)).filter(|_| is_entry);
        for part in entry.field.iter_mut().filter(|_| of_map.is_some()) {
            let options = &mut part.options.get_or_insert_default().uninterpreted_option;
            options.extend(of_map.into_iter().flatten().map(|&it| it.clone()));
        }
    }
}

/// As protoc has it in descriptors: a string as it is, bytes with escapes.
fn text(ty: Option<i32>, value: &[u8]) -> String {
    if ty == Some(prost_types::field_descriptor_proto::Type::Bytes as i32) {
        return super::options::escaped(value);
    }
    String::from_utf8_lossy(value).into_owned()
}

fn bounds(span: &[i32]) -> Option<(Place, Place)> {
    match *span {
        [line, column, end] => Some(((line, column), (line, end))),
        [line, column, end_line, end] => Some(((line, column), (end_line, end))),
        _ => None,
    }
}

fn within(at: Place, (start, end): &(Place, Place)) -> bool {
    *start <= at && at < *end
}

/// Those of some items, in the order of their places, that are inside an element.
fn between<'i, T>(
    items: &'i [T],
    place: fn(&T) -> Place,
    (start, end): &(Place, Place),
) -> &'i [T] {
    let from = items.partition_point(|it| place(it) < *start);
    let to = items.partition_point(|it| place(it) < *end);
    &items[from..to.max(from)]
}

/// Where each line of a source begins.
struct Places(Vec<usize>);

impl Places {
    fn new(source: &str) -> Places {
        let breaks = source.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        Places(std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect())
    }

    fn of(&self, offset: usize) -> Place {
        let line = self.0.partition_point(|&start| start <= offset).saturating_sub(1);
        (line as i32, (offset - self.0[line]) as i32)
    }
}
