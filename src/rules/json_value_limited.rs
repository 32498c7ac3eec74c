use super::{Codec, Context, Effect, Rule, example};
use crate::{
    schema::Element,
    skew::Ends,
    wire::{
        Reading,
        json::{accepts, read_as},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "json-value-limited",
    title: "sender may write a JSON value that the receiver refuses or reads otherwise",
    effect: Effect::CallFails,
    only_some: true,
    codec: Codec::Json,
    explanation: "\
The kinds of JSON value agree, but not all values of the one type are values of the other. Parsers \
of ProtoJSON do not cut a number down: they refuse what is out of range, has a fraction where none \
can be, is no number, or is not base64. Bytes read as a string arrive as their base64, and large \
integers read as floating-point numbers are rounded.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran. Only for the values in question.",
    advice: "\
Let receivers widen first, or add a field of the new type under a new name.",
    buf: &["FIELD_WIRE_JSON_COMPATIBLE_TYPE"],
    example: example!("json-value-limited"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let what = match read_as(&sent.ty, &read.ty) {
        Reading::SomeRejected(values) => format!("the receiver refuses {values}"),
        Reading::SomeChange(how) | Reading::Garbage(how) => how.to_owned(),
        Reading::Same | Reading::Unreadable | Reading::Rejected => return None,
    };
    let key = &sent.json_name;
    accepts(read, key)
        .then(|| format!("`{key}` is sent as {} and read as {}: {what}", sent.ty, read.ty))
}
