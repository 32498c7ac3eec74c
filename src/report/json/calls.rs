//! The shape of what a scan found. It is also what a scan accepts as a manifest.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT, TOOL, generator, pretty, shape::Tool, write};
use crate::callsites;

/// What `protoskew calls --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew calls")]
struct Calls {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// The calls that were found, by file and line.
    sites: Vec<CallSite>,
    /// RPCs with mentions that look like calls and could not be resolved.
    unresolved: Vec<Unresolved>,
    /// What servers do about each RPC.
    served: Vec<Served>,
    /// Files that could not be read, or not all of them.
    incomplete: Vec<Incomplete>,
}

/// A place where an RPC is called.
#[derive(Serialize, JsonSchema)]
pub(super) struct CallSite {
    /// The service, with its package.
    service: String,
    rpc: String,
    /// The path from the top of the version.
    file: String,
    /// From 1; 0 if it is not known, in what is declared.
    line: u32,
    /// The function around it.
    function: String,
    resolution: Resolution,
    handling: Handling,
    /// What shows how it is handled.
    at: Option<At>,
    /// All that show it.
    guards: Vec<At>,
    /// In words: what is tested or asked, and where.
    how: Option<String>,
    /// A test that stands only where a stream is opened, and sees no status that comes with the
    /// first read.
    opens_only: Option<At>,
    /// Only some of those who call the function around it test for the code; the call fails for the
    /// others.
    some_callers: bool,
    /// The manifest that tells of it, if the file is not of this version.
    published: Option<String>,
    /// A gated call is the way around the gate: it is made unless the peer has what is asked.
    unless: bool,
    /// The first version of the peer with which a gated call is made, if the gate says so in
    /// numbers.
    since: Option<String>,
}

/// A line of a file.
#[derive(Serialize, JsonSchema)]
struct At {
    file: String,
    line: u32,
}

/// How sure it is that this is a call of the RPC.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Resolution {
    /// The receiver's type is the generated client.
    Resolved,
    /// The receiver comes from the generated package, and its type cannot be seen.
    Likely,
    /// The receiver is an interface of the sources that the client fits.
    Indirect,
    /// The path of the RPC, in a string.
    Named,
    /// A manifest says so.
    Declared,
}

/// What becomes of the status `UNIMPLEMENTED`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Handling {
    /// The code is tested, here, in a function that is handed the error, or in callers.
    TestsUnimplemented,
    /// The call is made only if a version or a capability of the peer says so.
    Gated,
    /// Any error leads to another way.
    #[serde(rename = "any-error fallback")]
    AnyErrorFallback,
    /// A function that is handed the error tests the code, to make another error of it.
    Translated,
    /// The error is logged and forgotten.
    LoggedOnly,
    /// The error is dropped.
    Ignored,
    /// The error goes to whoever called.
    Propagates,
    /// Nobody can tell.
    Unknown,
}

/// An RPC of which nobody can tell whether it is called.
#[derive(Serialize, JsonSchema)]
struct Unresolved {
    /// The service, with its package.
    service: String,
    rpc: String,
    /// How many there are.
    mentions: usize,
}

/// What one type does about an RPC.
#[derive(Serialize, JsonSchema)]
pub(super) struct Served {
    /// The service, with its package.
    service: String,
    rpc: String,
    status: Status,
    /// Null if it cannot be seen.
    file: Option<String>,
    /// Null if it cannot be seen.
    line: Option<u32>,
    /// The type that serves it; empty if it cannot be seen.
    by: String,
    /// A program registers it, as far as can be seen; other types may only be parts of servers.
    registered: bool,
}

/// What a server does about an RPC.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// It has a body that does not refuse.
    Implemented,
    /// It always answers `UNIMPLEMENTED`.
    Refused,
    /// It answers `UNIMPLEMENTED` in some cases.
    SometimesRefused,
    /// Only the generated base type has it, which refuses.
    Inherited,
    /// What is registered cannot be seen.
    Unresolved,
}

/// A file that could not be read, or not all of it.
#[derive(Serialize, JsonSchema)]
struct Incomplete {
    file: String,
    reason: String,
}

/// What a scan found, for `protoskew calls --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render_calls(found: &callsites::CallSites, out: &mut dyn Write) -> io::Result<()> {
    let unresolved = found.unresolved.iter().map(|(rpc, mentions)| Unresolved {
        service: rpc.parent().to_owned(),
        rpc: rpc.leaf().to_owned(),
        mentions: *mentions,
    });
    let incomplete = found
        .incomplete
        .iter()
        .map(|it| Incomplete { file: it.file.to_string(), reason: it.reason.clone() });
    let shape = Calls {
        format: FORMAT,
        tool: TOOL,
        sites: found.sites.iter().map(site).collect(),
        unresolved: unresolved.collect(),
        served: found.served.iter().map(served).collect(),
        incomplete: incomplete.collect(),
    };
    write(&shape, out)
}

/// The JSON Schema of [`render_calls`].
pub fn calls_schema() -> String {
    pretty(&generator().into_root_schema_for::<Calls>())
}

pub(super) fn site(it: &callsites::CallSite) -> CallSite {
    CallSite {
        service: it.rpc.parent().to_owned(),
        rpc: it.rpc.leaf().to_owned(),
        file: it.place.file.to_string(),
        line: it.place.line,
        function: it.function.clone(),
        resolution: resolution(it.resolution),
        handling: handling(it.handling),
        at: it.at.as_ref().map(at),
        guards: it.guards.iter().map(at).collect(),
        how: it.how.clone(),
        opens_only: it.opens_only.as_ref().map(at),
        some_callers: it.some_callers,
        published: it.published.as_deref().map(str::to_owned),
        unless: it.stops.having && !it.stops.lacking,
        since: it.since.clone(),
    }
}

fn at(it: &callsites::Place) -> At {
    At { file: it.file.to_string(), line: it.line }
}

fn resolution(it: callsites::Resolution) -> Resolution {
    match it {
        callsites::Resolution::Resolved => Resolution::Resolved,
        callsites::Resolution::Likely => Resolution::Likely,
        callsites::Resolution::Indirect => Resolution::Indirect,
        callsites::Resolution::Named => Resolution::Named,
        callsites::Resolution::Declared => Resolution::Declared,
    }
}

fn handling(it: callsites::Handling) -> Handling {
    match it {
        callsites::Handling::TestsUnimplemented => Handling::TestsUnimplemented,
        callsites::Handling::Gated => Handling::Gated,
        callsites::Handling::AnyErrorFallback => Handling::AnyErrorFallback,
        callsites::Handling::Translated => Handling::Translated,
        callsites::Handling::LoggedOnly => Handling::LoggedOnly,
        callsites::Handling::Ignored => Handling::Ignored,
        callsites::Handling::Propagates => Handling::Propagates,
        callsites::Handling::Unknown => Handling::Unknown,
    }
}

pub(super) fn served(it: &callsites::Served) -> Served {
    let seen = it.place.line > 0;
    Served {
        service: it.rpc.parent().to_owned(),
        rpc: it.rpc.leaf().to_owned(),
        status: match it.status {
            callsites::ServedStatus::Implemented => Status::Implemented,
            callsites::ServedStatus::Refused => Status::Refused,
            callsites::ServedStatus::SometimesRefused => Status::SometimesRefused,
            callsites::ServedStatus::Inherited => Status::Inherited,
            callsites::ServedStatus::Unresolved => Status::Unresolved,
        },
        file: seen.then(|| it.place.file.to_string()),
        line: seen.then_some(it.place.line),
        by: it.by.clone(),
        registered: it.registered,
    }
}
