use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "any-type-unknown",
    title: "sender packs a message type into an `Any` that the receiver does not know",
    effect: Effect::Ignored,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
An `Any` names the type of the message in it, and holds its bytes. A receiver without that type gets \
the `Any` whole, and cannot unpack it. Types that travel so are told by `--any`, for no schema says \
it.",
    symptom: "\
The call succeeds. Code that unpacks the `Any` finds that it holds none of the types it knows.",
    runtimes: &[],
    advice: "\
Let receivers treat an `Any` of an unknown type on purpose before any sender uses a new one.",
    buf: &["MESSAGE_NO_DELETE"],
    example: example!("any-type-unknown"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::Message(sent)) = ends else { return None };
    Some(format!("the receiver cannot unpack an `Any` that holds `{}`", sent.name))
}
