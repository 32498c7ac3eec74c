//! The shapes that each method has had: all that a peer can tell of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use crate::{
    history::{Contents, History, Kind, Timelines},
    schema::{FieldType, FullName, Method, Names, Schema, Service},
};

/// The service is there, and the method is not.
pub(super) const NO_METHOD: u32 = 0;
/// Neither is there.
pub(super) const NO_SERVICE: u32 = 1;
/// Nobody knows.
pub(super) const UNKNOWN: u32 = 2;
/// The first number of a shape.
pub(super) const FIRST: u32 = 3;

/// The methods of a history, and their shapes.
pub(super) struct Shapes {
    pub(super) methods: Vec<FullName>,
    /// By class of the history, then by method: the number of its shape.
    pub(super) rows: Vec<Vec<u32>>,
    /// By method: its shapes, from number [`FIRST`] on.
    pub(super) known: Vec<Vec<Shape>>,
}

/// A method as some releases have it, cut out of their schemas: by the folder of a copy, and by an
/// empty name out of the schema itself.
pub(super) type Shape = BTreeMap<String, Schema>;

/// What tells shapes apart: the method itself, and by address the types that its calls carry.
type Signature = (FullName, FullName, FullName, [bool; 2], String, Vec<usize>);

/// `any` are the messages that travel in `google.protobuf.Any`.
pub(super) fn shapes(history: &History, any: &[Names]) -> Shapes {
    let timelines = Timelines::new(history);
    let timelines = timelines.of(&[Kind::Method]);
    let (mut methods, mut hidden) = (Vec::new(), Vec::new());
    for timeline in timelines {
        methods.push(timeline.name.clone());
        let classes = timeline.unknown.iter().map(|it| history.class_of[*it]);
        hidden.push(classes.collect::<BTreeSet<usize>>());
    }
    let mut known: Vec<Vec<Shape>> = methods.iter().map(|_| Vec::new()).collect();
    let mut numbers: Vec<HashMap<Vec<(&str, Signature)>, u32>> =
        methods.iter().map(|_| HashMap::new()).collect();
    let mut rows = Vec::with_capacity(history.classes.len());
    // Not all signatures have to be in memory at once.
    for classes in history.classes.chunks(32) {
        let all: Vec<Vec<Vec<(&str, Signature)>>> = classes
            .par_iter()
            .map(|class| {
                let of = |name| signatures(&class.contents, name, any);
                methods.iter().map(of).collect()
            })
            .collect();
        for (class, signatures) in classes.iter().zip(all) {
            let at = rows.len();
            let contents = &class.contents;
            let row = signatures.into_iter().enumerate().map(|(method, signature)| {
                if signature.is_empty() {
                    return absent(contents, &methods[method], hidden[method].contains(&at));
                }
                let next = FIRST + known[method].len() as u32;
                *numbers[method].entry(signature).or_insert_with(|| {
                    known[method].push(cut_out(contents, &methods[method], any));
                    next
                })
            });
            rows.push(row.collect());
        }
    }
    Shapes { methods, rows, known }
}

fn absent(contents: &Contents, method: &FullName, hidden: bool) -> u32 {
    let service = contents.schemas().any(|it| it.services.contains_key(method.parent()));
    match service {
        _ if hidden => UNKNOWN,
        true => NO_METHOD,
        false => NO_SERVICE,
    }
}

fn signatures<'h>(
    contents: &'h Contents,
    name: &FullName,
    any: &[Names],
) -> Vec<(&'h str, Signature)> {
    let of = |(root, schema): (&'h str, &'h Schema)| {
        let it = schema.method(name)?;
        let mut types = Vec::new();
        reach(schema, it, any, &mut |_, address| types.push(address));
        types.sort_unstable();
        let http = if it.http.is_empty() { String::new() } else { format!("{:?}", it.http) };
        let streaming = [it.client_streaming, it.server_streaming];
        let (request, response) = (it.request.clone(), it.response.clone());
        Some((root, (it.name.clone(), request, response, streaming, http, types)))
    };
    roots(contents).filter_map(of).collect()
}

/// The schemas of a release, by what they are called in a [`Shape`].
fn roots(contents: &Contents) -> impl Iterator<Item = (&str, &Schema)> {
    let known = match contents {
        Contents::Known(compiled) => Some(compiled),
        Contents::Nothing(_) | Contents::Unknown(_) => None,
    };
    known.into_iter().flat_map(|it| {
        let copies = it.copies.iter().map(|(root, schema)| (root.as_str(), schema));
        std::iter::once(("", &it.schema)).chain(copies)
    })
}

/// A type that calls of a method carry.
enum Carried<'s> {
    Message(&'s FullName),
    Enum(&'s FullName),
}

/// Shows every type that the calls of a method carry, once, and where in memory it is: types that
/// are the same are one value.
fn reach<'s>(
    schema: &'s Schema,
    method: &'s Method,
    any: &[Names],
    see: &mut dyn FnMut(Carried<'s>, usize),
) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open = vec![&method.request, &method.response];
    while let Some(name) = open.pop() {
        if !seen.insert(name.as_str()) {
            continue;
        }
        let Some(message) = schema.messages.get(name) else { continue };
        see(Carried::Message(name), Arc::as_ptr(message) as usize);
        if name.as_str() == "google.protobuf.Any" {
            let inside = |name: &&FullName| any.iter().any(|it| it.covers(name));
            open.extend(schema.messages.keys().filter(inside));
        }
        for field in message.fields.values() {
            match &field.ty {
                FieldType::Message(name) | FieldType::Group(name) => open.push(name),
                FieldType::Enum(name) if seen.insert(name.as_str()) => {
                    if let Some(it) = schema.enums.get(name) {
                        see(Carried::Enum(name), Arc::as_ptr(it) as usize);
                    }
                }
                _ => (),
            }
        }
    }
}

/// Of each schema of a release, what a method consists of.
fn cut_out(contents: &Contents, name: &FullName, any: &[Names]) -> Shape {
    let of = |(root, schema): (&str, &Schema)| {
        let method = schema.method(name)?;
        let mut cut = Schema::default();
        reach(schema, method, any, &mut |carried, _| match carried {
            Carried::Message(name) => {
                cut.messages.extend(schema.messages.get_key_value(name).map(pair));
            }
            Carried::Enum(name) => {
                cut.enums.extend(schema.enums.get_key_value(name).map(pair));
            }
        });
        let service = FullName::new(name.parent());
        let methods = BTreeMap::from([(name.clone(), method.clone())]);
        let alone = Service { name: service.clone(), methods };
        cut.services.insert(service, Arc::new(alone));
        for name in cut.messages.keys().chain(cut.enums.keys()).chain(cut.services.keys()) {
            let found = schema.sites.files.get_key_value(name);
            cut.sites.files.extend(found.map(pair));
        }
        Some((root.to_owned(), cut))
    };
    roots(contents).filter_map(of).collect()
}

fn pair<V>((name, value): (&FullName, &Arc<V>)) -> (FullName, Arc<V>) {
    (name.clone(), value.clone())
}

/// A release that lacks the method; the service may be there all the same.
pub(super) fn lacking(method: &FullName, key: u32) -> Schema {
    let mut schema = Schema::default();
    if key == NO_METHOD {
        let name = FullName::new(method.parent());
        let empty = Service { name: name.clone(), methods: BTreeMap::new() };
        schema.services.insert(name, Arc::new(empty));
    }
    schema
}
