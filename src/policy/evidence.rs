//! What the sources of a client say of a finding: whether the call is made, and whether its caller
//! copes with `UNIMPLEMENTED`. It lowers a level and never raises one.

use std::collections::BTreeSet;

use super::{Entry, Level, Policy};
use crate::{
    callsites::{CallSite, CallSites, Handling, Resolution, Served},
    judge::Sources,
    schema::{FullName, Schema},
    skew::Pairing,
};

/// What the sources of the client say of the calls of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Every place where one of them is made.
    pub sites: Vec<CallSite>,
    /// How many mentions of them look like calls, and have receivers that nobody can tell.
    pub unresolved: usize,
    /// How many source files could not be read, or not all of them.
    pub incomplete: usize,
    /// What servers do about the calls, where the finding is about that.
    pub served: Vec<Served>,
    /// The same happens between two programs of the base, so no upgrade brings it.
    pub before: bool,
    /// Which end was upgraded first, if that is known.
    pub pairing: Option<Pairing>,
    /// What it comes to.
    pub weight: Weight,
    /// Those of several calls that are not made, or with which everybody copes.
    pub settled: BTreeSet<FullName>,
}

/// What the sources come to: of several calls, the worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The sources hold a client of the service that does not make the call, and nothing is left
    /// open.
    Uncalled,
    /// Everybody who makes the call copes with `UNIMPLEMENTED`.
    Handled,
    /// The call may be made where nobody copes, but that is not certain.
    Unsure,
    /// No call was found, and that says nothing: mentions could not be resolved, files could not
    /// be read, or the sources hold no client of the service.
    #[default]
    Open,
    /// The call is made, and no handling of `UNIMPLEMENTED` was found.
    Unhandled,
}

impl Policy {
    /// Attaches what the sources of the client say to a finding about calls that fail, and lowers
    /// its level by it, unless the configuration gives the level. `under` is where the client's
    /// version is in its repository, `pairing` says which end was upgraded first.
    pub fn weigh(
        &self,
        entry: &mut Entry,
        found: &CallSites,
        under: &str,
        pairing: Option<Pairing>,
    ) {
        if !entry.fails() || !entry.finding.calls.iter().all(|it| found.searched.contains(it)) {
            return;
        }
        let calls = entry.finding.calls.iter();
        let said = calls.map(|it| (it.clone(), self.of_call(it, found, under, pairing)));
        self.weigh_by(entry, said.collect());
    }

    /// The same, by what is said of each call of the finding.
    pub fn weigh_by(&self, entry: &mut Entry, said: Vec<(FullName, Evidence)>) {
        let mut evidence = Evidence::of(entry, said);
        let rule = entry.finding.rule;
        let most = match evidence.weight {
            Weight::Uncalled => Level::Note,
            _ if evidence.only_sometimes() => Level::Note,
            // A test for `UNIMPLEMENTED` is no help against another status.
            _ if !rule.answers_unimplemented() => Level::Error,
            Weight::Handled => Level::Note,
            Weight::Unsure => Level::Warning,
            _ if evidence.before => Level::Warning,
            Weight::Open | Weight::Unhandled => Level::Error,
        };
        match self.gives_level(entry) {
            true => evidence.settled.clear(),
            false => entry.level = entry.level.min(most),
        }
        entry.evidence = Some(evidence);
    }

    /// What the sources of a client say of one call, whether or not it fails. `under` is where the
    /// client's version is in its repository, `pairing` says which end was upgraded first.
    pub fn of_call(
        &self,
        call: &FullName,
        found: &CallSites,
        under: &str,
        pairing: Option<Pairing>,
    ) -> Evidence {
        let service = call.parent();
        let counts = |file: &str| self.is_caller(service, &format!("{under}{file}"));
        let own = found.sites.iter().filter(|it| it.rpc.parent() == service);
        // The files of other repositories are none of this one's.
        let own: Vec<&CallSite> =
            own.filter(|it| it.published.is_some() || counts(&it.place.file)).collect();
        let sites: Vec<CallSite> =
            own.iter().filter(|it| it.rpc == *call).map(|it| (*it).clone()).collect();
        let unresolved = found.unresolved.get(call).copied().unwrap_or_default();
        let incomplete = found.incomplete.iter().filter(|it| counts(&it.file)).count();
        let is_client = !own.is_empty() || self.names_callers(service);
        let certain = is_client && unresolved == 0 && incomplete == 0;
        let mut all = Evidence { sites, unresolved, incomplete, pairing, ..Evidence::default() };
        all.weight = all.weight(certain);
        all
    }

