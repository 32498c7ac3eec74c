//! `protoskew witness`: one finding, proved.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use protoskew::{
    check::{Pair, Report, check, prove},
    compile::Scope,
    error::{Error, did_you_mean},
    judge::Json,
    policy::{Entry, Policy},
    report::{human, json},
    rules,
    skew::Pairing,
};

use super::{
    Failure, Output, Reading,
    check::{CodecName, Format, PairingName},
    output::{self, Color},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The older version.
    base: String,
    /// The newer version.
    head: String,
    /// The full name that `check` prints, or the end of it: of a field, a value, a method, a
    /// service.
    subject: String,
    #[command(flatten)]
    reading: Reading,
    /// Only what this rule found.
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Only this pairing of the two.
    #[arg(long)]
    pairing: Option<PairingName>,
    /// Judge every call in this form of messages, too.
    #[arg(long, value_name = "CODEC")]
    codec: Option<CodecName>,
    /// JSON parsers pass over what they do not know, instead of refusing it.
    #[arg(long)]
    ignore_unknown: bool,
    /// How to print it.
    #[arg(long, default_value = "human")]
    format: Format,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    if let Some(id) = args.rule.as_deref().filter(|id| rules::find(id).is_none()) {
        return Err(super::rules::unknown(id).into());
    }
    let sources = vec![args.reading.open(&args.base)?, args.reading.open(&args.head)?];
    let versions = args.reading.load(sources, Scope::Measured);
    let json = Json {
        everywhere: args.codec == Some(CodecName::Json),
        ignore_unknown: args.ignore_unknown,
    };
    let policy = Policy { json, ..Policy::default() };
    let wanted = |pair: &Pair| match args.pairing {
        None => true,
        Some(PairingName::NewerClient) => pair.pairing == Pairing::NEWER_CLIENT,
        Some(PairingName::NewerServer) => pair.pairing == Pairing::NEWER_SERVER,
    };
    let pairs: Vec<Pair> = Pair::both(0, 1).into_iter().filter(wanted).collect();
    let mut report = check(&versions, &pairs, &policy);
    let problems = versions.iter().flat_map(|version| match &version.contents {
        Ok(compiled) => compiled.problems.as_slice(),
        Err(error) => std::slice::from_ref(error),
    });
    let mut problems = problems.peekable();
    let read = problems.peek().is_none();
    output::print_errors(problems);
    let known = subjects(&report);
    narrow(&mut report, &args);
    if report.verdicts.iter().all(|it| it.entries.is_empty()) {
        return match read {
            true => Err(nothing(&args, &known).into()),
            false => Ok(ExitCode::from(2)),
        };
    }
    prove(&mut report, &versions, policy.json);
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render(&report, &mut out)?,
        Format::Human => {
            let quotes = versions.iter().enumerate();
            report.quotes = quotes.map(|(at, version)| version.quote(report.sites(at))).collect();
            let color = out.color(args.color);
            let style = human::Style { color, width: output::width(), verbose: true };
            human::render_proofs(&report, style, &mut out)?;
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Leaves the findings that were asked for.
fn narrow(report: &mut Report, args: &Args) {
    let subject = args.subject.trim_start_matches('.');
    let is_asked_for = |entry: &Entry| {
        let name = entry.finding.subject.as_str();
        let ends = name.strip_suffix(subject).is_some_and(|it| it.is_empty() || it.ends_with('.'));
        // A path, as the report prints it.
        let path = entry.finding.subject.path() == args.subject;
        let rule = args.rule.as_deref().is_none_or(|id| entry.finding.rule.id == id);
        (ends || path) && rule
    };
    for verdict in &mut report.verdicts {
        verdict.entries.retain(is_asked_for);
    }
}

fn subjects(report: &Report) -> BTreeSet<String> {
    let entries = report.verdicts.iter().flat_map(|it| &it.entries);
    entries.map(|it| it.finding.subject.to_string()).collect()
}

fn nothing(args: &Args, known: &BTreeSet<String>) -> Error {
    let near = did_you_mean(&args.subject, known.iter().map(String::as_str));
    let versions = format!("`protoskew check {} {}`", args.base, args.head);
    let help = match near.is_empty() {
        true => format!("{versions} lists what was found"),
        false => near,
    };
    let rule = args.rule.as_ref().map_or(String::new(), |id| format!(" by `{id}`"));
    Error::NoFinding { name: args.subject.clone(), rule, help }
}
