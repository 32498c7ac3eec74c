//! `protoskew explain`: the page of a rule, or what the releases say to a line of a log.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::ValueEnum;
use protoskew::{
    compile::{Scope, Units},
    error::Error,
    explain,
    history::{History, Kind, Timelines},
    incident::{self, Answer, Cause, Clue, Ends, Made, Subject, answer, failing, recognise},
    policy::Policy,
    report::{incident as page, json, since},
    rules,
    schema::FullName,
    version::{Searches, load},
};

use super::{
    Failure, Output, Reading,
    checklist::unknown_release,
    config, output,
    rules::unknown,
    since::{Choosing, Read},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The id of a rule, as `protoskew rules` lists them; or a line of a log, or several; `-` reads
    /// it from stdin.
    #[arg(required = true, value_name = "RULE|LINE")]
    text: Vec<String>,
    /// The release from which the client was built that made the call.
    #[arg(long, value_name = "RELEASE")]
    client: Option<String>,
    /// The release from which the server was built that got the call.
    #[arg(long, value_name = "RELEASE")]
    server: Option<String>,
    /// Do not search the client's sources for the code that makes the call.
    #[arg(long)]
    no_calls: bool,
    #[command(flatten)]
    choosing: Choosing,
    #[command(flatten)]
    reading: Reading,
    /// How to print what the releases say.
    #[arg(long, default_value = "human")]
    format: Format,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// More calls of a log than these are not looked up.
const MOST: usize = 50;

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let text = match args.text.as_slice() {
        [only] if only == "-" => stdin()?,
        words => words.join(" "),
    };
    if let Some(rule) = rules::find(text.trim()) {
        let mut out = Output::to(args.output);
        out.text(&explain::explain(rule)?);
        out.finish()?;
        return Ok(ExitCode::SUCCESS);
    }
    if is_id(text.trim()) || recognise(&text, &|_| true).is_empty() {
        return Err(nothing_in(&text).into());
    }
    incident(&args, &text)
}

/// As much of stdin as is looked at, whatever it is.
fn stdin() -> Result<String, Error> {
    let mut bytes = Vec::new();
    let most = incident::LONGEST as u64;
    let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map_err(|reason| Error::Unreadable { path: "-".into(), reason })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// It is written like the id of a rule: no log is so short.
fn is_id(text: &str) -> bool {
    let id = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    text.len() < 100 && text.chars().all(id)
}

fn nothing_in(text: &str) -> Error {
    let text = text.trim();
    if !is_id(text) {
        return Error::NoIncident;
    }
    unknown(text)
}

fn incident(args: &Args, text: &str) -> Result<ExitCode, Failure> {
    let read = args.choosing.read(&args.reading)?;
    let history = &read.history;
    let timelines = Timelines::new(history);
    let services: BTreeSet<FullName> =
        timelines.select(&|kind, _| kind == Kind::Service).into_iter().map(|it| it.name).collect();
    let clues = recognise(text, &|name| services.contains(name));
    if clues.is_empty() {
        return Err(nothing_in(text).into());
    }
    let ends = Ends {
        client: end(args.client.as_ref(), history)?,
        server: end(args.server.as_ref(), history)?,
    };
    let mut answers: Vec<Answer> = clues
        .into_iter()
        .take(MOST)
        .map(|it: Clue| answer(it, history, &timelines, ends))
        .collect();
    if !args.no_calls {
        callers(args, &read, ends, &mut answers)?;
    }
    let nameless = answers.iter().all(|it| it.cause == Cause::NoName);
    let both = ends.client.zip(ends.server).filter(|_| nameless);
    let failing = both.map(|(client, server)| failing(history, client, server));
    let mut out = Output::to(args.output.clone());
    match args.format {
        Format::Json => {
            let failing = failing.as_ref().and_then(Option::as_deref);
            json::render_incident(&answers, history, failing, &mut out)?;
        }
        Format::Human => {
            for answer in &answers {
                page::render(answer, history, ends, output::width(), &mut out)?;
                writeln!(out)?;
            }
            if let (Some(calls), Some((client, server))) = (&failing, both) {
                let names = [history.name(client), history.name(server)];
                page::render_failing(calls.as_deref(), names, &mut out)?;
                writeln!(out)?;
            }
            since::render_scope(history, &read.releases, &mut out)?;
            if answers.iter().any(|it| matches!(it.cause, Cause::Unknown | Cause::NotDeclared)) {
                since::render_gaps(history, &mut out)?;
            }
        }
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Looks up which code makes the calls. A line may mean several calls, and a log name many: then
/// nobody reads that of each.
fn callers(args: &Args, read: &Read, ends: Ends, answers: &mut [Answer]) -> Result<(), Error> {
    let mut wanted: BTreeMap<usize, Vec<&mut Subject>> = BTreeMap::new();
    let single = answers.iter_mut().filter(|it| it.subjects.len() == 1);
    for subject in single.flat_map(|it| &mut it.subjects) {
        let is_call = subject.timeline.kind == Kind::Method;
        if let Some(by) = subject.caller(ends).filter(|_| is_call) {
            wanted.entry(by).or_default().push(subject);
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let mut policy = read.config.as_ref().map(Policy::of).transpose()?.unwrap_or_default();
    if read.config.is_some() {
        let head = args.reading.default_head()?;
        policy.manifest.merge(config::callers(read.config.as_ref(), &head.top)?);
    }
    let _busy = output::busy("searching the sources");
    let searches = Searches::default();
    for (by, subjects) in wanted {
        let source = args.reading.release(&read.history.releases[by].revision)?;
        let layout = args.reading.layout(&source, read.config.as_ref(), Scope::Whole);
        let versions = load(vec![source], &layout, &Units::default());
        let Some(version) = versions.first() else { continue };
        let services: BTreeSet<&str> =
            subjects.iter().map(|it| it.timeline.name.parent()).collect();
        let code = version.code(&|it| services.contains(it.as_str()), &policy.manifest, &searches);
        for subject in subjects {
            let evidence = match &code {
                Ok(code) => {
                    let under = &version.top().under;
                    Ok(policy.evidence_of(&subject.timeline.name, &code.calls, under))
                }
                Err(why) => Err(why.clone()),
            };
            subject.made = Some(Made { by, evidence });
        }
    }
    Ok(())
}

/// The index of a release that was named.
fn end(name: Option<&String>, history: &History) -> Result<Option<usize>, Error> {
    let Some(name) = name else { return Ok(None) };
    history.find(name).map(Some).ok_or_else(|| unknown_release(history, name))
}
