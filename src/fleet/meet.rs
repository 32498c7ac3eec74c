//! What happens between two versions of two components, looked at once.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{Fleet, Link};
use crate::{
    check::{Outcome, Pair, check, weigh},
    policy::{Entry, Evidence, Level, Policy},
    schema::FullName,
    skew::{Codec, Flow},
    version::{Code, Version},
};

/// Versions of components, and what happens when they meet.
pub struct Meetings<'f> {
    fleet: &'f Fleet,
    versions: &'f [Version],
    /// By component and name of its version: the index of what it was built from.
    named: BTreeMap<(usize, String), usize>,
    policy: Policy,
    /// By version: what its sources say, of those that were searched.
    scans: BTreeMap<usize, Result<Code, String>>,
    /// By link, client and server.
    known: RefCell<BTreeMap<(usize, usize, usize), Rc<Met>>>,
}

/// What happens when one version calls another.
#[derive(Clone, Debug)]
pub struct Met {
    /// In one word, of the calls that are made.
    pub outcome: Outcome,
    /// Why it is unknown.
    pub reason: Option<String>,
    /// What breaks.
    pub troubles: BTreeSet<Trouble>,
    /// How many findings there are besides, of a lower level.
    pub lesser: usize,
    /// What the sources say of calls that fail.
    pub evidence: BTreeMap<FullName, Evidence>,
}

/// One thing that breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// The call it happens to.
    pub call: FullName,
    /// The id of the rule.
    pub rule: &'static str,
    /// The element that the two ends disagree about.
    pub subject: FullName,
    /// On its way when it happens: the call itself, or data.
    pub flow: Flow,
    /// One sentence.
    pub message: String,
}

impl<'f> Meetings<'f> {
    /// `named` says which of the versions each version of a component was built from.
    pub fn new(
        fleet: &'f Fleet,
        versions: &'f [Version],
        named: BTreeMap<(usize, String), usize>,
        policy: Policy,
    ) -> Meetings<'f> {
        let scans = BTreeMap::new();
        Meetings { fleet, versions, named, policy, scans, known: RefCell::default() }
    }

    /// Judges by what the sources say, too. `scans` are by version.
    pub fn weighed_by(self, scans: BTreeMap<usize, Result<Code, String>>) -> Meetings<'f> {
        Meetings { scans, ..self }
    }

    /// What happens over a link, given by its index, between two versions.
    pub fn met(&self, link: usize, client: &str, server: &str) -> Rc<Met> {
        let Link { client: caller, server: called, .. } = &self.fleet.links[link];
        let end = |component: usize, version: &str| {
            self.named.get(&(component, version.to_owned())).copied()
        };
        let (Some(client), Some(server)) = (end(*caller, client), end(*called, server)) else {
            let reason = Some("its schema was not read".to_owned());
            let (outcome, troubles) = (Outcome::Unknown, BTreeSet::new());
            let evidence = BTreeMap::new();
            return Rc::new(Met { outcome, reason, troubles, lesser: 0, evidence });
        };
        let key = (link, client, server);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let met = Rc::new(self.judge(&self.fleet.links[link], client, server));
        self.known.borrow_mut().insert(key, met.clone());
        met
    }

    fn judge(&self, link: &Link, client: usize, server: usize) -> Met {
        let services = link.services.iter().cloned().collect();
        let policy = Policy { services, ..self.policy.clone() };
        let mut report = check(self.versions, &[Pair::explicit(client, server)], &policy);
        if !self.scans.is_empty() {
            weigh(&mut report, self.versions, &self.scans, &policy);
        }
        let Some(verdict) = report.verdicts.into_iter().next() else {
            unreachable!("one pair, one verdict")
        };
        let mut troubles = BTreeSet::new();
        let mut lesser = BTreeSet::new();
        let mut evidence = BTreeMap::new();
        let json = link.json || self.policy.settings.json.everywhere;
        let counts =
            |it: &&Entry| it.allowed.is_none() && (json || it.finding.codec == Codec::Binary);
        for entry in verdict.entries.iter().filter(counts) {
            for call in entry.finding.calls.iter().filter(|it| link.calls(it)) {
                if let Some(said) = &entry.evidence {
                    evidence.insert(call.clone(), said.about(call));
                }
                // Of several calls, some may not be made.
                let is_settled =
                    entry.evidence.as_ref().is_some_and(|it| it.settled.contains(call));
                match entry.level {
                    Level::Error if !is_settled => drop(troubles.insert(Trouble::of(entry, call))),
                    level => drop(lesser.insert((level, entry.finding.subject.clone()))),
                }
            }
        }
        let missing = link.services.iter().find(|service| !self.declares(client, service));
        let warned = lesser.iter().any(|(level, _)| *level == Level::Warning);
        let (outcome, reason) = match (verdict.outcome, missing) {
            // A client that is built without the service makes no call.
            (Outcome::Unknown, _) => (Outcome::Unknown, verdict.reason),
            (_, Some(service)) if self.nobody_declares(service) => {
                (Outcome::Unknown, Some(format!("no version that was read declares `{service}`")))
            }
            _ if !troubles.is_empty() => (Outcome::Breaks, None),
            _ if warned => (Outcome::Degrades, None),
            _ => (Outcome::Ok, None),
        };
        Met { outcome, reason, troubles, lesser: lesser.len(), evidence }
    }

    fn declares(&self, version: usize, service: &FullName) -> bool {
        self.versions[version].contents.as_ref().is_ok_and(|it| {
            let schemas = std::iter::once(&it.schema).chain(it.copies.values());
            schemas.into_iter().any(|it| it.services.contains_key(service))
        })
    }

    /// The name is likely to be wrong: what is called so cannot be judged.
    fn nobody_declares(&self, service: &FullName) -> bool {
        !(0..self.versions.len()).any(|it| self.declares(it, service))
    }
}

impl Trouble {
    fn of(entry: &Entry, call: &FullName) -> Trouble {
        let finding = &entry.finding;
        Trouble {
            call: call.clone(),
            rule: finding.rule.id,
            subject: finding.subject.clone(),
            flow: finding.flow,
            message: finding.message.clone(),
        }
    }
}
