//! What protoc reads in `testdata/protoc` is what we read there.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Debug,
};

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    field_descriptor_proto::{Label, Type},
    method_options::IdempotencyLevel,
};
use protoskew::{
    compile::{Input, Layout, Units, compile_all, inside},
    schema::{
        Cardinality, EnumValue, Field, FieldType, FullName, Idempotency, Method, Scalar, Schema,
    },
};

#[path = "support/protoc.rs"]
mod oracle;
mod support;

use oracle::{Corpus, corpus, in_corpus, is_ours, source};

/// Sources and descriptors go one way after they are read, so this finds what is read differently.
#[test]
fn sources_and_their_descriptors_are_one_schema() {
    let Some(Corpus { bytes, ours, .. }) = corpus() else { return };
    let theirs = Input::Descriptors { name: "protoc's", bytes };
    let theirs = compile_all(&[theirs], &Layout::default(), &Units::default()).pop();
    let theirs = theirs.expect("one in, one out").expect("it was written by protoc");
    assert!(theirs.problems.is_empty(), "{:?}", theirs.problems);
    let (ours, theirs) = (&ours.schema, &theirs.schema);
    let mut differences = unequal(|it| &it.services, ours, theirs);
    differences.extend(unequal(|it| &it.messages, ours, theirs));
    differences.extend(unequal(|it| &it.enums, ours, theirs));
    assert_eq!(deprecated(ours), deprecated(theirs));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Of the other options that are kept as text, those of extensions that nobody knows are not in a
/// set.
fn deprecated(schema: &Schema) -> BTreeSet<&FullName> {
    let deprecated = |it: &(String, String)| it.0 == "deprecated" && it.1 == "true";
    let options = schema.sites.files.values().flat_map(|file| file.options.iter());
    let ours = options.filter(|(name, _)| is_ours(schema, name));
    ours.filter(|(_, all)| all.iter().any(deprecated)).map(|(name, _)| name).collect()
}

fn unequal<V: Debug + PartialEq>(
    of: fn(&Schema) -> &BTreeMap<FullName, V>,
    ours: &Schema,
    theirs: &Schema,
) -> Vec<String> {
    let names = [ours, theirs].into_iter().flat_map(|schema| {
        // What protobuf brings is newer with protoc.
        of(schema).keys().filter(|name| is_ours(schema, name))
    });
    let names: BTreeSet<&FullName> = names.collect();
    let [ours, theirs] = [ours, theirs].map(of);
    let unequal = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
    let unequal = unequal.map(|name| {
        let [ours, theirs] = [ours, theirs].map(|it| format!("{:#?}", it.get(name)));
        let diff = similar::TextDiff::from_lines(&*ours, &*theirs);
        format!("{name}\n{}", diff.unified_diff().header("sources", "descriptors"))
    });
    unequal.collect()
}

/// protoc's set as prost has it, and nothing of ours between.
#[test]
fn names_numbers_types_and_defaults_are_protocs() {
    let Some(Corpus { set, ours, .. }) = corpus() else { return };
    let schema = &ours.schema;
    let mut reader = Reader { schema, seen: BTreeSet::new(), differences: Vec::new() };
    for file in set.file.iter().filter(|file| in_corpus(file.name())) {
        reader.file(file);
    }
    assert!(reader.differences.is_empty(), "{}", reader.differences.join("\n"));
    let fields = schema.messages.values().flat_map(|it| it.fields.values().map(|it| &it.name));
    let values = schema.enums.values().flat_map(|it| it.values.values().map(|it| &it.name));
    let methods = schema.methods().map(|it| &it.name);
    let names = schema.services.keys().chain(schema.messages.keys()).chain(schema.enums.keys());
    let names = names.chain(fields).chain(values).chain(methods);
    let more: Vec<&FullName> =
        names.filter(|name| is_ours(schema, name) && !reader.seen.contains(*name)).collect();
    assert_eq!(more, [] as [&FullName; 0], "protoc has no such elements");
}

struct Reader<'s> {
    schema: &'s Schema,
    seen: BTreeSet<FullName>,
    differences: Vec<String>,
}

