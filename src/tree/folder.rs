//! A folder, as the version that is being worked on.

use std::{
    collections::BTreeMap,
    fs::Metadata,
    io::{self, ErrorKind},
    path::Path,
    time::SystemTime,
};

use walkdir::{DirEntry, WalkDir};

use super::{File, Oid, git, links};
use crate::error::Error;

/// Every wanted file below `root`. What git would not commit from there is left out, as it is not
/// part of any version: ignored files, and repositories inside the repository. A folder that is
/// ignored as a whole was named on purpose, and is read whole.
pub(super) fn files(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<File>, Error> {
    let repo = Repo::around(root, wanted);
    let mut files = Vec::new();
    let walk = WalkDir::new(root).into_iter().filter_entry(|entry| enter(root, entry, &repo));
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
        if !file || !wanted(&path) || repo.ignores(&path) {
            continue;
        }
        if below.to_str().is_none() {
            let reason = io::Error::new(ErrorKind::InvalidData, "its name is not UTF-8");
            return Err(Error::Unreadable { path: entry.into_path(), reason });
        }
        let id = entry.metadata().ok().and_then(|it| repo.id(&path, &it));
        let mut file = File::new(path, id.filter(|_| kind.is_file()));
        if kind.is_symlink() {
            file.link = Some(follow(root, &file.path));
        }
        files.push(file);
    }
    Ok(files)
}

fn enter(root: &Path, entry: &DirEntry, repo: &Repo) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_dir() {
        return true;
    }
    let nested_repository = entry.path().join(".git").exists();
    let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
    let path = path.to_string_lossy().replace('\\', "/");
    entry.file_name() != ".git" && !nested_repository && !repo.ignores(&path)
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

/// What the repository around a folder knows of the files in it.
struct Repo {
    /// The repository, if there is one whose rules apply, and the folder's path in it, with a `/`
    /// at the end unless it is the top.
    around: Option<(git2::Repository, String)>,
    /// The wanted files that are committed or will be, by their paths from the top.
    tracked: BTreeMap<String, git2::IndexEntry>,
    /// When the index was written.
    written: Option<SystemTime>,
}

impl Repo {
    fn around(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Repo {
        let mut known = Repo { around: None, tracked: BTreeMap::new(), written: None };
        let Ok(root) = root.canonicalize() else { return known };
        let Ok(repo) = git::discover(&root) else { return known };
        let top = repo.workdir().and_then(|top| top.canonicalize().ok());
        let Some(below) = top.as_ref().and_then(|top| root.strip_prefix(top).ok()) else {
            return known;
        };
        let named_on_purpose = repo.is_path_ignored(below).unwrap_or(false);
        if !below.as_os_str().is_empty() && named_on_purpose {
            return known;
        }
        let mut prefix = below.to_string_lossy().replace('\\', "/");
        if !prefix.is_empty() {
            prefix.push('/');
        }
        if let Ok(index) = repo.index() {
            let written = index.path().and_then(|path| std::fs::metadata(path).ok());
            known.written = written.and_then(|it| it.modified().ok());
            let entries = index.iter().filter_map(|entry| {
                let path = String::from_utf8(entry.path.clone()).ok()?;
                path.strip_prefix(&prefix).is_some_and(wanted).then_some((path, entry))
            });
            known.tracked = entries.collect();
        }
        known.around = Some((repo, prefix));
        known
    }

    /// Git would not commit the file, or anything in the folder.
    fn ignores(&self, path: &str) -> bool {
        let Some((repo, prefix)) = &self.around else { return false };
        let path = format!("{prefix}{path}");
        let folder = format!("{path}/");
        let mut inside = self.tracked.range(folder.clone()..);
        let held = self.tracked.contains_key(&path)
            || inside.next().is_some_and(|(it, _)| it.starts_with(&folder));
        !held && repo.is_path_ignored(&path).unwrap_or(false)
    }

    /// What git calls the contents of a file that nobody wrote to since git last looked, as git
    /// itself tells: by its size and time, if it is older than the index.
    fn id(&self, path: &str, file: &Metadata) -> Option<Oid> {
        let (_, prefix) = self.around.as_ref()?;
        let entry = self.tracked.get(&format!("{prefix}{path}"))?;
        let modified = file.modified().ok()?;
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let (seconds, nanoseconds) = (entry.mtime.seconds(), entry.mtime.nanoseconds());
        let same_time = u64::try_from(seconds) == Ok(since.as_secs())
            && (nanoseconds == 0 || nanoseconds == since.subsec_nanos());
        let same_size = u64::from(entry.file_size) == file.len();
        let settled = self.written.is_some_and(|written| modified < written);
        (same_time && same_size && settled).then_some(entry.id)
    }
}
