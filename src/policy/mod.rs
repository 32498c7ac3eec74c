//! How loudly to report a finding, and which findings somebody has accepted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use crate::{
    callsites::{Globs, Manifest},
    judge::{Finding, Settings},
    releases::Number,
    rules::{Effect, Rule},
    schema::{FullName, Names, Site},
    skew::{Codec, Flow, Pairing},
    witness::Witness,
};

mod allow;
mod baseline;
mod declared;
mod evidence;
mod resolve;
mod stale;
mod until;

pub use allow::{Allow, Origin};
pub use baseline::{Baseline, Fingerprint};
pub use evidence::{Evidence, Weight};
pub use resolve::unknown_services;
pub use stale::{Stale, Why};
pub use until::{Day, Moment, Until};

/// The resolved policy: no `Option` in it means "default".
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Only calls of these services count; empty means those of all boundaries.
    pub services: Vec<FullName>,
    /// What is called across versions; empty means everything.
    pub boundaries: Vec<Boundary>,
    /// Levels by rule id, instead of the table's.
    pub levels: BTreeMap<String, Level>,
    /// Findings that somebody has accepted.
    pub allows: Vec<Arc<Allow>>,
    /// Findings that are known.
    pub baseline: Baseline,
    /// What no schema says.
    pub settings: Settings,
    /// What is said of calls that the sources do not show.
    pub manifest: Manifest,
    /// A part that could not be read does not make the rest unknown.
    pub keep_going: bool,
    /// Only a part is judged: what nothing needs here may be needed elsewhere.
    pub narrowed: bool,
    /// The day by which allows end, if one is known.
    pub today: Option<Day>,
    /// The releases of versions, by name, where allows end by release.
    pub releases: BTreeMap<String, Number>,
}

/// Services that are called across versions.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// What people call it.
    pub name: String,
    /// Its services.
    pub services: Vec<Names>,
    /// Where the sources of the callers are, from the top of the repository.
    /// `None` if nobody said.
    pub callers: Option<Globs>,
    /// Where those of the servers are, likewise.
    pub servers: Option<Globs>,
    /// Levels by rule id for its calls, instead of the policy's.
    pub levels: BTreeMap<String, Level>,
}

/// How loudly a finding is reported, in the words of SARIF, which are GitHub's as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Level {
    #[default]
    Off,
    Note,
    Warning,
    Error,
}

/// A finding and what the policy says of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What would go wrong.
    pub finding: Finding,
    /// How loudly to say so.
    pub level: Level,
    /// Who accepted it, and why.
    pub allowed: Option<Accepted>,
    /// The releases that it hits, of many that one verdict is about.
    pub span: Option<Span>,
    /// Its proof, once somebody has asked for it.
    pub witness: Option<Witness>,
    /// What the client's sources say of it, if they were searched.
    pub evidence: Option<Evidence>,
    /// The line of the head at which to show it in a review. `None` until somebody who may read
    /// files fills it in, and if the head has nothing of it.
    pub anchor: Option<Site>,
}

/// Some releases, of which the first and the last are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The oldest, in the order of versions.
    pub oldest: String,
    /// The newest.
    pub newest: String,
    /// How many there are.
    pub releases: usize,
}

/// What makes a finding one that nobody has to look at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Somebody allowed it.
    Allow(Arc<Allow>),
    /// It is in the baseline.
    Baseline,
}

/// What a finding is judged by besides the policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting<'p> {
    /// Which end was upgraded first; of a client and a server that were named, none.
    pub pairing: Option<Pairing>,
    /// The day, and the releases that meet.
    pub moment: Moment<'p>,
    /// What comments in the head accept.
    pub remarks: &'p [Arc<Allow>],
}

impl Policy {
    /// `None` if the finding is off, or no call that it hits crosses a boundary. Calls that cross
    /// none, or for which it is off, are left out.
    pub fn decide(&self, mut finding: Finding, setting: &Setting<'_>) -> Option<Entry> {
        let mut level = Level::Off;
        let mut kept = BTreeSet::new();
        let calls = finding.calls.clone();
        // Calls are in order, so those of one service are together.
        let mut last: Option<(&str, Level)> = None;
        for call in calls.iter() {
            let own = match last {
                Some((service, own)) if service == call.parent() => own,
                _ => self.level(&finding, call.parent()),
            };
            last = Some((call.parent(), own));
            level = level.max(own);
            if own != Level::Off {
                kept.insert(call);
            }
        }
        if level == Level::Off {
            return None;
        }
        if kept.len() < calls.len() {
            finding.calls = Arc::new(kept.into_iter().cloned().collect());
        }
        let mut entry = Entry {
            finding,
            level,
            allowed: None,
            span: None,
            evidence: None,
            anchor: None,
            witness: None,
        };
        entry.allowed = self.accepted(&entry, setting);
        Some(entry)
    }

