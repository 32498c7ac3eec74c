//! Names that several files of one version declare: vendored copies, previews, fixtures.
//!
//! A schema holds each name once. So the copies that do not count in it make schemas of their own,
//! one for each folder they are under, and each is judged against its own older self.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{load::Loaded, unit::Unit};
use crate::{imports::is_copy, schema::FullName};

/// Files in the order in which their declarations count: the judged, that are in every version, are
/// no copies, and lie highest, first.
pub(super) fn order(loaded: &[Loaded], everywhere: &dyn Fn(&str) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..loaded.len()).collect();
    order.sort_by_cached_key(|&file| {
        let Loaded { path, judged, .. } = &loaded[file];
        (!judged, !everywhere(path), is_copy(path), path.matches('/').count(), path.clone())
    });
    order
}

/// The folders of judged files that declare what another file declares in another way, and how
/// many such declarations there are.
pub(super) fn roots(loaded: &[Loaded], order: &[usize]) -> (BTreeSet<String>, usize) {
    let mut owners: HashMap<&str, usize, foldhash::fast::RandomState> = HashMap::default();
    let (mut roots, mut count) = (BTreeSet::new(), 0);
    for &file in order.iter().filter(|&&file| loaded[file].judged) {
        let unit = &loaded[file].unit;
        for name in unit.declared() {
            let &mut owner = owners.entry(name.as_str()).or_insert(file);
            if owner != file && !same(&loaded[owner].unit, unit) {
                count += 1;
                roots.insert(root(&loaded[owner].path, &loaded[file].path).to_owned());
            }
        }
    }
    (roots, count)
}

/// The files of a copy, in the order in which their declarations count.
pub(super) fn files(loaded: &[Loaded], order: &[usize], root: &str) -> Vec<usize> {
    let under = |file: &usize| {
        let Loaded { path, judged, .. } = &loaded[*file];
        let rest = path.strip_prefix(root);
        *judged && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    order.iter().copied().filter(under).collect()
}

/// The names that files declare.
pub(super) fn names(loaded: &[Loaded], files: &[usize]) -> BTreeSet<FullName> {
    files.iter().flat_map(|&file| loaded[file].unit.declared().cloned()).collect()
}

fn same(a: &Arc<Unit>, b: &Arc<Unit>) -> bool {
    Arc::ptr_eq(a, b) || a.same_meaning(b)
}

/// Where a copy begins: its path without what it shares with the end of the owner's; the whole
/// path if that is nothing.
fn root<'p>(owner: &str, copy: &'p str) -> &'p str {
    let same = owner.rsplit('/').zip(copy.rsplit('/')).take_while(|(a, b)| a == b);
    let shared: usize = same.map(|(part, _)| part.len() + 1).sum();
    match copy.len().checked_sub(shared) {
        Some(rest @ 1..) if shared > 0 => &copy[..rest],
        _ => copy,
    }
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn a_copy_begins_where_its_path_differs() {
        assert_eq!(root("google/a/x.proto", "preview/google/a/x.proto"), "preview");
        assert_eq!(root("api/v1/x.proto", "vendor/acme/api/v1/x.proto"), "vendor/acme");
        assert_eq!(root("a/v1/x.proto", "b/v1/x.proto"), "b");
        assert_eq!(root("a/x.proto", "a/y.proto"), "a/y.proto");
        assert_eq!(root("deep/x.proto", "x.proto"), "x.proto");
    }
}
