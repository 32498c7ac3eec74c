//! A file's descriptor, as it comes from the parser or out of a descriptor set → [`Unit`].

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    ServiceDescriptorProto, UninterpretedOption,
    field_descriptor_proto::{self, Type},
};

use super::{
    features::{Edition, Features, Presence},
    limits::{LONGEST_NAME, MOST_NAMES, is_identifier, package_fault},
    options,
    remarks::Comments,
    unit::{
        Extension, Import, Label, Unit, UnitField, UnitMessage, UnitMethod, UnitService, UnitType,
    },
};
use crate::{
    excerpt::short,
    schema::{Enum, EnumValue, FullName, Options, Places, Scalar, json_name},
};

/// A mistake in a file: what is wrong, and the line and column of where, from 1.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) place: Option<(u32, u32)>,
}

/// The tags of `descriptor.proto` that lead to the elements, for paths of source positions.
mod tag {
    pub(super) const PACKAGE: i32 = 2;
    pub(super) const DEPENDENCY: i32 = 3;
    pub(super) const MESSAGE: i32 = 4;
    pub(super) const ENUM: i32 = 5;
    pub(super) const SERVICE: i32 = 6;
    pub(super) const EXTENSION: i32 = 7;
    pub(super) const FIELD: i32 = 2;
    pub(super) const NESTED: i32 = 3;
    pub(super) const NESTED_ENUM: i32 = 4;
    pub(super) const NESTED_EXTENSION: i32 = 6;
    pub(super) const MEMBER: i32 = 2;
}

/// `column` turns a line and a byte column, both from 0, into a column in characters, from 1.
pub(super) fn lower(
    file: &FileDescriptorProto,
    edition: Edition,
    column: &dyn Fn(u32, u32) -> u32,
) -> (Unit, Vec<Fault>) {
    let options = file.options.as_ref().map_or(&[][..], |it| &it.uninterpreted_option);
    let features = edition.defaults().with(options);
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    // Elements stand at paths of even length; odd ones are their names and types.
    let stands = |path: &[i32]| path.len().is_multiple_of(2) || path == [tag::PACKAGE];
    let spans = locations.filter(|it| stands(&it.path) && it.span.len() >= 3);
    let spans = spans.map(|it| (it.path.as_slice(), (it.span[0] as u32, it.span[1] as u32)));
    let mut lowering = Lowering {
        spans: spans.collect(),
        column,
        unit: Unit {
            package: file.package().to_owned(),
            go_package: options::go_package(file.options.as_ref()),
            ..Unit::default()
        },
        places: Places::default(),
        options: Options::default(),
        faults: Vec::new(),
        named: 0,
        comments: Comments::of(file),
    };
    lowering.file(file, features);
    let Lowering { mut unit, places, options, faults, comments, .. } = lowering;
    unit.remarks.extend(comments.rest());
    unit.places = Arc::new(places);
    unit.options = Arc::new(options);
    (unit, faults)
}

struct Lowering<'f> {
    spans: HashMap<&'f [i32], (u32, u32), foldhash::fast::RandomState>,
    column: &'f dyn Fn(u32, u32) -> u32,
    unit: Unit,
    /// Every name of the file; a place is (0, 0) where it is not known.
    places: Places,
    options: Options,
    faults: Vec<Fault>,
    /// How many bytes the names add up to.
    named: usize,
    comments: Comments<'f>,
}

impl<'f> Lowering<'f> {
    fn file(&mut self, file: &'f FileDescriptorProto, features: Features) {
        for (index, name) in file.dependency.iter().enumerate() {
            let index = index as i32;
            self.unit.imports.push(Import {
                name: name.clone(),
                public: file.public_dependency.contains(&index),
                place: self.place(&[tag::DEPENDENCY, index]),
            });
        }
        let package = file.package();
        if let Some(message) = package_fault(package) {
            return self.fault(message, &[tag::PACKAGE]);
        }
        for (it, path) in indexed(&file.message_type, &[], tag::MESSAGE) {
            self.message(it, package, path, features);
        }
        for (it, path) in indexed(&file.enum_type, &[], tag::ENUM) {
            self.enumeration(it, package, &path, features);
        }
        for (it, path) in indexed(&file.service, &[], tag::SERVICE) {
            self.service(it, package, &path);
        }
        for (it, path) in indexed(&file.extension, &[], tag::EXTENSION) {
            self.extension(it, package, &path, features);
        }
    }

