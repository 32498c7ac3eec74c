//! What the releases say to a line of a log, for people.

use std::io::{self, Write};

use super::{
    evidence::{About, Takes, said},
    since::{by_line, few, run},
};
use crate::{
    excerpt::{printable, short},
    history::{History, Run},
    incident::{Answer, Cause, Clue, Declares, Ends, Made, Says, Subject},
};

/// More calls that a line may mean are counted, not listed.
const SUBJECTS: usize = 5;

/// One answer. `ends` are the two that the user named.
///
/// # Errors
/// Those of `out`.
pub fn render(
    answer: &Answer,
    history: &History,
    ends: Ends,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page { history, ends, width, out };
    page.clue(&answer.clue)?;
    for subject in answer.subjects.iter().take(SUBJECTS) {
        page.subject(subject)?;
    }
    if let Some(more) = answer.subjects.len().checked_sub(SUBJECTS).filter(|it| *it > 0) {
        writeln!(page.out, "\nand {more} more that are named so")?;
    }
    writeln!(page.out)?;
    page.cause(answer)
}

/// The calls that a client of one release makes and a server of another does not have.
///
/// # Errors
/// Those of `out`.
pub fn render_failing(
    calls: Option<&[crate::schema::FullName]>,
    names: [&str; 2],
    out: &mut dyn Write,
) -> io::Result<()> {
    let [client, server] = names.map(printable);
    match calls {
        None => writeln!(
            out,
            "which calls a {client} client makes and a {server} server lacks is unknown: one could not be read"
        ),
        Some([]) => {
            writeln!(out, "a {server} server declares every call that a {client} client can make")
        }
        Some(calls) => {
            writeln!(
                out,
                "calls that a {client} client can make and a {server} server does not have:"
            )?;
            calls.iter().try_for_each(|call| writeln!(out, "  {}", call.path()))
        }
    }
}

struct Page<'p> {
    history: &'p History,
    ends: Ends,
    width: usize,
    out: &'p mut dyn Write,
}

