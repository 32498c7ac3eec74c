//! Every way to name a version.

use git2::build::RepoBuilder;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    fixtures::{FILE, descriptor_set, methods, proto, two_versions, version},
    repo::{Mode, Place},
    run::run,
};

/// 1, 2 and 3 methods are committed, 4 are staged, 5 are in the folder, 6 are in descriptor sets.
fn history() -> Place {
    let place = two_versions();
    place.annotated_tag("release-2");
    for name in ["refs/heads/topic", "refs/tags/api/v2", "refs/tags/acme@2"] {
        place.reference(name);
    }
    for ending in ["binpb", "pb", "desc", "protoset"] {
        place.write(&format!("sets/acme.{ending}"), descriptor_set(6));
    }
    place.write(FILE, proto(3));
    place.commit_all();
    place.stage(FILE, Mode::File, proto(4));
    place.write(FILE, proto(5));
    place
}

#[track_caller]
fn assert_sources(place: &Place, expected: &[(&str, u64)]) {
    for &(source, expected) in expected {
        assert_eq!(methods(place, source), expected, "{source}");
    }
}

#[test]
fn a_revision_is_whatever_git_takes_for_one() {
    let place = history();
    let first = place.git().revparse_single("v1").unwrap().id().to_string();
    let tree = format!("{first}^{{tree}}");
    assert_sources(
        &place,
        &[
            ("v1", 1),
            ("refs/tags/v1", 1),
            (&first, 1),
            (&first[..7], 1),
            (&tree, 1),
            ("release-2", 2),
            ("release-2^{}", 2),
            ("release-2^{commit}", 2),
            ("topic", 2),
            ("api/v2", 2),
            ("acme@2", 2),
            ("main", 3),
            ("HEAD", 3),
            ("@", 3),
            ("HEAD~1", 2),
            ("HEAD~2", 1),
            ("HEAD^", 2),
            ("main@{1}", 2),
            ("main@{2}", 1),
            (":/version 1", 1),
            ("HEAD^{/version 2}", 2),
        ],
    );
}

#[test]
fn a_path_limits_a_revision_to_a_folder() {
    assert_sources(
        &history(),
        &[
            ("v1:api", 1),
            ("v1:api/", 1),
            ("v1:", 1),
            ("main@{1}:api", 2),
            ("HEAD^{/version 2}:api", 2),
            ("api/v2:api", 2),
            ("acme@2:api", 2),
        ],
    );
}

#[test]
fn folders_and_what_git_keeps_between_commits() {
    let place = history();
    assert_sources(
        &place,
        &[
            ("api", 5),
            ("./api", 5),
            ("api/", 5),
            (".", 5),
            (":worktree", 5),
            (":worktree:api", 5),
            (":index", 4),
            (":index:api/", 4),
        ],
    );
    let folder = place.path().join("api");
    assert_eq!(methods(&place, folder.to_str().unwrap()), 5);
}

#[test]
fn a_descriptor_set_is_a_version() {
    assert_sources(
        &history(),
        &[
            ("sets/acme.binpb", 6),
            ("sets/acme.pb", 6),
            ("sets/acme.desc", 6),
            ("sets/acme.protoset", 6),
            ("main:sets/acme.binpb", 6),
            (".@main:sets/acme.pb", 6),
        ],
    );
}

#[test]
fn another_repository_is_named_before_an_at_sign() {
    let (here, there) = (two_versions(), history());
    let there = there.path().to_str().unwrap();
    for (rest, expected) in [
        ("v1", 1),
        ("v1:api", 1),
        ("main@{1}", 2),
        ("main@{1}:api", 2),
        ("acme@2", 2),
        ("api/v2:api", 2),
        ("main", 3),
    ] {
        assert_eq!(methods(&here, &format!("{there}@{rest}")), expected, "{rest}");
    }
}

