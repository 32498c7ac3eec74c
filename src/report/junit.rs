//! JUnit's XML, as CI services read it: a suite for each pairing, a case for each finding.

use std::io::{self, Write};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::words::{carried, causes, ends, outcome, pairing, sentence};
use crate::{
    check::{Outcome, Report, Verdict},
    excerpt,
    policy::{Entry, Level},
    schema::Site,
};

/// The report. Findings at `fail_on` or above are failures; those below pass, and say what they
/// are in their output. What somebody has accepted is skipped.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, fail_on: Level, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = writer.create_element("testsuites").with_attribute(("name", "protoskew"));
    suites.write_inner_content(|writer| {
        for verdict in &report.verdicts {
            suite(report, verdict, fail_on, writer)?;
        }
        Ok(())
    })?;
    writer.get_mut().write_all(b"\n")
}

/// Text that XML can hold: it has no word for some characters.
fn printable(text: &str) -> String {
    excerpt::printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

type Xml<'w> = Writer<&'w mut dyn Write>;

fn suite(report: &Report, verdict: &Verdict, fail_on: Level, xml: &mut Xml<'_>) -> io::Result<()> {
    let name = format!("{} ({})", ends(report, verdict.pair), pairing(verdict.pair));
    let name = printable(&name);
    let unknown = verdict.outcome == Outcome::Unknown;
    let causes: Vec<&[Entry]> = causes(&verdict.entries).collect();
    let skipped = causes.iter().filter(|cause| cause[0].allowed.is_some()).count();
    let failures = causes.iter().filter(|cause| fails(&cause[0], fail_on)).count();
    // The verdict itself is a case, so that a suite without findings is not an empty one.
    let tests = causes.len() + 1;
    let suite = xml.create_element("testsuite").with_attributes([
        ("name", &*name),
        ("tests", &*tests.to_string()),
        ("failures", &*failures.to_string()),
        ("errors", &*usize::from(unknown).to_string()),
        ("skipped", &*skipped.to_string()),
    ]);
    suite.write_inner_content(|xml| {
        overall(verdict, &name, xml)?;
        for cause in causes {
            case(report, verdict, cause, fail_on, &name, xml)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn fails(entry: &Entry, fail_on: Level) -> bool {
    fail_on != Level::Off && entry.level >= fail_on && entry.allowed.is_none()
}

fn overall(verdict: &Verdict, suite: &str, xml: &mut Xml<'_>) -> io::Result<()> {
    let told = outcome(verdict);
    let case = xml.create_element("testcase");
    let case = case.with_attributes([("classname", suite), ("name", "verdict")]);
    case.write_inner_content(|xml| {
        match &verdict.reason {
            Some(reason) if verdict.outcome == Outcome::Unknown => {
                let error = xml.create_element("error").with_attribute(("message", &*told));
                error.write_text_content(BytesText::new(&printable(reason)))?;
            }
            _ => {
                let output = xml.create_element("system-out");
                output.write_text_content(BytesText::new(&told))?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn case(
    report: &Report,
    verdict: &Verdict,
    cause: &[Entry],
    fail_on: Level,
    suite: &str,
    xml: &mut Xml<'_>,
) -> io::Result<()> {
    let entry = &cause[0];
    let it = &entry.finding;
    let head = &report.versions[verdict.pair.head];
    let place = |site: &Site| (printable(&format!("{}{}", head.under, site.file)), site.line);
    let place = entry.anchor.as_ref().or(it.head.as_ref()).map(place);
    let name = format!("{} {}", it.rule.id, printable(it.subject.as_str()));
    let mut case = xml.create_element("testcase");
    case = case.with_attributes([("classname", suite), ("name", &name)]);
    if let Some((file, line)) = &place {
        case = case.with_attributes([("file", &**file), ("line", &*line.to_string())]);
    }
    let told = printable(&sentence(entry));
    let level = entry.level.to_string();
    let at = place.as_ref().map_or(String::new(), |(file, line)| format!("\n{file}:{line}"));
    let more = format!("{told}\n{}{at}", printable(&carried(cause)));
    case.write_inner_content(|xml| {
        match &entry.allowed {
            Some(allowed) => {
                let reason = format!("allowed: {}", printable(allowed.reason()));
                let skipped = xml.create_element("skipped").with_attribute(("message", &*reason));
                skipped.write_empty()?;
            }
            None if fails(entry, fail_on) => {
                let failure = xml.create_element("failure");
                let failure = failure.with_attributes([("message", &*told), ("type", &*level)]);
                failure.write_text_content(BytesText::new(&more))?;
            }
            None => {
                let output = xml.create_element("system-out");
                output.write_text_content(BytesText::new(&format!("{level}: {more}")))?;
            }
        }
        Ok(())
    })?;
    Ok(())
}
