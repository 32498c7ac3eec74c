//! What files declare, by their contents: scans of versions that have most files in common parse
//! each content once.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::decls::{Declarations, Imports};
use crate::{
    callsites::{names::Names, syntax::Checked},
    tree::Oid,
};

/// Files that were parsed. In another package, or where an import goes by another name, a file
/// declares something else.
#[derive(Default)]
pub(in crate::callsites) struct Memo(Mutex<Known>);

/// By contents and package.
type Known = HashMap<(Oid, Arc<str>), Vec<Arc<Parsed>>>;

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
}

impl Memo {
    pub(super) fn get(
        &self,
        id: Oid,
        package: &Arc<str>,
        name_of: &dyn Fn(&str) -> Arc<str>,
    ) -> Option<Arc<Parsed>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = known.get(&(id, package.clone()))?;
        let same = |it: &&Arc<Parsed>| it.named.iter().all(|(path, name)| name_of(path) == *name);
        all.iter().find(same).cloned()
    }

    pub(super) fn put(&self, id: Oid, package: &Arc<str>, parsed: &Arc<Parsed>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((id, package.clone())).or_default().push(parsed.clone());
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "{} files", known.len())
    }
}
