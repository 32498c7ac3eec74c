use super::{Codec, Context, Effect, Rule, example, named};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
    wire::binary::is_repeated,
};

pub(super) static RULE: Rule = Rule {
    id: "default-differs",
    title: "sender and receiver read an unset field as different values",
    effect: Effect::Misread,
    only_some: true,
    codec: Codec::Binary,
    explanation: "\
A field that is not set is not sent, and each end fills in the default of its own schema (proto2, \
or editions). The sender means one value by leaving the field out, the receiver takes another.",
    symptom: "\
Nothing: the call succeeds, with another value than the sender saw.",
    advice: "\
Set the field at the sender, always; or leave the default as it is and add a field.",
    buf: &["FIELD_SAME_DEFAULT"],
    example: example!("default-differs"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    // Required fields are always sent, lists have no default, and types are another matter.
    let sent_always = sent.cardinality == Cardinality::Required;
    let comparable = sent.ty.same_kind(&read.ty) && !is_repeated(sent) && !is_repeated(read);
    let [theirs, ours] = [sent, read].map(|it| it.effective_default());
    (comparable && !sent_always && theirs != ours).then(|| {
        let name = named(sent, read);
        format!("an unset {name} is {theirs} to the sender and {ours} to the receiver")
    })
}
