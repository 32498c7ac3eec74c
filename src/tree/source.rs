//! What a user's name for a version means.

use std::path::{Path, PathBuf};

use git2::{ObjectType, Repository};

use super::{Store, Tree, git};
use crate::error::{Error, did_you_mean};

/// A version before it is compiled.
pub struct Source {
    /// Files, or descriptors.
    pub content: Content,
    /// What people call it.
    pub name: String,
    /// The commit, if it is one.
    pub commit: Option<String>,
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
    if path.is_file() && is_descriptor_set(name) {
        let read = std::fs::read(path);
        let bytes = read.map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
        return Ok(descriptors(name, None, bytes));
    }
    let repository = git::discover(repo);
    if path.is_dir() {
        let explicit = name.starts_with(['.', '/']) || name.ends_with('/') || path.is_absolute();
        if let (false, Ok(repository)) = (explicit, &repository)
            && let Ok(object) = repository.revparse_single(name)
        {
            return Err(ambiguous(name, repository, &object));
        }
        return Ok(files(Tree::folder(path)));
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
        return Err(Error::NotASource { name: name.to_owned() });
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

fn files(tree: Tree) -> Source {
    Source { name: tree.name.clone(), commit: tree.commit.clone(), content: Content::Files(tree) }
}

fn descriptors(name: &str, commit: Option<String>, bytes: Vec<u8>) -> Source {
    Source { name: name.to_owned(), commit, content: Content::Descriptors(bytes) }
}

fn is_descriptor_set(name: &str) -> bool {
    DESCRIPTOR_SETS.iter().any(|ending| name.ends_with(ending))
}

/// `:worktree[:PATH]` and `:index[:PATH]`. No ref can begin with a colon.
fn special(name: &str, repo: &Path) -> Result<Option<Source>, Error> {
    let (word, under) = match name.strip_prefix(':').map(|rest| rest.split_once(':')) {
        None => return Ok(None),
        Some(None) => (&name[1..], ""),
        Some(Some((word, under))) => (word, under.trim_matches('/')),
    };
    let repository = |word: &str| {
        let repo = git::discover(repo)?;
        match repo.workdir().map(Path::to_owned) {
            Some(top) => Ok((repo, top)),
            None => Err(Error::NoSuchPath {
                version: repo.path().display().to_string(),
                path: word.to_owned(),
                help: "a bare repository has no working tree and no index; name a revision".into(),
            }),
        }
    };
    let at =
        |what: &str| if under.is_empty() { what.to_owned() } else { format!("{what}:{under}") };
    match word {
        "worktree" => {
            let (_, top) = repository(word)?;
            let mut tree = Tree::folder(&top.join(under));
            tree.name = at("the working tree");
            tree.prefix = if under.is_empty() { String::new() } else { format!("{under}/") };
            Ok(Some(files(tree)))
        }
        "index" => {
            let (repo, _) = repository(word)?;
            let under = if under.is_empty() { String::new() } else { format!("{under}/") };
            let store = Store::Index { repo: repo.into(), under };
            Ok(Some(files(Tree::new(&at("the index"), None, format!("{name}:"), store))))
        }
        _ => Ok(None),
    }
}

/// `REV` and `PATH` of `REV:PATH`. The colons of `:/text` and `HEAD^{/text}` are git's own.
fn split_path(name: &str) -> (&str, Option<&str>) {
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
    let commit = object.peel_to_commit().ok().map(|commit| commit.id().to_string());
    let top = object.peel_to_tree().map_err(|_| Error::NotASource { name: shown.to_owned() })?;
    let path = path.unwrap_or_default().trim_matches('/');
    let mut found = top.as_object().clone();
    if !path.is_empty() {
        let entry = top.get_path(Path::new(path)).map_err(|_| missing(rev, path, &top))?;
        found = entry.to_object(&repo)?;
    }
    match found.kind() {
        Some(ObjectType::Tree) => {
            let prefix = match path {
                "" => format!("{}:", shown.trim_end_matches(':')),
                _ => format!("{}/", shown.trim_end_matches('/')),
            };
            let tree = found.id();
            drop((top, object, found));
            let store = Store::Git { repo: repo.into(), tree };
            Ok(files(Tree::new(shown, commit, prefix, store)))
        }
        Some(ObjectType::Blob) if is_descriptor_set(path) => {
            let bytes = found.as_blob().map(|blob| blob.content().to_vec()).unwrap_or_default();
            Ok(descriptors(shown, commit, bytes))
        }
        _ => Err(Error::NotASource { name: shown.to_owned() }),
    }
}

fn missing(rev: &str, path: &str, top: &git2::Tree<'_>) -> Error {
    let mut folders = Vec::new();
    top.walk(git2::TreeWalkMode::PreOrder, |parent, entry| {
        if entry.kind() == Some(ObjectType::Tree) {
            folders.push(format!("{parent}{}", entry.name().unwrap_or_default()));
        }
        git2::TreeWalkResult::Ok
    })
    .ok();
    // The folder may have moved: one that ends alike is nearer than one that is spelled alike.
    let leaf = path.rsplit('/').next().unwrap_or(path);
    let moved = folders.iter().find(|it| it.rsplit('/').next() == Some(leaf));
    let near = match moved {
        Some(moved) => format!("did you mean `{rev}:{moved}`?"),
        None => did_you_mean(path, folders.iter().map(String::as_str)),
    };
    let help =
        if near.is_empty() { format!("`git ls-tree -r {rev}` lists what is there") } else { near };
    Error::NoSuchPath { version: rev.to_owned(), path: path.to_owned(), help }
}

fn ambiguous(name: &str, repo: &Repository, object: &git2::Object<'_>) -> Error {
    let reference = repo.resolve_reference_from_short_name(name).ok();
    let full = reference.and_then(|it| it.name().ok().map(str::to_owned));
    Error::Ambiguous {
        name: name.to_owned(),
        folder: format!("./{name}"),
        revision: full.unwrap_or_else(|| object.id().to_string()),
    }
}

fn unknown(name: &str, repo: &Repository) -> Error {
    let (rev, _) = split_path(name);
    let names = repo.references().map(|all| {
        let names = all.filter_map(|it| Some(it.ok()?.shorthand().ok()?.to_owned()));
        names.collect::<Vec<String>>()
    });
    let names = names.unwrap_or_default();
    let special = [":worktree", ":index"];
    let mut help = vec![did_you_mean(rev, names.iter().map(String::as_str).chain(special))];
    if repo.is_shallow() {
        help.push(git::SHALLOW.to_owned());
    } else if repo.tag_names(None).is_ok_and(|tags| tags.is_empty()) {
        help.push("this clone has no tags; `git fetch --tags` brings those of its remote".into());
    }
    help.retain(|it| !it.is_empty());
    if help.is_empty() {
        help.push("`git tag` and `git branch --all` list what there is".to_owned());
    }
    let help = help.join("\n");
    let top: PathBuf = repo.workdir().unwrap_or(repo.path()).to_owned();
    Error::UnknownRevision { name: name.to_owned(), repo: top, help }
}
