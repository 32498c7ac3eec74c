//! Units and what their names refer to → the normal form.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use super::{
    features::Presence,
    http,
    link::{Declared, Linker, Referent, Scope},
    load::Loaded,
    shared::Shared,
    unit::{Label, UnitField, UnitType},
};
use crate::schema::{
    Cardinality, Enum, Field, FieldType, FileSites, FullName, Message, Method, Scalar, Schema,
    Service, Sites,
};

/// A name that no file declares.
pub(super) struct Undeclared {
    /// Index of the file.
    pub(super) file: usize,
    /// The element that uses the name.
    pub(super) user: FullName,
    /// The name as written.
    pub(super) name: String,
    /// What the name had to be.
    pub(super) expected: &'static str,
}

/// The normal form of what some files declare, and of what that refers to.
///
/// `first` are files in the order in which their declarations count: where several declare one
/// name, the first does. `others` are names that are in the schema too, wherever they are declared;
/// for them, files count in `order`.
pub(super) fn normalize(
    loaded: &[Loaded],
    linker: &Linker<'_>,
    shared: &Shared,
    first: &[usize],
    order: &[usize],
    others: &BTreeSet<FullName>,
) -> (Schema, Vec<Undeclared>) {
    let mut normalizer = Normalizer {
        loaded,
        linker,
        shared,
        scopes: HashMap::new(),
        owners: HashMap::default(),
        open: VecDeque::new(),
        schema: Draft::default(),
        undeclared: Vec::new(),
    };
    for &file in first {
        normalizer.declare(file, None);
    }
    for &file in order {
        normalizer.declare(file, Some(others));
    }
    // Extensions bring further types, and those further files with extensions.
    let mut files = BTreeSet::new();
    loop {
        while let Some((file, declared)) = normalizer.open.pop_front() {
            normalizer.element(file, declared);
        }
        let reached: BTreeSet<usize> = normalizer.owners.values().chain(first).copied().collect();
        if files == reached {
            break;
        }
        for &file in reached.difference(&files) {
            normalizer.extensions(file);
        }
        files = reached;
    }
    let sites = normalizer.sites(&files);
    let unread = loaded.iter().filter(|it| it.unread).map(|it| it.path.clone()).collect();
    let Draft { services, messages, enums } = normalizer.schema;
    let schema = Schema { services, messages, enums, sites, unread };
    (schema, normalizer.undeclared)
}

#[derive(Default)]
struct Draft {
    services: BTreeMap<FullName, Arc<Service>>,
    messages: BTreeMap<FullName, Arc<Message>>,
    enums: BTreeMap<FullName, Arc<Enum>>,
}

struct Normalizer<'l> {
    loaded: &'l [Loaded],
    linker: &'l Linker<'l>,
    shared: &'l Shared,
    scopes: HashMap<usize, Arc<Scope>>,
    /// The file whose declaration of a name counts.
    owners: HashMap<FullName, usize, foldhash::fast::RandomState>,
    /// Declarations that count and are not in the schema yet.
    open: VecDeque<(usize, Declared)>,
    schema: Draft,
    undeclared: Vec<Undeclared>,
}

