//! Whether a file that is named like an import is the one that was meant.
//!
//! `xds/type/matcher/v3/string.proto` ends as `type/matcher/v3/string.proto` does, which in another
//! project is another file. What the two are about tells them apart.

use std::collections::HashSet;

use super::unit::{Unit, UnitField, UnitType};

/// The file at `path`, which ends as the import does or as it does without its first folders, is
/// what `importer` means: its package is what the import says, or it declares what is used.
pub(super) fn is_meant(importer: &Unit, import: &str, path: &str, guessed: &Unit) -> bool {
    let shared = shared_folder(import, path);
    let package = guessed.package.replace('.', "/");
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    // The import begins in the middle of what is the file's package.
    let cut = ends_in(folder, &package) && package.len() > shared.len();
    let whole = import.rsplit_once('/').map_or("", |(folder, _)| folder) == shared;
    let named = !package.is_empty() && ends_in(shared, &package);
    named || (whole && !cut) || uses(importer, guessed)
}

/// The folders that both paths end in, before their last component.
fn shared_folder<'p>(import: &'p str, path: &str) -> &'p str {
    let both = import.rsplit('/').zip(path.rsplit('/')).skip(1);
    let length: usize = both.take_while(|(a, b)| a == b).map(|(part, _)| part.len() + 1).sum();
    let folder = import.rsplit_once('/').map_or("", |(folder, _)| folder);
    &folder[folder.len() - length.saturating_sub(1).min(folder.len())..]
}

fn ends_in(folder: &str, tail: &str) -> bool {
    folder.strip_suffix(tail).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// A name that the one writes may be one that the other declares.
fn uses(importer: &Unit, guessed: &Unit) -> bool {
    let extensions = guessed.extensions.iter().map(|it| &it.field.name);
    let declared = guessed.declared().chain(extensions).map(|it| it.as_str());
    let own: HashSet<&str> = importer.declared().map(|it| it.as_str()).collect();
    let declared: HashSet<&str> = declared.filter(|name| !own.contains(name)).collect();
    // What a file passes on from others is not looked for.
    let passes_on = guessed.imports.iter().any(|import| import.public);
    let package = importer.package.as_str();
    let scopes: Vec<&str> = std::iter::successors(Some(package), |scope| {
        (!scope.is_empty()).then(|| scope.rsplit_once('.').map_or("", |(outer, _)| outer))
    })
    .collect();
    let means = |name: &str| match name.strip_prefix('.') {
        Some(name) => declared.contains(name),
        None => scopes.iter().any(|scope| match *scope {
            "" => declared.contains(name),
            scope => declared.contains(&*format!("{scope}.{name}")),
        }),
    };
    passes_on || written(importer).any(means)
}

/// Every name of a type or an option, as it is written.
fn written(unit: &Unit) -> impl Iterator<Item = &str> {
    let fields = unit.messages.iter().flat_map(|it| &it.fields);
    let types = fields.chain(unit.extensions.iter().map(|it| &it.field)).filter_map(type_name);
    let methods = unit.services.iter().flat_map(|it| &it.methods);
    let types = types.chain(methods.flat_map(|it| [&*it.request, &*it.response]));
    let extendees = unit.extensions.iter().map(|it| &*it.extendee);
    let options = unit.options.values().flatten().flat_map(|(name, _)| in_brackets(name));
    types.chain(extendees).chain(options)
}

fn type_name(field: &UnitField) -> Option<&str> {
    match &field.ty {
        UnitType::Scalar(_) => None,
        UnitType::Named(name) | UnitType::Group(name) => Some(name),
    }
}

/// The extensions in the name of an option, such as `(acme.rule).(acme.more).text`.
fn in_brackets(name: &str) -> impl Iterator<Item = &str> {
    name.split('(').skip(1).filter_map(|part| Some(part.split_once(')')?.0))
}

#[cfg(test)]
mod tests {
    use super::shared_folder;

    #[test]
    fn folders_are_shared_from_the_end() {
        assert_eq!(shared_folder("xds/type/v3/x.proto", "envoy/type/v3/x.proto"), "type/v3");
        assert_eq!(shared_folder("type/v3/x.proto", "envoy/type/v3/x.proto"), "type/v3");
        assert_eq!(shared_folder("x.proto", "envoy/type/v3/x.proto"), "");
        assert_eq!(shared_folder("a/b/x.proto", "x.proto"), "");
        assert_eq!(shared_folder("aa/b/x.proto", "a/b/x.proto"), "b");
    }
}
