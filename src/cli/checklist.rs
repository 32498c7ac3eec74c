//! `protoskew checklist`: what to see to before a release goes out.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Pair, Report, Verdict, check, weigh},
    checklist::{Order, checklist, guards},
    compile::{Scope, Units},
    error::{Error, did_you_mean},
    history::{History, Kind, Timelines},
    policy::Policy,
    releases,
    report::{checklist as page, json},
    schema::FullName,
    skew::Pairing,
    tree,
    version::{Code, Searches, Version, load},
    window::{self, Roles, Seat, Window, Windows},
};

use super::{
    Failure, Output, Reading, config, output,
    since::{Choosing, Read},
    supported::{has_window, windows},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The release that goes out.
    #[arg(long, value_name = "RELEASE")]
    release: String,
    /// The oldest release that it may meet; all from there on are supported [default: as
    /// `--window` or the configuration says, or else the release before it].
    #[arg(long, value_name = "RELEASE")]
    since: Option<String>,
    /// The earlier releases that it may meet, as a window: `client=3,server=2` for servers that are
    /// at most three release lines behind its clients, and clients at most two behind its servers
    /// [default: as the configuration says].
    #[arg(long, value_name = "WINDOW", num_args = 0..=1, require_equals = true,
          default_missing_value = "", conflicts_with = "since")]
    window: Option<String>,
    /// Only calls of this service; may be given several times.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    #[command(flatten)]
    choosing: Choosing,
    #[command(flatten)]
    reading: Reading,
    /// Do not search the sources of the release for the calls that need a fallback.
    #[arg(long)]
    no_calls: bool,
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
    let (windows, supported) = supported(&args, &read, release)?;
    let timelines = Timelines::new(history);
    known(&args.services, &timelines)?;
    let (reports, code) = reports(&args, &read, release, &windows, &supported)?;
    let supported: Vec<(usize, &Report)> = supported
        .into_iter()
        .map(|(it, roles)| (it, &reports[&(history.class_of[it], roles)]))
        .collect();
    // By default that is one release, and not all that somebody still runs.
    let configured = read.config.as_ref().is_some_and(has_window);
    let known = args.since.is_some() || args.window.is_some() || configured;
    let serves =
        |report: &Report| report.verdicts.iter().any(|it| it.pair.pairing == Pairing::NEWER_CLIENT);
    let servers = supported.iter().filter(|(_, report)| serves(report));
    let servers: Vec<usize> = servers.map(|(it, _)| *it).collect();
    let names = |release: usize| history.name(release).to_owned();
    let servers = known.then_some(servers.as_slice());
    let guards = code.map(|it| guards(&timelines, &names, release, servers, &it.calls));
    let list = checklist(&timelines, release, &supported, guards.unwrap_or_default());
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

/// Earlier releases, and in which roles it may meet them.
type Supported = Vec<(usize, Roles)>;

/// The earlier releases that it may meet.
fn supported(args: &Args, read: &Read, release: usize) -> Result<(Windows, Supported), Error> {
    let history = &read.history;
    let config = read.config.as_ref();
    let configured = config.is_some_and(has_window);
    let spec = match (&args.window, &args.since) {
        (Some(spec), _) => Some(spec.as_str()),
        (None, None) if configured => Some(""),
        (None, _) => None,
    };
    if let Some(spec) = spec {
        let windows = windows(spec, config)?;
        let lines = releases::lines(&history.releases);
        let seat = |place: usize| Seat { place, line: lines[place], name: history.name(place) };
        // A number in doubt says nothing of how far apart releases are.
        let sure = (0..release).filter(|it| history.releases[*it].doubt.is_none());
        let met = sure.map(|it| (it, windows.roles(lines[release], seat(it))));
        let met: Vec<_> = met.filter(|(_, roles)| !window::roles(roles).is_empty()).collect();
        return match met.is_empty() {
            false => Ok((windows, met)),
            true => Err(Error::NoReleases {
                what: format!("no release before `{}` is in the window", args.release),
                help: "widen the window, or name the oldest with `--since RELEASE`".to_owned(),
            }),
        };
    }
    let oldest = match &args.since {
        Some(name) => find(history, name)?,
        None => before(history, release),
    };
    if oldest >= release {
        let (release, oldest) = (args.release.clone(), history.name(oldest).to_owned());
        return Err(Error::NothingBefore { release, oldest });
    }
    let both = || vec![vec![Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER]];
    let met = (oldest..release).map(|it| (it, both())).collect();
    Ok((Windows::one(Window::default()), met))
}

