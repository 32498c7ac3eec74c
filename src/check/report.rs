//! What comes of a check: all that a format needs to know, and nothing that it has to decide.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    compile::Compiled,
    excerpt::Quote,
    judge::Finding,
    policy::{Entry, Level, Stale},
    schema::{FullName, Site},
    skew::{Pairing, Side},
    version::Version,
};

/// What was found between some versions.
pub struct Report {
    /// The versions, in the order they were given.
    pub versions: Vec<Summary>,
    /// One for each pairing.
    pub verdicts: Vec<Verdict>,
    /// What was accepted in vain.
    pub stale: Vec<Stale>,
    /// By version: the places of the findings, for people. Empty until somebody who may read
    /// files fills it, with [`Report::sites`] and [`Version::quote`].
    pub quotes: Vec<BTreeMap<Site, Quote>>,
}

/// What a version consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What people call it.
    pub name: String,
    /// The commit, if it is one.
    pub commit: Option<String>,
    /// Where it is in its repository: empty, or a path with a `/` at its end.
    pub under: String,
    /// What is in it, unless that is unknown.
    pub size: Option<Size>,
}

/// How much there is to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// `.proto` files that are judged.
    pub files: usize,
    /// Their services, if all files were read.
    pub services: Option<usize>,
    /// The methods of those, if all files were read.
    pub methods: Option<usize>,
    /// Files that were read: these, and what they import.
    pub read: usize,
    /// Files with mistakes that the change has nothing to do with, as far as they were read.
    pub broken: usize,
    /// Imports of the files that were read that are not in the version; their types are opaque.
    pub missing_imports: usize,
    /// Declarations of names that another file declares too, in another way.
    pub duplicates: usize,
}

/// Two versions of which one calls the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The index of the older version, or of an explicit pairing's server.
    pub base: usize,
    /// The index of the newer version, or of an explicit pairing's client.
    pub head: usize,
    /// Who calls whom.
    pub pairing: Pairing,
    /// The user named client and server; which is newer is not known.
    pub explicit: bool,
}

/// What happens when one version calls another.
pub struct Verdict {
    /// Which versions.
    pub pair: Pair,
    /// In one word.
    pub outcome: Outcome,
    /// Why the outcome is unknown.
    pub reason: Option<String>,
    /// Whether the client's sources were searched for the calls that fail.
    pub search: Search,
    /// Whether the server's were, for what it does about the calls that it declares.
    pub servers: Search,
    /// What would go wrong, the loudest first.
    pub entries: Vec<Entry>,
}

/// Whether the sources of a version were searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// They could not tell anything: no call fails, or somebody has accepted that.
    Idle,
    /// So many files were.
    Done(usize),
    /// They were not, and why.
    Not(String),
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing worse than a note.
    Ok,
    /// A warning.
    Degrades,
    /// An error.
    Breaks,
    /// A side could not be read.
    Unknown,
}

impl Pair {
    /// Both pairings of two versions.
    pub fn both(base: usize, head: usize) -> [Pair; 2] {
        [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER].map(|pairing| Pair {
            base,
            head,
            pairing,
            explicit: false,
        })
    }

    /// A client and a server that the user named.
    pub fn explicit(client: usize, server: usize) -> Pair {
        Pair { base: server, head: client, pairing: Pairing::NEWER_CLIENT, explicit: true }
    }

    /// Which end was upgraded first, if that is known.
    pub fn order(self) -> Option<Pairing> {
        (!self.explicit).then_some(self.pairing)
    }

    /// The index of the client's version.
    pub fn client(self) -> usize {
        self.side(self.pairing.client)
    }

    /// The index of the server's version.
    pub fn server(self) -> usize {
        self.side(self.pairing.server)
    }

    fn side(self, side: Side) -> usize {
        match side {
            Side::Base => self.base,
            Side::Head => self.head,
        }
    }
}

