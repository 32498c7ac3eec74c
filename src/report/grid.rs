//! A matrix as a grid, for terminals and for Markdown. Releases that follow one another and that no
//! peer can tell apart are one row and one column; if that is still too wide, release lines are,
//! each with the worst of its releases.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use rayon::prelude::*;

use crate::{
    check::Outcome,
    excerpt::printable,
    matrix::{Matrix, Selected},
    report::{escape::markdown_words, words::counted},
};

/// How a grid may look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With ANSI colours.
    pub color: bool,
    /// The columns there are.
    pub width: usize,
}

/// Releases that are one row or one column.
struct Group {
    label: String,
    releases: Vec<usize>,
    classes: Vec<usize>,
}

/// What is shown of some cells: the worst of them.
#[derive(Clone, Copy)]
struct Shown {
    outcome: Outcome,
    failing: usize,
    /// Calls that fail, and that nobody makes, or everybody copes with.
    settled: usize,
}

/// The grid, for a terminal; more grids below it if it is too wide all the same.
///
/// # Errors
/// Those of `out`.
pub fn render(selected: &Selected<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Selected { matrix, clients, servers, .. } = selected;
    let mut rows = runs(matrix, clients);
    let mut columns = runs(matrix, servers);
    let margin = |rows: &[Group]| {
        let label = rows.iter().map(|it| it.label.chars().count()).max().unwrap_or_default();
        label + rows.len().to_string().len() + 3
    };
    let per_cell = |columns: &[Group]| columns.len().to_string().len().max(3) + 1;
    let mut coarse = false;
    if margin(&rows) + columns.len() * per_cell(&columns) > look.width {
        (rows, columns, coarse) = (lines(matrix, clients), lines(matrix, servers), true);
    }
    let same = rows.iter().map(|it| &it.label).eq(columns.iter().map(|it| &it.label));
    let (margin, cell) = (margin(&rows), per_cell(&columns));
    let fit = (look.width.saturating_sub(margin) / cell).max(1);
    writeln!(
        out,
        "rows: clients; columns: servers{}",
        if same { ", by the number of their row" } else { "" }
    )?;
    if coarse {
        writeln!(out, "each is a release line; a cell shows the worst of its releases")?;
    }
    if !same {
        for (at, column) in columns.iter().enumerate() {
            writeln!(out, "  {:>3} {}", at + 1, column.label)?;
        }
    }
    let cells: Vec<Vec<Option<Shown>>> = rows
        .par_iter()
        .map(|row| columns.iter().map(|column| worst(selected, row, column)).collect())
        .collect();
    for from in (0..columns.len()).step_by(fit) {
        let to = (from + fit).min(columns.len());
        let head: String = (from..to).map(|at| format!("{:>cell$}", at + 1)).collect();
        writeln!(out, "\n{:margin$}{head}", "")?;
        for (at, row) in rows.iter().enumerate() {
            let number = format!("{:>1$}", at + 1, rows.len().to_string().len());
            let label = format!("{number} {}", row.label);
            let fill = " ".repeat((margin - 1).saturating_sub(label.chars().count()));
            let cells: String =
                cells[at][from..to].iter().map(|it| paint(*it, cell, look.color)).collect();
            writeln!(out, "{label}{fill} {cells}")?;
        }
    }
    let key = |outcome, failing, settled| Shown { outcome, failing, settled };
    let mut keys = vec![
        (key(Outcome::Ok, 0, 0), "ok"),
        (key(Outcome::Degrades, 0, 0), "degrades"),
        (key(Outcome::Breaks, 12, 0), "breaks, so many calls fail"),
        (key(Outcome::Breaks, 0, 0), "breaks for what calls carry"),
        (key(Outcome::Unknown, 0, 0), "unknown"),
    ];
    if cells.iter().flatten().flatten().any(|it| it.outcome == Outcome::Ok && it.settled > 0) {
        keys.insert(1, (key(Outcome::Ok, 0, 1), "ok: a call that fails is not made, or handled"));
    }
    let keys = keys.iter().map(|(it, text)| format!("{} {text}", paint(Some(*it), 0, look.color)));
    writeln!(out, "\n{}", keys.collect::<Vec<_>>().join("   "))?;
    for line in searched(matrix) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// How many releases are named one by one.
const NAMED: usize = 3;

/// What of the sources was searched, what was not, and why; and what no upgrade brings.
pub(super) fn searched(matrix: &Matrix<'_>) -> Vec<String> {
    let mut done = 0;
    let mut not: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let Some(scans) = matrix.scans else { return Vec::new() };
    for (release, scan) in scans.iter().enumerate() {
        match scan {
            Ok(_) => done += 1,
            Err(why) => not.entry(why).or_default().push(release),
        }
    }
    let all = counted(scans.len(), "release").0;
    let mut lines = vec![format!(
        "call sites: searched in {done} of {all}; calls that nobody makes, and those whose callers \
         all cope, do not count"
    )];
    let not = not.into_iter().map(|(why, releases)| {
        let names = named(matrix, &releases);
        printable(&format!("call sites: not searched in {names}: {why}"))
    });
    lines.extend(not);
    let refused = refused(matrix).into_iter().map(|(method, releases)| {
        let path = printable(&matrix.methods[method].path());
        format!(
            "refused between client and server of one release: {path}, {}",
            named(matrix, &releases)
        )
    });
    lines.extend(refused);
    lines
}

/// By method that fails between the two ends of one release: the releases.
fn refused(matrix: &Matrix<'_>) -> BTreeMap<usize, Vec<usize>> {
    let mut refused: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, class) in matrix.classes.iter().enumerate() {
        for method in matrix.cell(at, at).failing {
            refused.entry(method).or_default().extend(&class.releases);
        }
    }
    refused.values_mut().for_each(|it| it.sort_unstable());
    refused
}

