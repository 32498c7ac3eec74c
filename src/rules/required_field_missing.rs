use super::{Codec, Context, Effect, Rule, example};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "required-field-missing",
    title: "receiver requires a field that the sender may leave out",
    effect: Effect::CallFails,
    only_some: false,
    codec: Codec::Binary,
    explanation: "\
The receiver's schema says `required`, or `LEGACY_REQUIRED` in editions; the sender's lacks the \
field, or lets it be unset. C++, Java and Go then refuse the whole message. Python and protobuf-es \
do not check, and read it as unset.

It happens both ways: to a newer receiver of older senders when a required field is added, and to \
an older receiver of newer senders when one is removed or relaxed.",
    symptom: "\
For a request, `INTERNAL` before the handler runs; for a response, `INTERNAL` at the client after \
the handler ran, so that what it did stays done.",
    advice: "\
Never add a required field, and never take one away while a program that requires it is in use: \
keep filling it. Check presence in code instead.",
    buf: &["MESSAGE_SAME_REQUIRED_FIELDS", "FIELD_SAME_CARDINALITY"],
    example: example!("required-field-missing"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    match ends {
        Ends::ReceiverOnly(Element::Field(read)) if read.cardinality == Cardinality::Required => {
            Some(format!("the receiver requires `{}`, which the sender lacks", read.name.leaf()))
        }
        Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) }
            if read.cardinality == Cardinality::Required
                && sent.cardinality != Cardinality::Required =>
        {
            let name = read.name.leaf();
            Some(format!("the receiver requires `{name}`, which the sender may leave unset"))
        }
        _ => None,
    }
}
