use super::{Codec, Context, Effect, Rule, Within, example};
use crate::{
    schema::{Element, EnumValue},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "json-enum-rejected",
    title: "sender writes the name of an enum value that the receiver does not know",
    effect: Effect::CallFails,
    only_some: true,
    codec: Codec::Json,
    explanation: "\
In JSON an enum is the name of its value. A parser that does not know the name refuses the message; \
told to ignore what it does not know, it drops the value. Numbers are read whether they are known or \
not, and so are the other names of a value (`allow_alias`).",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran. Only for the value in question.",
    advice: "\
To rename a value, add the new name as an alias after the old one, upgrade every reader, swap the \
two, upgrade every writer, then drop the old. A new value waits until readers know it, or is written \
as a number.",
    buf: &["ENUM_VALUE_SAME_NAME", "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED"],
    example: example!("json-enum-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_>) -> Option<String> {
    let sent = match ends {
        Ends::SenderOnly(Element::EnumValue(sent))
        | Ends::Both { sender: Element::EnumValue(sent), .. } => sent,
        _ => return None,
    };
    let Some(Within::Enums { receiver, .. }) = context.within else { return None };
    let name = sent.name.leaf();
    let known = receiver.values.values().any(|it| names(it).any(|it| it == name));
    (!known).then(|| format!("the receiver knows no value named `{name}`"))
}

fn names(value: &EnumValue) -> impl Iterator<Item = &str> {
    std::iter::once(value.name.leaf()).chain(value.aliases.iter().map(String::as_str))
}
