//! What a report finds, as lines to compare.

use std::collections::BTreeSet;

use protoskew::check::{Pair, Report};

/// A line for each finding, under one for each pairing.
pub(crate) fn lines(report: &Report) -> Vec<String> {
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

/// What the one finds and the other does not.
pub(crate) fn difference(whole: &[String], changed: &[String]) -> String {
    let [whole, changed] = [whole, changed].map(|lines| lines.join("\n"));
    let diff = similar::TextDiff::from_lines(&*whole, &*changed);
    diff.unified_diff().header("all is read", "what changed is read").to_string()
}

/// What is found, wherever it is: what is true of a copy as well may be said of both, or of either.
pub(crate) fn anywhere(lines: &[String]) -> BTreeSet<(&str, &str)> {
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
