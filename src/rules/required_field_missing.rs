use super::{BOTH, Codec, Context, Effect, Rule, example, types};
use crate::{
    schema::{Cardinality, Element, Field},
    skew::Ends,
    wire::Reading,
};

pub(super) static RULE: Rule = Rule {
    id: "required-field-missing",
    title: "receiver requires a field that the sender may leave out",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BOTH,
    lenient: false,
    explanation: "\
The receiver's schema says `required`, or `LEGACY_REQUIRED` in editions; the sender's lacks the \
field, or lets it be unset, or writes it in a way that the receiver does not find it. The receiver \
then refuses the whole message, in bytes and in JSON.

It happens both ways: to a newer receiver of older senders when a required field is added, and to \
an older receiver of newer senders when one is removed or relaxed.",
    symptom: "\
For a request, `INTERNAL` before the handler runs; for a response, `INTERNAL` at the client after \
the handler ran, so that what it did stays done.",
    runtimes: &[
        ("C++, Java, Go", "refuse the message"),
        ("Python, protobuf-es", "do not check; the field is unset"),
        ("prost", "does not check; the field has its default"),
    ],
    advice: "\
Never add a required field, and never take one away while a program that requires it is in use: \
keep filling it. Check presence in code instead.",
    buf: &["MESSAGE_SAME_REQUIRED_FIELDS", "FIELD_SAME_CARDINALITY"],
    example: example!("required-field-missing"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    match ends {
        Ends::ReceiverOnly(Element::Field(read)) if read.cardinality == Cardinality::Required => {
            Some(match context.sent_as(read) {
                Some(number) if context.codec == Codec::Binary => format!(
                    "the receiver requires `{}` (= {}), which is sent as {number}",
                    read.name.leaf(),
                    read.number,
                ),
                _ => {
                    format!("the receiver requires `{}`, which the sender lacks", read.name.leaf())
                }
            })
        }
        Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) }
            if read.cardinality == Cardinality::Required && !context.in_map() =>
        {
            why(sent, read, context)
        }
        _ => None,
    }
}

fn why(sent: &Field, read: &Field, context: &Context<'_, '_>) -> Option<String> {
    let name = read.name.leaf();
    if !context.accepts_in_codec(sent, read) {
        // A parser that refuses the key does so first: `json-name-changed`.
        return context.ignore_unknown.then(|| {
            format!("the receiver requires `{name}`, which is sent as `{}`", sent.json_name)
        });
    }
    if context.transfer(sent, read) == Reading::Unreadable {
        let [theirs, ours] = types(sent, read);
        return Some(format!(
            "the receiver requires `{name}`, which is sent as {theirs} and cannot be read as {ours}"
        ));
    }
    if let Reading::SomeLost(how) = context.transfer(sent, read) {
        return Some(format!("the receiver requires `{name}`, a closed enum, which {how}"));
    }
    (sent.cardinality != Cardinality::Required && !context.sends_map())
        .then(|| format!("the receiver requires `{name}`, which the sender may leave unset"))
}
