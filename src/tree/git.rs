//! Git's object store, through libgit2: no checkout, no temporary clone, no git executable.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use git2::{ErrorClass, ErrorCode, Index, IndexEntry, ObjectType, Oid, Repository, TreeEntry};

use super::{File, links};
use crate::error::Error;

/// A repository for many threads. libgit2's is for one at a time, so there is one for each worker,
/// opened when it is first needed.
pub(super) struct Shared {
    path: PathBuf,
    workers: Vec<Mutex<Option<Repository>>>,
}

impl Shared {
    pub(super) fn new(repo: Repository) -> Shared {
        let path = repo.path().to_owned();
        let others = (0..rayon::current_num_threads()).map(|_| Mutex::new(None));
        let workers = std::iter::once(Mutex::new(Some(repo))).chain(others).collect();
        Shared { path, workers }
    }

    /// The repository of this thread.
    pub(super) fn lock(&self) -> Locked<'_> {
        let own = rayon::current_thread_index().map_or(0, |index| index + 1);
        let lock = |at: usize| {
            // A worker that panicked left the repository as it was.
            self.workers[at].lock().unwrap_or_else(PoisonError::into_inner)
        };
        let mut worker = lock(own % self.workers.len());
        if worker.is_none() {
            *worker = Repository::open(&self.path).ok();
        }
        // One that cannot be opened again is shared with the main thread.
        if worker.is_none() { Locked(lock(0)) } else { Locked(worker) }
    }
}

/// A repository that no other thread has.
pub(super) struct Locked<'s>(MutexGuard<'s, Option<Repository>>);

impl std::ops::Deref for Locked<'_> {
    type Target = Repository;

    fn deref(&self) -> &Repository {
        self.0.as_ref().expect("the first is open from the start, others when they are locked")
    }
}

pub(super) const LINK: i32 = 0o120000;
const INTENT_TO_ADD: u16 = 1 << 13;

/// The repository around a folder; bare ones and linked worktrees too.
pub fn discover(folder: &Path) -> Result<Repository, Error> {
    if !folder.is_dir() {
        return Err(Error::NoSuchFolder { path: folder.to_owned() });
    }
    // Whether an object is what its name says is for git to check, when it stores it.
    git2::opts::strict_hash_verification(false);
    Repository::discover(folder).map_err(|err| explain(folder, &err))
}

/// Where a repository has room for what is worth keeping between runs. All its worktrees share it.
pub fn cache_folder(folder: &Path) -> Option<PathBuf> {
    Some(discover(folder).ok()?.commondir().join("protoskew"))
}

fn explain(folder: &Path, err: &git2::Error) -> Error {
    let path = folder.canonicalize().unwrap_or(folder.to_owned());
    let help = match err.code() {
        ErrorCode::NotFound => return Error::NotARepository { path },
        ErrorCode::Owner => format!(
            "another user owns it; if you trust it, run `git config --global --add safe.directory {}`",
            path.display()
        ),
        _ if err.class() == ErrorClass::Config => "look at git's configuration files".to_owned(),
        _ => "libgit2 reads repositories of format SHA-1 with loose or packed refs; \
              for others, export the versions with `git archive` and compare the folders"
            .to_owned(),
    };
    Error::Repository { path, reason: err.message().to_owned(), help }
}

