//! Which releases a version must get on with, and one verdict for all of them.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    check::{Outcome, Pair, Report, Search, Verdict},
    policy::{Entry, Span},
    schema::FullName,
    skew::{Flow, Pairing},
};

mod windows;

pub use windows::{Roles, Seat, Window, Windows, roles};

/// What a version of a report stands for: releases that hold the same, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// Their places in the order of all releases.
    pub places: Vec<usize>,
    /// Their names.
    pub names: Vec<String>,
}

/// Makes one verdict for each pairing out of those of one head with many releases. Each finding is
/// stated once, and says the oldest and the newest release that it hits. `members` are what each
/// version stands for, and `all` the versions that stand for all servers and for all clients.
pub fn merge(report: &mut Report, members: &[Members], all: [usize; 2]) {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for (pairing, all) in [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER].into_iter().zip(all) {
        let of: Vec<&mut Verdict> =
            report.verdicts.iter_mut().filter(|it| it.pair.pairing == pairing).collect();
        let met: BTreeSet<usize> = of.iter().map(|it| it.pair.base).collect();
        let newest = met.iter().flat_map(|it| &members[*it].places).max().copied();
        let Some(first) = of.first().map(|it| it.pair) else { continue };
        let search = searched(of.iter().map(|it| &it.search));
        let servers = searched(of.iter().map(|it| &it.servers));
        let outcome = of.iter().map(|it| it.outcome).max().unwrap_or(Outcome::Ok);
        let mut reasons: Vec<String> = Vec::new();
        let mut causes: Causes = BTreeMap::new();
        for verdict in of {
            if let Some(reason) = verdict.reason.take().filter(|it| !reasons.contains(it)) {
                reasons.push(reason);
            }
            let base = verdict.pair.base;
            for entry in verdict.entries.drain(..) {
                add(&mut causes, entry, &members[base]);
            }
        }
        let mut entries: Vec<(usize, Entry)> =
            causes.into_values().map(|(entry, hit)| finish(entry, &hit, newest)).collect();
        // The order in which `check` states them.
        entries.sort_by_key(|(rule, entry)| (std::cmp::Reverse(entry.level), *rule));
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        let reason = (!reasons.is_empty()).then(|| reasons.join("; "));
        let pair = Pair { base: all, ..first };
        verdicts.push(Verdict { pair, outcome, reason, search, servers, entries });
    }
    report.verdicts = verdicts;
}

/// Of many searches: that one could not be made, or else the largest.
fn searched<'s>(all: impl Iterator<Item = &'s Search>) -> Search {
    let rank = |it: &&Search| match it {
        Search::Idle => (0, 0),
        Search::Done(files) => (1, *files),
        Search::Not(_) => (2, 0),
    };
    all.max_by_key(rank).cloned().unwrap_or(Search::Idle)
}

/// What tells findings apart, but for where in the base they are.
type Cause = (&'static str, Flow, FullName, String, bool);
type Causes = BTreeMap<Cause, (Entry, BTreeMap<usize, String>)>;

fn add(causes: &mut Causes, entry: Entry, members: &Members) {
    let it = &entry.finding;
    let accepted = entry.allowed.is_some();
    let cause = (it.rule.id, it.flow, it.subject.clone(), it.message.clone(), accepted);
    let hit = members.places.iter().copied().zip(members.names.iter().cloned());
    let (known, all) = causes.entry(cause).or_insert_with(|| (entry.clone(), BTreeMap::new()));
    let newer = all.last_key_value().map(|(place, _)| place) < members.places.iter().max();
    all.extend(hit);
    // What one client's sources say is no word on another's that were not searched. Of those that
    // say the worst, the newest is shown.
    known.evidence = match (known.evidence.take(), entry.evidence.clone()) {
        (Some(ours), Some(theirs)) => {
            let worse = (theirs.weight, entry.level).cmp(&(ours.weight, known.level));
            match worse == Ordering::Greater || worse == Ordering::Equal && newer {
                true => Some(theirs),
                false => Some(ours),
            }
        }
        _ => None,
    };
    known.level = known.level.max(entry.level);
    if known.finding.calls != entry.finding.calls {
        Arc::make_mut(&mut known.finding.calls).extend(entry.finding.calls.iter().cloned());
    }
    // Where the newest of them has it.
    if newer {
        known.finding.base = entry.finding.base;
    }
}

/// With the releases that it hits, and the place of its rule among all.
fn finish(
    mut entry: Entry,
    hit: &BTreeMap<usize, String>,
    newest: Option<usize>,
) -> (usize, Entry) {
    if hit.last_key_value().map(|(place, _)| *place) != newest {
        // The version that stands for all of them is the newest, and may not have the line.
        entry.finding.base = None;
    }
    let ends = hit.values().next().zip(hit.values().next_back());
    entry.span = ends.map(|(oldest, newest)| Span {
        oldest: oldest.clone(),
        newest: newest.clone(),
        releases: hit.len(),
    });
    let rule = crate::rules::ALL.iter().position(|it| it.id == entry.finding.rule.id);
    (rule.unwrap_or_default(), entry)
}
