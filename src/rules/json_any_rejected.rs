use super::{Context, Effect, JSON, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "json-any-rejected",
    title: "sender writes an `Any` in JSON whose type the receiver does not know",
    effect: Effect::CallFails,
    only_some: true,
    codecs: JSON,
    lenient: false,
    explanation: "\
In JSON an `Any` is the object of the message that it holds, with the name of its type under `@type`. \
A parser has to know the type to read it, and refuses the whole message if it does not, even if it \
was told to ignore what it does not know.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran. Only when a message of that type is in it.",
    runtimes: &[("C++, Java, Go, Python", "refuse the message")],
    advice: "\
Let receivers learn the type, and register it with their parsers, before any sender uses it.",
    buf: &["MESSAGE_NO_DELETE"],
    example: example!("json-any-rejected"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::Message(sent)) = ends else { return None };
    Some(format!("the receiver refuses messages with an `Any` that holds `{}`", sent.name))
}
