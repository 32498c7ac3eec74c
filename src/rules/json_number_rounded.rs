use super::{Context, Effect, JSON, Rule, example, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "json-number-rounded",
    title: "receiver reads an integer of JSON as a floating-point number",
    effect: Effect::Misread,
    only_some: true,
    codecs: JSON,
    lenient: false,
    explanation: "\
Parsers take the digits of an integer for a `double` or a `float`. What has more digits than these \
hold arrives rounded, without an error.",
    symptom: "\
Nothing: the call succeeds. Large values arrive as others.",
    runtimes: &[],
    advice: "\
Add a field of the new type under a new name, or make sure that the sender keeps within what the \
type holds: 2^53 for `double`, 2^24 for `float`.",
    buf: &["FIELD_WIRE_JSON_COMPATIBLE_TYPE"],
    example: example!("json-number-rounded"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::SomeChange(which) = context.transfer(sent, read) else { return None };
    let key = &sent.json_name;
    let [theirs, ours] = types(sent, read);
    context
        .accepts(sent, read)
        .then(|| format!("`{key}` is sent as {theirs} and read as {ours}: {which}"))
}
