use super::{BYTES, Context, Effect, Rule, example, names};
use crate::{
    schema::{Element, Enum, EnumValue},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "enum-number-reused",
    title: "an enum number means one thing to the sender and another to the receiver",
    effect: Effect::Misread,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
On the wire an enum is its number. The ends have different names for it, and one of those names \
stands for another number at the other end: so this is no renamed value, but two values that share \
a number.",
    symptom: "\
Nothing: the call succeeds, with one value taken for another.",
    runtimes: &[],
    advice: "\
Never use a number again: `reserved` keeps it from being taken. Give the new value a new number.",
    buf: &["ENUM_VALUE_SAME_NAME", "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED"],
    example: example!("enum-number-reused"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::EnumValue(sent), receiver: Element::EnumValue(read) } = ends
    else {
        return None;
    };
    let (sender, receiver, _) = context.enums()?;
    let renamed = !names(sent).any(|name| names(read).any(|it| it == name));
    let reused = elsewhere(receiver, sent) || elsewhere(sender, read);
    (renamed && reused).then(|| {
        let [sent, name] = [sent, read].map(|it| it.name.leaf());
        format!("{} is `{sent}` to the sender and `{name}` to the receiver", read.number)
    })
}

/// The other end has a name of the value at another number.
fn elsewhere(item: &Enum, value: &EnumValue) -> bool {
    let mut others = item.values.values().filter(|it| it.number != value.number).flat_map(names);
    others.any(|other| names(value).any(|name| name == other))
}
