//! What is compared, for each event.

use git2::Oid;
use serde_json::{Value, json};

use super::{
    checkout::{Checkout, Depth, git_is_there},
    runner::{Done, Job},
};
use crate::{
    fixtures::{FILE, proto},
    repo::Place,
};

const NONE: &str = "0000000000000000000000000000000000000000";

/// A server whose `main` has gone on since `topic` left it: `topic` takes `Call2` away, `main` has
/// got another service.
struct Server {
    place: Place,
    /// Where `topic` left.
    left: Oid,
    main: Oid,
    topic: Oid,
    /// What GitHub tries out: `topic`, merged into `main`.
    merge: Oid,
}

fn server() -> Server {
    let place = Place::repository();
    place.write(FILE, proto(2));
    let left = place.commit_all();
    place.write("README", "Hello");
    place.write("api/other.proto", other());
    let main = place.commit_all();
    place.reference("refs/heads/main");
    let git = place.git();
    git.set_head_detached(left).unwrap();
    place.clear();
    place.write(FILE, proto(1));
    let topic = place.commit_all();
    place.reference("refs/heads/topic");
    git.set_head_detached(main).unwrap();
    place.write("README", "Hello");
    place.write("api/other.proto", other());
    place.stage_all();
    let merge = place.merge(&[main, topic]);
    git.set_head("refs/heads/main").unwrap();
    Server { place, left, main, topic, merge }
}

/// What nobody but `main` is to answer for.
fn other() -> String {
    proto(1).replace("Manager", "Other")
}

impl Server {
    fn pull_request(&self, base: Oid) -> Value {
        json!({ "pull_request": {
            "number": 7,
            "base": { "ref": "main", "sha": base.to_string() },
            "head": { "ref": "topic", "sha": self.topic.to_string(), "repo": { "fork": true } },
        } })
    }

    fn checkout(&self, commit: Oid, depth: Depth) -> Checkout {
        Checkout::of(&self.place, &commit.to_string(), depth)
    }

    fn push(&self, branch: &str, before: &str) -> Value {
        json!({
            "ref": format!("refs/heads/{branch}"),
            "before": before,
            "forced": false,
            "repository": { "default_branch": "main" },
        })
    }
}

#[track_caller]
fn breaks(done: &Done, base: &str, head: &str) {
    assert_eq!((done.code, done.output("outcome")), (1, "breaks"), "{done:#?}");
    assert_eq!((done.output("base"), done.output("head")), (base, head), "{done:#?}");
    assert_eq!((done.output("calls"), done.output("errors")), ("1", "1"), "{done:#?}");
    assert!(done.stdout.contains("::error "), "{done:#?}");
    assert!(done.summary.contains("Call2"), "{done:#?}");
}

#[track_caller]
fn nothing(done: &Done, said: &str) {
    assert_eq!((done.code, done.output("outcome")), (0, "nothing"), "{done:#?}");
    for text in [&done.stdout, &done.summary] {
        assert!(text.contains(said), "no {said:?} in {done:#?}");
    }
}

#[track_caller]
pub(super) fn no_answer(done: &Done, said: &[&str]) {
    assert_eq!((done.code, done.output("outcome")), (2, "unknown"), "{done:#?}");
    assert!(done.stdout.contains("::error title=protoskew%3A no answer::"), "{done:#?}");
    for said in said {
        assert!(done.stdout.contains(said), "no {said:?} in {done:#?}");
    }
}

fn short(commit: Oid) -> String {
    commit.to_string()[..9].to_owned()
}

fn named(commit: Oid, what: &str) -> String {
    format!("{} ({what})", short(commit))
}

/// What is checked out is the merge with the newest `main`, whatever the event thinks that is.
#[test]
fn a_pull_request_is_compared_with_what_it_is_merged_into() {
    if !git_is_there() {
        return;
    }
    let server = server();
    for depth in [Depth::One, Depth::All] {
        for stale in [server.main, server.left] {
            let checkout = server.checkout(server.merge, depth);
            let payload = server.pull_request(stale);
            let done = Job::new(checkout.path(), "pull_request", &payload).run();
            let head = named(server.merge, "pull request 7");
            breaks(&done, &named(server.main, "main"), &head);
        }
    }
}

