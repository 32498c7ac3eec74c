//! A folder, as the version that is being worked on.

use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{File, git, links};
use crate::error::Error;

/// Every wanted file below `root`. What git would not commit from there is left out, as it is not
/// part of any version: ignored files, and repositories inside the repository. A folder that is
/// ignored as a whole was named on purpose, and is read whole.
pub(super) fn files(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<File>, Error> {
    let rules = Ignored::around(root, wanted);
    let mut files = Vec::new();
    let walk = WalkDir::new(root).into_iter().filter_entry(|entry| enter(entry, &rules));
    for entry in walk {
        let entry = entry.map_err(|err| {
            let path = err.path().unwrap_or(root).to_owned();
            let reason = err.into_io_error().unwrap_or_else(|| ErrorKind::InvalidData.into());
            Error::Unreadable { path, reason }
        })?;
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let path = below.to_string_lossy().replace('\\', "/");
        let kind = entry.file_type();
        // A pipe would be read for ever.
        let file = kind.is_file() || kind.is_symlink();
        if !file || !wanted(&path) || rules.ignore(entry.path()) {
            continue;
        }
        if below.to_str().is_none() {
            let reason = io::Error::new(ErrorKind::InvalidData, "its name is not UTF-8");
            return Err(Error::Unreadable { path: entry.into_path(), reason });
        }
        let mut file = File::new(path, None);
        if kind.is_symlink() {
            file.link = Some(follow(root, &file.path));
        }
        files.push(file);
    }
    Ok(files)
}

fn enter(entry: &DirEntry, rules: &Ignored) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_dir() {
        return true;
    }
    let nested_repository = entry.path().join(".git").exists();
    entry.file_name() != ".git" && !nested_repository && !rules.ignore(entry.path())
}

/// Where a link ends: at a file below `root`, or the text of the link that does not.
fn follow(root: &Path, path: &str) -> Result<String, String> {
    // Folders on the way may be links themselves.
    let inside = |path: &Path| {
        let (Ok(root), Ok(path)) = (root.canonicalize(), path.canonicalize()) else { return false };
        path.starts_with(root) && path.is_file()
    };
    let mut at = path.to_owned();
    // As many hops as the kernel allows.
    for _ in 0..40 {
        let Ok(target) = std::fs::read_link(root.join(&at)) else { return Ok(at) };
        let target = target.to_string_lossy().replace('\\', "/");
        match links::resolve(&at, &target) {
            Some(next) if inside(&root.join(&next)) => at = next,
            _ => return Err(target),
        }
    }
    Err(at)
}

/// What the repository around a folder ignores.
struct Ignored {
    /// The repository and its top, if there is one whose rules apply.
    around: Option<(git2::Repository, PathBuf)>,
    /// Wanted files that are committed in spite of the rules, from the top; git keeps them.
    tracked: BTreeSet<String>,
}

impl Ignored {
    fn around(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Ignored {
        let mut ignored = Ignored { around: None, tracked: BTreeSet::new() };
        let Ok(root) = root.canonicalize() else { return ignored };
        let Ok(repo) = git::discover(&root) else { return ignored };
        let Some(top) = repo.workdir().and_then(|top| top.canonicalize().ok()) else {
            return ignored;
        };
        let below = root.strip_prefix(&top).unwrap_or(&root);
        if root != top && repo.is_path_ignored(below).unwrap_or(false) {
            return ignored;
        }
        if let Ok(index) = repo.index() {
            let paths = index.iter().filter_map(|entry| String::from_utf8(entry.path).ok());
            ignored.tracked = paths.filter(|path| wanted(path)).collect();
        }
        ignored.around = Some((repo, top));
        ignored
    }

    fn ignore(&self, path: &Path) -> bool {
        let Some((repo, top)) = &self.around else { return false };
        let Some(path) = below(path, top) else { return false };
        let held = |path: &str| {
            let first = self.tracked.range(path.to_owned()..).next();
            first.is_some_and(|it| it.strip_prefix(path).is_some_and(|rest| !rest.starts_with('.')))
        };
        !held(&path) && repo.is_path_ignored(&path).unwrap_or(false)
    }
}

/// The path from the top of the repository, with `/`.
fn below(path: &Path, top: &Path) -> Option<String> {
    let parent = path.parent()?.canonicalize().ok()?;
    let path = parent.join(path.file_name()?);
    Some(path.strip_prefix(top).ok()?.to_str()?.replace('\\', "/"))
}
