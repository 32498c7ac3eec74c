//! An order of upgrades in which nothing that works breaks, and the least upgrade that repairs what
//! is broken. A search over versions; what happens between two of them others say.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::check::Outcome;
use crate::fleet::{
    Environment, Fleet, Meetings, State, Target, Trouble, pairs, state, troubles, upgrade,
};

/// More states than these are not looked at.
const MOST_STATES: usize = 50_000;

/// What a plan comes to, in one environment.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The name of the environment.
    pub environment: String,
    /// How to get there.
    pub way: Way,
    /// What breaks today, and what would repair it.
    pub repairs: Vec<Repair>,
}

/// How to get to some versions.
#[derive(Clone, Debug)]
pub enum Way {
    /// Nothing was to be upgraded, or all of it is there.
    Nothing,
    /// These steps, in this order.
    Steps(Vec<Step>),
    /// There is none in which nothing breaks.
    None {
        /// For each step that could come first: what it breaks.
        blocked: Vec<Blocked>,
        /// The search ended before it had looked at everything.
        cut_off: bool,
    },
}

/// One component is upgraded, while nothing else is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which component, by its index.
    pub component: usize,
    /// The versions that are replaced.
    pub from: BTreeSet<String>,
    /// The version it gets.
    pub to: String,
    /// Nobody asked for this version: it is on the way.
    pub between: bool,
}

/// A step that breaks something.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// The step.
    pub component: usize,
    /// The version that it brings.
    pub to: String,
    /// The link over which something breaks, by its index.
    pub link: usize,
    /// The version of the client.
    pub client: String,
    /// The version of the server.
    pub server: String,
    /// What breaks; empty if nobody can say what happens.
    pub new: BTreeSet<Trouble>,
}

/// Two versions that meet today and break, and what would repair that.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The link, by its index.
    pub link: usize,
    /// The version of the client.
    pub client: String,
    /// The version of the server.
    pub server: String,
    /// What breaks.
    pub troubles: BTreeSet<Trouble>,
    /// The least upgrade of the server that repairs it and breaks nothing else.
    pub server_to: Option<Least>,
    /// The least upgrade of the client that does, as to one that does not make the call any more.
    pub client_to: Option<Least>,
    /// The least step back of the client that does.
    pub client_back_to: Option<Least>,
}

/// The nearest version that repairs something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Least {
    /// The version.
    pub version: String,
    /// All that lie beyond it repair it too.
    pub and_beyond: bool,
}

/// The versions of each component that there are, in the order of versions, one for each state of
/// its schema and those that run or are wanted.
pub type Shelf = BTreeMap<usize, Vec<String>>;

/// Looks for an order, and for repairs. First only the versions that are wanted are tried; then
/// those between, from the shelf.
pub fn plan(
    fleet: &Fleet,
    environment: &Environment,
    targets: &[Target],
    shelf: &Shelf,
    meetings: &Meetings<'_>,
) -> Plan {
    let search = Search {
        fleet,
        environment,
        targets,
        meetings,
        known: today(fleet, environment, meetings),
    };
    let way = search.way(shelf);
    let repairs = search.repairs(shelf);
    Plan { environment: environment.name.clone(), way, repairs }
}

fn today(
    fleet: &Fleet,
    environment: &Environment,
    meetings: &Meetings<'_>,
) -> BTreeMap<usize, BTreeSet<Trouble>> {
    troubles(fleet, &state(fleet, environment), meetings)
}

struct Search<'s> {
    fleet: &'s Fleet,
    environment: &'s Environment,
    targets: &'s [Target],
    meetings: &'s Meetings<'s>,
    /// By link: what breaks today.
    known: BTreeMap<usize, BTreeSet<Trouble>>,
}

/// Where the search is: for each target, the version on the way, or none if it has not moved.
type Place = Vec<Option<String>>;

