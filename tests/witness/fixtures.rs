//! Every finding on every fixture is shown by a message, or by what a call meets.

use std::{collections::BTreeSet, path::PathBuf};

use protoskew::{
    judge::{Comparison, Json, Settings},
    rules,
    schema::Names,
    skew::{Flow, Pairing},
    witness::{Prover, Witness},
};

use crate::support;

const PAIRINGS: [Pairing; 2] = [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER];

#[test]
fn every_finding_has_a_witness() {
    let mut unproved = Vec::new();
    // Rules that are proved on the example that their page shows.
    let mut proved = BTreeSet::new();
    for folder in fixtures() {
        let [base, head] = ["base", "head"].map(|side| support::compiled(folder.join(side)).schema);
        for ignore_unknown in [false, true] {
            let json = Json { everywhere: true, ignore_unknown };
            let any = Names::new("acme.v1.*").into_iter().collect();
            let settings = Settings { json, any, ..Settings::default() };
            let comparison = Comparison::new(&base, &head, &settings);
            for pairing in PAIRINGS {
                let mut findings = comparison.judge(pairing);
                findings.extend(support::judge_code(&folder, pairing));
                let prover = Prover::new(&base, &head, pairing, &settings, findings.iter());
                for finding in &findings {
                    let shown = match prover.prove(finding) {
                        Some(Witness::Data(_)) => finding.flow != Flow::Call,
                        Some(Witness::Call(it)) => !it.cases.is_empty(),
                        None => false,
                    };
                    let (rule, folder) = (finding.rule.id, support::name(&folder));
                    if shown && folder == rule {
                        proved.insert(rule);
                    }
                    if !shown {
                        unproved.push(format!(
                            "{folder}: {rule} [{:?} {:?}] {}: {}",
                            finding.flow, finding.codec, finding.subject, finding.message
                        ));
                    }
                }
            }
        }
    }

    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
    assert_eq!(proved, rules::ALL.iter().map(|it| it.id).collect());
}

fn fixtures() -> Vec<PathBuf> {
    ["testdata/rules", "testdata/cases"].into_iter().flat_map(support::entries).collect()
}