#[test]
fn a_head_that_is_checked_out_is_compared_with_where_it_left() {
    if !git_is_there() {
        return;
    }
    let server = server();
    let base = named(server.left, "merge base with main");
    let head = named(server.topic, "pull request 7");
    for depth in [Depth::One, Depth::All] {
        for stale in [server.main, server.left] {
            let checkout = server.checkout(server.topic, depth);
            let payload = server.pull_request(stale);
            breaks(&Job::new(checkout.path(), "pull_request", &payload).run(), &base, &head);
        }
        // On this event it is the base that is checked out.
        let checkout = server.checkout(server.main, depth);
        let payload = server.pull_request(server.main);
        breaks(&Job::new(checkout.path(), "pull_request_target", &payload).run(), &base, &head);
    }
}

#[test]
fn a_shallow_checkout_is_explained_where_it_may_not_be_deepened() {
    if !git_is_there() {
        return;
    }
    let server = server();
    let checkout = server.checkout(server.merge, Depth::One);
    let job = Job::new(checkout.path(), "pull_request", &server.pull_request(server.main));
    let fetch = format!("git fetch --no-tags --depth=2 origin {}", server.merge);
    no_answer(&job.with("deepen", "false").run(), &[&fetch, "fetch-depth: 0", "deepen: true"]);
    // Nor where it cannot be.
    checkout.disconnect();
    let job = Job::new(checkout.path(), "pull_request", &server.pull_request(server.main));
    no_answer(&job.run(), &[&fetch]);
}

#[test]
fn a_push_is_compared_with_what_was_there() {
    if !git_is_there() {
        return;
    }
    let server = server();
    for depth in [Depth::One, Depth::All] {
        let checkout = server.checkout(server.topic, depth);
        let payload = server.push("topic", &server.left.to_string());
        let done = Job::new(checkout.path(), "push", &payload).run();
        let base = named(server.left, "topic before this push");
        breaks(&done, &base, &named(server.topic, "topic"));
        // A new branch: from where it left the default branch.
        let payload = server.push("topic", NONE);
        let checkout = server.checkout(server.topic, depth);
        let done = Job::new(checkout.path(), "push", &payload).run();
        let base = named(server.left, "merge base with main");
        breaks(&done, &base, &named(server.topic, "topic"));
    }
}

#[test]
fn the_first_push_and_the_last_break_nothing() {
    if !git_is_there() {
        return;
    }
    let server = server();
    let checkout = server.checkout(server.main, Depth::One);
    let push = |payload| Job::new(checkout.path(), "push", &payload).run();
    nothing(&push(server.push("main", NONE)), "the first push of `main`");
    let mut deleted = server.push("topic", &server.left.to_string());
    deleted["deleted"] = true.into();
    deleted["after"] = NONE.into();
    nothing(&push(deleted), "it was deleted");
}

/// What was there before a forced push may be gone for good.
#[test]
fn a_forced_push_may_leave_nothing_to_compare_with() {
    if !git_is_there() {
        return;
    }
    let server = server();
    let gone = "1234567890123456789012345678901234567890";
    let checkout = server.checkout(server.topic, Depth::All);
    let mut payload = server.push("topic", gone);
    payload["forced"] = true.into();
    let done = Job::new(checkout.path(), "push", &payload).run();
    let base = named(server.left, "merge base with main");
    breaks(&done, &base, &named(server.topic, "topic"));
    // Of the default branch there is no other that it left.
    payload["ref"] = "refs/heads/main".into();
    let done = Job::new(checkout.path(), "push", &payload).run();
    no_answer(&done, &["where `main` was before this push", gone, "is not in this clone"]);
}

#[test]
fn a_merge_group_is_compared_with_its_base() {
    if !git_is_there() {
        return;
    }
    let server = server();
    let payload = json!({ "merge_group": {
        "base_ref": "refs/heads/main", "base_sha": server.main.to_string(),
    } });
    for depth in [Depth::One, Depth::All] {
        let checkout = server.checkout(server.merge, depth);
        let done = Job::new(checkout.path(), "merge_group", &payload).run();
        let head = named(server.merge, "merged into main");
        breaks(&done, &named(server.main, "main"), &head);
    }
}

