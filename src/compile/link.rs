//! What each name in a file refers to: protoc's rules, over units.
//!
//! protox links through prost-reflect's pool, which takes any package of any file for a scope and
//! so refuses files that protoc accepts, needs every import to be there, and shares nothing
//! between two versions.

use std::collections::{HashMap, HashSet};

use super::load::{Link, Loaded};
use crate::schema::FullName;

/// What a name turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Referent {
    /// A message or enum: its full name, and which file declares it, where in it.
    Declared(FullName, usize, Declared),
    /// Not declared in any visible file, but some import is not there to ask.
    Opaque(FullName),
    /// Not declared, though every import was read.
    Undeclared,
}

/// What a unit declares, by its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Message(usize),
    Enum(usize),
    /// A scope, but no type.
    Service(usize),
}

/// Who declares what.
pub(super) struct Linker<'u> {
    files: &'u [Loaded],
    /// The files that declare a message, enum or service of that name.
    declared: HashMap<&'u str, Vec<(usize, Declared)>, foldhash::fast::RandomState>,
    /// The packages of all files, and what these are in.
    packages: HashSet<&'u str, foldhash::fast::RandomState>,
}

/// What one file can see.
pub(super) struct Scope {
    /// Itself, its imports, and what those import publicly.
    visible: Vec<usize>,
    /// The places of those in that order.
    nearness: HashMap<usize, usize, foldhash::fast::RandomState>,
    /// One of those imports something that is not there, or that may not be what was meant.
    incomplete: bool,
}

enum Found {
    Declared(usize, Declared),
    Package,
    Nothing,
}

impl<'u> Linker<'u> {
    pub(super) fn new(files: &'u [Loaded]) -> Linker<'u> {
        let mut declared: HashMap<&str, Vec<(usize, Declared)>, _> = HashMap::default();
        let mut packages: HashSet<&str, _> = HashSet::default();
        for (file, Loaded { unit, .. }) in files.iter().enumerate() {
            let outer = |package: &&'u str| Some(package.rsplit_once('.')?.0);
            let package = std::iter::successors(Some(unit.package.as_str()), outer);
            // Whoever has one has those around it.
            package.take_while(|it| packages.insert(it)).for_each(drop);
            let messages = unit.messages.iter().map(|it| &it.name).enumerate();
            let enums = unit.enums.iter().map(|it| &it.name).enumerate();
            let services = unit.services.iter().map(|it| &it.name).enumerate();
            let messages = messages.map(|(index, name)| (name, Declared::Message(index)));
            let enums = enums.map(|(index, name)| (name, Declared::Enum(index)));
            let services = services.map(|(index, name)| (name, Declared::Service(index)));
            for (name, it) in messages.chain(enums).chain(services) {
                declared.entry(name.as_str()).or_default().push((file, it));
            }
        }
        Linker { files, declared, packages }
    }

    /// What a file can see.
    pub(super) fn scope(&self, file: usize) -> Scope {
        let nearness = HashMap::from_iter([(file, 0)]);
        let mut scope = Scope { visible: vec![file], nearness, incomplete: false };
        let mut next = 0;
        while let Some(&at) = scope.visible.get(next) {
            let Loaded { unit, imports, unread, .. } = &self.files[at];
            scope.incomplete |= unread;
            for (import, link) in unit.imports.iter().zip(imports) {
                if next > 0 && !import.public {
                    continue;
                }
                // Names may also be in a file that was meant and not found.
                scope.incomplete |= link.is_none_or(|link| !link.sure);
                let Some(Link { file, .. }) = *link else { continue };
                let place = scope.visible.len();
                if *scope.nearness.entry(file).or_insert(place) == place {
                    scope.visible.push(file);
                }
            }
            next += 1;
        }
        scope
    }

    /// What `name`, written inside the element `within`, refers to.
    ///
    /// From the innermost scope outwards, the first that declares the first part of the name
    /// decides, even if the rest is then not found there. Packages are scopes too, but only those
    /// of visible files.
    pub(super) fn resolve(&self, scope: &Scope, name: &str, within: &str) -> Referent {
        if let Some(absolute) = name.strip_prefix('.') {
            return self.referent(scope, absolute, name);
        }
        let first = name.split('.').next().unwrap_or(name);
        let mut around = within;
        let mut full = String::with_capacity(within.len() + 1 + name.len());
        loop {
            around = around.rsplit_once('.').map_or("", |(outer, _)| outer);
            full.clear();
            if !around.is_empty() {
                full.extend([around, "."]);
            }
            full.push_str(first);
            match self.find(scope, &full) {
                Found::Nothing => (),
                // A service or a package is no type; a type of that name may be further out.
                Found::Declared(_, Declared::Service(_)) | Found::Package if first == name => (),
                _ => {
                    full.push_str(&name[first.len()..]);
                    return self.referent(scope, &full, name);
                }
            }
            if around.is_empty() {
                return self.referent(scope, name, name);
            }
        }
    }

    fn referent(&self, scope: &Scope, full: &str, written: &str) -> Referent {
        match self.find(scope, full) {
            Found::Declared(file, it @ (Declared::Message(_) | Declared::Enum(_))) => {
                Referent::Declared(FullName::new(full), file, it)
            }
            _ if scope.incomplete => Referent::Opaque(FullName::new(written)),
            _ => Referent::Undeclared,
        }
    }

    fn find(&self, scope: &Scope, name: &str) -> Found {
        let declared = self.declared.get(name).into_iter().flatten();
        // Of several, the nearest: itself, then its imports in order.
        let seen = declared.filter_map(|&(file, it)| Some((*scope.nearness.get(&file)?, it)));
        if let Some((at, it)) = seen.min_by_key(|&(at, _)| at) {
            return Found::Declared(scope.visible[at], it);
        }
        let package = self.packages.contains(name)
            && scope.visible.iter().any(|&file| {
                let rest = self.files[file].unit.package.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
        if package { Found::Package } else { Found::Nothing }
    }
}
