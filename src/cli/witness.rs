//! `protoskew witness`: one finding, proved.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Outcome, Report},
    error::{Error, did_you_mean},
    policy::Entry,
    report::{human, json},
    rules::find,
};

use super::{
    Failure, Output,
    judging::{Judging, Known},
    output::{self, Color},
    rules,
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// What it is about, by the full name that `check` prints or the end of it: a field, an enum
    /// value, a method, a service.
    #[arg(value_name = "NAME")]
    subject: String,
    #[command(flatten)]
    judging: Judging,
    /// Only what this rule found.
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
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

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    if let Some(id) = args.rule.as_deref().filter(|id| find(id).is_none()) {
        return Err(rules::unknown(id).into());
    }
    let mut judged = args.judging.run(&Known::Nothing)?;
    let known = subjects(&judged.report);
    narrow(&mut judged.report, &args);
    if judged.report.verdicts.iter().all(|it| it.entries.is_empty()) {
        return match judged.report.outcome() {
            Outcome::Unknown => Ok(ExitCode::from(2)),
            _ => Err(nothing(&args, &known).into()),
        };
    }
    judged.prove();
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render(&judged.report, &mut out)?,
        Format::Human => {
            judged.quote();
            let color = out.color(args.color);
            let style = human::Style { color, width: output::width(), verbose: true };
            human::render_proofs(&judged.report, style, &mut out)?;
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
    let all = "`protoskew check` with the same versions lists what was found".to_owned();
    let help = if near.is_empty() { all } else { near };
    let rule = args.rule.as_ref().map_or(String::new(), |id| format!(" by `{id}`"));
    Error::NoFinding { name: args.subject.clone(), rule, help }
}
