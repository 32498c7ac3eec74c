//! `protoskew since`: the releases that have an element.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    compile::{Layout, Scope, is_read},
    config::Config,
    error::Error,
    history::{self, History, Kind, Timeline, Timelines, origin},
    releases::{self, From, PreReleases, Releases, Selection},
    report::{
        json,
        lookup::{self, Language},
        since,
    },
    tree::{Repo, Source},
};

use super::{Failure, Output, Reading, output};

#[derive(clap::Args)]
pub(super) struct Args {
    /// A method (/pkg.Service/Method), field, enum value, message, enum or service.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    element: Option<String>,
    /// Every element of every release.
    #[arg(long)]
    all: bool,
    /// Only elements of this kind; may be given several times.
    #[arg(long = "kind", value_name = "KIND", requires = "all")]
    kinds: Vec<KindName>,
    #[command(flatten)]
    choosing: Choosing,
    #[command(flatten)]
    reading: Reading,
    /// How to print it.
    #[arg(long, default_value = "human")]
    format: Format,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Which releases there are.
#[derive(clap::Args)]
pub(super) struct Choosing {
    /// Take the tags that match this regular expression, all of them.
    #[arg(long, value_name = "REGEX", conflicts_with_all = ["prefix", "first_parent"])]
    tags: Option<String>,
    /// Take the tags that begin so before their number, such as `api/v`.
    #[arg(long, value_name = "TEXT", conflicts_with = "first_parent")]
    prefix: Option<String>,
    /// Take candidates and variants of releases too.
    #[arg(long)]
    pre_releases: bool,
    /// Take the commits of a branch instead of tags: those that changed a .proto file.
    #[arg(long, value_name = "BRANCH", num_args = 0..=1, default_missing_value = "HEAD")]
    first_parent: Option<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum KindName {
    Service,
    Method,
    Message,
    Field,
    Enum,
    EnumValue,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
    /// A table for release notes.
    Markdown,
    /// A source file in Go that tells the minimum version of a server for a call.
    Go,
    /// The same in Rust.
    Rust,
    /// The same in Python.
    Python,
    /// The same in TypeScript.
    Typescript,
    /// The same in Java.
    Java,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let Read { repo, releases, history, layout, .. } = args.choosing.read(&args.reading)?;
    let timelines = Timelines::new(&history);
    let mut out = Output::to(args.output);
    let found = args.element.as_ref().map(|it| timelines.find(it)).transpose()?;
    let brought = match &found {
        Some(timeline) => origin(&repo, &history, timeline, &layout)?,
        None => None,
    };
    let kinds: Vec<Kind> = args.kinds.iter().map(|it| kind(*it)).collect();
    let walk = || -> Box<dyn Iterator<Item = Timeline> + '_> {
        match &found {
            Some(timeline) => Box::new(std::iter::once(timeline.clone())),
            None => Box::new(timelines.of(&kinds)),
        }
    };
    let all = || -> Vec<Timeline> { walk().collect() };
    match args.format {
        Format::Json => {
            json::render_since(&history, &releases, &walk, brought.as_ref(), &mut out)?;
        }
        Format::Markdown => lookup::render_markdown(&history, &all(), &mut out)?,
        Format::Go => lookup::render(&history, &all(), Language::Go, &mut out)?,
        Format::Rust => lookup::render(&history, &all(), Language::Rust, &mut out)?,
        Format::Python => lookup::render(&history, &all(), Language::Python, &mut out)?,
        Format::Typescript => lookup::render(&history, &all(), Language::TypeScript, &mut out)?,
        Format::Java => lookup::render(&history, &all(), Language::Java, &mut out)?,
        Format::Human => {
            let wanted = all();
            for timeline in &wanted {
                since::render(&history, timeline, brought.as_ref(), &mut out)?;
            }
            writeln!(out)?;
            since::render_scope(&history, &releases, &mut out)?;
            if args.all || wanted.iter().any(|it| !it.unknown.is_empty()) {
                since::render_gaps(&history, &mut out)?;
            }
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

impl Choosing {
    /// What the flags say, and the configuration besides.
    pub(super) fn selection(&self, config: Option<&Config>) -> Selection {
        let written = config.and_then(|it| it.written.releases.as_ref());
        let from = match (&self.tags, &self.prefix, &self.first_parent) {
            (Some(pattern), _, _) => From::Pattern(pattern.clone()),
            (_, Some(prefix), _) => From::Prefix(prefix.clone()),
            (_, _, Some(branch)) => From::Branch(branch.clone()),
            (None, None, None) => match written.map(|it| (&it.tags, &it.prefix)) {
                Some((Some(pattern), _)) => From::Pattern(pattern.value.clone()),
                Some((None, Some(prefix))) => From::Prefix(prefix.value.clone()),
                Some((None, None)) | None => From::Tags,
            },
        };
        let wanted = self.pre_releases || written.is_some_and(|it| it.pre_releases == Some(true));
        let pre_releases = if wanted { PreReleases::In } else { PreReleases::Out };
        Selection { from, pre_releases }
    }

    /// Finds the releases and reads them, as the configuration of what is checked out says.
    pub(super) fn read(&self, reading: &Reading) -> Result<Read, Error> {
        let repo = Repo::open(&reading.repo, is_read)?;
        // A repository may have tags and nothing checked out.
        let newest = || {
            let newest = repo.tags().ok()?.into_iter().max_by_key(|it| it.time)?;
            reading.open(&newest.commit.to_string()).ok()
        };
        let head = match reading.default_head() {
            Ok(head) => head,
            Err(error) => newest().ok_or(error)?,
        };
        let config = reading.configured.read(&head)?;
        let releases = releases::find(&repo, &self.selection(config.as_ref()))?;
        let layout = reading.layout(&head, config.as_ref(), Scope::Whole);
        let history = {
            let bar = output::bar("reading releases");
            let progress = |done: usize, all: usize| {
                bar.set_length(all as u64);
                // Workers may tell it in another order than they were done.
                bar.set_position(bar.position().max(done as u64));
            };
            let history = history::read(&repo, releases.clone(), &layout, &progress);
            bar.finish_and_clear();
            history?
        };
        Ok(Read { repo, releases, history, layout, config, head })
    }
}

/// Releases that were read.
pub(super) struct Read {
    pub(super) repo: Repo,
    pub(super) releases: Releases,
    pub(super) history: History,
    pub(super) layout: Layout,
    pub(super) config: Option<Config>,
    /// What the configuration is that of.
    pub(super) head: Source,
}

fn kind(it: KindName) -> Kind {
    match it {
        KindName::Service => Kind::Service,
        KindName::Method => Kind::Method,
        KindName::Message => Kind::Message,
        KindName::Field => Kind::Field,
        KindName::Enum => Kind::Enum,
        KindName::EnumValue => Kind::EnumValue,
    }
}