/// `v1.9.0`, `v1.9.1`, `v1.10.0-rc.1` and `v1.10.0` have two calls, `v1.10.1` has one; `tools/v3`
/// is of another family.
fn releases() -> Place {
    let place = Place::repository();
    for (tags, calls) in [
        (&["v1.9.0"][..], 2),
        (&["v1.9.1", "tools/v3"], 2),
        (&["v1.10.0-rc.1"], 2),
        (&["v1.10.0"], 2),
        (&["v1.10.1"], 1),
    ] {
        place.write(FILE, proto(calls));
        place.write("CHANGES", tags[0]);
        place.commit_all();
        tags.iter().for_each(|tag| place.tag(tag));
    }
    place
}

fn release(server: &Place, tag: &str, depth: Depth) -> Done {
    let commit = server.git().revparse_single(tag).unwrap().id().to_string();
    let checkout = Checkout::of(server, &commit, depth);
    Job::new(checkout.path(), "release", &json!({ "release": { "tag_name": tag } })).run()
}

/// What the push changes breaks nothing, and a release that is still supported breaks with it.
#[test]
fn a_window_of_the_configuration_is_what_the_head_is_judged_by() {
    if !git_is_there() {
        return;
    }
    let place = releases();
    place.write("protoskew.toml", "[window]\nnewer-client = 1\nnewer-server = 1\n");
    place.write(FILE, proto(1));
    let before = place.commit_all();
    place.write(FILE, format!("// Said better.\n{}", proto(1)));
    let head = place.commit_all();
    let payload = json!({
        "ref": "refs/heads/main",
        "before": before.to_string(),
        "forced": false,
        "repository": { "default_branch": "main" },
    });
    for depth in [Depth::One, Depth::All] {
        let checkout = Checkout::of(&place, &head.to_string(), depth);
        let push = || Job::new(checkout.path(), "push", &payload);
        if depth == Depth::One {
            let fetch = "git fetch --no-tags --depth=1 origin";
            no_answer(&push().with("deepen", "false").run(), &[fetch]);
        }
        breaks(&push().run(), "v1.10.0 … v1.10.1", &named(head, "main"));
        let narrow = push().with("args", "--window=client=0,server=0").run();
        no_answer(&narrow, &["no release is in the window"]);
    }
    place.write("README", "Hello");
    let other = place.commit_all();
    let checkout = Checkout::of(&place, &other.to_string(), Depth::One);
    let mut payload = payload;
    payload["before"] = head.to_string().into();
    nothing(&Job::new(checkout.path(), "push", &payload).run(), "no .proto file differs");
}

#[test]
fn a_release_is_compared_with_the_one_before_it() {
    if !git_is_there() {
        return;
    }
    let server = releases();
    for depth in [Depth::One, Depth::All] {
        breaks(&release(&server, "v1.10.1", depth), "v1.10.0", "v1.10.1");
        for (tag, before) in
            [("v1.10.0", "v1.9.1"), ("v1.9.1", "v1.9.0"), ("v1.10.0-rc.1", "v1.9.1")]
        {
            let said = format!("no .proto file differs between {before} and {tag}");
            nothing(&release(&server, tag, depth), &said);
        }
        // A tag that is pushed is a release.
        let commit = server.git().revparse_single("v1.10.1").unwrap().id().to_string();
        let checkout = Checkout::of(&server, &commit, depth);
        let payload = json!({ "ref": "refs/tags/v1.10.1", "before": NONE });
        let done = Job::new(checkout.path(), "push", &payload).run();
        breaks(&done, "v1.10.0", "v1.10.1");
    }
    nothing(&release(&server, "v1.9.0", Depth::All), "`v1.9.0` is the first release");
    nothing(&release(&server, "tools/v3", Depth::All), "`tools/v3` is the first release");
}

