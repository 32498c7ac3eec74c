//! Reads files and what they import, wave by wave, so that no depth of imports meets a stack.

use std::{
    collections::{BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use rayon::prelude::*;

use super::{Layout, MissingImport, Units, descriptors, guess, listing::Listing, unit::Unit};
use crate::{error::Error, imports::Target, tree::File};

/// A file with its contents and what its imports mean.
pub(super) struct Loaded {
    pub(super) path: Arc<str>,
    pub(super) unit: Arc<Unit>,
    /// The file is judged, and does not only serve imports.
    pub(super) judged: bool,
    /// Nobody could read it: it declares who knows what.
    pub(super) unread: bool,
    /// Per import: the file it means, if it is there.
    pub(super) imports: Vec<Option<Link>>,
}

/// What an import means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The index of the file.
    pub(super) file: usize,
    /// No other file could have been meant.
    pub(super) sure: bool,
}

/// The files of one version that were read.
#[derive(Default)]
pub(super) struct Loading {
    pub(super) files: Vec<Loaded>,
    pub(super) missing: Vec<MissingImport>,
    /// Why some files are unread.
    pub(super) problems: Vec<(Arc<str>, Error)>,
}

/// Reads the seeds of each version, and what they import. What one version reads is read of all of
/// them: a file may declare extensions, and those are there whoever imports it.
pub(super) fn load(
    listings: &[&Listing<'_>],
    seeds: &[Vec<&File>],
    layout: &Layout,
    units: &Units,
) -> Vec<Loading> {
    let mut others: BTreeSet<Arc<str>> = BTreeSet::new();
    loop {
        let versions = listings.iter().zip(seeds);
        let loadings: Vec<Loading> = versions
            .map(|(listing, seeds)| load_one(listing, seeds, &others, layout, units))
            .collect();
        let files = loadings.iter().flat_map(|loading| &loading.files);
        let all: BTreeSet<Arc<str>> = files.map(|file| file.path.clone()).collect();
        let lacks = |(listing, loading): (&&Listing<'_>, &Loading)| {
            let there = all.iter().filter(|path| listing.protos.contains_key(&***path));
            let read: HashSet<&str> = loading.files.iter().map(|file| &*file.path).collect();
            there.into_iter().any(|path| !read.contains(&**path))
        };
        if !listings.iter().zip(&loadings).any(lacks) {
            return loadings;
        }
        others = all;
    }
}

fn load_one(
    listing: &Listing<'_>,
    seeds: &[&File],
    others: &BTreeSet<Arc<str>>,
    layout: &Layout,
    units: &Units,
) -> Loading {
    let mut loading = Loading::default();
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut wave: Vec<Wanted<'_>> = Vec::new();
    let others = others.iter().filter_map(|path| listing.protos.get(&**path));
    for file in seeds.iter().copied().chain(others) {
        if let Entry::Vacant(entry) = index.entry(&file.path) {
            entry.insert(wave.len());
            wave.push(Wanted::File(file));
        }
    }
    while !wave.is_empty() {
        let read = |wanted: &Wanted<'_>| match wanted {
            Wanted::WellKnown(_, unit) => Ok(unit.clone()),
            Wanted::File(file) => units.unit(listing.tree, file),
        };
        let read: Vec<Result<Arc<Unit>, Vec<Error>>> = wave.par_iter().map(read).collect();
        let mut next = Vec::new();
        for (wanted, unit) in wave.iter().zip(read) {
            let path = wanted.path();
            let unread = unit.is_err();
            let unit = unit.unwrap_or_else(|errors| {
                let errors = errors.into_iter().map(|error| (path.into(), error));
                loading.problems.extend(errors);
                Arc::default()
            });
            let mut imports = Vec::with_capacity(unit.imports.len());
            for import in &unit.imports {
                let target = target(listing, units, path, &unit, &import.name);
                imports.push(target.map(|(wanted, sure)| {
                    let count = index.len();
                    let file = *index.entry(wanted.path()).or_insert_with(|| {
                        next.push(wanted);
                        count
                    });
                    Link { file, sure }
                }));
                if imports.last() == Some(&None) {
                    let (file, import) = (path.into(), import.name.clone());
                    loading.missing.push(MissingImport { file, import });
                }
            }
            let judged = matches!(wanted, Wanted::File(file) if layout.judges(&file.path));
            loading.files.push(Loaded { path: path.into(), unit, judged, unread, imports });
        }
        wave = next;
    }
    loading
}

enum Wanted<'l> {
    File(&'l File),
    WellKnown(&'static str, Arc<Unit>),
}

impl<'l> Wanted<'l> {
    fn path(&self) -> &'l str {
        match self {
            Wanted::File(file) => &file.path,
            Wanted::WellKnown(name, _) => name,
        }
    }
}

/// The file an import means, and whether no other could have been meant.
fn target<'l>(
    listing: &'l Listing<'_>,
    units: &Units,
    importer: &str,
    unit: &Unit,
    import: &str,
) -> Option<(Wanted<'l>, bool)> {
    match listing.imports.resolve(importer, import) {
        Target::File { path, sure } => Some((Wanted::File(listing.protos.get(path)?), sure)),
        Target::Guess(path) => {
            let file = listing.protos.get(path)?;
            // Of one that cannot be read, nobody knows that it is not meant.
            let guessed = units.unit(listing.tree, file);
            let other = guessed.is_ok_and(|guessed| !guess::is_meant(unit, import, path, &guessed));
            (!other).then_some((Wanted::File(file), false))
        }
        Target::WellKnown(name) => {
            Some((Wanted::WellKnown(name, descriptors::well_known(name)?), true))
        }
        Target::Missing => None,
    }
}
