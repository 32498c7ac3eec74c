use super::{BOTH, Codec, Context, Effect, Rule, example};
use crate::skew::Ends;

pub(super) static RULE: Rule = Rule {
    id: "oneof-case-unknown",
    title: "sender sets a case of a oneof that the receiver does not know",
    effect: Effect::Ignored,
    only_some: false,
    codecs: BOTH,
    lenient: false,
    explanation: "\
The receiver knows the oneof, but not this case of it. It puts the value among the unknown fields \
and sees that no case is set, which cannot be told from a sender that set none.",
    symptom: "\
Nothing: the call succeeds. Code that switches on the case takes the arm for \"not set\".",
    runtimes: &[
        ("C++, Java, Go, Python", "keep the value among the unknown fields"),
        ("prost", "drops it"),
    ],
    advice: "\
Let receivers treat \"not set\" as \"something I do not know\", and refuse it where the case matters, \
before any sender uses a new one.",
    buf: &["FIELD_NO_DELETE"],
    example: example!("oneof-case-unknown"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let sent = context.unknown_field(ends)?;
    let oneof = context.shared_oneof(sent)?;
    let name = sent.name.leaf();
    Some(match context.codec {
        Codec::Binary => {
            let number = sent.number;
            format!("the receiver does not know `{name}` (= {number}) and sees `{oneof}` unset")
        }
        Codec::Json => format!("the receiver passes over `{name}` and sees `{oneof}` unset"),
    })
}
