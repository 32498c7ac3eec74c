//! The keys of the file, as types: the JSON Schema for editors is made from them, so their comments
//! are its descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;

/// The configuration of protoskew, for one repository. Every key may be left out, and a flag on the
/// command line wins over its key.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "protoskew.toml")]
pub struct Written {
    /// The form of this file. It is 1, and may be left out.
    #[schemars(range(min = 1, max = 1))]
    pub format: Option<At<i64>>,
    /// Folders or files whose `.proto` files are judged, from the top of the repository; the others
    /// only serve imports. All, if there is no such key. Flag: `--path`.
    pub paths: Option<Vec<At<String>>>,
    /// Folders in which imports are looked up first, from the top of the repository. They are
    /// inferred, if there is no such key. Flag: `--import-root`.
    pub roots: Option<Vec<At<String>>>,
    /// Fail if an imported file is not among those of the version. Flag: `--strict-imports`.
    pub strict_imports: Option<bool>,
    /// Judge what can be read, though some files cannot. Flag: `--keep-going`.
    pub keep_going: Option<bool>,
    /// Exit with 1 if there is a finding of this level or a higher one. `error`, if there is no such
    /// key. Flag: `--fail-on`.
    pub fail_on: Option<At<Level>>,
    /// A file of known findings, from the top of the repository, as `protoskew baseline` writes it.
    /// Flag: `--baseline`.
    pub baseline: Option<At<String>>,
    /// Where messages are written in JSON, and how that is read.
    pub json: Option<JsonReading>,
    /// Messages that travel in `google.protobuf.Any`, with their packages: `acme.v1.Event`. `*`
    /// stands for anything between two dots, `**` for anything. Flag: `--any`.
    pub any: Option<Vec<At<String>>>,
    /// Names of request fields that say what a call is meant to do, as `dry_run` does: a receiver
    /// that does not know one does something else. `*` stands for anything. Flag: `--intent`.
    pub intents: Option<Vec<At<String>>>,
    /// The level of a rule, instead of what its effect says.
    pub levels: Option<Levels>,
    /// The services that are called across versions. A finding none of whose calls is of a service
    /// that is listed is left out. All services are, if there is no boundary.
    pub boundary: Option<Vec<Boundary>>,
    /// Findings that somebody has accepted.
    pub allow: Option<Vec<Allow>>,
    /// Files with what `protoskew calls --format json` printed for the sources of clients, from the
    /// top of the repository. Flag: `--callers`.
    pub callers: Option<Vec<At<String>>>,
    /// Calls that clients make, whatever the sources show.
    pub calls: Option<Vec<Call>>,
    /// Types that stand for generated clients.
    #[serde(alias = "stub_alias")]
    pub stub_alias: Option<Vec<StubAlias>>,
    /// Functions that tell whether an error is `UNIMPLEMENTED`: `errdefs.IsNotImplemented`. One `*`
    /// stands for anything.
    #[serde(alias = "unimplemented_predicates")]
    pub unimplemented_predicates: Option<Vec<At<String>>>,
    /// Functions that tell whether the peer is new enough: `*.Supports`. One `*` stands for anything.
    #[serde(alias = "gate_predicates")]
    pub gate_predicates: Option<Vec<At<String>>>,
    /// Calls that do not count.
    #[serde(alias = "ignore_calls")]
    pub ignore_calls: Option<Vec<IgnoreCalls>>,
    /// Which tags are releases. Those of the family with the most, if there is no such key.
    pub releases: Option<Releases>,
    /// How far apart a client and a server may be. `check --window`, `checklist` and `ci github`
    /// judge by it.
    pub window: Option<Window>,
}

/// Which tags are releases.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Releases {
    /// Those that match this regular expression, all of them. Flag: `--tags`.
    pub tags: Option<At<String>>,
    /// Those that begin so before their number: `api/v`. Flag: `--prefix`.
    pub prefix: Option<At<String>>,
    /// Candidates and variants of releases too. Flag: `--pre-releases`.
    pub pre_releases: Option<bool>,
}

/// How far apart a client and a server may be, in release lines. Any distance, if a key is left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Window {
    /// How many lines a client may be ahead of its server. Flag: `--window=client=3`.
    pub newer_client: Option<usize>,
    /// How many lines a server may be ahead of its client. Flag: `--window=server=2`.
    pub newer_server: Option<usize>,
    /// The releases of which servers are supported, and no others, for newer clients: `v2.16.*`.
    pub servers: Option<Vec<At<String>>>,
    /// The releases of which clients are supported, and no others, by newer servers.
    pub clients: Option<Vec<At<String>>>,
}

