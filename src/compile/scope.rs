//! Which files have to be read to compare some versions. Cost follows the change, not the size of
//! the repository: a file that is the same everywhere, and that reaches nothing that is not, has
//! the same meaning everywhere, and is left out on all sides.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    Layout, Scope, Units, listing::Listing, load::load, outline::Outline, strict, unit::Unit,
};
use crate::{
    error::Error,
    tree::{File, Oid},
};

/// The files to judge of each version.
pub(super) struct Seeds<'l> {
    pub(super) files: Vec<Vec<&'l File>>,
    /// Nothing was left out.
    pub(super) whole: bool,
    /// Files that are the same everywhere and whose contents are not there, so that nobody knows
    /// whether the change reaches them.
    pub(super) problems: Vec<(&'l str, Error)>,
}

/// With no more files than this, reading all of them costs less than finding out which to leave
/// out, and the report can say how many services there are.
const FEW: usize = 64;

pub(super) fn seeds<'l>(
    listings: &[&'l Listing<'l>],
    layout: &Layout,
    scope: Scope,
    units: &Units,
) -> Seeds<'l> {
    let all: Vec<Vec<&File>> =
        listings.iter().map(|listing| listing.judged(layout).collect()).collect();
    let wanted = match scope {
        Scope::Whole => true,
        Scope::Changed => false,
        Scope::Measured => all.iter().all(|files| files.len() <= FEW),
    };
    if wanted || listings.len() < 2 {
        return Seeds { files: all, whole: true, problems: Vec::new() };
    }
    let changed = changed(listings, units);
    let mut problems = Vec::new();
    let mut affected = BTreeSet::new();
    if !changed.paths.is_empty() || !same_roots(listings) {
        affected = reached(listings, &changed, units, &mut problems);
    }
    affected.extend(&changed.paths);
    let wanted = |file: &&File| affected.contains(file.path.as_str());
    let mut files: Vec<Vec<&File>> =
        all.into_iter().map(|files| files.into_iter().filter(wanted).collect()).collect();
    if layout.strict_imports {
        for (listing, files) in listings.iter().zip(&mut files) {
            files.extend(strict::without_an_import(listing, layout, units));
        }
    }
    Seeds { files, whole: false, problems }
}

/// What the configuration files of buf and Go say of import roots is the same in all versions.
fn same_roots(listings: &[&Listing<'_>]) -> bool {
    listings.windows(2).all(|pair| pair[0].roots == pair[1].roots)
}

/// The files that what changed is, reaches, or needs; `None` if that cannot be told from the rest.
/// Mistakes in others are in all versions, and hurt none of them more than another.
pub(super) fn needed(
    listings: &[&Listing<'_>],
    layout: &Layout,
    units: &Units,
) -> Option<BTreeSet<Arc<str>>> {
    if listings.len() < 2 {
        return None;
    }
    let Seeds { files, problems, .. } = seeds(listings, layout, Scope::Changed, units);
    let loadings = load(listings, &files, layout, units);
    let loaded = loadings.into_iter().flat_map(|it| it.files).map(|file| file.path);
    Some(loaded.chain(problems.into_iter().map(|(path, _)| path.into())).collect())
}

/// What is not the same in all versions.
struct Changed<'l> {
    paths: BTreeSet<&'l str>,
    /// Services and methods that some versions have and others lack, without what encloses them:
    /// a report may want to say where else they are.
    calls: BTreeSet<String>,
}

fn changed<'l>(listings: &[&'l Listing<'l>], units: &Units) -> Changed<'l> {
    let ids: Vec<HashMap<&str, Oid>> = listings.iter().map(|listing| ids(listing)).collect();
    let paths: BTreeSet<&'l str> =
        listings.iter().flat_map(|it| it.protos.keys().map(String::as_str)).collect();
    let differs = |path: &&&str| ids.iter().any(|it| it.get(**path) != ids[0].get(**path));
    // One that no version could read has no id, and may well differ.
    let unread = |path: &&&str| ids.iter().all(|it| !it.contains_key(**path));
    let candidates: Vec<&'l str> =
        paths.iter().filter(|path| differs(path) || unread(path)).copied().collect();
    let read = candidates.par_iter().map(|path| {
        let unit = |listing: &&Listing<'_>| {
            let file = listing.protos.get(*path)?;
            Some(units.unit(listing.tree, file).ok())
        };
        (*path, listings.iter().map(unit).collect::<Vec<_>>())
    });
    let read: Vec<_> = read.collect();
    let mut changed = Changed { paths: BTreeSet::new(), calls: BTreeSet::new() };
    for (path, units) in &read {
        // Comments, and all else that only people read, are no change.
        let first = units[0].as_ref().and_then(Option::as_ref);
        let same = first.is_some_and(|first| {
            let others = units.iter().map(|unit| unit.as_ref().and_then(Option::as_ref));
            others.into_iter().all(|unit| unit.is_some_and(|unit| unit.same_meaning(first)))
        });
        if !same {
            changed.paths.insert(path);
            changed.calls.extend(calls_of_some(units.iter().map(|unit| unit.as_ref()?.as_deref())));
        }
    }
    changed
}

