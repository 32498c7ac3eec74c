//! `protoskew ci github`: what a step of a workflow runs.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use miette::Diagnostic as _;
use protoskew::{
    check::{Outcome, Pair, Report},
    ci::{self, Asked, Event, Missing},
    error::Error,
    policy::Level,
    report::{github, json, sarif},
    tree::{
        self, Source,
        base::{self, Point},
    },
};

use super::{Answer, answer, nothing_to_judge};
use crate::cli::{
    Failure, Output,
    gate::Gate,
    judging::{Judged, Terms},
    runner,
    since::Choosing,
    supported,
};

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    gate: Gate,
    /// What to compare with [default: what the event says].
    #[arg(long, value_name = "SOURCE")]
    base: Option<String>,
    /// What to judge [default: what the event says].
    #[arg(long, value_name = "SOURCE", requires = "base")]
    head: Option<String>,
    /// Judge what the event brings against every release that it has to get on with, as `check
    /// --window` does [default: as the configuration says, if it has a window].
    #[arg(long, value_name = "WINDOW", num_args = 0..=1, require_equals = true,
          default_missing_value = "", conflicts_with = "base")]
    window: Option<String>,
    #[command(flatten)]
    choosing: Choosing,
    /// Judge nothing, and print what `git fetch` has to bring first: its arguments, one to a line.
    #[arg(long)]
    missing: bool,
    /// Name all releases among it, as a checklist needs them.
    #[arg(long, requires = "missing")]
    releases: bool,
    /// Write the report to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report to this file, as SARIF.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.missing {
        return missing(args);
    }
    let mut answered = answered(args);
    let told = match &mut answered {
        Ok(Answer::Judged(judged)) => return tell(args, judged),
        Ok(Answer::Nothing(why)) => nothing(why),
        Err(error) => no_answer(error),
    };
    // Why there is no answer matters more than that nobody could be told.
    match (answered, told) {
        (Err(error), _) => Err(error.into()),
        (_, told) => told,
    }
}

/// Prints what is to be fetched. What is wrong otherwise is said when it is judged.
fn missing(args: &Args) -> Result<ExitCode, Failure> {
    let mut out = Output::stdout();
    let ends = match args.releases {
        true => all_releases(args),
        false => ends(args),
    };
    if let Ok(Ends::Asked(Asked::Missing(Missing { fetch, .. }))) = ends {
        out.text(&fetch.iter().map(|it| format!("{it}\n")).collect::<String>());
    }
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// What a checklist needs: every release there is.
fn all_releases(args: &Args) -> Result<Ends, Error> {
    let repo = tree::discover(&args.terms.reading.repo)?;
    let head = repo.head()?.peel_to_commit()?.id();
    let nothing = Asked::Nothing("every release is there".to_owned());
    Ok(Ends::Asked(ci::releases(&repo, head)?.unwrap_or(nothing)))
}

type Render = fn(&Report, &mut dyn Write) -> io::Result<()>;

/// What is compared.
enum Ends {
    /// What the event asks for.
    Asked(Asked),
    /// What the workflow names.
    Named(String, String),
}

fn answered(args: &Args) -> Result<Answer, Error> {
    let reading = &args.terms.reading;
    let judge =
        |open: &dyn Fn() -> Result<Vec<Source>, Error>| answer(&args.terms, &args.gate, open);
    match ends(args)? {
        Ends::Named(base, head) => judge(&|| Ok(vec![reading.open(&base)?, reading.open(&head)?])),
        Ends::Asked(Asked::Compare { base, head }) => {
            let both = || Ok(vec![reading.at(&base)?, reading.at(&head)?]);
            match window(args, &head)? {
                Some(spec) => by_window(args, &spec, &both),
                None => judge(&both),
            }
        }
        Ends::Asked(Asked::Nothing(why)) => Ok(Answer::Nothing(why)),
        Ends::Asked(Asked::Missing(missing)) => Err(missing.error()),
    }
}

fn ends(args: &Args) -> Result<Ends, Error> {
    if let Some(base) = &args.base {
        return named(args, base);
    }
    let event = event()?;
    let repo = tree::discover(&args.terms.reading.repo)?;
    let asked = ci::asked(&event, &repo)?;
    match &asked {
        Asked::Compare { head, .. } if window(args, head)?.is_some() => {
            Ok(Ends::Asked(ci::releases(&repo, head.commit)?.unwrap_or(asked)))
        }
        _ => Ok(Ends::Asked(asked)),
    }
}

/// The window by which the head is judged, if there is one: an empty one is that of the
/// configuration.
fn window(args: &Args, head: &Point) -> Result<Option<String>, Error> {
    if args.window.is_some() {
        return Ok(args.window.clone());
    }
    let reading = &args.terms.reading;
    let config = reading.configured.read(&reading.at(head)?)?;
    Ok(config.filter(supported::has_window).map(|_| String::new()))
}

/// Judges the head against every release in the window, if a `.proto` file differs from the base.
fn by_window(
    args: &Args,
    spec: &str,
    both: &dyn Fn() -> Result<Vec<Source>, Error>,
) -> Result<Answer, Error> {
    if let [base, head] = both()?.as_slice()
        && let Some(why) = nothing_to_judge(base, head)?
    {
        return Ok(Answer::Nothing(why));
    }
    let head = || both()?.pop().ok_or_else(|| unreachable!("two were opened"));
    let known = args.gate.known();
    let judged = supported::judge(&args.choosing, spec, &head, &args.terms, &known)?;
    Ok(Answer::Judged(Box::new(judged)))
}

/// In a clone of actions/checkout, branches are those of the remote.
fn named(args: &Args, base: &str) -> Result<Ends, Error> {
    let reading = &args.terms.reading;
    let head = args.head.clone().unwrap_or("HEAD".to_owned());
    let remote = format!("origin/{base}");
    let error = match reading.open(base) {
        Ok(_) => return Ok(Ends::Named(base.to_owned(), head)),
        Err(_) if reading.open(&remote).is_ok() => return Ok(Ends::Named(remote, head)),
        Err(error) => error,
    };
    if !base::is_shallow(&tree::discover(&reading.repo)?) {
        return Err(error);
    }
    let everything = ["+refs/tags/*:refs/tags/*", "+refs/heads/*:refs/remotes/origin/*"];
    let fetch = ["--no-tags", "--depth=1", "origin"].into_iter().chain(everything);
    let fetch = fetch.map(str::to_owned).collect();
    let reason = format!("`{base}` is not in this shallow clone");
    Ok(Ends::Asked(Asked::Missing(Missing { reason, fetch })))
}

/// What happened, as the runner says.
fn event() -> Result<Event, Error> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(name), Some(path)) = (set("GITHUB_EVENT_NAME"), set("GITHUB_EVENT_PATH")) else {
        return Err(Error::NoBase {
            reason: "no event says what to compare".to_owned(),
            help: "GitHub sets GITHUB_EVENT_NAME and GITHUB_EVENT_PATH; elsewhere, run \
                   `protoskew check BASE HEAD`"
                .to_owned(),
        });
    };
    let path = PathBuf::from(path);
    match fs::read(&path) {
        Ok(bytes) => Event::parse(&name, &path, &bytes),
        Err(err) => Err(Error::Event { name, file: path, reason: err.to_string() }),
    }
}

