//! Mistakes that show only when files are put together, with the line where each stands.

use std::{collections::BTreeSet, sync::Arc};

use super::{MissingImport, cycle, load::Loaded, normalize::Undeclared, parse};
use crate::{
    error::Error,
    excerpt::{Excerpt, short},
    tree::Tree,
};

/// What is wrong with the files of one version, when all are put together.
pub(super) struct Faults {
    /// Why some files could not be read, by path.
    pub(super) unread: Vec<(Arc<str>, Error)>,
    pub(super) undeclared: Vec<Undeclared>,
}

impl Faults {
    /// The problems of files that are needed, and how many others are not in order.
    pub(super) fn sort(
        self,
        version: &str,
        tree: Option<&Tree>,
        loaded: &[Loaded],
        needed: &dyn Fn(&str) -> bool,
    ) -> (Vec<Error>, usize) {
        let mut broken: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut counts = |path: &Arc<str>| {
            let needed = needed(path);
            if !needed {
                broken.insert(path.clone());
            }
            needed
        };
        let unread = self.unread.into_iter().filter(|(path, _)| counts(path));
        let mut problems: Vec<Error> = unread.map(|(_, error)| error).collect();
        // Whoever needs one file of a cycle needs all of it; there may be others.
        let first = cycle::find(loaded, &|_| true);
        let counted = first.filter(|cycle| {
            let counted = cycle.iter().filter(|&&file| counts(&loaded[file].path));
            counted.count() > 0
        });
        let cycle = counted.or_else(|| cycle::find(loaded, &|file| needed(&file.path)));
        problems.extend(cycle.map(|cycle| Error::ImportCycle {
            version: version.to_owned(),
            cycle: cycle::tell(loaded, &cycle),
        }));
        let undeclared = self.undeclared.iter().filter(|it| counts(&loaded[it.file].path));
        problems.extend(parse::few(undeclared, |it| undeclared_name(tree, loaded, it)));
        (problems, broken.len())
    }
}

/// A name that nobody declares.
fn undeclared_name(tree: Option<&Tree>, loaded: &[Loaded], it: &Undeclared) -> Error {
    let Undeclared { file, user, name, expected } = it;
    let file = &loaded[*file];
    let message = format!("no {expected} is named `{}`", short(name));
    // What the compiler made, such as the entry of a map, is where the element around it is.
    let around = std::iter::successors(Some(user.as_str()), |name| Some(name.rsplit_once('.')?.0));
    let mut places = around.filter_map(|name| file.unit.places.get(name).copied());
    let place = places.find(|(line, _)| *line > 0);
    let label = format!("used by `{}`", short(user.as_str()));
    at(tree, &file.path, place, message, &label, "declare it, or import the file that does")
}

/// An import that is not among the files, where that is not to be.
pub(super) fn missing_import(
    tree: Option<&Tree>,
    loaded: &[Loaded],
    MissingImport { file: path, import }: &MissingImport,
) -> Error {
    let message = format!("no file of this version is `{import}`");
    let help = "name its import root with `-I DIR`, or drop `--strict-imports`";
    let file = loaded.iter().find(|file| file.path == *path);
    let imports = file.into_iter().flat_map(|file| &file.unit.imports);
    let place = imports.into_iter().find(|it| it.name == *import).and_then(|it| it.place);
    at(tree, path, place, message, "imported here", help)
}

/// The line is read again: units do not keep their text.
fn at(
    tree: Option<&Tree>,
    path: &str,
    place: Option<(u32, u32)>,
    message: String,
    label: &str,
    help: &str,
) -> Error {
    let file = tree.map_or_else(|| path.to_owned(), |tree| tree.locate(path));
    let source = tree.and_then(|tree| {
        let listed = tree.files(&|it| it == path).ok()?;
        String::from_utf8(tree.read(listed.first()?).ok()?.1).ok()
    });
    match (source, place) {
        (Some(source), Some((line, column))) => {
            let excerpt = Excerpt::at_line(file, &source, line, column);
            Error::proto(message, label, excerpt, Some(help.to_owned()))
        }
        _ => Error::ProtoNowhere { file, message },
    }
}
