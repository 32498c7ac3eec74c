//! `protoskew diff`: the facts between two versions.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    compile::{Compiled, Scope},
    diff::diff,
    error::Error,
    report::{changes, changes::Facts, json},
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
    let loaded = args.reading.load(vec![base, head], Scope::Measured)?;
    let mut versions = loaded.versions.into_iter();
    let mut read = || -> Result<(String, Option<String>, Compiled), Error> {
        let Version { name, commit, contents, .. } = versions.next().expect("two were loaded");
        let compiled = contents?;
        match compiled.problems.is_empty() {
            true => Ok((name, commit, compiled)),
            false => Err(Error::DoesNotCompile { version: name, causes: compiled.problems }),
        }
    };
    let (base, head) = (read()?, read()?);
    // The schemas, and each copy that both versions have.
    let copies = base.2.copies.iter();
    let copies = copies.filter_map(|(root, base)| Some((base, head.2.copies.get(root)?)));
    let all = std::iter::once((&base.2.schema, &head.2.schema)).chain(copies);
    let facts = all.map(|(base, head)| Facts { base, head, changes: diff(base, head) });
    let facts: Vec<Facts<'_>> = facts.collect();
    let mut out = Output::to(args.output);
    match args.format {
        Format::Text => changes::render([&base.0, &head.0], &facts, &mut out)?,
        Format::Json => {
            let versions = [&base, &head].map(|it| (&*it.0, it.1.as_deref()));
            json::render_changes(versions, &facts, &mut out)?;
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}
