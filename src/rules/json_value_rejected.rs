use super::{Codec, Context, Effect, Rule, example};
use crate::{
    schema::Element,
    skew::Ends,
    wire::{
        Reading,
        binary::is_repeated,
        json::{accepts, read_as},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "json-value-rejected",
    title: "sender writes a JSON value of a kind that the receiver refuses",
    effect: Effect::CallFails,
    only_some: false,
    codec: Codec::Json,
    explanation: "\
JSON tells numbers, strings, booleans, lists and objects apart, and so do parsers of ProtoJSON: \
where they expect one and meet another they refuse the message. That includes types that can be \
exchanged in bytes: a list for a single value, a map for a list of entries, `bool` for a number.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran.",
    advice: "\
Add a field of the new type under a new name, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_JSON_COMPATIBLE_TYPE", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"],
    example: example!("json-value-rejected"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    if !accepts(read, &sent.json_name) {
        return None;
    }
    let key = &sent.json_name;
    let shape = |map: bool, list: bool| match (map, list) {
        (true, _) => "an object",
        (_, true) => "a list",
        _ => "a single value",
    };
    let [theirs, ours] = [sent, read].map(|it| shape(it.map, is_repeated(it)));
    if theirs != ours {
        return Some(format!("`{key}` is sent as {theirs} and read as {ours}"));
    }
    (read_as(&sent.ty, &read.ty) == Reading::Rejected)
        .then(|| format!("`{key}` is sent as {} and read as {}", sent.ty, read.ty))
}
