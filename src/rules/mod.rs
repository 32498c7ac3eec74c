//! One file per rule. A rule is a value; everything the tool says about a rule is read from it.

use std::fmt;

use crate::{
    schema::{Enum, Field, FullName, Message, Method, Schema, Service},
    skew::{Codec, Ends, Flow},
    wire::{Reading, binary::read_as},
};

mod default_differs;
mod enum_number_reused;
mod enum_value_dropped;
mod enum_value_unknown;
mod field_ignored;
mod field_intent_ignored;
mod field_number_reused;
mod field_renumbered;
mod field_unreadable;
mod field_unset;
mod http_binding_missing;
mod json_enum_rejected;
mod json_field_rejected;
mod json_name_changed;
mod json_oneof_rejected;
mod json_value_limited;
mod json_value_rejected;
mod number_misread;
mod number_truncated;
mod oneof_case_unknown;
mod oneof_clobbered;
mod presence_unseen;
mod repeated_to_single;
mod required_field_missing;
mod rpc_streaming_mismatch;
mod rpc_unimplemented;
mod service_unimplemented;
mod value_rejected;

/// Every rule, in the order of `protoskew rules`.
pub static ALL: &[&Rule] = &[
    &service_unimplemented::RULE,
    &rpc_unimplemented::RULE,
    &rpc_streaming_mismatch::RULE,
    &http_binding_missing::RULE,
    &required_field_missing::RULE,
    &value_rejected::RULE,
    &field_number_reused::RULE,
    &number_misread::RULE,
    &number_truncated::RULE,
    &enum_number_reused::RULE,
    &default_differs::RULE,
    &field_renumbered::RULE,
    &field_unreadable::RULE,
    &repeated_to_single::RULE,
    &oneof_clobbered::RULE,
    &enum_value_dropped::RULE,
    &oneof_case_unknown::RULE,
    &enum_value_unknown::RULE,
    &field_intent_ignored::RULE,
    &field_ignored::RULE,
    &presence_unseen::RULE,
    &field_unset::RULE,
    &json_field_rejected::RULE,
    &json_name_changed::RULE,
    &json_value_rejected::RULE,
    &json_enum_rejected::RULE,
    &json_value_limited::RULE,
    &json_oneof_rejected::RULE,
];

/// What can go wrong, and all that is said about it.
pub struct Rule {
    /// Reads well after "allow": `allow rpc-unimplemented`. Never changes once released.
    pub id: &'static str,
    /// One line, no full stop: what the sender does that the receiver cannot take.
    pub title: &'static str,
    /// What a running program sees.
    pub effect: Effect,
    /// Only some values do it, or only together; others arrive as they were sent.
    pub only_some: bool,
    /// The form of messages in which it happens.
    pub codec: Codec,
    /// What happens at run time, and why. Markdown.
    pub explanation: &'static str,
    /// What whoever runs the programs gets to see of it. Markdown.
    pub symptom: &'static str,
    /// What to do about it. Markdown.
    pub advice: &'static str,
    /// The nearest buf breaking rules. Those look only at what was removed or altered, so they see
    /// one of the two pairings. Empty if buf has none.
    pub buf: &'static [&'static str],
    /// The smallest schema that breaks the rule.
    pub example: Example,
    /// The sentence to report, or `None`.
    pub check: fn(Ends<'_>, &Context<'_>) -> Option<String>,
}

/// What a running program sees. How loudly to report each is for the policy to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The call ends in an error status, or never.
    CallFails,
    /// The receiver reads another value than was sent.
    Misread,
    /// Both ends know the field, but the value does not arrive.
    Lost,
    /// The receiver does not know what was sent.
    Ignored,
    /// The sender never writes what the receiver knows.
    Unset,
}

/// All that a rule may know besides the two ends.
pub struct Context<'s> {
    /// What is on its way.
    pub flow: Flow,
    /// The schema the sender was built from.
    pub sender: &'s Schema,
    /// The schema the receiver was built from.
    pub receiver: &'s Schema,
    /// The types that meet, where the ends are parts of them.
    pub within: Option<Within<'s>>,
    /// The receiver's JSON parser passes over what it does not know. Parsers refuse it by default.
    pub ignore_unknown: bool,
}

