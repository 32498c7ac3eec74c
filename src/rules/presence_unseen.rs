use super::{BOTH, Context, Effect, Rule, example, named};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "presence-unseen",
    title: "sender does not send a value that the receiver can tell from an absent one",
    effect: Effect::Unset,
    only_some: false,
    codecs: BOTH,
    lenient: false,
    explanation: "\
The sender's field has implicit presence: zero, empty and `false` are not written. The receiver's \
has explicit presence, or is a case of a oneof, and takes a field that is not there for one that \
nobody set.",
    symptom: "\
Nothing: the call succeeds. Where the sender meant zero, the receiver sees \"not set\".",
    runtimes: &[],
    advice: "\
Let receivers treat \"not set\" as zero until every sender knows presence.",
    buf: &["FIELD_SAME_CARDINALITY"],
    example: example!("presence-unseen"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let unseen = sent.cardinality == Cardinality::Implicit
        && read.cardinality == Cardinality::Explicit
        && sent.ty.same_kind(&read.ty)
        && context.accepts_in_codec(sent, read)
        && !context.sends_map();
    let name = named(sent, read);
    let seen = match &read.oneof {
        Some(oneof) => format!("no case of `{}`", oneof.leaf()),
        None => "it unset".to_owned(),
    };
    unseen.then(|| {
        format!("{name} is not sent when it is zero or empty, and the receiver sees {seen}")
    })
}
