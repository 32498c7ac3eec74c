use super::{BYTES, Context, Effect, Rule, example, named};
use crate::{
    schema::{Element, FieldType},
    skew::Ends,
    wire::{
        Reading,
        binary::{is_packed, is_repeated},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "repeated-to-single",
    title: "sender writes a list where the receiver reads one value",
    effect: Effect::Lost,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
The elements are written one after another under one number. A receiver whose field is not \
repeated takes the last one; of messages, it merges all into one. A list of one element arrives \
whole.",
    symptom: "\
Nothing: the call succeeds, with all elements but one gone, or several messages mixed.",
    runtimes: &[],
    advice: "\
Add a repeated field under a new number, and keep the single one filled for those that read it.",
    buf: &["FIELD_SAME_CARDINALITY", "FIELD_WIRE_COMPATIBLE_CARDINALITY"],
    example: example!("repeated-to-single"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let transfer = context.transfer(sent, read);
    // Of what arrives as something else, or not at all, that is said.
    let arrives =
        !matches!(transfer, Reading::Unreadable | Reading::Rejected(_) | Reading::Mistaken(_));
    if !arrives || !is_repeated(sent) || is_packed(sent) || is_repeated(read) {
        return None;
    }
    let name = named(sent, read);
    Some(match read.ty {
        FieldType::Message(_) | FieldType::Group(_) => {
            format!("of several {name}, the receiver makes one message")
        }
        _ => format!("of several {name}, the receiver keeps the last"),
    })
}