impl Reader<'_> {
    fn file(&mut self, file: &FileDescriptorProto) {
        let package = file.package();
        for service in &file.service {
            let name = self.name(package, service.name());
            for method in &service.method {
                let full = self.name(name.as_str(), method.name());
                let ours = self.schema.method(&full);
                let options = method.options.as_ref();
                let method = Method {
                    name: full,
                    request: FullName::new(method.input_type()),
                    response: FullName::new(method.output_type()),
                    client_streaming: method.client_streaming(),
                    server_streaming: method.server_streaming(),
                    // An extension, of which prost knows nothing.
                    http: ours.map(|it| it.http.clone()).unwrap_or_default(),
                    idempotency: match options.map(|it| it.idempotency_level()) {
                        Some(IdempotencyLevel::NoSideEffects) => Idempotency::NoSideEffects,
                        Some(IdempotencyLevel::Idempotent) => Idempotency::Idempotent,
                        _ => Idempotency::Unknown,
                    },
                };
                self.same(&method.name, ours, Some(&method));
            }
        }
        for message in &file.message_type {
            self.message(file.syntax(), package, message);
        }
        for item in &file.enum_type {
            self.enumeration(package, item);
        }
        for field in &file.extension {
            self.extension(file.syntax(), package, field);
        }
    }

    fn message(&mut self, syntax: &str, scope: &str, message: &DescriptorProto) {
        let name = self.name(scope, message.name());
        let Some(ours) = self.schema.messages.get(&name) else {
            return self.differences.push(format!("there is no {name}"));
        };
        let map_entry = message.options.as_ref().is_some_and(|it| it.map_entry());
        self.same(&name, ours.map_entry, map_entry);
        let message_set = message.options.as_ref().is_some_and(|it| it.message_set_wire_format());
        self.same(&name, ours.message_set, message_set);
        for theirs in &message.field {
            let oneof = theirs.oneof_index.filter(|_| !theirs.proto3_optional());
            let oneof = oneof.map(|index| message.oneof_decl[index as usize].name());
            let oneof = oneof.map(|oneof| FullName::new(&format!("{name}.{oneof}")));
            let full = self.name(name.as_str(), theirs.name());
            if let Some(ours) = self.field(syntax, &name, full, theirs) {
                self.same(&ours.name, &ours.oneof, &oneof);
                self.same(&ours.name, &*ours.json_name, theirs.json_name());
            }
        }
        for nested in &message.nested_type {
            self.message(syntax, name.as_str(), nested);
        }
        for item in &message.enum_type {
            self.enumeration(name.as_str(), item);
        }
        for field in &message.extension {
            self.extension(syntax, name.as_str(), field);
        }
    }

    fn extension(&mut self, syntax: &str, scope: &str, theirs: &FieldDescriptorProto) {
        let name = self.name(scope, theirs.name());
        let extendee = FullName::new(theirs.extendee());
        // Those of options never travel on a call.
        if extendee.parent() == "google.protobuf" {
            self.seen.remove(&name);
            return;
        }
        if let Some(ours) = self.field(syntax, &extendee, name, theirs) {
            self.same(&ours.name, &ours.oneof, &None);
            // As ProtoJSON has it; a descriptor says nothing of that.
            self.same(&ours.name, &*ours.json_name, &*format!("[{}]", ours.name));
        }
    }

    fn field(
        &mut self,
        syntax: &str,
        message: &FullName,
        name: FullName,
        theirs: &FieldDescriptorProto,
    ) -> Option<&'static Field> {
        let number = u32::try_from(theirs.number()).expect("a number");
        let message = corpus()?.ours.schema.messages.get(message);
        let Some(ours) = message.and_then(|it| it.fields.get(&number)) else {
            self.differences.push(format!("there is no {name}"));
            return None;
        };
        self.same(&name, &ours.name, &name);
        self.same(&name, ours.number, number);
        let named = FullName::new(theirs.type_name());
        let (ty, is_message) = match scalar(theirs.r#type()) {
            Some(scalar) => (FieldType::Scalar(scalar), false),
            None if theirs.r#type() == Type::Enum => (FieldType::Enum(named), false),
            // Editions say it by a feature, of which this set says nothing.
            None if matches!(ours.ty, FieldType::Group(_)) && syntax == "editions" => {
                (FieldType::Group(named), true)
            }
            None if theirs.r#type() == Type::Group => (FieldType::Group(named), true),
            None => (FieldType::Message(named), true),
        };
        self.same(&name, &ours.ty, &ty);
        let seen = is_message || theirs.proto3_optional() || theirs.oneof_index.is_some();
        let in_map = self.schema.messages.get(name.parent()).is_some_and(|it| it.map_entry);
        let cardinality = match (theirs.label(), ours.cardinality) {
            (Label::Repeated, Cardinality::Repeated { packed }) => Cardinality::Repeated { packed },
            (Label::Repeated, _) => Cardinality::Repeated { packed: false },
            (Label::Required, _) => Cardinality::Required,
            (Label::Optional, ours) if syntax == "editions" => ours,
            (Label::Optional, _) if (syntax == "proto3" || in_map) && !seen => {
                Cardinality::Implicit
            }
            (Label::Optional, _) => Cardinality::Explicit,
        };
        self.same(&name, ours.cardinality, cardinality);
        let repeated = matches!(ours.cardinality, Cardinality::Repeated { .. });
        self.same(&name, repeated, theirs.label() == Label::Repeated);
        // protoc prints numbers in its own way.
        let value = |text: &str| match theirs.r#type() {
            Type::Float => format!("{:?}", text.parse::<f32>()),
            Type::Double => format!("{:?}", text.parse::<f64>()),
            _ => text.to_owned(),
        };
        // What holds in any case is left out.
        let zero = match theirs.r#type() {
            Type::String | Type::Bytes => "",
            Type::Bool => "false",
            _ => "0",
        };
        let default = theirs.default_value.as_deref().filter(|it| *it != zero);
        self.same(&name, ours.default.as_deref().map(value), default.map(value));
        Some(ours)
    }

    fn enumeration(&mut self, scope: &str, item: &EnumDescriptorProto) {
        let name = self.name(scope, item.name());
        let mut values: BTreeMap<i32, EnumValue> = BTreeMap::new();
        for theirs in &item.value {
            let number = theirs.number();
            match values.get_mut(&number) {
                Some(first) => first.aliases.push(theirs.name().to_owned()),
                None => {
                    let name = self.name(name.as_str(), theirs.name());
                    values.insert(number, EnumValue { name, number, aliases: Vec::new() });
                }
            }
        }
        values.values_mut().for_each(|value| value.aliases.sort());
        let ours = self.schema.enums.get(&name);
        self.same(&name, ours.map(|it| &it.values), Some(&values));
        self.same(&name, ours.map(|it| it.first), item.value.first().map(|it| it.number()));
    }

    fn name(&mut self, scope: &str, name: &str) -> FullName {
        let name = join(scope, name);
        self.seen.insert(name.clone());
        name
    }

    fn same<V: Debug + PartialEq>(&mut self, name: &FullName, ours: V, theirs: V) {
        if ours != theirs {
            self.differences.push(format!("{name}: {ours:?} is {theirs:?}"));
        }
    }
}

