//! SARIF 2.1.0, for services that show findings beside the code. One run for each direction, as
//! GitHub keeps the findings of each apart.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    escape::{Part, parts},
    evidence,
    fingerprint::{Fingerprints, direction},
    words::{counted, ends, open, pairing, sentence},
};
use crate::{
    check::{Report, Summary, Verdict},
    excerpt::{printable, printable_json},
    policy::{self, Entry, default_level},
    rules::{self, Rule},
    schema::Site,
    skew::{Codec, Flow},
};

mod shape;

use shape::{
    Artifact, AutomationDetails, Configuration, Descriptor, Driver, Invocation, Level, Location,
    Log, LogicalLocation, Message, MultiformatMessage, Notification, Physical, Properties, Region,
    Result as Finding, Run, Tool,
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// More results than these GitHub does not keep.
const RESULTS: usize = 5_000;

/// A report, without what somebody has accepted: services show each result as one to deal with.
///
/// # Errors
/// Those of `out`.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut runs: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in &report.verdicts {
        runs.entry(direction(verdict.pair.order())).or_default().push(verdict);
    }
    let runs = runs.into_iter().map(|(direction, verdicts)| run(report, direction, &verdicts));
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: runs.collect() };
    let text = serde_json::to_string_pretty(&log).map_err(io::Error::other)?;
    writeln!(out, "{}", printable_json(&text))
}

fn run(report: &Report, direction: &str, verdicts: &[&Verdict]) -> Run {
    let mut fingerprints = Fingerprints::default();
    let all = verdicts.iter().flat_map(|verdict| {
        open(&verdict.entries).map(move |(entry, calls)| (*verdict, entry, calls))
    });
    let mut all: Vec<(&Verdict, &Entry, String)> = all.collect();
    // Of several verdicts, the loudest of each come first; stable, so that the rest stays.
    all.sort_by_key(|(_, entry, _)| std::cmp::Reverse(entry.level));
    let omitted = all.len().saturating_sub(RESULTS);
    all.truncate(RESULTS);
    let results = all.into_iter().map(|(verdict, entry, calls)| {
        let fingerprint = fingerprints.next(verdict, entry);
        result(report, verdict, entry, &calls, fingerprint)
    });
    let notes = verdicts.iter().filter_map(|it| it.reason.as_ref());
    let mut notes: Vec<Notification> =
        notes.map(|it| Notification { level: Level::Error, message: plain(it) }).collect();
    let known = notes.is_empty();
    if omitted > 0 {
        let text = format!("{} left out: services keep {RESULTS}", counted(omitted, "result").0);
        notes.push(Notification { level: Level::Warning, message: plain(&text) });
    }
    Run {
        tool: Tool { driver: driver() },
        automation_details: AutomationDetails { id: format!("protoskew/{direction}/") },
        column_kind: "unicodeCodePoints",
        invocations: vec![Invocation {
            execution_successful: known,
            tool_execution_notifications: notes,
        }],
        results: results.collect(),
    }
}

fn driver() -> Driver {
    Driver {
        name: "protoskew",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules::ALL.iter().map(|rule| descriptor(rule)).collect(),
    }
}

/// From the catalogue, never from the results: what a rule says does not depend on what it found.
fn descriptor(rule: &Rule) -> Descriptor {
    let text = [rule.explanation, "Seen: ", rule.symptom, "To do: ", rule.advice];
    let [explanation, seen, symptom, to_do, advice] = text;
    let markdown = format!("{explanation}\n\n**{seen}**{symptom}\n\n**{to_do}**{advice}\n\n");
    let flow = if rule.is_unimplemented() { Flow::Call } else { Flow::Request };
    let codecs = rule.codecs.iter().map(|codec| match codec {
        Codec::Binary => "binary".to_owned(),
        Codec::Json => "json".to_owned(),
    });
    let buf = rule.buf.iter().map(|it| format!("buf:{it}"));
    let tags = ["protobuf".to_owned(), rule.effect.to_string()].into_iter().chain(codecs);
    Descriptor {
        id: rule.id,
        name: pascal(rule.id),
        short_description: plain(rule.title),
        full_description: plain(&explanation.replace("\n\n", " ")),
        help: MultiformatMessage {
            text: format!("{explanation}\n\n{seen}{symptom}\n\n{to_do}{advice}"),
            markdown,
        },
        default_configuration: Configuration { level: level(default_level(rule, flow)) },
        properties: Properties { tags: tags.chain(buf).collect() },
    }
}

