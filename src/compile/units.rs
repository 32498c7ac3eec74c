//! Files that were read before, by what git calls their contents: between versions, between
//! releases, and between workers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    outline::{Outline, outline},
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
    outlines: Mutex<HashMap<Oid, Arc<Outline>>>,
}

impl Units {
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
        let unit = Arc::new(parse::parse(&tree.locate(&file.path), bytes)?);
        lock(&self.parsed).insert(id, unit.clone());
        Ok(unit)
    }

    /// What the file imports and which calls it declares.
    pub(super) fn outline(&self, tree: &Tree, file: &File) -> Result<Arc<Outline>, Error> {
        let known = |id| lock(&self.outlines).get(&id).cloned();
        if let Some(outline) = file.id.and_then(known) {
            return Ok(outline);
        }
        let (id, bytes) = tree.read(file)?;
        let outline = Arc::new(outline(&bytes));
        lock(&self.outlines).insert(id, outline.clone());
        Ok(outline)
    }
}

/// A worker that panicked left what it had put in.
fn lock<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}
