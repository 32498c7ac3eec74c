use super::{Codec, Context, Effect, Rule, example, named};
use crate::{
    schema::Element,
    skew::Ends,
    wire::{
        Reading,
        binary::{is_packable, is_packed, is_repeated, read_as},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "field-unreadable",
    title: "sender writes a field in a form that the receiver cannot read",
    effect: Effect::Lost,
    only_some: false,
    codec: Codec::Binary,
    explanation: "\
The two types, or a packed list and a single number, or a group and a message, are written with \
different wire types. The receiver's parser sees that the bytes are not of its field's form and \
puts them among the unknown fields: C++, Java, Go and Python read the field as unset. prost and \
protobuf-es refuse the whole message, so that the call fails there; protobuf.js reads garbage.",
    symptom: "\
Nothing, and the field is unset; in Rust and TypeScript, the call fails with an error of the \
decoder (`invalid wire type`).",
    advice: "\
Add a field of the new type under a new number, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_SAME_TYPE"],
    example: example!("field-unreadable"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let name = named(sent, read);
    if read_as(&sent.ty, &read.ty) == Reading::Unreadable {
        let [sent, read] = [&sent.ty, &read.ty].map(ToString::to_string);
        return Some(format!("{name} is sent as {sent}, which cannot be read as {read}"));
    }
    // Lists are read in both forms, but only as lists.
    if is_packed(sent) && !(is_repeated(read) && is_packable(&read.ty)) {
        return Some(format!("{name} is sent as a packed list, which is read as no value"));
    }
    None
}
