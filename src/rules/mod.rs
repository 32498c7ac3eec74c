//! One file per rule. A rule is a value; everything the tool says about a rule is read from it.

use std::fmt;

use crate::{
    schema::{EnumValue, Field, FullName},
    skew::{Codec, Ends},
    wire::binary::is_repeated,
};

mod context;

pub use context::{Code, Context, Use, Within};

mod any_type_unknown;
mod bytes_misread;
mod connect_get_refused;
mod default_differs;
mod enum_closed;
mod enum_number_reused;
mod enum_value_dropped;
mod enum_value_rejected;
mod enum_value_unknown;
mod field_ignored;
mod field_intent_ignored;
mod field_number_reused;
mod field_renumbered;
mod field_unreadable;
mod field_unset;
mod guard_at_open_only;
mod http_binding_missing;
mod json_any_rejected;
mod json_enum_dropped;
mod json_enum_rejected;
mod json_field_lost;
mod json_field_rejected;
mod json_name_changed;
mod json_number_rounded;
mod json_oneof_rejected;
mod json_value_limited;
mod json_value_misread;
mod json_value_rejected;
mod map_keys_merged;
mod message_unparsable;
mod number_misread;
mod number_truncated;
mod oneof_case_unknown;
mod oneof_clobbered;
mod presence_unseen;
mod repeated_to_single;
mod required_field_missing;
mod rpc_refused;
mod rpc_streaming_mismatch;
mod rpc_unimplemented;
mod service_unimplemented;
mod value_rejected;

/// Every rule, in the order of `protoskew rules`.
pub static ALL: &[&Rule] = &[
    &service_unimplemented::RULE,
    &rpc_unimplemented::RULE,
    &rpc_refused::RULE,
    &guard_at_open_only::RULE,
    &rpc_streaming_mismatch::RULE,
    &http_binding_missing::RULE,
    &connect_get_refused::RULE,
    &required_field_missing::RULE,
    &message_unparsable::RULE,
    &value_rejected::RULE,
    &enum_value_rejected::RULE,
    &field_number_reused::RULE,
    &bytes_misread::RULE,
    &number_misread::RULE,
    &number_truncated::RULE,
    &enum_number_reused::RULE,
    &default_differs::RULE,
    &field_renumbered::RULE,
    &field_unreadable::RULE,
    &repeated_to_single::RULE,
    &map_keys_merged::RULE,
    &oneof_clobbered::RULE,
    &enum_value_dropped::RULE,
    &enum_closed::RULE,
    &oneof_case_unknown::RULE,
    &enum_value_unknown::RULE,
    &any_type_unknown::RULE,
    &field_intent_ignored::RULE,
    &field_ignored::RULE,
    &presence_unseen::RULE,
    &field_unset::RULE,
    &json_field_rejected::RULE,
    &json_name_changed::RULE,
    &json_field_lost::RULE,
    &json_value_rejected::RULE,
    &json_value_misread::RULE,
    &json_enum_rejected::RULE,
    &json_enum_dropped::RULE,
    &json_value_limited::RULE,
    &json_number_rounded::RULE,
    &json_oneof_rejected::RULE,
    &json_any_rejected::RULE,
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
    /// The forms of messages in which it happens.
    pub codecs: &'static [Codec],
    /// It happens where JSON parsers pass over what they do not know, and only there.
    pub lenient: bool,
    /// What happens at run time, and why. Markdown.
    pub explanation: &'static str,
    /// What whoever runs the programs gets to see of it. Markdown.
    pub symptom: &'static str,
    /// Who does what, where runtimes differ: some of them, and what they do. Markdown.
    pub runtimes: &'static [(&'static str, &'static str)],
    /// What to do about it. Markdown.
    pub advice: &'static str,
    /// The nearest buf breaking rules. Those look only at what was removed or altered, so they see
    /// one of the two pairings. Empty if buf has none.
    pub buf: &'static [&'static str],
    /// The smallest schema that breaks the rule.
    pub example: Example,
    /// The sentence to report, or `None`.
    pub check: fn(Ends<'_>, &Context<'_, '_>) -> Option<String>,
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

/// The smallest schema that breaks the rule: printed by `explain`, and run by the tests.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The older text.
    pub base: &'static str,
    /// The newer text.
    pub head: &'static str,
    /// Go of both, where a rule reads sources.
    pub sources: Option<[&'static str; 2]>,
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id).copied()
}