/// The names of releases; of many, the first and the last.
fn named(matrix: &Matrix<'_>, releases: &[usize]) -> String {
    let names: Vec<String> =
        releases.iter().map(|it| printable(matrix.history.name(*it))).collect();
    match names.len() {
        ..=NAMED => names.join(", "),
        all => format!("{} … {} ({all} releases)", names[0], names[all - 1]),
    }
}

/// The grid as a table of Markdown.
///
/// # Errors
/// Those of `out`.
pub fn render_markdown(selected: &Selected<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Selected { matrix, clients, servers, .. } = selected;
    let (rows, columns) = (runs(matrix, clients), runs(matrix, servers));
    let heads: Vec<String> = columns.iter().map(|it| markdown_words(&it.label)).collect();
    writeln!(out, "| client ↓ server → | {} |", heads.join(" | "))?;
    writeln!(out, "| --- |{}", " --- |".repeat(columns.len()))?;
    for row in &rows {
        let cells = columns.iter().map(|column| {
            let shown = worst(selected, row, column);
            let Some(shown) = shown else { return String::new() };
            match (shown.outcome, shown.failing) {
                (Outcome::Breaks, 0) => "**breaks**".to_owned(),
                (Outcome::Breaks, 1) => "**breaks**: 1 call fails".to_owned(),
                (Outcome::Breaks, calls) => format!("**breaks**: {calls} calls fail"),
                (Outcome::Ok, _) if shown.settled > 0 => {
                    format!("ok: {} not made, or handled", counted(shown.settled, "call").0)
                }
                (outcome, _) => outcome.to_string(),
            }
        });
        let cells: Vec<String> = cells.collect();
        writeln!(out, "| {} | {} |", markdown_words(&row.label), cells.join(" | "))?;
    }
    for line in searched(matrix) {
        writeln!(out, "\n{}", markdown_words(&line))?;
    }
    Ok(())
}

/// Releases that follow one another and belong to one class.
fn runs(matrix: &Matrix<'_>, releases: &[usize]) -> Vec<Group> {
    let runs = releases.chunk_by(|a, b| matrix.class_of[*a] == matrix.class_of[*b]);
    runs.map(|run| group(matrix, run)).collect()
}

/// Releases of one line.
fn lines(matrix: &Matrix<'_>, releases: &[usize]) -> Vec<Group> {
    let line = |it: &usize| &matrix.history.releases[*it].line;
    let lines = releases.chunk_by(|a, b| line(a).is_some() && line(a) == line(b));
    lines.map(|run| group(matrix, run)).collect()
}

fn group(matrix: &Matrix<'_>, releases: &[usize]) -> Group {
    let name = |it: usize| printable(matrix.history.name(it));
    let label = match releases {
        [] => String::new(),
        [only] => name(*only),
        [first, .., last] => format!("{} … {}", name(*first), name(*last)),
    };
    let mut classes: Vec<usize> = releases.iter().map(|it| matrix.class_of[*it]).collect();
    classes.sort_unstable();
    classes.dedup();
    Group { label, releases: releases.to_vec(), classes }
}

/// `None` if no pair of them is in the window.
fn worst(selected: &Selected<'_>, row: &Group, column: &Group) -> Option<Shown> {
    let matrix = selected.matrix;
    if !selected.promises(&row.releases, &column.releases) {
        return None;
    }
    let pairs =
        row.classes.iter().flat_map(|client| column.classes.iter().map(move |it| (client, it)));
    let cells = pairs.map(|(client, server)| matrix.summary(*client, *server));
    let worst = cells.fold((Outcome::Ok, 0, 0), |worst, cell| {
        (worst.0.max(cell.0), worst.1.max(cell.1), worst.2.max(cell.2))
    });
    let (outcome, failing, settled) = worst;
    Some(Shown { outcome, failing, settled })
}

fn paint(shown: Option<Shown>, width: usize, color: bool) -> String {
    let Some(shown) = shown else { return " ".repeat(width) };
    let (text, code) = match (shown.outcome, shown.failing) {
        (Outcome::Ok, _) if shown.settled > 0 => ("◦".to_owned(), "32"),
        (Outcome::Ok, _) => ("·".to_owned(), "32"),
        (Outcome::Degrades, _) => ("~".to_owned(), "33"),
        (Outcome::Breaks, 0) => ("×".to_owned(), "1;31"),
        (Outcome::Breaks, calls) => (calls.to_string(), "1;31"),
        (Outcome::Unknown, _) => ("?".to_owned(), "35"),
    };
    let text = format!("{text:>width$}");
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
}
