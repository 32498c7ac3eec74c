//! Every pairing that is asked for → one finished report: sorted, decided, nothing left to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    compile::{Compiled, Remark},
    error::Error,
    excerpt::Quote,
    judge::{Comparison, Finding, Settings},
    policy::{Allow, Entry, Level, Moment, Policy, Setting, Stale},
    schema::{FullName, Schema, Site},
    skew::{Pairing, Side},
    version::{Version, problems},
    witness::Prover,
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
    /// What would go wrong, the loudest first.
    pub entries: Vec<Entry>,
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

/// Judges every pair under the policy. Pairs of the same two versions share one comparison if they
/// follow one another.
pub fn check(versions: &[Version], pairs: &[Pair], policy: &Policy) -> Report {
    let mut verdicts = Vec::new();
    let (remarks, invalid) = remarks(versions, pairs);
    let setting = |pair| setting(pair, versions, policy, &remarks);
    for pairs in pairs.chunk_by(|a, b| (a.base, a.head) == (b.base, b.head)) {
        let [base, head] = [pairs[0].base, pairs[0].head].map(|index| &versions[index]);
        match (&base.contents, &head.contents) {
            (Ok(ours), Ok(theirs)) => {
                let compared = comparisons(ours, theirs, &policy.settings);
                let unknown = unknown(&problems(&[base, head]));
                verdicts.extend(pairs.iter().map(|&pair| {
                    let server = match pair.pairing.server {
                        Side::Base => ours,
                        Side::Head => theirs,
                    };
                    let findings = findings(&compared, pair.pairing, server);
                    let setting = setting(pair);
                    let all = findings.into_iter().filter_map(|it| policy.decide(it, &setting));
                    verdict(pair, all.collect(), unknown.clone(), policy)
                }));
            }
            (ours, theirs) => {
                let errors = [ours, theirs].map(|it| it.as_ref().err());
                let reasons: Vec<String> = errors.into_iter().flatten().map(reason).collect();
                let reason = Some(reasons.join("; "));
                verdicts.extend(pairs.iter().map(|&pair| Verdict {
                    pair,
                    outcome: Outcome::Unknown,
                    reason: reason.clone(),
                    entries: Vec::new(),
                }));
            }
        }
    }
    let judged: Vec<(Setting<'_>, &[Entry])> =
        verdicts.iter().map(|it| (setting(it.pair), &*it.entries)).collect();
    // What was not read may have what was accepted.
    let all_read = verdicts.iter().all(|it| it.reason.is_none());
    let mut stale = if all_read { policy.stale(&judged) } else { Vec::new() };
    stale.extend(invalid);
    let versions: Vec<Summary> = versions.iter().map(Summary::of).collect();
    let quotes = vec![BTreeMap::new(); versions.len()];
    Report { versions, verdicts, stale, quotes }
}

/// What the comments of each version that is a head allow; and those that allow nothing.
fn remarks(versions: &[Version], pairs: &[Pair]) -> (Vec<Vec<Arc<Allow>>>, Vec<Stale>) {
    let mut invalid = Vec::new();
    let mut allows = vec![Vec::new(); versions.len()];
    let heads: BTreeSet<usize> = pairs.iter().map(|pair| pair.head).collect();
    for head in heads {
        let Ok(compiled) = &versions[head].contents else { continue };
        for Remark { subject, text, site } in &compiled.remarks {
            let allow = match subject {
                Some(subject) => Allow::of_comment(subject, text, site.clone()),
                None => Err("it stands at no element".to_owned()),
            };
            match allow {
                Ok(allow) => allows[head].push(Arc::new(allow)),
                Err(why) => invalid.push(Stale::invalid(text, why, site.clone())),
            }
        }
    }
    (allows, invalid)
}

/// What the findings of a pairing are judged by.
fn setting<'p>(
    pair: Pair,
    versions: &[Version],
    policy: &'p Policy,
    remarks: &'p [Vec<Arc<Allow>>],
) -> Setting<'p> {
    let release = |version: usize| policy.releases.get(&versions[version].name);
    let moment = Moment {
        today: policy.today,
        head: release(pair.head),
        client: release(pair.client()),
        server: release(pair.server()),
    };
    Setting { pairing: pair.order(), moment, remarks: &remarks[pair.head] }
}

/// Two schemas to compare, and what of it counts.
struct Compared<'s> {
    comparison: Comparison<'s>,
    /// One of them is a copy that the other version does not have: it may be an older one, so all
    /// that counts is which calls nobody there has.
    calls_only: bool,
}

fn comparisons<'s>(
    base: &'s Compiled,
    head: &'s Compiled,
    settings: &'s Settings,
) -> Vec<Compared<'s>> {
    let compared = |(base, head, calls_only)| {
        let comparison = Comparison::new(base, head, settings);
        Compared { comparison, calls_only }
    };
    schemas(base, head).into_iter().map(compared).collect()
}

