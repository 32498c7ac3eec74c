//! What hooks of git ask for, and how they are installed.

use std::{fs, path::Path};

use crate::{
    fixtures::{FILE, proto, two_versions},
    repo::{Mode, Place},
    run::{Ran, program, run_it},
};

const NONE: &str = "0000000000000000000000000000000000000000";

/// Runs the program with variables, and with something on stdin.
#[track_caller]
fn hook(place: &Place, line: &str, env: &[(&str, &str)], stdin: &str) -> Ran {
    let mut command = program(place.path());
    command.args(line.split_whitespace()).envs(env.iter().copied());
    run_it(command, stdin)
}

#[track_caller]
fn pre_commit(place: &Place, env: &[(&str, &str)]) -> Ran {
    hook(place, "ci pre-commit", env, "")
}

#[track_caller]
fn pre_push(place: &Place, lines: &str) -> Ran {
    hook(place, "ci pre-push", &[], lines)
}

/// It was let through, and why.
#[track_caller]
fn passes(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:#?}");
    assert!(ran.stdout.contains(said), "no {said:?} in {ran:#?}");
}

/// It was refused, and why.
#[track_caller]
fn refused(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{ran:#?}");
    assert!(ran.stdout.contains(said), "no {said:?} in {ran:#?}");
}

fn id(place: &Place, revision: &str) -> String {
    place.git().revparse_single(revision).unwrap().id().to_string()
}

#[test]
fn a_commit_is_what_is_staged() {
    let place = two_versions();
    passes(&pre_commit(&place, &[]), "nothing to judge: no .proto file differs between");
    place.stage("README", Mode::File, "Hello");
    passes(&pre_commit(&place, &[]), "nothing to judge");
    // The working tree may say anything.
    place.write(FILE, proto(1));
    passes(&pre_commit(&place, &[]), "nothing to judge");
    place.stage(FILE, Mode::File, format!("// Hello\n{}", proto(2)));
    passes(&pre_commit(&place, &[]), "ok: newer client ok; newer server ok");
    place.stage(FILE, Mode::File, proto(1));
    refused(&pre_commit(&place, &[]), "/acme.v1.Manager/Call2");
    passes(&hook(&place, "ci pre-commit --pairing newer-client", &[], ""), "ok");
    place.stage(FILE, Mode::File, "message {");
    let ran = pre_commit(&place, &[]);
    ran.gives_up(&["the index` cannot be compiled"]);
}

/// A commit is judged against what others have, not against the one before it.
#[test]
fn what_was_never_pushed_may_be_taken_back() {
    let place = two_versions();
    place.git().reference("refs/remotes/origin/main", oid(&place, "v1"), true, "test").unwrap();
    place.stage(FILE, Mode::File, proto(1));
    passes(&pre_commit(&place, &[]), "nothing to judge");
    place.stage(FILE, Mode::File, proto(3));
    refused(&pre_commit(&place, &[]), "merge base with origin/main");
}

fn oid(place: &Place, revision: &str) -> git2::Oid {
    place.git().revparse_single(revision).unwrap().id()
}

#[test]
fn the_first_commits_have_nothing_to_break() {
    let place = Place::repository();
    place.stage(FILE, Mode::File, proto(1));
    passes(&pre_commit(&place, &[]), "this is the first commit");
    place.clear();
    place.write("README", "Hello");
    place.commit_all();
    place.stage(FILE, Mode::File, proto(1));
    passes(&pre_commit(&place, &[]), "has no .proto file: nobody has an older version");
}

/// Paths that match nothing, or a version whose files are all gone, are nothing to be silent about.
#[test]
fn nothing_at_all_is_no_answer() {
    let place = Place::repository();
    place.write("README", "Hello");
    place.commit_all();
    pre_commit(&place, &[]).gives_up(&["no .proto file in"]);
    let place = two_versions();
    place.clear();
    place.stage_all();
    pre_commit(&place, &[]).gives_up(&["no .proto file in"]);
}

#[test]
fn a_configuration_that_cannot_be_read_is_refused_at_once() {
    let place = two_versions();
    for (text, said) in [
        ("format = 7\n", "this file has form 7, of a newer protoskew"),
        ("pats = []\n", "did you mean `paths`?"),
    ] {
        place.stage("protoskew.toml", Mode::File, text);
        pre_commit(&place, &[]).gives_up(&[said, ":index:protoskew.toml:1:"]);
    }
}

/// `git commit --all` and `git commit FILE` have an index of their own.
#[test]
fn the_index_is_the_one_that_git_names() {
    let place = two_versions();
    place.stage(FILE, Mode::File, proto(1));
    fs::copy(place.path().join(".git/index"), place.path().join(".git/other")).unwrap();
    place.stage(FILE, Mode::File, proto(2));
    passes(&pre_commit(&place, &[]), "nothing to judge");
    let other = place.path().join(".git/other");
    for path in [".git/other", other.to_str().unwrap()] {
        refused(&pre_commit(&place, &[("GIT_INDEX_FILE", path)]), "/acme.v1.Manager/Call2");
    }
}

#[test]
fn pre_commit_names_what_is_pushed() {
    let place = two_versions();
    let (one, two) = (id(&place, "v1"), id(&place, "v2"));
    let (one, two) = (one.as_str(), two.as_str());
    let range = |from, to| [("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", to)];
    refused(&pre_commit(&place, &range(one, two)), &one[..9]);
    passes(&pre_commit(&place, &range("v2", "HEAD")), "between v2 and HEAD");
    // Whoever names a branch means where it was left: this one has it all.
    passes(&pre_commit(&place, &range("v2", "v1")), "(merge base with v2) and v1");
    // A push is seen from what the remote has, though that is to go.
    let [from, to] = range(two, one);
    let push = [from, to, ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main")];
    refused(&pre_commit(&place, &push), "/acme.v1.Manager/Call2");
    pre_commit(&place, &range("gone", "HEAD")).gives_up(&["`gone` is not a commit of this clone"]);
    let first = [("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main")];
    passes(&pre_commit(&place, &first), "this is the first push");
}

#[test]
fn git_names_what_is_pushed() {
    let place = two_versions();
    let (one, two) = (id(&place, "v1"), id(&place, "v2"));
    let line = |here: &str, known: &str| format!("HEAD {here} refs/heads/topic {known}\n");
    refused(&pre_push(&place, &line(&two, &one)), "(topic as pushed)");
    passes(&pre_push(&place, &line(&two, &two)), "nothing to judge");
    passes(&pre_push(&place, &line(NONE, &two)), "`topic` is deleted");
    passes(&pre_push(&place, &line(&one, NONE)), "(merge base with main)");
    let gone = "1234567890123456789012345678901234567890";
    pre_push(&place, &line(&two, gone)).gives_up(&["which this clone does not have", "git fetch"]);
    for lines in ["", "\n", "x", "a b c d\n", "\u{1b}[31m a b c\n"] {
        passes(&pre_push(&place, lines), "nothing is pushed");
    }
    // All that is pushed is looked at, and the worst decides.
    let both = line(&two, &one) + "HEAD 1 refs/heads/x 2\n" + &line(&one, &one);
    refused(&pre_push(&place, &both), "nothing to judge");
}

#[test]
fn a_branch_that_is_new_is_seen_from_the_default_branch() {
    let place = two_versions();
    place.git().reference("refs/remotes/origin/main", oid(&place, "v1"), true, "test").unwrap();
    let two = id(&place, "v2");
    let line = format!("HEAD {two} refs/heads/topic {NONE}\n");
    refused(&pre_push(&place, &line), "(merge base with origin/main)");
}

const HOOKS: [&str; 2] = ["pre-commit", "pre-push"];

/// Those of git, without the samples that it puts there.
fn hooks(place: &Place) -> Vec<String> {
    let mut names = place.names(".git/hooks");
    names.retain(|name| !name.ends_with(".sample"));
    names
}

#[test]
fn hooks_are_written_and_written_again() {
    let place = two_versions();
    for _ in 0..2 {
        let ran = place.run("install-hook");
        ran.answers();
        assert_eq!(ran.stdout.lines().count(), 2, "{ran:#?}");
        for name in HOOKS {
            assert!(place.read(&format!(".git/hooks/{name}")).ends_with(&format!("ci {name}\n")));
        }
    }
    // Ours may be replaced by ours.
    let with = ["install-hook", "pre-push", "--", "--service", "it's"];
    place.run_with(&with).answers();
    let text = place.read(".git/hooks/pre-push");
    assert!(text.ends_with("exec protoskew ci pre-push '--service' 'it'\\''s'\n"), "{text}");
    assert_eq!(hooks(&place), HOOKS);
}

#[test]
fn a_hook_of_others_is_left_alone() {
    let place = two_versions();
    place.write(".git/hooks/pre-push", "#!/bin/sh\nexec make\n");
    let ran = place.run("install-hook");
    ran.gives_up(&["is not ours", "have that hook run `protoskew ci pre-push`"]);
    assert_eq!(place.read(".git/hooks/pre-push"), "#!/bin/sh\nexec make\n");
    assert_eq!(hooks(&place), ["pre-push"]);
    place.run("install-hook pre-commit").answers();
    #[cfg(unix)]
    {
        place.link(".git/hooks/pre-rebase", "gone");
        fs::rename(
            place.path().join(".git/hooks/pre-rebase"),
            place.path().join(".git/hooks/pre-push"),
        )
        .unwrap();
        place.run("install-hook pre-push").gives_up(&["is not ours"]);
    }
}

#[test]
fn hooks_are_where_git_looks_for_them() {
    let place = two_versions();
    place.git().config().unwrap().set_str("core.hooksPath", "tools/hooks").unwrap();
    place.run("install-hook").answers();
    assert_eq!(place.names("tools/hooks"), HOOKS);
    let place = two_versions();
    let linked = tempfile::TempDir::new().unwrap();
    let folder = linked.path().join("linked");
    place.git().worktree("linked", &folder, None).unwrap();
    crate::run::run(&folder, &["install-hook"]).answers();
    assert_eq!(hooks(&place), HOOKS);
}

#[test]
fn a_hook_that_would_not_run_is_not_written() {
    let place = two_versions();
    let ran = place.run_with(&["install-hook", "--", "--pairing", "newest"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(ran.stderr.contains("invalid value 'newest' for '--pairing"), "{ran:#?}");
    assert!(!place.path().join(".git/hooks/pre-commit").exists());
    let nowhere = Place::empty();
    nowhere.run("install-hook").gives_up(&["is not in a git repository"]);
}

#[cfg(unix)]
#[test]
fn an_installed_hook_runs_and_says_if_it_cannot() {
    let place = two_versions();
    place.run("install-hook").answers();
    let program = Path::new(env!("CARGO_BIN_EXE_protoskew"));
    let hook = |path: &str| {
        let mut command = std::process::Command::new(place.path().join(".git/hooks/pre-commit"));
        command.current_dir(place.path()).env("PATH", path).env("NO_COLOR", "1");
        run_it(command, "")
    };
    let shell = "/usr/bin:/bin";
    passes(&hook(&format!("{}:{shell}", program.parent().unwrap().display())), "nothing to judge");
    let ran = hook(shell);
    assert_eq!(ran.code, 1, "{ran:#?}");
    ran.complains(&["protoskew is not on PATH", "git commit --no-verify"]);
}
