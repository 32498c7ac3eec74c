//! `protoskew ci pre-commit` and `protoskew ci pre-push`.

use std::{env, io::Read as _, process::ExitCode};

use protoskew::{
    ci::{self, Asked},
    error::Error,
    report::human,
    tree::{self, Source},
};

use super::{Answer, answer, compared, say_nothing};
use crate::cli::{
    Failure, Output,
    gate::Gate,
    judging::Terms,
    output::{self, Color},
};

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    gate: Gate,
    /// Show source lines for notes, too.
    #[arg(short, long)]
    verbose: bool,
    /// When to use colours.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

pub(super) fn pre_commit(args: &Args) -> Result<ExitCode, Failure> {
    let reading = &args.terms.reading;
    let repo = tree::discover(&reading.repo)?;
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let (Some(from), Some(to)) = (set("PRE_COMMIT_FROM_REF"), set("PRE_COMMIT_TO_REF")) {
        // Of a push, `from` is what the remote has. Else it is whatever the user named.
        let asked = match set("PRE_COMMIT_REMOTE_BRANCH") {
            Some(_) => ci::between(&repo, &from, &to)?,
            None => ci::since_left(&repo, &from, &to)?,
        };
        return judge(args, &asked);
    }
    if set("PRE_COMMIT_REMOTE_BRANCH").is_some() {
        // pre-commit names no range if all of the history is pushed, with the first commit in it.
        return say_nothing("this is the first push: nobody has an older version");
    }
    match ci::at_commit(&repo) {
        Err(why) => say_nothing(&why),
        Ok(base) => show(args, &|| Ok(vec![reading.at(&base)?, reading.open(":index")?])),
    }
}

pub(super) fn pre_push(args: &Args) -> Result<ExitCode, Failure> {
    let repo = tree::discover(&args.terms.reading.repo)?;
    let mut lines = String::new();
    // Nobody who types this has a reference to push; whatever is no such line is passed over.
    let _ = std::io::stdin().take(1 << 20).read_to_string(&mut lines);
    let asked = ci::pushed(&repo, &lines);
    if asked.is_empty() {
        return say_nothing("nothing is pushed");
    }
    let mut worst = ExitCode::SUCCESS;
    for asked in asked {
        let code = judge(args, &asked)?;
        if code != ExitCode::SUCCESS && worst != ExitCode::from(2) {
            worst = code;
        }
    }
    Ok(worst)
}

fn judge(args: &Args, asked: &Asked) -> Result<ExitCode, Failure> {
    let reading = &args.terms.reading;
    match compared(asked)? {
        Err(why) => say_nothing(why),
        Ok([base, head]) => show(args, &|| Ok(vec![reading.at(base)?, reading.at(head)?])),
    }
}

fn show(args: &Args, open: &dyn Fn() -> Result<Vec<Source>, Error>) -> Result<ExitCode, Failure> {
    let mut judged = match answer(&args.terms, &args.gate, open)? {
        Answer::Nothing(why) => return say_nothing(&why),
        Answer::Judged(judged) => judged,
    };
    judged.quote();
    let mut out = Output::stdout();
    let style = human::Style {
        color: out.color(args.color),
        width: output::width(),
        verbose: args.verbose,
    };
    human::render(&judged.report, style, &mut out)?;
    out.finish()?;
    Ok(args.gate.exit_code(&judged.report, judged.config.as_ref()))
}