/// Two types that meet.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Within<'s> {
    Messages { sender: &'s Message, receiver: &'s Message },
    Enums { sender: &'s Enum, receiver: &'s Enum },
}

/// The smallest schema that breaks the rule: printed by `explain`, and run by the tests.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The older text.
    pub base: &'static str,
    /// The newer text.
    pub head: &'static str,
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id).copied()
}

impl Rule {
    /// It speaks of what the server does not have at all.
    pub fn is_unimplemented(&self) -> bool {
        [&service_unimplemented::RULE, &rpc_unimplemented::RULE].iter().any(|it| it.id == self.id)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Effect::CallFails => "call-fails",
            Effect::Misread => "misread",
            Effect::Lost => "lost",
            Effect::Ignored => "ignored",
            Effect::Unset => "unset",
        })
    }
}

/// What several rules ask of the types around the ends.
impl<'s> Context<'s> {
    /// The receiver's field of that name, if its number is another and the sender has none there:
    /// the field moved.
    fn moved_to(&self, field: &Field) -> Option<&'s Field> {
        let Some(Within::Messages { sender, receiver }) = self.within else { return None };
        moved(field, sender, receiver)
    }

    /// The sender's field of that name, if the field moved.
    fn moved_from(&self, field: &Field) -> Option<&'s Field> {
        let Some(Within::Messages { sender, receiver }) = self.within else { return None };
        moved(field, receiver, sender)
    }

    /// The fields of the message that the receiver reads.
    fn receiver_fields(&self) -> impl Iterator<Item = &'s Field> + use<'s> {
        let receiver = match self.within {
            Some(Within::Messages { receiver, .. }) => Some(receiver),
            _ => None,
        };
        receiver.into_iter().flat_map(|receiver| receiver.fields.values())
    }

    /// The receiver's enum keeps numbers that it does not know.
    fn reader_is_open(&self) -> bool {
        matches!(self.within, Some(Within::Enums { receiver: Enum { open: true, .. }, .. }))
    }

    /// The name of the oneof that holds the sender's field, if the receiver has that oneof, with
    /// other cases.
    fn shared_oneof(&self, field: &'s Field) -> Option<&'s str> {
        let Some(Within::Messages { receiver, .. }) = self.within else { return None };
        let oneof = field.oneof.as_ref()?.leaf();
        let mut oneofs = receiver.fields.values().filter_map(|it| it.oneof.as_ref());
        oneofs.any(|it| it.leaf() == oneof).then_some(oneof)
    }

    /// The other cases of the receiver's oneof that the sender may set together with this field.
    fn rivals(&self, sent: &Field, read: &Field) -> Vec<&'s str> {
        let Some(Within::Messages { sender, receiver }) = self.within else { return Vec::new() };
        if read.oneof.is_none() {
            return Vec::new();
        }
        let cases = receiver.fields.values();
        let others = cases.filter(|it| it.oneof == read.oneof && it.number != read.number);
        let readable =
            |sent: &Field, read: &Field| read_as(&sent.ty, &read.ty) != Reading::Unreadable;
        if !readable(sent, read) {
            return Vec::new();
        }
        let together = others.filter(|read| {
            let at_sender = sender.fields.get(&read.number);
            at_sender.is_some_and(|it| {
                readable(it, read) && (it.oneof.is_none() || it.oneof != sent.oneof)
            })
        });
        together.map(|it| it.name.leaf()).collect()
    }

    /// The number under which the sender has a field of that name.
    fn sent_as(&self, field: &Field) -> Option<u32> {
        let Some(Within::Messages { sender, .. }) = self.within else { return None };
        let mut twins = sender.fields.values().filter(|it| it.name.leaf() == field.name.leaf());
        twins.next().map(|it| it.number)
    }

    /// The name of one end's field is at another number at the other: the number means two things.
    fn is_reused(&self, sent: &Field, read: &Field) -> bool {
        let Some(Within::Messages { sender, receiver }) = self.within else { return false };
        // Under that name, and of that type: else the name is what was used again.
        let elsewhere = |message: &Message, field: &Field| {
            let mut others = message.fields.values().filter(|it| it.number != field.number);
            others.any(|it| it.name.leaf() == field.name.leaf() && it.ty == field.ty)
        };
        sent.name.leaf() != read.name.leaf()
            && (elsewhere(receiver, sent) || elsewhere(sender, read))
    }
}