#[test]
fn a_release_has_a_checklist() {
    if !git_is_there() {
        return;
    }
    let server = releases();
    let commit = server.git().revparse_single("v1.10.1").unwrap().id().to_string();
    let payload = json!({ "release": { "tag_name": "v1.10.1" } });
    for depth in [Depth::One, Depth::All] {
        let checkout = Checkout::of(&server, &commit, depth);
        let job = || {
            let mut job = Job::new(checkout.path(), "release", &payload).with("mode", "checklist");
            job.variables.insert("GITHUB_REF_NAME", "v1.10.1".to_owned());
            job
        };
        let done = job().run();
        assert_eq!(done.code, 0, "{done:#?}");
        let list = std::fs::read_to_string(done.output("checklist")).unwrap();
        assert_eq!(done.summary, list);
        assert!(list.starts_with("# Release checklist: v1.10.1\n"), "{list}");
        assert!(list.contains("What v1.10.1 does when it meets v1.10.0."), "{list}");
        assert!(list.contains("- [ ] `/acme.v1.Manager/Call2`: clients of v1.10.0"), "{list}");
        let done = job().with("head", "v1.11.0").run();
        assert_eq!((done.code, done.output("checklist")), (2, ""), "{done:#?}");
        assert!(done.stderr.contains("no release is named `v1.11.0`"), "{done:#?}");
        // A shallow checkout has one release; the checklist may ask for any.
        let done = job().with("args", "--since=v1.9.1").run();
        assert!(done.summary.contains("it meets v1.9.1 … v1.10.0"), "{done:#?}");
        let done = job().with("args", "--service=acme.v1.Nobody").run();
        assert_eq!((done.code, done.output("checklist")), (2, ""), "{done:#?}");
        assert!(done.stderr.contains("no service is named `acme.v1.Nobody`"), "{done:#?}");
        let done = job().with("mode", "list").run();
        assert_eq!(done.code, 2, "{done:#?}");
        assert!(done.stdout.contains("::error title=protoskew::the input 'mode'"), "{done:#?}");
    }
}

#[test]
fn whatever_else_happens_the_last_release_counts() {
    if !git_is_there() {
        return;
    }
    let place = releases();
    place.write("README", "Hello");
    let head = place.commit_all();
    for depth in [Depth::One, Depth::All] {
        for event in ["workflow_dispatch", "schedule"] {
            let checkout = Checkout::of(&place, &head.to_string(), depth);
            let done = Job::new(checkout.path(), event, &json!({ "inputs": null })).run();
            let said = format!("between v1.10.1 and {}", named(head, "HEAD"));
            nothing(&done, &said);
        }
    }
    // Without any release, and on the default branch, somebody has to say.
    let server = server();
    let checkout = server.checkout(server.main, Depth::All);
    let done = Job::new(checkout.path(), "workflow_dispatch", &json!({})).run();
    no_answer(&done, &["there is no release before HEAD", "base: REVISION"]);
    let checkout = server.checkout(server.topic, Depth::All);
    let done = Job::new(checkout.path(), "workflow_dispatch", &json!({})).run();
    let base = named(server.left, "merge base with origin/main");
    breaks(&done, &base, &named(server.topic, "HEAD"));
}

/// Names mean what they mean in the clone, where branches are those of the remote.
#[test]
fn whoever_names_the_base_gets_it() {
    if !git_is_there() {
        return;
    }
    let place = releases();
    place.reference("refs/heads/old");
    let head = place.git().revparse_single("v1.10.1").unwrap().id().to_string();
    for depth in [Depth::One, Depth::All] {
        let checkout = Checkout::of(&place, &head, depth);
        let job = || Job::new(checkout.path(), "push", &json!({}));
        breaks(&job().with("base", "v1.9.0").run(), "v1.9.0", "HEAD");
        nothing(&job().with("base", "old").run(), "between origin/old and HEAD");
        let head = job().with("base", "v1.9.0").with("head", "v1.9.1");
        nothing(&head.run(), "between v1.9.0 and v1.9.1");
        no_answer(&job().with("base", "gone").run(), &["`gone`"]);
    }
}
