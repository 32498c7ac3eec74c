//! The files of one version, read in place: a git tree, the index, a folder, memory. Nothing is
//! ever checked out. Knows nothing of protobuf.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::error::Error;

pub mod base;
mod folder;
mod git;
mod hints;
mod hunks;
mod links;
mod repo;
mod source;
mod top;

pub use git::{cache_folder, discover};
pub use git2::{Oid, Repository};
pub use hunks::{Hunk, hunks};
pub use repo::{Repo, Revision};
pub use source::{Content, Source, open};
pub use top::{Document, Top};

/// A read-only set of files.
pub struct Tree {
    /// What people call this version, such as `v2.17.0` or `the working tree`.
    pub name: String,
    /// The commit, if it is one.
    pub commit: Option<String>,
    /// What to put before a path so that people can open it: `v2.17.0:`, `testdata/x/`.
    prefix: String,
    store: Store,
}

enum Store {
    Git { repo: Arc<git::Shared>, tree: Oid, folders: Option<Arc<repo::Folders>> },
    Index { repo: git::Shared, under: String },
    Folder(PathBuf),
    Memory(BTreeMap<String, Vec<u8>>),
}

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// From the top of the tree, with `/`.
    pub path: String,
    /// What git calls these contents, where that is known before reading them.
    pub id: Option<Oid>,
    /// Of a symbolic link: where it ends, or the text of a link that ends outside the tree.
    link: Option<Result<String, String>>,
}

impl Tree {
    /// Files that exist nowhere else: examples and tests.
    pub fn memory(name: &str, files: BTreeMap<String, Vec<u8>>) -> Tree {
        Tree::new(name, None, String::new(), Store::Memory(files))
    }

    /// Every file below a folder, but for what git ignores there.
    pub fn folder(path: &Path) -> Tree {
        let name = path.display().to_string();
        let prefix = if name == "." { String::new() } else { format!("{name}/") };
        Tree::new(&name, None, prefix.replace("//", "/"), Store::Folder(path.to_owned()))
    }

    fn new(name: &str, commit: Option<String>, prefix: String, store: Store) -> Tree {
        Tree { name: name.to_owned(), commit, prefix, store }
    }

    /// The name under which people can open a file of this tree.
    pub fn locate(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The files whose names are wanted, in the order of their paths. `wanted` is given paths.
    pub fn files(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<File>, Error> {
        let mut files = match &self.store {
            Store::Git { repo, tree, folders: None } => {
                git::tree_files(&repo.lock(), *tree, wanted)?
            }
            Store::Git { repo, tree, folders: Some(folders) } => {
                folders.files(&repo.lock(), *tree, wanted)?
            }
            Store::Index { repo, under } => git::index_files(&repo.lock(), under, wanted)?,
            Store::Folder(root) => folder::files(root, wanted)?,
            Store::Memory(files) => {
                let paths = files.keys().filter(|path| wanted(path));
                paths.map(|path| File::new(path.clone(), None)).collect()
            }
        };
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The contents of one file, and what git calls them.
    pub fn read(&self, file: &File) -> Result<(Oid, Vec<u8>), Error> {
        let path = match &file.link {
            None => &file.path,
            Some(Ok(target)) => target,
            Some(Err(target)) => {
                return Err(Error::DanglingLink {
                    file: self.locate(&file.path),
                    target: target.clone(),
                    version: self.name.clone(),
                });
            }
        };
        let bytes = match &self.store {
            Store::Git { repo, .. } => return self.blob(repo, file, path),
            Store::Index { repo, .. } => return self.blob(repo, file, path),
            Store::Folder(root) => {
                let path = root.join(path);
                std::fs::read(&path).map_err(|reason| Error::Unreadable { path, reason })?
            }
            Store::Memory(files) => files.get(path).cloned().unwrap_or_default(),
        };
        Ok((digest(&bytes)?, bytes))
    }

    fn blob(&self, repo: &git::Shared, file: &File, path: &str) -> Result<(Oid, Vec<u8>), Error> {
        let id = file.id.unwrap_or(Oid::ZERO_SHA1);
        match repo.lock().find_blob(id) {
            Ok(blob) => Ok((id, blob.content().to_vec())),
            Err(_) => Err(Error::MissingBlob { file: self.locate(path), blob: id.to_string() }),
        }
    }
}

/// What git calls some contents.
pub(crate) fn digest(contents: &[u8]) -> Result<Oid, Error> {
    Ok(Oid::hash_object(git2::ObjectType::Blob, contents)?)
}

impl File {
    /// Where it ends, if it is a symbolic link.
    pub fn target(&self) -> Option<&str> {
        self.link.as_ref()?.as_deref().ok()
    }

    fn new(path: String, id: Option<Oid>) -> File {
        File { path, id, link: None }
    }
}
