//! What differs between two types that meet, apart from what is inside of their fields.

use super::{By, Place, Types, Walk};
use crate::{
    diff::{Change, pairs},
    schema::{Element, Enum, EnumValue, Field, FieldType, FullName, Message},
    skew::Side,
    wire::json,
};

impl<'s> Walk<'s, '_> {
    /// All that differs in a place.
    pub(super) fn changes(&self, place: &Place<'s>) -> Vec<Change<'s>> {
        let mut changes = match place.types {
            Types::Messages(base, head) => self.message_changes(base, head),
            Types::Enums(base, head) => self.enum_changes(base, head),
        };
        changes.extend(&place.only);
        changes
    }

    fn message_changes(&self, base: &'s Message, head: &'s Message) -> Vec<Change<'s>> {
        // Most are, and to compare them costs less than to find out by which names.
        if base == head {
            return Vec::new();
        }
        let whole = Change::Modified { base: Element::Message(base), head: Element::Message(head) };
        let alike = match self.by {
            By::Number => alike_in_bytes,
            // A call whose message is written in another form altogether.
            By::Key(_) if !json::same_form(&base.name, &head.name) => return vec![whole],
            By::Key(_) if !json::are_objects(&base.name, &head.name) => return Vec::new(),
            By::Key(_) if base.map_entry && head.map_entry => alike_in_entries,
            By::Key(Side::Base) => |base: &Field, head: &Field| alike_in_json(base, head),
            By::Key(Side::Head) => |base: &Field, head: &Field| alike_in_json(head, base),
        };
        let fields = self.pairs(base, head).into_iter();
        let mut changes: Vec<Change<'s>> =
            fields.filter_map(|(base, head)| change(base, head, Element::Field, alike)).collect();
        if self.by == By::Number && base.message_set != head.message_set {
            changes.push(whole);
        }
        changes
    }

    fn enum_changes(&self, base: &'s Enum, head: &'s Enum) -> Vec<Change<'s>> {
        let alike = |base: &EnumValue, head: &EnumValue| {
            base.name.leaf() == head.name.leaf() && base.aliases == head.aliases
        };
        let values = pairs(&base.values, &head.values);
        let mut changes: Vec<Change<'s>> = values
            .filter_map(|(base, head)| change(base, head, Element::EnumValue, alike))
            .collect();
        if (base.open, base.first) != (head.open, head.first) {
            let (base, head) = (Element::Enum(base), Element::Enum(head));
            changes.push(Change::Modified { base, head });
        }
        changes
    }
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

/// Two fields of one number that no program can tell apart in bytes, but for the types that meet
/// there, which are compared where they meet.
fn alike_in_bytes(base: &Field, head: &Field) -> bool {
    use FieldType::{Enum, Group, Message};
    let types = match (&base.ty, &head.ty) {
        (Message(_), Message(_)) | (Group(_), Group(_)) | (Enum(_), Enum(_)) => true,
        (base, head) => base == head,
    };
    types
        && base.name.leaf() == head.name.leaf()
        && same_presence(base, head)
        && base.utf8 == head.utf8
        && base.map == head.map
}

/// Two fields of one key that no program can tell apart in JSON, but for the types that meet there.
fn alike_in_json(sent: &Field, read: &Field) -> bool {
    let types = match (&sent.ty, &read.ty) {
        (FieldType::Scalar(sent), FieldType::Scalar(read)) => sent == read,
        (FieldType::Opaque(sent), FieldType::Opaque(read)) => sent == read,
        _ => json::same_shape(sent, read),
    };
    json::accepts(read, &sent.json_name)
        && types
        && json::same_shape(sent, read)
        && same_presence(sent, read)
}

/// Two keys, or two values, of maps.
fn alike_in_entries(base: &Field, head: &Field) -> bool {
    match (&base.ty, &head.ty) {
        (FieldType::Scalar(base), FieldType::Scalar(head)) => base == head,
        _ => json::same_shape(base, head),
    }
}

fn same_presence(base: &Field, head: &Field) -> bool {
    let oneofs = [base, head].map(|it| it.oneof.as_ref().map(FullName::leaf));
    base.cardinality == head.cardinality && oneofs[0] == oneofs[1] && base.default == head.default
}
