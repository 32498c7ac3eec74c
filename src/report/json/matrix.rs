//! Every client release against every server release, for `protoskew matrix --format json`.

use std::{
    io::{self, Write},
    sync::Arc,
};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{
    FORMAT, TOOL,
    calls::{self, CallSite, Served},
    evidence, generator, outcome, pretty,
    shape::{Evidence, Outcome, Searched, Tool, Weight},
    since::{Version, versions},
    write,
};
use crate::{
    check::Search,
    matrix::{self, Made, Scan, Selected, Settled},
    releases::Releases,
    schema::FullName,
};

/// What `protoskew matrix --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew matrix")]
struct Matrix<'m> {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// Which tags were taken for releases.
    taken: String,
    /// In the order of versions.
    releases: Vec<Version<'m>>,
    /// Releases that no peer can tell apart, together. In cells a class goes by the name of its
    /// first release.
    classes: Vec<Class<'m>>,
    /// One for each class of clients and each class of servers, of which some pair is in the window
    /// that was asked for.
    #[schemars(with = "Vec<Cell>")]
    cells: Cells<'m>,
}

/// Releases that no peer can tell apart.
#[derive(Serialize, JsonSchema)]
struct Class<'m> {
    /// Its first release.
    name: &'m str,
    /// All of them, in the order of versions.
    releases: Vec<&'m str>,
    /// Why not all of it is known.
    unknown: Option<&'m str>,
    /// Whether its sources were searched; null if nobody asked.
    calls_searched: Option<Searched>,
    /// Of the calls that fail or are refused between some of the releases: what the sources of its
    /// first release say of its clients and of its servers. Those of the others come to the same.
    /// Empty if they were not searched.
    calls: Vec<Call>,
}

/// What the sources of a release say of a call.
#[derive(Serialize, JsonSchema)]
struct Call {
    /// As gRPC writes it: `/pkg.Service/Method`.
    call: String,
    /// What the sites come to, should a server be older than the call.
    weight: Weight,
    /// The same, should the server be newer than the client, if it is not the same: a gate that
    /// asks for a version lets such a server through.
    weight_with_newer: Option<Weight>,
    /// Where its clients make it.
    sites: Vec<CallSite>,
    /// Mentions that look like calls and could not be resolved.
    unresolved: usize,
    /// Source files that could not be read, or not all of them.
    incomplete: usize,
    /// What its servers do about it.
    served: Vec<Served>,
}

struct Cells<'m>(&'m Selected<'m>);

/// What happens when a client of one class calls a server of another.
#[derive(Serialize, JsonSchema)]
struct Cell<'m> {
    client: &'m str,
    server: &'m str,
    outcome: Outcome,
    /// How many calls fail, whatever they carry.
    failing: usize,
    /// These calls, as gRPC writes them: `/pkg.Service/Method`.
    calls: Vec<&'m str>,
    /// Calls that break in another way: data is misread or lost, or refused for what it holds.
    broken: Vec<&'m str>,
    /// Calls that would fail, but whose callers in the client all cope, as its sources say.
    handled: Vec<&'m str>,
    /// Calls that would fail, but that the client does not make, as its sources say.
    uncalled: Vec<&'m str>,
    /// Calls that the server refuses in some cases, and answers in others, as its sources say.
    refused_in_some_cases: Vec<&'m str>,
    /// How many calls degrade; `protoskew check` of the two names them.
    degraded: usize,
    /// Why the outcome is unknown.
    reason: Option<String>,
}

/// All cells.
///
/// # Errors
/// Those of `out`.
pub fn render_matrix(
    selected: &Selected<'_>,
    releases: &Releases,
    out: &mut dyn Write,
) -> io::Result<()> {
    let matrix = selected.matrix;
    let failing: Vec<&FullName> = (0..matrix.methods.len())
        .filter(|it| matrix.may_fail(*it))
        .map(|it| &matrix.methods[it])
        .collect();
    let calls = |scan: &Scan| -> Vec<Call> {
        let own = failing.iter().filter_map(|it| Some((*it, scan.calls.get(*it)?)));
        own.map(|(method, made)| call(method, made, scan)).collect()
    };
    let classes = matrix.classes.iter().enumerate().map(|(at, class)| Class {
        name: matrix.name(at),
        releases: class.releases.iter().map(|it| matrix.history.name(*it)).collect(),
        unknown: class.unknown.as_deref(),
        calls_searched: matrix.scan(at).map(searched),
        calls: matrix.scan(at).and_then(|it| it.as_deref().ok()).map_or_else(Vec::new, calls),
    });
    let shape = Matrix {
        format: FORMAT,
        tool: TOOL,
        taken: releases.taken.to_string(),
        releases: versions(matrix.history),
        classes: classes.collect(),
        cells: Cells(selected),
    };
    write(&shape, out)
}

fn searched(scan: &Result<Arc<Scan>, String>) -> Searched {
    evidence::searched(&match scan {
        Ok(scan) => Search::Done(scan.files),
        Err(why) => Search::Not(why.clone()),
    })
}

fn call(method: &FullName, made: &Made, scan: &Scan) -> Call {
    let Evidence { weight, sites, unresolved, incomplete, .. } = evidence::shape(&made.with_older);
    let served = scan.served.get(method).into_iter().flat_map(|it| it.iter());
    let served = served.map(calls::served).collect();
    let newer = made.with_newer.as_ref().map(|it| evidence::weight(it.weight));
    let (call, weight_with_newer) = (method.path(), newer);
    Call { call, weight, weight_with_newer, sites, unresolved, incomplete, served }
}

/// The JSON Schema of [`render_matrix`].
pub fn matrix_schema() -> String {
    pretty(&generator().into_root_schema_for::<Matrix<'_>>())
}

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Selected { matrix, clients, servers, .. } = self.0;
        let paths: Vec<String> = matrix.methods.iter().map(FullName::path).collect();
        let named = |methods: &[usize]| methods.iter().map(|it| paths[*it].as_str()).collect();
        let columns = self.0.classes(servers);
        // The releases of a class that were asked for.
        let of = |class: usize, releases: &[usize]| -> Vec<usize> {
            let own = |it: &&usize| matrix.class_of[**it] == class;
            releases.iter().filter(own).copied().collect()
        };
        let rows = self.0.classes(clients).into_iter();
        let cells = rows.flat_map(|client| {
            let members = of(client, clients);
            let row = columns.iter().copied().zip(matrix.row(client, &columns));
            let row = row.map(move |(server, cell)| (client, server, cell));
            row.filter(move |(_, server, _)| self.0.promises(&members, &of(*server, servers)))
        });
        serializer.collect_seq(cells.map(|(client, server, cell)| {
            let matrix::Cell { outcome: word, failing, broken, settled, degraded } = &cell;
            let for_reason = |reason| {
                let own = settled.iter().filter(|(_, why)| *why == reason);
                own.map(|(method, _)| paths[*method].as_str()).collect()
            };
            Cell {
                client: matrix.name(client),
                server: matrix.name(server),
                outcome: outcome(*word),
                failing: failing.len(),
                calls: named(failing),
                broken: named(broken),
                handled: for_reason(Settled::Handled),
                uncalled: for_reason(Settled::Uncalled),
                refused_in_some_cases: for_reason(Settled::InSomeCases),
                degraded: *degraded,
                reason: matrix.reason(client, server),
            }
        }))
    }
}
