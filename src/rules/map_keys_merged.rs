use super::{BYTES, Context, Effect, Rule, example, named};
use crate::{
    schema::Element,
    skew::Ends,
    wire::{Reading, binary::is_repeated},
};

pub(super) static RULE: Rule = Rule {
    id: "map-keys-merged",
    title: "sender may write entries of one key of which the receiver keeps one",
    effect: Effect::Lost,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
A `map` and a list of entries with a `key` and a `value` have the same bytes. But a map has each key \
once, and no order: of entries with one key the receiver keeps the last, and it returns them in any \
order.",
    symptom: "\
Nothing: the call succeeds, with fewer entries, or with entries in another order.",
    runtimes: &[],
    advice: "\
Make sure that senders write each key once, and that nobody counts on the order; or add a map under \
a new number.",
    buf: &["FIELD_SAME_CARDINALITY", "FIELD_SAME_TYPE"],
    example: example!("map-keys-merged"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Field(sent), receiver: Element::Field(read) } = ends else {
        return None;
    };
    let readable = context.transfer(sent, read) == Reading::Same;
    let entries = is_repeated(sent) && !sent.map && read.map && readable;
    let name = named(sent, read);
    entries.then(|| format!("of several {name} with one key, the receiver keeps the last"))
}
