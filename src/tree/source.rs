//! What a user's name for a version means.

use std::{path::Path, sync::Arc};

use git2::{ObjectType, Repository};

use super::{
    Store, Top, Tree, git,
    hints::{ambiguous, missing, unknown},
    top::Place,
};
use crate::error::Error;

/// A version before it is compiled.
pub struct Source {
    /// Files, or descriptors.
    pub content: Content,
    /// What people call it.
    pub name: String,
    /// The commit, if it is one.
    pub commit: Option<String>,
    /// What it is a part of.
    pub top: Top,
}

/// What a version is made of.
pub enum Content {
    /// `.proto` files.
    Files(Tree),
    /// A serialized `google.protobuf.FileDescriptorSet`.
    Descriptors(Vec<u8>),
}

/// The endings of descriptor sets, as protoc's and buf's manuals have them.
const DESCRIPTOR_SETS: [&str; 4] = [".binpb", ".pb", ".desc", ".protoset"];

/// Finds the version that `name` means, for the repository around `repo`:
///
/// `:worktree`, `:index`, a folder, a descriptor set, any git revision, `REV:PATH`,
/// `REPO@REV[:PATH]`.
///
/// # Errors
/// The name means nothing, or two things; the repository cannot be read.
pub fn open(name: &str, repo: &Path) -> Result<Source, Error> {
    if let Some(source) = special(name, repo)? {
        return Ok(source);
    }
    let path = Path::new(name);
    let repository = git::discover(repo);
    let set = path.is_file() && is_descriptor_set(name);
    if set || path.is_dir() {
        let explicit = name.starts_with(['.', '/']) || name.ends_with('/') || path.is_absolute();
        if let (false, Ok(repository)) = (explicit, &repository)
            && let Ok(object) = repository.revparse_single(name)
        {
            let what = if set { "file" } else { "folder" };
            return Err(ambiguous(name, what, repository, &object));
        }
        let top = Top::around(path);
        return if set { read_descriptors(name, top) } else { Ok(files(Tree::folder(path), top)) };
    }
    match &repository {
        Ok(found) if found.revparse_single(split_path(name).0).is_ok() => {
            return revision(repository?, name, name);
        }
        _ => (),
    }
    if let Some((folder, rest)) = other_repository(name) {
        let mut source = revision(git::discover(folder)?, rest, name)?;
        source.name = name.to_owned();
        return Ok(source);
    }
    if path.is_file() {
        return Err(not_a_source(name, "a file"));
    }
    Err(unknown(name, &repository?))
}

impl Source {
    /// Gives it another name in reports.
    pub fn renamed(mut self, name: &str) -> Source {
        self.name = name.to_owned();
        if let Content::Files(tree) = &mut self.content {
            tree.name = name.to_owned();
        }
        self
    }
}

fn files(tree: Tree, top: Top) -> Source {
    let (name, commit) = (tree.name.clone(), tree.commit.clone());
    Source { name, commit, content: Content::Files(tree), top }
}

fn descriptors(name: &str, commit: Option<String>, bytes: Vec<u8>, top: Top) -> Source {
    Source { name: name.to_owned(), commit, content: Content::Descriptors(bytes), top }
}

fn read_descriptors(name: &str, top: Top) -> Result<Source, Error> {
    match std::fs::read(name) {
        Ok(bytes) => Ok(descriptors(name, None, bytes, top)),
        Err(reason) => Err(Error::Unreadable { path: name.into(), reason }),
    }
}

fn not_a_source(name: &str, what: &'static str) -> Error {
    Error::NotASource { name: name.to_owned(), what }
}

fn is_descriptor_set(name: &str) -> bool {
    DESCRIPTOR_SETS.iter().any(|ending| name.ends_with(ending))
}