impl Report {
    /// The worst outcome of all verdicts; unknown is the worst.
    pub fn outcome(&self) -> Outcome {
        self.verdicts.iter().map(|it| it.outcome).max().unwrap_or(Outcome::Ok)
    }

    /// Every place of a version that a finding names.
    pub fn sites(&self, version: usize) -> impl Iterator<Item = &Site> {
        self.verdicts.iter().flat_map(move |verdict| {
            let Pair { base, head, .. } = verdict.pair;
            let sites = verdict.entries.iter().flat_map(move |entry| {
                let Finding { base: ours, head: theirs, .. } = &entry.finding;
                [(base, ours), (head, theirs)]
            });
            sites.filter(move |(side, _)| *side == version).filter_map(|(_, site)| site.as_ref())
        })
    }

    /// How many different calls fail, in one pairing or another.
    pub fn failing(&self) -> usize {
        self.verdicts.iter().flat_map(Verdict::failing_calls).collect::<BTreeSet<_>>().len()
    }

    /// The loudest level of what nobody has allowed, and of what was allowed in vain.
    pub fn loudest(&self) -> Option<Level> {
        let entries = self.verdicts.iter().flat_map(|it| &it.entries);
        let levels = entries.filter(|it| it.allowed.is_none()).map(|it| it.level);
        levels.chain(self.stale.iter().map(Stale::level)).max()
    }
}

impl Verdict {
    /// The sources of both ends were searched.
    pub(super) fn is_searched(&self) -> bool {
        [&self.search, &self.servers].iter().all(|it| matches!(it, Search::Done(_)))
    }

    /// The findings about calls that fail that nobody has accepted.
    fn open_calls(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|it| it.allowed.is_none() && it.fails())
    }

    /// Calls fail, so the sources of the client can tell something.
    pub fn has_open_calls(&self) -> bool {
        self.open_calls().next().is_some()
    }

    /// How many different calls fail, whatever they carry, but for those that the client's sources
    /// do not make or cope with, or that no upgrade brings.
    pub fn failing(&self) -> usize {
        self.failing_calls().collect::<BTreeSet<_>>().len()
    }

    fn failing_calls(&self) -> impl Iterator<Item = &FullName> {
        self.open_calls().flat_map(Entry::failing)
    }

    /// How many errors there are besides.
    pub fn errors(&self) -> usize {
        let causes = self.entries.chunk_by(Entry::is_repeated_by).map(|it| &it[0]);
        let errors = causes.filter(|it| it.level == Level::Error && !it.fails());
        errors.filter(|it| it.allowed.is_none()).count()
    }

    /// How many findings of a level nobody has allowed.
    pub fn count(&self, level: Level) -> usize {
        let causes = self.entries.chunk_by(Entry::is_repeated_by).map(|it| &it[0]);
        causes.filter(|it| it.level == level && it.allowed.is_none()).count()
    }
}

impl Outcome {
    /// What the loudest finding that nobody has accepted comes to.
    pub fn of(loudest: Level) -> Outcome {
        match loudest {
            Level::Error => Outcome::Breaks,
            Level::Warning => Outcome::Degrades,
            Level::Note | Level::Off => Outcome::Ok,
        }
    }
}

impl Summary {
    pub(super) fn of(version: &Version) -> Summary {
        let known = |it: &Compiled| it.whole && it.problems.is_empty() && it.broken == 0;
        let size = version.contents.as_ref().ok().map(|it| Size {
            files: it.files,
            services: known(it).then_some(it.schema.services.len()),
            methods: known(it).then(|| it.schema.methods().count()),
            read: it.read,
            broken: it.broken,
            missing_imports: it.missing_imports.len(),
            duplicates: it.duplicates,
        });
        let (name, under) = (version.name.clone(), version.top().under.clone());
        Summary { name, commit: version.commit.clone(), under, size }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Outcome::Ok => "ok",
            Outcome::Degrades => "degrades",
            Outcome::Breaks => "breaks",
            Outcome::Unknown => "unknown",
        })
    }
}
