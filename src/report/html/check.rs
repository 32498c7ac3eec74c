//! A report as one page.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::page;
use crate::{
    check::{Pair, Report, Verdict},
    policy::{Entry, Level},
    report::{
        escape::{html, html_lines, html_words},
        proof,
        words::{causes, counted, ends, marked, other_calls, outcome, pairing},
    },
    schema::Site,
};

/// The page.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let overall = report.outcome();
    let mut body = format!(
        "<main>\n<h1>protoskew: <span class=\"tag {overall}\">{overall}</span></h1>\n{}",
        overview(report)
    );
    for (at, verdict) in report.verdicts.iter().enumerate() {
        body.push_str(&section(report, at, verdict));
    }
    body.push_str(&gaps(report));
    body.push_str(&stale(report));
    body.push_str("</main>\n");
    page(&format!("protoskew: {overall}"), &body, out)
}

fn overview(report: &Report) -> String {
    let mut text = "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">client</th>\
                    <th scope=\"col\">server</th><th scope=\"col\">who is newer</th>\
                    <th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for (at, verdict) in report.verdicts.iter().enumerate() {
        let name = |version: usize| html_words(&report.versions[version].name);
        let (client, server) = (name(verdict.pair.client()), name(verdict.pair.server()));
        let (newer, word) = (pairing(verdict.pair), verdict.outcome);
        let told = outcome(verdict);
        let told = told.strip_prefix(&word.to_string()).unwrap_or(&told);
        let notes = match verdict.count(Level::Note) {
            0 => String::new(),
            notes => format!(", {}", counted(notes, "note").0),
        };
        let _ = writeln!(
            text,
            "<tr><td><code>{client}</code></td><td><code>{server}</code></td><td>{newer}</td>\
             <td><a href=\"#pairing-{at}\"><span class=\"tag {word}\">{word}</span></a>{told}{notes}</td></tr>"
        );
    }
    text + "</tbody>\n</table></div>\n"
}

fn section(report: &Report, at: usize, verdict: &Verdict) -> String {
    let (ends, newer) = (html_words(&ends(report, verdict.pair)), pairing(verdict.pair));
    let word = verdict.outcome;
    let mut text = format!(
        "<section id=\"pairing-{at}\">\n<h2>{ends} <span class=\"faint\">({newer})</span> \
         <span class=\"tag {word}\">{word}</span></h2>\n"
    );
    if let Some(reason) = &verdict.reason {
        let _ = writeln!(text, "<p>{}</p>", html(reason));
    }
    if verdict.entries.is_empty() && verdict.reason.is_none() {
        text.push_str("<p>Nothing goes wrong.</p>\n");
    }
    let same = |a: &Entry, b: &Entry| a.finding.rule.id == b.finding.rule.id && a.level == b.level;
    for entries in verdict.entries.chunk_by(same) {
        text.push_str(&group(report, verdict.pair, entries));
    }
    text + "</section>\n"
}

/// The findings of one rule and level. Notes are folded: they are many, and nothing fails.
fn group(report: &Report, pair: Pair, entries: &[Entry]) -> String {
    let Entry { finding, level, .. } = &entries[0];
    let rule = finding.rule;
    let open = if *level >= Level::Warning { " open" } else { "" };
    let (id, title, count) = (rule.id, html(rule.title), causes(entries).count());
    let mut text = format!(
        "<details{open}>\n<summary><span class=\"tag {level}\">{level}</span> <code>{id}</code> \
         {title} <span class=\"faint\">({count})</span></summary>\n<ul class=\"findings\">\n"
    );
    for cause in causes(entries) {
        text.push_str(&item(report, pair, cause));
    }
    text.push_str("</ul>\n");
    if *level >= Level::Warning {
        for (head, words) in [("Seen", rule.symptom), ("To do", rule.advice)] {
            let words: Vec<String> = words.split("\n\n").map(html).collect();
            let _ = writeln!(text, "<p><strong>{head}:</strong> {}</p>", words.join("</p>\n<p>"));
        }
    }
    text + "</details>\n"
}

fn item(report: &Report, pair: Pair, cause: &[Entry]) -> String {
    let entry = &cause[0];
    let it = &entry.finding;
    let class = if entry.allowed.is_some() { " class=\"struck\"" } else { "" };
    let mut text = format!("<li{class}>\n<p>{}</p>\n", html(&marked(entry)));
    for (version, site) in [(pair.head, &it.head), (pair.base, &it.base)] {
        if let Some(site) = site {
            let role = if version == pair.client() { "client" } else { "server" };
            text.push_str(&source(report, version, role, site));
        }
    }
    if let Some(calls) = other_calls(cause) {
        let _ = writeln!(text, "<p class=\"faint\">{}</p>", html_words(&calls));
    }
    for witness in cause.iter().filter_map(|it| it.witness.as_ref()) {
        let lines = proof::lines(witness).join("\n");
        let _ = writeln!(text, "<pre tabindex=\"0\">{}</pre>", html_lines(&lines));
    }
    if let Some(allowed) = &entry.allowed {
        let reason = html_words(allowed.reason());
        let _ = writeln!(text, "<p><span class=\"tag ok\">allowed</span> {reason}</p>");
    }
    text + "</li>\n"
}

fn source(report: &Report, version: usize, role: &str, site: &Site) -> String {
    let quote = report.quotes[version].get(site);
    let place = match quote {
        Some(quote) => html_words(&quote.location),
        None => html_words(&format!("{}:{}:{}", site.file, site.line, site.column)),
    };
    let mut text = format!("<p class=\"faint\">the {role}: <code>{place}</code></p>\n");
    if let Some(excerpt) = quote.and_then(|quote| quote.excerpt.as_ref()) {
        let [before, marked, after] = excerpt.parts().map(html_words);
        let before = before.trim_start();
        let _ = writeln!(text, "<pre tabindex=\"0\">{before}<mark>{marked}</mark>{after}</pre>");
    }
    text
}

/// What of the versions was not seen.
fn gaps(report: &Report) -> String {
    let mut text = String::new();
    for version in &report.versions {
        let Some(size) = version.size else { continue };
        let name = html_words(&version.name);
        if size.missing_imports > 0 {
            let (count, are) = counted(size.missing_imports, "import");
            let _ = writeln!(
                text,
                "<li><code>{name}</code>: {count} {are} not among its files; types from there are compared by name</li>"
            );
        }
        if size.duplicates > 0 {
            let (count, are) = counted(size.duplicates, "declaration");
            let _ = writeln!(
                text,
                "<li><code>{name}</code>: {count} {are} also made in other files, in another way</li>"
            );
        }
    }
    if text.is_empty() { text } else { format!("<h2>Not seen</h2>\n<ul>\n{text}</ul>\n") }
}

fn stale(report: &Report) -> String {
    let mut text = String::new();
    for it in &report.stale {
        let level = it.level();
        let place = it.site.as_ref().map_or(String::new(), |site| {
            format!(" <code>{}:{}</code>", html_words(&site.file), site.line)
        });
        let told = html(&it.sentence());
        let _ = writeln!(text, "<li><span class=\"tag {level}\">{level}</span> {told}{place}</li>");
    }
    if text.is_empty() { text } else { format!("<h2>Allowed in vain</h2>\n<ul>\n{text}</ul>\n") }
}
