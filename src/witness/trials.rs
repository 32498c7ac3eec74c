//! The messages that are tried for a finding, and the harm that it speaks of.

use super::{
    codec::Record,
    harm::{Kind, Way},
    values::{self, Filler},
};
use crate::{
    rules::{Effect, Rule},
    schema::{Field, Message},
    skew::Codec,
};

/// Other cases of a oneof that are tried together with a field.
const RIVALS: usize = 8;
/// Values that are tried together with each of them.
const TOGETHER: usize = 4;

/// Fills in what either end requires, so that only the harm shows that is looked for.
pub fn fill(way: Way<'_>, record: &mut Record, from: &Message, to: &Message) {
    Filler::new(way).fill(record, from, Some(to));
}

/// Messages that differ in one field, or in a few that belong together; the plainest first.
pub fn trials(
    way: Way<'_>,
    (from, to): (&Message, &Message),
    sent: Option<i64>,
    read: Option<i64>,
) -> Vec<Record> {
    let field = |message: &Message, number: Option<i64>| -> Option<Field> {
        message.fields.get(&u32::try_from(number?).ok()?).cloned()
    };
    let (sent, read) = (field(from, sent), field(to, read));
    let mut trials = vec![Record::default()];
    // The sender may have what the receiver reads there under the same name elsewhere.
    let twin = read.as_ref().filter(|_| sent.is_none());
    let twin =
        twin.and_then(|it| from.fields.values().find(|own| own.name.leaf() == it.name.leaf()));
    let Some(field) = sent.as_ref().or(twin) else { return trials };
    if let Some(zero) = values::zero(field, way.sender) {
        trials.insert(0, Record::of(field.number, vec![zero]));
    }
    let lists = values::lists(field, way.sender, None);
    trials.extend(lists.iter().map(|list| Record::of(field.number, list.clone())));
    for rival in rivals(way, (from, to), field).into_iter().take(RIVALS) {
        let others = values::lists(rival, way.sender, None);
        for (own, other) in lists.iter().take(TOGETHER).zip(others.iter().cycle()) {
            let mut both = Record::of(field.number, own.clone());
            both.fields.insert(rival.number, other.clone());
            trials.push(both);
        }
    }
    trials
}

/// The sender's fields that the receiver has in one oneof with this one.
fn rivals<'m>(
    way: Way<'_>,
    (from, to): (&'m Message, &'m Message),
    field: &Field,
) -> Vec<&'m Field> {
    let Some(own) = way.counterpart(field, to).filter(|it| it.oneof.is_some()) else {
        return Vec::new();
    };
    let together = |(it, read): &(&Field, &Field)| {
        let apart = it.oneof.is_none() || it.oneof != field.oneof;
        it.number != field.number && apart && read.oneof == own.oneof
    };
    way.pairs(from, to).into_iter().filter(together).map(|(it, _)| it).collect()
}

/// What a rule speaks of. A rule that is not in the list is about any harm of its effect.
pub fn kinds(rule: &Rule, codec: Codec) -> Vec<Kind> {
    use Kind::{
        AnyUnknown, CaseUnknown, Cleared, DefaultDiffers, EnumDropped, EnumRenamed, EnumUnknown,
        FieldRenamed, FieldUnknown, Missing, NeverSent, Refused, Renumbered, Shortened, Unreadable,
        ValueChanged, ZeroUnseen,
    };
    let kinds: &[Kind] = match rule.id {
        "required-field-missing" => &[Missing],
        "value-rejected" | "message-unparsable" => &[Refused],
        "enum-value-rejected" => &[Missing],
        "bytes-misread" | "json-value-misread" => &[ValueChanged, Refused],
        "field-number-reused" => &[FieldRenamed],
        "number-misread" | "number-truncated" => &[ValueChanged],
        "enum-number-reused" => &[EnumRenamed],
        "default-differs" => &[DefaultDiffers],
        "field-renumbered" => &[Renumbered],
        "field-unreadable" => &[Unreadable],
        "repeated-to-single" | "map-keys-merged" => &[Shortened],
        "oneof-clobbered" => &[Cleared],
        "enum-value-dropped" | "enum-closed" => &[EnumDropped],
        "oneof-case-unknown" => &[CaseUnknown],
        "enum-value-unknown" => &[EnumUnknown],
        "field-ignored" | "field-intent-ignored" => &[FieldUnknown],
        "any-type-unknown" => &[AnyUnknown],
        "presence-unseen" => &[ZeroUnseen],
        "field-unset" => &[NeverSent],
        _ => match rule.effect {
            Effect::CallFails => &[Refused, Missing],
            Effect::Misread => &[FieldRenamed, ValueChanged, EnumRenamed, DefaultDiffers],
            // In JSON, what a key stands for is not known either.
            Effect::Lost if codec == Codec::Json => {
                &[Unreadable, Shortened, EnumDropped, FieldUnknown, CaseUnknown]
            }
            Effect::Lost => &[Renumbered, Unreadable, Shortened, Cleared, EnumDropped],
            Effect::Ignored => &[CaseUnknown, EnumUnknown, FieldUnknown, AnyUnknown],
            Effect::Unset => &[ZeroUnseen, NeverSent],
        },
    };
    kinds.to_vec()
}
