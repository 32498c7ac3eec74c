use super::{Codec, Context, Effect, Rule, example, named};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "oneof-clobbered",
    title: "sender may set fields together of which the receiver keeps one",
    effect: Effect::Lost,
    only_some: true,
    codec: Codec::Binary,
    explanation: "\
At the receiver the fields are cases of one oneof; at the sender they are not, and nothing keeps \
it from setting several. The receiver's parser keeps the one that comes last on the wire and clears \
the others. In JSON it is an error.",
    symptom: "\
Nothing: the call succeeds, with one of the fields gone.",
    advice: "\
Make sure that senders set at most one of them, or start a oneof with new fields.",
    buf: &["FIELD_SAME_ONEOF"],
    example: example!("oneof-clobbered"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let rivals = context.rivals(sent, read);
    (!rivals.is_empty()).then(|| {
        let oneof = read.oneof.as_ref().map_or("", |oneof| oneof.leaf());
        let rivals = rivals.join("`, `");
        let name = named(sent, read);
        format!("if {name} is sent with `{rivals}`, the receiver keeps one: `{oneof}` is a oneof")
    })
}