impl Page<'_> {
    fn clue(&mut self, clue: &Clue) -> io::Result<()> {
        writeln!(self.out, "{}", printable(&short(&clue.words)))?;
        let who = clue.runtime.map(|it| format!("{it}: ")).unwrap_or_default();
        writeln!(self.out, "  {who}{}", clue.says.sentence())
    }

    fn subject(&mut self, subject: &Subject) -> io::Result<()> {
        let (name, timeline) = (subject.timeline.written(), &subject.timeline);
        writeln!(self.out, "\n{name}")?;
        if !timeline.runs.is_empty() {
            writeln!(self.out, "  declared by      {}", self.runs(&timeline.runs))?;
        }
        if !subject.lacking.is_empty() {
            writeln!(self.out, "  not declared by  {}", self.runs(&subject.lacking))?;
        }
        if let Some(&first) = timeline.unknown.first() {
            let (first, count) = (self.name(first), timeline.unknown.len());
            writeln!(self.out, "  unknown          {count}, from {first} on, could not be read")?;
        }
        let by_line = by_line(self.history, timeline);
        if timeline.runs.len() > 1 && !by_line.is_empty() {
            writeln!(self.out, "  by release line  {}", few(&by_line, "; "))?;
        }
        for (role, end, declares) in [
            ("client", self.ends.client, subject.client),
            ("server", self.ends.server, subject.server),
        ] {
            let (Some(release), Some(declares)) = (end, declares) else { continue };
            let verb = match declares {
                Declares::Yes => "declares it",
                Declares::No => "does not declare it",
                Declares::Unknown => "could not be read",
            };
            writeln!(self.out, "  the {role}, {}, {verb}", self.name(release))?;
        }
        subject.made.as_ref().map_or(Ok(()), |it| self.made(it))
    }

    /// Which code makes the call.
    fn made(&mut self, made: &Made) -> io::Result<()> {
        let who = self.name(made.by);
        let evidence = match &made.evidence {
            Ok(evidence) => evidence,
            // Of a client that nobody named, nobody asked.
            Err(_) if self.ends.client.is_none() => return Ok(()),
            Err(why) => {
                return writeln!(self.out, "  sources of {who} not searched: {}", printable(why));
            }
        };
        writeln!(self.out, "  in the sources of {who}")?;
        let lines = said(evidence, Takes::Unimplemented, About::One);
        lines.iter().try_for_each(|line| writeln!(self.out, "    {line}"))
    }

    fn cause(&mut self, answer: &Answer) -> io::Result<()> {
        match (answer.cause, answer.subjects.as_slice()) {
            (Cause::Skew, [subject]) => {
                self.paragraph("", &self.must_be(subject))?;
                self.ways(subject)?;
                if answer.clue.says <= Says::NotFound {
                    let text = "The log does not say that the method was missing: a server that has it may have answered so for another reason.";
                    writeln!(self.out)?;
                    self.paragraph("", text)?;
                }
                Ok(())
            }
            (Cause::Skew, _) => self.paragraph(
                "",
                "Several calls are named so. The server lacks one of them: name its service, or both ends with `--client` and `--server`.",
            ),
            (Cause::Elsewhere, _) if answer.clue.says.excludes_skew() => {
                self.look("The schema is not the cause, by these words.", answer)
            }
            (Cause::Elsewhere, _) => {
                let who = if self.ends.server.is_some() { "The server's release declares it" } else { "Every release declares it" };
                self.look(&format!("{who}: the schema is not the cause."), answer)
            }
            (Cause::Unknown, _) => {
                self.paragraph("", "It depends on releases that could not be read, so there is no answer.")
            }
            (Cause::NotDeclared, _) => self.not_declared(answer),
            (Cause::NoName, _) => self.look(
                "The log does not name the call. The client knows it: look for a path `/package.Service/Method` in its own logs, in an access log of the server or proxy at that time, or turn on its gRPC logging. With `--client` and `--server`, the calls that this pair cannot make are listed.",
                answer,
            ),
        }
    }

    /// Which releases the two ends have to be for the call to fail so.
    fn must_be(&self, subject: &Subject) -> String {
        let timeline = &subject.timeline;
        let since = timeline.steady_from(self.history.releases.len());
        let since = since.filter(|_| timeline.runs.len() == 1).map(|it| self.name(it));
        let server = match (self.ends.server, &since) {
            (Some(server), _) => format!("The server, {}, does not have it.", self.name(server)),
            (None, Some(since)) => format!("The server is older than {since}."),
            (None, None) => "The server is one of those that do not declare it.".to_owned(),
        };
        let client = match (self.ends.client, subject.client, &since) {
            (Some(client), Some(Declares::No), _) => format!(
                "The client, {}, does not declare it either: another one made the call.",
                self.name(client)
            ),
            (Some(client), ..) => format!("The client, {}, can make the call.", self.name(client)),
            (None, _, Some(since)) => format!("The client is {since} or newer."),
            (None, ..) => "The client is one of those that declare it.".to_owned(),
        };
        format!("{server} {client}")
    }

    fn ways(&mut self, subject: &Subject) -> io::Result<()> {
        let newest = self.history.releases.len() - 1;
        let steady = subject.timeline.steady_from(newest + 1);
        let on = |release| if steady.is_some_and(|it| it <= release) { " or newer" } else { "" };
        let name = |release: usize| self.name(release);
        let server = match (subject.server_up, subject.server_back) {
            (Some(up), None) => format!("Bring the server to {}{}.", name(up), on(up)),
            (None, Some(back)) => {
                format!("Take the server back to {}: no newer one has it.", name(back))
            }
            (Some(up), Some(_)) if self.ends.server.is_some() => {
                format!("Bring the server to {}{}.", name(up), on(up))
            }
            (Some(up), Some(back)) => format!(
                "Bring a server that is older to {}; take one that is newer back to {}.",
                name(up),
                name(back)
            ),
            (None, None) => "No other release of the server has it.".to_owned(),
        };
        let client = match (subject.client_back, subject.client_up) {
            (back, Some(up)) if !subject.timeline.has(newest) => {
                let back = back.filter(|_| self.ends.server < self.ends.client);
                let back = back.map(|it| format!(", or take it back to {}", name(it)));
                let back = back.unwrap_or_default();
                format!("Bring the client to {}, which does not call it any more{back}.", name(up))
            }
            (Some(back), _) => {
                format!("Hold the client back to {} or older, which does not call it.", name(back))
            }
            (None, _) => "No older client is without it.".to_owned(),
        };
        let guard = "Make the caller take UNIMPLEMENTED for \"this server does not have it\", and do without.";
        writeln!(self.out, "\nways out:")?;
        self.paragraph("  1. ", &server)?;
        self.paragraph("  2. ", &client)?;
        self.paragraph("  3. ", guard)
    }

    fn not_declared(&mut self, answer: &Answer) -> io::Result<()> {
        let Clue { service, method, .. } = &answer.clue;
        let name = match (service, method) {
            (Some(service), Some(method)) => format!("/{service}/{method}"),
            (service, method) => service.clone().or(method.clone()).unwrap_or_default(),
        };
        let near = match answer.near.as_slice() {
            [] => String::new(),
            near => format!(" Did you mean `{}`?", near.join("` or `")),
        };
        let count = self.history.releases.len();
        let text = format!(
            "No release declares `{}`: {count} were looked at.{near} The schema may live in another repository (`--repo`), or among tags that were not taken (`--tags`, `--prefix`).",
            printable(&short(&name))
        );
        self.paragraph("", &text)
    }

    fn look(&mut self, first: &str, answer: &Answer) -> io::Result<()> {
        self.paragraph("", first)?;
        if !answer.look.is_empty() {
            writeln!(self.out, "\nlook at:")?;
        }
        answer.look.iter().try_for_each(|it| self.paragraph("  - ", it))
    }

    fn paragraph(&mut self, head: &str, text: &str) -> io::Result<()> {
        let indent = " ".repeat(head.len());
        let options = textwrap::Options::new(self.width)
            .initial_indent(head)
            .subsequent_indent(&indent)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        writeln!(self.out, "{}", textwrap::fill(text, options))
    }

    /// `v2.17.0 and later (14 releases)`.
    fn runs(&self, runs: &[Run]) -> String {
        let all: Vec<String> = runs.iter().map(|it| run(self.history, *it)).collect();
        let count: usize = runs.iter().map(|run| run.last - run.first + 1).sum();
        let text = few(&all, ", ");
        if count > runs.len() { format!("{text} ({count} releases)") } else { text }
    }

    fn name(&self, release: usize) -> String {
        printable(self.history.name(release))
    }
}