    /// Nesting is no deeper than the parser, or prost's decoder, lets through.
    fn message(
        &mut self,
        message: &'f DescriptorProto,
        scope: &str,
        path: Vec<i32>,
        features: Features,
    ) {
        let name = self.declare(scope, message.name(), &path);
        let options = message.options.as_ref().map_or(&[][..], |it| &it.uninterpreted_option);
        let features = features.with(options);
        self.option_texts(&name, options);
        let oneof = |field: &FieldDescriptorProto| {
            let index = field.oneof_index.filter(|_| !field.proto3_optional())?;
            let index = usize::try_from(index).ok()?;
            Some((message.oneof_decl.get(index)?, index))
        };
        let oneofs = message.oneof_decl.iter().map(|it| join(name.as_str(), it.name()));
        let oneofs: Vec<FullName> = oneofs.collect();
        let map_entry = options::map_entry(message.options.as_ref());
        let mut fields: Vec<UnitField> = Vec::with_capacity(message.field.len());
        let mut numbers: HashMap<u32, usize, foldhash::fast::RandomState> = HashMap::default();
        for (it, path) in indexed(&message.field, &path, tag::FIELD) {
            let field_name = self.declare(name.as_str(), it.name(), &path);
            let options = oneof(it).and_then(|(oneof, _)| oneof.options.as_ref());
            let options = options.map_or(&[][..], |it| &it.uninterpreted_option);
            let mut features = features.with(options);
            // A map is written in one way, whatever the file says of messages; and its keys and
            // values are always there.
            if map_entry {
                features = Features { delimited: false, presence: Presence::Implicit, ..features };
            }
            let mut field = self.field(it, field_name, features);
            field.oneof = oneof(it).map(|(_, index)| oneofs[index].clone());
            if let Some(&first) = numbers.get(&field.number) {
                let message = format!(
                    "field number {} is used by `{}` and by `{}`",
                    field.number,
                    short(fields[first].name.leaf()),
                    short(field.name.leaf())
                );
                self.fault(message, &path);
            }
            numbers.insert(field.number, fields.len());
            fields.push(field);
        }
        self.unit.messages.push(UnitMessage {
            name: name.clone(),
            fields,
            map_entry,
            legacy_json: features.legacy_json,
            message_set: options::message_set(message.options.as_ref()),
        });
        for (it, path) in indexed(&message.nested_type, &path, tag::NESTED) {
            self.message(it, name.as_str(), path, features);
        }
        for (it, path) in indexed(&message.enum_type, &path, tag::NESTED_ENUM) {
            self.enumeration(it, name.as_str(), &path, features);
        }
        for (it, path) in indexed(&message.extension, &path, tag::NESTED_EXTENSION) {
            self.extension(it, name.as_str(), &path, features);
        }
    }

    fn enumeration(
        &mut self,
        item: &'f EnumDescriptorProto,
        scope: &str,
        path: &[i32],
        features: Features,
    ) {
        let name = self.declare(scope, item.name(), path);
        let options = item.options.as_ref().map_or(&[][..], |it| &it.uninterpreted_option);
        let features = features.with(options);
        self.option_texts(&name, options);
        let mut values: BTreeMap<i32, EnumValue> = BTreeMap::new();
        for (it, path) in indexed(&item.value, path, tag::MEMBER) {
            let value_name = self.declare(name.as_str(), it.name(), &path);
            match values.get_mut(&it.number()) {
                Some(first) => {
                    first.aliases.push(it.name().to_owned());
                }
                None => {
                    let number = it.number();
                    let value = EnumValue { name: value_name, number, aliases: Vec::new() };
                    values.insert(number, value);
                }
            }
        }
        values.values_mut().for_each(|value| value.aliases.sort());
        let Features { open, legacy_json, .. } = features;
        let first = item.value.first().map_or(0, |it| it.number());
        self.unit.enums.push(Arc::new(Enum { name, open, legacy_json, values, first }));
    }

    fn service(&mut self, service: &'f ServiceDescriptorProto, scope: &str, path: &[i32]) {
        let name = self.declare(scope, service.name(), path);
        if let Some(options) = &service.options {
            self.option_texts(&name, &options.uninterpreted_option);
        }
        let mut methods = Vec::with_capacity(service.method.len());
        for (it, path) in indexed(&service.method, path, tag::MEMBER) {
            let name = self.declare(name.as_str(), it.name(), &path);
            if let Some(options) = &it.options {
                self.option_texts(&name, &options.uninterpreted_option);
            }
            methods.push(UnitMethod {
                name,
                request: it.input_type().to_owned(),
                response: it.output_type().to_owned(),
                client_streaming: it.client_streaming(),
                server_streaming: it.server_streaming(),
                idempotency: options::idempotency(it.options.as_ref()),
            });
        }
        self.unit.services.push(UnitService { name, methods });
    }

    fn extension(
        &mut self,
        field: &'f FieldDescriptorProto,
        scope: &str,
        path: &[i32],
        features: Features,
    ) {
        let name = self.declare(scope, field.name(), path);
        let mut lowered = self.field(field, name, features);
        // A descriptor may hold the name that a field would have.
        lowered.json_name = format!("[{}]", lowered.name).into();
        // An extension always has presence.
        if lowered.label == Label::None {
            lowered.label = Label::Optional;
        }
        let extendee = field.extendee().to_owned();
        self.unit.extensions.push(Extension { extendee, field: lowered });
    }

