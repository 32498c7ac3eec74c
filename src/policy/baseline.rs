//! Findings that were there when somebody began to look.

use std::collections::BTreeSet;

use super::Entry;
use crate::skew::Pairing;

/// What stays the same of a finding, however it is worded, and whatever else is found: two findings
/// with one fingerprint are one to whoever keeps a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint {
    /// Which end was upgraded first; of a client and a server that were named, none.
    pub pairing: Option<Pairing>,
    /// The id of the rule.
    pub rule: String,
    /// The full name of the element.
    pub subject: String,
}

/// A list of findings that are known.
pub type Baseline = BTreeSet<Fingerprint>;

impl Fingerprint {
    /// Of a finding in a pairing.
    pub fn of(entry: &Entry, pairing: Option<Pairing>) -> Fingerprint {
        let finding = &entry.finding;
        let (rule, subject) = (finding.rule.id.to_owned(), finding.subject.to_string());
        Fingerprint { pairing, rule, subject }
    }
}
