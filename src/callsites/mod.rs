//! Where the sources of one version call each RPC, how the caller takes `UNIMPLEMENTED`, and what
//! its servers do about each RPC. The only room that knows languages other than protobuf.
//!
//! Nothing here is a proof. Each call says how sure its resolution is, and what could not be
//! resolved is counted, so that "nobody calls it" is claimed only where nothing is left open.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use crate::{
    error::Error,
    schema::FullName,
    tree::{Oid, Tree, digest},
};

#[cfg(feature = "sources")]
mod change;
mod discover;
#[cfg(any(
    feature = "lang-java",
    feature = "lang-kotlin",
    feature = "lang-python",
    feature = "lang-rust",
    feature = "lang-typescript"
))]
mod flow;
#[cfg(feature = "lang-go")]
mod go;
mod manifest;
#[cfg_attr(not(feature = "sources"), allow(dead_code))]
mod names;
#[cfg_attr(not(feature = "sources"), allow(dead_code))]
mod sources;
mod stubs;
#[cfg_attr(not(feature = "sources"), allow(dead_code))]
mod syntax;

pub use discover::discover;
pub use manifest::{Declared, Ignored, Manifest, StubAlias};
pub use sources::Globs;
pub use stubs::{Stub, StubMethod, stubs};

/// The languages whose sources are searched, in words.
pub fn languages() -> String {
    let all: &[&str] = &[
        #[cfg(feature = "lang-go")]
        "Go",
        #[cfg(feature = "lang-python")]
        "Python",
        #[cfg(feature = "lang-java")]
        "Java",
        #[cfg(feature = "lang-kotlin")]
        "Kotlin",
        #[cfg(feature = "lang-rust")]
        "Rust",
        #[cfg(feature = "lang-typescript")]
        "TypeScript",
    ];
    match all.split_last() {
        None => "no language".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

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

/// Where to look, and what the sources cannot say of themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The services whose calls are looked for; empty for all. The others serve to tell their calls
    /// apart.
    pub services: BTreeSet<FullName>,
    /// The files of the client; empty for all.
    pub paths: Globs,
    /// What a configuration or a manifest says.
    pub manifest: Manifest,
    /// What earlier scans have read.
    pub shared: Shared,
}

/// What scans of versions with files in common read once. So far, that is Go.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    #[cfg(feature = "lang-go")]
    go: Arc<go::Memo>,
}

/// Looks for calls of some services in the sources of one version.
///
/// # Errors
/// The tree cannot be listed. A file that cannot be read is no error: see
/// [`CallSites::incomplete`].
#[cfg_attr(not(feature = "sources"), allow(unused_variables, unused_mut))]
pub fn scan(tree: &Tree, stubs: &[Stub], options: &Options) -> Result<CallSites, Error> {
    let mut found = CallSites::default();
    let wanted = stubs.iter().filter(|stub| options.wants(stub));
    found.searched = wanted.flat_map(|it| it.methods.keys().map(|name| it.rpc(name))).collect();
    on_deep_stacks(|| -> Result<(), Error> {
        #[cfg(feature = "lang-go")]
        go::scan(tree, stubs, options, &mut found)?;
        #[cfg(any(
            feature = "lang-java",
            feature = "lang-kotlin",
            feature = "lang-python",
            feature = "lang-rust",
            feature = "lang-typescript"
        ))]
        flow::scan(tree, stubs, options, &mut found)?;
        Ok(())
    })?;
    options.leave_out_strangers(stubs, &mut found);
    options.manifest.apply(&mut found);
    found.sites.sort();
    found.sites.dedup();
    found.served.sort();
    found.served.dedup();
    found.incomplete.sort();
    found.incomplete.dedup();
    Ok(found)
}

/// Whether a version has files that [`scan`] searches.
///
/// # Errors
/// The tree cannot be listed.
pub fn has_sources(tree: &Tree) -> Result<bool, Error> {
    Ok(!tree.files(&is_source)?.is_empty())
}

/// It is a source file of programs, in one of the languages.
#[cfg_attr(not(feature = "sources"), allow(unused_variables))]
fn is_source(path: &str) -> bool {
    #[cfg(feature = "lang-go")]
    if go::is_source(path) {
        return true;
    }
    #[cfg(any(
        feature = "lang-java",
        feature = "lang-kotlin",
        feature = "lang-python",
        feature = "lang-rust",
        feature = "lang-typescript"
    ))]
    if flow::reads(path) {
        return true;
    }
    false
}

/// The file is one that [`scan`] reads.
pub fn is_read(path: &str) -> bool {
    #[cfg(feature = "lang-go")]
    if go::reads(path) {
        return true;
    }
    is_source(path)
}

/// A sign for what [`scan`] reads of a tree: trees with the same sign hold the same sources in the
/// same places. `None` for a tree without any.
///
/// # Errors
/// The tree cannot be read.
pub fn alike(tree: &Tree) -> Result<Option<Oid>, Error> {
    let ids = sources::ids(tree, &is_read)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let lines = ids.iter().map(|(path, id)| match id {
        Some(id) => format!("{id} {path}\n"),
        None => format!("{path}\n"),
    });
    let text: String = lines.collect();
    Ok(Some(digest(text.as_bytes())?))
}

/// Whether calls, handlers or refusals may differ between two versions. Only what changed is looked
/// at.
///
/// # Errors
/// A tree cannot be listed, or a file cannot be read.
#[cfg_attr(not(feature = "sources"), allow(unused_variables))]
pub fn servers_differ(base: &Tree, head: &Tree) -> Result<bool, Error> {
    #[cfg(feature = "sources")]
    return change::differ(base, head);
    #[cfg(not(feature = "sources"))]
    Ok(false)
}

impl Options {
    /// Services that only generated code shows come along with what is imported. Beside those of
    /// the schema, they matter where they are called.
    fn leave_out_strangers(&self, stubs: &[Stub], found: &mut CallSites) {
        let is_declared = |stub: &Stub| !stub.file.is_empty();
        if !self.services.is_empty() || !stubs.iter().any(is_declared) {
            return;
        }
        let called: BTreeSet<String> =
            found.sites.iter().map(|it| it.rpc.parent().to_owned()).collect();
        let strangers = stubs.iter().filter(|it| !is_declared(it));
        let strangers = strangers.map(|it| it.service.as_str()).filter(|it| !called.contains(*it));
        let strangers: BTreeSet<&str> = strangers.collect();
        found.searched.retain(|it| !strangers.contains(it.parent()));
        found.unresolved.retain(|it, _| !strangers.contains(it.parent()));
        found.served.retain(|it| !strangers.contains(it.rpc.parent()));
    }

    fn wants(&self, stub: &Stub) -> bool {
        self.services.is_empty() || self.services.contains(&stub.service)
    }
}

/// Runs something on threads that have the stack to walk what [`syntax`] lets through.
fn on_deep_stacks<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().stack_size(syntax::STACK).build() {
        Ok(pool) => pool.install(work),
        // There are no further threads to be had; the ones that are there read shallow trees.
        Err(_) => work(),
    }
}

impl Stops {
    /// The peers that two gates both keep a call from.
    #[cfg_attr(not(feature = "lang-go"), allow(dead_code))]
    fn and(self, other: Stops) -> Stops {
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
