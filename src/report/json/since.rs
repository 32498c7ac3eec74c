//! When elements came and went, for `protoskew since --format json`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeSeq as _};

use super::{FORMAT, TOOL, generator, pretty, shape::Tool, write};
use crate::{
    history::{self, Contents, History, Origin, Timeline},
    releases::Releases,
    report::date,
};

/// What `protoskew since --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew since")]
struct Since<'h> {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// Which tags or commits were taken for releases.
    taken: String,
    /// In the order of versions; commits of a branch by date.
    releases: Vec<Version<'h>>,
    /// Services, then methods, messages, fields, enums and their values, each by name.
    #[schemars(with = "Vec<Element>")]
    elements: Elements<'h>,
}

/// Told one after another: of a long history, all of them take gigabytes.
struct Elements<'h> {
    history: &'h History,
    timelines: Walk<'h>,
    origin: Option<&'h Origin>,
}

/// Goes through timelines.
pub type Walk<'w> = &'w dyn Fn() -> Box<dyn Iterator<Item = Timeline> + 'w>;

/// One release.
#[derive(Serialize, JsonSchema)]
pub(super) struct Version<'h> {
    /// The tag, or the beginning of the commit's id.
    pub(super) name: &'h str,
    /// The commit.
    pub(super) commit: String,
    /// When it was committed, UTC.
    pub(super) date: String,
    /// The release line it belongs to, if it has a number: `2.17`.
    pub(super) line: Option<&'h str>,
    /// A release with a higher number that was made before this one, if that makes this number a
    /// likely slip of the pen.
    pub(super) doubt: Option<&'h str>,
    pub(super) state: State,
    /// Why not all of it is known, or why there is nothing.
    pub(super) reason: Option<String>,
}

/// What is known of a release: all that it declares, a part of it, that it holds no `.proto` file,
/// or nothing.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Known,
    Partly,
    Nothing,
    Unknown,
}

/// One element that a release has.
#[derive(Serialize, JsonSchema)]
struct Element<'h> {
    /// `/pkg.Service/Method` of a method, the full name of anything else.
    name: String,
    kind: Kind,
    /// The first release that has it, in the order of versions. One whose number is in doubt counts
    /// only if no other has it.
    first: Option<&'h str>,
    /// The releases that have it: the first and the last of each run, in the order of versions.
    runs: Vec<[&'h str; 2]>,
    /// Releases that may have it, in a file that could not be read.
    unknown: Vec<&'h str>,
    /// Where it starts in each release line that has it.
    lines: Vec<Start<'h>>,
    /// The commit that brought it. Looked for only if one element was asked for.
    origin: Option<Brought<'h>>,
}

/// What an element is.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Service,
    Method,
    Message,
    Field,
    Enum,
    EnumValue,
}

/// How an element starts in a release line.
#[derive(Serialize, JsonSchema)]
struct Start<'h> {
    /// Major and minor version: `2.8`.
    line: &'h str,
    /// The first release of the line that has it.
    first: Option<&'h str>,
    /// Every later release of the line has it too.
    steady: bool,
    /// The releases of the line that have it: the first and the last of each run.
    runs: Vec<[&'h str; 2]>,
}

/// The commit that has an element while none of its parents does.
#[derive(Serialize, JsonSchema)]
struct Brought<'h> {
    commit: String,
    /// When it was committed, UTC.
    date: String,
    /// The first line of its message.
    summary: &'h str,
    /// The file that declares the element there.
    file: &'h str,
    /// The oldest release that contains the commit and has the element.
    first_release: Option<&'h str>,
    /// The clone is shallow and ends there: the element may be older.
    cut_off: bool,
}

/// Elements and when they were there.
///
/// # Errors
/// Those of `out`.
pub fn render_since<'h>(
    history: &'h History,
    releases: &Releases,
    timelines: Walk<'h>,
    origin: Option<&'h Origin>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shape = Since {
        format: FORMAT,
        tool: TOOL,
        taken: releases.taken.to_string(),
        releases: versions(history),
        elements: Elements { history, timelines, origin },
    };
    write(&shape, out)
}

/// The JSON Schema of [`render_since`].
pub fn since_schema() -> String {
    pretty(&generator().into_root_schema_for::<Since<'_>>())
}

/// The releases of a history.
pub(super) fn versions(history: &History) -> Vec<Version<'_>> {
    let all = history.releases.iter().enumerate();
    all.map(|(at, it)| Version {
        name: &it.revision.name,
        commit: it.revision.commit.to_string(),
        date: date(it.revision.time),
        line: it.line.as_deref(),
        doubt: it.doubt.as_ref().map(|it| it.after.as_str()),
        state: match history.contents(at) {
            Contents::Known(compiled) if compiled.problems.is_empty() => State::Known,
            Contents::Known(_) => State::Partly,
            Contents::Nothing(_) => State::Nothing,
            Contents::Unknown(_) => State::Unknown,
        },
        reason: history.contents(at).reason(),
    })
    .collect()
}

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for timeline in (self.timelines)() {
            all.serialize_element(&element(self.history, &timeline, self.origin))?;
        }
        all.end()
    }
}

fn element<'e>(history: &'e History, it: &'e Timeline, origin: Option<&'e Origin>) -> Element<'e> {
    let runs = |runs: &[history::Run]| {
        runs.iter().map(|it| [it.first, it.last].map(|it| history.name(it))).collect::<Vec<_>>()
    };
    let lines = it.lines.iter().map(|start| Start {
        line: &start.line,
        first: start.runs.first().map(|it| history.name(it.first)),
        steady: start.steady,
        runs: runs(&start.runs),
    });
    Element {
        name: it.written(),
        kind: kind(it.kind),
        first: it.first.map(|it| history.name(it)),
        runs: runs(&it.runs),
        unknown: it.unknown.iter().map(|it| history.name(*it)).collect(),
        lines: lines.collect(),
        origin: origin.map(|origin| Brought {
            commit: origin.commit.commit.to_string(),
            date: date(origin.commit.time),
            summary: &origin.summary,
            file: &origin.file,
            first_release: origin.releases.first().map(|it| history.name(*it)),
            cut_off: origin.cut_off,
        }),
    }
}

fn kind(it: history::Kind) -> Kind {
    match it {
        history::Kind::Service => Kind::Service,
        history::Kind::Method => Kind::Method,
        history::Kind::Message => Kind::Message,
        history::Kind::Field => Kind::Field,
        history::Kind::Enum => Kind::Enum,
        history::Kind::EnumValue => Kind::EnumValue,
    }
}
