//! Calls in languages whose types are not followed: generated clients are recognised by their
//! names, and followed from name to name: through variables, parameters, fields and results.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use rayon::prelude::*;
use tree_sitter::Language;

use super::{
    CallSite, CallSites, Incomplete, Options, Place, Resolution, Stops, Stub,
    names::Names,
    sources::{self, Source},
};
use crate::{error::Error, tree::Tree};

mod facts;
mod handling;
#[cfg(feature = "lang-java")]
mod java;
#[cfg(any(feature = "lang-java", feature = "lang-kotlin"))]
mod jvm;
#[cfg(feature = "lang-kotlin")]
mod kotlin;
#[cfg(feature = "lang-python")]
mod python;
mod refusal;
#[cfg(feature = "lang-rust")]
mod rust;
mod served;
mod servers;
mod terms;
#[cfg(feature = "lang-typescript")]
mod typescript;

use facts::{Facts, Mention, Seen, Target};
use terms::Terms;

/// What has to be known of a language.
pub(super) struct Dialect {
    /// The parser for files that end so.
    pub(super) grammars: Vec<(&'static str, Language)>,
    /// The parser gets through a text in reasonable time.
    pub(super) readable: fn(&[u8]) -> bool,
    /// A file that generators write, or that only tests need.
    pub(super) left_out: fn(&str) -> bool,
    /// What an RPC is called.
    pub(super) forms: fn(&str) -> Vec<String>,
    /// Names that give away a client of a service.
    pub(super) tokens: fn(&str) -> Vec<String>,
    /// Whether a text that holds such a name stands for a client.
    pub(super) is_client: fn(text: &str, token: &str, service: &str) -> bool,
    servers: servers::Servers,
    syntax: Syntax,
}

/// The kinds of nodes that matter in a grammar, and their parts, as [`part`](super::syntax::part)
/// names them.
pub(super) struct Syntax {
    /// `object.name`: kind, the object, the name.
    pub(super) members: &'static [(&'static str, &'static str, &'static str)],
    /// `function(arguments)`: kind, the function. A member that is itself a call has none.
    pub(super) calls: &'static [(&'static str, &'static str)],
    /// The arguments of a call.
    pub(super) arguments: &'static str,
    /// What stands for the one expression in it.
    pub(super) transparent: &'static [&'static str],
    /// Kind, name, type and value.
    pub(super) bindings: &'static [(&'static str, &'static str, &'static str, &'static str)],
    /// Functions: kind, and the type of the result.
    pub(super) functions: &'static [(&'static str, &'static str)],
    /// What gives the result of a function: kind, and the value.
    pub(super) results: &'static [(&'static str, &'static str)],
    /// Classes and the like, by which functions are named.
    pub(super) classes: &'static [&'static str],
    /// Names given to other names on import: kind, path, alias.
    pub(super) aliases: &'static [(&'static str, &'static str, &'static str)],
    pub(super) imports: &'static [&'static str],
    errors: handling::Errors,
}

/// Names that mean too much to be followed from file to file.
const COMMON: [&str; 22] = [
    "client", "inner", "get", "new", "conn", "connect", "create", "build", "self", "this", "api",
    "service", "value", "it", "into", "from", "result", "default", "init", "grpc", "s", "c",
];

/// Names that give back what they are called on.
const NEUTRAL: [&str; 26] = [
    "clone",
    "as_mut",
    "as_ref",
    "unwrap",
    "expect",
    "lock",
    "read",
    "write",
    "borrow",
    "borrow_mut",
    "get",
    "get_mut",
    "await",
    "to_owned",
    "deref",
    "deref_mut",
    "get_ref",
    "into_inner",
    "join",
    "value",
    "max_decoding_message_size",
    "max_encoding_message_size",
    "accept_compressed",
    "send_compressed",
    "also",
    "apply",
];

/// How many names a client is followed through.
const ROUNDS: usize = 6;

