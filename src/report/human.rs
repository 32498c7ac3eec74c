//! A report for people.

use std::{
    fmt,
    io::{self, Write},
};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::{
    evidence,
    words::{CALLS, carried, causes, counted, ends, outcome, pairing, sentence},
};
use crate::{
    check::{Outcome, Pair, Report, Summary, Verdict},
    excerpt::{Excerpt, printable},
    policy::{Entry, Level, Origin, Stale},
    report::proof,
    rules::Rule,
    schema::Site,
    skew::Flow,
};

/// How it may look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// The columns there are.
    pub width: usize,
    /// Source lines for notes, too.
    pub verbose: bool,
}

/// The whole report; the last line sums it up.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { report, style, out };
    let mut said = None;
    for verdict in &report.verdicts {
        page.verdict(verdict)?;
        // Both pairings of two versions are unknown for the same reason.
        if let Some(reason) = verdict.reason.as_ref().filter(|reason| said != Some(*reason)) {
            writeln!(page.out, "  {}\n", printable(reason))?;
            said = Some(reason);
        }
        page.findings(verdict)?;
        if let Some(line) = evidence::not_searched(verdict) {
            writeln!(page.out, "{line}\n")?;
        }
    }
    for version in &report.versions {
        page.gaps(version)?;
    }
    page.broken()?;
    page.stale()?;
    page.summary()
}

/// Findings with their witnesses and nothing besides, for `protoskew witness`.
///
/// # Errors
/// Those of `out`.
pub fn render_proofs(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { report, style, out };
    let mut first = true;
    for verdict in &report.verdicts {
        for entry in &verdict.entries {
            if !std::mem::take(&mut first) {
                writeln!(page.out)?;
            }
            page.proof(verdict.pair, entry)?;
        }
    }
    Ok(())
}

struct Page<'r> {
    report: &'r Report,
    style: Style,
    out: &'r mut dyn Write,
}

