use super::{BOTH, Context, Effect, Rule, Use, example, named, names};
use crate::{
    schema::{Cardinality, Element, Enum, Field, FieldType, Schema},
    skew::Ends,
    wire::binary::is_repeated,
};

pub(super) static RULE: Rule = Rule {
    id: "default-differs",
    title: "sender and receiver read an unset field as different values",
    effect: Effect::Misread,
    only_some: true,
    codecs: BOTH,
    lenient: false,
    explanation: "\
A field that is not set is not sent, and each end fills in the default of its own schema (proto2, \
or editions), or the first value of its enum. The sender means one value by leaving the field out, \
the receiver takes another.",
    symptom: "\
Nothing: the call succeeds, with another value than the sender saw.",
    runtimes: &[],
    advice: "\
Set the field at the sender, always; or leave the default as it is and add a field.",
    buf: &["FIELD_SAME_DEFAULT"],
    example: example!("default-differs"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    match ends {
        Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } => {
            field(sent, read, context)
        }
        Ends::Both { sender: Element::Enum(_), receiver: Element::Enum(_) } => first(context),
        _ => None,
    }
}

fn field(sent: &Field, read: &Field, context: &Context<'_, '_>) -> Option<String> {
    let comparable =
        context.accepts_in_codec(sent, read) && is_sent_unset(sent) && has_default(read);
    // The first values of enums differ wherever they meet: that is said of the enum.
    let said = sent.default.is_none() && read.default.is_none();
    let of_enum = matches!(sent.ty, FieldType::Enum(_));
    if !comparable || context.in_map() || !sent.ty.same_kind(&read.ty) || said && of_enum {
        return None;
    }
    let differ = match &sent.ty {
        FieldType::Enum(_) => number(sent, context.sender) != number(read, context.receiver),
        _ => sent.effective_default() != read.effective_default(),
    };
    differ.then(|| {
        let [theirs, ours] =
            [(sent, context.sender), (read, context.receiver)].map(|(it, in_)| value(it, in_));
        let name = named(sent, read);
        format!("an unset {name} is {theirs} to the sender and {ours} to the receiver")
    })
}

/// What an unset field of the enum reads as, where no field says something else.
fn first(context: &Context<'_, '_>) -> Option<String> {
    let (sender, receiver, uses) = context.enums()?;
    let shown = |it: &Use<'_>| {
        let plain = it.sent.default.is_none() && it.read.default.is_none();
        plain && !it.in_map && is_sent_unset(it.sent) && has_default(it.read)
    };
    (sender.first != receiver.first && uses.iter().any(shown)).then(|| {
        let [theirs, ours] = [sender, receiver].map(|it| word(it, it.first));
        format!(
            "unset, it is {theirs} to the sender and {ours} to the receiver: their first values"
        )
    })
}

fn is_sent_unset(sent: &Field) -> bool {
    sent.cardinality != Cardinality::Required && has_default(sent)
}

/// Lists have none, and what must be there needs none.
fn has_default(field: &Field) -> bool {
    let scalar = matches!(field.ty, FieldType::Scalar(_) | FieldType::Enum(_));
    scalar && !is_repeated(field) && field.cardinality != Cardinality::Required
}

/// The number of an enum that an unset field reads as.
fn number(field: &Field, schema: &Schema) -> Option<i32> {
    let FieldType::Enum(name) = &field.ty else { return None };
    let item = schema.enums.get(name)?;
    let Some(default) = &field.default else { return Some(item.first) };
    item.values.values().find(|it| names(it).any(|it| it == default)).map(|it| it.number)
}

fn value(field: &Field, schema: &Schema) -> String {
    let FieldType::Enum(name) = &field.ty else { return field.effective_default() };
    match (number(field, schema), schema.enums.get(name)) {
        (Some(number), Some(item)) => word(item, number),
        _ => field.effective_default(),
    }
}

fn word(item: &Enum, number: i32) -> String {
    match item.values.get(&number) {
        Some(value) => format!("`{}` (= {number})", value.name.leaf()),
        None => number.to_string(),
    }
}