/// `:worktree[:PATH]` and `:index[:PATH]`. No ref can begin with a colon.
fn special(name: &str, repo: &Path) -> Result<Option<Source>, Error> {
    let Some(rest) = name.strip_prefix(':') else { return Ok(None) };
    let (word, under) = rest.split_once(':').unwrap_or((rest, ""));
    let under = under.trim_matches('/');
    let what = match word {
        "worktree" => "the working tree",
        "index" => "the index",
        _ => return Ok(None),
    };
    let repo = git::discover(repo)?;
    let Some(top) = repo.workdir().map(Path::to_owned) else {
        return Err(Error::Bare { repo: repo.path().to_owned(), name: name.to_owned() });
    };
    let found = if word == "index" { staged(&repo, under)? } else { kept(&top.join(under)) };
    match found {
        Some(ObjectType::Tree) => (),
        Some(_) => return Err(not_a_source(name, "a file")),
        None => {
            let help = format!("the path of a folder begins at the top, `{}`", top.display());
            let (version, path) = (what.to_owned(), under.to_owned());
            return Err(Error::NoSuchPath { version, path, help });
        }
    }
    let shown = if under.is_empty() { what.to_owned() } else { format!("{what}:{under}") };
    let under = if under.is_empty() { String::new() } else { format!("{under}/") };
    let top_of = |place| Top { place, under: under.clone() };
    let part_of = match word {
        "index" => top_of(Place::Index(repo.path().to_owned())),
        _ => top_of(Place::Folder { path: top.clone(), shown: String::new() }),
    };
    let (prefix, store) = match word {
        "index" => {
            (format!(":index:{under}"), Store::Index { repo: git::Shared::new(repo), under })
        }
        _ => (under.clone(), Store::Folder(top.join(under))),
    };
    Ok(Some(files(Tree::new(&shown, None, prefix, store), part_of)))
}

/// What the index has at a path. It knows only files.
fn staged(repo: &Repository, path: &str) -> Result<Option<ObjectType>, Error> {
    let index = git::index(repo)?;
    if git::staged(&index, path).is_some() {
        return Ok(Some(ObjectType::Blob));
    }
    let folder = format!("{path}/");
    let holds = path.is_empty() || index.iter().any(|it| it.path.starts_with(folder.as_bytes()));
    Ok(holds.then_some(ObjectType::Tree))
}

/// What a folder has at a path.
fn kept(path: &Path) -> Option<ObjectType> {
    let folder = path.is_dir();
    path.exists().then_some(if folder { ObjectType::Tree } else { ObjectType::Blob })
}

/// `REV` and `PATH` of `REV:PATH`. The colons of `:/text` and `HEAD^{/text}` are git's own.
pub(super) fn split_path(name: &str) -> (&str, Option<&str>) {
    let mut depth = 0;
    for (at, char) in name.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ':' if depth == 0 && at > 0 => return (&name[..at], Some(&name[at + 1..])),
            _ => (),
        }
    }
    (name, None)
}

/// `DIR` and `REV[:PATH]` of `DIR@REV[:PATH]`. The `@{` of `main@{1}` is git's own.
fn other_repository(name: &str) -> Option<(&Path, &str)> {
    name.match_indices('@').find_map(|(at, _)| {
        let (folder, rest) = (Path::new(&name[..at]), &name[at + 1..]);
        (at > 0 && !rest.starts_with('{') && folder.is_dir()).then_some((folder, rest))
    })
}

/// `shown` is how the user named it, with the repository.
fn revision(repo: Repository, name: &str, shown: &str) -> Result<Source, Error> {
    let (rev, path) = split_path(name);
    let Ok(object) = repo.revparse_single(rev) else { return Err(unknown(rev, &repo)) };
    let id = object.peel_to_commit().ok().map(|commit| commit.id());
    let commit = id.map(|id| id.to_string());
    let top = object.peel_to_tree().map_err(|_| not_a_source(shown, "a file"))?;
    let path = path.unwrap_or_default().trim_matches('/');
    let mut found = top.as_object().clone();
    if !path.is_empty() {
        let entry = top.get_path(Path::new(path));
        let entry = entry.map_err(|_| missing(&repo, rev, path, top.id()))?;
        if entry.kind() == Some(ObjectType::Commit) {
            return Err(not_a_source(shown, "a submodule"));
        }
        found = entry.to_object(&repo)?;
    }
    match found.kind() {
        Some(ObjectType::Tree) => {
            let prefix = match path {
                "" => format!("{}:", shown.trim_end_matches(':')),
                _ => format!("{}/", shown.trim_end_matches('/')),
            };
            let tree = found.id();
            let part_of = Top::commit(&repo, (id, &top), shown, path);
            drop((top, object, found));
            let repo = Arc::new(git::Shared::new(repo));
            let store = Store::Git { repo, tree, folders: None };
            Ok(files(Tree::new(shown, commit, prefix, store), part_of))
        }
        Some(ObjectType::Blob) if is_descriptor_set(path) => {
            let bytes = found.as_blob().map(|blob| blob.content().to_vec()).unwrap_or_default();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            Ok(descriptors(shown, commit, bytes, Top::commit(&repo, (id, &top), shown, folder)))
        }
        _ => Err(not_a_source(shown, "a file")),
    }
}
