//! What is in the files that the runner and the repository bring, and in those that are left.

use serde_json::json;

use super::{
    checkout::{Checkout, Depth, git_is_there},
    events::no_answer,
    runner::{Done, Job},
};
use crate::{
    fixtures::{FILE, proto, two_versions},
    repo::Place,
};

/// A push of what is checked out in `place`, after `before`.
fn push(place: &Place, before: &str) -> Job {
    let before = place.git().revparse_single(before).unwrap().id().to_string();
    let payload = json!({ "ref": "refs/heads/main", "before": before });
    Job::new(place.path(), "push", &payload)
}

#[test]
fn reports_are_where_the_outputs_say() {
    let place = two_versions();
    let done = push(&place, "v1").run();
    assert_eq!(done.code, 1, "{done:#?}");
    let read = |name| std::fs::read_to_string(done.output(name)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&read("report")).unwrap();
    assert_eq!(report["verdicts"][0]["findings"][0]["rule"], "rpc-unimplemented");
    let sarif: serde_json::Value = serde_json::from_str(&read("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(done.summary.starts_with("## protoskew: breaks\n"), "{done:#?}");
    assert!(done.stdout.contains("::error file=api/acme.proto,line="), "{done:#?}");
}

#[test]
fn inputs_reach_the_judgement() {
    let place = two_versions();
    let job = || push(&place, "v1");
    let outcome = |done: Done| (done.code, done.output("outcome").to_owned());
    let ok = || (0, "ok".to_owned());
    let breaks = |code| (code, "breaks".to_owned());
    assert_eq!(outcome(job().with("pairing", "newer-server").run()), ok());
    assert_eq!(outcome(job().with("pairing", "newer-client").run()), breaks(1));
    assert_eq!(outcome(job().with("fail-on", "note").run()), breaks(1));
    let args = "--service=acme.v1.Manager\n\n--path=api\n";
    assert_eq!(outcome(job().with("args", args).run()), breaks(1));
    place.write("other.toml", "[levels]\nrpc-unimplemented = 'off'\n");
    assert_eq!(outcome(job().with("config", "other.toml").run()), ok());
    // From the folder above it.
    let mut job = job().with("working-directory", place.path().to_str().unwrap());
    job.workspace = "/".into();
    assert_eq!(outcome(job.run()), breaks(1));
}

/// What is not an input of the command is the workflow's mistake, and no answer.
#[test]
fn inputs_that_mean_nothing_are_no_answer() {
    let place = two_versions();
    for (input, value) in
        [("pairing", "newest"), ("fail-on", "off"), ("args", "--unheard"), ("head", "HEAD")]
    {
        let done = push(&place, "v1").with(input, value).run();
        assert_eq!((done.code, done.output("outcome")), (2, ""), "{done:#?}");
        assert!(done.stderr.contains("error:"), "{done:#?}");
    }
    let done = push(&place, "v1").with("config", "gone.toml").run();
    no_answer(&done, &["gone.toml"]);
}

#[test]
fn an_event_that_cannot_be_read_is_no_answer() {
    let place = two_versions();
    for (payload, said) in [("", "EOF"), ("{", "EOF"), ("{}", "missing field `ref`")] {
        let mut job = push(&place, "v1");
        job.payload = payload.to_owned();
        no_answer(&job.run(), &["the push event in", said]);
    }
    let mut job = push(&place, "v1");
    job.variables.insert("GITHUB_EVENT_PATH", "/nowhere/event.json".to_owned());
    no_answer(&job.run(), &["the push event in `/nowhere/event.json` cannot be read"]);
    let mut job = push(&place, "v1");
    job.variables.insert("GITHUB_EVENT_PATH", String::new());
    no_answer(&job.run(), &["no event says what to compare"]);
}

#[test]
fn a_workspace_that_is_no_clone_is_no_answer() {
    let nowhere = Place::empty();
    let job = Job::new(nowhere.path(), "push", &json!({}));
    no_answer(&job.with("base", "main").run(), &["is not in a git repository"]);
    let empty = Place::repository();
    let payload = json!({ "ref": "refs/heads/main", "before": "0".repeat(40) });
    let done = Job::new(empty.path(), "push", &payload).run();
    no_answer(&done, &["nothing is checked out", "actions/checkout"]);
}

#[test]
fn unrelated_histories_are_no_answer() {
    if !git_is_there() {
        return;
    }
    let place = two_versions();
    let main = place.git().revparse_single("HEAD").unwrap().id();
    place.stage(FILE, crate::repo::Mode::File, proto(1));
    let orphan = place.merge(&[]);
    place.git().reference("refs/heads/orphan", orphan, true, "test").unwrap();
    let checkout = Checkout::of(&place, &orphan.to_string(), Depth::All);
    let payload = json!({ "pull_request": {
        "number": 7,
        "base": { "ref": "main", "sha": main.to_string() },
        "head": { "ref": "orphan", "sha": orphan.to_string() },
    } });
    let said = ["pull request 7 and `main` have no commit in common", "base: REVISION"];
    no_answer(&Job::new(checkout.path(), "pull_request", &payload).run(), &said);
    let payload = json!({
        "ref": "refs/heads/orphan", "before": "0".repeat(40),
        "repository": { "default_branch": "main" },
    });
    let said = ["and `main` have no commit in common"];
    no_answer(&Job::new(checkout.path(), "push", &payload).run(), &said);
}

#[test]
fn what_cannot_be_compiled_or_configured_is_no_answer() {
    let place = two_versions();
    place.write("protoskew.toml", "format = 7\n");
    place.commit_all();
    no_answer(&push(&place, "v1").run(), &["form 7, of a newer protoskew", "update protoskew"]);
    let place = two_versions();
    place.write(FILE, "message {");
    place.commit_all();
    let done = push(&place, "v1").run();
    assert_eq!((done.code, done.output("outcome")), (2, "unknown"), "{done:#?}");
    assert!(done.stdout.contains("::error title=protoskew%3A unknown::"), "{done:#?}");
    let place = Place::repository();
    place.write("README", "Hello");
    place.commit_all();
    let done = push(&place, "HEAD").run();
    assert_eq!((done.code, done.output("outcome")), (2, "unknown"), "{done:#?}");
}

#[test]
fn a_push_without_a_changed_proto_says_so() {
    let place = two_versions();
    place.write("README", "Hello");
    place.commit_all();
    let done = push(&place, "v2").run();
    assert_eq!((done.code, done.output("outcome")), (0, "nothing"), "{done:#?}");
    let said = "no .proto file differs between";
    assert!(done.stdout.contains(said) && done.summary.contains(said), "{done:#?}");
}

/// GitHub shows ten annotations of a kind, and a summary of a megabyte.
#[test]
fn more_than_github_shows_is_left_to_the_report() {
    let place = Place::versions(FILE, &[proto(1), proto(20_000)]);
    let done = push(&place, "v1").run();
    assert_eq!((done.code, done.output("calls")), (1, "19999"));
    let commands = done.stdout.lines().filter(|line| line.starts_with("::error ")).count();
    assert_eq!(commands, 10);
    assert!(done.stdout.contains("19989 more findings are in the job summary"));
    assert!(done.summary.len() <= 1 << 20, "{} bytes", done.summary.len());
    assert!(done.summary.contains("Cut off here"));
}

#[test]
fn a_summary_that_cannot_be_written_is_told() {
    let place = two_versions();
    let mut job = push(&place, "v1");
    job.variables.insert("GITHUB_STEP_SUMMARY", "/nowhere/summary".to_owned());
    let done = job.run();
    assert_eq!(done.code, 2, "{done:#?}");
    assert!(done.stderr.contains("cannot write `/nowhere/summary`"), "{done:#?}");
}

/// Names of branches and tags, and whatever a workflow passes on, are words and no commands.
#[test]
fn no_name_is_a_command() {
    let place = two_versions();
    let evil = "main$(touch${IFS}pwned);`touch${IFS}pwned`\"'::error::";
    let payload = json!({ "ref": format!("refs/heads/{evil}"), "before": "0".repeat(40),
        "repository": { "default_branch": evil.to_owned() + "\n::error::x" } });
    let jobs = [
        Job::new(place.path(), "push", &payload),
        Job::new(place.path(), "release", &json!({ "release": { "tag_name": evil } })),
        Job::new(
            place.path(),
            "pull_request",
            &json!({ "pull_request": {
            "number": 7,
            "base": { "ref": evil, "sha": place.git().revparse_single("v1").unwrap().id().to_string() },
            "head": { "ref": evil, "sha": place.git().revparse_single("v2").unwrap().id().to_string() },
        } }),
        ),
        push(&place, "v1").with("base", evil),
        push(&place, "v1").with("base", "--help"),
        push(&place, "v1").with("pairing", evil),
        push(&place, "v1").with("args", &format!("{evil}\n--config={evil}")),
        push(&place, "v1").with("binary", evil),
    ];
    for job in jobs {
        let done = job.run();
        assert!(!place.path().join("pwned").exists(), "{done:#?}");
        let commands = done.stdout.lines().filter(|line| line.starts_with("::"));
        for command in commands {
            assert!(!command.starts_with("::error::"), "{command}");
        }
    }
}
