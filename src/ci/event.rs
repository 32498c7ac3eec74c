//! The event that started a workflow, as GitHub writes it into a file.

use std::path::Path;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::Error,
    tree::{Oid, base},
};

/// What happened, as far as it says what to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A pull request, of this repository or of a fork.
    PullRequest {
        /// Its number.
        number: u64,
        /// The branch it is for.
        into: String,
        /// Where that branch was, not always lately.
        base: Oid,
        /// What is to be merged.
        head: Oid,
    },
    /// A branch was pushed.
    Push {
        /// The branch.
        branch: String,
        /// Where it was; nowhere, if it is new.
        before: Option<Oid>,
        /// What was there is not in it any more.
        forced: bool,
        /// The default branch of the repository.
        default_branch: Option<String>,
    },
    /// A branch or a tag was deleted.
    Deleted,
    /// Pull requests are merged one after another, and this is one of them.
    MergeGroup {
        /// The branch they are for.
        into: String,
        /// What they are merged into.
        base: Oid,
    },
    /// A release was published, or its tag was pushed.
    Release {
        /// Its tag.
        tag: String,
    },
    /// Anything else: somebody asked for it, or it was time.
    Other,
}

#[derive(Deserialize)]
struct PullRequestPayload {
    pull_request: PullRequest,
}

#[derive(Deserialize)]
struct PullRequest {
    number: u64,
    base: Branch,
    head: Branch,
}

#[derive(Deserialize)]
struct Branch {
    sha: String,
    #[serde(rename = "ref")]
    name: String,
}

#[derive(Deserialize)]
struct Push {
    #[serde(rename = "ref")]
    reference: String,
    before: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    forced: bool,
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct ReleasePayload {
    release: Release,
}

#[derive(Deserialize)]
struct Release {
    tag_name: String,
}

#[derive(Deserialize)]
struct MergeGroupPayload {
    merge_group: MergeGroup,
}

#[derive(Deserialize)]
struct MergeGroup {
    base_sha: String,
    base_ref: String,
}

impl Event {
    /// Reads an event: `name` as in `GITHUB_EVENT_NAME`, and what `GITHUB_EVENT_PATH`, which is
    /// `file`, holds.
    ///
    /// # Errors
    /// It is not JSON, or lacks what every event of its name has.
    pub fn parse(name: &str, file: &Path, bytes: &[u8]) -> Result<Event, Error> {
        let read = Reading { name, file, bytes };
        match name {
            "pull_request" | "pull_request_target" => {
                let PullRequestPayload { pull_request: it } = read.payload()?;
                let (base, head) = (read.commit(&it.base.sha)?, read.commit(&it.head.sha)?);
                let (Some(base), Some(head)) = (base, head) else {
                    return Err(read.fault("its pull request has no commit".to_owned()));
                };
                Ok(Event::PullRequest { number: it.number, into: it.base.name, base, head })
            }
            "push" => read.push(),
            "release" => {
                let ReleasePayload { release } = read.payload()?;
                Ok(Event::Release { tag: release.tag_name })
            }
            "merge_group" => {
                let MergeGroupPayload { merge_group: it } = read.payload()?;
                let Some(base) = read.commit(&it.base_sha)? else {
                    return Err(read.fault("its merge group has no base".to_owned()));
                };
                Ok(Event::MergeGroup { into: short(&it.base_ref), base })
            }
            // Nothing in it says what to compare; that it is an event is all there is to know.
            _ => read.payload().map(|_: serde_json::Map<String, serde_json::Value>| Event::Other),
        }
    }
}

struct Reading<'e> {
    name: &'e str,
    file: &'e Path,
    bytes: &'e [u8],
}

