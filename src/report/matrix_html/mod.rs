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
    callsites::ServedStatus,
    check::Outcome,
    excerpt::printable,
    matrix::{Cell, Matrix, Scan, Selected},
    policy::{Entry, Evidence, Level},
    releases::Releases,
    report::{
        escape::{html, html_words},
        evidence::{self, About, Takes},
        grid,
        words::counted,
    },
    schema::FullName,
    skew::{Codec, Flow},
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the script knows: enough to work out every cell for any choice of services.
#[derive(Serialize)]
struct Data {
    /// The paths of the methods.
    methods: Vec<String>,
    /// By row, then by method: the number of its kind.
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
    /// By method: how many kinds of servers there are, and by client and server, where something goes wrong, the
    /// findings.
    answers: Vec<(usize, BTreeMap<usize, Vec<usize>>)>,
    findings: Vec<Finding>,
    unknown_rows: Vec<Option<String>>,
    unknown_columns: Vec<Option<String>>,
    /// By row, then by the index of a method that may fail: what its sources say of its clients, and
    /// what they say of them should the server be newer, if that is not the same.
    callers: Vec<BTreeMap<usize, Vec<String>>>,
    with_newer: Vec<BTreeMap<usize, Vec<String>>>,
    /// The places of the first and the last release of each row and of each column.
    row_spans: Vec<[usize; 2]>,
    column_spans: Vec<[usize; 2]>,
    /// By column, likewise: what they say of its servers.
    servers: Vec<BTreeMap<usize, Vec<String>>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Finding {
    /// 3 for an error, 2 for a warning, 1 for a note.
    level: u8,
    fails: bool,
    /// The call would fail, but it is not made, or handled.
    settled: bool,
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
    for line in grid::searched(matrix) {
        writeln!(out, "<p>{}</p>", html_words(&line))?;
    }
    out.write_all(b"<p id=\"filter\"></p>\n")?;
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
    <span class=\"unknown\">?</span> unknown</p>\n";

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
            let title =
                format!("{} client, {} server: {}", row.label, column.label, in_words(cell));
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

fn in_words(cell: &Cell) -> String {
    let mut words = cell.outcome.to_string();
    match cell.failing.len() {
        0 => (),
        1 => words.push_str(", 1 call fails"),
        calls => words.push_str(&format!(", {calls} calls fail")),
    }
    if !cell.settled.is_empty() {
        let calls = counted(cell.settled.len(), "call").0;
        words.push_str(&format!(", {calls} not made or handled"));
    }
    words
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
        let kinds = matrix.kinds(method);
        let answers = matrix.answered(method).map(|(client, server, entries)| {
            let at = client as usize * kinds + server as usize;
            (at, entries.iter().map(&mut number).collect())
        });
        (kinds, answers.collect())
    });
    let answers = answers.collect();
    let unknown =
        |runs: &[Run]| runs.iter().map(|it| matrix.classes[it.class].unknown.clone()).collect();
    Data {
        methods: matrix.methods.iter().map(|it| printable(&it.path())).collect(),
        rows: rows.iter().map(|it| matrix.clients(it.class).to_vec()).collect(),
        columns: columns.iter().map(|it| matrix.servers(it.class).to_vec()).collect(),
        answers,
        findings,
        unknown_rows: unknown(rows),
        unknown_columns: unknown(columns),
        callers: rows.iter().map(|it| said(matrix, it.class, callers)).collect(),
        with_newer: rows.iter().map(|it| said(matrix, it.class, callers_of_newer)).collect(),
        row_spans: rows.iter().map(Run::span).collect(),
        column_spans: columns.iter().map(Run::span).collect(),
        servers: columns.iter().map(|it| said(matrix, it.class, servers)).collect(),
    }
}

/// What the sources of a class say of the methods that may fail, with the release whose lines they
/// are.
fn said(
    matrix: &Matrix<'_>,
    class: usize,
    of: fn(&Scan, &FullName) -> Vec<String>,
) -> BTreeMap<usize, Vec<String>> {
    let Some(Ok(scan)) = matrix.scan(class) else { return BTreeMap::new() };
    let release = printable(matrix.name(class));
    let may_fail = (0..matrix.methods.len()).filter(|it| matrix.may_fail(*it));
    let said = may_fail.map(|method| {
        let lines = of(scan, &matrix.methods[method]).into_iter();
        (method, lines.map(|it| format!("{release}: {it}")).collect())
    });
    said.filter(|(_, lines): &(usize, Vec<String>)| !lines.is_empty()).collect()
}

fn callers(scan: &Scan, method: &FullName) -> Vec<String> {
    scan.calls.get(method).map(|it| told(&it.with_older)).unwrap_or_default()
}

fn callers_of_newer(scan: &Scan, method: &FullName) -> Vec<String> {
    let evidence = scan.calls.get(method).and_then(|it| it.with_newer.as_ref());
    evidence.map(told).unwrap_or_default()
}

fn told(evidence: &Evidence) -> Vec<String> {
    evidence::said(evidence, Takes::Unimplemented, About::One)
}

fn servers(scan: &Scan, method: &FullName) -> Vec<String> {
    let served = scan.served.get(method).into_iter().flat_map(|it| it.iter());
    served.filter(|it| it.status != ServedStatus::Implemented).map(evidence::answered).collect()
}

impl Run {
    fn span(&self) -> [usize; 2] {
        [self.releases[0], self.releases[self.releases.len() - 1]]
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
            fails: entry.failing().next().is_some(),
            settled: entry.fails() && entry.failing().next().is_none(),
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
