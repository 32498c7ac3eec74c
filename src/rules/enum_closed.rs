use super::{BYTES, Context, Effect, Rule, example};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "enum-closed",
    title: "receiver's enum is closed, and the sender's is not",
    effect: Effect::Lost,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
A sender with an open enum (proto3, and the default of editions) may write any number: one that it \
has read from a newer peer, or computed. A receiver with a closed one (proto2, or `enum_type = \
CLOSED`) drops numbers that it has no name for. Values that both know arrive.",
    symptom: "\
Nothing: the call succeeds, and the field reads as unset, or as its default.",
    runtimes: &[
        (
            "C++, Java, Python",
            "a closed enum drops the number: unset, or an element or entry fewer",
        ),
        ("Go, C#, Ruby", "treat every enum as open, and keep the number"),
    ],
    advice: "\
Make sure that senders write only values that have a name; or leave the enum as it was.",
    buf: &["ENUM_SAME_TYPE"],
    example: example!("enum-closed"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Enum(sent), receiver: Element::Enum(read) } = ends else {
        return None;
    };
    let (_, _, uses) = context.enums()?;
    // Where the field is required, more than the value is gone: `enum-value-rejected`.
    let elsewhere = uses.iter().any(|it| it.read.cardinality != Cardinality::Required);
    (sent.open && !read.open && elsewhere).then(|| {
        "the sender may write a number without a name, which the receiver drops".to_owned()
    })
}