/// The schemas, each copy that both versions have, and each that only one of them has, and whether
/// it is one of those.
fn schemas<'s>(base: &'s Compiled, head: &'s Compiled) -> Vec<(&'s Schema, &'s Schema, bool)> {
    let mut all = vec![(&base.schema, &head.schema, false)];
    let roots: BTreeSet<&String> = base.copies.keys().chain(head.copies.keys()).collect();
    for root in roots {
        let [ours, theirs] = [base, head].map(|it| it.copies.get(root));
        let calls_only = ours.is_none() || theirs.is_none();
        let (ours, theirs) = (ours.unwrap_or(&base.schema), theirs.unwrap_or(&head.schema));
        all.push((ours, theirs, calls_only));
    }
    all
}

/// Attaches to every finding its witness, if there is one to show.
pub fn prove(report: &mut Report, versions: &[Version], settings: &Settings) {
    for Verdict { pair, entries, .. } in &mut report.verdicts {
        let [base, head] = [pair.base, pair.head].map(|it| versions[it].contents.as_ref());
        let (Ok(base), Ok(head)) = (base, head) else { continue };
        // A finding is proved by the schemas it was made from: no others show its harm.
        for (base, head, _) in schemas(base, head) {
            let open = entries.iter().filter(|it| it.witness.is_none()).map(|it| &it.finding);
            let prover = Prover::new(base, head, pair.pairing, settings, open);
            for entry in entries.iter_mut().filter(|it| it.witness.is_none()) {
                entry.witness = prover.prove(&entry.finding);
            }
        }
    }
}

/// What goes wrong in a pairing. A call that any file of the server declares is one that it has.
fn findings(compared: &[Compared<'_>], pairing: Pairing, server: &Compiled) -> Vec<Finding> {
    let schemas = || std::iter::once(&server.schema).chain(server.copies.values());
    let has = |call: &FullName| schemas().any(|it| it.method(call).is_some());
    let mut all = Vec::new();
    for Compared { comparison, calls_only } in compared {
        for mut finding in comparison.judge(pairing) {
            let unimplemented = finding.rule.is_unimplemented();
            if *calls_only && !unimplemented {
                continue;
            }
            if unimplemented && finding.calls.iter().any(has) {
                let rest = finding.calls.iter().filter(|call| !has(call)).cloned();
                finding.calls = Arc::new(rest.collect());
            }
            if !finding.calls.is_empty() {
                all.push(finding);
            }
        }
    }
    all
}

fn verdict(
    pair: Pair,
    mut entries: Vec<Entry>,
    reason: Option<String>,
    policy: &Policy,
) -> Verdict {
    // What a copy declares like the original was said of that.
    let mut said = BTreeSet::new();
    entries.retain(|entry| {
        let Finding { rule, flow, codec, subject, message, base, head, .. } = &entry.finding;
        let what = (rule.id, *flow, *codec, subject.clone(), message.clone());
        said.insert((what, base.clone(), head.clone()))
    });
    // Stable: within a level, the order of rules and names stays.
    entries.sort_by_key(|it| std::cmp::Reverse(it.level));
    let worst = entries.iter().filter(|it| it.allowed.is_none()).map(|it| it.level).max();
    let outcome = match worst {
        _ if reason.is_some() && !policy.keep_going => Outcome::Unknown,
        worst => Outcome::of(worst.unwrap_or(Level::Off)),
    };
    Verdict { pair, outcome, reason, entries }
}

/// Why a part of two versions is unknown.
fn unknown(problems: &[&Error]) -> Option<String> {
    (!problems.is_empty()).then(|| format!("not all of it could be read: {}", briefly(problems)))
}

/// An error with its causes, on one line.
fn reason(error: &Error) -> String {
    match error.causes() {
        [] => error.brief(),
        causes => format!("{error}: {}", briefly(&causes.iter().collect::<Vec<_>>())),
    }
}

/// Some errors, each with its place. The first mistake in a file may be why there are others.
fn briefly(errors: &[&Error]) -> String {
    let mut files = BTreeSet::new();
    let firsts = errors.iter().filter(|error| error.file().is_none_or(|file| files.insert(file)));
    let firsts = firsts.filter(|error| !matches!(error, Error::More { .. }));
    let mut firsts: Vec<String> = firsts.map(|error| error.brief()).collect();
    let more = firsts.split_off(firsts.len().min(3)).len();
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("{}{more}", firsts.join("; "))
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
    /// How many different calls fail, whatever they carry.
    pub fn failing(&self) -> usize {
        self.failing_calls().collect::<BTreeSet<_>>().len()
    }

    fn failing_calls(&self) -> impl Iterator<Item = &FullName> {
        let failing = self.entries.iter().filter(|it| it.allowed.is_none() && it.fails());
        failing.flat_map(|it| it.finding.calls.iter())
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
    fn of(version: &Version) -> Summary {
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
