//! Which commit to compare with: where branches part, and what a commit was made on top of.

use git2::{Oid, Repository};

use crate::error::Error;

/// A commit, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The commit.
    pub commit: Oid,
    /// What it is called in reports.
    pub name: String,
}

impl Point {
    /// A commit that has no name of its own, and what it is: `4f2c1e9a0 (main before this push)`.
    pub fn new(commit: Oid, what: &str) -> Point {
        Point { commit, name: format!("{} ({what})", &commit.to_string()[..9]) }
    }
}

/// The commit to compare with when none is named, and how people call it: where the branch that
/// is checked out left the default branch.
pub fn default_base(repo: &Repository) -> Result<Point, Error> {
    let no_base = |reason: String, help: &str| Error::NoBase { reason, help: help.to_owned() };
    let head = repo.head().and_then(|head| head.peel_to_commit()).map_err(|_| {
        no_base(
            "HEAD has no commit yet".into(),
            "name what to compare: `protoskew check BASE HEAD`",
        )
    })?;
    let (branch, tip) = default_branch(repo).ok_or_else(|| {
        no_base(
            "no default branch is known (`origin/HEAD`, `origin/main`, `main`, …)".into(),
            "name the base: `protoskew check BASE`",
        )
    })?;
    let base = repo.merge_base(head.id(), tip).map_err(|_| {
        let help =
            if repo.is_shallow() { SHALLOW } else { "name the base: `protoskew check BASE`" };
        no_base(format!("`{branch}` and HEAD have no commit in common"), help)
    })?;
    Ok(Point::new(base, &format!("merge base with {branch}")))
}

/// What to do about a clone that was cut off.
pub(super) const SHALLOW: &str = "this clone is shallow: run `git fetch --unshallow --tags`, or in \
                                  GitHub Actions give actions/checkout `fetch-depth: 0`";

/// The default branch, as far as this clone knows it, and where it is.
pub fn default_branch(repo: &Repository) -> Option<(String, Oid)> {
    let configured = repo.config().and_then(|it| it.get_string("init.defaultBranch")).ok();
    let names = configured.iter().map(String::as_str).chain(["main", "master", "trunk"]);
    let local: Vec<String> = names.map(|name| format!("refs/heads/{name}")).collect();
    let mut candidates = vec!["refs/remotes/origin/HEAD".to_owned()];
    for name in &local {
        if let Ok(upstream) = repo.branch_upstream_name(name) {
            candidates.extend(upstream.as_str().ok().map(str::to_owned));
        }
    }
    let remote = |name: &String| name.replacen("refs/heads/", "refs/remotes/origin/", 1);
    candidates.extend(local.iter().map(remote));
    candidates.extend(local);
    candidates.iter().find_map(|name| {
        let reference = repo.find_reference(name).ok()?.resolve().ok()?;
        let commit = reference.peel_to_commit().ok()?.id();
        Some((reference.shorthand().unwrap_or(name).to_owned(), commit))
    })
}

/// The commit that is checked out, if there is one.
pub fn head(repo: &Repository) -> Option<Oid> {
    Some(repo.head().ok()?.peel_to_commit().ok()?.id())
}

/// The id that a text is, in full.
pub fn id(text: &str) -> Option<Oid> {
    let whole = text.len() == 40 && text.bytes().all(|it| it.is_ascii_hexdigit());
    whole.then(|| Oid::from_str(text).ok()).flatten()
}

/// The commit that a revision names, if this clone has it.
pub fn commit(repo: &Repository, revision: &str) -> Option<Oid> {
    Some(repo.revparse_single(revision).ok()?.peel_to_commit().ok()?.id())
}

/// What a commit was made on top of, as it says itself: where a shallow clone ends, the commits
/// that are named are not there, and libgit2 does not mention them.
pub fn parents(repo: &Repository, commit: Oid) -> Vec<Oid> {
    let Ok(odb) = repo.odb() else { return Vec::new() };
    let Ok(object) = odb.read(commit) else { return Vec::new() };
    let text = String::from_utf8_lossy(object.data());
    let header = text.lines().take_while(|line| !line.is_empty());
    let parents = header.filter_map(|line| line.strip_prefix("parent "));
    parents.filter_map(|id| Oid::from_str(id).ok()).collect()
}

/// The best common ancestor of two commits, if this clone has one.
pub fn merge_base(repo: &Repository, a: Oid, b: Oid) -> Option<Oid> {
    repo.merge_base(a, b).ok()
}

/// `commit` is `ancestor`, or was made on top of it.
pub fn contains(repo: &Repository, commit: Oid, ancestor: Oid) -> bool {
    merge_base(repo, commit, ancestor) == Some(ancestor)
}

/// History was cut off when the repository was cloned.
pub fn is_shallow(repo: &Repository) -> bool {
    repo.is_shallow()
}

/// A branch can have that name.
pub fn is_branch(name: &str) -> bool {
    git2::Reference::is_valid_name(&format!("refs/heads/{name}"))
}
