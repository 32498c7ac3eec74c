use super::{BYTES, Context, Effect, Rule, example, named, types};
use crate::{
    schema::{Cardinality, Element},
    skew::Ends,
    wire::Reading,
};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-dropped",
    title: "sender uses an enum value that the receiver's closed enum drops",
    effect: Effect::Lost,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
A closed enum (proto2, or `enum_type = CLOSED`) has no room for a number that it does not know. \
The parser puts it among the unknown fields: the field reads as unset, a list is shorter, an entry \
of a map is gone, and a message whose required field it was is refused. Go and C# treat every enum \
as open; Java treats an open one as closed where a proto2 message uses it.",
    symptom: "\
Nothing: the call succeeds, and the field reads as unset, or as its default.",
    runtimes: &[
        (
            "C++, Java, Python",
            "a closed enum drops the number: unset, or an element or entry fewer",
        ),
        ("Go, C#, Ruby", "treat every enum as open, and keep the number"),
        ("C++, Java, Kotlin", "treat an open enum as closed where a proto2 message uses it"),
        ("Dart", "treats every enum as closed"),
    ],
    advice: "\
Let receivers learn the value before any sender uses it.",
    buf: &["ENUM_VALUE_NO_DELETE", "ENUM_SAME_TYPE"],
    example: example!("enum-value-dropped"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    match ends {
        Ends::SenderOnly(Element::EnumValue(value)) => {
            let (_, receiver, uses) = context.enums()?;
            // Where the field is required, more than the value is gone: `enum-value-rejected`.
            let mut elsewhere =
                uses.iter().filter(|it| it.read.cardinality != Cardinality::Required);
            let (name, number) = (value.name.leaf(), value.number);
            if receiver.open {
                let field = &elsewhere.find(|it| it.read.closes_enum)?.read.name;
                return Some(format!(
                    "a receiver in C++ or Java drops `{name}` (= {number}), which it does not \
                     know, from the proto2 field `{field}`"
                ));
            }
            elsewhere.next().map(|_| {
                format!("the receiver drops `{name}` (= {number}), which it does not know")
            })
        }
        Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } => {
            let Reading::SomeLost(how) = context.transfer(sent, read) else { return None };
            if read.cardinality == Cardinality::Required {
                return None;
            }
            let name = named(sent, read);
            let [theirs, ours] = types(sent, read);
            Some(format!(
                "{name} is sent as {theirs} and read as {ours}, a closed enum, which {how}"
            ))
        }
        _ => None,
    }
}
