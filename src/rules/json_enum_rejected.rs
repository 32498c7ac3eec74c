use super::{Context, Effect, JSON, Rule, example};
use crate::skew::Ends;

pub(super) static RULE: Rule = Rule {
    id: "json-enum-rejected",
    title: "sender writes the name of an enum value that the receiver does not know",
    effect: Effect::CallFails,
    only_some: true,
    codecs: JSON,
    lenient: false,
    explanation: "\
In JSON an enum is the name of its value. A parser that does not know the name refuses the message; \
told to ignore what it does not know, it drops the value: see `json-enum-dropped`. Numbers are read \
whether they are known or not, and so are the other names of a value (`allow_alias`). A value that \
is zero is not written at all, unless its field has presence or is one of a list or map.",
    symptom: "\
A gateway answers 400 to a request, Connect and gRPC `INVALID_ARGUMENT` or `INTERNAL`; for a \
response, the client's parser fails after the handler ran. Only for the value in question.",
    runtimes: &[("C++, Java, Go, Python", "refuse the message")],
    advice: "\
To rename a value, add the new name as an alias after the old one, upgrade every reader, swap the \
two, upgrade every writer, then drop the old. A new value waits until readers know it, or is written \
as a number.",
    buf: &["ENUM_VALUE_SAME_NAME", "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED"],
    example: example!("json-enum-rejected"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    if context.ignore_unknown {
        return None;
    }
    let name = context.unknown_name(ends)?;
    Some(format!("the receiver refuses messages with the value `{name}`, which it does not know"))
}
