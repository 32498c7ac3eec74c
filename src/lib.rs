//! Finds what breaks when a client and a server are built from different versions of a schema.
//!
//! Versions are opened by name, read together, judged in pairs, and the report is rendered:
//!
//! ```
//! use protoskew::{
//!     check::{Outcome, Pair, check},
//!     compile::{Layout, Units},
//!     policy::Policy,
//!     report::markdown,
//!     tree::open,
//!     version::load,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A name is anything that the command line takes: a tag, `REV:PATH`, `:worktree`, a folder, a
//! // descriptor set. Revisions are looked up in the repository around the second argument.
//! let here = env!("CARGO_MANIFEST_DIR");
//! let folder = |name: &str| format!("{here}/testdata/rules/rpc-unimplemented/{name}");
//! let sources = vec![open(&folder("base"), here.as_ref())?, open(&folder("head"), here.as_ref())?];
//!
//! // Read together, versions share what is the same in both.
//! let versions = load(sources, &Layout::default(), &Units::default());
//!
//! // A newer client with an older server, and an older client with a newer server.
//! let report = check(&versions, &Pair::both(0, 1), &Policy::default());
//! assert_eq!(report.outcome(), Outcome::Breaks);
//! for entry in &report.verdicts[0].entries {
//!     println!("{} {}: {}", entry.level, entry.finding.rule.id, entry.finding.message);
//! }
//!
//! let mut page = Vec::new();
//! markdown::render(&report, usize::MAX, &mut page)?;
//! # assert!(page.starts_with(b"## protoskew: breaks"));
//! # Ok(())
//! # }
//! ```
//!
//! A version that cannot be read is no error of [`load`](version::load): it makes its verdicts
//! [unknown](check::Outcome::Unknown), each with a reason. [`Policy::of`](policy::Policy::of) makes
//! a policy of a [configuration file](config::Config).
//!
//! Without the feature `cli`, which is on by default, there is no command line.

// Reading: may fail.
pub mod baseline;
pub mod callsites;
pub mod ci;
pub mod compile;
pub mod config;
pub mod error;
pub mod excerpt;
pub mod history;
pub mod imports;
pub mod releases;
pub mod tree;
pub mod version;

// Thinking: cannot fail, and does no I/O.
pub mod check;
pub mod checklist;
pub mod diff;
pub mod fleet;
pub mod incident;
pub mod judge;
pub mod matrix;
pub mod meet;
pub mod plan;
pub mod policy;
pub mod rules;
pub mod schema;
pub mod skew;
pub mod window;
pub mod wire;
pub mod witness;

// Speaking: cannot decide.
pub mod explain;
pub mod report;