impl Rule {
    /// It speaks of the call itself, not of what it carries.
    pub fn is_about_calls(&self) -> bool {
        let rules = [
            &service_unimplemented::RULE,
            &rpc_unimplemented::RULE,
            &rpc_refused::RULE,
            &guard_at_open_only::RULE,
            &rpc_streaming_mismatch::RULE,
            &http_binding_missing::RULE,
            &connect_get_refused::RULE,
        ];
        rules.iter().any(|it| it.id == self.id)
    }

    /// What whoever runs the programs gets to see when this call is made: where the symptom says
    /// `S` and `M`, the names of its service and method.
    pub fn symptom_of(&self, call: &FullName) -> String {
        if !self.answers_unimplemented() {
            return self.symptom.to_owned();
        }
        let (service, method) = (call.parent(), call.leaf());
        let named = self.symptom.replace("S/M", &format!("{service}/{method}"));
        let named = named.replace("method M", &format!("method {method}"));
        named.replace("service S", &format!("service {service}"))
    }

    /// It reads what programs do besides what they declare: see [`Context::code`].
    pub fn reads_sources(&self) -> bool {
        [&rpc_refused::RULE, &guard_at_open_only::RULE].iter().any(|it| it.id == self.id)
    }

    /// The status is `UNIMPLEMENTED`, so a caller that tests for it copes.
    pub fn answers_unimplemented(&self) -> bool {
        self.is_unimplemented() || self.reads_sources()
    }

    /// It speaks of how callers cope, and not of whether the call fails.
    pub fn is_about_guards(&self) -> bool {
        self.id == guard_at_open_only::RULE.id
    }

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

/// What both ends call a field, or what each does.
fn named(sent: &Field, read: &Field) -> String {
    match [sent.name.leaf(), read.name.leaf()] {
        [sent, read] if sent == read => format!("`{read}`"),
        [sent, read] => format!("`{sent}` (`{read}` to the receiver)"),
    }
}

/// The types of both ends, where a name tells them apart.
fn types(sent: &Field, read: &Field) -> [String; 2] {
    [sent, read].map(|it| match is_repeated(it) {
        true if it.map => "a map".to_owned(),
        true => format!("repeated {}", it.ty),
        false => it.ty.to_string(),
    })
}

/// All names of an enum's number, the one that is written in JSON first.
fn names(value: &EnumValue) -> impl Iterator<Item = &str> {
    std::iter::once(value.name.leaf()).chain(value.aliases.iter().map(String::as_str))
}

/// In bytes alone.
const BYTES: &[Codec] = &[Codec::Binary];
/// In JSON alone.
const JSON: &[Codec] = &[Codec::Json];
/// In both.
const BOTH: &[Codec] = &[Codec::Binary, Codec::Json];

/// The fixture in `testdata/rules/<id>`, which is the rule's example and its test.
macro_rules! example {
    ($id:literal) => {
        $crate::rules::Example {
            base: include_str!(concat!("../../testdata/rules/", $id, "/base/example.proto")),
            head: include_str!(concat!("../../testdata/rules/", $id, "/head/example.proto")),
            sources: None,
        }
    };
    ($id:literal, sources) => {
        $crate::rules::Example {
            sources: Some([
                include_str!(concat!("../../testdata/rules/", $id, "/base/example.go")),
                include_str!(concat!("../../testdata/rules/", $id, "/head/example.go")),
            ]),
            ..$crate::rules::example!($id)
        }
    };
}
use example;