/// What happens between a release and others. By class of releases with the same files, and by the
/// roles in which they meet.
type Reports = BTreeMap<(usize, Roles), Report>;

fn reports(
    args: &Args,
    read: &Read,
    release: usize,
    windows: &Windows,
    supported: &Supported,
) -> Result<(Reports, Option<Code>), Error> {
    let history = &read.history;
    let classes: BTreeMap<usize, usize> =
        supported.iter().map(|(it, _)| (history.class_of[*it], *it)).collect();
    let (versions, policy) = versions(args, read, release, &classes)?;
    let place: BTreeMap<usize, usize> =
        classes.keys().enumerate().map(|(at, class)| (*class, at)).collect();
    let mut reports = Reports::new();
    let searched = match versions.last() {
        Some(head) => BTreeMap::from([(classes.len(), scan(args, head, &policy))]),
        None => BTreeMap::new(),
    };
    for (it, roles) in supported {
        let class = history.class_of[*it];
        reports.entry((class, roles.clone())).or_insert_with(|| {
            let wanted = window::roles(roles);
            let pairs = Pair::both(place[&class], classes.len()).into_iter();
            let pairs: Vec<Pair> = pairs.filter(|it| wanted.contains(&it.pairing)).collect();
            let mut report = check(&versions, &pairs, &policy);
            report.verdicts.iter_mut().for_each(|it| windows.narrow(it, roles));
            let fails = |it: &Verdict| it.pair.client() == classes.len() && it.has_open_calls();
            if report.verdicts.iter().any(fails) {
                weigh(&mut report, &versions, &searched, &policy);
            }
            report
        });
    }
    let code = searched.into_values().next().and_then(Result::ok);
    Ok((reports, code))
}

/// One release of each class, the release itself, and what they are judged by.
fn versions(
    args: &Args,
    read: &Read,
    release: usize,
    classes: &BTreeMap<usize, usize>,
) -> Result<(Vec<Version>, Policy), Error> {
    let open = |it: usize| args.reading.release(&read.history.releases[it].revision);
    let head = open(release)?;
    // A release that was made before there was a configuration is judged by that of today.
    let own = args.reading.configured.read(&head)?;
    let config = own.as_ref().or(read.config.as_ref());
    let mut policy = config.map(Policy::of).transpose()?.unwrap_or_default();
    policy.services = args.services.iter().map(|it| FullName::new(it)).collect();
    let layout = args.reading.layout(&head, config, Scope::Whole);
    let sources = classes.values().map(|it| open(*it));
    let mut sources = sources.collect::<Result<Vec<_>, Error>>()?;
    sources.push(head);
    let units = Units::cached_in(tree::cache_folder(&args.reading.repo));
    let versions = {
        let _busy = output::busy("comparing releases");
        load(sources, &layout, &units)
    };
    if let Some(head) = versions.last() {
        let top = if own.is_some() { head.top() } else { &read.head.top };
        policy.manifest.merge(config::callers(config, top)?);
        config::date(&mut policy, &versions, head.top());
    }
    Ok((versions, policy))
}

/// What the sources of the release itself say. Those before it are out: their callers cannot be
/// mended.
fn scan(args: &Args, version: &Version, policy: &Policy) -> Result<Code, String> {
    if args.no_calls {
        return Err("`--no-calls`".to_owned());
    }
    let _busy = output::busy("searching the sources");
    version.code(&|service| policy.judges(service), &policy.manifest, &Searches::default())
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
