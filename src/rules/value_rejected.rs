use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{
    schema::{Element, FieldType, Scalar},
    skew::Ends,
    wire::Reading,
};

pub(super) static RULE: Rule = Rule {
    id: "value-rejected",
    title: "sender may write a value that makes the receiver refuse the message",
    effect: Effect::CallFails,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
The bytes of some values are no value of the receiver's type, and a parser that meets one refuses \
the whole message, not only the field: bytes that are not UTF-8 in a `string` that is checked \
(proto3, and editions unless `utf8_validation = NONE`), or anything but an encoded message in a \
message field.",
    symptom: "\
For a request, `INTERNAL` before the handler runs; for a response, `INTERNAL` at the client after \
the handler ran. Only for the values in question.",
    runtimes: &[
        ("C++, Java, Go, Python", "refuse a message with a proto3 string that is not UTF-8"),
        ("prost", "refuses any string that is not UTF-8"),
    ],
    advice: "\
Add a field of the new type under a new number, fill both for a while, and read the old one where \
the new one is unset.",
    buf: &["FIELD_SAME_TYPE", "FIELD_SAME_UTF8_VALIDATION"],
    example: example!("value-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let name = named(sent, read);
    if let Reading::SomeRejected(values) = context.transfer(sent, read) {
        // A string that is not checked takes any bytes.
        let unchecked = read.ty == FieldType::Scalar(Scalar::String) && !read.utf8;
        return (!unchecked).then(|| {
            let [theirs, ours] = types(sent, read);
            format!("{name} is sent as {theirs} and read as {ours}, which refuses {values}")
        });
    }
    let strings = [sent, read].iter().all(|it| it.ty == FieldType::Scalar(Scalar::String));
    (strings && read.utf8 && !sent.utf8)
        .then(|| format!("only the receiver checks that {name} is UTF-8, and refuses what is not"))
}
