use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "bytes-misread",
    title: "receiver takes the bytes of one kind of value for another kind",
    effect: Effect::Misread,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
Texts, bytes, messages and packed lists are all written behind a length, and nothing says which of \
these it is. So the receiver's parser takes the encoding of a message for a text, or the letters of a \
text for a list of numbers. Some values it refuses, and the whole message with them: a text that is \
not UTF-8, a number that does not end.",
    symptom: "\
Nothing: the call succeeds, with a wrong value in it; or it fails with `INTERNAL`, where the value \
is refused.",
    runtimes: &[
        (
            "C++, Java, Go, Python",
            "read the bytes as they come; refuse a proto3 string that is not UTF-8",
        ),
        ("prost", "refuses any string that is not UTF-8"),
    ],
    advice: "\
Add a field of the new type under a new number, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_SAME_TYPE"],
    example: example!("bytes-misread"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::Mistaken(how) = context.transfer(sent, read) else { return None };
    let name = named(sent, read);
    let [theirs, ours] = types(sent, read);
    Some(format!("{name} is sent as {theirs} and read as {ours}: {how}"))
}
