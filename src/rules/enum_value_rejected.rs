use super::{BOTH, Context, Effect, Rule, example};
use crate::{
    schema::{Cardinality, Element},
    skew::{Codec, Ends},
};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-rejected",
    title: "sender uses an enum value with which the receiver misses a required field",
    effect: Effect::CallFails,
    only_some: true,
    codecs: BOTH,
    lenient: false,
    explanation: "\
The receiver's enum is closed (proto2, or `enum_type = CLOSED`), and the field is `required`. A number \
that the enum does not know goes to the unknown fields, so the required field is not there, and the \
whole message is refused. In JSON the same happens with a name that the enum does not know, where \
the parser was told to ignore what it does not know, whether the enum is closed or open.",
    symptom: "\
For a request, `INTERNAL` before the handler runs; for a response, `INTERNAL` at the client after \
the handler ran. Only for the value in question.",
    runtimes: &[
        ("C++, Java", "refuse the message"),
        ("Python", "does not check; the field is unset"),
        ("Go, C#, Ruby", "treat every enum as open, and keep the number"),
    ],
    advice: "\
Let receivers learn the value before any sender uses it. Never make a field of an enum required.",
    buf: &["ENUM_VALUE_NO_DELETE"],
    example: example!("enum-value-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let (sender, receiver, uses) = context.enums()?;
    let required = || uses.iter().filter(|it| it.read.cardinality == Cardinality::Required);
    let field = &required().next()?.read.name;
    if context.codec == Codec::Json {
        let name = context.unknown_name(ends).filter(|_| context.ignore_unknown)?;
        return Some(format!("the receiver drops the value `{name}`, and requires `{field}`"));
    }
    let field = match receiver.open {
        true => &required().find(|it| it.read.closes_enum)?.read.name,
        false => field,
    };
    match ends {
        Ends::SenderOnly(Element::EnumValue(value)) => {
            let (name, number) = (value.name.leaf(), value.number);
            Some(format!(
                "the receiver does not know `{name}` (= {number}), and requires `{field}`"
            ))
        }
        Ends::Both { sender: Element::Enum(_), .. } if sender.open && !receiver.open => {
            Some(format!(
                "the sender may write a number without a name, and the receiver requires `{field}`"
            ))
        }
        _ => None,
    }
}