impl Reading<'_> {
    fn push(&self) -> Result<Event, Error> {
        let it: Push = self.payload()?;
        if it.deleted {
            return Ok(Event::Deleted);
        }
        if let Some(tag) = it.reference.strip_prefix("refs/tags/") {
            return Ok(Event::Release { tag: tag.to_owned() });
        }
        Ok(Event::Push {
            branch: short(&it.reference),
            before: self.commit(&it.before)?,
            forced: it.forced,
            default_branch: it.repository.and_then(|it| it.default_branch),
        })
    }

    fn payload<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(self.bytes).map_err(|err| self.fault(err.to_string()))
    }

    /// `None` for the zeros that GitHub writes where there is no commit.
    fn commit(&self, id: &str) -> Result<Option<Oid>, Error> {
        let id = base::id(id)
            .ok_or_else(|| self.fault("it names a commit that has no such id".to_owned()))?;
        Ok((id != Oid::ZERO_SHA1).then_some(id))
    }

    fn fault(&self, reason: String) -> Error {
        Error::Event { name: self.name.to_owned(), file: self.file.to_owned(), reason }
    }
}

fn short(reference: &str) -> String {
    reference.strip_prefix("refs/heads/").unwrap_or(reference).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1234567890123456789012345678901234567890";
    const NONE: &str = "0000000000000000000000000000000000000000";

    fn parse(name: &str, text: &str) -> Result<Event, String> {
        Event::parse(name, Path::new("event.json"), text.as_bytes()).map_err(|it| it.to_string())
    }

    fn id() -> Oid {
        Oid::from_str(ID).unwrap()
    }

    #[test]
    fn events_are_read() {
        let request = format!(
            r#"{{"pull_request": {{"number": 7, "base": {{"sha": "{ID}", "ref": "main"}},
                "head": {{"sha": "{ID}", "ref": "x", "repo": null}}}}}}"#
        );
        let expected =
            Event::PullRequest { number: 7, into: "main".into(), base: id(), head: id() };
        for name in ["pull_request", "pull_request_target"] {
            assert_eq!(parse(name, &request).as_ref(), Ok(&expected));
        }
        let push = |rest: &str| parse("push", &format!("{{{rest}}}"));
        let pushed = |before, forced, default_branch| {
            Ok(Event::Push { branch: "a/b".into(), before, forced, default_branch })
        };
        assert_eq!(
            push(&format!(r#""ref": "refs/heads/a/b", "before": "{ID}", "forced": true"#)),
            pushed(Some(id()), true, None)
        );
        assert_eq!(
            push(&format!(
                r#""ref": "refs/heads/a/b", "before": "{NONE}",
                   "repository": {{"default_branch": "main"}}"#
            )),
            pushed(None, false, Some("main".into()))
        );
        let tag = Ok(Event::Release { tag: "v1".into() });
        assert_eq!(push(&format!(r#""ref": "refs/tags/v1", "before": "{NONE}""#)), tag);
        assert_eq!(parse("release", r#"{"release": {"tag_name": "v1"}}"#), tag);
        assert_eq!(
            push(&format!(r#""ref": "refs/heads/a", "before": "{ID}", "deleted": true"#)),
            Ok(Event::Deleted)
        );
        let group =
            format!(r#"{{"merge_group": {{"base_sha": "{ID}", "base_ref": "refs/heads/main"}}}}"#);
        let expected = Event::MergeGroup { into: "main".into(), base: id() };
        assert_eq!(parse("merge_group", &group), Ok(expected));
        assert_eq!(parse("workflow_dispatch", r#"{"inputs": {}}"#), Ok(Event::Other));
        assert_eq!(parse("schedule", "{}"), Ok(Event::Other));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for (name, text, said) in [
            ("pull_request", "", "EOF while parsing"),
            ("pull_request", "{}", "missing field `pull_request`"),
            ("push", "[]", "invalid"),
            ("push", r#"{"ref": "refs/heads/a"}"#, "missing field `before`"),
            ("push", r#"{"ref": "refs/heads/a", "before": "$(id)"}"#, "no such id"),
            ("push", r#"{"ref": "refs/heads/a", "before": "12345678"}"#, "no such id"),
            ("release", r#"{"release": {"tag_name": 7}}"#, "invalid type"),
            ("merge_group", "{}", "missing field `merge_group`"),
            ("schedule", "\u{1}", "expected value"),
        ] {
            let told = parse(name, text).expect_err(text);
            assert!(told.contains(said), "{text}: {told}");
            assert!(told.contains("event.json"), "{told}");
        }
    }
}