/// The leaf names of services and methods that are not in all of the units.
fn calls_of_some<'u>(units: impl Iterator<Item = Option<&'u Unit>>) -> Vec<String> {
    let mut count = 0;
    let mut names: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for unit in units {
        count += 1;
        let services = unit.into_iter().flat_map(|unit| &unit.services);
        let named = services.flat_map(|service| {
            let methods = service.methods.iter().map(|method| &method.name);
            std::iter::once(&service.name).chain(methods)
        });
        for name in named {
            names.entry(name.as_str()).or_insert((0, name.leaf())).0 += 1;
        }
    }
    let some = names.values().filter(|(seen, _)| *seen < count);
    some.map(|(_, leaf)| (*leaf).to_owned()).collect()
}

/// What git calls each file; what is not in git yet is read for it.
fn ids<'l>(listing: &'l Listing<'_>) -> HashMap<&'l str, Oid> {
    let files: Vec<&File> = listing.protos.values().collect();
    let id = |file: &&'l File| {
        let id = file.id.or_else(|| Some(listing.tree.read(file).ok()?.0))?;
        Some((file.path.as_str(), id))
    };
    files.into_par_iter().filter_map(|file| id(&file)).collect()
}

/// The unchanged files that import a changed one, directly or not, or that declare a call by the
/// name of one that some versions lack.
fn reached<'l>(
    listings: &[&'l Listing<'l>],
    changed: &Changed<'l>,
    units: &Units,
    problems: &mut Vec<(&'l str, Error)>,
) -> BTreeSet<&'l str> {
    let first = listings[0];
    let same: Vec<&'l File> =
        first.protos.values().filter(|it| !changed.paths.contains(it.path.as_str())).collect();
    let outlines: Vec<_> =
        same.par_iter().map(|file| (*file, units.outline(first.tree, file))).collect();
    units.save();
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'l str> = changed.paths.iter().copied().collect();
    // Other roots may make an import mean another file, though nothing is where it was not.
    let same_roots = same_roots(listings);
    let moved = |file: &File, import: &str| {
        let mut targets = listings.iter().map(|it| it.imports.resolve(&file.path, import));
        let first = targets.next();
        !same_roots && targets.any(|target| Some(target) != first)
    };
    let mut outlined: HashMap<&str, &Outline> = HashMap::new();
    // By the last part of what they import: roots do not matter to that.
    let mut importers: HashMap<&str, Vec<(&'l File, &str)>> = HashMap::new();
    for (file, outline) in &outlines {
        match outline {
            Ok(outline) => {
                outlined.insert(&file.path, outline);
                let moved = outline.imports.iter().any(|import| moved(file, import));
                if moved || !outline.calls.is_disjoint(&changed.calls) {
                    reached.insert(file.path.as_str());
                    open.push(&file.path);
                }
                for import in &outline.imports {
                    importers.entry(leaf(import)).or_default().push((file, import));
                }
            }
            // Nothing is there that a change could reach; whoever imports it will see.
            Err(Error::DanglingLink { .. }) => (),
            Err(_) => {
                let error = units.outline(first.tree, file).err();
                problems.extend(error.map(|error| (file.path.as_str(), error)));
            }
        }
    }
    while let Some(path) = open.pop() {
        // A message carries the extensions that others declare of it, so whoever imports the
        // message is reached from those, too.
        let imported = match outlined.get(path) {
            Some(outline) if !outline.extends => Vec::new(),
            Some(outline) => outline.imports.iter().cloned().collect(),
            None => extended(listings, path, units),
        };
        for import in imported {
            for listing in listings {
                let target = listing.imports.resolve(path, &import);
                if let Some(target) = target.path()
                    && !changed.paths.contains(target)
                    && reached.insert(target)
                {
                    open.push(target);
                }
            }
        }
        for (file, import) in importers.get(leaf(path)).into_iter().flatten() {
            let means = |listing: &&Listing<'_>| {
                listing.imports.resolve(&file.path, import).path() == Some(path)
            };
            if listings.iter().any(means) && reached.insert(file.path.as_str()) {
                open.push(&file.path);
            }
        }
    }
    reached
}

/// What a changed file imports, in any version, if it declares extensions there.
fn extended(listings: &[&Listing<'_>], path: &str, units: &Units) -> Vec<String> {
    let read = listings.iter().filter_map(|listing| {
        let unit = units.unit(listing.tree, listing.protos.get(path)?).ok()?;
        let names = unit.imports.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        (!unit.extensions.is_empty()).then_some(names)
    });
    read.flatten().collect()
}

fn leaf(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
