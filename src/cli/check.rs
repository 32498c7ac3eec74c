//! `protoskew check`: judge pairings of two versions.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::Pair,
    error::Error,
    report::{human, json},
    tree::Source,
};

use super::{
    Failure, Output,
    judging::{Judged, Judging},
    output::{self, Color},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The older version [default: where HEAD left the default branch].
    base: Option<String>,
    /// The newer version [default: the working tree].
    head: Option<String>,
    /// Judge one pairing: the client's version.
    #[arg(long, value_name = "SOURCE", requires = "server", conflicts_with_all = ["base", "pairing"])]
    client: Option<String>,
    /// Judge one pairing: the server's version.
    #[arg(long, value_name = "SOURCE", requires = "client")]
    server: Option<String>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    printing: Printing,
}

/// How a report is shown.
#[derive(clap::Args)]
pub(super) struct Printing {
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
    let pairs = match &args.client {
        Some(_) => vec![Pair::explicit(1, 0)],
        None => args.judging.pairs(0, 1),
    };
    let judged = args.judging.judge(&|| sources(&args), &pairs)?;
    output::print_errors(judged.problems());
    let code = args.judging.exit_code(&judged.report);
    args.printing.print(judged)?;
    Ok(code)
}

fn sources(args: &Args) -> Result<Vec<Source>, Error> {
    let reading = &args.judging.reading;
    if let (Some(client), Some(server)) = (&args.client, &args.server) {
        return Ok(vec![reading.open(server)?, reading.open(client)?]);
    }
    let base = match &args.base {
        Some(base) => reading.open(base)?,
        None => reading.default_base()?,
    };
    let head = match &args.head {
        Some(head) => reading.open(head)?,
        None => reading.default_head()?,
    };
    Ok(vec![base, head])
}

impl Printing {
    pub(super) fn print(&self, mut judged: Judged) -> Result<(), Failure> {
        let mut out = Output::to(self.output.clone());
        match self.format {
            Format::Json => json::render(&judged.report, &mut out)?,
            Format::Human => {
                judged.quote();
                let color = out.color(self.color);
                let style = human::Style { color, width: output::width(), verbose: self.verbose };
                human::render(&judged.report, style, &mut out)?;
            }
        }
        out.finish()
    }
}
