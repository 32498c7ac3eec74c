//! Many versions of one repository: opened once, and each folder that they share listed once.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use git2::{Commit, ObjectType, Oid, Repository};

use super::{File, Store, Tree, git};
use crate::error::Error;

/// A repository of which many versions are read.
pub struct Repo {
    shared: Arc<git::Shared>,
    folders: Arc<Folders>,
}

/// A commit that stands for a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// What people call it: a tag, or the beginning of the commit's id.
    pub name: String,
    /// The commit.
    pub commit: Oid,
    /// The commit's tree.
    pub tree: Oid,
    /// When it was committed, in seconds since 1970 began, UTC.
    pub time: i64,
}

/// The files of folders, by the id of the folder. Only those are known whose names were asked for
/// when the repository was opened.
pub(super) struct Folders {
    keeps: fn(&str) -> bool,
    known: Mutex<HashMap<Oid, Arc<Vec<Held>>>>,
}

/// A file in a folder or below it.
struct Held {
    path: String,
    id: Oid,
    mode: i32,
}

impl Repo {
    /// Opens the repository around a folder. `keeps` is given the names of files, without their
    /// folders; no other file is seen in the trees that come from here.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(folder: &Path, keeps: fn(&str) -> bool) -> Result<Repo, Error> {
        let shared = Arc::new(git::Shared::new(git::discover(folder)?));
        let folders = Arc::new(Folders { keeps, known: Mutex::default() });
        Ok(Repo { shared, folders })
    }

    /// Commits are missing, and tags may be.
    pub fn is_shallow(&self) -> bool {
        self.shared.lock().is_shallow()
    }

    /// Every tag that names a commit, in the order of their names. Tags of other objects, and those
    /// whose commit is not there, are no versions.
    ///
    /// # Errors
    /// The tags cannot be listed.
    pub fn tags(&self) -> Result<Vec<Revision>, Error> {
        let repo = self.shared.lock();
        let mut tags = Vec::new();
        for reference in repo.references_glob("refs/tags/*")? {
            let Ok(reference) = reference else { continue };
            let name = reference.name().ok().and_then(|it| it.strip_prefix("refs/tags/"));
            let Some(name) = name.map(str::to_owned) else { continue };
            let Ok(commit) = reference.peel_to_commit() else { continue };
            tags.push(Revision::new(name, &commit));
        }
        tags.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tags)
    }

    /// The commit that a revision expression means.
    ///
    /// # Errors
    /// It means none.
    pub fn revision(&self, name: &str) -> Result<Revision, Error> {
        let repo = self.shared.lock();
        let found = repo.revparse_single(name).and_then(|it| it.peel_to_commit());
        match found {
            Ok(commit) => Ok(Revision::new(name.to_owned(), &commit)),
            Err(_) => Err(super::hints::unknown(name, &repo)),
        }
    }

    /// The commits of a branch, the newest first, each the first parent of the one before it.
    ///
    /// # Errors
    /// No commit has that name, or one cannot be read.
    pub fn first_parents(&self, branch: &str) -> Result<Vec<Revision>, Error> {
        let tip = self.revision(branch)?;
        let repo = self.shared.lock();
        let mut walk = repo.revwalk()?;
        walk.push(tip.commit)?;
        walk.simplify_first_parent()?;
        walk.map(|id| Ok(short(&repo.find_commit(id?)?))).collect()
    }

    /// The parents of a commit, in order. A shallow clone lacks some.
    pub fn parents(&self, of: &Revision) -> Vec<Revision> {
        let repo = self.shared.lock();
        let Ok(commit) = repo.find_commit(of.commit) else { return Vec::new() };
        commit.parents().map(|parent| short(&parent)).collect()
    }

    /// The clone ends at this commit, though the history does not.
    pub fn is_cut_off(&self, at: &Revision) -> bool {
        let repo = self.shared.lock();
        repo.find_commit(at.commit).is_ok_and(|commit| {
            let there = commit.parents().count();
            commit.parent_count() > there || repo.is_shallow() && there == 0
        })
    }

    /// The first line of a commit's message.
    pub fn summary(&self, of: &Revision) -> String {
        let repo = self.shared.lock();
        let commit = repo.find_commit(of.commit).ok();
        let text = commit.as_ref().and_then(|it| it.summary().ok().flatten());
        text.unwrap_or_default().to_owned()
    }

    /// `of` is `ancestor`, or was made on top of it.
    pub fn contains(&self, of: &Revision, ancestor: &Revision) -> bool {
        let repo = self.shared.lock();
        of.commit == ancestor.commit
            || repo.graph_descendant_of(of.commit, ancestor.commit).unwrap_or(false)
    }

    /// The files of a version.
    pub fn tree(&self, of: &Revision) -> Tree {
        let (repo, folders) = (self.shared.clone(), Some(self.folders.clone()));
        let store = Store::Git { repo, tree: of.tree, folders };
        Tree::new(&of.name, Some(of.commit.to_string()), format!("{}:", of.name), store)
    }

    /// How many bytes the contents of a file are.
    pub fn size(&self, file: &File) -> usize {
        let repo = self.shared.lock();
        let header = repo.odb().and_then(|odb| odb.read_header(file.id.unwrap_or(Oid::ZERO_SHA1)));
        header.map_or(0, |(size, _)| size)
    }
}

