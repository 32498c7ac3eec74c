use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-unknown",
    title: "sender uses an enum value that the receiver does not know",
    effect: Effect::Ignored,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
An open enum (proto3, and the default of editions) hands the receiver a number without a name, \
which most code sends to its default arm. The number is kept, and is there when the message is \
written again. A closed enum drops it: see `enum-value-dropped`. Java treats an open enum as closed \
where a proto2 message uses it.",
    symptom: "\
Nothing: the call succeeds. The receiver takes its default arm.",
    runtimes: &[
        ("C++, Go, Python", "the field holds the number"),
        ("Java", "`UNRECOGNIZED`; the number is in `getXValue()`"),
        ("prost", "the field holds the number; its accessor gives the default"),
    ],
    advice: "\
Let receivers treat unknown values on purpose before any sender uses a new one.",
    buf: &["ENUM_VALUE_NO_DELETE"],
    example: example!("enum-value-unknown"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::EnumValue(value)) = ends else { return None };
    let (_, receiver, uses) = context.enums()?;
    // Of what a field of proto2 drops, `enum-value-dropped` speaks.
    let kept = receiver.open && uses.iter().any(|it| !it.read.closes_enum);
    let name = value.name.leaf();
    kept.then(|| format!("the receiver has no name for `{name}` (= {})", value.number))
}
