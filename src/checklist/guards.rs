//! Guards that the releases have outlived, and gates that they disagree with.

use std::collections::BTreeMap;

use crate::{
    callsites::{CallSite, CallSites, Handling},
    history::{Kind, Run, Timeline, Timelines, runs},
    releases::Number,
    schema::FullName,
};

/// A call that is guarded, though every server that its release may meet has it.
pub struct DeadGuard {
    /// The call.
    pub site: CallSite,
    /// The first release of those that the servers may be that has it.
    pub since: usize,
}

/// A call that is made from another version of the server on than the one that brought it.
pub struct LateGate {
    /// The call.
    pub site: CallSite,
    /// The version that the gate asks for.
    pub asks: String,
    /// The releases whose servers have the call and are not asked, or lack it and are.
    pub between: Vec<Run>,
    /// Which of the two.
    pub wrong: Wrong,
}

/// What a gate does to the servers between the version that it asks for and the one that brought
/// the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// They have the call, and it is not made.
    Late,
    /// They lack the call, and it is made.
    Early,
}

/// What the sources of a release do about old servers that no server, or another, needs.
#[derive(Default)]
pub struct Guards {
    /// Fallbacks that can go.
    pub dead: Vec<DeadGuard>,
    /// Gates whose version is not the one that brought the call.
    pub late: Vec<LateGate>,
}

/// Holds the guards of a release against the releases. `servers` are those that its clients may
/// meet, if somebody has said which they are.
pub fn guards(
    timelines: &Timelines<'_>,
    names: &dyn Fn(usize) -> String,
    release: usize,
    servers: Option<&[usize]>,
    found: &CallSites,
) -> Guards {
    let mut known: BTreeMap<&FullName, Option<Timeline>> = BTreeMap::new();
    let mut guards = Guards::default();
    for site in found.sites.iter().filter(|it| it.published.is_none()) {
        let timeline = known.entry(&site.rpc).or_insert_with(|| {
            let own = |kind, name: &FullName| kind == Kind::Method && *name == site.rpc;
            timelines.select(&own).into_iter().next()
        });
        let Some(timeline) = timeline else { continue };
        let tested = match site.handling {
            Handling::TestsUnimplemented => true,
            // Whether the way around can go is not a question of the call on it.
            Handling::Gated => site.stops.lacking,
            _ => false,
        };
        if let Some(servers) = servers.filter(|it| tested && !it.is_empty())
            && servers.iter().all(|it| timeline.has(*it))
        {
            let since = servers.iter().copied().min().unwrap_or(release);
            guards.dead.push(DeadGuard { site: site.clone(), since });
        }
        guards.late.extend(late(timeline, names, release, site));
    }
    guards
}

/// A gate that asks for another version than the first of the newest run of releases that have the
/// call.
fn late(
    timeline: &Timeline,
    names: &dyn Fn(usize) -> String,
    release: usize,
    site: &CallSite,
) -> Option<LateGate> {
    let asks = site.since.clone()?;
    let parts = |text: &str| Number::parse(text).map(|it| it.parts);
    let asked = parts(&asks)?;
    let [major, ..] = asked.as_slice() else { return None };
    let passes = |at: &usize| parts(&names(*at)).is_some_and(|own| own >= asked);
    let line = |at: &usize| parts(&names(*at)).is_some_and(|own| own.first() == Some(major));
    let known = |at: &usize| line(at) && !timeline.unknown.contains(at);
    let wrong = |wanted: bool| {
        let all = (0..release).filter(|at| known(at));
        let all = all.filter(|at| passes(at) != timeline.has(*at) && timeline.has(*at) == wanted);
        runs(all)
    };
    let (late, early) = (wrong(true), wrong(false));
    // What lacks the call and is asked fails; that there is a way around it is the lesser evil.
    let (between, wrong) = match (early.is_empty(), late.is_empty()) {
        (false, _) => (early, Wrong::Early),
        (true, false) => (late, Wrong::Late),
        (true, true) => return None,
    };
    Some(LateGate { site: site.clone(), asks, between, wrong })
}
