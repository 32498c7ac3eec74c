//! Repositories to run the program in, made without a git executable.

use std::{cell::Cell, ffi::OsStr, fs, path::Path};

use git2::{Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

use crate::run::{Ran, run};

/// A temporary folder with a repository in it, or without.
pub(crate) struct Place {
    folder: TempDir,
    git: Option<Repository>,
    /// Commits so far. Each is a minute after the one before, so that their ids never change.
    commits: Cell<i64>,
    /// What has passed besides, in days.
    days: Cell<i64>,
}

/// What git makes of a path.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    File = 0o100_644,
    Link = 0o120_000,
    Submodule = 0o160_000,
}

impl Place {
    /// Without a repository.
    pub(crate) fn empty() -> Place {
        let folder = TempDir::new().expect("a temporary folder");
        Place { folder, git: None, commits: Cell::new(0), days: Cell::new(0) }
    }

    /// With a repository whose branch is `main` and that has no commit yet.
    pub(crate) fn repository() -> Place {
        let mut place = Place::empty();
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        place.git = Some(Repository::init_opts(place.path(), &options).expect("a repository"));
        place
    }

    /// With a repository of which each commit holds one file, tagged `v1`, `v2` and so on.
    pub(crate) fn versions(path: &str, texts: &[impl AsRef<str>]) -> Place {
        let place = Place::repository();
        for (index, text) in texts.iter().enumerate() {
            place.write(path, text.as_ref());
            place.commit_all();
            place.tag(&format!("v{}", index + 1));
        }
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn git(&self) -> &Repository {
        self.git.as_ref().expect("the place has a repository")
    }

    /// Empties the folder, but for the repository.
    pub(crate) fn clear(&self) {
        for name in self.names(".").into_iter().filter(|it| it != ".git") {
            let path = self.path().join(name);
            let removed =
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.expect("it can be removed");
        }
    }

    /// A file of the folder, with the folders it is in.
    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(&path, contents).expect("a file");
    }

    /// A symbolic link, where the system has them; the index can hold one anywhere.
    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a link is in a folder")).expect("a folder");
        #[cfg(unix)]
        std::os::unix::fs::symlink(target, path).expect("a link");
        #[cfg(not(unix))]
        let _ = target;
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    /// Names in a folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path().join(folder)).expect("a folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    /// Puts contents into the index, past the folder: it may hold names that the file system here
    /// does not.
    pub(crate) fn stage(&self, path: &str, mode: Mode, contents: impl AsRef<[u8]>) {
        let mut index = self.git().index().expect("an index");
        self.stage_in(&mut index, path, mode, contents.as_ref());
        index.write().expect("the index is written");
    }

    fn stage_in(&self, index: &mut Index, path: &str, mode: Mode, contents: &[u8]) {
        let id = self.git().blob(contents).expect("a blob");
        index.add(&entry(path.as_bytes(), mode, id)).expect("an entry of the index");
    }

    /// Stages every file of the folder, without the filters of anybody's configuration.
    pub(crate) fn stage_all(&self) {
        let mut index = self.git().index().expect("an index");
        index.clear().expect("an empty index");
        let walk = walkdir::WalkDir::new(self.path()).sort_by_file_name();
        let walk = walk.into_iter().filter_entry(|it| it.file_name() != ".git");
        for file in walk.map(|it| it.expect("an entry")).filter(|it| it.file_type().is_file()) {
            let path = file.path().strip_prefix(self.path()).expect("it is below the folder");
            let path = path.to_str().expect("tests name files in UTF-8").replace('\\', "/");
            let contents = fs::read(file.path()).expect("a file");
            self.stage_in(&mut index, &path, Mode::File, &contents);
        }
        index.write().expect("the index is written");
    }

    /// Commits what is staged to the branch that is checked out.
    pub(crate) fn commit(&self) -> Oid {
        let git = self.git();
        let tree = git.index().and_then(|mut it| it.write_tree()).expect("a tree");
        let tree = git.find_tree(tree).expect("a tree");
        let parent = git.head().ok().map(|it| it.peel_to_commit().expect("a commit"));
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let who = self.signature();
        let message = format!("version {}", self.commits.get());
        git.commit(Some("HEAD"), &who, &who, &message, &tree, &parents).expect("a commit")
    }

    /// Makes a commit of what is staged on top of some others; no branch has it.
    pub(crate) fn merge(&self, parents: &[Oid]) -> Oid {
        let git = self.git();
        let tree = git.index().and_then(|mut it| it.write_tree()).expect("a tree");
        let tree = git.find_tree(tree).expect("a tree");
        let parents: Vec<git2::Commit<'_>> =
            parents.iter().map(|it| git.find_commit(*it).expect("a commit")).collect();
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        let who = self.signature();
        git.commit(None, &who, &who, "merge", &tree, &parents).expect("a commit")
    }

    pub(crate) fn commit_all(&self) -> Oid {
        self.stage_all();
        self.commit()
    }

    fn signature(&self) -> Signature<'static> {
        self.commits.set(self.commits.get() + 1);
        let since = 60 * self.commits.get() + 24 * 60 * 60 * self.days.get();
        let time = Time::new(1_700_000_000 + since, 0);
        Signature::new("A. Tester", "tester@example.com", &time).expect("a signature")
    }

    /// The next commit is made so much later.
    pub(crate) fn days_pass(&self, days: i64) {
        self.days.set(self.days.get() + days);
    }

    /// Names the commit that is checked out.
    pub(crate) fn tag(&self, name: &str) {
        self.reference(&format!("refs/tags/{name}"));
    }

    pub(crate) fn annotated_tag(&self, name: &str) {
        let git = self.git();
        let head = git.revparse_single("HEAD").expect("a commit");
        git.tag(name, &head, &self.signature(), "A release", false).expect("a tag");
    }

    /// Names the commit that is checked out, in full: `refs/heads/topic`.
    pub(crate) fn reference(&self, name: &str) {
        let head = self.git().revparse_single("HEAD").expect("a commit").id();
        self.git().reference(name, head, true, "test").expect("a reference");
    }

    /// Runs the program here; the words of `line` are its arguments.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Ran {
        run(self.path(), &line.split_whitespace().collect::<Vec<&str>>())
    }

    /// Runs the program here, with arguments that hold anything.
    #[track_caller]
    pub(crate) fn run_with(&self, args: &[impl AsRef<OsStr>]) -> Ran {
        run(self.path(), args)
    }
}

/// An entry of the index that is not conflicted.
pub(crate) fn entry(path: &[u8], mode: Mode, id: Oid) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: mode as u32,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}