/// What both ends call a field, or what each does.
fn named(sent: &Field, read: &Field) -> String {
    match [sent.name.leaf(), read.name.leaf()] {
        [sent, read] if sent == read => format!("`{read}`"),
        [sent, read] => format!("`{sent}` (`{read}` to the receiver)"),
    }
}

/// A field that only one message has, under the name of one that only the other has.
fn moved<'s>(field: &Field, own: &Message, other: &'s Message) -> Option<&'s Field> {
    let mut twins = other.fields.values().filter(|it| it.name.leaf() == field.name.leaf());
    twins.find(|it| it.number != field.number && !own.fields.contains_key(&it.number))
}

/// Words for where the receiver may have what the sender asks for. A hint and nothing more: the
/// call fails all the same.
impl Context<'_> {
    /// ``; it has `/acme.v2.Manager/Arrive` ``, or nothing.
    fn elsewhere(&self, method: &Method) -> String {
        let leaf = |name: &FullName| name.leaf().to_owned();
        let shape = |it: &Method| (it.client_streaming, it.server_streaming);
        let twins = self.receiver.methods().filter(|it| {
            it.name.leaf() == method.name.leaf()
                && shape(it) == shape(method)
                && leaf(&it.request) == leaf(&method.request)
                && leaf(&it.response) == leaf(&method.response)
        });
        // In a service of another name, what the sender has too is another method.
        let service = |it: &Method| it.name.parent().rsplit('.').next().map(str::to_owned);
        let new = |it: &&Method| self.sender.method(&it.name).is_none();
        let twins: Vec<&Method> =
            twins.filter(|it| service(it) == service(method) || new(it)).collect();
        let moved = twins.iter().find(|it| service(it) == service(method)).or(twins.first());
        if let Some(moved) = moved {
            return format!("; it has `{}`", moved.name.path());
        }
        // Only what the sender does not have can be the same thing under a new name.
        let siblings = self.receiver.services.get(method.name.parent());
        let siblings = siblings.into_iter().flat_map(|it| it.methods.values());
        let new = siblings.filter(new);
        let near: Vec<&str> =
            new.filter(|it| shape(it) == shape(method)).map(|it| it.name.leaf()).collect();
        match similar::get_close_matches(method.name.leaf(), &near, 1, 0.75).first() {
            Some(near) => format!("; it has `{near}`"),
            None => String::new(),
        }
    }

    /// ``; it has `acme.v2.Manager` ``, or nothing.
    fn service_elsewhere(&self, service: &Service) -> String {
        let is_new = |it: &&FullName| !self.sender.services.contains_key(*it);
        let named = self.receiver.services.keys().filter(|it| it.leaf() == service.name.leaf());
        let named: Vec<&FullName> = named.collect();
        // Another package of the same service, such as `v1` for `v1alpha2`.
        if let Some(moved) = named.iter().find(|it| is_new(it)).or(named.first()) {
            return format!("; it has `{moved}`");
        }
        let new: Vec<&FullName> = self.receiver.services.keys().filter(is_new).collect();
        let names: Vec<&str> = new.iter().map(|it| it.as_str()).collect();
        match similar::get_close_matches(service.name.as_str(), &names, 1, 0.85).first() {
            Some(near) => format!("; it has `{near}`"),
            None => String::new(),
        }
    }
}

/// The fixture in `testdata/rules/<id>`, which is the rule's example and its test.
macro_rules! example {
    ($id:literal) => {
        $crate::rules::Example {
            base: include_str!(concat!("../../testdata/rules/", $id, "/base/example.proto")),
            head: include_str!(concat!("../../testdata/rules/", $id, "/head/example.proto")),
        }
    };
}
use example;
