//! Which types stand against each other when programs built from two versions talk.
//!
//! The wire does not know the names of messages and enums. What matters is which types *meet*: the
//! requests and responses of a method that both versions have, and, where two messages meet, the
//! types of the fields that stand for each other: in bytes those of one number, in JSON those of
//! one key. So a renamed message is no change, a message in place of another is compared field by
//! field, and a type that no call carries meets nothing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    diff::Change,
    schema::{Element, Enum, Field, FieldType, FullName, Message, Names, Schema},
    skew::{Flow, Side},
    wire::{ByName, json, stem},
};

mod carriers;
mod differ;

use carriers::Calls;

/// The calls that carry something, by the way it travels.
pub type Carriers = BTreeMap<Flow, Arc<BTreeSet<FullName>>>;

/// Two types that meet, and all in which they differ. Names of types are not compared, nor what
/// encloses a field.
pub struct Meeting<'s> {
    /// The types.
    pub types: Types<'s>,
    /// The fields in which two enums meet.
    pub uses: Vec<Use<'s>>,
    /// What differs, but not what differs inside of fields.
    pub changes: Vec<Change<'s>>,
    /// Numbers of fields that have one thing in place of another, in base and in head: two types
    /// that are not versions of each other, under two names.
    pub replaced: BTreeSet<u32>,
    /// The calls that carry both.
    pub carriers: Carriers,
}

/// The types themselves, base first.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Types<'s> {
    Messages(&'s Message, &'s Message),
    Enums(&'s Enum, &'s Enum),
}

/// A field in which two enums meet.
#[derive(Clone, Copy, Debug)]
pub struct Use<'s> {
    /// The field in base.
    pub base: &'s Field,
    /// The field in head.
    pub head: &'s Field,
    /// They are the values of maps, which are always written.
    pub in_map: bool,
}

/// By what the fields of two messages find each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// In bytes the number is the field.
    Number,
    /// In JSON the key is the field. Which keys there are is for the sender to say, and the reader
    /// takes more than one for a field.
    Key(Side),
}

/// What is to be walked.
pub struct Walk<'s, 'w> {
    /// The older schema.
    pub base: &'s Schema,
    /// The newer one.
    pub head: &'s Schema,
    /// How fields find each other.
    pub by: By,
    /// The types that travel in `google.protobuf.Any`.
    pub any: &'w [Names],
    /// Where an earlier walk found nothing, however fields find each other.
    pub known: Option<&'w Known<'s>>,
}

/// What a walk has seen: pairs of types, by name, and whether they are equal, with all that they
/// lead to. There is nothing for another walk to find in those.
pub struct Known<'s> {
    memo: HashMap<(&'s str, &'s str), usize>,
    equal: Vec<bool>,
}

/// Two types that meet, on the way to a [`Meeting`].
struct Place<'s> {
    types: Types<'s>,
    uses: Vec<Use<'s>>,
    /// The places that lead here through one field.
    from: Vec<usize>,
    /// The places that lead here through a field that has one thing in place of another, and its
    /// number. What differs here is said there.
    replacing: Vec<(usize, u32)>,
    /// The calls that begin here.
    roots: Vec<(Flow, &'s FullName)>,
    /// Types that travel in an `Any` here, and that only one of the two knows.
    only: Vec<Change<'s>>,
}

const ANY: &str = "google.protobuf.Any";

