use super::{Codec, Context, Effect, Rule, example, named};
use crate::{
    schema::Element,
    skew::Ends,
    wire::{Reading, binary::read_as},
};

pub(super) static RULE: Rule = Rule {
    id: "number-misread",
    title: "receiver reads a number in another encoding than it was written in",
    effect: Effect::Misread,
    only_some: false,
    codec: Codec::Binary,
    explanation: "\
Both types are written with the same wire type, so the receiver's parser takes the value and sees \
no error; but one end folds the sign into the lowest bit (`sint32`, `sint64`), or writes a \
floating-point number, and the other does not. Nearly every value arrives as another.",
    symptom: "\
Nothing: the call succeeds, with a wrong number in it.",
    advice: "\
Add a field of the new type under a new number. protobuf.dev lists which types can be exchanged; \
these are not among them.",
    buf: &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_SAME_TYPE"],
    example: example!("number-misread"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::Garbage(how) = read_as(&sent.ty, &read.ty) else { return None };
    (!context.is_reused(sent, read)).then(|| {
        let both = named(sent, read);
        let [sent, name] = [&sent.ty, &read.ty].map(ToString::to_string);
        format!("{both} is sent as {sent} and read as {name}: {how}")
    })
}
