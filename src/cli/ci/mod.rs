//! `protoskew ci`: judge what a pipeline or a hook asks for.

use std::process::ExitCode;

use clap::Subcommand;
use protoskew::{
    ci::Asked,
    error::Error,
    tree::{Content, Source},
};

use super::{
    Failure, Output,
    gate::Gate,
    judging::{Judged, Terms},
};

mod github;
mod hook;
pub(super) mod install;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Judge what started a workflow of GitHub Actions: a pull request, a push, a release. Writes
    /// annotations, the job summary and the outputs of the step.
    Github(github::Args),
    /// Judge what `git commit` would commit; or, between the two that pre-commit names in
    /// PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF, what came about.
    PreCommit(hook::Args),
    /// Judge what `git push` would push, as git tells its pre-push hook on stdin.
    PrePush(hook::Args),
}

pub(super) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Github(args) => github::run(&args),
        Command::PreCommit(args) => hook::pre_commit(&args),
        Command::PrePush(args) => hook::pre_push(&args),
    }
}

/// What came of it.
enum Answer {
    /// There was something to judge.
    Judged(Box<Judged>),
    /// There was not, and why that is well.
    Nothing(String),
}

/// Judges two versions, if a `.proto` file differs.
fn answer(
    terms: &Terms,
    gate: &Gate,
    open: &dyn Fn() -> Result<Vec<Source>, Error>,
) -> Result<Answer, Error> {
    let sources = open()?;
    if let Some(head) = sources.last() {
        // A configuration that means nothing is found out before it matters.
        terms.reading.configured.read(head)?;
    }
    if let [base, head] = sources.as_slice()
        && let Some(why) = nothing_to_judge(base, head)?
    {
        return Ok(Answer::Nothing(why));
    }
    Ok(Answer::Judged(Box::new(terms.judge(open, &terms.pairs(0, 1), &gate.known())?)))
}

/// Why there is nothing to judge, if so. A version without any `.proto` file is no reason, unless
/// it is the older one: paths may be wrong, and then nobody would ever be told anything.
fn nothing_to_judge(base: &Source, head: &Source) -> Result<Option<String>, Error> {
    let (Content::Files(ours), Content::Files(theirs)) = (&base.content, &head.content) else {
        return Ok(None);
    };
    let is_proto = |path: &str| path.ends_with(".proto");
    let (ours, theirs) = (ours.files(&is_proto)?, theirs.files(&is_proto)?);
    if theirs.is_empty() {
        return Ok(None);
    }
    if ours.is_empty() {
        let why = "has no .proto file: nobody has an older version";
        return Ok(Some(format!("{} {why}", base.name)));
    }
    // Without ids, nothing is known of what is in them.
    let same = ours == theirs && ours.iter().all(|file| file.id.is_some());
    Ok(same.then(|| format!("no .proto file differs between {} and {}", base.name, head.name)))
}

/// The two that are to be compared, or why there are none.
fn compared(asked: &Asked) -> Result<Result<[&protoskew::tree::base::Point; 2], &str>, Error> {
    match asked {
        Asked::Compare { base, head } => Ok(Ok([base, head])),
        Asked::Nothing(why) => Ok(Err(why)),
        Asked::Missing(missing) => Err(missing.error()),
    }
}

/// Says why nothing was judged.
fn say_nothing(why: &str) -> Result<ExitCode, Failure> {
    let mut out = Output::stdout();
    out.text(&format!("nothing to judge: {}\n", protoskew::excerpt::printable(why)));
    out.finish()?;
    Ok(ExitCode::SUCCESS)
}
