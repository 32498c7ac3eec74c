//! One file per rule. A rule is a value; everything the tool says about a rule is read from it.

use std::fmt;

use crate::{
    schema::{FullName, Method, Schema, Service},
    skew::{Ends, Flow},
};

mod enum_value_unknown;
mod field_ignored;
mod field_unset;
mod rpc_streaming_mismatch;
mod rpc_unimplemented;
mod service_unimplemented;

/// Every rule, in the order of `protoskew rules`.
pub static ALL: &[&Rule] = &[
    &service_unimplemented::RULE,
    &rpc_unimplemented::RULE,
    &rpc_streaming_mismatch::RULE,
    &field_ignored::RULE,
    &field_unset::RULE,
    &enum_value_unknown::RULE,
];

/// What can go wrong, and all that is said about it.
pub struct Rule {
    /// Reads well after "allow": `allow rpc-unimplemented`. Never changes once released.
    pub id: &'static str,
    /// One line, no full stop: what the sender does that the receiver cannot take.
    pub title: &'static str,
    /// What a running program sees.
    pub effect: Effect,
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
        let new =
            self.receiver.services.keys().filter(|it| !self.sender.services.contains_key(*it));
        let new: Vec<&FullName> = new.collect();
        if let Some(moved) = new.iter().find(|it| it.leaf() == service.name.leaf()) {
            return format!("; it has `{moved}`");
        }
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
