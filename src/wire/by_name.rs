//! Which field of one message is the same as which of another, by its name.

use std::collections::HashMap;

use crate::schema::{Field, FieldType, Message};

/// A message, and its fields by name.
#[derive(Debug)]
pub struct ByName<'s> {
    /// The message.
    pub message: &'s Message,
    by_name: HashMap<&'s str, &'s Field>,
}

impl<'s> ByName<'s> {
    /// Of two fields with one name, of which one is an extension, that of the message counts.
    pub fn of(message: &'s Message) -> ByName<'s> {
        let mut by_name: HashMap<&str, &Field> = HashMap::with_capacity(message.fields.len());
        for field in message.fields.values() {
            let own = field.name.parent() == message.name.as_str();
            let held = by_name.entry(field.name.leaf()).or_insert(field);
            if own {
                *held = field;
            }
        }
        ByName { message, by_name }
    }

    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&'s Field> {
        self.by_name.get(name).copied()
    }

    /// This message's field of the name of another's, if it is under a number that the other does
    /// not use: the field moved.
    pub fn moved(&self, field: &Field, other: &ByName<'_>) -> Option<&'s Field> {
        let twin = self.get(field.name.leaf())?;
        let moved = twin.number != field.number && !other.message.fields.contains_key(&twin.number);
        moved.then_some(twin)
    }

    /// A number that two messages use means two things: their fields have two names, and one of
    /// these stands at another number of the other message, with its type. `own` is a field of
    /// this message.
    pub fn reuses(&self, own: &Field, other: &ByName<'_>, others: &Field) -> bool {
        let elsewhere = |names: &ByName<'_>, field: &Field| {
            let twin = names.get(field.name.leaf());
            twin.is_some_and(|it| it.number != field.number && same_type(&it.ty, &field.ty))
        };
        own.name.leaf() != others.name.leaf() && (elsewhere(other, own) || elsewhere(self, others))
    }
}

/// By kind and name; a version in the name is none.
fn same_type(a: &FieldType, b: &FieldType) -> bool {
    use FieldType::{Enum, Group, Message};
    match (a, b) {
        (Message(a) | Group(a), Message(b) | Group(b)) | (Enum(a), Enum(b)) => {
            stem(a.leaf()) == stem(b.leaf())
        }
        (a, b) => a == b,
    }
}

/// A name without the version at its end: `Agent` of `AgentV2` and `AgentV1beta1`.
pub fn stem(name: &str) -> &str {
    let rest = name.trim_end_matches(|char: char| char.is_ascii_digit());
    let rest = rest.strip_suffix("alpha").or(rest.strip_suffix("beta")).unwrap_or(rest);
    let rest = rest.trim_end_matches(|char: char| char.is_ascii_digit());
    match rest.strip_suffix('V') {
        Some(stem) if rest.len() < name.len() && !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_version_at_the_end_of_a_name_is_not_part_of_it() {
        for name in ["Agent", "AgentV2", "AgentV1beta1", "AgentV12alpha3"] {
            assert_eq!(stem(name), "Agent", "{name}");
        }
        for name in ["Base64", "V2", "AgentV", "Sha256"] {
            assert_eq!(stem(name), name);
        }
    }
}
