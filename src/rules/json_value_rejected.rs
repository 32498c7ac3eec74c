use super::{Context, Effect, JSON, Rule, example, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "json-value-rejected",
    title: "sender writes a JSON value of a kind that the receiver refuses",
    effect: Effect::CallFails,
    only_some: false,
    codecs: JSON,
    lenient: false,
    explanation: "\
JSON tells numbers, strings, booleans, lists and objects apart, and so do parsers of ProtoJSON: \
where they expect one and meet another they refuse the message. That includes types that can be \
exchanged in bytes: a list for a single value, a map for a list of entries, `bool` for a number.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran.",
    runtimes: &[
        ("Go, Python, C++", "refuse the message"),
        ("Java", "is lenient with some: it reads `\"true\"` as a `bool`, numbers as strings"),
    ],
    advice: "\
Add a field of the new type under a new name, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_JSON_COMPATIBLE_TYPE", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"],
    example: example!("json-value-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    match ends {
        Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } => {
            let Reading::Rejected(what) = context.transfer(sent, read) else { return None };
            let key = &sent.json_name;
            let [theirs, ours] = types(sent, read);
            let refused = context.accepts(sent, read) && !context.passes_over(sent, read);
            refused.then(|| {
                format!("`{key}` is sent as {theirs} and read as {ours}, which refuses {what}")
            })
        }
        Ends::Both { sender: Element::Message(sent), receiver: Element::Message(read) } => {
            let [theirs, ours] = [sent, read].map(|it| &it.name);
            Some(format!(
                "the whole message is sent as {theirs} and read as {ours}, of another form"
            ))
        }
        _ => None,
    }
}
