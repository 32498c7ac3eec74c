//! Mistakes that show only when files are put together, with the line where each stands.

use super::{MissingImport, load::Loaded, normalize::Undeclared};
use crate::{
    error::Error,
    excerpt::{Excerpt, short},
    tree::Tree,
};

/// A name that nobody declares.
pub(super) fn undeclared(tree: Option<&Tree>, loaded: &[Loaded], it: &Undeclared) -> Error {
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
