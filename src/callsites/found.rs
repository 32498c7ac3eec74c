//! What a scan finds, and the words for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use crate::schema::FullName;

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallSites {
    /// The RPCs that were looked for.
    pub searched: BTreeSet<FullName>,
    /// Every call, in the order of files and lines.
    pub sites: Vec<CallSite>,
    /// How many mentions of an RPC look like calls, and have receivers that nobody can tell.
    pub unresolved: BTreeMap<FullName, usize>,
    /// What servers do about each RPC.
    pub served: Vec<Served>,
    /// Files that could not be read, or not all of them.
    pub incomplete: Vec<Incomplete>,
    /// How many source files were looked at.
    pub files: usize,
}

/// A place where an RPC is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallSite {
    /// Where the name of the RPC is written.
    pub place: Place,
    /// The RPC.
    pub rpc: FullName,
    /// The function around it, as its language names it: `(*Server).Run`.
    pub function: String,
    /// How sure it is that this is a call of the RPC.
    pub resolution: Resolution,
    /// What becomes of an error.
    pub handling: Handling,
    /// What shows how it is handled: a test, a gate.
    pub at: Option<Place>,
    /// All that show it.
    pub guards: Vec<Place>,
    /// In words: what is tested or asked, and where.
    pub how: Option<String>,
    /// A test that stands only where a stream is opened. grpc-go delivers the status of a
    /// stream when it is read, so the test never sees it.
    pub opens_only: Option<Place>,
    /// Only some of those who call the function around it test for `UNIMPLEMENTED`; the call fails
    /// for the others.
    pub some_callers: bool,
    /// The manifest that says so, of a call that is not in these sources: its file is in another
    /// tree.
    pub published: Option<Arc<str>>,
    /// Which peers a gated call is not made with.
    pub stops: Stops,
    /// The first version of the peer with which a gated call is made, if the gate says so in
    /// numbers: `2.8.0`.
    pub since: Option<String>,
}

/// Which peers a gate keeps a call from. Where gates stand within one another, it may be both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stops {
    /// Those that lack what the gate asks for.
    pub lacking: bool,
    /// Those that have it: the call is the way around.
    pub having: bool,
}

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path from the top of the tree, with `/`.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// How sure it is that a call is one of an RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// The receiver's type is the stub.
    Resolved,
    /// The receiver comes from the stub's package, and its type cannot be seen.
    Likely,
    /// The receiver is an interface of the sources that the stub fits.
    Indirect,
    /// The path of the RPC, in a string.
    Named,
    /// Somebody said so in a manifest.
    Declared,
}

/// What becomes of the status `UNIMPLEMENTED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handling {
    /// The code is tested, here or in all callers.
    TestsUnimplemented,
    /// The call is made only if a version or a capability of the peer says so.
    Gated,
    /// Any error leads to another way.
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

/// What one server does about an RPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Served {
    /// The RPC.
    pub rpc: FullName,
    /// Where its handler is; that of the type, if it has none.
    pub place: Place,
    /// What it does.
    pub status: ServedStatus,
    /// The type that serves it.
    pub by: String,
    /// A program registers it, as far as can be seen. Other types may only be parts of servers.
    pub registered: bool,
}

/// What a server does about an RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServedStatus {
    /// It has a body that does not refuse.
    Implemented,
    /// It always answers `UNIMPLEMENTED`.
    Refused,
    /// It answers `UNIMPLEMENTED` in some cases.
    SometimesRefused,
    /// Only the generated `Unimplemented…` type has it.
    Inherited,
    /// What is registered cannot be seen.
    Unresolved,
}

/// A file that could not be read, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Incomplete {
    /// The path from the top of the tree, with `/`.
    pub file: Arc<str>,
    /// Why.
    pub reason: String,
}

impl Stops {
    /// The peers that two gates both keep a call from.
    pub(super) fn and(self, other: Stops) -> Stops {
        Stops { lacking: self.lacking && other.lacking, having: self.having && other.having }
    }
}

impl Resolution {
    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Resolution::Resolved => "resolved",
            Resolution::Likely => "likely",
            Resolution::Indirect => "indirect",
            Resolution::Named => "named",
            Resolution::Declared => "declared",
        }
    }
}

impl Handling {
    /// All there are.
    pub const ALL: [Handling; 8] = [
        Handling::TestsUnimplemented,
        Handling::Gated,
        Handling::AnyErrorFallback,
        Handling::Translated,
        Handling::LoggedOnly,
        Handling::Ignored,
        Handling::Propagates,
        Handling::Unknown,
    ];

    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Handling::TestsUnimplemented => "tests-unimplemented",
            Handling::Gated => "gated",
            Handling::AnyErrorFallback => "any-error fallback",
            Handling::Translated => "translated",
            Handling::LoggedOnly => "logged-only",
            Handling::Ignored => "ignored",
            Handling::Propagates => "propagates",
            Handling::Unknown => "unknown",
        }
    }
}

impl ServedStatus {
    /// Whoever calls is told `UNIMPLEMENTED`, always.
    pub fn refuses(self) -> bool {
        matches!(self, ServedStatus::Refused | ServedStatus::Inherited)
    }

    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            ServedStatus::Implemented => "implemented",
            ServedStatus::Refused => "refused",
            ServedStatus::SometimesRefused => "sometimes-refused",
            ServedStatus::Inherited => "inherited",
            ServedStatus::Unresolved => "unresolved",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