fn join(scope: &str, name: &str) -> FullName {
    FullName::new(&format!("{scope}.{name}"))
}

fn scalar(ty: Type) -> Option<Scalar> {
    Some(match ty {
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
        Type::Group | Type::Message | Type::Enum => return None,
    })
}

/// They are in no schema, for they change no bytes.
#[test]
fn reservations_and_ranges_are_protocs() {
    let Some(Corpus { set, .. }) = corpus() else { return };
    for theirs in set.file.iter().filter(|file| in_corpus(file.name())) {
        let ours = inside::descriptor(&source(theirs.name())).expect("it was compiled");
        assert_eq!(reservations(&ours), reservations(theirs), "{}", theirs.name());
    }
}

/// By the name of a message or enum: reserved ranges, extension ranges, reserved names.
type Reservations = BTreeMap<FullName, (Vec<[i32; 2]>, Vec<[i32; 2]>, Vec<String>)>;

fn reservations(file: &FileDescriptorProto) -> Reservations {
    fn of_enum(reservations: &mut Reservations, scope: &str, item: &EnumDescriptorProto) {
        let ranges = item.reserved_range.iter().map(|it| [it.start(), it.end()]).collect();
        let of_enum = (ranges, Vec::new(), item.reserved_name.clone());
        reservations.insert(join(scope, item.name()), of_enum);
    }
    let mut reservations = Reservations::new();
    let mut open: Vec<(FullName, &DescriptorProto)> =
        file.message_type.iter().map(|it| (join(file.package(), it.name()), it)).collect();
    while let Some((name, it)) = open.pop() {
        let reserved = it.reserved_range.iter().map(|it| [it.start(), it.end()]).collect();
        let extensions = it.extension_range.iter().map(|it| [it.start(), it.end()]).collect();
        it.enum_type.iter().for_each(|it| of_enum(&mut reservations, name.as_str(), it));
        open.extend(it.nested_type.iter().map(|it| (join(name.as_str(), it.name()), it)));
        reservations.insert(name, (reserved, extensions, it.reserved_name.clone()));
    }
    file.enum_type.iter().for_each(|it| of_enum(&mut reservations, file.package(), it));
    reservations
}