/// `RpcUnimplemented` for `rpc-unimplemented`, which is how SARIF wants a readable name.
fn pascal(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

fn result(
    report: &Report,
    verdict: &Verdict,
    entry: &Entry,
    calls: &str,
    fingerprint: String,
) -> Finding {
    let it = &entry.finding;
    let [head, base] = [verdict.pair.head, verdict.pair.base].map(|at| &report.versions[at]);
    let shown = entry.anchor.as_ref().or(it.head.as_ref());
    // A result has to be somewhere, and a file that is gone was somewhere.
    let (version, site) = match (shown, &it.base) {
        (Some(site), _) => (head, Some(site)),
        (None, site) => (base, site.as_ref()),
    };
    let names = vec![LogicalLocation { fully_qualified_name: printable(it.subject.as_str()) }];
    let location = Location {
        id: None,
        physical_location: site.map(|site| physical(version, site)),
        logical_locations: names,
        message: None,
    };
    let related = [(head, &it.head), (base, &it.base)].into_iter().filter_map(|(version, own)| {
        let own = own.as_ref().filter(|own| site != Some(*own) || !std::ptr::eq(version, head))?;
        Some((physical(version, own), format!("in {}", version.name)))
    });
    let client = &report.versions[verdict.pair.client()];
    // A place in another repository is none that a reader of this one can open.
    let sites = entry.evidence.iter().flat_map(|it| &it.sites).filter(|it| it.published.is_none());
    let sites = sites.map(|it| {
        let place = Physical {
            artifact_location: artifact(client, &it.place.file),
            // 0 of a call that somebody declared without a line.
            region: Region { start_line: it.place.line.max(1), start_column: 1 },
        };
        (place, format!("a call of {} in {}", it.rpc.leaf(), client.name))
    });
    let related = related.chain(sites).enumerate().map(|(at, (place, message))| Location {
        id: Some(at + 1),
        physical_location: Some(place),
        logical_locations: Vec::new(),
        message: Some(plain(&message)),
    });
    let evidence = evidence::lines(entry).into_iter().map(|it| format!("; {it}"));
    let text = format!(
        "{}{} ({}; {}; {})",
        sentence(entry),
        evidence.collect::<String>(),
        // Braces would stand for arguments.
        calls.replace('{', "(").replace('}', ")"),
        pairing(verdict.pair),
        ends(report, verdict.pair),
    );
    Finding {
        rule_id: it.rule.id,
        rule_index: rules::ALL.iter().position(|rule| rule.id == it.rule.id),
        level: level(entry.level),
        message: plain(&text),
        locations: vec![location],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", fingerprint.clone()),
            ("protoskew/v1", readable(verdict, entry)),
        ]),
    }
}

/// The fingerprint of a baseline, in one word.
fn readable(verdict: &Verdict, entry: &Entry) -> String {
    let direction = direction(verdict.pair.order());
    format!("{direction} {} {}", entry.finding.rule.id, printable(entry.finding.subject.as_str()))
}

fn physical(version: &Summary, site: &Site) -> Physical {
    Physical {
        artifact_location: artifact(version, &site.file),
        region: Region { start_line: site.line.max(1), start_column: site.column.max(1) },
    }
}

fn artifact(version: &Summary, file: &str) -> Artifact {
    Artifact { uri: uri(&format!("{}{file}", version.under)), uri_base_id: "%SRCROOT%" }
}

/// A relative reference, as RFC 3986 has it: what is not allowed there is written in hexadecimal.
fn uri(path: &str) -> String {
    let escaped = path.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}

/// Text in which nothing means anything. In messages of SARIF, brackets begin links and braces
/// stand for arguments.
fn plain(text: &str) -> Message {
    let words = parts(text).into_iter().map(|part| match part {
        Part::Words(text) => printable(text),
        Part::Code(text) => format!("'{}'", printable(text)),
    });
    let text: String = words.collect();
    let mut escaped = String::with_capacity(text.len());
    for char in text.replace('\\', "\\\\").chars() {
        match char {
            '[' | ']' => escaped.extend(['\\', char]),
            '{' | '}' => escaped.extend([char, char]),
            _ => escaped.push(char),
        }
    }
    Message { text: short_of(&escaped) }
}

/// GitHub shows so many characters of a description.
fn short_of(text: &str) -> String {
    match text.char_indices().nth(1_000) {
        Some(_) => format!("{}…", text.chars().take(1_000).collect::<String>()),
        None => text.to_owned(),
    }
}

fn level(level: policy::Level) -> Level {
    match level {
        policy::Level::Off => Level::None,
        policy::Level::Note => Level::Note,
        policy::Level::Warning => Level::Warning,
        policy::Level::Error => Level::Error,
    }
}
