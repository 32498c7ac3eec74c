//! The repository, at the same state, that a version is a part of. A version may be a folder of it;
//! what is said about the whole lies at its top.

use std::path::{Path, PathBuf};

use git2::{DescribeFormatOptions, DescribeOptions, Oid, Repository, Tree as GitTree};

use super::{git, source::split_path};
use crate::error::Error;

/// What a version is a part of. By default, of nothing.
#[derive(Clone, Debug, Default)]
pub struct Top {
    pub(super) place: Place,
    /// Where the version is in it: empty, or a path with a `/` at its end.
    pub under: String,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Place {
    #[default]
    Nowhere,
    Commit {
        repo: PathBuf,
        commit: Option<Oid>,
        tree: Oid,
        shown: String,
    },
    Index(PathBuf),
    Folder {
        path: PathBuf,
        shown: String,
    },
}

/// A file that was read whole.
#[derive(Clone, Debug)]
pub struct Document {
    /// How people can open it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Top {
    /// Of a folder, or a file: the working tree around it; without one, the folder itself.
    pub(super) fn around(path: &Path) -> Top {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let own = || {
            let shown = format!("{}/", folder.display()).replace("//", "/");
            let shown = if shown == "./" { String::new() } else { shown };
            Top { place: Place::Folder { path: folder.to_owned(), shown }, under: String::new() }
        };
        let Ok(whole) = folder.canonicalize() else { return own() };
        let top = git::discover(&whole).ok();
        let top = top.and_then(|repo| repo.workdir()?.canonicalize().ok());
        let Some(top) = top else { return own() };
        let Ok(under) = whole.strip_prefix(&top) else { return own() };
        let under = under.to_string_lossy().replace('\\', "/");
        let under = if under.is_empty() { under } else { under + "/" };
        Top { place: Place::Folder { path: top, shown: String::new() }, under }
    }

    /// Of the tree of a commit, if it is one: `shown` is how the version was named, `under` the
    /// folder of it.
    pub(super) fn commit(
        repo: &Repository,
        (commit, tree): (Option<Oid>, &GitTree<'_>),
        shown: &str,
        under: &str,
    ) -> Top {
        // `../manager@v2.16.1:rpc`: what follows the revision is the path.
        let whole = match shown.rsplit_once('@') {
            Some((folder, rest)) if !rest.starts_with('{') => {
                format!("{folder}@{}", split_path(rest).0)
            }
            _ => split_path(shown).0.to_owned(),
        };
        let (repo, tree, shown) = (repo.path().to_owned(), tree.id(), whole + ":");
        let place = Place::Commit { repo, commit, tree, shown };
        let under = if under.is_empty() { String::new() } else { format!("{under}/") };
        Top { place, under }
    }

    /// A file at a path from the top; `None` if there is none.
    ///
    /// # Errors
    /// There is one, and it cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Document>, Error> {
        let (prefix, bytes) = match &self.place {
            Place::Nowhere => return Ok(None),
            Place::Folder { path: top, shown } => {
                let path = top.join(path);
                let bytes = match std::fs::read(&path) {
                    Ok(bytes) => Some(bytes),
                    Err(err) if err.kind() == std::io::ErrorKind::NotFound => None,
                    Err(reason) => return Err(Error::Unreadable { path, reason }),
                };
                (shown.as_str(), bytes)
            }
            Place::Index(repo) => {
                let repo = Repository::open(repo)?;
                let id = git::staged(&git::index(&repo)?, path).map(|entry| entry.id);
                (":index:", id.map(|id| blob(&repo, id)).transpose()?)
            }
            Place::Commit { repo, tree, shown, .. } => {
                let repo = Repository::open(repo)?;
                let entry = repo.find_tree(*tree)?.get_path(Path::new(path)).ok();
                let bytes = entry.map(|entry| blob(&repo, entry.id())).transpose()?;
                (shown.as_str(), bytes)
            }
        };
        Ok(bytes.map(|bytes| Document { name: format!("{prefix}{path}"), bytes }))
    }
}

impl Top {
    /// When its commit was made, in seconds since 1970, by whoever made it; `None` of what is not
    /// committed.
    pub fn committed(&self) -> Option<i64> {
        let Place::Commit { repo, commit: Some(commit), .. } = &self.place else { return None };
        let repo = Repository::open(repo).ok()?;
        Some(repo.find_commit(*commit).ok()?.committer().when().seconds())
    }

    /// The nearest tag with a number in it that its history holds, as `git describe --tags` finds
    /// it; of what is not committed, that of HEAD.
    pub fn release(&self) -> Option<String> {
        let (repo, commit) = match &self.place {
            Place::Nowhere => return None,
            Place::Commit { repo, commit, .. } => (Repository::open(repo).ok()?, (*commit)?),
            Place::Index(repo) => head(Repository::open(repo).ok()?)?,
            Place::Folder { path, .. } => head(Repository::open(path).ok()?)?,
        };
        let mut options = DescribeOptions::new();
        options.describe_tags().pattern("*[0-9].[0-9]*");
        let commit = repo.find_object(commit, None).ok()?;
        let found = commit.describe(&options).ok()?;
        found.format(Some(DescribeFormatOptions::new().abbreviated_size(0))).ok()
    }
}

fn head(repo: Repository) -> Option<(Repository, Oid)> {
    let commit = repo.head().ok()?.peel_to_commit().ok()?.id();
    Some((repo, commit))
}

fn blob(repo: &Repository, id: Oid) -> Result<Vec<u8>, Error> {
    Ok(repo.find_blob(id)?.content().to_vec())
}
