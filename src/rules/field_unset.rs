use super::{BOTH, Codec, Context, Effect, Rule, example};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "field-unset",
    title: "receiver knows a field that the sender never fills",
    effect: Effect::Unset,
    only_some: false,
    codecs: BOTH,
    lenient: false,
    explanation: "\
The sender's schema lacks the field, so it is never on the wire. The receiver sees it unset: \
absent if it has presence, else its default, which cannot be told from a value that was sent.",
    symptom: "\
Nothing: the call succeeds. Code that relies on the field runs with nothing in it.",
    runtimes: &[],
    advice: "\
Give the absent field a meaning that suits peers that do not know it, and give it presence \
(`optional`) if its default is a value of its own.",
    buf: &["FIELD_NO_DELETE"],
    example: example!("field-unset"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::ReceiverOnly(Element::Field(field)) = ends else { return None };
    let in_bytes = context.codec == Codec::Binary;
    let seen = match field.cardinality {
        _ if in_bytes && context.moved_from(field).is_some() => return None,
        Cardinality::Required => return None,
        Cardinality::Implicit => "the receiver sees its default",
        Cardinality::Repeated { .. } => "the receiver sees it empty",
        Cardinality::Explicit => "the receiver sees it unset",
    };
    let (name, number) = (field.name.leaf(), field.number);
    Some(match context.sent_as(field) {
        Some(other) if in_bytes => {
            format!("the sender fills `{name}` as {other}, not {number}; {seen}")
        }
        _ if in_bytes => format!("the sender never fills `{name}` (= {number}); {seen}"),
        _ => format!("the sender never writes the key `{}`; {seen}", field.json_name),
    })
}
