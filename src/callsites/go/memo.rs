//! What files declare, by their contents: scans of versions that have most files in common parse
//! each content once.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tree_sitter::Tree;

use super::decls::{Declarations, Imports};
use crate::{
    callsites::{names::Names, syntax::Checked},
    tree::Oid,
};

/// Files that were parsed by the last two scans. In another package, or where an import goes by
/// another name, a file declares something else.
#[derive(Default)]
pub(in crate::callsites) struct Memo(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// How many scans there were.
    scans: usize,
    /// By contents and package.
    files: HashMap<(Oid, Arc<str>), Held>,
}

#[derive(Default)]
struct Held {
    parsed: Vec<Arc<Parsed>>,
    /// The last scan that asked.
    scan: usize,
}

/// One file, parsed.
pub(super) struct Parsed {
    /// The packages that it imports without naming them, and what they call themselves.
    pub(super) named: Vec<(Arc<str>, Arc<str>)>,
    pub(super) imports: Imports,
    pub(super) names: Arc<Names>,
    pub(super) declarations: Declarations,
    pub(super) checked: Checked,
    /// A generator wrote it.
    pub(super) generated: bool,
    pub(super) tree: Kept,
}

/// The syntax tree of a file that several scans have in common. Those of a single scan are not
/// worth the room: they are seldom asked for again.
#[derive(Default)]
pub(super) struct Kept {
    in_common: AtomicBool,
    tree: Mutex<Option<Tree>>,
}

impl Kept {
    pub(super) fn or_parse(&self, parse: impl FnOnce() -> Option<Tree>) -> Option<Tree> {
        if !self.in_common.load(Ordering::Relaxed) {
            return parse();
        }
        let mut kept = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            *kept = parse();
        }
        kept.clone()
    }
}

impl Memo {
    /// Another scan begins: what the last one did not ask for is forgotten.
    pub(super) fn begin(&self) {
        let mut known = self.lock();
        let last = known.scans;
        known.files.retain(|_, it| it.scan == last);
        known.scans += 1;
    }

    pub(super) fn get(
        &self,
        id: Oid,
        package: &Arc<str>,
        name_of: &dyn Fn(&str) -> Arc<str>,
    ) -> Option<Arc<Parsed>> {
        let mut known = self.lock();
        let scan = known.scans;
        let held = known.files.get_mut(&(id, package.clone()))?;
        let same = |it: &&Arc<Parsed>| it.named.iter().all(|(path, name)| name_of(path) == *name);
        let found = held.parsed.iter().find(same).cloned()?;
        if held.scan < scan {
            found.tree.in_common.store(true, Ordering::Relaxed);
            held.scan = scan;
        }
        Some(found)
    }

    pub(super) fn put(&self, id: Oid, package: &Arc<str>, parsed: &Arc<Parsed>) {
        let mut known = self.lock();
        let scan = known.scans;
        let held = known.files.entry((id, package.clone())).or_default();
        held.parsed.push(parsed.clone());
        held.scan = scan;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A worker that panicked left what it had put in.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files", self.lock().files.len())
    }
}
