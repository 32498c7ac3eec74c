//! What somebody says about calls that the sources do not show: written by hand, or the outcome of
//! another scan.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Deserialize;

use super::{CallSite, CallSites, Globs, Handling, Incomplete, Place, Resolution, Stops};
use crate::schema::FullName;

/// What a configuration or a manifest adds to a scan.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Calls that are made, whatever the sources show.
    pub calls: Vec<Declared>,
    /// Types that stand for stubs: wrappers that macros or generators make.
    pub stub_aliases: Vec<StubAlias>,
    /// Functions that tell whether an error is `UNIMPLEMENTED`, such as `errdefs.IsNotImplemented`.
    pub unimplemented_predicates: Vec<String>,
    /// Functions that tell whether the peer is new enough, such as `*.Supports`.
    pub gate_predicates: Vec<String>,
    /// Calls that do not count.
    pub ignored: Vec<Ignored>,
    /// What other scans could not resolve, by RPC.
    pub unresolved: BTreeMap<FullName, usize>,
    /// What other scans could not read.
    pub incomplete: Vec<Incomplete>,
}

/// `[[calls]]`: a call that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The service, with its package.
    pub service: String,
    /// The RPC, or `*` for all.
    pub rpc: String,
    /// Where it is made; limits what is said to the calls of this file, if there are any.
    pub file: Option<String>,
    /// From 1; 0 where it is not known.
    pub line: u32,
    /// The function that makes it.
    pub function: String,
    /// How the caller takes `UNIMPLEMENTED`, if that is known.
    pub handling: Option<Handling>,
    /// What shows it.
    pub at: Option<Place>,
    /// Which peers it is not made with, if it is gated.
    pub stops: Stops,
    /// How sure it is.
    pub resolution: Resolution,
    /// A test that another scan saw only where a stream is opened.
    pub opens_only: Option<Place>,
    /// Another scan saw that only some of those who call the function around it cope.
    pub some_callers: bool,
    /// The manifest, of what another scan printed.
    pub published: Option<Arc<str>>,
    /// Why this is said.
    pub reason: String,
}

/// `[[stub_alias]]`: a type whose methods are calls of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubAlias {
    /// `path.Type`; its last part is the type's name.
    pub ty: String,
    /// The service, with its package.
    pub service: String,
}

/// `[[ignore_calls]]`: calls that do not count.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// The service, with its package, or `*`.
    pub service: String,
    /// The RPC, or `*`.
    pub rpc: String,
    /// In these files; empty for all.
    pub files: Globs,
    /// Why.
    pub reason: String,
}

/// The shape of a scan's own JSON, as far as a manifest needs it.
#[derive(Deserialize)]
struct Scan {
    format: u32,
    sites: Vec<Site>,
    #[serde(default)]
    unresolved: Vec<Unresolved>,
    #[serde(default)]
    incomplete: Vec<Unread>,
}

#[derive(Deserialize)]
struct Unresolved {
    service: String,
    rpc: String,
    mentions: usize,
}

#[derive(Deserialize)]
struct Unread {
    file: String,
    reason: String,
}

#[derive(Deserialize)]
struct Site {
    service: String,
    rpc: String,
    file: String,
    line: u32,
    #[serde(default)]
    function: String,
    #[serde(default)]
    handling: String,
    #[serde(default)]
    resolution: String,
    at: Option<At>,
    opens_only: Option<At>,
    #[serde(default)]
    some_callers: bool,
    #[serde(default)]
    unless: bool,
}

#[derive(Deserialize)]
struct At {
    file: String,
    line: u32,
}