impl Revision {
    fn new(name: String, commit: &Commit<'_>) -> Revision {
        let time = commit.committer().when().seconds();
        Revision { name, commit: commit.id(), tree: commit.tree_id(), time }
    }
}

/// A commit that nobody named.
fn short(commit: &Commit<'_>) -> Revision {
    Revision::new(commit.id().to_string()[..9].to_owned(), commit)
}

impl Folders {
    /// The files of a git tree, as [`git::tree_files`] finds them.
    pub(super) fn files(
        &self,
        repo: &Repository,
        tree: Oid,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<File>, Error> {
        let top = repo.find_tree(tree)?;
        let mut files = Vec::new();
        for held in self.held(repo, tree)?.iter().filter(|held| wanted(&held.path)) {
            let mut file = File::new(held.path.clone(), Some(held.id));
            if held.mode == git::LINK {
                git::follow(repo, &mut file, |path| git::entry(&top, path));
            }
            files.push(file);
        }
        Ok(files)
    }

    /// The files of a folder and of those below it. Folders are listed bottom up, without a stack
    /// of calls: they may be of any depth.
    fn held(&self, repo: &Repository, tree: Oid) -> Result<Arc<Vec<Held>>, git2::Error> {
        let mut open = vec![tree];
        while let Some(&id) = open.last() {
            if self.known(id).is_some() {
                open.pop();
                continue;
            }
            let folder = repo.find_tree(id)?;
            let below: Vec<Oid> = folder
                .iter()
                .filter(|it| it.kind() == Some(ObjectType::Tree) && self.known(it.id()).is_none())
                .map(|it| it.id())
                .collect();
            if !below.is_empty() {
                open.extend(below);
                continue;
            }
            let held = self.list(&folder);
            self.lock().insert(id, Arc::new(held));
        }
        Ok(self.known(tree).unwrap_or_default())
    }

    /// The files of a folder whose own folders are known.
    fn list(&self, folder: &git2::Tree<'_>) -> Vec<Held> {
        let mut files = Vec::new();
        for entry in folder {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            match entry.kind() {
                Some(ObjectType::Blob) if (self.keeps)(&name) => {
                    files.push(Held { path: name, id: entry.id(), mode: entry.filemode() });
                }
                Some(ObjectType::Tree) => {
                    let below = self.known(entry.id()).unwrap_or_default();
                    files.extend(below.iter().map(|held| Held {
                        path: format!("{name}/{}", held.path),
                        id: held.id,
                        mode: held.mode,
                    }));
                }
                _ => (),
            }
        }
        files
    }

    fn known(&self, id: Oid) -> Option<Arc<Vec<Held>>> {
        self.lock().get(&id).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Oid, Arc<Vec<Held>>>> {
        // A worker that panicked left what it had put in.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
