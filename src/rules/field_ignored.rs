use super::{Codec, Context, Effect, Rule, example, field_intent_ignored::says_intent};
use crate::{
    schema::Element,
    skew::{Ends, Flow},
};

pub(super) static RULE: Rule = Rule {
    id: "field-ignored",
    title: "sender fills a field that the receiver does not know",
    effect: Effect::Ignored,
    only_some: false,
    codec: Codec::Binary,
    explanation: "\
The receiver parses the message and finds a field number that its schema lacks. C++, Java, Go \
and Python keep the bytes as an unknown field, prost drops them; either way the call succeeds \
and nobody acts on the value.",
    symptom: "\
Nothing: the call succeeds. What the sender asked for with the field does not happen.",
    advice: "\
Safe when the field is a hint. If the receiver must honour it, have the receiver say so in its \
response, or add a new method, which servers that lack it refuse.",
    buf: &["FIELD_NO_DELETE"],
    example: example!("field-ignored"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_>) -> Option<String> {
    let Ends::SenderOnly(Element::Field(field)) = ends else { return None };
    let intent = context.flow == Flow::Request && says_intent(field.name.leaf());
    if intent || context.moved_to(field).is_some() || context.shared_oneof(field).is_some() {
        return None;
    }
    Some(format!("the receiver does not know `{}` (= {})", field.name.leaf(), field.number))
}
