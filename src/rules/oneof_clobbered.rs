use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "oneof-clobbered",
    title: "sender may set fields together of which the receiver keeps one",
    effect: Effect::Lost,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
At the receiver the fields are cases of one oneof; at the sender they are not, and nothing keeps \
it from setting several. The receiver's parser keeps the one that comes last on the wire and clears \
the others. In JSON it is an error.",
    symptom: "\
Nothing: the call succeeds, with one of the fields gone.",
    runtimes: &[],
    advice: "\
Make sure that senders set at most one of them, or start a oneof with new fields.",
    buf: &["FIELD_SAME_ONEOF"],
    example: example!("oneof-clobbered"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let cases = context.clashing(sent, read)?.join("`, `");
    let oneof = read.oneof.as_ref()?.leaf();
    Some(format!("of `{cases}`, the receiver keeps one: they are the oneof `{oneof}`"))
}
