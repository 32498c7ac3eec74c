//! `protoskew check`: judge pairings of two versions.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::report::{github, gitlab, html, human, json, junit, markdown, sarif};

use super::{
    Failure, Output,
    gate::Gate,
    judging::Judging,
    output::{self, Color},
    runner,
    supported::Supported,
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    supported: Supported,
    #[command(flatten)]
    gate: Gate,
    /// Prove each finding: the smallest message that shows it, its bytes, and what is read from
    /// them; of a call, what each runtime shows. In the formats human, json, markdown and html.
    #[arg(long)]
    witness: bool,
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

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people at a terminal.
    Human,
    /// For programs; `protoskew schema check` describes it.
    Json,
    /// SARIF 2.1.0, for services that show findings beside the code.
    Sarif,
    /// Workflow commands of GitHub; also appends to the job summary, in a job.
    Github,
    /// Markdown, for a comment or a release note.
    Markdown,
    /// JUnit's XML.
    Junit,
    /// GitLab's code quality report.
    Gitlab,
    /// One page that needs nothing but itself.
    Html,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let known = args.gate.known();
    let mut judged = match &args.supported.window {
        Some(window) => args.supported.run(window, &args.judging, &known)?,
        None => args.judging.run(&known)?,
    };
    if args.witness {
        judged.prove();
    }
    let mut out = Output::to(args.output);
    match args.format {
        Format::Human | Format::Html => judged.quote(),
        Format::Sarif | Format::Github | Format::Junit | Format::Gitlab => judged.anchor(),
        Format::Json | Format::Markdown => (),
    }
    let report = &judged.report;
    match args.format {
        Format::Json => json::render(report, &mut out)?,
        Format::Sarif => sarif::render(report, &mut out)?,
        Format::Github => github::render(report, &mut out)?,
        Format::Markdown => markdown::render(report, usize::MAX, &mut out)?,
        Format::Junit => {
            let fail_on = args.gate.fail_on(judged.config.as_ref());
            junit::render(report, fail_on, &mut out)?;
        }
        Format::Gitlab => gitlab::render(report, &mut out)?,
        Format::Html => html::render(report, &mut out)?,
        Format::Human => {
            let color = out.color(args.color);
            let style = human::Style { color, width: output::width(), verbose: args.verbose };
            human::render(report, style, &mut out)?;
        }
    }
    out.finish()?;
    if args.format == Format::Github {
        runner::summarize(report)?;
    }
    let code = args.gate.exit_code(report, judged.config.as_ref());
    // The program ends here: to take apart what it read would only cost time.
    std::mem::forget(judged);
    Ok(code)
}
