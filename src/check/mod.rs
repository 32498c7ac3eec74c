//! Every pairing that is asked for → one finished report: sorted, decided, nothing left to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    compile::{Compiled, Remark},
    error::Error,
    judge::{Comparison, Finding, Settings, judge_sources},
    policy::{Allow, Entry, Evidence, Level, Moment, Policy, Setting, Stale, Why},
    rules::{self, Rule},
    schema::{FullName, Schema},
    skew::{Pairing, Side},
    version::{Code, Version, problems},
    witness::Prover,
};

mod report;

pub use report::{Outcome, Pair, Report, Search, Size, Summary, Verdict};

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
                    search: Search::Idle,
                    servers: Search::Idle,
                    entries: Vec::new(),
                }));
            }
        }
    }
    let stale = stale(&verdicts, &setting, policy, invalid);
    let versions: Vec<Summary> = versions.iter().map(Summary::of).collect();
    let quotes = vec![BTreeMap::new(); versions.len()];
    Report { versions, verdicts, stale, quotes }
}

/// What was accepted in vain, and what allows nothing.
fn stale<'p>(
    verdicts: &[Verdict],
    setting: &dyn Fn(Pair) -> Setting<'p>,
    policy: &Policy,
    invalid: Vec<Stale>,
) -> Vec<Stale> {
    let judged: Vec<(Setting<'_>, &[Entry])> =
        verdicts.iter().map(|it| (setting(it.pair), &*it.entries)).collect();
    // What was not read may have what was accepted.
    let all_read = verdicts.iter().all(|it| it.reason.is_none());
    let mut stale = if all_read { policy.stale(&judged) } else { Vec::new() };
    let all_searched = verdicts.iter().all(Verdict::is_searched);
    let in_sources = |it: &Stale| rules::find(&it.rule).is_some_and(Rule::reads_sources);
    stale.retain(|it| all_searched || it.why != Why::Unmatched || !in_sources(it));
    stale.extend(invalid);
    stale
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

/// Adds what only sources show, attaches to every finding about calls that fail what the sources of
/// the client say of them, and judges anew. A version that is not among `scans` was not searched,
/// and neither was one whose scan is a reason.
pub fn weigh(
    report: &mut Report,
    versions: &[Version],
    scans: &BTreeMap<usize, Result<Code, String>>,
    policy: &Policy,
) {
    let pairs: Vec<Pair> = report.verdicts.iter().map(|it| it.pair).collect();
    let (remarks, invalid) = remarks(versions, &pairs);
    let setting = |pair| setting(pair, versions, policy, &remarks);
    for verdict in &mut report.verdicts {
        let pair = verdict.pair;
        add_refused(verdict, versions, scans, policy, &setting(pair));
        let fails = verdict.has_open_calls();
        verdict.search = search(scans.get(&pair.client()), fails);
        verdict.servers = search(scans.get(&pair.server()), fails);
        if let Some(Ok(found)) = scans.get(&pair.client()) {
            let under = &versions[pair.client()].top().under;
            for entry in &mut verdict.entries {
                policy.weigh(entry, &found.calls, under, pair.order());
            }
            decide(verdict, policy);
        }
    }
    report.stale = stale(&report.verdicts, &setting, policy, invalid);
}

/// Whether a version was searched; if not, that matters only where something could be found.
fn search(scan: Option<&Result<Code, String>>, fails: bool) -> Search {
    match scan {
        Some(Ok(found)) => Search::Done(found.calls.files),
        Some(Err(why)) if fails => Search::Not(why.clone()),
        Some(Err(_)) | None => Search::Idle,
    }
}

/// What the sources of both ends show and their schemas do not.
fn add_refused(
    verdict: &mut Verdict,
    versions: &[Version],
    scans: &BTreeMap<usize, Result<Code, String>>,
    policy: &Policy,
    setting: &Setting<'_>,
) {
    let pair = verdict.pair;
    let sources = |version: usize| {
        let Some(Ok(code)) = scans.get(&version) else { return None };
        let (it, under) = (&versions[version], &versions[version].top().under);
        Some(policy.sources(it.schema(code)?, &code.calls, under))
    };
    let (Some(base), Some(head)) = (sources(pair.base), sources(pair.head)) else { return };
    let server = if pair.pairing.server == Side::Base { &base } else { &head };
    // Of two that were named for their ends, neither is what the other was.
    let is_upgrade = !pair.explicit && !versions[pair.base].is(&versions[pair.head]);
    let before = match is_upgrade {
        true => judge_sources(&base, &base, pair.pairing),
        false => Vec::new(),
    };
    for finding in judge_sources(&base, &head, pair.pairing) {
        let call = finding.subject.clone();
        let served = server.served.iter().filter(|it| it.rpc == call).map(|it| (*it).clone());
        let before = before.iter().any(|it| it.rule.id == finding.rule.id && it.subject == call);
        let Some(mut entry) = policy.decide(finding, setting) else { continue };
        entry.evidence = Some(Evidence { before, ..Evidence::of_servers(served.collect()) });
        verdict.entries.push(entry);
    }
    let place = |it: &Entry| rules::ALL.iter().position(|rule| rule.id == it.finding.rule.id);
    verdict.entries.sort_by_cached_key(place);
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
    let (outcome, search, servers) = (Outcome::Ok, Search::Idle, Search::Idle);
    let mut verdict = Verdict { pair, outcome, reason, search, servers, entries };
    decide(&mut verdict, policy);
    verdict
}

/// Puts the loudest first, and says it in one word.
fn decide(verdict: &mut Verdict, policy: &Policy) {
    // Stable: within a level, the order of rules and names stays.
    verdict.entries.sort_by_key(|it| std::cmp::Reverse(it.level));
    let worst = verdict.entries.iter().filter(|it| it.allowed.is_none()).map(|it| it.level).max();
    verdict.outcome = match worst {
        _ if verdict.reason.is_some() && !policy.keep_going => Outcome::Unknown,
        worst => Outcome::of(worst.unwrap_or(Level::Off)),
    };
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
