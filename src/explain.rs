//! A rule's page: for `protoskew explain`, and for `docs/rules.md`.

use std::{collections::BTreeMap, fmt::Write as _};

use similar::TextDiff;

use crate::{
    callsites::{self, CallSites, Options},
    compile::{Layout, Units, compile},
    error::Error,
    judge::{Comparison, Finding, Json, Settings, Sources, judge_sources},
    report::proof::lines,
    rules::{Effect, Rule},
    schema::{Names, Schema},
    skew::{Codec, Flow, Pairing, Side},
    tree::Tree,
    witness::Prover,
};

/// Markdown. The findings on it are not written down anywhere: the rules run on the example.
///
/// # Errors
/// The example does not compile; a test sees to it that it does.
pub fn explain(rule: &Rule) -> Result<String, Error> {
    let Rule { id, title, effect, explanation, symptom, runtimes, advice, buf, example, .. } = rule;
    let (base, head) = (schema(example.base)?, schema(example.head)?);
    let said = said(rule)?;
    let json = Json { everywhere: true, ignore_unknown: rule.lenient };
    let any = Names::new("acme.v1.*").into_iter().collect();
    let settings = Settings { json, any, ..Settings::default() };
    let comparison = Comparison::new(&base, &head, &settings);

    let mut page =
        format!("## {id}\n\n{}{}: {title}.\n\n{explanation}\n\n", words(*effect), form(rule));
    page.push_str(&edit(example.base, example.head));
    if let Some([base, head]) = example.sources {
        page.push_str(&edit(base, head));
    }
    for pairing in [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER] {
        let version = |side| if side == Side::Head { "new" } else { "old" };
        let (client, server) = (version(pairing.client), version(pairing.server));
        write!(page, "- {client} client, {server} server:").ok();
        let findings = match &said {
            None => comparison.judge(pairing),
            Some([ours, theirs]) => {
                judge_sources(&Sources::all(&base, ours), &Sources::all(&head, theirs), pairing)
            }
        };
        let own: Vec<_> = findings.iter().filter(|it| it.rule.id == *id).collect();
        if own.is_empty() {
            write!(page, " nothing of this rule").ok();
        }
        for it in own {
            write!(page, "\n  - {}`{}`: {}", leg(it, rule), it.subject, it.message).ok();
        }
        page.push('\n');
    }
    page.push_str(&proof(rule, &base, &head, &settings));
    write!(page, "\n**What is seen.** {symptom}\n").ok();
    if !runtimes.is_empty() {
        page.push_str("\n| runtime | what it does |\n| --- | --- |\n");
        for (who, does) in *runtimes {
            writeln!(page, "| {who} | {does} |").ok();
        }
    }
    write!(page, "\n**What to do.** {advice}\n").ok();
    if !buf.is_empty() {
        writeln!(page, "\nNearest in buf: `{}`.", buf.join("`, `")).ok();
    }
    Ok(page)
}

/// What changes in a file; nothing, if nothing does.
fn edit(base: &str, head: &str) -> String {
    if base == head {
        return String::new();
    }
    let edit = TextDiff::from_lines(base, head);
    format!("```diff\n{}```\n\n", edit.unified_diff().context_radius(2))
}

/// What the sources of the example say, the base's first.
fn said(rule: &Rule) -> Result<Option<[CallSites; 2]>, Error> {
    let Some(sources) = rule.example.sources else { return Ok(None) };
    let schemas = [rule.example.base, rule.example.head];
    let scan = |at: usize| {
        let stubs = callsites::stubs(&schema(schemas[at])?);
        let files = BTreeMap::from([("example.go".to_owned(), sources[at].as_bytes().to_vec())]);
        callsites::scan(&Tree::memory("example", files), &stubs, &Options::default())
    };
    Ok(Some([scan(0)?, scan(1)?]))
}

/// The first finding on the example, shown by a message or by a call.
fn proof(rule: &Rule, base: &Schema, head: &Schema, settings: &Settings) -> String {
    let comparison = Comparison::new(base, head, settings);
    let witness = [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER].into_iter().find_map(|pairing| {
        let findings = comparison.judge(pairing);
        let prover = Prover::new(base, head, pairing, settings, findings.iter());
        findings.iter().filter(|it| it.rule.id == rule.id).find_map(|it| prover.prove(it))
    });
    let Some(witness) = witness else { return String::new() };
    format!("\n```text\n{}\n```\n", lines(&witness).join("\n"))
}

fn schema(text: &str) -> Result<Schema, Error> {
    let files = BTreeMap::from([("example.proto".to_owned(), text.as_bytes().to_vec())]);
    let tree = Tree::memory("example", files);
    Ok(compile(&tree, &Layout::default(), &Units::default())?.schema)
}

/// In which form of messages it happens, unless that is no matter.
fn form(rule: &Rule) -> &'static str {
    match (rule.codecs, rule.lenient) {
        // A call is made before there is anything to write.
        _ if rule.is_about_calls() => "",
        (_, true) => ", in JSON, where parsers pass over what they do not know",
        ([Codec::Binary], _) => ", in bytes",
        ([Codec::Json], _) => ", in JSON",
        _ => ", in bytes and in JSON",
    }
}

/// What is on its way.
fn leg(finding: &Finding, rule: &Rule) -> String {
    let flow = match finding.flow {
        Flow::Call => return String::new(),
        Flow::Request => "request",
        Flow::Response => "response",
    };
    match finding.codec {
        Codec::Json if rule.codecs.len() > 1 => format!("in the {flow}, in JSON: "),
        _ => format!("in the {flow}: "),
    }
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::CallFails => "The call fails",
        Effect::Misread => "A value is misread",
        Effect::Lost => "A value is lost",
        Effect::Ignored => "A value is ignored",
        Effect::Unset => "A value is missing",
    }
}
