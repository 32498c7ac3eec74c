use super::{Context, Effect, JSON, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "json-oneof-rejected",
    title: "sender may write JSON keys together of which the receiver takes one",
    effect: Effect::CallFails,
    only_some: true,
    codecs: JSON,
    lenient: false,
    explanation: "\
At the receiver the fields are cases of one oneof; at the sender they are not, and nothing keeps it \
from setting several. A parser of ProtoJSON that meets two cases of a oneof refuses the message, even \
if it was told to ignore what it does not know. In bytes the last one wins: see `oneof-clobbered`.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran. Only when both are set.",
    runtimes: &[("C++, Java, Go, Python", "refuse the message")],
    advice: "\
Make sure that senders set at most one of them, or start a oneof with new fields.",
    buf: &["FIELD_SAME_ONEOF"],
    example: example!("json-oneof-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let cases = context.clashing(sent, read)?.join("`, `");
    let oneof = read.oneof.as_ref()?.leaf();
    Some(format!("of `{cases}`, the receiver takes one: they are the oneof `{oneof}`"))
}
