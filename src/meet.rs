//! Which types stand against each other when programs built from two versions talk.
//!
//! The wire does not know the names of messages and enums. What matters is which types *meet*: the
//! requests and responses of a method that both versions have, and, where two messages meet, the
//! types of fields with one number. So a renamed message is no change, a message in place of
//! another is compared field by field, and a type that no call carries meets nothing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    diff::{Change, pairs},
    schema::{Element, Enum, Field, FieldType, FullName, Message, Schema},
    skew::Flow,
};

/// The calls that carry something, by the way it travels.
pub type Carriers = BTreeMap<Flow, Arc<BTreeSet<FullName>>>;

/// Every pair of types that stand in the same place of the same calls.
pub struct Meetings<'s> {
    places: Vec<Place<'s>>,
}

/// Two types that meet.
struct Place<'s> {
    types: Types<'s>,
    /// The places that lead here through one field.
    from: Vec<usize>,
    /// The calls that begin here.
    roots: Vec<(Flow, &'s FullName)>,
}

/// The types themselves, base first.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Types<'s> {
    Messages(&'s Message, &'s Message),
    Enums(&'s Enum, &'s Enum),
}

/// Finds them: a worklist with a memo per pair, so recursion in the schema ends, and depth costs
/// no stack.
pub fn meetings<'s>(base: &'s Schema, head: &'s Schema) -> Meetings<'s> {
    let mut walk = Walk { base, head, places: Vec::new(), memo: HashMap::new() };
    for ours in base.methods() {
        let Some(theirs) = head.method(&ours.name) else { continue };
        for (flow, base, head) in [
            (Flow::Request, &ours.request, &theirs.request),
            (Flow::Response, &ours.response, &theirs.response),
        ] {
            if let Some(place) = walk.messages(base, head) {
                walk.places[place].roots.push((flow, &ours.name));
            }
        }
    }
    let mut next = 0;
    while let Some(place) = walk.places.get(next) {
        if let Types::Messages(base, head) = place.types {
            for (base, head) in pairs(&base.fields, &head.fields) {
                let (Some(base), Some(head)) = (base, head) else { continue };
                if let Some(place) = walk.fields(base, head) {
                    walk.places[place].from.push(next);
                }
            }
        }
        next += 1;
    }
    Meetings { places: walk.places }
}

struct Walk<'s> {
    base: &'s Schema,
    head: &'s Schema,
    places: Vec<Place<'s>>,
    memo: HashMap<(&'s str, &'s str), usize>,
}

impl<'s> Walk<'s> {
    fn messages(&mut self, base: &'s FullName, head: &'s FullName) -> Option<usize> {
        let types = Types::Messages(self.base.messages.get(base)?, self.head.messages.get(head)?);
        Some(self.place(base, head, types))
    }

    fn fields(&mut self, base: &'s Field, head: &'s Field) -> Option<usize> {
        use FieldType::{Enum, Group, Message};
        match (&base.ty, &head.ty) {
            (Message(base), Message(head)) | (Group(base), Group(head)) => {
                self.messages(base, head)
            }
            (Enum(base), Enum(head)) => {
                let types = Types::Enums(self.base.enums.get(base)?, self.head.enums.get(head)?);
                Some(self.place(base, head, types))
            }
            _ => None,
        }
    }

    fn place(&mut self, base: &'s FullName, head: &'s FullName, types: Types<'s>) -> usize {
        *self.memo.entry((base.as_str(), head.as_str())).or_insert_with(|| {
            self.places.push(Place { types, from: Vec::new(), roots: Vec::new() });
            self.places.len() - 1
        })
    }
}

impl<'s> Meetings<'s> {
    /// What differs wherever two types meet, between which, and the calls that carry it. Names of
    /// types are not compared, nor what encloses a field.
    pub fn changes(&self) -> Vec<(Change<'s>, Types<'s>, Carriers)> {
        let changes = self.places.iter().map(|place| match place.types {
            Types::Messages(base, head) => differences(base, head),
            Types::Enums(base, head) => enum_differences(base, head),
        });
        let changes: Vec<Vec<Change<'s>>> = changes.collect();
        if changes.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let groups = self.groups();
        let mut known: HashMap<usize, Carriers> = HashMap::new();
        let mut all = Vec::new();
        for (index, changes) in changes.into_iter().enumerate().filter(|(_, it)| !it.is_empty()) {
            let carriers = known.entry(groups[index]).or_insert_with(|| self.carriers(index));
            let types = self.places[index].types;
            all.extend(changes.into_iter().map(|change| (change, types, carriers.clone())));
        }
        all
    }

    /// The calls from which a place is reached.
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

    /// A number for each place, the same for places that are reached from each other: the calls
    /// that carry one carry all of them, and are looked for once. Tarjan's strongly connected
    /// components, with a stack of our own: schemas may be recursive to any depth.
    fn groups(&self) -> Vec<usize> {
        const NEW: usize = usize::MAX;
        let count = self.places.len();
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
                match self.places[at].from.get(*edge).copied() {
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
}

fn differences<'s>(base: &'s Message, head: &'s Message) -> Vec<Change<'s>> {
    let fields = pairs(&base.fields, &head.fields);
    fields.filter_map(|(base, head)| change(base, head, Element::Field, alike)).collect()
}

fn enum_differences<'s>(base: &'s Enum, head: &'s Enum) -> Vec<Change<'s>> {
    let values = pairs(&base.values, &head.values);
    let mut changes: Vec<Change<'s>> = values
        .filter_map(|(base, head)| {
            change(base, head, Element::EnumValue, |base, head| {
                base.name.leaf() == head.name.leaf() && base.aliases == head.aliases
            })
        })
        .collect();
    if base.open != head.open {
        let (base, head) = (Element::Enum(base), Element::Enum(head));
        changes.push(Change::Modified { base, head });
    }
    changes
}

fn change<'s, T>(
    base: Option<&'s T>,
    head: Option<&'s T>,
    element: fn(&'s T) -> Element<'s>,
    alike: fn(&T, &T) -> bool,
) -> Option<Change<'s>> {
    match (base, head) {
        (None, head) => head.map(|it| Change::Added(element(it))),
        (base, None) => base.map(|it| Change::Removed(element(it))),
        (Some(base), Some(head)) if alike(base, head) => None,
        (Some(base), Some(head)) => {
            Some(Change::Modified { base: element(base), head: element(head) })
        }
    }
}

/// Two fields of one number that no program can tell apart, but for the types that meet there,
/// which are compared where they meet.
fn alike(base: &Field, head: &Field) -> bool {
    use FieldType::{Enum, Group, Message};
    let types = match (&base.ty, &head.ty) {
        (Message(_), Message(_)) | (Group(_), Group(_)) | (Enum(_), Enum(_)) => true,
        (base, head) => base == head,
    };
    let leaf = |name: &Option<FullName>| name.as_ref().map(|it| it.leaf().to_owned());
    types
        && base.name.leaf() == head.name.leaf()
        && base.cardinality == head.cardinality
        && base.json_name == head.json_name
        && leaf(&base.oneof) == leaf(&head.oneof)
        && base.default == head.default
        && base.utf8 == head.utf8
}
