//! What the sources of a client say of a finding: whether the call is made, and whether its caller
//! copes with `UNIMPLEMENTED`. It lowers a level and never raises one.

use super::{Entry, Level, Policy};
use crate::{
    callsites::{CallSite, CallSites, Handling, Resolution},
    schema::FullName,
};

/// What the sources of the client say of the calls of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Every place where one of them is made.
    pub sites: Vec<CallSite>,
    /// How many mentions of them look like calls, and have receivers that nobody can tell.
    pub unresolved: usize,
    /// How many source files could not be read, or not all of them.
    pub incomplete: usize,
    /// What it comes to.
    pub weight: Weight,
}

/// What the sources come to: of several calls, the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    Open,
    /// The call is made, and no handling of `UNIMPLEMENTED` was found.
    Unhandled,
}

impl Policy {
    /// Attaches what the sources of the client say to a finding about calls that fail, and lowers
    /// its level by it, unless the configuration gives the level. `under` is where the client's
    /// version is in its repository.
    pub fn weigh(&self, entry: &mut Entry, found: &CallSites, under: &str) {
        if !entry.fails() || !entry.finding.calls.iter().all(|it| found.searched.contains(it)) {
            return;
        }
        let evidence = self.evidence(entry, found, under);
        let rule = entry.finding.rule;
        let most = match evidence.weight {
            Weight::Uncalled => Level::Note,
            // A test for `UNIMPLEMENTED` is no help against another status.
            _ if !rule.is_unimplemented() => Level::Error,
            Weight::Handled => Level::Note,
            Weight::Unsure => Level::Warning,
            Weight::Open | Weight::Unhandled => Level::Error,
        };
        if !self.gives_level(entry) {
            entry.level = entry.level.min(most);
        }
        entry.evidence = Some(evidence);
    }

    fn evidence(&self, entry: &Entry, found: &CallSites, under: &str) -> Evidence {
        let mut all =
            Evidence { sites: Vec::new(), unresolved: 0, incomplete: 0, weight: Weight::Uncalled };
        for call in entry.finding.calls.iter() {
            let one = self.of_call(call, found, under);
            all.sites.extend(one.sites);
            all.unresolved += one.unresolved;
            all.incomplete = all.incomplete.max(one.incomplete);
            all.weight = all.weight.max(one.weight);
        }
        all
    }

    fn of_call(&self, call: &FullName, found: &CallSites, under: &str) -> Evidence {
        let service = call.parent();
        let counts = |file: &str| self.is_caller(service, &format!("{under}{file}"));
        let own = found.sites.iter().filter(|it| it.rpc.parent() == service);
        let own: Vec<&CallSite> = own.filter(|it| counts(&it.place.file)).collect();
        let sites: Vec<CallSite> =
            own.iter().filter(|it| it.rpc == *call).map(|it| (*it).clone()).collect();
        let unresolved = found.unresolved.get(call).copied().unwrap_or_default();
        let incomplete = found.incomplete.iter().filter(|it| counts(&it.file)).count();
        let is_client = !own.is_empty() || self.names_callers(service);
        let certain = is_client && unresolved == 0 && incomplete == 0;
        let weight = weight(&sites, certain);
        Evidence { sites, unresolved, incomplete, weight }
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

fn weight(sites: &[CallSite], certain: bool) -> Weight {
    let open = || sites.iter().filter(|it| !it.copes());
    let sure = |it: &CallSite| matches!(it.resolution, Resolution::Resolved | Resolution::Declared);
    if open().any(sure) {
        return Weight::Unhandled;
    }
    match (sites.is_empty(), certain) {
        (true, true) => Weight::Uncalled,
        (true, false) => Weight::Open,
        (false, true) if open().next().is_none() => Weight::Handled,
        // Those that are seen may be none, or there may be more.
        (false, _) => Weight::Unsure,
    }
}

impl Evidence {
    /// The call is not made, or whoever makes it copes.
    pub fn settles(&self) -> bool {
        matches!(self.weight, Weight::Uncalled | Weight::Handled)
    }
}

impl CallSite {
    /// `UNIMPLEMENTED` leads to another way. A test where a stream is opened does not see the
    /// status that comes when it is read.
    pub fn copes(&self) -> bool {
        match self.handling {
            Handling::TestsUnimplemented => self.opens_only.is_none(),
            Handling::Gated | Handling::AnyErrorFallback => true,
            Handling::Translated
            | Handling::LoggedOnly
            | Handling::Ignored
            | Handling::Propagates
            | Handling::Unknown => false,
        }
    }
}
