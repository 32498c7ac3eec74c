//! Every finding on every fixture is shown by a message, or by what a call meets.

use std::path::PathBuf;

use protoskew::{
    judge::{Comparison, Json},
    skew::{Flow, Pairing},
    witness::{Prover, Witness},
};

use crate::support;

const PAIRINGS: [Pairing; 2] = [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER];

/// In JSON, a field under another key hides what is in it; meetings are still found by number.
const UNREACHED: &str = "map-field-renamed: json-name-changed";

#[test]
fn every_finding_has_a_witness() {
    let mut unproved = Vec::new();
    for folder in fixtures() {
        let [base, head] = ["base", "head"].map(|side| support::compiled(folder.join(side)).schema);
        let comparison = Comparison::new(&base, &head);
        for ignore_unknown in [false, true] {
            let json = Json { everywhere: true, ignore_unknown };
            for pairing in PAIRINGS {
                let findings = comparison.judge(pairing, json);
                let prover = Prover::new(&base, &head, pairing, json, findings.iter());
                for finding in &findings {
                    let shown = match prover.prove(finding) {
                        Some(Witness::Data(_)) => finding.flow != Flow::Call,
                        Some(Witness::Call(it)) => !it.cases.is_empty(),
                        None => false,
                    };
                    if !shown {
                        let rule = finding.rule.id;
                        let folder = support::name(&folder);
                        unproved.push(format!("{folder}: {rule}: {}", finding.message));
                    }
                }
            }
        }
    }
    unproved.retain(|it| !it.starts_with(UNREACHED));
    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
}

fn fixtures() -> Vec<PathBuf> {
    ["testdata/rules", "testdata/cases"].into_iter().flat_map(support::entries).collect()
}
