//! Every client release against every server release, for `protoskew matrix --format json`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{
    FORMAT, TOOL, generator, outcome, pretty,
    shape::{Outcome, Tool},
    since::{Version, versions},
    write,
};
use crate::{
    matrix::{self, Selected},
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
    let classes = matrix.classes.iter().enumerate().map(|(at, class)| Class {
        name: matrix.name(at),
        releases: class.releases.iter().map(|it| matrix.history.name(*it)).collect(),
        unknown: class.unknown.as_deref(),
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
            let matrix::Cell { outcome: word, failing, broken, degraded } = &cell;
            Cell {
                client: matrix.name(client),
                server: matrix.name(server),
                outcome: outcome(*word),
                failing: failing.len(),
                calls: named(failing),
                broken: named(broken),
                degraded: *degraded,
                reason: matrix.reason(client, server),
            }
        }))
    }
}
