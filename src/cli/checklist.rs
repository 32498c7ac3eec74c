//! `protoskew checklist`: what to see to before a release goes out.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Pair, Report, check},
    checklist::{Order, checklist},
    compile::{Scope, Units},
    error::{Error, did_you_mean},
    history::{History, Kind, Timelines},
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
        None => before(history, release),
    };
    if oldest >= release {
        let (release, oldest) = (args.release, history.name(oldest).to_owned());
        return Err(Error::NothingBefore { release, oldest }.into());
    }
    let supported: Vec<usize> = (oldest..release).collect();
    let timelines = Timelines::new(history);
    known(&args.services, &timelines)?;
    let reports = reports(&args, &read, release, &supported)?;
    let supported: Vec<(usize, &Report)> =
        supported.into_iter().map(|it| (it, &reports[&history.class_of[it]])).collect();
    let list = checklist(&timelines, release, &supported);
    let mut out = Output::to(args.output);
    match args.format {
        Format::Markdown => page::render(&list, history, &mut out)?,
        Format::Json => json::render_checklist(&list, history, &mut out)?,
    }
    out.finish()?;
    Ok(if list.order == Order::Unknown { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Each service is in a release at least, so that a slip of the pen does not make a page that lists
/// nothing.
fn known(services: &[String], timelines: &Timelines<'_>) -> Result<(), Error> {
    let all = timelines.select(&|kind, _| kind == Kind::Service);
    let names = || all.iter().map(|it| it.name.as_str());
    let Some(name) = services.iter().find(|it| !names().any(|name| name == it.as_str())) else {
        return Ok(());
    };
    let near = did_you_mean(name, names());
    let plain = "services are named with their package".to_owned();
    let help = if near.is_empty() { plain } else { near };
    Err(Error::UnknownService { name: name.clone(), versions: "any release".to_owned(), help })
}

/// By class of releases with the same files: what happens between one of them and the release.
fn reports(
    args: &Args,
    read: &Read,
    release: usize,
    supported: &[usize],
) -> Result<BTreeMap<usize, Report>, Error> {
    let history = &read.history;
    let head = args.reading.open(history.name(release))?;
    let found = args.reading.configured.read(&head)?;
    let mut policy = found.as_ref().map(Policy::of).transpose()?.unwrap_or_default();
    policy.services = args.services.iter().map(|it| FullName::new(it)).collect();
    config::date(&mut policy, &[], &head.top);
    let layout = args.reading.layout(&head, found.as_ref(), Scope::Whole);
    let classes: BTreeMap<usize, usize> =
        supported.iter().map(|it| (history.class_of[*it], *it)).collect();
    let sources = classes.values().map(|it| args.reading.open(history.name(*it)));
    let mut sources = sources.collect::<Result<Vec<_>, Error>>()?;
    sources.push(head);
    let units = Units::cached_in(tree::cache_folder(&args.reading.repo));
    let versions = load(sources, &layout, &units);
    let judged = classes
        .keys()
        .enumerate()
        .map(|(at, class)| (*class, check(&versions, &Pair::both(at, classes.len()), &policy)));
    Ok(judged.collect())
}

/// The release before it, past those whose number is in doubt.
fn before(history: &History, release: usize) -> usize {
    let sure = |it: &usize| history.releases[*it].doubt.is_none();
    (0..release).rev().find(sure).unwrap_or(release.saturating_sub(1))
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
