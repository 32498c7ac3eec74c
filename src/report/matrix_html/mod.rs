//! A matrix as one HTML page that needs nothing else: a heat map to hover over, to walk through with
//! the arrow keys, to filter by service, and to open a cell of. Without scripts it is a table.
//!
//! What a schema or a tag is called is text here and never markup; the page may load nothing.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use crate::{
    check::Outcome,
    excerpt::printable,
    matrix::{Cell, Matrix, Selected},
    policy::{Entry, Level},
    releases::Releases,
    report::escape::{html, html_words},
    skew::{Codec, Flow},
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the script knows: enough to work out every cell for any choice of services.
#[derive(Serialize)]
struct Data {
    /// The paths of the methods.
    methods: Vec<String>,
    /// By row, then by method: the number of its shape.
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
    /// By method: how many shapes it has, and by client and server, where something goes wrong, the
    /// findings.
    answers: Vec<(usize, BTreeMap<usize, Vec<usize>>)>,
    findings: Vec<Finding>,
    unknown_rows: Vec<Option<String>>,
    unknown_columns: Vec<Option<String>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Finding {
    /// 3 for an error, 2 for a warning, 1 for a note.
    level: u8,
    fails: bool,
    accepted: bool,
    rule: &'static str,
    on: &'static str,
    text: String,
}

/// Releases that follow one another and that no peer can tell apart.
struct Run {
    label: String,
    releases: Vec<usize>,
    class: usize,
}

/// The page.
///
/// # Errors
/// Those of `out`.
pub fn render(selected: &Selected<'_>, releases: &Releases, out: &mut dyn Write) -> io::Result<()> {
    let Selected { matrix, clients, servers, .. } = selected;
    let (rows, columns) = (runs(matrix, clients), runs(matrix, servers));
    let data = serde_json::to_string(&data(matrix, &rows, &columns))?;
    // In a script no text may end it.
    let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028");
    let title = format!("{} releases: which client gets on with which server", clients.len());
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>protoskew matrix</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>{}</h1>\n<p>Releases are {}. A row is a client, a column is a server. Releases that follow one \
         another and that no peer can tell apart are one.</p>",
        html_words(&title),
        html(&releases.taken.to_string()),
    )?;
    out.write_all(KEY.as_bytes())?;
    table(selected, &rows, &columns, out)?;
    writeln!(
        out,
        "<noscript><p>Without scripts this is a table: <code>protoskew check --client A --server \
         B</code> prints the findings of a cell.</p></noscript>\n\
         <section id=\"details\" aria-live=\"polite\"></section>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>"
    )
}

const KEY: &str = "<p class=\"key\"><span class=\"ok\">·</span> ok \
    <span class=\"degrades\">~</span> degrades <span class=\"breaks\">3</span> breaks, so many calls \
    fail <span class=\"breaks\">×</span> breaks for what calls carry \
    <span class=\"unknown\">?</span> unknown</p>\n<p id=\"filter\"></p>\n";

