use super::{Codec, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-dropped",
    title: "sender uses an enum value that the receiver's closed enum drops",
    effect: Effect::Lost,
    only_some: true,
    codec: Codec::Binary,
    explanation: "\
A closed enum (proto2, or `enum_type = CLOSED`) has no room for a number that it does not know. \
The parser puts it among the unknown fields: the field reads as unset, a list is shorter, an entry \
of a map is gone, and a message whose required field it was is refused. Go and C# treat every enum \
as open; Java treats an open one as closed where a proto2 message uses it.",
    symptom: "\
Nothing: the call succeeds, and the field reads as unset, or as its default.",
    advice: "\
Let receivers learn the value before any sender uses it.",
    buf: &["ENUM_VALUE_NO_DELETE", "ENUM_SAME_TYPE"],
    example: example!("enum-value-dropped"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_>) -> Option<String> {
    let Ends::SenderOnly(Element::EnumValue(value)) = ends else { return None };
    let name = value.name.leaf();
    (!context.reader_is_open()).then(|| {
        format!("the receiver drops `{name}` (= {}), which it does not know", value.number)
    })
}
