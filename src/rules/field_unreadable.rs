use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
    wire::{Reading, binary::is_packed},
};

pub(super) static RULE: Rule = Rule {
    id: "field-unreadable",
    title: "sender writes a field in a form that the receiver cannot read",
    effect: Effect::Lost,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
The two types, or a packed list and a single number, or a group and a message, are written with \
different wire types. The receiver's parser sees that the bytes are not of its field's form and \
puts them among the unknown fields: C++, Java, Go and Python read the field as unset. prost and \
protobuf-es refuse the whole message, so that the call fails there; protobuf.js reads garbage.",
    symptom: "\
Nothing, and the field is unset; in Rust and TypeScript, the call fails with an error of the \
decoder (`invalid wire type`).",
    runtimes: &[
        ("C++, Java, Go, Python", "the field is unset, and its bytes are an unknown field"),
        ("prost", "refuses the message: `invalid wire type`"),
        ("protobuf-es", "refuses the message"),
        ("protobuf.js", "reads garbage"),
    ],
    advice: "\
Add a field of the new type under a new number, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_SAME_TYPE"],
    example: example!("field-unreadable"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let (sent, read) = match ends {
        Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } => (sent, read),
        Ends::Both { sender: Element::Message(it), receiver: Element::Message(_) } => {
            let (theirs, ours) = match it.message_set {
                true => ("a message set", "fields"),
                false => ("fields", "a message set"),
            };
            return Some(format!("its extensions are sent as {theirs} and read as {ours}"));
        }
        _ => return None,
    };
    // What is required and cannot be read is missing: `required-field-missing`.
    let required = read.cardinality == Cardinality::Required;
    if required || context.transfer(sent, read) != Reading::Unreadable {
        return None;
    }
    let name = named(sent, read);
    let [theirs, ours] = types(sent, read);
    Some(match is_packed(sent) {
        true => format!("{name} is sent as a packed list, which cannot be read as one {ours}"),
        false => format!("{name} is sent as {theirs}, which cannot be read as {ours}"),
    })
}
