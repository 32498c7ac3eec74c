//! What to see to before a release goes out: what it does to the releases that it may meet.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    check::{Outcome, Report, Search, Verdict},
    history::{Kind, Run, Timeline, Timelines, runs},
    policy::{Evidence, Level, Weight},
    rules::Effect,
    schema::FullName,
    skew::{Flow, Pairing},
};

mod guards;

pub use guards::{DeadGuard, Guards, LateGate, Wrong, guards};

/// What to see to before a release.
pub struct Checklist {
    /// The release, by its index.
    pub release: usize,
    /// The earlier releases that it may meet.
    pub supported: Vec<usize>,
    /// Those of them whose servers its clients may meet.
    pub servers: Vec<usize>,
    /// Those of them whose clients its servers may meet.
    pub clients: Vec<usize>,
    /// Which end to upgrade first.
    pub order: Order,
    /// Calls of its clients that earlier servers do not have.
    pub fallbacks: Vec<Call>,
    /// Calls of earlier clients that its servers do not have.
    pub removed: Vec<Call>,
    /// What else breaks for its clients on earlier servers.
    pub client_breaks: Vec<Item>,
    /// What else breaks for earlier clients on its servers.
    pub server_breaks: Vec<Item>,
    /// Request fields and values that its clients send and that earlier servers ignore.
    pub ignored: Vec<Item>,
    /// What else may go wrong, for some values, for its clients on earlier servers.
    pub client_degrades: Vec<Item>,
    /// What may go wrong, for some values, for earlier clients on its servers.
    pub server_degrades: Vec<Item>,
    /// Guards of its calls that no server needs any more, or that ask for the wrong version.
    pub guards: Guards,
    /// Why the sources of the release were not searched for its calls, if they could tell something.
    pub not_searched: Option<String>,
    /// Releases of which nobody can say what happens, and why.
    pub unknown: Vec<(usize, String)>,
}

/// Which end to upgrade first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing breaks, whichever is first.
    Any,
    /// Newer clients break on older servers.
    ServersFirst,
    /// Older clients break on newer servers.
    ClientsFirst,
    /// Both break: no order is safe.
    None,
    /// Some releases could not be read.
    Unknown,
}

/// A call that some releases do not have.
pub struct Call {
    /// The full name of the method.
    pub name: FullName,
    /// Of the releases that have it, up to the one that goes out, the runs. What comes later says
    /// nothing here, so that a page stays as it is.
    pub had: Vec<Run>,
    /// The supported releases that it fails with.
    pub with: Vec<Run>,
    /// What the sources of the release say of it, if they were searched: of its own calls.
    pub evidence: Option<Evidence>,
}

/// A finding, and the supported releases that it happens with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The id of the rule.
    pub rule: &'static str,
    /// The element that the two ends disagree about.
    pub subject: FullName,
    /// One sentence.
    pub message: String,
    /// The calls it happens to.
    pub calls: BTreeSet<FullName>,
    /// The releases.
    pub with: Vec<Run>,
}