#[test]
fn client_and_server_may_come_from_two_repositories() {
    let (client, server) = (two_versions(), history());
    let server = format!("{}@v1:api", server.path().display());
    let args = ["check", "--client", "v2", "--server", &server, "--format", "json"];
    let ran = client.run_with(&args);
    assert_eq!(ran.code, 1);
    let report = ran.json();
    let [verdict] = report["verdicts"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!(verdict["pairing"], "explicit");
    assert_eq!(verdict["client"], "v2");
    assert_eq!(verdict["server"], server);
    assert_eq!(verdict["findings"][0]["calls"], json!(["/acme.v1.Manager/Call2"]));
}

#[test]
fn the_repository_may_be_elsewhere_bare_or_a_linked_worktree() {
    let (there, nowhere) = (history(), Place::empty());
    let bare = nowhere.path().join("bare.git");
    RepoBuilder::new().bare(true).clone(there.path().to_str().unwrap(), &bare).unwrap();
    let linked = nowhere.path().join("linked");
    there.git().worktree("linked", &linked, None).unwrap();
    for repo in [there.path(), &bare, &linked] {
        let repo = repo.to_str().unwrap();
        for (source, expected) in [("v1", 1), ("v1:api", 1), ("main", 3)] {
            let version = version(&nowhere, &["check", source, source, "--repo", repo]);
            assert_eq!(version["methods"], expected, "{source} in {repo}");
        }
    }
    // Inside of each, no flag is needed, and a folder below serves as well.
    for folder in [&bare, &linked, &linked.join("api")] {
        let ran = run(folder, &["check", "v1", "--pairing", "newer-client"]);
        assert!(ran.stdout.ends_with("breaks: newer client breaks, 2 calls fail\n"), "{ran:#?}");
    }
}

/// From a folder below the top, revisions, the index and the working tree are still whole.
#[test]
fn versions_are_the_same_from_every_folder() {
    let place = history();
    let below = place.path().join("sets");
    for (source, expected) in [("v1", 1), (":index", 4), (":worktree", 5), ("../api", 5)] {
        let ran = run(&below, &["check", source, source, "--format", "json"]);
        assert_eq!(ran.json()["versions"][0]["methods"], expected, "{source}");
    }
}

#[test]
fn what_is_not_tracked_is_in_the_folder_and_what_is_ignored_is_not() {
    let place = two_versions();
    let other = |package: &str| proto(1).replace("acme.v1", package);
    place.write("new/new.proto", other("new"));
    place.write("target/old.proto", other("old"));
    place.write(".gitignore", "target/\n");
    let inner = place.path().join("inner");
    git2::Repository::init(&inner).unwrap();
    place.write("inner/inner.proto", other("inner"));
    assert_eq!(version(&place, &["check", ":worktree", "."])["files"], 2);
    // Whoever names an ignored folder means it.
    assert_eq!(version(&place, &["check", "target", "target"])["files"], 1);
}

/// However soon after `git add`, and though the file is as long as it was.
#[test]
fn what_was_written_after_it_was_staged_is_seen() {
    let place = two_versions();
    for name in ["Other", "Third", "Again"] {
        place.write(FILE, proto(1));
        let mut index = place.git().index().unwrap();
        index.add_path(FILE.as_ref()).unwrap();
        index.write().unwrap();
        let ran = place.run("diff :index :worktree");
        assert!(ran.stdout.ends_with("0 added, 0 removed, 0 modified\n"), "{ran:#?}");
        place.write(FILE, proto(1).replace("Call1", name));
        let ran = place.run("diff :index :worktree");
        assert!(ran.stdout.ends_with("1 added, 1 removed, 0 modified\n"), "{ran:#?}");
    }
}

#[test]
fn without_names_the_working_tree_is_compared_with_the_merge_base() {
    let place = history();
    let first = place.git().revparse_single("v1").unwrap().id();
    let expect = |name: &str, commit: git2::Oid| {
        let report = place.run("check --format json").json();
        let short = &commit.to_string()[..9];
        assert_eq!(report["versions"][0]["name"], format!("{short} (merge base with {name})"));
        assert_eq!(report["versions"][0]["commit"], commit.to_string());
        assert_eq!(report["versions"][1]["name"], "the working tree");
        assert_eq!(report["versions"][1]["methods"], 5);
    };
    let head = place.git().revparse_single("HEAD").unwrap().id();
    expect("main", head);
    place.git().reference("refs/remotes/origin/main", first, true, "test").unwrap();
    expect("origin/main", first);
    // Where the remote says which of its branches is the default, that is the one.
    let topic = place.git().revparse_single("topic").unwrap().id();
    place.git().reference("refs/remotes/origin/dev", topic, true, "test").unwrap();
    let (name, target) = ("refs/remotes/origin/HEAD", "refs/remotes/origin/dev");
    place.git().reference_symbolic(name, target, true, "test").unwrap();
    expect("origin/dev", topic);
}

#[test]
fn without_a_working_tree_the_head_is_compared() {
    let (there, elsewhere) = (two_versions(), TempDir::new().unwrap());
    RepoBuilder::new().bare(true).clone(there.path().to_str().unwrap(), elsewhere.path()).unwrap();
    let ran = run(elsewhere.path(), &["check", "v1", "--format", "json"]);
    assert_eq!(ran.json()["versions"][1]["name"], "HEAD");
    assert_eq!(ran.json()["versions"][1]["methods"], 2);
}

#[test]
fn a_name_that_is_both_a_folder_and_a_revision_is_refused() {
    let place = history();
    place.reference("refs/heads/api");
    let both = |name: &str, folder: &str, revision: &str| {
        let said = format!("`{name}` is both");
        let help = format!("write `{folder}` for the folder, or `{revision}` for the revision");
        place.run_with(&["check", name, "v1"]).gives_up(&[&said, &help]);
        for spelling in [folder, revision] {
            place.run_with(&["check", spelling, "v1", "--fail-on", "error"]).answers();
        }
    };
    both("api", "./api", "refs/heads/api");
    // A folder may look like the beginning of a commit's id.
    let commit = place.git().head().unwrap().target().unwrap().to_string();
    place.write(&format!("{}/a.proto", &commit[..8]), proto(1));
    both(&commit[..8], &format!("./{}", &commit[..8]), &commit);
}
