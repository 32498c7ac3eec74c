use super::{Context, Effect, JSON, Rule, example};
use crate::skew::Ends;

pub(super) static RULE: Rule = Rule {
    id: "json-enum-dropped",
    title: "sender writes the name of an enum value that the receiver passes over",
    effect: Effect::Lost,
    only_some: true,
    codecs: JSON,
    lenient: true,
    explanation: "\
In JSON an enum is the name of its value. A parser that was told to ignore what it does not know \
drops a value whose name it does not know: the field is unset, a list is shorter, an entry of a map is \
gone. One that was not refuses the message: see `json-enum-rejected`.",
    symptom: "\
Nothing: the call succeeds, and the field reads as unset. Only for the value in question.",
    runtimes: &[(
        "C++, Java, Go, Python",
        "drop the value when asked to ignore what they do not know",
    )],
    advice: "\
To rename a value, add the new name as an alias after the old one, upgrade every reader, swap the \
two, upgrade every writer, then drop the old. A new value waits until readers know it.",
    buf: &["ENUM_VALUE_SAME_NAME", "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED"],
    example: example!("json-enum-dropped"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    if !context.ignore_unknown {
        return None;
    }
    let name = context.unknown_name(ends)?;
    Some(format!("the receiver drops the value `{name}`, which it does not know"))
}