/// Services by the names that stand for their clients.
#[derive(Default)]
struct Known {
    /// Members, wherever they are.
    anywhere: HashMap<String, BTreeSet<usize>>,
    /// Members of classes in one file.
    here: HashMap<(usize, String), BTreeSet<usize>>,
    /// Variables of a function, by where that begins.
    local: HashMap<(usize, usize, String), BTreeSet<usize>>,
}

/// Looks for calls in all languages but those that have rooms of their own.
pub(super) fn scan(
    tree: &Tree,
    stubs: &[Stub],
    options: &Options,
    found: &mut CallSites,
) -> Result<(), Error> {
    for family in families() {
        read_family(&family, tree, stubs, options, found)?;
    }
    Ok(())
}

/// The languages, those together whose programs use each other's names.
fn families() -> Vec<Vec<Dialect>> {
    vec![
        vec![
            #[cfg(feature = "lang-python")]
            python::dialect(),
        ],
        vec![
            #[cfg(feature = "lang-java")]
            java::dialect(),
            #[cfg(feature = "lang-kotlin")]
            kotlin::dialect(),
        ],
        vec![
            #[cfg(feature = "lang-rust")]
            rust::dialect(),
        ],
        vec![
            #[cfg(feature = "lang-typescript")]
            typescript::dialect(),
        ],
    ]
}

/// Some files of a tree are searched.
pub(super) fn any(tree: &Tree) -> Result<bool, Error> {
    Ok(!tree.files(&reads)?.is_empty())
}

/// It is a source file in one of the languages.
pub(super) fn reads(path: &str) -> bool {
    static FAMILIES: OnceLock<Vec<Vec<Dialect>>> = OnceLock::new();
    FAMILIES.get_or_init(families).iter().flatten().any(|it| it.reads(path))
}

fn read_family(
    family: &[Dialect],
    tree: &Tree,
    stubs: &[Stub],
    options: &Options,
    found: &mut CallSites,
) -> Result<(), Error> {
    let Some(first) = family.first() else { return Ok(()) };
    // Their generators agree on names.
    let terms = Terms::new(first, stubs, options);
    let names: HashSet<&str> = terms.names();
    let mut sources = Vec::new();
    for dialect in family {
        let own = sources::read(tree, &|path| dialect.reads(path), &mut found.incomplete)?;
        found.files += own.len();
        sources.extend(own.into_iter().map(|source| (dialect, source)));
    }
    sources.retain(|(_, it)| !sources::is_generated(&it.text));
    let read = sources.par_iter().filter(|(_, it)| Names::of(&it.text).any(&names));
    let read: Vec<(&Source, Facts, Option<Incomplete>)> =
        read.filter_map(|(dialect, source)| facts::read(dialect, &terms, source)).collect();
    let mut files = Vec::new();
    for (source, facts, incomplete) in read {
        found.incomplete.extend(incomplete);
        files.push((source, facts));
    }
    let known = follow(&files);
    let testers: HashMap<String, (Place, bool)> =
        files.iter().flat_map(|(_, facts)| facts.testers.iter().cloned()).collect();
    for (at, (source, facts)) in files.iter().enumerate() {
        if !options.paths.admit(&source.path) {
            continue;
        }
        for mention in &facts.mentions {
            let services = resolve(&known, at, mention.function, &mention.receiver);
            mention.place(source, services, &testers, stubs, &terms, found);
        }
    }
    let sources: Vec<&Source> = sources.iter().map(|(_, source)| source).collect();
    found.served.extend(served::served(&served::World {
        dialect: first,
        terms: &terms,
        stubs,
        options,
        sources: &sources,
        files: &files,
        known: &known,
    }));
    Ok(())
}

impl Dialect {
    fn reads(&self, path: &str) -> bool {
        self.grammar(path).is_some() && !(self.left_out)(path)
    }

    fn grammar(&self, path: &str) -> Option<&Language> {
        let known = self.grammars.iter().find(|(ending, _)| path.ends_with(ending));
        known.map(|(_, language)| language)
    }
}

