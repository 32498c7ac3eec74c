//! The way from a call to a type that meets another: through which fields, in which messages.

use std::collections::HashMap;

use super::{
    codec::{enum_of, is_any, message_of},
    harm::Way,
};
use crate::{
    schema::{FieldType, FullName, Message, Names, Schema},
    skew::Flow,
};

/// The shortest way to every pair of types that meet on some calls.
pub(super) struct Routes<'s> {
    steps: Vec<Step<'s>>,
    /// By the step of a pair of enums: the fields in which they meet.
    uses: HashMap<usize, Vec<(usize, u32)>>,
    known: HashMap<(&'s str, &'s str), usize>,
}

/// A pair of types, and where it was come upon.
#[derive(Clone, Copy)]
pub(super) struct Step<'s> {
    /// `None` for enums.
    pub(super) messages: Option<(&'s Message, &'s Message)>,
    /// The step before, and what of it leads here.
    pub(super) from: Option<(usize, Link)>,
    /// The call that the way begins at.
    pub(super) call: &'s FullName,
    /// How many messages are around.
    pub(super) depth: usize,
}

/// How one message holds another, or an enum.
#[derive(Clone, Copy)]
pub(super) enum Link {
    /// In the sender's field of that number.
    Field(u32),
    /// Packed in an `Any`.
    Any,
}

impl<'s> Routes<'s> {
    /// A breadth-first search from all calls at once: each pair of types is looked at once, however
    /// recursive they are.
    pub(super) fn new(
        way: Way<'s>,
        flow: Flow,
        any: &[Names],
        calls: impl Iterator<Item = &'s FullName>,
    ) -> Routes<'s> {
        let mut routes = Routes { steps: Vec::new(), uses: HashMap::new(), known: HashMap::new() };
        for call in calls {
            let (Some(theirs), Some(ours)) = (way.sender.method(call), way.receiver.method(call))
            else {
                continue;
            };
            let [from, to] = [(theirs, way.sender), (ours, way.receiver)].map(|(it, schema)| {
                let name = if flow == Flow::Response { &it.response } else { &it.request };
                message(schema, name)
            });
            if let (Some(from), Some(to)) = (from, to) {
                let step = Step { messages: Some((from, to)), from: None, call, depth: 0 };
                routes.add((&from.name, &to.name), step);
            }
        }
        let mut next = 0;
        while let Some(&step) = routes.steps.get(next) {
            if let Some((from, to)) = step.messages {
                match is_any(from) && is_any(to) {
                    true => routes.unpack(way, next, step, any),
                    false => routes.follow(way, next, step, (from, to)),
                }
            }
            next += 1;
        }
        routes
    }

    fn follow(
        &mut self,
        way: Way<'s>,
        at: usize,
        step: Step<'s>,
        types: (&'s Message, &'s Message),
    ) {
        let (from, to) = types;
        // By key once, so that a message of many fields is not walked for each of them.
        for (sent, read) in way.pairs(from, to) {
            let step = |messages| Step {
                messages,
                from: Some((at, Link::Field(sent.number))),
                depth: step.depth + 1,
                ..step
            };
            let messages = |ty, schema| message_of(ty, schema);
            if let (FieldType::Enum(theirs), FieldType::Enum(ours)) = (&sent.ty, &read.ty) {
                let known = enum_of(&sent.ty, way.sender).zip(enum_of(&read.ty, way.receiver));
                if known.is_some() {
                    let found = self.add((theirs, ours), step(None));
                    self.uses.entry(found).or_default().push((at, sent.number));
                }
            } else if let (Some(theirs), Some(ours)) =
                (messages(&sent.ty, way.sender), messages(&read.ty, way.receiver))
            {
                let group = |ty: &FieldType| matches!(ty, FieldType::Group(_));
                if way.codec == crate::skew::Codec::Json || group(&sent.ty) == group(&read.ty) {
                    self.add((&theirs.name, &ours.name), step(Some((theirs, ours))));
                }
            }
        }
    }

    /// What an `Any` holds says its name, so types meet by theirs.
    fn unpack(&mut self, way: Way<'s>, at: usize, step: Step<'s>, any: &[Names]) {
        for (name, from) in &way.sender.messages {
            let to =
                way.receiver.messages.get(name).filter(|_| any.iter().any(|it| it.covers(name)));
            if let Some(to) = to {
                let depth = step.depth + 1;
                let (messages, link) = (Some((&**from, &**to)), Some((at, Link::Any)));
                self.add((name, name), Step { messages, from: link, depth, ..step });
            }
        }
    }

    fn add(&mut self, names: (&'s FullName, &'s FullName), step: Step<'s>) -> usize {
        let names = (names.0.as_str(), names.1.as_str());
        let next = self.steps.len();
        let at = *self.known.entry(names).or_insert(next);
        if at == next {
            self.steps.push(step);
        }
        at
    }

    /// The fields in which two enums meet: the step of their messages, and the sender's number.
    pub(super) fn uses(&self, sender: &FullName, receiver: &FullName) -> &[(usize, u32)] {
        let at = self.known.get(&(sender.as_str(), receiver.as_str()));
        at.and_then(|at| self.uses.get(at)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find(&self, sender: &FullName, receiver: &FullName) -> Option<Step<'s>> {
        self.known.get(&(sender.as_str(), receiver.as_str())).map(|&at| self.steps[at])
    }

    pub(super) fn step(&self, at: usize) -> Step<'s> {
        self.steps[at]
    }
}

fn message<'s>(schema: &'s Schema, name: &FullName) -> Option<&'s Message> {
    schema.messages.get(name).map(|it| &**it)
}
