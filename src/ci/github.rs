//! What an event of GitHub asks to have compared, in the clone that actions/checkout made.

use crate::{
    error::Error,
    tree::{
        Oid, Repository,
        base::{self, Point, contains, merge_base, parents},
    },
};

use super::{
    Asked, Event, Missing,
    release::{anything, release},
};

/// Finds what to compare.
///
/// # Errors
/// There is nothing to compare with, though there should be.
pub fn asked(event: &Event, repo: &Repository) -> Result<Asked, Error> {
    let Some(head) = base::head(repo) else {
        let reason = "HEAD has no commit: nothing is checked out".to_owned();
        let help = "run actions/checkout before this".to_owned();
        return Err(Error::NoBase { reason, help });
    };
    match event {
        Event::Deleted => Ok(Asked::Nothing("it was deleted: nobody gets a newer version".into())),
        Event::PullRequest { number, into, base, head: theirs } => {
            let request = Request { number: *number, into, base: *base, head: *theirs };
            request.asked(repo, head)
        }
        Event::MergeGroup { into, base } => {
            let head = Point::new(head, &format!("merged into {into}"));
            Ok(match base::commit(repo, &base.to_string()) {
                Some(base) => Asked::Compare { base: Point::new(base, into), head },
                None => lacking(*base, "what this is merged into", &["--depth=1"], repo),
            })
        }
        Event::Push { branch, before, forced, default_branch } => {
            let push = Push { branch, forced: *forced, default: default_branch.as_deref() };
            push.asked(repo, head, *before)
        }
        Event::Release { tag } => {
            let commit = base::commit(repo, &format!("refs/tags/{tag}")).unwrap_or(head);
            release(repo, Point { commit, name: tag.clone() })
        }
        Event::Other => anything(repo, Point::new(head, "HEAD")),
    }
}

/// A pull request.
struct Request<'e> {
    number: u64,
    into: &'e str,
    base: Oid,
    head: Oid,
}

impl Request<'_> {
    /// `here` is what is checked out. Mostly that is the merge that GitHub tries out, on top of
    /// what is merged into: then that is the base, and nobody else's changes are in between.
    fn asked(&self, repo: &Repository, here: Oid) -> Result<Asked, Error> {
        let named = |commit| Point::new(commit, &format!("pull request {}", self.number));
        let base = |commit| Point::new(commit, self.into);
        if let [into, theirs] = parents(repo, here).as_slice()
            && *theirs == self.head
        {
            return Ok(match base::commit(repo, &into.to_string()) {
                Some(into) => Asked::Compare { base: base(into), head: named(here) },
                None => Missing::asked(
                    "what the pull request is merged into is not in this clone".to_owned(),
                    &["--no-tags", "--depth=2", "origin", &here.to_string()],
                ),
            });
        }
        // On `pull_request_target`, what is checked out is the base.
        let head = if contains(repo, here, self.head) { here } else { self.head };
        if base::commit(repo, &head.to_string()).is_none() {
            return Ok(lacking(head, "the head of the pull request", &[], repo));
        }
        if let Some(found) = self.left(repo, head) {
            let name = format!("merge base with {}", self.into);
            return Ok(Asked::Compare { base: Point::new(found, &name), head: named(head) });
        }
        let known = base::commit(repo, &self.base.to_string()).is_some();
        if known && !base::is_shallow(repo) {
            return Err(unrelated(&format!("pull request {}", self.number), self.into));
        }
        Ok(whole(repo, head, self.base, "the commit at which the pull request began"))
    }

    /// Where the head left the branch it is for. The event tells where that branch was at some
    /// time, the clone where it is; after the merge, the latter has the head in it.
    fn left(&self, repo: &Repository, head: Oid) -> Option<Oid> {
        let now = base::commit(repo, &format!("refs/remotes/origin/{}", self.into));
        let now = now.and_then(|tip| merge_base(repo, head, tip)).filter(|it| *it != head);
        now.or_else(|| merge_base(repo, head, self.base))
    }
}

/// A push to a branch.
struct Push<'e> {
    branch: &'e str,
    forced: bool,
    default: Option<&'e str>,
}

impl Push<'_> {
    fn asked(&self, repo: &Repository, head: Oid, before: Option<Oid>) -> Result<Asked, Error> {
        let named = Point::new(head, self.branch);
        let Some(before) = before else { return self.new_branch(repo, named) };
        if base::commit(repo, &before.to_string()).is_some() {
            let base = Point::new(before, &format!("{} before this push", self.branch));
            return Ok(Asked::Compare { base, head: named });
        }
        // A push that is not forced is on top of what was there, so it is to be had.
        if base::is_shallow(repo) || !self.forced || self.is_default() {
            let what = format!("where `{}` was before this push", self.branch);
            return Ok(lacking(before, &what, &["--depth=1"], repo));
        }
        self.new_branch(repo, named)
    }

    fn is_default(&self) -> bool {
        self.default == Some(self.branch)
    }

    /// Nothing is known of what was there.
    fn new_branch(&self, repo: &Repository, head: Point) -> Result<Asked, Error> {
        let default = match self.default {
            Some(default) if self.is_default() => {
                let reason =
                    format!("this is the first push of `{default}`: nobody has an older version");
                return Ok(Asked::Nothing(reason));
            }
            Some(default) => default,
            None => return Ok(Asked::Compare { base: base::default_base(repo)?, head }),
        };
        let references =
            [format!("refs/remotes/origin/{default}"), format!("refs/heads/{default}")];
        let tip = references.iter().find_map(|it| base::commit(repo, it));
        match tip.and_then(|tip| merge_base(repo, head.commit, tip)) {
            Some(found) => {
                let base = Point::new(found, &format!("merge base with {default}"));
                Ok(Asked::Compare { base, head })
            }
            None if tip.is_some() && !base::is_shallow(repo) => Err(unrelated(&head.name, default)),
            None if !base::is_branch(default) => Err(unrelated(&head.name, default)),
            None => {
                let reason = format!(
                    "the commit at which `{}` left `{default}` is not in this clone",
                    self.branch
                );
                let branch = format!("+refs/heads/{default}:refs/remotes/origin/{default}");
                let head = head.commit.to_string();
                let deep: &[&str] = if base::is_shallow(repo) { &["--unshallow"] } else { &[] };
                Ok(Missing::asked(
                    reason,
                    &[deep, &["--no-tags", "origin", &head, &branch]].concat(),
                ))
            }
        }
    }
}

/// A commit that can be had by its id.
fn lacking(commit: Oid, what: &str, shallow: &[&str], repo: &Repository) -> Asked {
    let id = commit.to_string();
    // In a whole clone, to ask for one commit only would cut history off there.
    let depth = if base::is_shallow(repo) { shallow } else { &[] };
    let reason = format!("{what}, {id}, is not in this clone");
    Missing::asked(reason, &[&["--no-tags"], depth, &["origin", &id]].concat())
}

/// Two commits, and all that leads to them.
fn whole(repo: &Repository, a: Oid, b: Oid, what: &str) -> Asked {
    let (a, b) = (a.to_string(), b.to_string());
    let deep: &[&str] = if base::is_shallow(repo) { &["--unshallow"] } else { &[] };
    let reason = format!("{what} is not in this clone");
    Missing::asked(reason, &[deep, &["--no-tags", "origin", &a, &b]].concat())
}

fn unrelated(head: &str, branch: &str) -> Error {
    Error::NoBase {
        reason: format!("{head} and `{branch}` have no commit in common"),
        help: "name what to compare with: `base: REVISION` in the workflow".to_owned(),
    }
}
