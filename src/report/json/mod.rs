//! JSON for other programs. This room owns its shape: the types of the engine are not serializable,
//! so that no change of theirs changes a format by accident.

use std::io::{self, BufWriter, Write};

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde::Serialize;

use crate::{
    check::{self, Pair},
    diff::Change,
    excerpt::printable_json,
    policy,
    report::changes::Facts,
    schema,
    skew::{self, Side},
};

mod calls;
mod checklist;
mod evidence;
mod fleet;
mod incident;
mod matrix;
mod shape;
mod since;
mod witness;

pub use checklist::{checklist_schema, render_checklist};
pub use fleet::{can_i_deploy_schema, plan_schema, render_decisions, render_plans};
pub use incident::{explain_schema, render_incident};
pub use matrix::{matrix_schema, render_matrix};
pub use since::{Walk, render_since, since_schema};

pub use calls::{calls_schema, render_calls};

use shape::{
    Allowed, ChangeKind, Codec, Diff, Difference, Effect, Finding, Flow, Kind, Level, Origin,
    Outcome, Pairing, Report, Site, Source, Span, Stale, Tool, Verdict, Version, Why,
};

/// The version of the shape. A reader may count on it for all that is here; keys may be added.
const FORMAT: u32 = 1;

const TOOL: Tool = Tool { name: "protoskew", version: env!("CARGO_PKG_VERSION") };

/// A report, for `protoskew check --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &check::Report, out: &mut dyn Write) -> io::Result<()> {
    let verdict = |it: &check::Verdict| Verdict {
        client: report.versions[it.pair.client()].name.clone(),
        server: report.versions[it.pair.server()].name.clone(),
        pairing: pairing(it.pair),
        outcome: outcome(it.outcome),
        reason: it.reason.clone(),
        calls_searched: evidence::searched(&it.search),
        servers_searched: evidence::searched(&it.servers),
        findings: it.entries.iter().map(finding).collect(),
    };
    let shape = Report {
        format: FORMAT,
        tool: TOOL,
        versions: report.versions.iter().map(version).collect(),
        verdicts: report.verdicts.iter().map(verdict).collect(),
        stale: report.stale.iter().map(stale).collect(),
    };
    write(&shape, out)
}

/// Changes, for `protoskew diff --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render_changes(
    versions: [(&str, Option<&str>); 2],
    facts: &[Facts<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let source = |(name, commit): (&str, Option<&str>)| Source {
        name: name.to_owned(),
        commit: commit.map(str::to_owned),
    };
    let [base, head] = versions.map(source);
    let changes = facts.iter().flat_map(|facts| {
        facts.changes.iter().map(move |change| Difference {
            change: match change {
                Change::Added(_) => ChangeKind::Added,
                Change::Removed(_) => ChangeKind::Removed,
                Change::Modified { .. } => ChangeKind::Modified,
            },
            kind: kind(change.element()),
            name: change.element().name().to_string(),
            base: change.base().and_then(|name| facts.base.sites.get(name)).as_ref().map(site),
            head: change.head().and_then(|name| facts.head.sites.get(name)).as_ref().map(site),
        })
    });
    write(&Diff { format: FORMAT, tool: TOOL, base, head, changes: changes.collect() }, out)
}

/// The JSON Schema of [`render`].
pub fn check_schema() -> String {
    pretty(&generator().into_root_schema_for::<Report>())
}

/// The JSON Schema of [`render_changes`].
pub fn diff_schema() -> String {
    pretty(&generator().into_root_schema_for::<Diff>())
}

/// What is written always has all of its keys, though some are null.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

/// Writes as it goes: of a long history there is more than fits into memory.
fn write(shape: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, Printable(out));
    serde_json::to_writer_pretty(&mut out, shape)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn pretty(shape: &impl Serialize) -> String {
    let mut text = Vec::new();
    // Nothing keeps a vector from being written to.
    write(shape, &mut text).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes JSON so that a terminal shows all of it and obeys none. serde_json writes, and a buffer
/// passes on, whole characters only.
struct Printable<'o>(&'o mut dyn Write);