/// Carries services from name to name until nothing new is learnt.
fn follow(files: &[(&Source, Facts)]) -> Known {
    let mut known = Known::default();
    for _ in 0..ROUNDS {
        let mut learnt = false;
        for (at, (_, facts)) in files.iter().enumerate() {
            for binding in &facts.bindings {
                let mut services = binding.seeds.clone();
                for chain in &binding.sources {
                    let found = resolve(&known, at, binding.function, chain);
                    services.extend(found.into_iter().flat_map(|(services, _)| services));
                }
                if !services.is_empty() {
                    learnt |= known.learn(at, binding, &services);
                }
            }
        }
        if !learnt {
            break;
        }
    }
    known
}

impl Known {
    fn learn(&mut self, file: usize, binding: &facts::Binding, services: &BTreeSet<usize>) -> bool {
        let add = |set: &mut BTreeSet<usize>| {
            let before = set.len();
            set.extend(services);
            set.len() > before
        };
        match &binding.target {
            Target::Local(name) => {
                add(self.local.entry((file, binding.function, name.clone())).or_default())
            }
            Target::Member(name) => {
                let mut learnt = add(self.here.entry((file, name.clone())).or_default());
                if !COMMON.contains(&&**name) {
                    learnt |= add(self.anywhere.entry(name.clone()).or_default());
                }
                learnt
            }
        }
    }
}

/// The services whose client a chain of names stands for: the last name of it that is known
/// decides.
fn resolve(
    known: &Known,
    file: usize,
    function: usize,
    chain: &[Seen],
) -> Option<(BTreeSet<usize>, Resolution)> {
    for (at, part) in chain.iter().enumerate().rev() {
        match part {
            Seen::Client(services) => return Some((services.clone(), Resolution::Resolved)),
            Seen::Name(name) => {
                let local = (at == 0).then(|| known.local.get(&(file, function, name.clone())));
                let global = (at == 0).then(|| known.local.get(&(file, 0, name.clone())));
                let here = known.here.get(&(file, name.clone()));
                let near = local.flatten().or(global.flatten()).or(here);
                if let Some(services) = near {
                    return Some((services.clone(), Resolution::Resolved));
                }
                if let Some(services) =
                    known.anywhere.get(name).filter(|_| at > 0 || chain.len() == 1)
                {
                    return Some((services.clone(), Resolution::Likely));
                }
                let neutral = NEUTRAL.contains(&&**name) || name.starts_with("with");
                if !neutral {
                    return None;
                }
            }
        }
    }
    None
}

impl Mention {
    /// Makes a call of it, if its receiver is known; otherwise it may count as unresolved.
    fn place(
        &self,
        source: &Source,
        services: Option<(BTreeSet<usize>, Resolution)>,
        testers: &HashMap<String, (Place, bool)>,
        stubs: &[Stub],
        terms: &Terms<'_>,
        found: &mut CallSites,
    ) {
        let meant = terms.rpcs(&self.name);
        let Some((services, resolution)) = services else {
            let near = meant.iter().filter(|(service, _)| self.near.contains(service));
            for (service, rpc) in near.filter(|_| self.called) {
                *found.unresolved.entry(stubs[*service].rpc(rpc)).or_default() += 1;
            }
            return;
        };
        for (service, rpc) in meant.iter().filter(|(service, _)| services.contains(service)) {
            let place = Place { file: source.path.clone(), line: self.line };
            let mut site = CallSite {
                published: None,
                since: None,
                place,
                rpc: stubs[*service].rpc(rpc),
                function: self.around.clone(),
                resolution,
                handling: self.handling.handling,
                at: None,
                guards: self.handling.guards(&source.path),
                how: None,
                opens_only: None,
                some_callers: false,
                stops: Stops::default(),
            };
            handling::finish(&mut site, self, source, testers);
            found.sites.push(site);
        }
    }
}

/// Where something is in a file, from 1.
type Line = u32;

/// The path of a file.
type Path = Arc<str>;
