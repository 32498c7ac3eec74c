//! `protoskew check`: judge pairings of two versions.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::report::{human, json};

use super::{
    Failure, Output,
    gate::Gate,
    judging::Judging,
    output::{self, Color},
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    gate: Gate,
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
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let mut judged = args.judging.run(&args.gate.known())?;
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render(&judged.report, &mut out)?,
        Format::Human => {
            judged.quote();
            let color = out.color(args.color);
            let style = human::Style { color, width: output::width(), verbose: args.verbose };
            human::render(&judged.report, style, &mut out)?;
        }
    }
    out.finish()?;
    let code = args.gate.exit_code(&judged.report, judged.config.as_ref());
    // The program ends here: to take apart what it read would only cost time.
    std::mem::forget(judged);
    Ok(code)
}
