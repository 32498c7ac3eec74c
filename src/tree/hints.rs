//! What somebody may have meant with a name that means nothing, or two things.

use std::path::PathBuf;

use git2::{ObjectType, Oid, Repository};

use super::{base, git, source::split_path};
use crate::error::{Error, did_you_mean, near, one_of};

/// No revision, folder or descriptor set has the name.
pub(super) fn unknown(name: &str, repo: &Repository) -> Error {
    let (rev, _) = split_path(name);
    let names = repo.references().map(|all| {
        let names = all.filter_map(|it| Some(it.ok()?.shorthand().ok()?.to_owned()));
        names.collect::<Vec<String>>()
    });
    let names = names.unwrap_or_default();
    let special = [":worktree", ":index"];
    let near = || did_you_mean(rev, names.iter().map(String::as_str).chain(special));
    let mut help = match names.iter().any(|it| it == rev) {
        true => vec!["it is there, and what it stands for is not: `git fsck` says why".to_owned()],
        false => vec![misread(name).unwrap_or_else(near)],
    };
    help.extend(incomplete(repo, &names));
    help.retain(|it| !it.is_empty());
    if help.is_empty() {
        help.push("`git tag` and `git branch --all` list what there is".to_owned());
    }
    let help = help.join("\n");
    let top: PathBuf = repo.workdir().unwrap_or(repo.path()).to_owned();
    Error::UnknownRevision { name: name.to_owned(), repo: top, help }
}

/// What somebody who wrote this may have meant.
fn misread(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("the name is empty; a variable may not have been set".to_owned());
    }
    if let Some((folder, rest)) = name.split_once('@')
        && folder.contains('/')
        && !rest.starts_with('{')
    {
        return Some(format!("`{folder}` would be another repository, but is not a folder"));
    }
    let (base, head) = name.split_once("...").or_else(|| name.split_once(".."))?;
    let range = !base.is_empty() && !head.starts_with('/');
    range.then(|| format!("a range is two versions, with a space between: `{base} {head}`"))
}

/// Why the repository may not have what its remote has.
fn incomplete(repo: &Repository, references: &[String]) -> Option<String> {
    if references.is_empty() {
        return Some("the repository has no commit yet".to_owned());
    }
    if repo.is_shallow() {
        return Some(base::SHALLOW.to_owned());
    }
    let none = |names: Result<git2::string_array::StringArray, git2::Error>| {
        names.is_ok_and(|names| names.is_empty())
    };
    let cloned = !none(repo.remotes());
    (cloned && none(repo.tag_names(None)))
        .then(|| "this clone has no tags; `git fetch --tags` brings those of its remote".to_owned())
}

/// The revision has nothing at the path.
pub(super) fn missing(repo: &Repository, rev: &str, path: &str, top: Oid) -> Error {
    let mut folders = Vec::new();
    // What cannot be listed cannot be suggested.
    let _ = git::walk(repo, top, &mut |path, entry| {
        if entry.kind() == Some(ObjectType::Tree) {
            folders.push(path.to_owned());
        }
    });
    // The folder may have moved: one that ends alike is nearer than one that is spelled alike.
    let leaf = path.rsplit('/').next().unwrap_or(path);
    let near = match folders.iter().find(|it| it.rsplit('/').next() == Some(leaf)) {
        Some(moved) => vec![moved.as_str()],
        None => near(path, folders.iter().map(String::as_str)),
    };
    let near = one_of(near.into_iter().map(|folder| format!("{rev}:{folder}")));
    let help =
        if near.is_empty() { format!("`git ls-tree -rd {rev}` lists its folders") } else { near };
    Error::NoSuchPath { version: rev.to_owned(), path: path.to_owned(), help }
}

/// The name is that of a folder or file, and of a git object.
pub(super) fn ambiguous(
    name: &str,
    what: &'static str,
    repo: &Repository,
    object: &git2::Object<'_>,
) -> Error {
    let reference = repo.resolve_reference_from_short_name(name).ok();
    let full = reference.and_then(|it| it.name().ok().map(str::to_owned));
    Error::Ambiguous {
        name: name.to_owned(),
        what,
        path: format!("./{name}"),
        revision: full.unwrap_or_else(|| object.id().to_string()),
    }
}
