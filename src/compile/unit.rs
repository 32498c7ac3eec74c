//! One parsed file: all that can be said of it without looking at another.
//!
//! A unit does not know its own path. So two versions, or two paths, with the same contents share
//! one, and linking makes new values beside it.

use std::sync::Arc;

use super::{features::Features, remarks::Unplaced};
use crate::schema::{Enum, FullName, Idempotency, Options, Places, Scalar};

/// What a file declares, with the names of types as they are written.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) package: String,
    /// Where generated Go code lives, as it is written.
    pub(crate) go_package: Option<Arc<str>>,
    pub(crate) imports: Vec<Import>,
    pub(crate) services: Vec<UnitService>,
    /// Nested ones too; entries of maps among them.
    pub(crate) messages: Vec<UnitMessage>,
    /// Nested ones too. An enum refers to nothing, so it is already in normal form.
    pub(crate) enums: Vec<Arc<Enum>>,
    pub(crate) extensions: Vec<Extension>,
    /// Options as text, by the element that has them.
    pub(crate) options: Arc<Options>,
    pub(crate) places: Arc<Places>,
    /// Comments that are meant for this program.
    pub(crate) remarks: Vec<Unplaced>,
}

impl Unit {
    /// Nothing differs but what only people read.
    pub(crate) fn same_meaning(&self, other: &Unit) -> bool {
        let Unit { package, imports, services, messages, enums, extensions, .. } = self;
        let Unit { options, go_package, .. } = self;
        let import = |it: &Import| (it.name.clone(), it.public);
        *package == other.package
            && *go_package == other.go_package
            && imports.iter().map(import).eq(other.imports.iter().map(import))
            && *services == other.services
            && *messages == other.messages
            && *enums == other.enums
            && *extensions == other.extensions
            && *options == other.options
    }

    /// The names of its messages, enums and services.
    pub(crate) fn declared(&self) -> impl Iterator<Item = &FullName> {
        let messages = self.messages.iter().map(|it| &it.name);
        let enums = self.enums.iter().map(|it| &it.name);
        messages.chain(enums).chain(self.services.iter().map(|it| &it.name))
    }
}

impl Unit {
    /// It declares an element of that name, of any kind.
    pub(crate) fn declares(&self, name: &FullName) -> bool {
        let methods = self.services.iter().flat_map(|it| &it.methods).map(|it| &it.name);
        let fields = self.messages.iter().flat_map(|it| &it.fields).map(|it| &it.name);
        let extensions = self.extensions.iter().map(|it| &it.field.name);
        let values = self.enums.iter().flat_map(|it| it.names());
        let mut names = self.declared().chain(methods).chain(fields).chain(extensions);
        names.any(|it| it == name) || values.into_iter().any(|it| it == *name)
    }
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) name: String,
    /// Its names are visible to the files that import this one.
    pub(crate) public: bool,
    pub(crate) place: Option<(u32, u32)>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct UnitService {
    pub(crate) name: FullName,
    pub(crate) methods: Vec<UnitMethod>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct UnitMethod {
    pub(crate) name: FullName,
    pub(crate) request: String,
    pub(crate) response: String,
    pub(crate) client_streaming: bool,
    pub(crate) server_streaming: bool,
    pub(crate) idempotency: Idempotency,
}

#[derive(Debug, PartialEq)]
pub(crate) struct UnitMessage {
    pub(crate) name: FullName,
    pub(crate) fields: Vec<UnitField>,
    pub(crate) map_entry: bool,
    pub(crate) legacy_json: bool,
    pub(crate) message_set: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) struct UnitField {
    pub(crate) name: FullName,
    pub(crate) number: u32,
    pub(crate) label: Label,
    pub(crate) ty: UnitType,
    pub(crate) json_name: Arc<str>,
    pub(crate) oneof: Option<FullName>,
    pub(crate) default: Option<String>,
    /// The `packed` option, where it is written.
    pub(crate) packed: Option<bool>,
    pub(crate) features: Features,
}

/// The word before a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// None, in proto3 and editions.
    None,
    Optional,
    Required,
    Repeated,
}

#[derive(Debug, PartialEq)]
pub(crate) enum UnitType {
    Scalar(Scalar),
    /// A message or an enum, as it is written.
    Named(String),
    /// A message, by `group`.
    Group(String),
}

/// A field that one message declares of another.
#[derive(Debug, PartialEq)]
pub(crate) struct Extension {
    /// As it is written.
    pub(crate) extendee: String,
    pub(crate) field: UnitField,
}
