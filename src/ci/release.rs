//! The release before another, or before a commit.

use super::Asked;
use crate::{
    error::Error,
    releases::{self, From, Number, Release, Selection},
    tree::{
        Oid, Repo, Repository,
        base::{self, Point},
    },
};

use super::Missing;

/// A release, and the one before it in the order of versions, of its own family of tags.
pub(super) fn release(repo: &Repository, head: Point) -> Result<Asked, Error> {
    let number = Number::parse(&head.name);
    let before = |it: &Release| Number::parse(&it.revision.name) < number;
    let from = number.clone().map_or(From::Tags, |it| From::Prefix(it.family));
    let known = known(repo, from)?;
    // A tag without a number is of no family, so what came before it is a matter of history.
    let earlier = known.iter().filter(|it| it.revision.commit != head.commit);
    let found = match number {
        Some(_) => earlier.rev().find(|it| before(it)).map(point),
        None => contained(repo, &known, &head),
    };
    Ok(match found {
        Some(base) => Asked::Compare { base, head },
        None if base::is_shallow(repo) => {
            let reason = "no earlier release is in this shallow clone".to_owned();
            let tags = "+refs/tags/*:refs/tags/*";
            Missing::asked(reason, &["--no-tags", "--depth=1", "origin", tags])
        }
        None => {
            let name = &head.name;
            Asked::Nothing(format!("`{name}` is the first release: nobody has an older version"))
        }
    })
}

/// A commit of which nothing is known, and the newest release that it was made on top of; without
/// any, where it left the default branch.
pub(super) fn anything(repo: &Repository, head: Point) -> Result<Asked, Error> {
    if base::is_shallow(repo) {
        let reason = "this clone is shallow, so which release was the last is not in it".to_owned();
        let id = head.commit.to_string();
        return Ok(Missing::asked(reason, &["--unshallow", "--tags", "origin", &id]));
    }
    if let Some(base) = contained(repo, &known(repo, From::Tags)?, &head) {
        return Ok(Asked::Compare { base, head });
    }
    match base::default_base(repo)? {
        base if base.commit != head.commit => Ok(Asked::Compare { base, head }),
        _ => Err(Error::NoBase {
            reason: "there is no release before HEAD, and no branch that it left".to_owned(),
            help: "name what to compare with: `base: REVISION` in the workflow".to_owned(),
        }),
    }
}

/// The releases, if a shallow clone lacks them: it brings no tag but that of the head.
///
/// # Errors
/// The tags cannot be read.
pub fn releases(repo: &Repository, head: Oid) -> Result<Option<Asked>, Error> {
    if !base::is_shallow(repo) {
        return Ok(None);
    }
    let tags = Repo::open(repo.path(), |_| false)?.tags()?;
    if tags.iter().any(|it| it.commit != head) {
        return Ok(None);
    }
    let reason = "the releases are not in this shallow clone".to_owned();
    let fetch = ["--no-tags", "--depth=1", "origin", "+refs/tags/*:refs/tags/*"];
    Ok(Some(Missing::asked(reason, &fetch)))
}

fn contained(repo: &Repository, known: &[Release], head: &Point) -> Option<Point> {
    let own = known.iter().filter(|it| it.revision.commit != head.commit);
    let mut own = own.rev();
    own.find(|it| base::contains(repo, head.commit, it.revision.commit)).map(point)
}

/// In the order of versions. A repository without any is none the worse for it.
fn known(repo: &Repository, from: From) -> Result<Vec<Release>, Error> {
    let repo = Repo::open(repo.path(), |path| path.ends_with(".proto"))?;
    match releases::find(&repo, &Selection { from, ..Selection::default() }) {
        Ok(found) => Ok(found.all),
        Err(Error::NoReleases { .. }) => Ok(Vec::new()),
        Err(err) => Err(err),
    }
}

fn point(release: &Release) -> Point {
    Point { commit: release.revision.commit, name: release.revision.name.clone() }
}
