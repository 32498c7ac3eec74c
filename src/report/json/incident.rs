//! What the releases say to a line of a log, as JSON.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FORMAT, TOOL, evidence,
    shape::{Evidence, Tool},
};
use crate::{
    history::{History, Run},
    incident::{Answer, Cause, Declares, Says, Subject},
    schema::FullName,
};

/// What `protoskew explain LINE --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew explain")]
pub(super) struct Explained {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// How many releases were looked at.
    releases: usize,
    /// One for each call that the text names; one without a name if it names none.
    answers: Vec<One>,
    /// Without a name, and with both ends named: the calls that the client's release declares and
    /// the server's does not, as `/pkg.Service/Method`; null if one of them could not be read.
    failing: Option<Vec<String>>,
}

/// What the releases say to one failed call.
#[derive(Serialize, JsonSchema)]
struct One {
    /// Whose words were recognised.
    runtime: Option<&'static str>,
    says: Meaning,
    /// The words that were recognised.
    words: String,
    /// The service that they name, or the end of its name.
    service: Option<String>,
    /// The method that they name.
    method: Option<String>,
    cause: Why,
    /// The calls, or the services, that may be meant.
    subjects: Vec<Candidate>,
    /// Names that may be meant, if no release has the one that is given.
    near: Vec<String>,
    /// What to look at, where the schema is not the cause.
    look: Vec<&'static str>,
}

/// What the words mean.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Meaning {
    Named,
    Unimplemented,
    NotFound,
    NoRoute,
    NoService,
    NoMethod,
    NoBody,
    Compression,
    Cardinality,
    Malformed,
}

/// `skew`: the server is a release that does not have it. `elsewhere`: the schema is not the cause.
/// `unknown`: it depends on releases that could not be read. `not-declared`: no release has it.
/// `no-name`: the text names no call.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Why {
    Skew,
    Elsewhere,
    Unknown,
    NotDeclared,
    NoName,
}

/// A call or a service that may be meant, and who has it.
#[derive(Serialize, JsonSchema)]
struct Candidate {
    /// `/pkg.Service/Method`, or the full name of a service.
    name: String,
    /// The first release that declares it.
    first: Option<String>,
    /// Runs of releases that declare it, first and last, in the order of versions.
    declared: Vec<[String; 2]>,
    /// Runs of releases that do not.
    lacking: Vec<[String; 2]>,
    /// Releases that could not be read.
    unknown: Vec<String>,
    /// The nearest newer release with it, for a server that is older.
    upgrade_server_to: Option<String>,
    /// The nearest older release with it, for a server that is newer.
    take_server_back_to: Option<String>,
    /// The nearest newer release without it, for a client.
    upgrade_client_to: Option<String>,
    /// The nearest older release without it, for a client.
    take_client_back_to: Option<String>,
    /// If the client's release declares it, if one was named and could be read.
    client_declares: Option<bool>,
    /// If the server's release declares it, if one was named and could be read.
    server_declares: Option<bool>,
    /// Which code makes the call; null if no sources were searched for it.
    made: Option<Made>,
}

/// Which code of a client makes a call.
#[derive(Serialize, JsonSchema)]
struct Made {
    /// The client's release: the one that was named, or else the newest that declares the call.
    by: String,
    /// What its sources say; null if they were not searched.
    evidence: Option<Evidence>,
    /// Why they were not searched.
    reason: Option<String>,
}

/// Answers, for `protoskew explain LINE --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render_incident(
    answers: &[Answer],
    history: &History,
    failing: Option<&[FullName]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shape = Explained {
        format: FORMAT,
        tool: TOOL,
        releases: history.releases.len(),
        answers: answers.iter().map(|it| one(it, history)).collect(),
        failing: failing.map(|calls| calls.iter().map(FullName::path).collect()),
    };
    super::write(&shape, out)
}

/// The JSON Schema of [`render_incident`].
pub fn explain_schema() -> String {
    super::pretty(&super::generator().into_root_schema_for::<Explained>())
}

fn one(answer: &Answer, history: &History) -> One {
    let clue = &answer.clue;
    One {
        runtime: clue.runtime,
        says: meaning(clue.says),
        words: crate::excerpt::short(&clue.words),
        service: clue.service.clone(),
        method: clue.method.clone(),
        cause: match answer.cause {
            Cause::Skew => Why::Skew,
            Cause::Elsewhere => Why::Elsewhere,
            Cause::Unknown => Why::Unknown,
            Cause::NotDeclared => Why::NotDeclared,
            Cause::NoName => Why::NoName,
        },
        subjects: answer.subjects.iter().map(|it| candidate(it, history)).collect(),
        near: answer.near.clone(),
        look: answer.look.clone(),
    }
}

fn candidate(subject: &Subject, history: &History) -> Candidate {
    let name = |release: usize| history.name(release).to_owned();
    let runs = |runs: &[Run]| runs.iter().map(|it| [name(it.first), name(it.last)]).collect();
    let known = |declares: Option<Declares>| match declares? {
        Declares::Yes => Some(true),
        Declares::No => Some(false),
        Declares::Unknown => None,
    };
    Candidate {
        name: subject.timeline.written(),
        first: subject.timeline.first.map(name),
        declared: runs(&subject.timeline.runs),
        lacking: runs(&subject.lacking),
        unknown: subject.timeline.unknown.iter().map(|it| name(*it)).collect(),
        upgrade_server_to: subject.server_up.map(name),
        take_server_back_to: subject.server_back.map(name),
        upgrade_client_to: subject.client_up.map(name),
        take_client_back_to: subject.client_back.map(name),
        client_declares: known(subject.client),
        server_declares: known(subject.server),
        made: subject.made.as_ref().map(|it| Made {
            by: name(it.by),
            evidence: it.evidence.as_ref().ok().map(evidence::shape),
            reason: it.evidence.as_ref().err().cloned(),
        }),
    }
}

fn meaning(says: Says) -> Meaning {
    match says {
        Says::Named => Meaning::Named,
        Says::Unimplemented => Meaning::Unimplemented,
        Says::NotFound => Meaning::NotFound,
        Says::NoRoute => Meaning::NoRoute,
        Says::NoService => Meaning::NoService,
        Says::NoMethod => Meaning::NoMethod,
        Says::NoBody => Meaning::NoBody,
        Says::Compression => Meaning::Compression,
        Says::Cardinality => Meaning::Cardinality,
        Says::Malformed => Meaning::Malformed,
    }
}
