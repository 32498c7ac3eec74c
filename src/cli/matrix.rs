//! `protoskew matrix`: every client release against every server release.

use std::{collections::BTreeMap, io::Write as _, path::PathBuf, process::ExitCode, sync::Arc};

use clap::ValueEnum;
use protoskew::{
    callsites,
    error::Error,
    history::{Contents, History},
    matrix::{Scan, Scans, Selected, matrix},
    policy::Policy,
    releases,
    report::{grid, json, matrix_html, since as scope},
    schema::FullName,
    tree::{Oid, Repo},
    version::{Searches, search},
};

use super::{
    Failure, Output, Reading, config,
    output::{self, Color},
    since::{Choosing, Read},
    supported::windows,
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    choosing: Choosing,
    /// Show only clients of releases whose names match this regular expression.
    #[arg(long, value_name = "REGEX")]
    client: Option<String>,
    /// Show only servers of releases whose names match this regular expression.
    #[arg(long, value_name = "REGEX")]
    server: Option<String>,
    /// Show only pairs that are no further apart: `client=3,server=2` for clients that are at most
    /// three release lines ahead of their server, and servers at most two ahead of their clients
    /// [default: as the configuration says].
    #[arg(long, value_name = "WINDOW", num_args = 0..=1, require_equals = true,
          default_missing_value = "")]
    window: Option<String>,
    /// Judge only calls of this service; may be given several times.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Search the sources of every release: a call that nobody makes, or that all callers cope
    /// with, breaks nothing, and one that a server refuses does.
    #[arg(long)]
    calls: bool,
    /// Judge what can be read, though some files cannot.
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    reading: Reading,
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
    Markdown,
    Html,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let Read { releases, history, config, head, .. } = args.choosing.read(&args.reading)?;
    let mut policy = config.as_ref().map(Policy::of).transpose()?.unwrap_or_default();
    policy.keep_going |= args.keep_going;
    policy.services = services(&args.services, &history)?;
    config::date_releases(&mut policy, &history, &head.top);
    policy.manifest.merge(config::callers(config.as_ref(), &head.top)?);
    let scans = match args.calls {
        true => Some(scans(&args.reading, &history, &policy)?),
        false => None,
    };
    let matrix = matrix(&history, &policy, scans.as_ref());
    let clients = named(&history, args.client.as_deref())?;
    let servers = named(&history, args.server.as_deref())?;
    let windows = args.window.as_deref().map(|it| windows(it, config.as_ref())).transpose()?;
    let selected = Selected { matrix: &matrix, clients, servers, windows };
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render_matrix(&selected, &releases, &mut out)?,
        Format::Markdown => grid::render_markdown(&selected, &mut out)?,
        Format::Html => matrix_html::render(&selected, &releases, &mut out)?,
        Format::Human => {
            let look = grid::Look { color: out.color(args.color), width: output::columns() };
            grid::render(&selected, look, &mut out)?;
            writeln!(out)?;
            scope::render_scope(&history, &releases, &mut out)?;
            scope::render_gaps(&history, &mut out)?;
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// What the sources of each release say. Releases with the same sources and the same schema say the
/// same.
fn scans(reading: &Reading, history: &History, policy: &Policy) -> Result<Scans, Error> {
    let sources = Repo::open(&reading.repo, callsites::is_read)?;
    let bar = output::bar("searching the sources");
    bar.set_length(history.releases.len() as u64);
    let searches = Searches::default();
    let mut known: BTreeMap<(usize, Option<Oid>), usize> = BTreeMap::new();
    let mut scans: Scans = Vec::with_capacity(history.releases.len());
    for (at, release) in history.releases.iter().enumerate() {
        bar.set_position(at as u64);
        let tree = sources.tree(&release.revision);
        let class = history.class_of[at];
        let sign = (class, callsites::alike(&tree)?);
        let first = *known.entry(sign).or_insert(at);
        scans.push(match (&history.classes[class].contents, scans.get(first)) {
            (_, Some(same)) => same.clone(),
            (Contents::Known(compiled), None) => {
                let wanted = |service: &FullName| policy.judges(service);
                let found = search(&tree, &compiled.schema, &wanted, &policy.manifest, &searches);
                let before = scans.last().and_then(|it| it.as_deref().ok());
                found.map(|it| Arc::new(Scan::of(&it, policy, before)))
            }
            (contents, None) => Err(contents.reason().unwrap_or_default()),
        });
    }
    bar.finish_and_clear();
    Ok(scans)
}

/// The releases whose names match.
fn named(history: &History, pattern: Option<&str>) -> Result<Vec<usize>, Error> {
    let all = 0..history.releases.len();
    let Some(pattern) = pattern else { return Ok(all.collect()) };
    let regex = releases::regex(pattern)?;
    let found: Vec<usize> = all.filter(|it| regex.is_match(history.name(*it))).collect();
    match found.is_empty() {
        false => Ok(found),
        true => Err(Error::NoReleases {
            what: format!("no release matches `{pattern}`"),
            help: format!(
                "the releases are {} … {}",
                history.releases.first().map_or("", |it| &it.revision.name),
                history.releases.last().map_or("", |it| &it.revision.name)
            ),
        }),
    }
}

/// Each is in one release at least, so that a slip of the pen does not make a matrix that is fine.
fn services(names: &[String], history: &History) -> Result<Vec<FullName>, Error> {
    let schemas = || history.classes.iter().flat_map(|it| it.contents.schemas());
    let resolve = |name: &String| {
        let wanted = FullName::new(name);
        if schemas().any(|it| it.services.contains_key(&wanted)) {
            return Ok(wanted);
        }
        let known = schemas().flat_map(|it| it.services.keys());
        let known: std::collections::BTreeSet<&str> = known.map(|it| it.as_str()).collect();
        let leaf = known.iter().find(|it| it.rsplit('.').next() == Some(wanted.leaf()));
        let help = match leaf {
            Some(full) => format!("did you mean `{full}`?"),
            None => protoskew::error::did_you_mean(name, known.iter().copied()),
        };
        let help =
            if help.is_empty() { "services are named with their package".to_owned() } else { help };
        let versions = "any release".to_owned();
        Err(Error::UnknownService { name: name.clone(), versions, help })
    };
    names.iter().map(resolve).collect()
}
