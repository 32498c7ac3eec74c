//! Every folder in `testdata/rules` and `testdata/cases` is two versions of a schema, judged in
//! both pairings by all rules, so that a new rule shows up wherever it fires.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use protoskew::{
    check::{Pair, Verdict, check},
    compile::{Layout, Scope, Units, compile},
    judge::{Comparison, Finding, Json, Settings},
    policy::Policy,
    rules,
    schema::{Names, Schema, Site},
    skew::{Codec, Pairing, Side},
    tree::{Content, Source, Top, Tree},
    version,
};

use Kind::{Bidi, ClientStream, ServerStream, Unary};
use Outcome::{Mismatch, Nothing};

mod support;

const RULES: &str = "testdata/rules";
const CASES: &str = "testdata/cases";
const PAIRINGS: [Pairing; 2] = [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER];

#[test]
fn every_fixture_says_what_it_said() {
    for folder in fixtures() {
        let (base, head) = load(&folder);
        let told = PAIRINGS.map(|pairing| {
            let mut findings = judge(&base, &head, pairing);
            findings.extend(support::judge_code(&folder, pairing));
            section(pairing, &findings)
        });
        support::assert_golden(&folder.join("expected.txt"), &told.concat());
    }
}

#[test]
fn every_rule_fires_on_its_own_example() {
    for rule in rules::ALL {
        let folder = Path::new(RULES).join(rule.id);
        let (base, head) = load(&folder);
        let findings = PAIRINGS.map(|pairing| match rule.reads_sources() {
            true => support::judge_code(&folder, pairing),
            false => judge(&base, &head, pairing),
        });
        let findings = findings.concat();
        assert!(findings.iter().any(|it| it.rule.id == rule.id), "{} is silent", rule.id);
    }
}

/// Beside the example of each rule there is a change that looks alike, and of which the rule says
/// nothing: in neither pairing or codec, however strict the parsers are.
#[test]
fn every_rule_has_a_near_miss() {
    for rule in rules::ALL {
        let folder = Path::new(RULES).join(rule.id).join("near");
        let file = if rule.reads_sources() { "example.go" } else { "example.proto" };
        let texts = ["base", "head"]
            .map(|side| fs::read_to_string(folder.join(side).join(file)).expect("it is there"));
        assert_ne!(texts[0], texts[1], "{}: nothing changed", rule.id);
        let (base, head) = load(&folder);
        for (pairing, ignore_unknown) in
            PAIRINGS.into_iter().flat_map(|it| [(it, false), (it, true)])
        {
            let mut findings = judged(&base, &head, pairing, ignore_unknown);
            findings.extend(support::judge_code(&folder, pairing));
            let own: Vec<&Finding> = findings.iter().filter(|it| it.rule.id == rule.id).collect();
            assert!(own.is_empty(), "{}: {own:#?}", rule.id);
        }
    }
}

#[test]
fn rules_files_and_fixtures_are_the_same_set() {
    let rules: BTreeSet<String> = rules::ALL.iter().map(|rule| rule.id.to_owned()).collect();
    let files = names("src/rules").filter_map(|it| Some(it.strip_suffix(".rs")?.replace('_', "-")));
    assert_eq!(rules, files.filter(|it| it != "mod").collect());
    assert_eq!(rules, names(RULES).collect());
}

/// Nothing changed, so nothing breaks: no rule may fire on a schema and itself.
#[test]
fn an_unchanged_schema_is_silent() {
    for folder in fixtures() {
        let (base, head) = load(&folder);
        for schema in [&base, &head] {
            for pairing in PAIRINGS {
                let findings = judge(schema, schema, pairing);
                assert!(findings.is_empty(), "{}: {findings:?}", folder.display());
            }
        }
    }
}

/// Rules know sender and receiver, never old and new: swap the versions and the pairings swap.
/// Subjects are left out: an element that has two names goes by its newer one.
#[test]
fn swapping_the_versions_swaps_the_pairings() {
    let told = |findings: Vec<Finding>, older: fn(&Finding) -> &Option<Site>| -> BTreeSet<_> {
        let told = |it: Finding| (it.rule.id, it.flow, older(&it).clone(), it.message, it.calls);
        findings.into_iter().map(told).collect()
    };
    for folder in fixtures() {
        let (base, head) = load(&folder);
        for (pairing, swapped) in PAIRINGS.into_iter().zip([PAIRINGS[1], PAIRINGS[0]]) {
            assert_eq!(
                told(judge(&base, &head, pairing), |it| &it.base),
                told(judge(&head, &base, swapped), |it| &it.head),
                "{}",
                folder.display(),
            );
        }
    }
}

/// What the change does not reach may be left unread, and nothing is missed for it.
#[test]
fn reading_less_finds_the_same() {
    for folder in fixtures() {
        let [all, some] = [Scope::Whole, Scope::Changed].map(|scope| reported(&folder, scope));
        assert_eq!(all, some, "{}", folder.display());
    }
}

/// How a method may be declared.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Unary,
    ClientStream,
    ServerStream,
    Bidi,
}

/// What one pairing comes to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Nothing,
    Mismatch,
}

