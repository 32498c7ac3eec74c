//! When an element came and went, for people.

use std::io::{self, Write};

use super::{date, words::counted};
use crate::{
    excerpt::printable,
    history::{History, Origin, Run, Timeline},
    releases::Releases,
};

/// More runs or lines than these are counted, not listed; JSON lists all.
const SHOWN: usize = 12;

/// More reasons than these are not told.
const GAPS: usize = 4;

/// One element: since when, where it starts in each release line, the gaps, and what brought it.
///
/// # Errors
/// Those of `out`.
pub fn render(
    history: &History,
    timeline: &Timeline,
    origin: Option<&Origin>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = |release: usize| printable(history.name(release));
    writeln!(out, "{} {}", timeline.kind, printable(&timeline.written()))?;
    writeln!(out, "  needs    {}", needs(history, timeline))?;
    let runs: Vec<String> = timeline.runs.iter().map(|it| run(history, *it)).collect();
    writeln!(out, "  in       {}", few(&runs, ", not in between, "))?;
    if let Some(last) = timeline.runs.last().filter(|it| it.last + 1 < history.releases.len()) {
        writeln!(out, "  not in   {} and later", name(last.last + 1))?;
    }
    let partly = by_line(history, timeline);
    if !partly.is_empty() {
        writeln!(out, "  by line  {}", few(&partly, "; "))?;
    }
    if !timeline.unknown.is_empty() {
        let unknown: Vec<String> = timeline.unknown.iter().map(|it| name(*it)).collect();
        writeln!(out, "  unknown  {}", few(&unknown, ", "))?;
    }
    let Some(origin) = origin else { return Ok(()) };
    let commit = origin.commit.commit.to_string();
    let day = date(origin.commit.time);
    let day = day.split('T').next().unwrap_or_default();
    writeln!(out, "  brought  {} {day} {}", &commit[..9], printable(&origin.summary))?;
    writeln!(out, "           in {}", printable(&origin.file))?;
    if origin.cut_off {
        writeln!(out, "           this clone ends there: the element may be older")?;
    }
    match origin.releases.as_slice() {
        [] => Ok(()),
        [first, ..] => writeln!(out, "           first released in {}", name(*first)),
    }
}

/// What a peer that uses the element needs of the other end.
pub fn needs(history: &History, timeline: &Timeline) -> String {
    let name = |release: usize| printable(history.name(release));
    let Some(from) = timeline.steady_from(history.releases.len()) else {
        return match timeline.runs.last() {
            Some(last) => format!("nothing newer than {}", name(last.last)),
            None => "what no release has".to_owned(),
        };
    };
    let earlier = timeline.runs.iter().filter(|it| it.last < from);
    let earlier: Vec<String> = earlier.map(|it| run(history, *it)).collect();
    match earlier.is_empty() {
        true => format!("≥ {}", name(from)),
        false => format!("≥ {}, or {}", name(from), few(&earlier, " or ")),
    }
}

/// Which releases were looked at.
///
/// # Errors
/// Those of `out`.
pub fn render_scope(history: &History, releases: &Releases, out: &mut dyn Write) -> io::Result<()> {
    let count = history.releases.len();
    let ends = match history.releases.as_slice() {
        [] => String::new(),
        [only] => format!(": {}", printable(&only.revision.name)),
        [first, .., last] => {
            format!(": {} … {}", printable(&first.revision.name), printable(&last.revision.name))
        }
    };
    let taken = printable(&releases.taken.to_string());
    writeln!(out, "{}, {taken}{ends}", counted(count, "release").0)?;
    if releases.pre_releases > 0 {
        let (left, _) = counted(releases.pre_releases, "pre-release");
        writeln!(out, "  {left} left out (--pre-releases)")?;
    }
    let others = releases.others.iter().filter(|(_, count)| **count > 0);
    let others = others.map(|(prefix, count)| match prefix.as_str() {
        "" => format!("'' ({count})"),
        prefix => format!("{} ({count})", printable(prefix)),
    });
    let others: Vec<String> = others.collect();
    if !others.is_empty() {
        writeln!(out, "  other families of tags (--prefix): {}", few(&others, ", "))?;
    }
    for release in &history.releases {
        if let Some(doubt) = &release.doubt {
            let [own, other] = [&release.revision.name, &doubt.after].map(|it| printable(it));
            writeln!(out, "  {own} was made after {other}: its number is in doubt")?;
        }
    }
    let late = releases.out_of_date_order();
    if late > 0 {
        let was = if late == 1 { "was" } else { "were" };
        writeln!(out, "  {late} of them {was} made after one that has a higher number")?;
    }
    if releases.cut_off {
        let fetch = "`git fetch --unshallow --tags` brings all";
        writeln!(out, "  this clone is shallow, and may lack tags: {fetch}")?;
    }
    Ok(())
}

/// The releases that could not be read, and why; each reason once.
///
/// # Errors
/// Those of `out`.
pub fn render_gaps(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let classes = history.classes.iter();
    let gaps = classes.filter_map(|it| Some((it, it.contents.reason()?)));
    let gaps: Vec<_> = gaps.collect();
    for (class, reason) in gaps.iter().take(GAPS) {
        let names: Vec<String> =
            class.releases.iter().map(|it| printable(history.name(*it))).collect();
        writeln!(out, "  {}: {}", few(&names, ", "), printable(reason))?;
    }
    let more = gaps.iter().skip(GAPS).map(|(class, _)| class.releases.len()).sum();
    match more {
        0 => Ok(()),
        more => writeln!(out, "  and {}, for other reasons", counted(more, "more release").0),
    }
}

/// Where it starts in the release lines that have it in part: of a line that has it as a whole
/// there is nothing to tell.
pub(super) fn by_line(history: &History, timeline: &Timeline) -> Vec<String> {
    let partly = timeline.lines.iter().filter(|it| !it.whole).map(|it| {
        let runs: Vec<String> = it.runs.iter().map(|it| run(history, *it)).collect();
        let (last, earlier) = runs.split_last().map_or(("", &[][..]), |(last, it)| (last, it));
        let earlier: String = earlier.iter().map(|it| format!("{it}, ")).collect();
        let open = if it.steady || earlier.is_empty() { "" } else { "again " };
        format!("{}: {earlier}{open}{last}", it.line)
    });
    partly.map(|it| printable(&it)).collect()
}

pub(super) fn run(history: &History, run: Run) -> String {
    let [first, last] = [run.first, run.last].map(|it| printable(history.name(it)));
    match run.first == run.last {
        true => first,
        false if run.last + 1 == history.releases.len() => format!("{first} and later"),
        false => format!("{first} … {last}"),
    }
}

pub(super) fn few(all: &[String], between: &str) -> String {
    match all.len().saturating_sub(SHOWN) {
        0 => all.join(between),
        more => format!("{}{between}and {more} more", all[..SHOWN].join(between)),
    }
}
