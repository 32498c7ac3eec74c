//! `protoskew calls`: where the sources call each RPC.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    callsites::{self, Globs, Manifest, Options, Stub},
    compile::{self, Input, Layout, Units},
    error::{Error, did_you_mean},
    policy::Policy,
    report::{calls, json},
    schema::FullName,
    tree::{self, Content, Source},
};

use super::{
    Failure, Output,
    config::Configured,
    output::{self, Color},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The version whose sources are searched [default: the working tree].
    source: Option<String>,
    /// The git repository in which revisions are looked up.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Look for calls of this service; may be given several times [default: all].
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Read the .proto files of this version, instead of those of SOURCE.
    #[arg(long, value_name = "SOURCE")]
    schema: Option<String>,
    /// Count only calls in these files: a folder, or a pattern such as `cmd/**`.
    #[arg(long = "path", value_name = "GLOB")]
    paths: Vec<String>,
    /// Add what a file says: the JSON that another `protoskew calls` printed.
    #[arg(long = "manifest", value_name = "FILE")]
    manifests: Vec<PathBuf>,
    #[command(flatten)]
    configured: Configured,
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
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let source = open(&args, args.source.as_deref().unwrap_or(":worktree"))?;
    let Content::Files(tree) = &source.content else {
        return Err(Error::NoSources { name: source.name }.into());
    };
    let found = args.configured.read(&source)?;
    let mut manifest = match &found {
        Some(written) => Policy::of(written)?.manifest,
        None => Manifest::default(),
    };
    for path in &args.manifests {
        manifest.merge(read_manifest(path)?);
    }
    let schema = args.schema.as_deref().map(|name| open(&args, name)).transpose()?;
    let (mut stubs, unread) = stubs(schema.as_ref().unwrap_or(&source))?;
    if let Some(Source { content: Content::Files(tree), .. }) = &schema {
        callsites::find_packages(tree, &mut stubs)?;
    }
    let services = select(&stubs, &args.services, &schema.as_ref().unwrap_or(&source).name)?;
    let paths = Globs::new(&args.paths)?;
    let options = Options { services, paths, manifest, ..Options::default() };
    let mut found = callsites::scan(tree, &stubs, &options)?;
    found.incomplete.extend(unread);
    let mut out = Output::to(args.output);
    match args.format {
        Format::Json => json::render_calls(&found, &mut out)?,
        Format::Markdown => calls::markdown(&source.name, &found, &mut out)?,
        Format::Human => {
            let color = out.color(args.color);
            calls::human(&source.name, &found, calls::Style { color }, &mut out)?;
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn open(args: &Args, name: &str) -> Result<Source, Error> {
    tree::open(name, &args.repo)
}

pub(super) fn read_manifest(path: &PathBuf) -> Result<Manifest, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|reason| Error::Unreadable { path: path.clone(), reason })?;
    Manifest::from_json(&path.display().to_string(), &text)
        .map_err(|reason| Error::InvalidManifest { path: path.clone(), reason })
}

/// All services, and the files of the schema that could not be read. Generated code says what
/// there is beside the schema.
fn stubs(source: &Source) -> Result<(Vec<Stub>, Vec<callsites::Incomplete>), Error> {
    let (input, generated) = match &source.content {
        Content::Files(tree) => (Input::Tree(tree), callsites::discover(tree)?),
        Content::Descriptors(bytes) => {
            (Input::Descriptors { name: &source.name, bytes }, Vec::new())
        }
    };
    let compiled = compile::compile_all(&[input], &Layout::default(), &Units::default()).pop();
    let compiled = compiled.unwrap_or_else(|| unreachable!("one in, one out"));
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(Error::NoProtoFiles { .. }) if !generated.is_empty() => {
            return Ok((generated, Vec::new()));
        }
        Err(error) => return Err(error),
    };
    output::print_errors(&compiled.problems);
    let unread = compiled.schema.unread.iter().map(|file| callsites::Incomplete {
        file: file.clone(),
        reason: "its services are unknown".to_owned(),
    });
    let others = generated.into_iter();
    let others = others.filter(|it| !compiled.schema.services.contains_key(&it.service));
    let stubs = callsites::stubs(&compiled.schema).into_iter().chain(others);
    Ok((stubs.collect(), unread.collect()))
}

/// The services that are named; each is there, so that a slip of the pen does not make a report
/// that finds nothing.
fn select(all: &[Stub], names: &[String], version: &str) -> Result<BTreeSet<FullName>, Error> {
    let known: BTreeSet<&str> = all.iter().map(|stub| stub.service.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
        let near = did_you_mean(name, known.iter().copied());
        let leaf = known.iter().find(|it| it.rsplit('.').next() == name.rsplit('.').next());
        let help = match leaf {
            Some(full) => format!("did you mean `{full}`?"),
            None if near.is_empty() => "services are named with their package".to_owned(),
            None => near,
        };
        let versions = format!("`{version}`");
        return Err(Error::UnknownService { name: name.clone(), versions, help });
    }
    Ok(names.iter().map(|name| FullName::new(name)).collect())
}