/// Base, head, what newer clients meet at older servers, what older clients meet at newer servers.
///
/// A sender that may send many breaks a receiver that takes exactly one; the other way round the
/// wire cannot tell, and neither end sees anything.
const STREAMING: [(Kind, Kind, Outcome, Outcome); 16] = [
    (Unary, Unary, Nothing, Nothing),
    (Unary, ClientStream, Mismatch, Nothing),
    (Unary, ServerStream, Nothing, Mismatch),
    (Unary, Bidi, Mismatch, Mismatch),
    (ClientStream, Unary, Nothing, Mismatch),
    (ClientStream, ClientStream, Nothing, Nothing),
    (ClientStream, ServerStream, Nothing, Mismatch),
    (ClientStream, Bidi, Nothing, Mismatch),
    (ServerStream, Unary, Mismatch, Nothing),
    (ServerStream, ClientStream, Mismatch, Nothing),
    (ServerStream, ServerStream, Nothing, Nothing),
    (ServerStream, Bidi, Mismatch, Nothing),
    (Bidi, Unary, Mismatch, Mismatch),
    (Bidi, ClientStream, Mismatch, Nothing),
    (Bidi, ServerStream, Nothing, Mismatch),
    (Bidi, Bidi, Nothing, Nothing),
];

#[test]
fn streaming_breaks_where_many_messages_meet_a_peer_that_takes_one() {
    for (base, head, newer_client, newer_server) in STREAMING {
        let (older, newer) = (one_method(base), one_method(head));
        for (pairing, expected) in PAIRINGS.into_iter().zip([newer_client, newer_server]) {
            let findings = judge(&older, &newer, pairing);
            let alien = findings.iter().find(|it| it.rule.id != "rpc-streaming-mismatch");
            assert!(alien.is_none(), "{base:?} to {head:?}: {alien:?}");
            let actual = if findings.is_empty() { Nothing } else { Mismatch };
            assert_eq!(actual, expected, "{base:?} to {head:?}, {pairing:?}");
        }
    }
}

/// Every call may be made in JSON. Its parsers are as strict as they are by default; what is only
/// said of those that pass over what they do not know is said too.
fn judge(base: &Schema, head: &Schema, pairing: Pairing) -> Vec<Finding> {
    let judged = |ignore_unknown| judged(base, head, pairing, ignore_unknown);
    let (mut findings, lenient) = (judged(false), judged(true));
    findings.extend(lenient.into_iter().filter(|it| it.rule.lenient));
    findings
}

fn judged(base: &Schema, head: &Schema, pairing: Pairing, ignore_unknown: bool) -> Vec<Finding> {
    let json = Json { everywhere: true, ignore_unknown };
    let any = vec![Names::new("acme.v1.*").expect("it is a pattern")];
    let settings = Settings { json, any, ..Settings::default() };
    Comparison::new(base, head, &settings).judge(pairing)
}

/// The findings of one pairing, as a golden file has them: those in bytes, then those in JSON.
fn section(pairing: Pairing, findings: &[Finding]) -> String {
    let version = |side| if side == Side::Head { "head" } else { "base" };
    let (client, server) = (version(pairing.client), version(pairing.server));
    let mut out = format!("{client} client, {server} server\n");
    let in_bytes = findings.iter().filter(|it| it.codec == Codec::Binary);
    let in_json = findings.iter().filter(|it| it.codec == Codec::Json);
    if in_bytes.clone().next().is_none() {
        out.push_str("  nothing breaks\n");
    }
    for it in in_bytes.chain(in_json) {
        let json = if it.codec == Codec::Json { ", JSON" } else { "" };
        let Finding { rule, flow, subject, message, .. } = it;
        writeln!(out, "  {} [{flow:?}{json}] {subject}: {message}", rule.id).ok();
        for call in it.calls.iter() {
            writeln!(out, "    call {}", call.path()).ok();
        }
        for (label, site) in [("base", &it.base), ("head", &it.head)] {
            if let Some(site) = site {
                writeln!(out, "    {label} {}:{}:{}", site.file, site.line, site.column).ok();
            }
        }
    }
    out
}

/// All that is said of a fixture when it is read as a user has it read.
fn reported(folder: &Path, scope: Scope) -> String {
    let sources = ["base", "head"].map(|name| Source {
        content: Content::Files(Tree::folder(&folder.join(name))),
        name: name.to_owned(),
        commit: None,
        top: Top::default(),
    });
    let layout = Layout { scope, ..Layout::default() };
    let versions = version::load(sources.into(), &layout, &Units::default());
    let report = check(&versions, &Pair::both(0, 1), &Policy::default());
    let told = report.verdicts.iter().map(|Verdict { pair, outcome, reason, entries, .. }| {
        let findings: Vec<Finding> = entries.iter().map(|entry| entry.finding.clone()).collect();
        format!("{outcome} {reason:?}\n{}", section(pair.pairing, &findings))
    });
    told.collect()
}

fn one_method(kind: Kind) -> Schema {
    let (request, response) = match kind {
        Unary => ("", ""),
        ClientStream => ("stream ", ""),
        ServerStream => ("", "stream "),
        Bidi => ("stream ", "stream "),
    };
    let text = format!(
        "syntax = \"proto3\";
         message Chunk {{}}
         service Manager {{ rpc Tunnel({request}Chunk) returns ({response}Chunk); }}"
    );
    let files = BTreeMap::from([("manager.proto".to_owned(), text.into_bytes())]);
    let tree = Tree::memory("one method", files);
    compile(&tree, &Layout::default(), &Units::default()).expect("it compiles").schema
}

fn names(folder: &str) -> impl Iterator<Item = String> {
    support::entries(folder).into_iter().map(|path| support::name(&path).to_owned())
}

fn load(folder: &Path) -> (Schema, Schema) {
    let side = |name| support::compiled(folder.join(name)).schema;
    (side("base"), side("head"))
}

fn fixtures() -> Vec<PathBuf> {
    [RULES, CASES].into_iter().flat_map(support::entries).collect()
}