    /// How loud a finding is for the calls of a service.
    fn level(&self, finding: &Finding, service: &str) -> Level {
        let Finding { rule, flow, .. } = finding;
        let mut bounds = self.boundaries.iter().filter(|it| it.holds(service)).peekable();
        let crosses = match self.services.as_slice() {
            [] => self.boundaries.is_empty() || bounds.peek().is_some(),
            services => services.iter().any(|it| it.as_str() == service),
        };
        if !crosses {
            return Level::Off;
        }
        let own = bounds.find_map(|it| it.levels.get(rule.id));
        own.or(self.levels.get(rule.id)).copied().unwrap_or(default_level(rule, *flow))
    }

    fn accepted(&self, entry: &Entry, setting: &Setting<'_>) -> Option<Accepted> {
        let allows = setting.remarks.iter().chain(&self.allows);
        let mut holding = allows.filter(|it| {
            let ended = it.until.as_ref().and_then(|until| until.has_come(&setting.moment));
            it.covers(&entry.finding, setting.pairing) && ended != Some(true)
        });
        if let Some(allow) = holding.next() {
            return Some(Accepted::Allow(allow.clone()));
        }
        let known = !self.baseline.is_empty()
            && self.baseline.contains(&Fingerprint::of(entry, setting.pairing));
        known.then_some(Accepted::Baseline)
    }
}

impl Policy {
    /// Somebody has accepted something, or may have: then a finding is judged in its pairing.
    pub fn accepts_any(&self) -> bool {
        !self.allows.is_empty() || !self.baseline.is_empty()
    }

    /// What was accepted only until some release, in order: whether that has come with this one.
    /// Releases of which it says the same are judged alike.
    pub fn ended(&self, release: &str) -> Vec<Option<bool>> {
        let number = self.releases.get(release);
        let moment = Moment { today: self.today, head: number, client: number, server: number };
        let until = self.allows.iter().filter_map(|it| it.until.as_ref());
        until.map(|it| it.has_come(&moment)).collect()
    }
}

impl Entry {
    /// The next says of JSON what this says of bytes.
    pub fn is_repeated_by(&self, next: &Entry) -> bool {
        let key =
            |it: &Entry| (it.finding.rule.id, it.finding.flow, it.level, it.allowed.is_some());
        let [a, b] = [&self.finding, &next.finding];
        key(self) == key(next)
            && (a.codec, b.codec) == (Codec::Binary, Codec::Json)
            && a.subject == b.subject
            && a.calls == b.calls
    }

    /// The call itself fails, not only for what it carries.
    pub fn fails(&self) -> bool {
        let Finding { rule, flow, codec, .. } = &self.finding;
        rule.effect == Effect::CallFails && *flow == Flow::Call && *codec == Codec::Binary
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.oldest == self.newest {
            true => write!(f, "{}", self.oldest),
            false => write!(f, "{} … {} ({} releases)", self.oldest, self.newest, self.releases),
        }
    }
}

impl Boundary {
    fn holds(&self, service: &str) -> bool {
        self.services.iter().any(|it| it.covers_text(service))
    }
}

impl Accepted {
    /// Why nobody has to look at it again.
    pub fn reason(&self) -> &str {
        match self {
            Accepted::Allow(allow) => &allow.reason,
            Accepted::Baseline => "it is in the baseline",
        }
    }

    /// Where that is said.
    pub fn origin(&self) -> Origin {
        match self {
            Accepted::Allow(allow) => allow.origin,
            Accepted::Baseline => Origin::Baseline,
        }
    }
}

/// How loudly a rule speaks if nobody says otherwise.
pub fn default_level(rule: &Rule, flow: Flow) -> Level {
    let level = table(rule.effect, flow);
    match level {
        // What was meant is not done: the call may do harm.
        Level::Warning if rule.id == "field-intent-ignored" => Level::Error,
        // The same call is an error already; what is wrong with its guard is said beside it.
        Level::Error if rule.is_about_guards() => Level::Warning,
        Level::Error if rule.only_some => Level::Warning,
        Level::Warning if rule.only_some => Level::Note,
        level => level,
    }
}

/// The whole severity table.
fn table(effect: Effect, flow: Flow) -> Level {
    match (effect, flow) {
        (Effect::CallFails | Effect::Misread | Effect::Lost, _) => Level::Error,
        (Effect::Ignored, Flow::Call | Flow::Request) => Level::Warning,
        (Effect::Ignored, Flow::Response) | (Effect::Unset, _) => Level::Note,
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Off => "off",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        })
    }
}
