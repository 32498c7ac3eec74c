use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{schema::Element, skew::Ends, wire::Reading};

pub(super) static RULE: Rule = Rule {
    id: "number-truncated",
    title: "receiver reads a number in a type that does not hold all of the sender's",
    effect: Effect::Misread,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
The types can be exchanged on the wire, but the receiver's has no room for some values of the \
sender's. Parsers cut such a value down as a C++ cast does, without an error: 2^33 + 5 read as \
`int32` is 5, -1 read as `uint64` is 2^64 - 1.

It is one way only: the end that widens a type can read all that the other sends.",
    symptom: "\
Nothing: the call succeeds. Large or negative values arrive as others.",
    runtimes: &[("C++, Java, Go, Python, prost", "cut the value down as a C++ cast does")],
    advice: "\
Let the receivers widen first, or make sure that the sender keeps within what the narrower type \
holds.",
    buf: &["FIELD_SAME_TYPE"],
    example: example!("number-truncated"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let Reading::SomeChange(which) = context.transfer(sent, read) else { return None };
    (!context.is_reused(sent, read)).then(|| {
        let name = named(sent, read);
        let [theirs, ours] = types(sent, read);
        format!("{name} is sent as {theirs} and read as {ours}: {which}")
    })
}
