//! What can be said of many versions without compiling each.

use super::{Units, listing::Roots};
use crate::{
    error::Error,
    schema::FullName,
    tree::{File, Oid, Tree, digest},
};

/// A sign for what a tree compiles to: trees with the same sign hold the same `.proto` files in the
/// same places, and their imports mean the same files. `None` for a tree without `.proto` files.
///
/// # Errors
/// The tree cannot be read.
pub fn alike(tree: &Tree) -> Result<Option<Oid>, Error> {
    let listed = tree.files(&super::is_read)?;
    let (protos, others): (Vec<File>, Vec<File>) =
        listed.into_iter().partition(|file| file.path.ends_with(".proto"));
    if protos.is_empty() {
        return Ok(None);
    }
    let mut text = format!("{:?}\n", Roots::read(tree, &others));
    for file in &protos {
        let id = match file.id {
            Some(id) => id,
            None => tree.read(file)?.0,
        };
        text.push_str(&format!("{id} {}\n", file.path));
    }
    Ok(Some(digest(text.as_bytes())?))
}

/// The file of a tree, of those that are judged, that declares an element by itself, whatever its
/// imports mean.
///
/// # Errors
/// The tree cannot be read. Files that cannot be parsed declare nothing.
pub fn declares(
    tree: &Tree,
    element: &FullName,
    judged: &dyn Fn(&str) -> bool,
    units: &Units,
) -> Result<Option<File>, Error> {
    let files = tree.files(&|path| path.ends_with(".proto") && judged(path))?;
    let mut units = files.into_iter().map(|file| (units.unit(tree, &file), file));
    let found = units.find(|(unit, _)| unit.as_ref().is_ok_and(|unit| unit.declares(element)));
    Ok(found.map(|(_, file)| file))
}