/// Where messages are written in JSON, and how that is read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "Json")]
pub struct JsonReading {
    /// Any call may be made in JSON, not only those with an HTTP binding. Flag: `--codec json`.
    pub everywhere: Option<bool>,
    /// Parsers pass over what they do not know, instead of refusing it. Flag: `--ignore-unknown`.
    pub ignore_unknown: Option<bool>,
}

/// Levels by the id of the rule; `protoskew rules` lists them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Levels(pub BTreeMap<At<String>, At<Level>>);

/// How loudly a finding is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Not at all.
    Off,
    /// It does not make a verdict worse.
    Note,
    /// The verdict is `degrades`.
    Warning,
    /// The verdict is `breaks`.
    Error,
}

/// Services that are called across versions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Boundary {
    /// What people call it: `cli → traffic-manager`.
    pub name: At<String>,
    /// The services, with their packages: `acme.v1.Manager`. `*` stands for anything between two
    /// dots, `**` for anything.
    pub services: Vec<At<String>>,
    /// Where the sources of the callers are, from the top of the repository: `pkg/client/**`.
    #[serde(default)]
    pub callers: Option<Vec<At<String>>>,
    /// Where the sources of the servers are, from the top of the repository: `cmd/manager/**`.
    #[serde(default)]
    pub servers: Option<Vec<At<String>>>,
    /// Levels for calls of these services.
    #[serde(default)]
    pub levels: Option<Levels>,
    /// How far apart the two ends may be for calls of these services, instead of `[window]`.
    #[serde(default)]
    pub window: Option<Window>,
}

/// A finding that somebody has accepted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Allow {
    /// The id of the rule; `protoskew rules` lists them.
    pub rule: At<String>,
    /// The full name of the element: `acme.v1.Manager.Arrive`. `*` stands for anything between two
    /// dots, `**` for anything.
    pub subject: At<String>,
    /// In this pairing only. In both, if there is no such key.
    #[serde(default)]
    pub pairing: Option<Pairing>,
    /// Why it is accepted.
    pub reason: At<String>,
    /// When it is accepted no longer: a release, from which on the head needs no allow (`v2.23.0`);
    /// a condition on one end (`server >= v2.17.0`, `client >= v2.17.0`); or the last day that it
    /// holds (`2026-12-31`).
    #[serde(default)]
    pub until: Option<At<Until>>,
}

/// A call that clients make.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Call {
    /// The service, with its package: `acme.v1.Manager`.
    pub service: At<String>,
    /// The RPC, or `*` for all of the service.
    pub rpc: At<String>,
    /// The file that makes it. What is said holds for the calls that were found there, if there are
    /// any, or else it is a call of its own.
    #[serde(default)]
    pub file: Option<At<String>>,
    /// The line, from 1.
    #[serde(default)]
    pub line: Option<At<u32>>,
    /// The function that makes it.
    #[serde(default)]
    pub function: Option<At<String>>,
    /// What becomes of `UNIMPLEMENTED`. Nobody can tell, if there is no such key.
    #[serde(default)]
    pub handling: Option<Handling>,
    /// Why this is said by hand.
    pub reason: At<String>,
}

/// What becomes of the status `UNIMPLEMENTED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Handling {
    /// The code is tested.
    TestsUnimplemented,
    /// The call is made only if a version or a capability of the peer says so.
    Gated,
    /// Any error leads to another way.
    AnyErrorFallback,
    /// The code is tested, and becomes another error.
    Translated,
    /// The error is logged and forgotten.
    LoggedOnly,
    /// The error is dropped.
    Ignored,
    /// The error goes to whoever called.
    Propagates,
}

/// A type whose methods are the calls of a service: a wrapper that a macro or a generator makes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StubAlias {
    /// The type, with its package: `example.com/acme/client.Manager`.
    #[serde(rename = "type")]
    pub ty: At<String>,
    /// The service, with its package.
    pub service: At<String>,
}

/// Calls that do not count.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IgnoreCalls {
    /// The service, with its package, or `*`.
    pub service: At<String>,
    /// The RPC, or `*`.
    pub rpc: At<String>,
    /// In these files: patterns of paths. In all, if there is no such key.
    #[serde(default)]
    pub files: Option<Vec<At<String>>>,
    /// Why they do not count.
    pub reason: At<String>,
}

/// Text; TOML has a word of its own for a day, and that may stand without quotes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "Day")]
#[schemars(with = "String", inline)]
pub struct Until(pub String);

#[derive(Deserialize)]
#[serde(untagged, expecting = "the end of an allow is text, or a day")]
enum Day {
    Quoted(String),
    Bare(toml::value::Datetime),
}

impl From<Day> for Until {
    fn from(day: Day) -> Until {
        match day {
            Day::Quoted(text) => Until(text),
            Day::Bare(day) => Until(day.to_string()),
        }
    }
}

/// Which end was upgraded first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// A newer client on an older server.
    NewerClient,
    /// An older client on a newer server.
    NewerServer,
}
