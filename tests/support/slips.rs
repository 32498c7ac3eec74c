//! Slips of the pen: a few changes anywhere in a text.

use proptest::{collection::vec, prelude::*, sample::Index};

#[derive(Clone, Debug)]
pub(crate) enum Slip {
    Insert(Index, String),
    Drop(Index, usize),
    Repeat(Index, usize),
    Swap(Index, Index),
}

/// A few of them; what is inserted are `words`.
pub(crate) fn slips(words: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<Slip>> {
    let at = any::<Index>;
    let slip = prop_oneof![
        (at(), words).prop_map(|(at, word)| Slip::Insert(at, word)),
        (at(), 1..40_usize).prop_map(|(at, count)| Slip::Drop(at, count)),
        (at(), 1..40_usize).prop_map(|(at, count)| Slip::Repeat(at, count)),
        (at(), at()).prop_map(|(one, other)| Slip::Swap(one, other)),
    ];
    vec(slip, 1..6)
}

/// Changes some items of a list.
pub(crate) fn slip<T: Clone>(items: &mut Vec<T>, slips: Vec<Slip>, made: impl Fn(&str) -> Vec<T>) {
    for slip in slips {
        if items.is_empty() {
            return;
        }
        let count = items.len();
        match slip {
            Slip::Insert(at, word) => {
                let at = at.index(count);
                items.splice(at..at, made(&word));
            }
            Slip::Drop(at, most) => {
                let at = at.index(count);
                items.drain(at..count.min(at + most));
            }
            Slip::Repeat(at, most) => {
                let at = at.index(count);
                let repeated = items[at..count.min(at + most)].to_vec();
                items.splice(at..at, repeated);
            }
            Slip::Swap(one, other) => items.swap(one.index(count), other.index(count)),
        }
    }
}
