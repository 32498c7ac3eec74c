//! Where the sources of one version call each RPC, how the caller takes `UNIMPLEMENTED`, and what
//! its servers do about each RPC. The only room that knows languages other than protobuf.
//!
//! Nothing here is a proof. Each call says how sure its resolution is, and what could not be
//! resolved is counted, so that "nobody calls it" is claimed only where nothing is left open.

// What only some languages need is there for all.
#![cfg_attr(
    not(all(
        feature = "lang-go",
        feature = "lang-java",
        feature = "lang-kotlin",
        feature = "lang-python",
        feature = "lang-rust",
        feature = "lang-typescript"
    )),
    allow(dead_code)
)]

use std::collections::BTreeSet;
#[cfg(feature = "lang-go")]
use std::sync::Arc;

use crate::{
    error::Error,
    schema::FullName,
    tree::{Oid, Tree, digest},
};

#[cfg(feature = "sources")]
mod change;
mod discover;
#[cfg(feature = "sources")]
mod flow;
mod found;
#[cfg(feature = "lang-go")]
mod go;
mod manifest;
mod names;
mod sources;
mod stubs;
mod syntax;

pub use discover::discover;
pub use found::{
    CallSite, CallSites, Handling, Incomplete, Place, Resolution, Served, ServedStatus, Stops,
};
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
        #[cfg(feature = "sources")]
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

/// Finds out where the code of services ends up whose files do not say so, from the generated code
/// in the tree that declares them: for sources that are in another tree.
///
/// # Errors
/// The tree cannot be listed.
#[cfg_attr(not(feature = "lang-go"), allow(unused_variables))]
pub fn find_packages(tree: &Tree, stubs: &mut [Stub]) -> Result<(), Error> {
    #[cfg(feature = "lang-go")]
    go::find_packages(tree, stubs)?;
    Ok(())
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
    #[cfg(feature = "sources")]
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
