//! Reading what a change reaches finds what reading everything finds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use protoskew::{
    check::{Pair, Report, check},
    compile::{Layout, Scope, Units},
    judge::{Json, Settings},
    policy::Policy,
    tree::{Content, Source, Top, Tree},
    version::load,
};

#[path = "support/history.rs"]
mod history;

use history::{History, copied, histories};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_a_change_reaches_is_all_that_is_found(history in histories()) {
        let [whole, changed] = [Scope::Whole, Scope::Changed].map(|scope| findings(&history, scope));
        prop_assert!(whole == changed, "{}", difference(&whole, &changed));
    }

    #[test]
    fn and_so_it_is_with_copies(history in histories(), of in any::<u8>()) {
        let history = copied(history, of);
        let [whole, changed] = [Scope::Whole, Scope::Changed].map(|scope| findings(&history, scope));
        let same = anywhere(&whole) == anywhere(&changed);
        prop_assert!(same, "{}\n{history:?}", difference(&whole, &changed));
    }
}

fn difference(whole: &[String], changed: &[String]) -> String {
    let [whole, changed] = [whole, changed].map(|lines| lines.join("\n"));
    let diff = similar::TextDiff::from_lines(&*whole, &*changed);
    diff.unified_diff().header("all is read", "what changed is read").to_string()
}

/// What is found, wherever it is: what is true of a copy as well may be said of both, or of either.
fn anywhere(lines: &[String]) -> BTreeSet<(&str, &str)> {
    let mut verdict = "";
    let lines = lines.iter().map(|line| {
        if !line.starts_with(' ') {
            verdict = line;
        }
        // Nor is a hint a finding.
        (verdict, line.split(';').next().unwrap_or_default())
    });
    lines.collect()
}

/// A line for each finding of each pairing of neighbours.
fn findings(history: &History, scope: Scope) -> Vec<String> {
    let sources = history.versions.iter().enumerate().map(|(at, files)| {
        let files = files.iter().map(|(path, file)| (path.clone(), file.text().into_bytes()));
        let name = format!("v{at}");
        let content = Content::Files(Tree::memory(&name, files.collect()));
        Source { content, name, commit: None, top: Top::default() }
    });
    let layout = Layout { paths: history.paths.clone(), scope, ..Layout::default() };
    let versions = load(sources.collect(), &layout, &Units::default());
    let pairs = (1..versions.len()).flat_map(|head| Pair::both(head - 1, head));
    let json = Json { everywhere: true, ..Json::default() };
    let settings = Settings { json, ..Settings::default() };
    let policy = Policy { settings, keep_going: true, ..Policy::default() };
    lines(&check(&versions, &pairs.collect::<Vec<_>>(), &policy))
}

fn lines(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for verdict in &report.verdicts {
        let Pair { base, head, pairing, .. } = verdict.pair;
        lines.push(format!("v{base} → v{head}, {:?} calls: {}", pairing.client, verdict.outcome));
        for entry in &verdict.entries {
            let it = &entry.finding;
            let calls: Vec<&str> = it.calls.iter().map(|call| call.as_str()).collect();
            let sites = [&it.base, &it.head].map(|site| match site {
                Some(site) => format!("{}:{}:{}", site.file, site.line, site.column),
                None => "nowhere".to_owned(),
            });
            lines.push(format!(
                "  {} {} [{:?} of {}] {}: {}; at {}",
                entry.level,
                it.rule.id,
                it.flow,
                calls.join(" "),
                it.subject,
                it.message,
                sites.join(" and ")
            ));
        }
    }
    lines
}
