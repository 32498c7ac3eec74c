use super::{BOTH, Codec, Context, Effect, Rule, example, field_intent_ignored::says_intent};
use crate::skew::Ends;

pub(super) static RULE: Rule = Rule {
    id: "field-ignored",
    title: "sender fills a field that the receiver does not know",
    effect: Effect::Ignored,
    only_some: false,
    codecs: BOTH,
    lenient: false,
    explanation: "\
The receiver parses the message and finds a field number that its schema lacks. C++, Java, Go \
and Python keep the bytes as an unknown field, prost drops them; either way the call succeeds \
and nobody acts on the value.",
    symptom: "\
Nothing: the call succeeds. What the sender asked for with the field does not happen.",
    runtimes: &[
        ("C++, Java, Go, Python", "keep the value among the unknown fields, and write it again"),
        ("prost", "drops it"),
    ],
    advice: "\
Safe when the field is a hint. If the receiver must honour it, have the receiver say so in its \
response, or add a new method, which servers that lack it refuse.",
    buf: &["FIELD_NO_DELETE"],
    example: example!("field-ignored"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let field = context.unknown_field(ends)?;
    if says_intent(field, context) || context.shared_oneof(field).is_some() {
        return None;
    }
    Some(match context.codec {
        Codec::Binary => {
            format!("the receiver does not know `{}` (= {})", field.name.leaf(), field.number)
        }
        Codec::Json => format!("the receiver passes over the key `{}`", field.json_name),
    })
}
