//! Calls in languages whose types are not followed: generated clients are recognised by their
//! names, and followed from name to name: through variables, parameters, fields and results.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use rayon::prelude::*;
use tree_sitter::{Language, Node};

use super::{
    CallSite, CallSites, Incomplete, Options, Place, Resolution, Stops, Stub,
    names::Names,
    sources::{self, Source},
};
use crate::{error::Error, tree::Tree};

mod bindings;
mod callers;
mod catching;
mod codes;
mod facts;
mod handling;
#[cfg(feature = "lang-java")]
mod java;
#[cfg(any(feature = "lang-java", feature = "lang-kotlin"))]
mod jvm;
mod kinds;
mod known;
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
mod tokens;
mod told;
#[cfg(feature = "lang-typescript")]
mod typescript;
#[cfg_attr(not(feature = "lang-rust"), allow(dead_code))]
mod values;

use facts::{Facts, Mention};
use handling::Functions;
use known::{Known, Receiver};
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
    /// `Type::function`: kind, type, function.
    pub(super) paths: &'static [(&'static str, &'static str, &'static str)],
    /// What holds the arguments of macros.
    pub(super) tokens: &'static str,
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
    /// The type that a function is declared for, where that may be elsewhere.
    pub(super) receiver: &'static str,
    /// What gives the result of a function: kind, and the value.
    pub(super) results: &'static [(&'static str, &'static str)],
    /// Classes and the like, by which functions are named.
    pub(super) classes: &'static [&'static str],
    /// Functions without names that a call is given: kind, parameters.
    pub(super) closures: &'static [(&'static str, &'static str)],
    /// A part of a file that only tests need.
    pub(super) only_tests: fn(Node<'_>, &[u8]) -> bool,
    /// Functions that give back what they are asked for: `inject(CLIENT)`.
    pub(super) gives: &'static [&'static str],
    /// Parameters need no types.
    pub(super) untyped: bool,
    /// Names given to other names on import: kind, path, alias.
    pub(super) aliases: &'static [(&'static str, &'static str, &'static str)],
    pub(super) imports: &'static [&'static str],
    errors: handling::Errors,
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
    let mut terms = Terms::new(first, stubs, options);
    let mut sources = Vec::new();
    for dialect in family {
        let own = sources::read(tree, &|path| dialect.reads(path), &mut found.incomplete)?;
        found.files += own.len();
        sources.extend(own.into_iter().map(|source| (dialect, source)));
    }
    sources.retain(|(_, it)| !sources::is_generated(&it.text));
    sources.iter().for_each(|(_, it)| terms.declare(&it.text));
    let names: HashSet<&str> = terms.names();
    let speaks = |text: &[u8]| codes::named_in(text) || Names::of(text).any(&names);
    let read = sources.par_iter().filter(|(_, it)| speaks(&it.text));
    let read: Vec<(&Source, Facts, Option<Incomplete>)> =
        read.filter_map(|(dialect, source)| facts::read(dialect, &terms, source)).collect();
    let mut files = Vec::new();
    for (source, facts, incomplete) in read {
        found.incomplete.extend(incomplete);
        files.push((source, facts));
    }
    let known = Known::follow(&files);
    let untyped = family.iter().any(|it| it.syntax.untyped);
    let methods = files.iter().flat_map(|(_, facts)| &facts.methods).filter(|_| untyped);
    let methods: HashSet<&str> = methods.map(|(_, name)| name.as_str()).collect();
    let testers = files.iter().flat_map(|(_, facts)| &facts.testers);
    let throwers = files.iter().flat_map(|(_, facts)| &facts.throwers);
    let functions = Functions {
        testers: testers.map(|it| (it.name.as_str(), it)).collect(),
        throwers: throwers.map(String::as_str).collect(),
        manifest: &options.manifest,
    };
    let first_site = found.sites.len();
    for (at, (source, facts)) in files.iter().enumerate() {
        if !options.paths.admit(&source.path) {
            continue;
        }
        for mention in &facts.mentions {
            let receiver = known.receiver(at, &mention.scope, &mention.receiver, &mention.name);
            let named = Meant { stubs, rpcs: terms.rpcs(&mention.name), methods: &methods };
            mention.place(source, receiver, &functions, &named, found);
        }
    }
    callers::follow(&sources, &functions, &mut found.sites[first_site..]);
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

/// What a name may be the call of.
struct Meant<'a> {
    stubs: &'a [Stub],
    rpcs: &'a [(usize, String)],
    /// Functions that the sources declare themselves, where nothing tells the two apart.
    methods: &'a HashSet<&'a str>,
}

impl Mention {
    /// Makes a call of it, if its receiver is known; otherwise it may count as unresolved.
    fn place(
        &self,
        source: &Source,
        receiver: Receiver,
        functions: &Functions<'_>,
        meant: &Meant<'_>,
        found: &mut CallSites,
    ) {
        let (services, resolution) = match receiver {
            Receiver::Client(services, resolution) => (services, resolution),
            Receiver::Other => return,
            Receiver::Unknown => return self.count(meant, found),
        };
        let rpcs: Vec<&(usize, String)> =
            meant.rpcs.iter().filter(|(service, _)| services.contains(service)).collect();
        // A guess at a name is no guess at one of several services.
        if resolution == Resolution::Likely && rpcs.len() > 1 {
            return self.count(meant, found);
        }
        for (service, rpc) in rpcs {
            let place = Place { file: source.path.clone(), line: self.line };
            let mut site = CallSite {
                published: None,
                since: None,
                place,
                rpc: meant.stubs[*service].rpc(rpc),
                function: self.around.clone(),
                resolution,
                handling: self.handling.handling,
                at: None,
                guards: Vec::new(),
                how: None,
                opens_only: None,
                some_callers: false,
                stops: Stops::default(),
            };
            handling::finish(&mut site, self, source, functions);
            found.sites.push(site);
        }
    }

    /// Counts it as one that could not be resolved, if it looks like a call: names of one word are
    /// common, and count only in files that speak of the service.
    fn count(&self, meant: &Meant<'_>, found: &mut CallSites) {
        for (service, rpc) in meant.rpcs {
            let wrapped = *rpc != self.name && meant.methods.contains(&*self.name);
            let words = rpc.chars().filter(|it| it.is_ascii_uppercase()).count();
            let near = words > 2 || self.near.contains(service);
            if self.called && near && !wrapped {
                *found.unresolved.entry(meant.stubs[*service].rpc(rpc)).or_default() += 1;
            }
        }
    }
}

/// Where something is in a file, from 1.
type Line = u32;

/// The path of a file.
type Path = Arc<str>;
