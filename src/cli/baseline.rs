//! `protoskew baseline`: write down what is found today, so that only what is new fails.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use protoskew::{
    baseline,
    check::Outcome,
    error::Error,
    policy::{Baseline, Fingerprint},
    tree,
};

use super::{
    Failure, Output,
    judging::{Judged, Judging, Known},
};

/// What the file is called if nobody says otherwise.
const NAME: &str = "protoskew.baseline.json";

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    judging: Judging,
    /// Write it to this file [default: the configuration's `baseline`, or protoskew.baseline.json,
    /// at the top of the repository].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let Judged { config, report, .. } = args.judging.run(&Known::Nothing)?;
    // A list with gaps would make known findings look new.
    if report.outcome() == Outcome::Unknown {
        return Ok(ExitCode::from(2));
    }
    let open = report.verdicts.iter().flat_map(|verdict| {
        let entries = verdict.entries.iter().filter(|it| it.allowed.is_none());
        entries.map(|it| Fingerprint::of(it, verdict.pair.order()))
    });
    let found: Baseline = open.collect();
    let path = match args.output {
        Some(path) => path,
        None => {
            let named = config.and_then(|it| it.written.baseline).map(|it| it.value);
            top(args.judging.repo())?.join(named.unwrap_or(NAME.to_owned()))
        }
    };
    let mut out = Output::to(Some(path.clone()));
    out.text(&baseline::render(&found));
    out.finish()?;
    let mut stdout = Output::stdout();
    let findings = if found.len() == 1 { "finding" } else { "findings" };
    let path = path.display().to_string();
    let path = protoskew::excerpt::printable(&path);
    writeln!(stdout, "{} {findings} in {path}", found.len())?;
    stdout.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// The top of the working tree, seen from here if it is here.
fn top(repo: &Path) -> Result<PathBuf, Error> {
    let found = tree::discover(repo)?;
    let Some(top) = found.workdir() else {
        let (repo, name) = (found.path().to_owned(), "--output FILE".to_owned());
        return Err(Error::Bare { repo, name });
    };
    let same = |a: &Path, b: &Path| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
    let here = same(repo, top) == Some(true) && repo == Path::new(".");
    Ok(if here { PathBuf::new() } else { top.to_owned() })
}
