//! What an event of GitHub, or a hook of git, asks to have compared. Knows branches, pushes and
//! pull requests, and nothing of what is in a commit.

use crate::{error::Error, tree::base::Point};

mod event;
mod github;
mod hook;
mod release;

pub use event::Event;
pub use github::asked;
pub use hook::{at_commit, between, pushed, since_left};
pub use release::releases;

/// What is to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Two commits.
    Compare {
        /// The older one.
        base: Point,
        /// The newer one.
        head: Point,
    },
    /// Nothing, and why that is well: nobody has an older version, or nobody gets a newer one.
    Nothing(String),
    /// Commits that this clone does not have.
    Missing(Missing),
}

/// Commits that this clone does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What it does not have.
    pub reason: String,
    /// The arguments with which `git fetch` brings it.
    pub fetch: Vec<String>,
}

impl Missing {
    fn asked(reason: String, fetch: &[&str]) -> Asked {
        Asked::Missing(Missing { reason, fetch: fetch.iter().map(|it| it.to_string()).collect() })
    }

    /// The reason why there is no answer without it.
    pub fn error(&self) -> Error {
        let help = format!(
            "run `git fetch {}`; in GitHub Actions, give this action `deepen: true`, or \
             actions/checkout `fetch-depth: 0`; or name what to compare with",
            self.fetch.join(" ")
        );
        Error::NoBase { reason: self.reason.clone(), help }
    }
}