impl Write for Printable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.iter().all(|it| *it == b'\n' || (b' '..=b'~').contains(it)) {
            return self.0.write_all(bytes).map(|()| bytes.len());
        }
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_all(printable_json(text).as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn version(it: &check::Summary) -> Version {
    Version {
        name: it.name.clone(),
        commit: it.commit.clone(),
        files: it.size.map(|it| it.files),
        services: it.size.and_then(|it| it.services),
        methods: it.size.and_then(|it| it.methods),
        read: it.size.map(|it| it.read),
        broken: it.size.map(|it| it.broken),
        missing_imports: it.size.map(|it| it.missing_imports),
        duplicates: it.size.map(|it| it.duplicates),
    }
}

fn finding(entry: &policy::Entry) -> Finding {
    let it = &entry.finding;
    Finding {
        rule: it.rule.id,
        effect: effect(it.rule.effect),
        level: level(entry.level),
        flow: flow(it.flow),
        codec: codec(it.codec),
        codecs: it.codecs.iter().copied().map(codec).collect(),
        subject: it.subject.to_string(),
        message: it.message.clone(),
        calls: it.calls.iter().map(schema::FullName::path).collect(),
        base: it.base.as_ref().map(site),
        head: it.head.as_ref().map(site),
        allowed: entry
            .allowed
            .as_ref()
            .map(|it| Allowed { reason: it.reason().to_owned(), by: origin(it.origin()) }),
        evidence: entry.evidence.as_ref().map(evidence::shape),
        releases: entry.span.as_ref().map(|it| Span {
            oldest: it.oldest.clone(),
            newest: it.newest.clone(),
            count: it.releases,
        }),
        witness: entry.witness.as_ref().map(witness::shape),
    }
}

fn stale(it: &policy::Stale) -> Stale {
    Stale {
        rule: it.rule.clone(),
        subject: it.subject.clone(),
        reason: it.reason.clone(),
        by: origin(it.origin),
        why: match it.why {
            policy::Why::Expired(_) => Why::Expired,
            policy::Why::Undecided(_) => Why::Undecided,
            policy::Why::Invalid(_) => Why::Invalid,
            policy::Why::Unmatched => Why::Unmatched,
        },
        level: level(it.level()),
        message: it.sentence(),
        at: it.site.as_ref().map(site),
    }
}

fn origin(it: policy::Origin) -> Origin {
    match it {
        policy::Origin::Config => Origin::Config,
        policy::Origin::Comment => Origin::Comment,
        policy::Origin::Baseline => Origin::Baseline,
    }
}

fn site(it: &schema::Site) -> Site {
    Site { file: it.file.to_string(), line: it.line, column: it.column }
}

fn pairing(pair: Pair) -> Pairing {
    match pair.pairing.client {
        _ if pair.explicit => Pairing::Explicit,
        Side::Head => Pairing::NewerClient,
        Side::Base => Pairing::NewerServer,
    }
}

fn outcome(it: check::Outcome) -> Outcome {
    match it {
        check::Outcome::Ok => Outcome::Ok,
        check::Outcome::Degrades => Outcome::Degrades,
        check::Outcome::Breaks => Outcome::Breaks,
        check::Outcome::Unknown => Outcome::Unknown,
    }
}

fn effect(it: crate::rules::Effect) -> Effect {
    use crate::rules::Effect as It;
    match it {
        It::CallFails => Effect::CallFails,
        It::Misread => Effect::Misread,
        It::Lost => Effect::Lost,
        It::Ignored => Effect::Ignored,
        It::Unset => Effect::Unset,
    }
}

fn level(it: policy::Level) -> Level {
    match it {
        policy::Level::Off => Level::Off,
        policy::Level::Note => Level::Note,
        policy::Level::Warning => Level::Warning,
        policy::Level::Error => Level::Error,
    }
}

fn flow(it: skew::Flow) -> Flow {
    match it {
        skew::Flow::Call => Flow::Call,
        skew::Flow::Request => Flow::Request,
        skew::Flow::Response => Flow::Response,
    }
}

fn codec(it: skew::Codec) -> Codec {
    match it {
        skew::Codec::Binary => Codec::Binary,
        skew::Codec::Json => Codec::Json,
    }
}

fn kind(it: schema::Element<'_>) -> Kind {
    use schema::Element as It;
    match it {
        It::Service(_) => Kind::Service,
        It::Method(_) => Kind::Method,
        It::Message(_) => Kind::Message,
        It::Field(_) => Kind::Field,
        It::Enum(_) => Kind::Enum,
        It::EnumValue(_) => Kind::EnumValue,
    }
}
