//! JSON for other programs. This file owns its shape; the JSON Schema is made from these types.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    check::{self, Pair},
    diff::Change,
    policy,
    report::changes::Facts,
    schema,
    skew::{self, Side},
};

/// The version of the shape. A reader may count on it for all that is here; keys may be added.
const FORMAT: u32 = 1;

/// What `protoskew check --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew check")]
struct Report {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// The versions that were compared.
    versions: Vec<Version>,
    /// One for each pairing.
    verdicts: Vec<Verdict>,
    /// Allows that no finding needed.
    stale: Vec<Allow>,
}

/// What `protoskew diff --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew diff")]
struct Diff {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    base: Source,
    head: Source,
    /// Services first, then messages, then enums, each by name.
    changes: Vec<Difference>,
}

/// The program that made this.
#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One version of a schema, by name.
#[derive(Serialize, JsonSchema)]
struct Source {
    /// As it was asked for.
    name: String,
    /// The commit, if it is one.
    commit: Option<String>,
}

/// One version of a schema. The counts are null if it could not be read.
#[derive(Serialize, JsonSchema)]
struct Version {
    /// As it was asked for.
    name: String,
    /// The commit, if it is one.
    commit: Option<String>,
    /// The `.proto` files that are judged.
    files: Option<usize>,
    /// Their services; null if files were left out that the change does not reach.
    services: Option<usize>,
    /// The methods of those; null as `services` is.
    methods: Option<usize>,
    /// Imports that are not in the version. Types from there are compared by name.
    missing_imports: Option<usize>,
    /// Declarations of names that another file declares in another way. Each such copy is judged
    /// against its own older self.
    duplicates: Option<usize>,
}

/// What happens when one version calls another.
#[derive(Serialize, JsonSchema)]
struct Verdict {
    /// The name of the client's version.
    client: String,
    /// The name of the server's version.
    server: String,
    pairing: Pairing,
    outcome: Outcome,
    /// Why the outcome is unknown.
    reason: Option<String>,
    findings: Vec<Finding>,
}

/// Which end was upgraded first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Pairing {
    NewerClient,
    NewerServer,
    /// The user named client and server.
    Explicit,
}

/// `breaks` with any finding of level error, `degrades` with any warning, `unknown` if a side could
/// not be read, else `ok`. Findings that are allowed do not count.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Breaks,
    Degrades,
    Ok,
    Unknown,
}

/// One thing that goes wrong.
#[derive(Serialize, JsonSchema)]
struct Finding {
    /// The id of the rule; `protoskew explain RULE` tells more.
    rule: &'static str,
    effect: Effect,
    level: Level,
    flow: Flow,
    codec: Codec,
    /// The full name of the element that the two ends disagree about.
    subject: String,
    /// One sentence.
    message: String,
    /// The methods it happens to, as gRPC writes them: `/pkg.Service/Method`.
    calls: Vec<String>,
    /// Where the base has the element. Of an explicit pairing, the base is the server.
    base: Option<Site>,
    /// Where the head has the element. Of an explicit pairing, the head is the client.
    head: Option<Site>,
    /// Set if somebody has accepted the finding.
    allowed: Option<Allowed>,
}

/// What a running program sees.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Effect {
    CallFails,
    Misread,
    Lost,
    Ignored,
    Unset,
}

/// How loudly it is reported.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Off,
    Note,
    Warning,
    Error,
}

/// What is on its way when it happens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Flow {
    Call,
    Request,
    Response,
}

/// How messages are written on the way.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code)]
enum Codec {
    Binary,
    Json,
}

/// A place in a `.proto` file, line and column from 1.
#[derive(Serialize, JsonSchema)]
struct Site {
    /// From the top of the version's tree.
    file: String,
    line: u32,
    column: u32,
}

/// Why a finding is accepted.
#[derive(Serialize, JsonSchema)]
struct Allowed {
    reason: String,
}

/// A finding that somebody has accepted.
#[derive(Serialize, JsonSchema)]
struct Allow {
    rule: String,
    subject: String,
    reason: String,
}

/// One difference.
#[derive(Serialize, JsonSchema)]
struct Difference {
    change: ChangeKind,
    kind: Kind,
    /// The full name of the element.
    name: String,
    /// Where the base has it.
    base: Option<Site>,
    /// Where the head has it.
    head: Option<Site>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ChangeKind {
    Added,
    Removed,
    Modified,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Service,
    Method,
    Message,
    Field,
    Enum,
    EnumValue,
}

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
        findings: it.entries.iter().map(finding).collect(),
    };
    let stale = report.stale.iter().map(|it| Allow {
        rule: it.rule.clone(),
        subject: it.subject.to_string(),
        reason: it.reason.clone(),
    });
    let shape = Report {
        format: FORMAT,
        tool: TOOL,
        versions: report.versions.iter().map(version).collect(),
        verdicts: report.verdicts.iter().map(verdict).collect(),
        stale: stale.collect(),
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
    pretty(&schemars::schema_for!(Report))
}

/// The JSON Schema of [`render_changes`].
pub fn diff_schema() -> String {
    pretty(&schemars::schema_for!(Diff))
}

fn write(shape: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(pretty(shape).as_bytes())
}

/// With the characters that a terminal obeys, or that reorder text, escaped: outside of strings
/// JSON has none.
fn pretty(shape: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(shape).unwrap_or_default();
    let mut safe = String::with_capacity(text.len() + 1);
    for char in text.chars() {
        if char == '\n' || crate::excerpt::is_printable(char) {
            safe.push(char);
        } else {
            safe.push_str(&format!("\\u{:04x}", u32::from(char)));
        }
    }
    safe.push('\n');
    safe
}

fn version(it: &check::Summary) -> Version {
    Version {
        name: it.name.clone(),
        commit: it.commit.clone(),
        files: it.size.map(|it| it.files),
        services: it.size.and_then(|it| it.services),
        methods: it.size.and_then(|it| it.methods),
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
        codec: Codec::Binary,
        subject: it.subject.to_string(),
        message: it.message.clone(),
        calls: it.calls.iter().map(schema::FullName::path).collect(),
        base: it.base.as_ref().map(site),
        head: it.head.as_ref().map(site),
        allowed: entry.allowed.as_ref().map(|it| Allowed { reason: it.reason.clone() }),
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
