//! Fingerprints for those who follow a finding from run to run and want a short word for it.

use std::collections::BTreeMap;

use crate::{
    check::Verdict,
    policy::{Entry, Fingerprint},
    skew::{Flow, Pairing},
};

/// Gives out fingerprints, each once.
#[derive(Default)]
pub(super) struct Fingerprints(BTreeMap<String, usize>);

impl Fingerprints {
    /// A word that is the finding's own. It is made of the pairing, the rule, the element and what
    /// is on its way; of those that have all of it in common, the later ones are numbered.
    pub(super) fn next(&mut self, verdict: &Verdict, entry: &Entry) -> String {
        let flow = match entry.finding.flow {
            Flow::Call => "call",
            Flow::Request => "request",
            Flow::Response => "response",
        };
        let Fingerprint { pairing, rule, subject } = Fingerprint::of(entry, verdict.pair.order());
        let name = format!("{} {rule} {subject} {flow}", direction(pairing));
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        format!("{:016x}:{count}", fnv1a(name.as_bytes()))
    }
}

/// Which end was upgraded first, in the words of the command line.
pub(super) fn direction(pairing: Option<Pairing>) -> &'static str {
    match pairing {
        Some(Pairing::NEWER_CLIENT) => "newer-client",
        Some(_) => "newer-server",
        None => "explicit",
    }
}

/// FNV-1a of 64 bits: it will be the same in all releases, which the standard library's hashes do
/// not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(super::fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
