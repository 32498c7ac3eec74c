use super::{Context, Effect, JSON, Rule, example, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "json-value-misread",
    title: "receiver takes a JSON value of one type for one of another",
    effect: Effect::Misread,
    only_some: false,
    codecs: JSON,
    lenient: false,
    explanation: "\
Bytes are written as base64, in a string. A receiver whose field is a `string` takes it, as any other \
string, and nobody decodes it. The other way round, a string that is no base64, such as the name of an \
enum's value, may look like it, and is decoded.",
    symptom: "\
Nothing: the call succeeds, with base64 where a text or bytes were meant.",
    runtimes: &[],
    advice: "\
Add a field of the new type under a new name, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_JSON_COMPATIBLE_TYPE"],
    example: example!("json-value-misread"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::Mistaken(how) = context.transfer(sent, read) else { return None };
    let key = &sent.json_name;
    let [theirs, ours] = types(sent, read);
    context
        .accepts(sent, read)
        .then(|| format!("`{key}` is sent as {theirs} and read as {ours}: {how}"))
}
