//! The skews of Telepresence that reached its users are found, and nothing more of their kind.

use std::collections::BTreeSet;

use protoskew::{
    judge::{Comparison, Settings},
    policy::{Level, Policy, Setting},
    schema::FullName,
    skew::Pairing,
};

mod support;

const MANAGER: &str = "telepresence.manager.Manager";

/// Two releases; the methods that fail for a newer client, and those that fail for an older one.
/// The README beside the schemas says where each was reported.
const SKEWS: [([&str; 2], &[&str], &[&str]); 3] = [
    (["v2.16.1", "v2.17.0"], &["ReportMetrics", "WatchAgentPods"], &[]),
    (
        ["v2.17.0", "v2.19.1"],
        &["EnsureAgent", "GetAgentImageFQN", "WatchWorkloads"],
        &[
            "AgentLookupHostResponse",
            "AgentTunnel",
            "ClientTunnel",
            "LookupHost",
            "WatchLookupHost",
        ],
    ),
    (["v2.19.1", "v2.20.0"], &["GetKnownWorkloadKinds"], &[]),
];

#[test]
fn the_calls_that_failed_are_the_calls_that_fail() {
    for (releases, newer_client, newer_server) in SKEWS {
        let [base, head] = releases
            .map(|release| support::compiled(format!("testdata/telepresence/{release}")).schema);
        let settings = Settings::default();
        let comparison = Comparison::new(&base, &head, &settings);
        for (pairing, expected) in
            [(Pairing::NEWER_CLIENT, newer_client), (Pairing::NEWER_SERVER, newer_server)]
        {
            let failing = failing(&comparison, pairing);
            let failing: Vec<&str> = failing.iter().map(FullName::leaf).collect();
            assert_eq!(failing, expected, "{releases:?}, {pairing:?}");
        }
    }
}

/// The methods of the manager that an error is reported for.
fn failing(comparison: &Comparison<'_>, pairing: Pairing) -> BTreeSet<FullName> {
    let policy = Policy { services: vec![FullName::new(MANAGER)], ..Policy::default() };
    let entries = comparison
        .judge(pairing)
        .into_iter()
        .filter_map(|it| policy.decide(it, &Setting::default()));
    let errors = entries.filter(|entry| entry.level == Level::Error);
    errors.flat_map(|entry| BTreeSet::clone(&entry.finding.calls)).collect()
}