impl Manifest {
    /// Reads the JSON that `protoskew calls --format json` prints, of a file that people know as
    /// `name`.
    ///
    /// # Errors
    /// Why it is not that, in a sentence.
    pub fn from_json(name: &str, text: &str) -> Result<Manifest, String> {
        let scan: Scan = serde_json::from_str(text).map_err(|err| err.to_string())?;
        if scan.format != 1 {
            return Err(format!("its format is {}, and this program reads 1", scan.format));
        }
        let name: Arc<str> = name.into();
        let place = |at: At| Place { file: at.file.into(), line: at.line };
        let declared = |site: Site| {
            let handling = Handling::ALL.into_iter().find(|it| it.word() == site.handling);
            if handling.is_none() && !site.handling.is_empty() {
                return Err(format!("`{}` is no handling", site.handling));
            }
            Ok(Declared {
                service: site.service,
                rpc: site.rpc,
                file: Some(site.file),
                line: site.line,
                function: site.function,
                handling,
                at: site.at.map(place),
                stops: Stops { lacking: !site.unless, having: site.unless },
                // What it was not sure of is no surer for being told.
                resolution: match site.resolution.as_str() {
                    "likely" => Resolution::Likely,
                    "indirect" => Resolution::Indirect,
                    "named" => Resolution::Named,
                    _ => Resolution::Declared,
                },
                opens_only: site.opens_only.map(place),
                some_callers: site.some_callers,
                published: Some(name.clone()),
                reason: format!("published in {name}"),
            })
        };
        let calls = scan.sites.into_iter().map(declared).collect::<Result<_, _>>()?;
        let mut unresolved = BTreeMap::new();
        for it in scan.unresolved {
            let rpc = FullName::new(&format!("{}.{}", it.service, it.rpc));
            *unresolved.entry(rpc).or_default() += it.mentions;
        }
        let incomplete = scan
            .incomplete
            .into_iter()
            .map(|it| Incomplete { file: it.file.into(), reason: it.reason });
        let incomplete = incomplete.collect();
        Ok(Manifest { calls, unresolved, incomplete, ..Manifest::default() })
    }

    /// Adds what another one says.
    pub fn merge(&mut self, other: Manifest) {
        self.calls.extend(other.calls);
        self.stub_aliases.extend(other.stub_aliases);
        self.unimplemented_predicates.extend(other.unimplemented_predicates);
        self.gate_predicates.extend(other.gate_predicates);
        self.ignored.extend(other.ignored);
        for (rpc, mentions) in other.unresolved {
            *self.unresolved.entry(rpc).or_default() += mentions;
        }
        self.incomplete.extend(other.incomplete);
    }

    /// It says something of calls that no source need show.
    pub fn declares(&self) -> bool {
        !self.calls.is_empty() || !self.unresolved.is_empty()
    }

    /// Puts into a scan what is declared, and takes out what does not count.
    pub(super) fn apply(&self, found: &mut CallSites) {
        for (rpc, mentions) in &self.unresolved {
            // Where the sources are the same, they were counted.
            if found.searched.contains(rpc) {
                let known = found.unresolved.entry(rpc.clone()).or_default();
                *known = (*known).max(*mentions);
            }
        }
        found.incomplete.extend(self.incomplete.iter().cloned());
        for declared in &self.calls {
            let rpcs: BTreeSet<FullName> =
                found.searched.iter().filter(|rpc| declared.names(rpc)).cloned().collect();
            for rpc in rpcs {
                declared.apply(&rpc, found);
            }
        }
        found.sites.retain(|site| !self.ignored.iter().any(|it| it.covers(site)));
    }
}

impl Declared {
    fn names(&self, rpc: &FullName) -> bool {
        rpc.parent() == self.service && (self.rpc == "*" || rpc.leaf() == self.rpc)
    }

    /// What is said about calls that were found is taken over; otherwise it is a call of its own.
    fn apply(&self, rpc: &FullName, found: &mut CallSites) {
        let here = |site: &&mut CallSite| {
            let file = self.file.as_deref().is_none_or(|file| *site.place.file == *file);
            let line = self.line == 0 || self.line == site.place.line;
            let seen = site.published.is_none() && site.resolution != Resolution::Declared;
            site.rpc == *rpc && file && line && seen
        };
        let mut known = false;
        for site in found.sites.iter_mut().filter(here) {
            known = true;
            let Some(handling) = self.handling else { continue };
            (site.handling, site.at, site.stops) = (handling, self.at.clone(), self.stops);
            site.how = Some(format!("declared: {}", self.reason));
        }
        if known {
            return;
        }
        let file: Arc<str> = self.file.as_deref().unwrap_or_default().into();
        found.sites.push(CallSite {
            place: Place { file, line: self.line },
            rpc: rpc.clone(),
            function: self.function.clone(),
            resolution: self.resolution,
            handling: self.handling.unwrap_or(Handling::Unknown),
            at: self.at.clone(),
            guards: self.at.iter().cloned().collect(),
            how: self.published.is_none().then(|| format!("declared: {}", self.reason)),
            opens_only: self.opens_only.clone(),
            some_callers: self.some_callers,
            published: self.published.clone(),
            stops: self.stops,
            since: None,
        });
    }
}

impl Ignored {
    fn covers(&self, site: &CallSite) -> bool {
        let service = self.service == "*" || self.service == site.rpc.parent();
        let rpc = self.rpc == "*" || self.rpc == site.rpc.leaf();
        service && rpc && self.files.admit(&site.place.file)
    }
}