impl Normalizer<'_> {
    /// Takes what a file declares, or those of it that are named.
    fn declare(&mut self, file: usize, named: Option<&BTreeSet<FullName>>) {
        let Loaded { unit, judged, .. } = &self.loaded[file];
        let wanted = |name: &&FullName| named.is_none_or(|named| named.contains(*name));
        let messages = unit.messages.iter().map(|it| &it.name).enumerate();
        for (index, name) in messages.filter(|(_, name)| wanted(name)) {
            self.own(file, name, Declared::Message(index));
        }
        let enums = unit.enums.iter().map(|it| &it.name).enumerate();
        for (index, name) in enums.filter(|(_, name)| wanted(name)) {
            self.own(file, name, Declared::Enum(index));
        }
        let services = unit.services.iter().filter(|_| *judged).map(|it| &it.name).enumerate();
        for (index, name) in services.filter(|(_, name)| wanted(name)) {
            self.own(file, name, Declared::Service(index));
        }
    }

    fn own(&mut self, file: usize, name: &FullName, declared: Declared) {
        if !self.owners.contains_key(name) {
            self.owners.insert(name.clone(), file);
            self.open.push_back((file, declared));
        }
    }

    fn scope(&mut self, file: usize) -> Arc<Scope> {
        let linker = self.linker;
        self.scopes.entry(file).or_insert_with(|| Arc::new(linker.scope(file))).clone()
    }

    fn element(&mut self, file: usize, declared: Declared) {
        let unit = self.loaded[file].unit.clone();
        match declared {
            Declared::Message(index) => {
                let it = &unit.messages[index];
                let fields = it.fields.iter().map(|field| self.field(file, field));
                let message = Message {
                    name: it.name.clone(),
                    fields: fields.collect(),
                    map_entry: it.map_entry,
                    legacy_json: it.legacy_json,
                    message_set: it.message_set,
                };
                self.schema.messages.insert(it.name.clone(), self.shared.message(message));
            }
            Declared::Enum(index) => {
                let it = &unit.enums[index];
                self.schema.enums.insert(it.name.clone(), it.clone());
            }
            Declared::Service(index) => {
                let it = &unit.services[index];
                let methods = it.methods.iter().map(|method| {
                    let mut message = |name: &str| self.message(file, &method.name, name);
                    let normal = Method {
                        name: method.name.clone(),
                        request: message(&method.request),
                        response: message(&method.response),
                        client_streaming: method.client_streaming,
                        server_streaming: method.server_streaming,
                        http: http::bindings(unit.options.get(&method.name)),
                        idempotency: method.idempotency,
                    };
                    (method.name.clone(), normal)
                });
                let service = Service { name: it.name.clone(), methods: methods.collect() };
                self.schema.services.insert(it.name.clone(), Arc::new(service));
            }
        }
    }

    /// What a name refers to; from now on that is part of the schema.
    fn resolve(
        &mut self,
        file: usize,
        user: &FullName,
        name: &str,
        expected: &'static str,
    ) -> Referent {
        let scope = self.scope(file);
        let referent = self.linker.resolve(&scope, name, user.as_str());
        match &referent {
            Referent::Declared(name, at, declared) => self.own(*at, name, *declared),
            Referent::Opaque(_) => (),
            Referent::Undeclared => {
                let (user, name) = (user.clone(), name.to_owned());
                self.undeclared.push(Undeclared { file, user, name, expected });
            }
        }
        referent
    }

    fn message(&mut self, file: usize, user: &FullName, name: &str) -> FullName {
        match self.resolve(file, user, name, "message") {
            Referent::Declared(full, _, Declared::Message(_)) => full,
            // A file that is not imported may declare a message of that name; it is not this one.
            Referent::Opaque(_) | Referent::Undeclared => {
                FullName::new(&format!("..{}", name.trim_start_matches('.')))
            }
            Referent::Declared(full, ..) => {
                let (user, name) = (user.clone(), name.to_owned());
                self.undeclared.push(Undeclared { file, user, name, expected: "message" });
                full
            }
        }
    }

    fn field(&mut self, file: usize, field: &UnitField) -> Field {
        let (ty, map, open) = self.field_type(file, field);
        let packable = match ty {
            FieldType::Scalar(scalar) => !matches!(scalar, Scalar::String | Scalar::Bytes),
            FieldType::Enum(_) => true,
            _ => false,
        };
        let is_message = !packable && !matches!(ty, FieldType::Scalar(_));
        let cardinality = match (field.label, field.features.presence) {
            (Label::Repeated, _) => Cardinality::Repeated {
                packed: packable && field.packed.unwrap_or(field.features.packed),
            },
            (Label::Required, _) | (Label::None, Presence::Required) => Cardinality::Required,
            (Label::Optional, _) | (Label::None, Presence::Explicit) => Cardinality::Explicit,
            (Label::None, Presence::Implicit) if is_message => Cardinality::Explicit,
            (Label::None, Presence::Implicit) => Cardinality::Implicit,
        };
        Field {
            name: field.name.clone(),
            number: field.number,
            map,
            utf8: field.features.utf8 && ty == FieldType::Scalar(Scalar::String),
            closes_enum: field.features.closes_enums && open,
            ty,
            cardinality,
            json_name: field.json_name.clone(),
            oneof: field.oneof.clone(),
            default: field.default.clone(),
        }
    }

    /// The type of a field, whether it is the entry of a map, and whether it is an open enum.
    fn field_type(&mut self, file: usize, field: &UnitField) -> (FieldType, bool, bool) {
        let (name, group) = match &field.ty {
            UnitType::Scalar(scalar) => return (FieldType::Scalar(*scalar), false, false),
            UnitType::Named(name) => (name, field.features.delimited),
            UnitType::Group(name) => (name, true),
        };
        let ty = match self.resolve(file, &field.name, name, "message or enum") {
            Referent::Declared(name, at, Declared::Enum(index)) => {
                let open = self.loaded[at].unit.enums[index].open;
                return (FieldType::Enum(name), false, open);
            }
            Referent::Declared(name, at, Declared::Message(index)) => {
                let entry = self.loaded[at].unit.messages[index].map_entry;
                // A map's entry is never a group, whatever the file says of messages.
                return match group && !entry {
                    true => (FieldType::Group(name), false, false),
                    false => {
                        let map = entry && field.label == Label::Repeated;
                        (FieldType::Message(name), map, false)
                    }
                };
            }
            Referent::Declared(name, ..) => FieldType::Message(name),
            Referent::Opaque(name) => FieldType::Opaque(name),
            Referent::Undeclared => FieldType::Opaque(FullName::new(name)),
        };
        (ty, false, false)
    }

    /// Puts extensions among the fields of what they extend. Those of descriptor options never
    /// travel on a call.
    fn extensions(&mut self, file: usize) {
        let unit = self.loaded[file].unit.clone();
        for it in &unit.extensions {
            let extendee = self.message(file, &it.field.name, &it.extendee);
            let scope = self.scope(file);
            let user = it.field.name.as_str();
            let Referent::Declared(_, at, _) = self.linker.resolve(&scope, &it.extendee, user)
            else {
                continue;
            };
            let is_option =
                extendee.parent() == "google.protobuf" && extendee.leaf().ends_with("Options");
            let owner = self.owners.get(&extendee).copied();
            // Another file's message of that name, which counts here, is not extended.
            let extended = owner.is_some_and(|owner| self.same(owner, at));
            if is_option || !extended || !self.schema.messages.contains_key(&extendee) {
                continue;
            }
            let field = self.field(file, &it.field);
            if let Some(message) = self.schema.messages.get_mut(&extendee) {
                Arc::make_mut(message).fields.add(field);
            }
        }
    }

    /// Where the imports of a file were found: what stands before the name of each.
    fn roots(&self, file: usize) -> Vec<String> {
        let Loaded { unit, imports, .. } = &self.loaded[file];
        // Every compiler brings those of protobuf itself.
        let own = unit.imports.iter().zip(imports);
        let found = own.filter(|(it, _)| !it.name.starts_with("google/protobuf/"));
        let roots: BTreeSet<String> = found
            .filter_map(|(import, link)| {
                let path = &self.loaded[link.as_ref()?.file].path;
                let root = path.strip_suffix(&*import.name)?;
                Some(root.trim_end_matches('/').to_owned())
            })
            .collect();
        roots.into_iter().collect()
    }

    /// The files are one, or copies that say the same.
    fn same(&self, a: usize, b: usize) -> bool {
        let [ours, theirs] = [a, b].map(|file| &self.loaded[file].unit);
        a == b || Arc::ptr_eq(ours, theirs) || ours.same_meaning(theirs)
    }

    fn sites(&self, files: &BTreeSet<usize>) -> Sites {
        let of_file: HashMap<usize, Arc<FileSites>> = files
            .iter()
            .map(|&file| {
                let Loaded { unit, path, judged, .. } = &self.loaded[file];
                let places = unit.places.clone();
                let (path, options) = (path.clone(), unit.options.clone());
                let (go_package, roots) = (unit.go_package.clone(), self.roots(file));
                let judged = *judged;
                let sites = FileSites { path, judged, roots, places, options, go_package };
                (file, Arc::new(sites))
            })
            .collect();
        let owned = self.owners.iter().map(|(name, file)| (name.clone(), of_file[file].clone()));
        let extensions = files.iter().flat_map(|file| {
            let extensions = self.loaded[*file].unit.extensions.iter();
            extensions.map(|it| (it.field.name.clone(), of_file[file].clone()))
        });
        Sites { files: extensions.chain(owned).collect() }
    }
}
