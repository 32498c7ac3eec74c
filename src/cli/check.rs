//! `protoskew check`: judge pairings of two versions.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Outcome, Pair, Report, check},
    compile::Scope,
    error::{Error, did_you_mean},
    judge::{Json, Settings},
    policy::{Level, Policy},
    report::{human, json},
    schema::{FullName, Patterns},
    skew::Pairing,
    version::Version,
};

use super::{
    Failure, Output, Reading,
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
    reading: Reading,
    /// Judge only this pairing of the two.
    #[arg(long)]
    pairing: Option<PairingName>,
    /// Judge only calls of this service; may be given several times.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Exit with 1 if there is a finding of this level or a higher one.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    fail_on: FailOn,
    /// Judge every call in this form of messages, too. Requests that are the body of an HTTP binding
    /// are judged in JSON in any case, as a lenient gateway reads them.
    #[arg(long, value_name = "CODEC")]
    codec: Option<CodecName>,
    /// JSON parsers pass over what they do not know, instead of refusing it.
    #[arg(long)]
    ignore_unknown: bool,
    /// A message type that travels in `google.protobuf.Any`, with its package; `*` stands for any
    /// text; may be given several times. All files are read for it.
    #[arg(long, value_name = "NAME")]
    any: Vec<String>,
    /// The name of a field that says what a call is meant to do, such as `dry_run`; `*` stands for
    /// any text; may be given several times.
    #[arg(long = "intent", value_name = "NAME")]
    intents: Vec<String>,
    /// Judge what can be read, though some files cannot.
    #[arg(long)]
    keep_going: bool,
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
enum PairingName {
    NewerClient,
    NewerServer,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum CodecName {
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    // Nothing in the files that an `Any` is in leads to what it holds.
    let scope = if args.any.is_empty() { Scope::Measured } else { Scope::Whole };
    let (mut versions, pairs) = versions(&args, scope)?;
    if !all_known(&args.services, &versions) && versions.iter().any(left_out) {
        // What was left out may declare them.
        (versions, _) = self::versions(&args, Scope::Whole)?;
    }
    let services = services(&args.services, &versions)?;
    let settings = settings(&args)?;
    let policy = Policy { services, settings, keep_going: args.keep_going, ..Policy::default() };
    let mut report = check(&versions, &pairs, &policy);
    let problems = versions.iter().flat_map(|version| match &version.contents {
        Ok(compiled) => compiled.problems.as_slice(),
        Err(error) => std::slice::from_ref(error),
    });
    output::print_errors(problems);
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render(&report, &mut out)?,
        Format::Human => {
            let quotes = versions.iter().enumerate();
            report.quotes = quotes.map(|(at, version)| version.quote(report.sites(at))).collect();
            let color = out.color(args.color);
            let style = human::Style { color, width: output::width(), verbose: args.verbose };
            human::render(&report, style, &mut out)?;
        }
    }
    out.finish()?;
    Ok(exit_code(&report, args.fail_on))
}

fn settings(args: &Args) -> Result<Settings, Error> {
    let json = Json {
        everywhere: args.codec == Some(CodecName::Json),
        ignore_unknown: args.ignore_unknown,
    };
    let patterns = |option, patterns: &[String]| {
        Patterns::new(patterns).map_err(|reason| Error::Pattern { option, reason })
    };
    let (any, intents) = (patterns("--any", &args.any)?, patterns("--intent", &args.intents)?);
    Ok(Settings { json, any, intents })
}

fn versions(args: &Args, scope: Scope) -> Result<(Vec<Version>, Vec<Pair>), Error> {
    let reading = &args.reading;
    if let (Some(client), Some(server)) = (&args.client, &args.server) {
        let sources = vec![reading.open(server)?, reading.open(client)?];
        return Ok((reading.load(sources, scope), vec![Pair::explicit(1, 0)]));
    }
    let base = match &args.base {
        Some(base) => reading.open(base)?,
        None => reading.default_base()?,
    };
    let head = match &args.head {
        Some(head) => reading.open(head)?,
        None => reading.default_head()?,
    };
    let wanted = |pair: &Pair| match args.pairing {
        None => true,
        Some(PairingName::NewerClient) => pair.pairing == Pairing::NEWER_CLIENT,
        Some(PairingName::NewerServer) => pair.pairing == Pairing::NEWER_SERVER,
    };
    let pairs = Pair::both(0, 1).into_iter().filter(wanted).collect();
    Ok((reading.load(vec![base, head], scope), pairs))
}

/// The services by which calls are limited; each is in one version at least, so that a slip of the
/// pen does not make a report that finds nothing.
fn services(names: &[String], versions: &[Version]) -> Result<Vec<FullName>, Error> {
    let known = known(versions);
    let all_read = versions.iter().all(|it| it.contents.is_ok() && !left_out(it));
    let resolve = |name: &String| {
        let wanted = FullName::new(name);
        if known.contains(&wanted) || !all_read {
            return Ok(wanted);
        }
        let near = did_you_mean(name, known.iter().map(|it| it.as_str()));
        let leaf = known.iter().find(|it| it.leaf() == wanted.leaf());
        let help = match leaf {
            Some(full) => format!("did you mean `{full}`?"),
            None if near.is_empty() => "services are named with their package".to_owned(),
            None => near,
        };
        let versions: Vec<String> =
            versions.iter().map(|version| format!("`{}`", version.name)).collect();
        let versions = versions.join(" or ");
        Err(Error::UnknownService { name: name.clone(), versions, help })
    };
    names.iter().map(resolve).collect()
}

fn known(versions: &[Version]) -> BTreeSet<&FullName> {
    let compiled = versions.iter().filter_map(|version| version.contents.as_ref().ok());
    compiled.flat_map(|it| it.schema.services.keys()).collect()
}

fn all_known(names: &[String], versions: &[Version]) -> bool {
    let known = known(versions);
    names.iter().all(|name| known.contains(&FullName::new(name)))
}

/// Files were not read, as they are the same in the other version.
fn left_out(version: &Version) -> bool {
    version.contents.as_ref().is_ok_and(|it| !it.whole)
}

fn exit_code(report: &Report, fail_on: FailOn) -> ExitCode {
    let fail_on = match fail_on {
        FailOn::Error => Level::Error,
        FailOn::Warning => Level::Warning,
        FailOn::Note => Level::Note,
    };
    if report.outcome() == Outcome::Unknown {
        return ExitCode::from(2);
    }
    ExitCode::from(u8::from(report.loudest().is_some_and(|level| level >= fail_on)))
}