    /// The calls and servers of a version that count.
    pub fn sources<'s>(
        &self,
        schema: &'s Schema,
        found: &'s CallSites,
        under: &str,
    ) -> Sources<'s> {
        let site = |it: &&CallSite| {
            it.published.is_some()
                || self.is_caller(it.rpc.parent(), &format!("{under}{}", it.place.file))
        };
        Sources {
            schema,
            sites: found.sites.iter().filter(site).collect(),
            served: self.served(found, under).collect(),
        }
    }

    /// What the servers of a version do that count.
    pub fn served<'s>(
        &self,
        found: &'s CallSites,
        under: &str,
    ) -> impl Iterator<Item = &'s Served> {
        found.served.iter().filter(move |it| {
            it.registered && self.is_server(it.rpc.parent(), &format!("{under}{}", it.place.file))
        })
    }

    /// Calls of the service are judged.
    pub fn judges(&self, service: &FullName) -> bool {
        match self.services.as_slice() {
            [] => {
                self.boundaries.is_empty()
                    || self.boundaries.iter().any(|it| it.holds(service.as_str()))
            }
            services => services.contains(service),
        }
    }

    /// Whether what a file serves is met by clients of other versions.
    fn is_server(&self, service: &str, file: &str) -> bool {
        let mut named = self.boundaries.iter().filter(|it| it.holds(service)).peekable();
        named.peek().is_none()
            || named.any(|it| it.servers.as_ref().is_none_or(|it| it.admit(file)))
    }

    /// Whether calls in a file are those of clients that meet servers of other versions.
    fn is_caller(&self, service: &str, file: &str) -> bool {
        let mut named = self.boundaries.iter().filter(|it| it.holds(service)).peekable();
        named.peek().is_none()
            || named.any(|it| it.callers.as_ref().is_none_or(|it| it.admit(file)))
    }

    /// Somebody said where the callers of a service are.
    fn names_callers(&self, service: &str) -> bool {
        self.boundaries.iter().any(|it| it.holds(service) && it.callers.is_some())
    }

    /// The level is one that somebody chose, which is the last word.
    fn gives_level(&self, entry: &Entry) -> bool {
        let rule = entry.finding.rule.id;
        let service = |call: &FullName| {
            let bounds = self.boundaries.iter().filter(|it| it.holds(call.parent()));
            bounds.into_iter().any(|it| it.levels.contains_key(rule))
        };
        self.levels.contains_key(rule) || entry.finding.calls.iter().any(service)
    }
}

impl Policy {
    /// What the sources say of one call, should a server be older than the call.
    pub fn evidence_of(&self, call: &FullName, found: &CallSites, under: &str) -> Evidence {
        self.of_call(call, found, under, Some(Pairing::NEWER_CLIENT))
    }
}

impl Evidence {
    /// What is said of all calls of a finding.
    fn of(entry: &Entry, said: Vec<(FullName, Evidence)>) -> Evidence {
        let rule = entry.finding.rule;
        let known = entry.evidence.as_ref();
        let mut all = Evidence {
            served: known.map(|it| it.served.clone()).unwrap_or_default(),
            before: known.is_some_and(|it| it.before),
            weight: Weight::Uncalled,
            ..Evidence::default()
        };
        for (call, mut one) in said {
            one.sites.retain(|it| !rule.is_about_guards() || it.opens_only.is_some());
            all.sites.extend(one.sites);
            all.unresolved += one.unresolved;
            all.incomplete = all.incomplete.max(one.incomplete);
            all.pairing = one.pairing;
            all.weight = all.weight.max(one.weight);
            let copes = one.weight == Weight::Handled && rule.answers_unimplemented();
            if copes || one.weight == Weight::Uncalled {
                all.settled.insert(call);
            }
        }
        all
    }

    /// What of it is about one call.
    pub fn about(&self, call: &FullName) -> Evidence {
        let mut own = self.clone();
        own.sites.retain(|it| it.rpc == *call);
        own.served.retain(|it| it.rpc == *call);
        own
    }

    /// What servers do, before anybody looks at the calls.
    pub(crate) fn of_servers(served: Vec<Served>) -> Evidence {
        Evidence { served, ..Evidence::default() }
    }

    /// What the sites come to. `certain` if there are no others.
    fn weight(&self, certain: bool) -> Weight {
        let open = || self.sites.iter().filter(|it| !self.copes(it));
        let sure =
            |it: &CallSite| matches!(it.resolution, Resolution::Resolved | Resolution::Declared);
        if open().any(sure) {
            return Weight::Unhandled;
        }
        match (self.sites.is_empty(), certain) {
            (true, true) => Weight::Uncalled,
            (true, false) => Weight::Open,
            (false, true) if open().next().is_none() => Weight::Handled,
            // Those that are seen may be none, or there may be more.
            (false, _) => Weight::Unsure,
        }
    }

    /// `UNIMPLEMENTED` leads to another way, or does not come: a test where a stream is opened does
    /// not see the status that comes when it is read, and a gate does not stop every server.
    pub fn copes(&self, site: &CallSite) -> bool {
        match site.handling {
            Handling::TestsUnimplemented => site.opens_only.is_none() && !site.some_callers,
            Handling::AnyErrorFallback => true,
            // What asks for a version, and not for the call, lets every newer server through.
            Handling::Gated if self.pairing == Some(Pairing::NEWER_SERVER) => {
                site.stops.having || site.stops.lacking && site.since.is_none()
            }
            Handling::Gated => site.stops.lacking,
            Handling::Translated
            | Handling::LoggedOnly
            | Handling::Ignored
            | Handling::Propagates
            | Handling::Unknown => false,
        }
    }

    /// The call is not made, or whoever makes it copes.
    pub fn settles(&self) -> bool {
        matches!(self.weight, Weight::Uncalled | Weight::Handled) || self.only_sometimes()
    }

    /// A server refuses the call in some cases, and answers in others.
    fn only_sometimes(&self) -> bool {
        self.served.iter().any(|it| !it.status.refuses())
    }
}

impl Entry {
    /// The call fails, and the sources say that it does not matter: it is not made, its callers
    /// cope, or no upgrade brings it.
    pub fn is_settled(&self) -> bool {
        let Some(evidence) = &self.evidence else { return false };
        let brought = self.level > Level::Warning || !evidence.before;
        self.level <= Level::Note && evidence.settles() || !brought
    }

    /// The calls that fail, but for those that are settled.
    pub fn failing(&self) -> impl Iterator<Item = &FullName> {
        let settled = |call: &FullName| {
            self.is_settled() || self.evidence.as_ref().is_some_and(|it| it.settled.contains(call))
        };
        self.finding.calls.iter().filter(move |it| self.fails() && !settled(it))
    }
}
