use super::{BYTES, Context, Effect, Rule, example, types};
use crate::{
    schema::{Element, FieldType, Scalar},
    skew::Ends,
    wire::Reading,
};

pub(super) static RULE: Rule = Rule {
    id: "field-number-reused",
    title: "a field number means one thing to the sender and another to the receiver",
    effect: Effect::Misread,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
On the wire the number is the field. The sender's field and the receiver's have different names, \
and one of those names is at another number at the other end, or the two types are not versions of \
each other: so this is no renamed field, but two fields that share a number. The receiver takes the \
one for the other without an error.",
    symptom: "\
Nothing: the call succeeds, with the value of one field in another.",
    runtimes: &[],
    advice: "\
Never use a number again: `reserved` keeps it from being taken. Give the new field a new number.",
    buf: &["FIELD_SAME_NAME", "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"],
    example: example!("field-number-reused"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    // What the receiver cannot read, or refuses, it does not take for anything.
    let reading = context.transfer(sent, read);
    let taken =
        !matches!(reading, Reading::Unreadable | Reading::Rejected(_) | Reading::Mistaken(_));
    // Under another name a value of another kind is another thing, though some are refused.
    let other_kind = matches!(reading, Reading::Same | Reading::SomeRejected(_))
        && sent.name.leaf() != read.name.leaf()
        && !sent.ty.same_kind(&read.ty)
        && !(is_integer(&sent.ty) && is_integer(&read.ty));
    (taken && (other_kind || context.is_reused(sent, read))).then(|| {
        let [theirs, ours] = [sent, read].map(|it| it.name.leaf());
        let number = read.number;
        if sent.ty == read.ty {
            return format!("{number} is `{theirs}` to the sender and `{ours}` to the receiver");
        }
        let [of_theirs, of_ours] = types(sent, read);
        format!(
            "{number} is `{theirs}` ({of_theirs}) to the sender and `{ours}` ({of_ours}) to the \
             receiver"
        )
    })
}

fn is_integer(ty: &FieldType) -> bool {
    use Scalar::{Bool, Int32, Int64, Uint32, Uint64};
    match ty {
        FieldType::Enum(_) | FieldType::Opaque(_) => true,
        FieldType::Scalar(it) => matches!(it, Bool | Int32 | Int64 | Uint32 | Uint64),
        FieldType::Message(_) | FieldType::Group(_) => false,
    }
}