    fn field(
        &mut self,
        field: &FieldDescriptorProto,
        name: FullName,
        features: Features,
    ) -> UnitField {
        let options = field.options.as_ref().map_or(&[][..], |it| &it.uninterpreted_option);
        let features = features.with(options);
        self.option_texts(&name, options);
        let label = match field.label() {
            field_descriptor_proto::Label::Repeated => Label::Repeated,
            field_descriptor_proto::Label::Required => Label::Required,
            // The parser says "optional" where nothing is written, as protoc does.
            field_descriptor_proto::Label::Optional if field.proto3_optional() => Label::Optional,
            field_descriptor_proto::Label::Optional if field.oneof_index.is_some() => {
                Label::Optional
            }
            field_descriptor_proto::Label::Optional => Label::None,
        };
        UnitField {
            number: u32::try_from(field.number()).unwrap_or_default(),
            label,
            ty: field_type(field),
            json_name: match &field.json_name {
                Some(name) => name.as_str().into(),
                None => json_name(field.name()).into(),
            },
            oneof: None,
            default: default(field),
            packed: options::packed(field),
            features,
            name,
        }
    }

    /// Takes the name, which must be new in this file, and its place.
    fn declare(&mut self, scope: &str, name: &str, path: &[i32]) -> FullName {
        let known = self.named;
        self.named = known.saturating_add(scope.len() + name.len());
        if self.named > MOST_NAMES {
            if known <= MOST_NAMES {
                self.fault("the names up to here add up to more than 64 MB".to_owned(), path);
            }
            return FullName::new("");
        }
        let full = join(scope, name);
        if full.as_str().len() > LONGEST_NAME {
            self.fault(format!("`{}` is a longer name than protoc takes", short(name)), path);
        }
        if !is_identifier(name) {
            self.fault(format!("`{}` is not a name", short(name)), path);
        }
        let place = self.place(path).unwrap_or_default();
        self.unit.remarks.extend(self.comments.take(path, &full, place));
        if self.places.insert(full.clone(), place).is_some() {
            self.fault(format!("`{}` is declared twice", short(full.as_str())), path);
        }
        full
    }

    fn option_texts(&mut self, name: &FullName, options: &[UninterpretedOption]) {
        let texts = options::texts(options);
        if !texts.is_empty() {
            self.options.insert(name.clone(), texts);
        }
    }

    fn place(&self, path: &[i32]) -> Option<(u32, u32)> {
        let &(line, column) = self.spans.get(path)?;
        Some((line.saturating_add(1), (self.column)(line, column)))
    }

    fn fault(&mut self, message: String, path: &[i32]) {
        let place = self.place(path);
        self.faults.push(Fault { message, place });
    }
}

fn indexed<'a, T>(
    items: &'a [T],
    path: &[i32],
    tag: i32,
) -> impl Iterator<Item = (&'a T, Vec<i32>)> {
    let path = path.to_vec();
    items.iter().enumerate().map(move |(index, item)| {
        let mut path = path.clone();
        path.extend([tag, index as i32]);
        (item, path)
    })
}

pub(super) fn join(scope: &str, name: &str) -> FullName {
    if scope.is_empty() { FullName::new(name) } else { FullName::new(&format!("{scope}.{name}")) }
}

/// The default in one spelling: compilers print floats in their own ways.
fn default(field: &FieldDescriptorProto) -> Option<String> {
    let written = field.default_value.as_deref()?;
    // There is no type yet where the value is one of an enum, which may be named `inf`.
    let number = match field.r#type.map(|_| field.r#type()) {
        Some(Type::Float) => written.parse::<f32>().ok().map(|it| it.to_string()),
        Some(Type::Double) => written.parse::<f64>().ok().map(|it| it.to_string()),
        _ => None,
    };
    let default = number.unwrap_or_else(|| written.to_owned());
    // What an unset field reads as in any case need not be said.
    let zero = match field.r#type() {
        Type::String | Type::Bytes => "",
        Type::Bool => "false",
        _ => "0",
    };
    (default != zero).then_some(default)
}

fn field_type(field: &FieldDescriptorProto) -> UnitType {
    let named = || field.type_name().to_owned();
    // The parser leaves the type out where only linking can tell a message from an enum.
    if field.r#type.is_none() {
        return UnitType::Named(named());
    }
    UnitType::Scalar(match field.r#type() {
        Type::Message | Type::Enum => return UnitType::Named(named()),
        Type::Group => return UnitType::Group(named()),
        Type::Double => Scalar::Double,
        Type::Float => Scalar::Float,
        Type::Int32 => Scalar::Int32,
        Type::Int64 => Scalar::Int64,
        Type::Uint32 => Scalar::Uint32,
        Type::Uint64 => Scalar::Uint64,
        Type::Sint32 => Scalar::Sint32,
        Type::Sint64 => Scalar::Sint64,
        Type::Fixed32 => Scalar::Fixed32,
        Type::Fixed64 => Scalar::Fixed64,
        Type::Sfixed32 => Scalar::Sfixed32,
        Type::Sfixed64 => Scalar::Sfixed64,
        Type::Bool => Scalar::Bool,
        Type::String => Scalar::String,
        Type::Bytes => Scalar::Bytes,
    })
}