/// protoc counts columns in bytes, and a tab as up to eight.
#[test]
fn places_are_protocs() {
    let Some(Corpus { set, ours, .. }) = corpus() else { return };
    let mut differences = Vec::new();
    for file in set.file.iter().filter(|file| in_corpus(file.name())) {
        let source = source(file.name());
        let lines: Vec<&str> = source.split('\n').collect();
        let places = places(file);
        assert!(!places.is_empty(), "{}", file.name());
        for (name, line, column) in places {
            let before = lines[line].get(..column).filter(|before| !before.contains('\t'));
            let column = before.map(|before| before.chars().count() as u32 + 1);
            let site = ours.schema.sites.get(&name);
            let same = site.as_ref().is_some_and(|site| {
                *site.file == *file.name()
                    && site.line as usize == line + 1
                    && column.is_none_or(|column| site.column == column)
            });
            if !same {
                differences.push(format!("{name}: {site:?} is {}:{column:?}", line + 1));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Every element with its line and column, from 0.
fn places(file: &FileDescriptorProto) -> Vec<(FullName, usize, usize)> {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let spans = locations.map(|it| (&*it.path, (it.span[0] as usize, it.span[1] as usize)));
    let spans: HashMap<&[i32], (usize, usize)> = spans.collect();
    let mut places = Vec::new();
    // protoc has no place for the entry of a map.
    let mut add = |name: &FullName, path: &[i32]| {
        places.extend(spans.get(path).map(|&(line, column)| (name.clone(), line, column)));
    };
    let package = file.package();
    let mut open: Vec<(FullName, Vec<i32>, &DescriptorProto)> = Vec::new();
    for (at, it) in below(&[], 4, &file.message_type) {
        open.push((join(package, it.name()), at, it));
    }
    let mut enums: Vec<(FullName, Vec<i32>, &EnumDescriptorProto)> = Vec::new();
    for (at, it) in below(&[], 5, &file.enum_type) {
        enums.push((join(package, it.name()), at, it));
    }
    for (at, it) in below(&[], 7, &file.extension) {
        add(&join(package, it.name()), &at);
    }
    for (at, service) in below(&[], 6, &file.service) {
        let name = join(package, service.name());
        add(&name, &at);
        for (at, it) in below(&at, 2, &service.method) {
            add(&join(name.as_str(), it.name()), &at);
        }
    }
    while let Some((name, at, message)) = open.pop() {
        add(&name, &at);
        let inner = |it: &str| join(name.as_str(), it);
        for (at, it) in below(&at, 2, &message.field).chain(below(&at, 6, &message.extension)) {
            add(&inner(it.name()), &at);
        }
        open.extend(below(&at, 3, &message.nested_type).map(|(at, it)| (inner(it.name()), at, it)));
        enums.extend(below(&at, 4, &message.enum_type).map(|(at, it)| (inner(it.name()), at, it)));
    }
    for (name, at, item) in enums {
        add(&name, &at);
        for (at, it) in below(&at, 2, &item.value) {
            add(&join(name.as_str(), it.name()), &at);
        }
    }
    places
}

/// The elements of a list, with their paths.
fn below<'d, T>(
    path: &[i32],
    tag: i32,
    items: &'d [T],
) -> impl Iterator<Item = (Vec<i32>, &'d T)> + use<'d, T> {
    let path = path.to_vec();
    items.iter().enumerate().map(move |(index, it)| ([&*path, &[tag, index as i32]].concat(), it))
}
