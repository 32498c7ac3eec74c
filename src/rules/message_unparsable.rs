use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "message-unparsable",
    title: "sender writes a field in which the receiver looks for what cannot be there",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
Both types stand behind a length, so the receiver's parser goes into the bytes and finds no encoding \
of what it expects: a text where there should be a message, numbers of one width where there should \
be those of another. It then refuses the whole message, not only the field.",
    symptom: "\
For a request, `INTERNAL` before the handler runs; for a response, `INTERNAL` at the client after \
the handler ran. A few values happen to parse, and arrive as something else.",
    runtimes: &[
        ("C++, Java, Go, Python", "refuse the message"),
        ("prost, protobuf-es", "refuse the message"),
    ],
    advice: "\
Add a field of the new type under a new number, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_SAME_TYPE"],
    example: example!("message-unparsable"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::Rejected(how) = context.transfer(sent, read) else { return None };
    let name = named(sent, read);
    let [theirs, ours] = types(sent, read);
    Some(format!("{name} is sent as {theirs} and read as {ours}, {how}"))
}
