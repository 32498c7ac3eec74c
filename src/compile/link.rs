//! What each name in a file refers to: protoc's rules, over units.
//!
//! protox links through prost-reflect's pool, which takes any package of any file for a scope and
//! so refuses files that protoc accepts, needs every import to be there, and shares nothing
//! between two versions.

use std::collections::HashMap;

use super::unit::Unit;
use crate::schema::FullName;

/// What a name turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Referent {
    Message(FullName),
    Enum(FullName),
    /// Not declared in any visible file, but some import is not there to ask.
    Opaque(FullName),
    /// Not declared, though every import was read.
    Undeclared,
}

/// The files of one version with their imports resolved.
pub(super) struct Files<'u> {
    pub(super) units: Vec<&'u Unit>,
    /// Per file and import: the index of the imported file, or `None` if it is not there.
    pub(super) imports: Vec<Vec<Option<usize>>>,
}

/// Who declares what.
pub(super) struct Linker<'u> {
    files: &'u Files<'u>,
    /// The files that declare a message or enum of that name.
    types: HashMap<&'u str, Vec<(usize, Kind)>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Message,
    Enum,
    /// A scope, but no type.
    Service,
}

/// What one file can see.
pub(super) struct Scope {
    /// Itself, its imports, and what those import publicly.
    visible: Vec<usize>,
    /// One of those imports something that is not there.
    incomplete: bool,
}

enum Found {
    Type(usize, Kind),
    Package,
    Nothing,
}

impl<'u> Linker<'u> {
    pub(super) fn new(files: &'u Files<'u>) -> Linker<'u> {
        let mut types: HashMap<&str, Vec<(usize, Kind)>> = HashMap::new();
        for (file, unit) in files.units.iter().enumerate() {
            let messages = unit.messages.iter().map(|it| (it.name.as_str(), Kind::Message));
            let enums = unit.enums.iter().map(|it| (it.name.as_str(), Kind::Enum));
            let services = unit.services.iter().map(|it| (it.name.as_str(), Kind::Service));
            for (name, kind) in messages.chain(enums).chain(services) {
                types.entry(name).or_default().push((file, kind));
            }
        }
        Linker { files, types }
    }

    /// What a file can see.
    pub(super) fn scope(&self, file: usize) -> Scope {
        let mut scope = Scope { visible: vec![file], incomplete: false };
        let mut next = 0;
        while let Some(&at) = scope.visible.get(next) {
            let imports = self.files.units[at].imports.iter().zip(&self.files.imports[at]);
            for (import, target) in imports {
                if next > 0 && !import.public {
                    continue;
                }
                match target {
                    Some(target) if scope.visible.contains(target) => (),
                    Some(target) => scope.visible.push(*target),
                    None => scope.incomplete = true,
                }
            }
            next += 1;
        }
        scope
    }

    /// What `name`, written inside the element `within`, refers to, and in which file that is.
    ///
    /// From the innermost scope outwards, the first that declares the first part of the name
    /// decides, even if the rest is then not found there. Packages are scopes too, but only those
    /// of visible files.
    pub(super) fn resolve(
        &self,
        scope: &Scope,
        name: &str,
        within: &str,
    ) -> (Referent, Option<usize>) {
        if let Some(absolute) = name.strip_prefix('.') {
            return self.referent(scope, absolute, name);
        }
        let first = name.split('.').next().unwrap_or(name);
        let mut around = within;
        loop {
            around = around.rsplit_once('.').map_or("", |(outer, _)| outer);
            let prefix = if around.is_empty() { String::new() } else { format!("{around}.") };
            let candidate = format!("{prefix}{first}");
            match self.find(scope, &candidate) {
                Found::Nothing => (),
                // A service or a package is no type; a type of that name may be further out.
                Found::Type(_, Kind::Service) | Found::Package if first == name => (),
                _ => return self.referent(scope, &format!("{prefix}{name}"), name),
            }
            if around.is_empty() {
                return self.referent(scope, name, name);
            }
        }
    }

    fn referent(&self, scope: &Scope, full: &str, written: &str) -> (Referent, Option<usize>) {
        match self.find(scope, full) {
            Found::Type(file, Kind::Message) => {
                (Referent::Message(FullName::new(full)), Some(file))
            }
            Found::Type(file, Kind::Enum) => (Referent::Enum(FullName::new(full)), Some(file)),
            _ if scope.incomplete => (Referent::Opaque(FullName::new(written)), None),
            _ => (Referent::Undeclared, None),
        }
    }

    fn find(&self, scope: &Scope, name: &str) -> Found {
        let declared = self.types.get(name).into_iter().flatten();
        // Of several, the nearest: itself, then its imports in order.
        let seen = declared.filter_map(|&(file, kind)| {
            Some((scope.visible.iter().position(|&it| it == file)?, kind))
        });
        if let Some((at, kind)) = seen.min_by_key(|&(at, _)| at) {
            return Found::Type(scope.visible[at], kind);
        }
        let package = scope.visible.iter().any(|&file| {
            let rest = self.files.units[file].package.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if package { Found::Package } else { Found::Nothing }
    }
}
