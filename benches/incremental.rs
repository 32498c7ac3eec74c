//! Reading what a change reaches finds what reading everything finds, in a history that people
//! made: `cargo bench --bench incremental -- REPO [COMMITS [REVISION]]`.
//!
//! Goes through the last commits of a git repository (100, from HEAD), each with its first parent,
//! and ends with 1 where the two differ.

// It is run by hand, and what it has to say it says.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    env,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use git2::{Oid, Repository, Sort};
use protoskew::{
    check::{Pair, check},
    compile::{Layout, Scope, Units},
    judge::{Json, Settings},
    policy::Policy,
    tree::open,
    version::load,
};

#[path = "../tests/support/findings.rs"]
mod findings;

use findings::{anywhere, difference, lines};

fn main() -> ExitCode {
    // cargo adds this one.
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let Some(repo) = args.first() else {
        eprintln!("usage: cargo bench --bench incremental -- REPO [COMMITS [REVISION]]");
        return ExitCode::SUCCESS;
    };
    let count = args.get(1).map_or(100, |it| it.parse().expect("COMMITS is a number"));
    let from = args.get(2).map_or("HEAD", String::as_str);
    let steps = steps(Path::new(repo), from, count).expect("a git repository and a revision of it");
    let [mut whole, mut changed] = [Duration::ZERO; 2];
    let mut different = 0;
    for (base, head) in &steps {
        let all = timed(&mut whole, || found(repo, *base, *head, Scope::Whole));
        let reached = timed(&mut changed, || found(repo, *base, *head, Scope::Changed));
        if anywhere(&all) != anywhere(&reached) {
            different += 1;
            println!("{base} → {head}\n{}", difference(&all, &reached));
        }
    }
    println!(
        "{} commits, {different} of them different; all is read in {:.1} s, what changed in {:.1} s",
        steps.len(),
        whole.as_secs_f64(),
        changed.as_secs_f64()
    );
    ExitCode::from(u8::from(different > 0))
}

/// Commits with their first parents.
fn steps(repo: &Path, from: &str, count: usize) -> Result<Vec<(Oid, Oid)>, git2::Error> {
    let repo = Repository::discover(repo)?;
    let mut walk = repo.revwalk()?;
    walk.push(repo.revparse_single(from)?.peel_to_commit()?.id())?;
    walk.set_sorting(Sort::TOPOLOGICAL)?;
    walk.simplify_first_parent()?;
    let steps = walk.take(count).filter_map(|id| {
        let commit = id.and_then(|id| repo.find_commit(id));
        commit.map(|it| Some((it.parent_id(0).ok()?, it.id()))).transpose()
    });
    steps.collect()
}

fn found(repo: &str, base: Oid, head: Oid, scope: Scope) -> Vec<String> {
    let version = |id: Oid| open(&id.to_string(), Path::new(repo)).expect("the commit is there");
    let layout = Layout { scope, ..Layout::default() };
    let versions = load(vec![version(base), version(head)], &layout, &Units::default());
    let json = Json { everywhere: true, ..Json::default() };
    let settings = Settings { json, ..Settings::default() };
    let policy = Policy { settings, keep_going: true, ..Policy::default() };
    lines(&check(&versions, &Pair::both(0, 1), &policy))
}

fn timed<T>(total: &mut Duration, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let answer = run();
    *total += start.elapsed();
    answer
}