/// Adds up what was found between a release and those before it: each of `supported` has its
/// verdicts, of the pairings in which they meet. Of each the base is the earlier release.
pub fn checklist(
    timelines: &Timelines<'_>,
    release: usize,
    supported: &[(usize, &Report)],
    guards: Guards,
) -> Checklist {
    let (mut client, mut server) = (Sums::default(), Sums::default());
    let (mut servers, mut clients) = (Vec::new(), Vec::new());
    let mut unknown = Vec::new();
    for &(with, report) in supported {
        for verdict in &report.verdicts {
            let newer_client = verdict.pair.pairing == Pairing::NEWER_CLIENT;
            let (met, sums) = match newer_client {
                true => (&mut servers, &mut client),
                false => (&mut clients, &mut server),
            };
            met.push(with);
            sums.add(with, verdict);
        }
        let reason = report.verdicts.iter().find(|it| it.outcome == Outcome::Unknown);
        unknown.extend(reason.map(|it| (with, it.reason.clone().unwrap_or_default())));
    }
    let order = match (client.breaks, server.breaks) {
        _ if !unknown.is_empty() => Order::Unknown,
        (false, false) => Order::Any,
        (true, false) => Order::ServersFirst,
        (false, true) => Order::ClientsFirst,
        (true, true) => Order::None,
    };
    let calls = |sums: &Sums| {
        let timeline = |name: &FullName| {
            timelines.select(&|kind, it| kind == Kind::Method && it == name).into_iter().next()
        };
        let calls = sums.calls.iter().map(|(name, with)| {
            let had = timeline(name).map(|it| had(&it, release)).unwrap_or_default();
            let (with, evidence) = with;
            let with = runs(with.iter().copied());
            Call { name: name.clone(), had, with, evidence: evidence.clone() }
        });
        calls.collect()
    };
    Checklist {
        release,
        supported: supported.iter().map(|(it, _)| *it).collect(),
        servers,
        clients,
        order,
        fallbacks: calls(&client),
        removed: calls(&server),
        client_breaks: items(client.errors),
        server_breaks: items(server.errors),
        ignored: items(client.ignored),
        client_degrades: items(client.warnings),
        server_degrades: items(server.ignored.into_iter().chain(server.warnings).collect()),
        guards,
        not_searched: not_searched(supported),
        unknown,
    }
}

fn not_searched(supported: &[(usize, &Report)]) -> Option<String> {
    let verdicts = supported.iter().flat_map(|(_, report)| &report.verdicts);
    let own = verdicts.filter(|it| it.pair.pairing == Pairing::NEWER_CLIENT);
    own.into_iter().find_map(|it| match &it.search {
        Search::Not(why) => Some(why.clone()),
        Search::Idle | Search::Done(_) => None,
    })
}

/// By rule, subject and message: the calls, and the releases.
type Found = BTreeMap<(&'static str, FullName, String), (BTreeSet<FullName>, BTreeSet<usize>)>;

/// What was found in one pairing, over several releases.
#[derive(Default)]
struct Sums {
    breaks: bool,
    /// Calls that the server does not have, with which releases, and what the client's sources say.
    calls: BTreeMap<FullName, (BTreeSet<usize>, Option<Evidence>)>,
    errors: Found,
    ignored: Found,
    warnings: Found,
}

impl Sums {
    fn add(&mut self, with: usize, verdict: &Verdict) {
        for entry in verdict.entries.iter().filter(|it| it.allowed.is_none()) {
            let it = &entry.finding;
            self.breaks |= entry.level == Level::Error;
            let key = (it.rule.id, it.subject.clone(), it.message.clone());
            // What the sources have lowered is still a call that fails.
            let lowered = entry.evidence.as_ref().is_some_and(|it| it.weight <= Weight::Unsure);
            let sums = match (entry.level, it.rule.effect) {
                (level, _) if it.rule.is_unimplemented() && (level == Level::Error || lowered) => {
                    for call in it.calls.iter() {
                        let (releases, evidence) = self.calls.entry(call.clone()).or_default();
                        releases.insert(with);
                        *evidence = entry.evidence.as_ref().map(|it| it.about(call));
                    }
                    continue;
                }
                (Level::Error, _) => &mut self.errors,
                (Level::Warning, Effect::Ignored) if it.flow == Flow::Request => &mut self.ignored,
                (Level::Warning, _) => &mut self.warnings,
                _ => continue,
            };
            let (calls, releases) = sums.entry(key).or_default();
            calls.extend(it.calls.iter().cloned());
            releases.insert(with);
        }
    }
}

fn items(found: Found) -> Vec<Item> {
    let items = found.into_iter().map(|((rule, subject, message), (calls, with))| Item {
        rule,
        subject,
        message,
        calls,
        with: runs(with),
    });
    items.collect()
}

/// The runs of a timeline that begin no later than a release, up to it.
fn had(timeline: &Timeline, release: usize) -> Vec<Run> {
    let early = timeline.runs.iter().filter(|run| run.first <= release);
    early.map(|run| Run { first: run.first, last: run.last.min(release) }).collect()
}
