//! Units and what their names refer to → the normal form.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Loaded,
    features::Presence,
    link::{Files, Linker, Referent, Scope},
    unit::{Label, UnitField, UnitType},
};
use crate::{
    imports::is_copy,
    schema::{
        Cardinality, Enum, Field, FieldType, FileSites, FullName, Message, Method, Scalar, Schema,
        Service, Sites,
    },
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

/// A type or service that several files declare, each in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// What is declared.
    pub name: FullName,
    /// The path of the declaration that is used.
    pub used: Arc<str>,
    /// The path of one that is not.
    pub unused: Arc<str>,
}

/// The normal form of all files together.
pub(super) struct Normalized {
    pub(super) schema: Schema,
    pub(super) undeclared: Vec<Undeclared>,
    pub(super) duplicates: Vec<Duplicate>,
}

pub(super) fn normalize(loaded: &[Loaded], files: &Files<'_>) -> Normalized {
    let mut normalizer = Normalizer {
        loaded,
        linker: Linker::new(files),
        owners: BTreeMap::new(),
        messages: BTreeMap::new(),
        enums: BTreeMap::new(),
        services: BTreeMap::new(),
        undeclared: Vec::new(),
    };
    let duplicates = normalizer.choose_owners();
    for file in 0..loaded.len() {
        normalizer.file(file);
    }
    for file in 0..loaded.len() {
        normalizer.extensions(file);
    }
    let sites = normalizer.sites();
    let Normalizer { messages, enums, services, undeclared, .. } = normalizer;
    let messages = messages.into_iter().map(|(name, it)| (name, Arc::new(it))).collect();
    let options = loaded.iter().flat_map(|file| file.unit.options.clone()).collect();
    let schema = Schema { services, messages, enums, options, sites };
    Normalized { schema, undeclared, duplicates }
}

struct Normalizer<'l> {
    loaded: &'l [Loaded],
    linker: Linker<'l>,
    /// The file whose declaration of a name counts.
    owners: BTreeMap<FullName, usize>,
    messages: BTreeMap<FullName, Message>,
    enums: BTreeMap<FullName, Arc<Enum>>,
    services: BTreeMap<FullName, Arc<Service>>,
    undeclared: Vec<Undeclared>,
}