impl Page<'_> {
    fn verdict(&mut self, verdict: &Verdict) -> io::Result<()> {
        let pairing = pairing(verdict.pair);
        let outcome = self.paint(outcome_level(verdict.outcome), &outcome(verdict));
        let ends = self.bold(&ends(self.report, verdict.pair));
        writeln!(self.out, "{ends} ({pairing}): {outcome}\n")
    }

    fn findings(&mut self, verdict: &Verdict) -> io::Result<()> {
        for entries in verdict.entries.chunk_by(same_group) {
            self.group(verdict.pair, entries)?;
        }
        Ok(())
    }

    /// The findings of one rule and level.
    fn group(&mut self, pair: Pair, entries: &[Entry]) -> io::Result<()> {
        let Entry { finding, level, .. } = &entries[0];
        let Rule { id, title, effect, advice, .. } = finding.rule;
        let head = self.paint(*level, &format!("{level}[{id}]"));
        writeln!(self.out, "{head}: {title} ({effect})")?;
        let quoted = *level >= Level::Warning || self.style.verbose;
        for cause in causes(entries) {
            match quoted && cause[0].allowed.is_none() {
                true => self.finding(pair, cause)?,
                false => self.brief(pair, cause)?,
            }
            for line in evidence::lines(&cause[0]) {
                writeln!(self.out, "    {line}")?;
            }
            for line in cause.iter().flat_map(|it| &it.witness).flat_map(proof::lines) {
                writeln!(self.out, "    {line}")?;
            }
        }
        if quoted {
            let first = finding.calls.first();
            let symptom = first.map(|call| finding.rule.symptom_of(call)).unwrap_or_default();
            self.paragraph("seen: ", &symptom)?;
            self.paragraph("to do: ", advice)?;
        }
        writeln!(self.out)
    }

    /// With the source line on each side that has one.
    fn finding(&mut self, pair: Pair, cause: &[Entry]) -> io::Result<()> {
        let entry = &cause[0];
        let it = &entry.finding;
        let excerpts: Vec<(Excerpt, String)> = [(pair.head, &it.head), (pair.base, &it.base)]
            .into_iter()
            .filter_map(|(version, site)| {
                let excerpt = self.report.quotes[version].get(site.as_ref()?)?.excerpt.clone()?;
                let role = if version == pair.client() { "client" } else { "server" };
                Some((excerpt, format!("the {role}, {}", self.report.versions[version].name)))
            })
            .collect();
        if excerpts.is_empty() {
            return self.brief(pair, cause);
        }
        let mut related: Vec<Snippet> = Vec::new();
        for (excerpt, label) in excerpts.into_iter().rev() {
            let label = printable(&label);
            let message = sentence(entry);
            let below = std::mem::take(&mut related);
            related.push(Snippet { message, excerpt, label, level: entry.level, related: below });
        }
        for snippet in &related {
            snippet.draw(self.style, self.out)?;
        }
        match it.flow {
            // The sentence names it.
            Flow::Call if it.calls.len() == 1 => Ok(()),
            _ => writeln!(self.out, "    {}", carried(cause)),
        }
    }

    /// On one line or two.
    fn brief(&mut self, pair: Pair, cause: &[Entry]) -> io::Result<()> {
        let entry = &cause[0];
        let it = &entry.finding;
        writeln!(self.out, "  {}", sentence(entry))?;
        let sites = [(pair.head, &it.head), (pair.base, &it.base)];
        let places: Vec<String> = sites
            .into_iter()
            .filter_map(|(version, site)| Some(self.place(version, site.as_ref()?)))
            .collect();
        let places =
            if places.is_empty() { String::new() } else { format!(" · {}", places.join(" · ")) };
        writeln!(self.out, "    {}{places}", carried(cause))?;
        match &entry.allowed {
            Some(it) => writeln!(self.out, "    allowed: {}", printable(it.reason())),
            None => Ok(()),
        }
    }

    fn proof(&mut self, pair: Pair, entry: &Entry) -> io::Result<()> {
        let head = self.paint(entry.level, &format!("{}[{}]", entry.level, entry.finding.rule.id));
        let [client, server] = [pair.client(), pair.server()]
            .map(|version| printable(&self.report.versions[version].name));
        let pairing = pairing(pair);
        writeln!(self.out, "{head}: {client} client → {server} server ({pairing})")?;
        self.brief(pair, std::slice::from_ref(entry))?;
        match &entry.witness {
            Some(witness) => {
                for line in proof::lines(witness) {
                    writeln!(self.out, "  {line}")?;
                }
                Ok(())
            }
            None => writeln!(self.out, "  no witness: its types are not among the files"),
        }
    }

    fn place(&self, version: usize, site: &Site) -> String {
        match self.report.quotes[version].get(site) {
            Some(quote) => printable(&quote.location),
            None => printable(&format!("{}:{}:{}", site.file, site.line, site.column)),
        }
    }

    /// What of a version was not seen.
    fn gaps(&mut self, version: &Summary) -> io::Result<()> {
        let Some(size) = version.size else { return Ok(()) };
        let name = printable(&version.name);
        if size.missing_imports > 0 {
            let (count, are) = counted(size.missing_imports, "import");
            let of = match (size.services, size.read) {
                (Some(_), _) => String::new(),
                (None, 1) => " (1 file was read)".to_owned(),
                (None, read) => format!(" ({read} files were read)"),
            };
            writeln!(
                self.out,
                "{name}: {count} {are} not among its files{of}; types from there are compared by \
                 name"
            )?;
        }
        if size.duplicates > 0 {
            let (count, are) = counted(size.duplicates, "declaration");
            writeln!(
                self.out,
                "{name}: {count} {are} also made in other files, in another way; \
                 each copy is judged against its own older self"
            )?;
        }
        Ok(())
    }

    /// Mistakes are left alone only where every version has them.
    fn broken(&mut self) -> io::Result<()> {
        let sizes = self.report.versions.iter().filter_map(|it| it.size);
        let Some(broken @ 1..) = sizes.map(|it| it.broken).max() else { return Ok(()) };
        let (count, are) = counted(broken, "file");
        writeln!(
            self.out,
            "{count} {are} broken in every version; the change does not reach that, and it is left \
             alone"
        )
    }

    /// What was accepted in vain.
    fn stale(&mut self) -> io::Result<()> {
        let (known, said): (Vec<&Stale>, Vec<&Stale>) =
            self.report.stale.iter().partition(|it| it.origin == Origin::Baseline);
        for stale in said {
            let level = self.paint(stale.level(), &stale.level().to_string());
            let place = stale.site.as_ref().map_or(String::new(), |it| {
                format!("{}:{}:{}: ", printable(&it.file), it.line, it.column)
            });
            writeln!(self.out, "{level}: {place}{}", printable(&stale.sentence()))?;
        }
        for stale in known.iter().take(CALLS) {
            writeln!(self.out, "{}: {}", stale.level(), printable(&stale.sentence()))?;
        }
        if known.len() > CALLS {
            let more = counted(known.len() - CALLS, "more finding of the baseline");
            writeln!(self.out, "and {} gone; `protoskew baseline` writes it anew", more.0)?;
        }
        Ok(())
    }

    fn summary(&mut self) -> io::Result<()> {
        let overall = self.report.outcome();
        let all: Vec<String> = self
            .report
            .verdicts
            .iter()
            .map(|verdict| {
                let notes = match verdict.count(Level::Note) {
                    0 => String::new(),
                    notes => format!(", {}", counted(notes, "note").0),
                };
                match verdict.pair.explicit {
                    true => format!("{}{notes}", outcome(verdict)),
                    false => format!("{} {}{notes}", pairing(verdict.pair), outcome(verdict)),
                }
            })
            .collect();
        let all = all.join("; ");
        if let [Verdict { pair: Pair { explicit: true, .. }, .. }] = &*self.report.verdicts {
            return writeln!(self.out, "{}", self.paint(outcome_level(overall), &all));
        }
        let overall = self.paint(outcome_level(overall), &overall.to_string());
        writeln!(self.out, "{overall}: {all}")
    }

    fn paragraph(&mut self, head: &str, text: &str) -> io::Result<()> {
        let indent = " ".repeat(2 + head.len());
        for (index, part) in text.split("\n\n").enumerate() {
            let first = if index == 0 { format!("  {head}") } else { indent.clone() };
            let options = textwrap::Options::new(self.style.width)
                .initial_indent(&first)
                .subsequent_indent(&indent);
            writeln!(self.out, "{}", textwrap::fill(part, options))?;
        }
        Ok(())
    }

    fn paint(&self, level: Level, text: &str) -> String {
        let code = match level {
            Level::Error => "1;31",
            Level::Warning => "1;33",
            Level::Note => "1;36",
            Level::Off => "1;32",
        };
        if self.style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        if self.style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn same_group(a: &Entry, b: &Entry) -> bool {
    a.finding.rule.id == b.finding.rule.id && a.level == b.level
}

fn outcome_level(outcome: Outcome) -> Level {
    match outcome {
        Outcome::Ok => Level::Off,
        Outcome::Degrades => Level::Warning,
        Outcome::Breaks | Outcome::Unknown => Level::Error,
    }
}

/// A finding as miette draws one. It shows one source for each diagnostic, and a finding has up to
/// two, so the other hangs below as related.
#[derive(Debug)]
struct Snippet {
    message: String,
    excerpt: Excerpt,
    label: String,
    level: Level,
    related: Vec<Snippet>,
}

impl Snippet {
    fn draw(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let theme = match style.color {
            true => GraphicalTheme::unicode(),
            false => GraphicalTheme::unicode_nocolor(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_wrap_lines(false)
            .with_links(false)
            .with_context_lines(0);
        let mut text = String::new();
        for snippet in std::iter::once(self).chain(&self.related) {
            let mut drawn = String::new();
            handler.render_report(&mut drawn, snippet).map_err(io::Error::other)?;
            // The second side has the same message; only its source is new.
            let said = !std::ptr::eq(snippet, self);
            let lines = drawn.lines().skip_while(|line| said && !line.contains("─["));
            for line in lines.filter(|line| !line.trim().is_empty()) {
                text.push_str(line);
                text.push('\n');
            }
        }
        out.write_all(text.as_bytes())
    }
}

impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Snippet {}

impl Diagnostic for Snippet {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.level {
            Level::Error => miette::Severity::Error,
            Level::Warning => miette::Severity::Warning,
            Level::Note | Level::Off => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some(self.label.clone()), self.excerpt.mark());
        Some(Box::new(std::iter::once(label)))
    }
}
