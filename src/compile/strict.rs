//! Which files import what is not there, of those that a change does not reach.

use std::collections::BTreeSet;

use super::{Layout, Units, listing::Listing};
use crate::{imports::Target, tree::File};

/// The files with an import that is not in the tree, or may not be: those that are judged, and what
/// these import. Their outlines are looked at; whoever reads the files will see.
pub(super) fn without_an_import<'l>(
    listing: &'l Listing<'_>,
    layout: &Layout,
    units: &Units,
) -> Vec<&'l File> {
    let mut open: Vec<&File> = listing.judged(layout).collect();
    let mut seen: BTreeSet<&str> = open.iter().map(|file| file.path.as_str()).collect();
    let mut without = Vec::new();
    while let Some(file) = open.pop() {
        // What cannot be read may import anything.
        let Ok(outline) = units.outline(listing.tree, file) else {
            without.push(file);
            continue;
        };
        let targets = outline.imports.iter().map(|it| listing.imports.resolve(&file.path, it));
        let targets: Vec<Target<'_>> = targets.collect();
        if targets.iter().any(|it| matches!(it, Target::Missing | Target::Guess(_))) {
            without.push(file);
        }
        for path in targets.into_iter().filter_map(Target::path) {
            open.extend(listing.protos.get(path).filter(|_| seen.insert(path)));
        }
    }
    without
}
