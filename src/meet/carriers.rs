//! Which calls carry what stands in a place.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{Carriers, Place};
use crate::{schema::FullName, skew::Flow};

/// The calls from which places are reached, each looked for once.
pub(super) struct Calls<'p, 's> {
    places: &'p [Place<'s>],
    groups: Vec<usize>,
    known: HashMap<usize, Carriers>,
}

impl<'p, 's> Calls<'p, 's> {
    pub(super) fn new(places: &'p [Place<'s>]) -> Calls<'p, 's> {
        Calls { places, groups: groups(places), known: HashMap::new() }
    }

    /// The calls from which a place is reached.
    pub(super) fn of(&mut self, place: usize) -> Carriers {
        let group = self.groups[place];
        if !self.known.contains_key(&group) {
            let carriers = self.carriers(place);
            self.known.insert(group, carriers);
        }
        self.known[&group].clone()
    }

    fn carriers(&self, place: usize) -> Carriers {
        let mut carriers: BTreeMap<Flow, BTreeSet<FullName>> = BTreeMap::new();
        let mut seen = HashSet::from([place]);
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            let Place { from, roots, .. } = &self.places[place];
            for &(flow, method) in roots {
                carriers.entry(flow).or_default().insert(method.clone());
            }
            open.extend(from.iter().filter(|&&from| seen.insert(from)));
        }
        carriers.into_iter().map(|(flow, calls)| (flow, Arc::new(calls))).collect()
    }
}

/// A number for each place, the same for places that are reached from each other: the calls
/// that carry one carry all of them, and are looked for once. Tarjan's strongly connected
/// components, with a stack of our own: schemas may be recursive to any depth.
fn groups(places: &[Place<'_>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let count = places.len();
    let (mut order, mut low, mut group) = (vec![NEW; count], vec![0; count], vec![NEW; count]);
    let (mut next, mut stack) = (0, Vec::new());
    for start in 0..count {
        let mut way = vec![(start, 0)];
        while let Some(&mut (at, ref mut edge)) = way.last_mut() {
            if *edge == 0 && order[at] == NEW {
                (order[at], low[at]) = (next, next);
                next += 1;
                stack.push(at);
            } else if *edge == 0 {
                way.pop();
                continue;
            }
            match places[at].from.get(*edge).copied() {
                Some(to) => {
                    *edge += 1;
                    if order[to] == NEW {
                        way.push((to, 0));
                    } else if group[to] == NEW {
                        low[at] = low[at].min(order[to]);
                    }
                }
                None => {
                    way.pop();
                    if let Some(&(parent, _)) = way.last() {
                        low[parent] = low[parent].min(low[at]);
                    }
                    if low[at] == order[at] {
                        while let Some(member) = stack.pop() {
                            group[member] = at;
                            if member == at {
                                break;
                            }
                        }
                    }
                }
            }
        }
    }
    group
}