fn table(
    selected: &Selected<'_>,
    rows: &[Run],
    columns: &[Run],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"scroll\"><table id=\"grid\">\n<thead><tr><td class=\"corner\">client ↓ server →</td>"
    )?;
    for column in columns {
        writeln!(out, "<th scope=\"col\"><span>{}</span></th>", html_words(&column.label))?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    let matrix = selected.matrix;
    let servers: Vec<usize> = columns.iter().map(|it| it.class).collect();
    for row in rows {
        write!(out, "<tr><th scope=\"row\">{}</th>", html_words(&row.label))?;
        for (cell, column) in matrix.row(row.class, &servers).iter().zip(columns) {
            if !selected.promises(&row.releases, &column.releases) {
                write!(out, "<td class=\"out\" title=\"outside of the window\"></td>")?;
                continue;
            }
            let title = format!("{} client, {} server: {}", row.label, column.label, said(cell));
            let (class, sign) = sign(cell);
            write!(out, "<td class=\"{class}\" title=\"{}\">{sign}</td>", html_words(&title))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// How a cell looks, and the sign in it. The more calls fail, the warmer; the script has the same
/// steps.
fn sign(cell: &Cell) -> (&'static str, String) {
    match (cell.outcome, cell.failing.len()) {
        (Outcome::Ok, _) => ("ok", "·".to_owned()),
        (Outcome::Degrades, _) => ("degrades", "~".to_owned()),
        (Outcome::Breaks, 0) => ("breaks", "×".to_owned()),
        (Outcome::Breaks, calls @ 16..) => ("breaks w4", calls.to_string()),
        (Outcome::Breaks, calls @ 6..) => ("breaks w3", calls.to_string()),
        (Outcome::Breaks, calls @ 2..) => ("breaks w2", calls.to_string()),
        (Outcome::Breaks, calls) => ("breaks", calls.to_string()),
        (Outcome::Unknown, _) => ("unknown", "?".to_owned()),
    }
}

fn said(cell: &Cell) -> String {
    match cell.failing.len() {
        0 => cell.outcome.to_string(),
        1 => format!("{}, 1 call fails", cell.outcome),
        calls => format!("{}, {calls} calls fail", cell.outcome),
    }
}

fn data(matrix: &Matrix<'_>, rows: &[Run], columns: &[Run]) -> Data {
    let mut known: BTreeMap<Finding, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut number = |entry: &Entry| {
        let finding = Finding::of(entry);
        *known.entry(finding.clone()).or_insert_with(|| {
            findings.push(finding);
            findings.len() - 1
        })
    };
    let answers = (0..matrix.methods.len()).map(|method| {
        let shapes = matrix.shapes(method);
        let answers = matrix.answered(method).map(|(client, server, entries)| {
            let at = client as usize * shapes + server as usize;
            (at, entries.iter().map(&mut number).collect())
        });
        (shapes, answers.collect())
    });
    let answers = answers.collect();
    let keys = |runs: &[Run]| runs.iter().map(|it| matrix.keys(it.class).to_vec()).collect();
    let unknown =
        |runs: &[Run]| runs.iter().map(|it| matrix.classes[it.class].unknown.clone()).collect();
    Data {
        methods: matrix.methods.iter().map(|it| printable(&it.path())).collect(),
        rows: keys(rows),
        columns: keys(columns),
        answers,
        findings,
        unknown_rows: unknown(rows),
        unknown_columns: unknown(columns),
    }
}

impl Finding {
    fn of(entry: &Entry) -> Finding {
        let it = &entry.finding;
        let on = match (it.flow, it.codec) {
            (Flow::Call, _) => "call",
            (Flow::Request, Codec::Binary) => "request",
            (Flow::Request, Codec::Json) => "request, in JSON",
            (Flow::Response, Codec::Binary) => "response",
            (Flow::Response, Codec::Json) => "response, in JSON",
        };
        let text = match it.flow {
            Flow::Call => it.message.clone(),
            Flow::Request | Flow::Response => format!("{}: {}", it.subject, it.message),
        };
        Finding {
            level: match entry.level {
                Level::Error => 3,
                Level::Warning => 2,
                Level::Note => 1,
                Level::Off => 0,
            },
            fails: entry.fails(),
            accepted: entry.allowed.is_some(),
            rule: it.rule.id,
            on,
            text: printable(&text),
        }
    }
}

fn runs(matrix: &Matrix<'_>, releases: &[usize]) -> Vec<Run> {
    let runs = releases.chunk_by(|a, b| matrix.class_of[*a] == matrix.class_of[*b]);
    runs.map(|run| {
        let name = |it: usize| printable(matrix.history.name(it));
        let (first, last) = (name(run[0]), name(run[run.len() - 1]));
        let label = if run.len() == 1 { first } else { format!("{first} … {last}") };
        Run { label, releases: run.to_vec(), class: matrix.class_of[run[0]] }
    })
    .collect()
}
