//! May these versions be deployed?

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{Environment, Fleet, Meetings, Met, Trouble};
use crate::check::Outcome;

/// The answer to a question of yes or no. Unknown is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Answer {
    Yes,
    Unknown,
    No,
}

/// A component, by its index, and the version that it is to have.
pub type Target = (usize, String);

/// What an upgrade does to one environment.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The name of the environment.
    pub environment: String,
    /// Whether nothing that works today breaks.
    pub answer: Answer,
    /// Every two versions that meet today, while it goes on, or after it.
    pub encounters: Vec<Encounter>,
}

/// Two versions that meet.
#[derive(Clone, Debug)]
pub struct Encounter {
    /// Which link it is, by its index.
    pub link: usize,
    /// The version of the client.
    pub client: String,
    /// The version of the server.
    pub server: String,
    /// They meet already, before anything is upgraded.
    pub today: bool,
    /// They meet once everything is upgraded.
    pub after: bool,
    /// How they stand.
    pub standing: Standing,
    /// What happens.
    pub met: Rc<Met>,
    /// What breaks here and does not break today, wherever these components meet.
    pub new: BTreeSet<Trouble>,
}

/// How two versions stand to an upgrade. Those that meet only while it goes on count like those
/// that meet after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The upgrade brings them together, and something breaks that works today.
    Broken,
    /// The upgrade brings them together, and nobody can say what happens.
    Unknown,
    /// It breaks today and goes on breaking, or breaks as it does today.
    AlreadyBroken,
    /// Nobody can say what happens, and they meet today.
    AlreadyUnknown,
    /// It breaks today, and nowhere after the upgrade.
    Repaired,
    /// Nothing breaks.
    Fine,
}

/// The versions of each component.
pub(crate) type State = BTreeMap<usize, BTreeSet<String>>;

/// Judges every two versions that meet in an environment before, during and after upgrades that
/// may come in any order. Old and new versions of a component run side by side meanwhile.
pub fn decide(
    fleet: &Fleet,
    environment: &Environment,
    targets: &[Target],
    meetings: &Meetings<'_>,
) -> Decision {
    let today = state(fleet, environment);
    let mut after = today.clone();
    for (component, version) in targets {
        upgrade(&mut after, environment, *component, version);
    }
    let mut during = today.clone();
    for (component, versions) in &after {
        during.entry(*component).or_default().extend(versions.iter().cloned());
    }
    let [known, left] = [&today, &after].map(|it| troubles(fleet, it, meetings));
    let mut encounters = Vec::new();
    for (link, client, server) in pairs(fleet, &during) {
        let [is_today, is_after] =
            [&today, &after].map(|it| meets(fleet, it, link, &client, &server));
        let met = meetings.met(link, &client, &server);
        let old = known.get(&link);
        let new = met.troubles.iter().filter(|it| !old.is_some_and(|old| old.contains(it)));
        let new: BTreeSet<Trouble> =
            if is_today { BTreeSet::new() } else { new.cloned().collect() };
        let gone =
            !is_after && met.troubles.is_disjoint(left.get(&link).unwrap_or(&BTreeSet::new()));
        let standing = standing(&met, &new, is_today, gone);
        encounters.push(Encounter {
            link,
            client,
            server,
            today: is_today,
            after: is_after,
            standing,
            met,
            new,
        });
    }
    encounters.sort_by_key(|it| (it.standing, it.link));
    let answer = match encounters.first().map(|it| it.standing) {
        Some(Standing::Broken) => Answer::No,
        // Where nothing meets, nothing was judged.
        Some(Standing::Unknown) | None => Answer::Unknown,
        Some(_) => Answer::Yes,
    };
    Decision { environment: environment.name.clone(), answer, encounters }
}

/// `gone`: they meet no more, and what breaks between them breaks nowhere after the upgrade.
fn standing(met: &Met, new: &BTreeSet<Trouble>, today: bool, gone: bool) -> Standing {
    match met.outcome {
        Outcome::Unknown if today => Standing::AlreadyUnknown,
        // What was read breaks, whatever is in the rest.
        _ if !new.is_empty() => Standing::Broken,
        Outcome::Unknown => Standing::Unknown,
        Outcome::Breaks if gone && today => Standing::Repaired,
        Outcome::Breaks => Standing::AlreadyBroken,
        Outcome::Degrades | Outcome::Ok => Standing::Fine,
    }
}

/// What runs in an environment.
pub(crate) fn state(fleet: &Fleet, environment: &Environment) -> State {
    (0..fleet.components.len()).map(|it| (it, environment.versions(it))).collect()
}

/// Replaces what is deployed of a component; what was shipped stays.
pub(crate) fn upgrade(state: &mut State, environment: &Environment, component: usize, to: &str) {
    let mut versions = environment.shipped.get(&component).cloned().unwrap_or_default();
    versions.insert(to.to_owned());
    state.insert(component, versions);
}

/// Every two versions that meet over a link.
pub(crate) fn pairs(fleet: &Fleet, state: &State) -> Vec<(usize, String, String)> {
    let mut pairs = Vec::new();
    for (at, link) in fleet.links.iter().enumerate() {
        let none = BTreeSet::new();
        let [clients, servers] =
            [link.client, link.server].map(|it| state.get(&it).unwrap_or(&none));
        for client in clients {
            pairs.extend(servers.iter().map(|server| (at, client.clone(), server.clone())));
        }
    }
    pairs
}

fn meets(fleet: &Fleet, state: &State, link: usize, client: &str, server: &str) -> bool {
    let link = &fleet.links[link];
    let has = |component: usize, version: &str| {
        state.get(&component).is_some_and(|it| it.contains(version))
    };
    has(link.client, client) && has(link.server, server)
}

/// What breaks in a state, by link.
pub(crate) fn troubles(
    fleet: &Fleet,
    state: &State,
    meetings: &Meetings<'_>,
) -> BTreeMap<usize, BTreeSet<Trouble>> {
    let mut all: BTreeMap<usize, BTreeSet<Trouble>> = BTreeMap::new();
    for (link, client, server) in pairs(fleet, state) {
        let met = meetings.met(link, &client, &server);
        all.entry(link).or_default().extend(met.troubles.iter().cloned());
    }
    all
}