impl Normalizer<'_> {
    /// Where several files declare one name: the one that is judged, is no copy, and lies highest.
    fn choose_owners(&mut self) -> Vec<Duplicate> {
        let mut duplicates = Vec::new();
        let mut order: Vec<usize> = (0..self.loaded.len()).collect();
        order.sort_by_key(|&file| {
            let Loaded { path, judged, .. } = &self.loaded[file];
            (!judged, is_copy(path), path.matches('/').count(), path.clone())
        });
        for file in order {
            let unit = &self.loaded[file].unit;
            let messages = unit.messages.iter().map(|it| &it.name);
            let enums = unit.enums.iter().map(|it| &it.name);
            let services = unit.services.iter().map(|it| &it.name);
            for name in messages.chain(enums).chain(services) {
                let &mut owner = self.owners.entry(name.clone()).or_insert(file);
                if owner != file && !Arc::ptr_eq(&self.loaded[owner].unit, unit) {
                    duplicates.push(Duplicate {
                        name: name.clone(),
                        used: self.loaded[owner].path.clone(),
                        unused: self.loaded[file].path.clone(),
                    });
                }
            }
        }
        duplicates
    }

    fn owns(&self, file: usize, name: &FullName) -> bool {
        self.owners.get(name) == Some(&file)
    }

    fn file(&mut self, file: usize) {
        let Loaded { unit, judged, .. } = &self.loaded[file];
        let scope = self.linker.scope(file);
        for it in unit.messages.iter().filter(|it| self.owns(file, &it.name)).collect::<Vec<_>>() {
            let fields = it.fields.iter();
            let fields = fields.map(|field| (field.number, self.field(file, &scope, field)));
            let fields = fields.collect();
            let message = Message {
                name: it.name.clone(),
                fields,
                map_entry: it.map_entry,
                legacy_json: it.legacy_json,
            };
            self.messages.insert(it.name.clone(), message);
        }
        for it in &unit.enums {
            if self.owns(file, &it.name) {
                self.enums.insert(it.name.clone(), it.clone());
            }
        }
        for it in unit.services.iter().filter(|_| *judged) {
            if !self.owns(file, &it.name) {
                continue;
            }
            let methods = it.methods.iter().map(|method| {
                let mut message = |name: &str| self.message_name(file, &scope, &method.name, name);
                let normal = Method {
                    name: method.name.clone(),
                    request: message(&method.request),
                    response: message(&method.response),
                    client_streaming: method.client_streaming,
                    server_streaming: method.server_streaming,
                };
                (method.name.clone(), normal)
            });
            let service = Service { name: it.name.clone(), methods: methods.collect() };
            self.services.insert(it.name.clone(), Arc::new(service));
        }
    }

    fn message_name(
        &mut self,
        file: usize,
        scope: &Scope,
        user: &FullName,
        name: &str,
    ) -> FullName {
        let (referent, _) = self.linker.resolve(scope, name, user.as_str());
        match referent {
            Referent::Message(name) | Referent::Opaque(name) => name,
            Referent::Enum(_) | Referent::Undeclared => {
                self.undeclared.push(Undeclared {
                    file,
                    user: user.clone(),
                    name: name.to_owned(),
                    expected: "message",
                });
                FullName::new(name)
            }
        }
    }

    fn field(&mut self, file: usize, scope: &Scope, field: &UnitField) -> Field {
        let ty = self.field_type(file, scope, field);
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
            utf8: field.features.utf8 && ty == FieldType::Scalar(Scalar::String),
            ty,
            cardinality,
            json_name: field.json_name.clone(),
            oneof: field.oneof.clone(),
            default: field.default.clone(),
        }
    }

    fn field_type(&mut self, file: usize, scope: &Scope, field: &UnitField) -> FieldType {
        let (name, group) = match &field.ty {
            UnitType::Scalar(scalar) => return FieldType::Scalar(*scalar),
            UnitType::Named(name) => (name, field.features.delimited),
            UnitType::Group(name) => (name, true),
        };
        match self.linker.resolve(scope, name, field.name.as_str()).0 {
            Referent::Message(name) if group => FieldType::Group(name),
            Referent::Message(name) => FieldType::Message(name),
            Referent::Enum(name) => FieldType::Enum(name),
            Referent::Opaque(name) => FieldType::Opaque(name),
            Referent::Undeclared => {
                self.undeclared.push(Undeclared {
                    file,
                    user: field.name.clone(),
                    name: name.clone(),
                    expected: "message or enum",
                });
                FieldType::Opaque(FullName::new(name))
            }
        }
    }

    /// Puts extensions among the fields of what they extend. Those of descriptor options never
    /// travel on a call.
    fn extensions(&mut self, file: usize) {
        let unit = &self.loaded[file].unit;
        if unit.extensions.is_empty() {
            return;
        }
        let scope = self.linker.scope(file);
        for it in &unit.extensions {
            let user = it.field.name.as_str();
            let (referent, _) = self.linker.resolve(&scope, &it.extendee, user);
            let extendee = match referent {
                Referent::Message(name) => name,
                Referent::Opaque(_) => continue,
                Referent::Enum(_) | Referent::Undeclared => {
                    self.undeclared.push(Undeclared {
                        file,
                        user: it.field.name.clone(),
                        name: it.extendee.clone(),
                        expected: "message",
                    });
                    continue;
                }
            };
            let is_option =
                extendee.parent() == "google.protobuf" && extendee.leaf().ends_with("Options");
            if is_option {
                continue;
            }
            let field = self.field(file, &scope, &it.field);
            if let Some(message) = self.messages.get_mut(&extendee) {
                message.fields.entry(field.number).or_insert(field);
            }
        }
    }

    fn sites(&self) -> Sites {
        let mut files = BTreeMap::new();
        for (index, Loaded { unit, path, judged, .. }) in self.loaded.iter().enumerate() {
            let places = unit.places.clone();
            let sites = Arc::new(FileSites { path: path.clone(), judged: *judged, places });
            let messages = unit.messages.iter().map(|it| &it.name);
            let enums = unit.enums.iter().map(|it| &it.name);
            let services = unit.services.iter().map(|it| &it.name);
            let names = messages.chain(enums).chain(services).filter(|it| self.owns(index, it));
            let extensions = unit.extensions.iter().map(|it| &it.field.name);
            files.extend(names.chain(extensions).map(|name| (name.clone(), sites.clone())));
        }
        Sites { files }
    }
}
