use super::{Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-unknown",
    title: "sender uses an enum value that the receiver does not know",
    effect: Effect::Ignored,
    explanation: "\
An open enum (proto3, and the default of editions) hands the receiver a number without a name, \
which most code sends to its default arm. A closed enum (proto2) puts the value among the \
unknown fields, so that the field reads as unset, or leaves it out of a list. Go and C# treat \
every enum as open.",
    symptom: "\
Nothing: the call succeeds. The receiver takes its default arm, or sees the field unset.",
    advice: "\
Let receivers treat unknown values on purpose before any sender uses a new one.",
    buf: &["ENUM_VALUE_NO_DELETE"],
    example: example!("enum-value-unknown"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    let Ends::SenderOnly(Element::EnumValue(value)) = ends else { return None };
    Some(format!("the receiver has no name for `{}` (= {})", value.name.leaf(), value.number))
}
