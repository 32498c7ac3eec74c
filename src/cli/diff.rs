//! `protoskew diff`: the facts between two versions.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    compile::Compiled,
    diff::diff,
    error::Error,
    report::{changes, json},
    version::Version,
};

use super::{Failure, Output, Reading};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The older version.
    base: String,
    /// The newer version [default: the working tree].
    head: Option<String>,
    #[command(flatten)]
    reading: Reading,
    /// How to print it.
    #[arg(long, default_value = "text")]
    format: Format,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let base = args.reading.open(&args.base)?;
    let head = match &args.head {
        Some(head) => args.reading.open(head)?,
        None => args.reading.default_head()?,
    };
    let mut versions = args.reading.load(vec![base, head]).into_iter();
    let mut read = || -> Result<(String, Option<String>, Compiled), Error> {
        let Version { name, commit, contents, .. } = versions.next().expect("two were loaded");
        Ok((name, commit, contents?))
    };
    let (base, head) = (read()?, read()?);
    let [ours, theirs] = [&base, &head].map(|it| &it.2.schema);
    let changes = diff(ours, theirs);
    let mut out = Output::to(args.output);
    match args.format {
        Format::Text => changes::render((&base.0, ours), (&head.0, theirs), &changes, &mut out)?,
        Format::Json => {
            let versions = [(&base, ours), (&head, theirs)]
                .map(|(it, schema)| (&*it.0, it.1.as_deref(), schema));
            json::render_changes(versions, &changes, &mut out)?;
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}
