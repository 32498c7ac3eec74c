//! What is not the same in two schemas. Facts only: nothing in this file knows who talks to whom
//! or whether a difference hurts.

use std::sync::Arc;

use crate::schema::{Element, Enum, FullName, Message, Schema};

/// One difference, from base to head.
///
/// What is inside an added or removed element is not listed again: a new service is one change,
/// however many methods it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'s> {
    /// Only head has it.
    Added(Element<'s>),
    /// Only base has it.
    Removed(Element<'s>),
    /// Both have it, under one name, and it is not the same. Both elements are of one kind.
    #[allow(missing_docs)]
    Modified { base: Element<'s>, head: Element<'s> },
}

/// Every difference by name: services, then messages, then enums, each in the order of names.
/// Nothing is paired by likeness, so a renamed element is one removed and one added. Files that
/// only serve imports are left out.
pub fn diff<'s>(base: &'s Schema, head: &'s Schema) -> Vec<Change<'s>> {
    let mut changes = Vec::new();
    for (base, head) in pairs(&base.services, &head.services) {
        match (base, head) {
            (Some(base), Some(head)) if Arc::ptr_eq(base, head) => (),
            (Some(base), Some(head)) => {
                changes.extend(leaves(&base.methods, &head.methods, Element::Method));
            }
            (base, head) => changes.extend(change(base, head, |it| Element::Service(it))),
        }
    }
    for (base, head) in pairs(&base.messages, &head.messages) {
        match (base, head) {
            (Some(base), Some(head)) if Arc::ptr_eq(base, head) => (),
            (Some(base), Some(head)) => {
                let own = |it: &Message| (it.map_entry, it.legacy_json, it.message_set);
                if own(base) != own(head) {
                    changes.extend(change(Some(base), Some(head), |it| Element::Message(it)));
                }
                changes.extend(leaves(&base.fields, &head.fields, Element::Field));
            }
            (base, head) => changes.extend(change(base, head, |it| Element::Message(it))),
        }
    }
    for (base, head) in pairs(&base.enums, &head.enums) {
        match (base, head) {
            (Some(base), Some(head)) if Arc::ptr_eq(base, head) => (),
            (Some(base), Some(head)) => {
                let own = |it: &Enum| (it.open, it.legacy_json, it.first);
                if own(base) != own(head) {
                    changes.extend(change(Some(base), Some(head), |it| Element::Enum(it)));
                }
                changes.extend(leaves(&base.values, &head.values, Element::EnumValue));
            }
            (base, head) => changes.extend(change(base, head, |it| Element::Enum(it))),
        }
    }
    changes.retain(|change| is_stated(*change, base, head));
    changes
}

/// The change is one of a judged file, and not said by another already.
fn is_stated(change: Change<'_>, base: &Schema, head: &Schema) -> bool {
    let inside = |element: Element<'_>, other: &Schema, schema: &Schema| {
        // A type nested in one that came or went with it; a map's entry, which its field tells.
        let parent = element.name().parent();
        let nested = schema.messages.contains_key(parent) && !other.messages.contains_key(parent);
        let is_type = matches!(element, Element::Message(_) | Element::Enum(_));
        let entry = matches!(element, Element::Message(Message { map_entry: true, .. }));
        is_type && (nested || entry)
    };
    // What the other version declares in that file is unknown; it may well be there.
    let unknown = |element: Element<'_>, other: &Schema, schema: &Schema| {
        let file = schema.sites.file(element.name());
        file.is_some_and(|file| other.unread.contains(&file.path))
    };
    match change {
        Change::Added(it) => {
            let stated = head.sites.judged(it.name()) && !unknown(it, base, head);
            stated && !inside(it, base, head)
        }
        Change::Removed(it) => {
            let stated = base.sites.judged(it.name()) && !unknown(it, head, base);
            stated && !inside(it, head, base)
        }
        Change::Modified { base: b, head: h } => {
            base.sites.judged(b.name()) || head.sites.judged(h.name())
        }
    }
}

/// The differences between two maps of elements, by key.
fn leaves<'s, K: Ord + 's, V: 's>(
    base: impl IntoIterator<Item = (&'s K, &'s V)>,
    head: impl IntoIterator<Item = (&'s K, &'s V)>,
    element: fn(&'s V) -> Element<'s>,
) -> impl Iterator<Item = Change<'s>> {
    pairs(base, head).filter_map(move |(base, head)| change(base, head, element))
}

fn change<'s, V>(
    base: Option<&'s V>,
    head: Option<&'s V>,
    element: fn(&'s V) -> Element<'s>,
) -> Option<Change<'s>> {
    match (base.map(element), head.map(element)) {
        (None, Some(head)) => Some(Change::Added(head)),
        (Some(base), None) => Some(Change::Removed(base)),
        (Some(base), Some(head)) if base != head => Some(Change::Modified { base, head }),
        _ => None,
    }
}

/// Walks two maps side by side, in the order of their keys.
pub(crate) fn pairs<'s, K: Ord + 's, V: 's>(
    base: impl IntoIterator<Item = (&'s K, &'s V)>,
    head: impl IntoIterator<Item = (&'s K, &'s V)>,
) -> impl Iterator<Item = (Option<&'s V>, Option<&'s V>)> {
    let (mut base, mut head) = (base.into_iter().peekable(), head.into_iter().peekable());
    std::iter::from_fn(move || {
        let order = match (base.peek(), head.peek()) {
            (None, None) => return None,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((base, _)), Some((head, _))) => base.cmp(head),
        };
        let left = if order.is_le() { base.next() } else { None };
        let right = if order.is_ge() { head.next() } else { None };
        Some((left.map(|(_, value)| value), right.map(|(_, value)| value)))
    })
}

impl<'s> Change<'s> {
    /// The element, as it is in head if it is there.
    pub fn element(self) -> Element<'s> {
        match self {
            Change::Added(it) | Change::Removed(it) | Change::Modified { head: it, .. } => it,
        }
    }

    /// Its name in base, if base has it.
    pub fn base(self) -> Option<&'s FullName> {
        match self {
            Change::Added(_) => None,
            Change::Removed(it) | Change::Modified { base: it, .. } => Some(it.name()),
        }
    }

    /// Its name in head, if head has it.
    pub fn head(self) -> Option<&'s FullName> {
        match self {
            Change::Removed(_) => None,
            Change::Added(it) | Change::Modified { head: it, .. } => Some(it.name()),
        }
    }
}