impl<'s> Walk<'s, '_> {
    /// Every pair of types that meet on the calls, and that differ. A worklist with a memo per
    /// pair, so recursion in the schema ends, and depth costs no stack.
    pub fn meetings(
        &self,
        calls: &dyn Fn(Flow, &FullName) -> bool,
    ) -> (Vec<Meeting<'s>>, Known<'s>) {
        let mut places = Places { all: Vec::new(), memo: HashMap::new() };
        for ours in self.base.methods() {
            let Some(theirs) = self.head.method(&ours.name) else { continue };
            for (flow, base, head) in [
                (Flow::Request, &ours.request, &theirs.request),
                (Flow::Response, &ours.response, &theirs.response),
            ] {
                let types = calls(flow, &ours.name).then(|| self.messages(base, head)).flatten();
                if let Some(types) = types.filter(|it| !self.is_known_equal(*it)) {
                    let place = places.at(types);
                    places.all[place].roots.push((flow, &ours.name));
                }
            }
        }
        let mut next = 0;
        while let Some(place) = places.all.get(next) {
            if let Types::Messages(base, head) = place.types {
                self.inside(next, base, head, &mut places);
            }
            next += 1;
        }
        let equal = equal(&places.all);
        let Places { all, memo } = places;
        (self.differing(all), Known { memo, equal })
    }

    /// The places to which two messages lead.
    fn inside(&self, at: usize, base: &'s Message, head: &'s Message, places: &mut Places<'s>) {
        if base.name.as_str() == ANY && head.name.as_str() == ANY {
            self.inside_any(at, places);
            return;
        }
        let mut names = None;
        for (base_field, head_field) in self.pairs(base, head) {
            let (Some(ours), Some(theirs)) = (base_field, head_field) else { continue };
            let Some(types) = self.fields(ours, theirs) else { continue };
            if self.is_known_equal(types) {
                continue;
            }
            let place = places.at(types);
            let replaced = self.by == By::Number && ours.name.leaf() != theirs.name.leaf() && {
                let [base, head] = names.get_or_insert_with(|| [base, head].map(ByName::of));
                self.is_replaced(ours, theirs) || base.reuses(ours, head, theirs)
            };
            if replaced {
                places.all[place].replacing.push((at, theirs.number));
                continue;
            }
            places.all[place].from.push(at);
            if let Types::Enums(..) = types {
                let in_map = base.map_entry && head.map_entry;
                places.all[place].uses.push(Use { base: ours, head: theirs, in_map });
            }
        }
    }

    fn is_known_equal(&self, types: Types<'s>) -> bool {
        let known = |it: &Known<'s>| it.memo.get(&types.names()).is_some_and(|&at| it.equal[at]);
        self.known.is_some_and(known)
    }

    /// What an `Any` holds says its name, so types meet by theirs.
    fn inside_any(&self, at: usize, places: &mut Places<'s>) {
        let names = self.base.messages.keys().chain(self.head.messages.keys());
        let names: BTreeSet<&FullName> =
            names.filter(|name| self.any.iter().any(|it| it.covers(name))).collect();
        for name in names {
            let types = [self.base, self.head].map(|it| it.messages.get(name));
            match types {
                [Some(base), Some(head)] => {
                    let place = places.at(Types::Messages(base, head));
                    places.all[place].from.push(at);
                }
                [Some(it), None] => {
                    places.all[at].only.push(Change::Removed(Element::Message(it)));
                }
                [None, Some(it)] => places.all[at].only.push(Change::Added(Element::Message(it))),
                [None, None] => (),
            }
        }
    }

    /// The fields that stand for each other, base first.
    fn pairs(
        &self,
        base: &'s Message,
        head: &'s Message,
    ) -> Vec<(Option<&'s Field>, Option<&'s Field>)> {
        let by_number = base.map_entry && head.map_entry;
        match self.by {
            By::Key(Side::Base) if !by_number => json::pairs(base, head),
            By::Key(Side::Head) if !by_number => {
                json::pairs(head, base).into_iter().map(|(head, base)| (base, head)).collect()
            }
            _ => crate::diff::pairs(&base.fields, &head.fields).collect(),
        }
    }

    fn messages(&self, base: &FullName, head: &FullName) -> Option<Types<'s>> {
        Some(Types::Messages(self.base.messages.get(base)?, self.head.messages.get(head)?))
    }

    /// The types that meet in a field, if they are to be compared.
    fn fields(&self, base: &'s Field, head: &'s Field) -> Option<Types<'s>> {
        use FieldType::{Enum, Group, Message};
        // In JSON there is nothing to meet where the key or the shape is another.
        if let By::Key(side) = self.by {
            let (sent, read) = if side == Side::Base { (base, head) } else { (head, base) };
            if !json::accepts(read, &sent.json_name) || !json::same_shape(base, head) {
                return None;
            }
        }
        match (&base.ty, &head.ty) {
            (Message(base), Message(head)) | (Group(base), Group(head)) => {
                self.messages(base, head)
            }
            (Message(base), Group(head)) | (Group(base), Message(head))
                if self.by != By::Number =>
            {
                self.messages(base, head)
            }
            (Enum(base), Enum(head)) => {
                Some(Types::Enums(self.base.enums.get(base)?, self.head.enums.get(head)?))
            }
            _ => None,
        }
    }

    /// One thing in place of another: the field has two names, and so has its type, of which at
    /// least one end knows both. Elsewhere a type may have been renamed.
    fn is_replaced(&self, base: &Field, head: &Field) -> bool {
        use FieldType::{Enum, Group, Message};
        let ((Message(ours), Message(theirs))
        | (Group(ours), Group(theirs))
        | (Enum(ours), Enum(theirs))) = (&base.ty, &head.ty)
        else {
            return false;
        };
        let has = |schema: &Schema, name: &FullName| {
            schema.messages.contains_key(name) || schema.enums.contains_key(name)
        };
        stem(ours.leaf()) != stem(theirs.leaf()) && (has(self.head, ours) || has(self.base, theirs))
    }

    /// What differs in each place, and where.
    fn differing(&self, places: Vec<Place<'s>>) -> Vec<Meeting<'s>> {
        let changes: Vec<Vec<Change<'s>>> =
            places.iter().map(|place| self.changes(place)).collect();
        if changes.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let mut replaced = replaced(&places, &changes);
        let mut calls = Calls::new(&places);
        let mut meetings = Vec::new();
        for (at, changes) in changes.into_iter().enumerate().filter(|(_, it)| !it.is_empty()) {
            let carriers = calls.of(at);
            if !carriers.is_empty() {
                let (types, uses) = (places[at].types, places[at].uses.clone());
                let replaced = replaced.remove(&at).unwrap_or_default();
                meetings.push(Meeting { types, uses, changes, replaced, carriers });
            }
        }
        meetings
    }
}