/// Nothing had to be judged.
fn nothing(why: &str) -> Result<ExitCode, Failure> {
    say(&github::Notice { level: Level::Note, title: "nothing to judge", text: why })?;
    runner::outputs(&[("outcome", "nothing".to_owned())])?;
    Ok(ExitCode::SUCCESS)
}

/// There is no answer, and why.
fn no_answer(error: &Error) -> Result<ExitCode, Failure> {
    let help = error.help().map(|it| format!("\n{it}")).unwrap_or_default();
    let text = format!("{error}{help}");
    say(&github::Notice { level: Level::Error, title: "no answer", text: &text })?;
    runner::outputs(&[("outcome", Outcome::Unknown.to_string())])?;
    Ok(ExitCode::from(2))
}

fn say(notice: &github::Notice<'_>) -> Result<(), Failure> {
    let mut out = Output::stdout();
    out.text(&notice.command());
    out.finish()?;
    runner::summary(&notice.markdown())?;
    Ok(())
}

/// Says what was found, where people and programs look for it.
fn tell(args: &Args, judged: &mut Judged) -> Result<ExitCode, Failure> {
    judged.anchor();
    let Judged { report, config, .. } = judged;
    let total = |level| report.verdicts.iter().map(|it| it.count(level)).sum::<usize>().to_string();
    let mut outputs = vec![
        ("outcome", report.outcome().to_string()),
        ("calls", report.failing().to_string()),
        ("errors", total(Level::Error)),
        ("warnings", total(Level::Warning)),
        ("notes", total(Level::Note)),
    ];
    let ends = |end: fn(&Pair) -> usize| {
        let ends = report.verdicts.iter().map(|it| end(&it.pair));
        let names = ends.map(|it| report.versions[it].name.as_str());
        names.collect::<BTreeSet<&str>>().into_iter().collect::<Vec<&str>>().join(", ")
    };
    outputs.extend([("base", ends(|it| it.base)), ("head", ends(|it| it.head))]);
    for (name, path, render) in [
        ("report", &args.json, json::render as Render),
        ("sarif", &args.sarif, sarif::render as Render),
    ] {
        let Some(path) = path else { continue };
        let mut out = Output::to(Some(path.clone()));
        render(report, &mut out)?;
        out.finish()?;
        outputs.push((name, path.display().to_string()));
    }
    runner::summarize(report)?;
    runner::outputs(&outputs)?;
    let mut out = Output::stdout();
    github::render(report, &mut out)?;
    out.finish()?;
    Ok(args.gate.exit_code(report, config.as_ref()))
}
