//! A report for a page that shows Markdown: a job summary, a comment, a release note.

use std::io::{self, Write};

use super::{
    escape::{markdown, markdown_block, markdown_code, markdown_words},
    proof,
    words::{causes, counted, ends, marked, other_calls, outcome, pairing},
};
use crate::{
    check::{Outcome, Report, Summary, Verdict},
    policy::{Entry, Level, Stale},
    schema::Site,
};

/// So many bytes of a job summary GitHub shows; of a longer one, nothing.
pub const SUMMARY: usize = 1 << 20;

/// The whole report. If it is longer than `limit` bytes, it ends before, and says so.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    // Room for the sentence that says so.
    let room = limit.saturating_sub(200);
    let mut page = String::new();
    let blocks = blocks(report);
    for (at, block) in blocks.iter().enumerate() {
        if page.len() + block.len() > room {
            let left = blocks[at..].iter().filter(|it| it.starts_with("- ")).count();
            let left = if left == 0 {
                String::new()
            } else {
                format!(", {} of it,", counted(left, "finding").0)
            };
            page.push_str(&format!("\n**Cut off here**: the rest{left} is longer than this page may be. `--format json` has it all.\n"));
            break;
        }
        page.push_str(block);
    }
    out.write_all(page.as_bytes())
}

/// What is not to be cut apart.
fn blocks(report: &Report) -> Vec<String> {
    let mut all = vec![heading(report)];
    for verdict in &report.verdicts {
        all.extend(findings(report, verdict));
    }
    let gaps: String = report.versions.iter().map(gap).collect();
    if !gaps.is_empty() {
        all.push(format!("\n### Not seen\n\n{gaps}"));
    }
    if !report.stale.is_empty() {
        all.push("\n### Allowed in vain\n\n".to_owned());
        all.extend(report.stale.iter().map(stale));
    }
    all
}

fn heading(report: &Report) -> String {
    let mut text = format!("## protoskew: {}\n\n", report.outcome());
    text.push_str("| client | server | | verdict |\n| --- | --- | --- | --- |\n");
    for verdict in &report.verdicts {
        let name = |version: usize| markdown_code(&report.versions[version].name);
        let (client, server) = (name(verdict.pair.client()), name(verdict.pair.server()));
        let notes = match verdict.count(Level::Note) {
            0 => String::new(),
            notes => format!(", {}", counted(notes, "note").0),
        };
        let (pairing, outcome) = (pairing(verdict.pair), outcome(verdict));
        text.push_str(&format!("| {client} | {server} | {pairing} | **{outcome}**{notes} |\n"));
    }
    text
}

/// A heading for the verdict, and one block for each finding.
fn findings(report: &Report, verdict: &Verdict) -> Vec<String> {
    if verdict.entries.is_empty() && verdict.reason.is_none() {
        return Vec::new();
    }
    let ends = markdown_words(&ends(report, verdict.pair));
    let mut all = vec![format!("\n### {ends} ({})\n", pairing(verdict.pair))];
    if let Some(reason) = &verdict.reason {
        all.push(format!("\n{}: {}\n", Outcome::Unknown, markdown(reason)));
    }
    let same = |a: &Entry, b: &Entry| a.finding.rule.id == b.finding.rule.id && a.level == b.level;
    for entries in verdict.entries.chunk_by(same) {
        let Entry { finding, level, .. } = &entries[0];
        let rule = finding.rule;
        all.push(format!("\n**{level}** `{}`: {}\n\n", rule.id, markdown(rule.title)));
        all.extend(causes(entries).map(|cause| item(report, verdict, cause)));
        if *level >= Level::Warning {
            let advice = markdown_paragraphs(rule.advice);
            all.push(format!(
                "\n<details><summary>What to do</summary>\n\n{advice}\n\n</details>\n"
            ));
        }
    }
    all
}

/// The words of a rule are Markdown of our own.
fn markdown_paragraphs(text: &str) -> &str {
    text.trim()
}

fn item(report: &Report, verdict: &Verdict, cause: &[Entry]) -> String {
    let entry = &cause[0];
    let it = &entry.finding;
    let pair = verdict.pair;
    let places = [(pair.head, &it.head), (pair.base, &it.base)].into_iter();
    let places = places.filter_map(|(version, site)| {
        let (name, site) = (&report.versions[version].name, site.as_ref()?);
        Some(format!("{} in {}", place(&report.versions[version], site), markdown_code(name)))
    });
    let allowed = match &entry.allowed {
        Some(allowed) => format!("  \n  allowed: {}", markdown_words(allowed.reason())),
        None => String::new(),
    };
    let calls = other_calls(cause).map(|calls| markdown_words(&calls));
    let below: Vec<String> = calls.into_iter().chain(places).collect();
    let below = match below.as_slice() {
        [] => String::new(),
        below => format!("  \n  {}", below.join(" · ")),
    };
    let proofs = cause.iter().filter_map(|it| it.witness.as_ref());
    let proofs: String = proofs.map(|it| markdown_block(&proof::lines(it))).collect();
    format!("- {}{below}{allowed}\n{proofs}", markdown(&marked(entry)))
}

fn place(version: &Summary, site: &Site) -> String {
    markdown_code(&format!("{}{}:{}", version.under, site.file, site.line))
}

fn gap(version: &Summary) -> String {
    let Some(size) = version.size else { return String::new() };
    let name = markdown_code(&version.name);
    let mut text = String::new();
    if size.missing_imports > 0 {
        let (count, are) = counted(size.missing_imports, "import");
        text.push_str(&format!(
            "- {name}: {count} {are} not among its files; types from there are compared by name\n"
        ));
    }
    if size.duplicates > 0 {
        let (count, are) = counted(size.duplicates, "declaration");
        text.push_str(&format!(
            "- {name}: {count} {are} also made in other files, in another way\n"
        ));
    }
    text
}

fn stale(it: &Stale) -> String {
    let site = it
        .site
        .as_ref()
        .map(|site| format!(" · {}", markdown_code(&format!("{}:{}", site.file, site.line))));
    format!("- **{}**: {}{}\n", it.level(), markdown(&it.sentence()), site.unwrap_or_default())
}
