//! The hooks of git, run by git itself or by pre-commit.

use crate::{
    error::Error,
    tree::{
        Oid, Repository,
        base::{self, Point},
    },
};

use super::{Asked, Missing};

/// What a commit is compared with: where its branch left the default branch, so that what was never
/// seen by others may change at will. `Err` is why there is nothing to compare with.
pub fn at_commit(repo: &Repository) -> Result<Point, String> {
    let Some(head) = base::head(repo) else {
        return Err("this is the first commit: nobody has an older version".to_owned());
    };
    // Without a default branch, what there is, is what others have.
    Ok(base::default_base(repo).unwrap_or_else(|_| Point::new(head, "HEAD")))
}

/// What `to` has and `from` has not, both revisions: of a push, `from` is what the remote has.
///
/// # Errors
/// One of them is no commit of this clone.
pub fn between(repo: &Repository, from: &str, to: &str) -> Result<Asked, Error> {
    Ok(Asked::Compare { base: point(repo, from)?, head: point(repo, to)? })
}

/// What came about in `to` since it left `from`, both revisions, as `git diff FROM...TO` has it.
///
/// # Errors
/// One of them is no commit of this clone, or they have none in common.
pub fn since_left(repo: &Repository, from: &str, to: &str) -> Result<Asked, Error> {
    let (branch, head) = (point(repo, from)?, point(repo, to)?);
    match base::merge_base(repo, branch.commit, head.commit) {
        Some(found) if found == branch.commit => Ok(Asked::Compare { base: branch, head }),
        Some(found) => {
            let base = Point::new(found, &format!("merge base with {}", branch.name));
            Ok(Asked::Compare { base, head })
        }
        None => Err(Error::NoBase {
            reason: format!("`{from}` and `{to}` have no commit in common"),
            help: "compare them with `protoskew check BASE HEAD`".to_owned(),
        }),
    }
}

fn point(repo: &Repository, name: &str) -> Result<Point, Error> {
    match base::commit(repo, name) {
        Some(commit) if commit.to_string() == name => {
            Ok(Point { commit, name: name[..9].to_owned() })
        }
        Some(commit) => Ok(Point { commit, name: name.to_owned() }),
        None => Err(Error::NoBase {
            reason: format!("`{name}` is not a commit of this clone"),
            help: "`git fetch` brings what others have".to_owned(),
        }),
    }
}

/// What git tells a pre-push hook on its stdin, a line for each reference that is pushed: where it
/// is here, its commit, where it will be there, and what is there now.
pub fn pushed(repo: &Repository, lines: &str) -> Vec<Asked> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let mut asked: Vec<Asked> = Vec::new();
    for line in lines.lines().map(words) {
        let [_, here, there, known] = line.as_slice() else { continue };
        let [Some(here), Some(known)] = [here, known].map(|it| base::id(it)) else { continue };
        let new = range(repo, here, there, known);
        if !asked.contains(&new) {
            asked.push(new);
        }
    }
    asked
}

fn range(repo: &Repository, here: Oid, there: &str, known: Oid) -> Asked {
    let name = there.strip_prefix("refs/heads/").unwrap_or(there);
    if here == Oid::ZERO_SHA1 {
        return Asked::Nothing(format!("`{name}` is deleted"));
    }
    let Some(here) = base::commit(repo, &here.to_string()) else {
        return Asked::Nothing(format!("`{name}` is not a commit"));
    };
    let head = Point::new(here, name);
    if known != Oid::ZERO_SHA1 {
        return match base::commit(repo, &known.to_string()) {
            Some(known) => {
                Asked::Compare { base: Point::new(known, &format!("{name} as pushed")), head }
            }
            None => Missing::asked(
                format!("the remote's `{name}` is at {known}, which this clone does not have"),
                &["--all"],
            ),
        };
    }
    match base::default_branch(repo) {
        None => Asked::Nothing(format!("`{name}` is new, and there is no default branch")),
        Some((branch, tip)) => match base::merge_base(repo, here, tip) {
            Some(base) => Asked::Compare {
                base: Point::new(base, &format!("merge base with {branch}")),
                head,
            },
            None => Asked::Nothing(format!("`{name}` is new, and has nothing of `{branch}`")),
        },
    }
}
