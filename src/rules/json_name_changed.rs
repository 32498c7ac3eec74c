use super::{Context, Effect, JSON, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "json-name-changed",
    title: "a field has one JSON key at the sender and another at the receiver",
    effect: Effect::CallFails,
    only_some: false,
    codecs: JSON,
    lenient: false,
    explanation: "\
In JSON the name is the field. The number is the same at both ends, so bytes arrive; but the \
receiver's parser knows the field under another key, and refuses the message. One that was told to \
ignore what it does not know drops the value: see `json-field-lost`. Parsers take the `json_name` and \
the name in the schema, so a rename that keeps the old key as `json_name` is safe for them.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran.",
    runtimes: &[("C++, Java, Go, Python", "refuse the message")],
    advice: "\
Keep the old key: `[json_name = \"old\"]`.",
    buf: &["FIELD_SAME_JSON_NAME", "FIELD_SAME_NAME"],
    example: example!("json-name-changed"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let (theirs, ours) = (&sent.json_name, &read.json_name);
    (!context.ignore_unknown && !context.accepts(sent, read)).then(|| {
        format!("the receiver refuses messages with the key `{theirs}`, which is `{ours}` to it")
    })
}