impl Search<'_> {
    fn way(&self, shelf: &Shelf) -> Way {
        if self.targets.iter().all(|it| self.is_there(it)) {
            return Way::Nothing;
        }
        let direct: Vec<Vec<&str>> = self.targets.iter().map(|(_, it)| vec![it.as_str()]).collect();
        let all: Vec<Vec<&str>> =
            self.targets.iter().map(|target| self.between(target, shelf)).collect();
        let mut cut_off = false;
        for choices in [direct, all] {
            match self.search(&choices) {
                Ok(Some(steps)) => return Way::Steps(steps),
                Ok(None) => (),
                Err(TooMany) => cut_off = true,
            }
        }
        Way::None { blocked: self.blocked(), cut_off }
    }

    /// Nothing but the version that is wanted runs.
    fn is_there(&self, (component, version): &Target) -> bool {
        let deployed = self.environment.deployed.get(component);
        deployed.is_some_and(|it| it.len() == 1 && it.contains(version))
    }

    /// The versions from the newest that runs to the one that is wanted: a way does not go back.
    fn between<'v>(&'v self, (component, wanted): &'v Target, shelf: &'v Shelf) -> Vec<&'v str> {
        let all = shelf.get(component).map(Vec::as_slice).unwrap_or_default();
        let running = self.environment.deployed.get(component).into_iter().flatten();
        let place = |version: &String| all.iter().position(|it| it == version);
        let from = running.filter_map(place).max();
        let Some((from, to)) = from.zip(place(wanted)).filter(|(from, to)| from < to) else {
            return vec![wanted];
        };
        all[from + 1..=to].iter().map(String::as_str).collect()
    }

    /// The shortest way, in breadth; of several, the first in the order of targets and versions.
    fn search(&self, choices: &[Vec<&str>]) -> Result<Option<Vec<Step>>, TooMany> {
        let there = |it: &Target| self.is_there(it).then(|| it.1.clone());
        let start: Place = self.targets.iter().map(there).collect();
        let goal: Place = self.targets.iter().map(|(_, it)| Some(it.clone())).collect();
        let mut came: HashMap<Place, Option<(Place, Step)>> =
            HashMap::from([(start.clone(), None)]);
        let mut open = VecDeque::from([start]);
        while let Some(place) = open.pop_front() {
            if place == goal {
                return Ok(Some(steps(&came, place)));
            }
            let before = self.state(&place);
            for (at, versions) in choices.iter().enumerate() {
                let (component, wanted) = &self.targets[at];
                // The wanted version first: who can go there at once should.
                let later = versions.iter().rev();
                for version in later.filter(|it| self.is_ahead(&place[at], it, versions)) {
                    let mut next = place.clone();
                    next[at] = Some((*version).to_owned());
                    if came.contains_key(&next) {
                        continue;
                    }
                    if !self.is_safe(&before, *component, version) {
                        continue;
                    }
                    let step = Step {
                        component: *component,
                        from: self.deployed(&place, at),
                        to: (*version).to_owned(),
                        between: version != wanted,
                    };
                    came.insert(next.clone(), Some((place.clone(), step)));
                    if came.len() > MOST_STATES {
                        return Err(TooMany);
                    }
                    open.push_back(next);
                }
            }
        }
        Ok(None)
    }

    /// A way only goes on, never back.
    fn is_ahead(&self, at: &Option<String>, version: &str, versions: &[&str]) -> bool {
        let Some(at) = at else { return true };
        let place = |wanted: &str| versions.iter().position(|it| *it == wanted);
        place(version) > place(at)
    }

    fn state(&self, place: &Place) -> State {
        let mut state = state(self.fleet, self.environment);
        for ((component, _), version) in self.targets.iter().zip(place) {
            if let Some(version) = version {
                upgrade(&mut state, self.environment, *component, version);
            }
        }
        state
    }

    /// What a step replaces.
    fn deployed(&self, place: &Place, at: usize) -> BTreeSet<String> {
        let component = self.targets[at].0;
        match &place[at] {
            Some(version) => BTreeSet::from([version.clone()]),
            None => self.environment.deployed.get(&component).cloned().unwrap_or_default(),
        }
    }

    /// Nothing that works today breaks while the component is replaced. What nobody can say does
    /// not count as safe.
    fn is_safe(&self, before: &State, component: usize, to: &str) -> bool {
        self.during(before, component, to).into_iter().all(|(link, client, server)| {
            let met = self.meetings.met(link, &client, &server);
            let unknown =
                met.outcome == Outcome::Unknown && !self.meets_today(link, &client, &server);
            !unknown && !met.troubles.iter().any(|it| self.is_new(link, it))
        })
    }

    /// The pairs that meet while a component is replaced, and in which it takes part.
    fn during(&self, before: &State, component: usize, to: &str) -> Vec<(usize, String, String)> {
        let mut during = before.clone();
        during.entry(component).or_default().insert(to.to_owned());
        let takes_part = |link: usize| {
            let link = &self.fleet.links[link];
            link.client == component || link.server == component
        };
        pairs(self.fleet, &during).into_iter().filter(|(link, ..)| takes_part(*link)).collect()
    }

    fn is_new(&self, link: usize, trouble: &Trouble) -> bool {
        !self.known.get(&link).is_some_and(|it| it.contains(trouble))
    }

    fn meets_today(&self, link: usize, client: &str, server: &str) -> bool {
        let link = &self.fleet.links[link];
        let has = |component, version: &str| self.environment.versions(component).contains(version);
        has(link.client, client) && has(link.server, server)
    }

    /// Why no wanted version can come first.
    fn blocked(&self) -> Vec<Blocked> {
        let before = state(self.fleet, self.environment);
        let mut blocked = Vec::new();
        for (component, to) in self.targets {
            for (link, client, server) in self.during(&before, *component, to) {
                let met = self.meetings.met(link, &client, &server);
                let new = met.troubles.iter().filter(|it| self.is_new(link, it));
                let new: BTreeSet<Trouble> = new.cloned().collect();
                let unknown =
                    met.outcome == Outcome::Unknown && !self.meets_today(link, &client, &server);
                if !new.is_empty() || unknown {
                    let (component, to) = (*component, to.clone());
                    blocked.push(Blocked { component, to, link, client, server, new });
                }
            }
        }
        blocked
    }

    fn repairs(&self, shelf: &Shelf) -> Vec<Repair> {
        let now = state(self.fleet, self.environment);
        let broken = pairs(self.fleet, &now).into_iter().filter_map(|(link, client, server)| {
            let met = self.meetings.met(link, &client, &server);
            (!met.troubles.is_empty()).then(|| (link, client, server, met.troubles.clone()))
        });
        let repair = |(at, client, server, troubles): (usize, String, String, _)| {
            let link = &self.fleet.links[at];
            let least = |component, version: &str, ahead| {
                self.least(shelf, (at, component), version, &now, ahead)
            };
            Repair {
                server_to: least(link.server, &server, Direction::Up),
                client_to: least(link.client, &client, Direction::Up),
                client_back_to: least(link.client, &client, Direction::Down),
                link: at,
                client,
                server,
                troubles,
            }
        };
        broken.map(repair).collect()
    }

    /// The nearest version of a component with which nothing breaks over the link, and nothing that
    /// works breaks elsewhere.
    fn least(
        &self,
        shelf: &Shelf,
        (link, component): (usize, usize),
        version: &str,
        now: &State,
        direction: Direction,
    ) -> Option<Least> {
        let all = shelf.get(&component)?;
        let at = all.iter().position(|it| it == version)?;
        let repairs = |to: &str| {
            let mut after = now.clone();
            upgrade(&mut after, self.environment, component, to);
            let pairs = pairs(self.fleet, &after).into_iter().filter(|(at, ..)| {
                self.fleet.links[*at].client == component
                    || self.fleet.links[*at].server == component
            });
            pairs.into_iter().all(|(at, client, server)| {
                let met = self.meetings.met(at, &client, &server);
                let sound = met.troubles.iter().all(|it| at != link && !self.is_new(at, it));
                sound && met.outcome != Outcome::Unknown
            })
        };
        let beyond: Vec<&String> = match direction {
            Direction::Up => all[at + 1..].iter().collect(),
            Direction::Down => all[..at].iter().rev().collect(),
        };
        let first = beyond.iter().position(|it| repairs(it))?;
        let and_beyond = beyond[first..].iter().all(|it| repairs(it));
        Some(Least { version: beyond[first].clone(), and_beyond })
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

/// The search would take too long.
struct TooMany;

/// The way to a place.
fn steps(came: &HashMap<Place, Option<(Place, Step)>>, mut place: Place) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(Some((before, step))) = came.get(&place) {
        steps.push(step.clone());
        place = before.clone();
    }
    steps.reverse();
    steps
}