struct Places<'s> {
    all: Vec<Place<'s>>,
    memo: HashMap<(&'s str, &'s str), usize>,
}

impl<'s> Places<'s> {
    /// The place where two types meet.
    fn at(&mut self, types: Types<'s>) -> usize {
        *self.memo.entry(types.names()).or_insert_with(|| {
            self.all.push(Place {
                types,
                uses: Vec::new(),
                from: Vec::new(),
                replacing: Vec::new(),
                roots: Vec::new(),
                only: Vec::new(),
            });
            self.all.len() - 1
        })
    }
}

impl<'s> Types<'s> {
    fn names(self) -> (&'s str, &'s str) {
        match self {
            Types::Messages(base, head) => (base.name.as_str(), head.name.as_str()),
            Types::Enums(base, head) => (base.name.as_str(), head.name.as_str()),
        }
    }

    fn are_equal(self) -> bool {
        match self {
            Types::Messages(base, head) => std::ptr::eq(base, head) || base == head,
            Types::Enums(base, head) => std::ptr::eq(base, head) || base == head,
        }
    }
}

/// By place, whether the two types and all that they lead to are equal.
fn equal(places: &[Place<'_>]) -> Vec<bool> {
    let mut equal: Vec<bool> =
        places.iter().map(|it| it.types.are_equal() && it.only.is_empty()).collect();
    let mut open: Vec<usize> = (0..places.len()).filter(|&at| !equal[at]).collect();
    while let Some(at) = open.pop() {
        let Place { from, replacing, .. } = &places[at];
        for &user in from.iter().chain(replacing.iter().map(|(user, _)| user)) {
            if std::mem::replace(&mut equal[user], false) {
                open.push(user);
            }
        }
    }
    equal
}

/// By place, the fields that have one thing in place of another from which it differs, in itself or
/// in what it leads to.
fn replaced(places: &[Place<'_>], changes: &[Vec<Change<'_>>]) -> HashMap<usize, BTreeSet<u32>> {
    let mut differs: Vec<bool> = changes.iter().map(|it| !it.is_empty()).collect();
    let mut open: Vec<usize> = (0..places.len()).filter(|&at| differs[at]).collect();
    let mut replaced: HashMap<usize, BTreeSet<u32>> = HashMap::new();
    while let Some(at) = open.pop() {
        let Place { from, replacing, .. } = &places[at];
        for &(user, number) in replacing {
            replaced.entry(user).or_default().insert(number);
        }
        for &user in from.iter().chain(replacing.iter().map(|(user, _)| user)) {
            if !std::mem::replace(&mut differs[user], true) {
                open.push(user);
            }
        }
    }
    replaced
}