/// The wanted files of a git tree. Submodules are other repositories, and hold no files here.
pub(super) fn tree_files(
    repo: &Repository,
    tree: Oid,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<File>, Error> {
    let top = repo.find_tree(tree)?;
    let mut files = Vec::new();
    walk(repo, tree, &mut |path, entry| {
        if entry.kind() == Some(ObjectType::Blob) && wanted(path) {
            let mut file = File::new(path.to_owned(), Some(entry.id()));
            if entry.filemode() == LINK {
                follow(repo, &mut file, |path| self::entry(&top, path));
            }
            files.push(file);
        }
    })?;
    Ok(files)
}

/// The file that a tree has at a path, and if it is a link.
pub(super) fn entry(top: &git2::Tree<'_>, path: &str) -> Option<(Oid, bool)> {
    let entry = top.get_path(Path::new(path)).ok()?;
    let link = entry.filemode() == LINK;
    (entry.kind() == Some(ObjectType::Blob)).then_some((entry.id(), link))
}

/// Shows every entry of a tree, with its path. libgit2's own walk ends at the first folder whose
/// name is not UTF-8, and needs a stack as deep as the folders are.
pub(super) fn walk(
    repo: &Repository,
    tree: Oid,
    visit: &mut dyn FnMut(&str, &TreeEntry<'_>),
) -> Result<(), git2::Error> {
    let mut folders = vec![(String::new(), tree)];
    while let Some((folder, id)) = folders.pop() {
        for entry in &repo.find_tree(id)? {
            let path = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
            visit(&path, &entry);
            if entry.kind() == Some(ObjectType::Tree) {
                folders.push((path + "/", entry.id()));
            }
        }
    }
    Ok(())
}

/// What `git commit` would commit. While git runs a hook for `git commit --all`, or for the commit
/// of some files only, that is not the repository's index: it says in the environment where.
pub(super) fn index(repo: &Repository) -> Result<Index, Error> {
    match std::env::var_os("GIT_INDEX_FILE") {
        Some(path) if !path.is_empty() => Ok(Index::open(Path::new(&path))?),
        _ => Ok(repo.index()?),
    }
}

/// The wanted files that `git commit` would commit, below a folder.
pub(super) fn index_files(
    repo: &Repository,
    under: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<File>, Error> {
    let index = index(repo)?;
    let mut files = Vec::new();
    for entry in index.iter() {
        let path = String::from_utf8_lossy(&entry.path);
        let Some(below) = path.strip_prefix(under) else { continue };
        // `git add --intent-to-add` stages a name, and nothing to commit.
        let intended = entry.flags_extended & INTENT_TO_ADD != 0;
        if intended || !wanted(below) {
            continue;
        }
        let stage = (entry.flags >> 12) & 0b11;
        if stage != 0 {
            return Err(Error::Unmerged { path: path.into_owned() });
        }
        let mut file = File::new(below.to_owned(), Some(entry.id));
        if entry.mode as i32 == LINK {
            let find = |path: &str| {
                let entry = staged(&index, &format!("{under}{path}"))?;
                Some((entry.id, entry.mode as i32 == LINK))
            };
            follow(repo, &mut file, find);
        }
        files.push(file);
    }
    Ok(files)
}

/// The file that the index has at a path. `Index::get_path` panics at paths that git has no use for.
pub(super) fn staged(index: &Index, path: &str) -> Option<IndexEntry> {
    index.iter().find(|entry| entry.path == path.as_bytes())
}

/// Gives a link the contents it ends at. `find` looks up a file: its id, and if it is a link too.
pub(super) fn follow(
    repo: &Repository,
    file: &mut File,
    find: impl Fn(&str) -> Option<(Oid, bool)>,
) {
    let mut at = file.path.clone();
    let mut id = file.id.unwrap_or(Oid::ZERO_SHA1);
    // As many hops as the kernel allows.
    for _ in 0..40 {
        // Whoever reads the file then says that it is not there.
        let Ok(blob) = repo.find_blob(id) else { return };
        let text = String::from_utf8_lossy(blob.content()).into_owned();
        let next = links::resolve(&at, &text).and_then(|path| Some((find(&path)?, path)));
        match next {
            None => return file.link = Some(Err(text)),
            Some(((target, true), path)) => (at, id) = (path, target),
            Some(((target, false), path)) => {
                file.id = Some(target);
                file.link = Some(Ok(path));
                return;
            }
        }
    }
    file.link = Some(Err(at));
}
