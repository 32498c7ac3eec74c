//! `protoskew check`: judge pairings of two versions.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Outcome, Report},
    policy::Level,
    report::{human, json},
};

use super::{
    Failure, Output,
    judging::{Judged, Judging, Known},
    output::{self, Color},
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    judging: Judging,
    /// Exit with 1 if there is a finding of this level or a higher one [default: error].
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Do not fail for the findings that this file lists, as `protoskew baseline` writes it.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// How to print the report.
    #[arg(long, default_value = "human")]
    format: Format,
    /// Write the report to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show source lines for notes, too.
    #[arg(short, long)]
    verbose: bool,
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let Judged { versions, config, mut report } =
        args.judging.run(&Known::Listed(args.baseline))?;
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render(&report, &mut out)?,
        Format::Human => {
            let quotes = versions.iter().enumerate();
            report.quotes = quotes.map(|(at, version)| version.quote(report.sites(at))).collect();
            let color = out.color(args.color);
            let style = human::Style { color, width: output::width(), verbose: args.verbose };
            human::render(&report, style, &mut out)?;
        }
    }
    out.finish()?;
    let fail_on = match args.fail_on {
        Some(FailOn::Error) => Level::Error,
        Some(FailOn::Warning) => Level::Warning,
        Some(FailOn::Note) => Level::Note,
        None => {
            let written = config.and_then(|it| it.written.fail_on);
            written.map_or(Level::Error, |it| it.value.into())
        }
    };
    Ok(exit_code(&report, fail_on))
}

/// Nothing is as loud as *off*: a configuration that says so never fails.
fn exit_code(report: &Report, fail_on: Level) -> ExitCode {
    if report.outcome() == Outcome::Unknown {
        return ExitCode::from(2);
    }
    let fails = |level| fail_on != Level::Off && level >= fail_on;
    ExitCode::from(u8::from(report.loudest().is_some_and(fails)))
}
