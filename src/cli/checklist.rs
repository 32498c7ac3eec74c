//! `protoskew checklist`: what to see to before a release goes out.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Pair, Report, check},
    checklist::{Order, checklist},
    compile::{Scope, Units},
    error::{Error, did_you_mean},
    history::{History, Timelines},
    policy::Policy,
    report::{checklist as page, json},
    schema::FullName,
    tree,
    version::load,
};

use super::{
    Failure, Output, Reading, config,
    since::{Choosing, Read},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The release that goes out.
    #[arg(long, value_name = "RELEASE")]
    release: String,
    /// The oldest release that it may meet; all from there on are supported [default: the release
    /// before it].
    #[arg(long, value_name = "RELEASE")]
    since: Option<String>,
    /// Only calls of this service; may be given several times.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    #[command(flatten)]
    choosing: Choosing,
    #[command(flatten)]
    reading: Reading,
    /// How to print it.
    #[arg(long, default_value = "markdown")]
    format: Format,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Json,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let read = args.choosing.read(&args.reading)?;
    let history = &read.history;
    let release = find(history, &args.release)?;
    let oldest = match &args.since {
        Some(name) => find(history, name)?,
        None => release.saturating_sub(1),
    };
    if oldest >= release {
        let (release, oldest) = (args.release, history.name(oldest).to_owned());
        return Err(Error::NothingBefore { release, oldest }.into());
    }
    let supported: Vec<usize> = (oldest..release).collect();
    let reports = reports(&args, &read, release, &supported)?;
    let timelines = Timelines::new(history);
    let list = checklist(&timelines, release, &supported, &reports);
    let mut out = Output::to(args.output);
    match args.format {
        Format::Markdown => page::render(&list, history, &mut out)?,
        Format::Json => json::render_checklist(&list, history, &mut out)?,
    }
    out.finish()?;
    Ok(if list.order == Order::Unknown { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Of each earlier release and this one, both pairings; those with the same files are judged once.
fn reports(
    args: &Args,
    read: &Read,
    release: usize,
    supported: &[usize],
) -> Result<Vec<Report>, Error> {
    let history = &read.history;
    let head = args.reading.open(history.name(release))?;
    let found = args.reading.configured.read(&head)?;
    let mut policy = found.as_ref().map(Policy::of).transpose()?.unwrap_or_default();
    policy.services = args.services.iter().map(|it| FullName::new(it)).collect();
    config::date(&mut policy, &[], &head.top);
    let layout = args.reading.layout(&head, found.as_ref(), Scope::Whole);
    let units = Units::cached_in(tree::cache_folder(&args.reading.repo));
    let mut reports = Vec::new();
    for &earlier in supported {
        let sources = vec![
            args.reading.open(history.name(earlier))?,
            args.reading.open(history.name(release))?,
        ];
        let versions = load(sources, &layout, &units);
        reports.push(check(&versions, &Pair::both(0, 1), &policy));
    }
    Ok(reports)
}

fn find(history: &History, name: &str) -> Result<usize, Error> {
    history.find(name).ok_or_else(|| unknown_release(history, name))
}

/// No release has the name.
pub(super) fn unknown_release(history: &History, name: &str) -> Error {
    let names = history.releases.iter().map(|it| it.revision.name.as_str());
    let near = did_you_mean(name, names);
    let all =
        "`git tag` lists the tags; `--tags REGEX` and `--prefix` choose among them".to_owned();
    let help = if near.is_empty() { all } else { near };
    Error::UnknownRelease { name: name.to_owned(), help }
}
