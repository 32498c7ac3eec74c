use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "number-misread",
    title: "receiver reads a number in another encoding than it was written in",
    effect: Effect::Misread,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
Both types are written with the same wire type, so the receiver's parser takes the value and sees \
no error; but one end folds the sign into the lowest bit (`sint32`, `sint64`), or writes a \
floating-point number, and the other does not. Nearly every value arrives as another.",
    symptom: "\
Nothing: the call succeeds, with a wrong number in it.",
    runtimes: &[],
    advice: "\
Add a field of the new type under a new number. protobuf.dev lists which types can be exchanged; \
these are not among them.",
    buf: &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_SAME_TYPE"],
    example: example!("number-misread"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::Garbage(how) = context.transfer(sent, read) else { return None };
    (!context.is_reused(sent, read)).then(|| {
        let name = named(sent, read);
        let [theirs, ours] = types(sent, read);
        format!("{name} is sent as {theirs} and read as {ours}: {how}")
    })
}
