use super::{BYTES, Context, Effect, Rule, example};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "field-renumbered",
    title: "a field has one number at the sender and another at the receiver",
    effect: Effect::Lost,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
On the wire the number is the field; the name is not sent. What the sender writes goes to the \
receiver's unknown fields, and the receiver's field of the same name stays unset. In JSON, where \
the name is the field, nothing is lost.",
    symptom: "\
Nothing: the call succeeds, and the field is unset.",
    runtimes: &[
        ("C++, Java, Go, Python", "keep the value among the unknown fields"),
        ("prost", "drops it"),
    ],
    advice: "\
Keep the number. If it has to change, keep the old field as well, fill both, and read both.",
    buf: &["FIELD_NO_DELETE", "FIELD_SAME_NAME"],
    example: example!("field-renumbered"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::Field(sent)) = ends else { return None };
    let read = context.moved_to(sent)?;
    // What is required and not there makes more trouble: `required-field-missing`.
    let (name, required) = (sent.name.leaf(), read.cardinality == Cardinality::Required);
    (!required)
        .then(|| format!("`{name}` is sent as number {} and read as {}", sent.number, read.number))
}
