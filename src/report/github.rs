//! Workflow commands of GitHub: each becomes an annotation at a line of the head. GitHub shows so
//! many of a step, and drops the others without a word; the job summary has them all.

use std::io::{self, Write};

use super::{
    escape::{command, markdown, property},
    words::{CALLS, counted, ends, open, outcome, pairing, sentence},
};
use crate::{
    check::{Report, Verdict},
    excerpt::printable,
    policy::{Entry, Level, Origin},
    schema::Site,
};

/// So many annotations of each kind GitHub shows of a step.
const BUDGET: usize = 10;

/// The commands, the loudest first, and what they leave out in a word.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut omitted = 0;
    for (level, kind) in
        [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")]
    {
        let all = annotations(report, level);
        omitted += all.len().saturating_sub(BUDGET);
        for it in all.into_iter().take(BUDGET) {
            writeln!(out, "::{kind} {}::{}", it.properties, command(&it.text))?;
        }
    }
    // No line of ours begins with what others have written, so none is a command.
    for verdict in &report.verdicts {
        let (ends, pairing) = (ends(report, verdict.pair), pairing(verdict.pair));
        let told = format!("{ends} ({pairing}): {}", outcome(verdict));
        writeln!(out, "protoskew: {}", printable(&told))?;
    }
    if omitted > 0 {
        let (more, are) = counted(omitted, "more finding");
        writeln!(out, "protoskew: {more} {are} in the job summary, and not annotated")?;
    }
    Ok(())
}

struct Annotation {
    properties: String,
    text: String,
}

/// What is to be said of a level, without what somebody has accepted.
fn annotations(report: &Report, level: Level) -> Vec<Annotation> {
    let mut all = Vec::new();
    if level == Level::Error {
        all.extend(unknown(report));
    }
    for verdict in &report.verdicts {
        let open = open(&verdict.entries).filter(|(entry, _)| entry.level == level);
        all.extend(open.map(|(entry, calls)| annotation(report, verdict, entry, &calls)));
    }
    let stale = report.stale.iter().filter(|it| it.level() == level);
    let mut known = 0;
    for it in stale {
        known += usize::from(it.origin == Origin::Baseline);
        // A baseline is written anew as a whole; who needs each line has the summary.
        if it.origin == Origin::Baseline && known > CALLS {
            continue;
        }
        let site = it.site.as_ref().map(|site| place("", site, true));
        let title = format!("title={}", property("protoskew: allow"));
        let properties = [site.unwrap_or_default(), title].concat();
        all.push(Annotation { properties, text: it.sentence() });
    }
    all
}

/// Both pairings of two versions are unknown for the same reason.
fn unknown(report: &Report) -> Vec<Annotation> {
    let mut reasons: Vec<&String> =
        report.verdicts.iter().filter_map(|it| it.reason.as_ref()).collect();
    reasons.dedup();
    let title = || format!("title={}", property("protoskew: unknown"));
    reasons.into_iter().map(|it| Annotation { properties: title(), text: it.clone() }).collect()
}

fn annotation(report: &Report, verdict: &Verdict, entry: &Entry, calls: &str) -> Annotation {
    let under = &report.versions[verdict.pair.head].under;
    let site = entry
        .anchor
        .as_ref()
        .map(|site| place(under, site, entry.finding.head.as_ref() == Some(site)));
    let (rule, pairing) = (entry.finding.rule, pairing(verdict.pair));
    let title = property(&format!("{}: {} ({pairing})", rule.id, rule.title));
    let properties = format!("{}title={title}", site.unwrap_or_default());
    let ends = ends(report, verdict.pair);
    let text = format!("{}\n{calls}\n{ends}", sentence(entry));
    Annotation { properties, text }
}

/// Of a line that only stands for another, no column.
fn place(under: &str, site: &Site, exact: bool) -> String {
    let file = property(&format!("{under}{}", site.file));
    let column = if exact { format!("col={},", site.column) } else { String::new() };
    format!("file={file},line={},{column}", site.line)
}

/// A word that is not about a finding: there is nothing to judge, or there is no answer.
pub struct Notice<'n> {
    /// How loud it is.
    pub level: Level,
    /// What it is about, in our words.
    pub title: &'n str,
    /// What is to be said, of several lines at most.
    pub text: &'n str,
}

impl Notice<'_> {
    /// As an annotation of no file.
    pub fn command(&self) -> String {
        let kind = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note | Level::Off => "notice",
        };
        let title = property(&format!("protoskew: {}", self.title));
        format!("::{kind} title={title}::{}\n", command(self.text))
    }

    /// As a part of a job summary.
    pub fn markdown(&self) -> String {
        let lines: Vec<String> = self.text.lines().map(markdown).collect();
        format!("## protoskew: {}\n\n{}\n", self.title, lines.join("\n\n"))
    }
}
