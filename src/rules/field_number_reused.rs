use super::{Codec, Context, Effect, Rule, example};
use crate::{
    schema::Element,
    skew::Ends,
    wire::{Reading, binary::read_as},
};

pub(super) static RULE: Rule = Rule {
    id: "field-number-reused",
    title: "a field number means one thing to the sender and another to the receiver",
    effect: Effect::Misread,
    only_some: false,
    codec: Codec::Binary,
    explanation: "\
On the wire the number is the field. The sender's field and the receiver's have different names, \
and one of those names is at another number at the other end: so this is no renamed field, but two \
fields that share a number. The receiver takes the one for the other without an error.",
    symptom: "\
Nothing: the call succeeds, with the value of one field in another.",
    advice: "\
Never use a number again: `reserved` keeps it from being taken. Give the new field a new number.",
    buf: &["FIELD_SAME_NAME", "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"],
    example: example!("field-number-reused"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    // What the receiver cannot read at all, it does not take for anything.
    let readable = read_as(&sent.ty, &read.ty) != Reading::Unreadable;
    (readable && context.is_reused(sent, read)).then(|| {
        let [sent, name] = [sent, read].map(|it| it.name.leaf());
        format!("number {} is `{sent}` to the sender and `{name}` to the receiver", read.number)
    })
}
