//! The commit that brought an element, and the first release that contains it.

use std::collections::BTreeMap;

use super::{History, Timeline};
use crate::{
    compile::{Layout, Units, alike, declares},
    error::Error,
    schema::FullName,
    tree::{Oid, Repo, Revision},
};

/// Where an element comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The commit that has it while none of its parents does.
    pub commit: Revision,
    /// The first line of its message.
    pub summary: String,
    /// The file that declares it there.
    pub file: String,
    /// The releases that contain the commit and have the element, the oldest first.
    pub releases: Vec<usize>,
    /// The walk ended where a shallow clone does: the element may be older.
    pub cut_off: bool,
}

/// Finds the commit that brought an element, by walking back from the oldest release that has it,
/// as long as a parent has it too. `None` if no release has it.
///
/// # Errors
/// A commit on the way cannot be read.
pub fn origin(
    repo: &Repo,
    history: &History,
    timeline: &Timeline,
    layout: &Layout,
) -> Result<Option<Origin>, Error> {
    let having = || timeline.runs.iter().flat_map(|run| run.first..=run.last);
    let sure = having().filter(|it| history.releases[*it].doubt.is_none());
    let oldest = |releases: &mut dyn Iterator<Item = usize>| {
        releases.min_by_key(|it| (history.releases[*it].revision.time, *it))
    };
    let Some(start) = oldest(&mut sure.into_iter()).or_else(|| oldest(&mut having())) else {
        return Ok(None);
    };
    let mut walk = Walk { repo, layout, units: Units::default(), known: BTreeMap::new() };
    let mut commit = history.releases[start].revision.clone();
    let Some(mut file) = walk.file(&commit, &timeline.name)? else { return Ok(None) };
    let cut_off = loop {
        let parents = repo.parents(&commit);
        let mut older = None;
        for parent in &parents {
            if let Some(found) = walk.file(parent, &timeline.name)? {
                older = Some((parent.clone(), found));
                break;
            }
        }
        match older {
            Some(found) => (commit, file) = found,
            None => break parents.is_empty() && repo.is_cut_off(&commit),
        }
    };
    let contain = |it: &usize| repo.contains(&history.releases[*it].revision, &commit);
    let mut releases: Vec<usize> = having().filter(contain).collect();
    releases.sort_by_key(|it| (history.releases[*it].revision.time, *it));
    let summary = repo.summary(&commit);
    Ok(Some(Origin { commit, summary, file, releases, cut_off }))
}

struct Walk<'r> {
    repo: &'r Repo,
    layout: &'r Layout,
    units: Units,
    /// By the sign of a tree: the file that declares the element there.
    known: BTreeMap<Oid, Option<String>>,
}

impl Walk<'_> {
    /// The file of a commit that declares the element.
    fn file(&mut self, commit: &Revision, name: &FullName) -> Result<Option<String>, Error> {
        let tree = self.repo.tree(commit);
        let Some(sign) = alike(&tree)? else { return Ok(None) };
        if let Some(known) = self.known.get(&sign) {
            return Ok(known.clone());
        }
        let found = declares(&tree, name, &|path| self.layout.judges(path), &self.units)?;
        let found = found.map(|file| file.path);
        self.known.insert(sign, found.clone());
        Ok(found)
    }
}
