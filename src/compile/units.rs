//! Files that were read before, by what git calls their contents: between versions, between
//! releases, and between workers.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    outline::{Outline, outline},
    outlines::{self, Outlines},
    parse,
    unit::Unit,
};
use crate::{
    error::Error,
    tree::{File, Oid, Tree},
};

/// Parsed files and outlines. Versions that hold the same file share one.
#[derive(Default)]
pub struct Units {
    parsed: Mutex<HashMap<Oid, Arc<Unit>>>,
    outlines: Mutex<Option<Outlines>>,
    /// Outlines that were not in the cache.
    new: AtomicUsize,
    cache: Option<PathBuf>,
}

impl Units {
    /// With a folder for what is worth keeping between runs.
    pub fn cached_in(folder: Option<PathBuf>) -> Units {
        let cache = folder.map(|folder| folder.join("outlines"));
        Units { cache, ..Units::default() }
    }

    /// The file, parsed.
    pub(super) fn unit(&self, tree: &Tree, file: &File) -> Result<Arc<Unit>, Vec<Error>> {
        let known = |id| lock(&self.parsed).get(&id).cloned();
        if let Some(unit) = file.id.and_then(known) {
            return Ok(unit);
        }
        let (id, bytes) = tree.read(file).map_err(|err| vec![err])?;
        if let Some(unit) = known(id) {
            return Ok(unit);
        }
        let name = tree.locate(&file.path);
        let unit = parse::parse(&name, bytes).map_err(|errors| match file.target() {
            Some(target) if !target.ends_with(".proto") => vec![not_proto(name, target, &errors)],
            _ => errors,
        });
        let unit = Arc::new(unit?);
        // Another worker may have been faster; one value stands for one contents.
        Ok(lock(&self.parsed).entry(id).or_insert(unit).clone())
    }

    /// Drops the files that nobody holds. Of a long history, not all fit into memory.
    pub fn forget(&self) {
        lock(&self.parsed).retain(|_, unit| Arc::strong_count(unit) > 1);
    }

    /// What the file imports and which calls it declares.
    pub(super) fn outline(&self, tree: &Tree, file: &File) -> Result<Arc<Outline>, Error> {
        let known = |id| self.outlines(|known| known.get(&id).cloned());
        if let Some(outline) = file.id.and_then(known) {
            return Ok(outline);
        }
        let (id, bytes) = tree.read(file)?;
        let outline = Arc::new(outline(&bytes));
        self.outlines(|known| known.insert(id, outline.clone()));
        self.new.fetch_add(1, Ordering::Relaxed);
        Ok(outline)
    }

    /// Keeps the outlines for the next run.
    pub(super) fn save(&self) {
        if let Some(path) = &self.cache {
            self.outlines(|known| {
                outlines::write(path, known, self.new.swap(0, Ordering::Relaxed))
            });
        }
    }

    /// The outlines; those of earlier runs are read when the first is asked for.
    fn outlines<T>(&self, then: impl FnOnce(&mut Outlines) -> T) -> T {
        let mut known = lock(&self.outlines);
        let kept = || self.cache.as_deref().map(outlines::read).unwrap_or_default();
        then(known.get_or_insert_with(kept))
    }
}

/// The mistakes of another kind of file are nobody's; that it is taken for this kind is.
fn not_proto(file: String, target: &str, errors: &[Error]) -> Error {
    let reason = errors.first().map(ToString::to_string).unwrap_or_default();
    Error::NotProto { file, target: target.to_owned(), reason }
}

/// A worker that panicked left what it had put in.
fn lock<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}
