use super::{Context, Effect, JSON, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "json-field-rejected",
    title: "sender writes a JSON key that the receiver does not know",
    effect: Effect::CallFails,
    only_some: false,
    codecs: JSON,
    lenient: false,
    explanation: "\
Parsers of ProtoJSON refuse a message with a key that names no field of theirs, in every language, \
unless they were told to ignore what they do not know. So a new field, which costs nothing in bytes, \
breaks a call in JSON as soon as somebody sets it.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran.",
    runtimes: &[
        ("C++, Java, Go, Python, protobuf-es", "refuse the message, if nothing else is asked for"),
        ("connect-go, connect-es, grpc-gateway", "pass over the key"),
    ],
    advice: "\
Tell the parsers to ignore unknown fields (`ignoringUnknownFields`, `DiscardUnknown`, \
`ignore_unknown_fields`), and say so with `--ignore-unknown`; or let receivers learn the field first.",
    buf: &["FIELD_NO_DELETE_UNLESS_NAME_RESERVED"],
    example: example!("json-field-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::Field(sent)) = ends else { return None };
    let key = &sent.json_name;
    (!context.ignore_unknown).then(|| format!("the receiver refuses messages with the key `{key}`"))
}
