use super::{Context, Effect, JSON, Rule, example, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "json-value-limited",
    title: "sender may write a JSON value that the receiver refuses",
    effect: Effect::CallFails,
    only_some: true,
    codecs: JSON,
    lenient: false,
    explanation: "\
The kinds of JSON value agree, but not all values of the one type are values of the other. Parsers \
of ProtoJSON do not cut a number down: they refuse what is out of range, has a fraction where none \
can be, is no number, or is not base64.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran. Only for the values in question.",
    runtimes: &[],
    advice: "\
Let receivers widen first, or add a field of the new type under a new name.",
    buf: &["FIELD_WIRE_JSON_COMPATIBLE_TYPE"],
    example: example!("json-value-limited"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::SomeRejected(values) = context.transfer(sent, read) else { return None };
    let key = &sent.json_name;
    let [theirs, ours] = types(sent, read);
    let refused = context.accepts(sent, read) && !context.passes_over(sent, read);
    refused
        .then(|| format!("`{key}` is sent as {theirs} and read as {ours}, which refuses {values}"))
}
