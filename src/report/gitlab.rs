//! GitLab's code quality report: a list of issues, without what somebody has accepted.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    fingerprint::Fingerprints,
    words::{ends, open, pairing, sentence},
};
use crate::{
    check::{Report, Verdict},
    excerpt::{printable, printable_json},
    policy::{Entry, Level},
};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The report.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let mut issues = Vec::new();
    for verdict in &report.verdicts {
        for (entry, calls) in open(&verdict.entries) {
            let fingerprint = fingerprints.next(verdict, entry);
            issues.push(issue(report, verdict, entry, &calls, fingerprint));
        }
    }
    let text = serde_json::to_string_pretty(&issues).map_err(io::Error::other)?;
    writeln!(out, "{}", printable_json(&text))
}

fn issue(
    report: &Report,
    verdict: &Verdict,
    entry: &Entry,
    calls: &str,
    fingerprint: String,
) -> Issue {
    let it = &entry.finding;
    let (pairing, ends) = (pairing(verdict.pair), ends(report, verdict.pair));
    let told = format!("{} ({calls}; {pairing}; {ends})", sentence(entry));
    let shown = entry.anchor.as_ref().or(it.head.as_ref());
    // An issue has to be somewhere, and a file that is gone was somewhere.
    let (version, site) = match shown {
        Some(site) => (verdict.pair.head, Some(site)),
        None => (verdict.pair.base, it.base.as_ref()),
    };
    let under = &report.versions[version].under;
    Issue {
        description: printable(&told),
        check_name: it.rule.id,
        fingerprint,
        severity: match entry.level {
            Level::Error => "critical",
            Level::Warning => "major",
            Level::Note | Level::Off => "info",
        },
        location: Location {
            path: site.map_or(String::new(), |site| printable(&format!("{under}{}", site.file))),
            lines: Lines { begin: site.map_or(1, |site| site.line) },
        },
    }
}
