//! What is judged of two versions, and how much of them is read for it.

use std::fs;

use crate::{
    fixtures::{FILE, proto, two_versions},
    repo::Place,
};

#[test]
fn a_path_limits_what_is_judged_at_every_version() {
    let place = Place::repository();
    let service = |package: &str, methods| {
        proto(methods)
            .replace("package acme.v1;", &format!("package {package};\nimport \"common/m.proto\";"))
            .replace("message Empty {}", "")
            .replace("(Empty)", "(common.Empty)")
    };
    for (tag, methods) in [("v1", 1), ("v2", 2)] {
        place.write("common/m.proto", "syntax = \"proto3\"; package common; message Empty {}");
        for folder in ["a", "b", "c"] {
            place.write(&format!("{folder}/s.proto"), service(folder, methods));
        }
        place.commit_all();
        place.tag(tag);
    }
    for (paths, files, missing) in [
        ("", 4, 0),
        ("--path a", 1, 0),
        ("--path ./a/", 1, 0),
        ("--path a/s.proto", 1, 0),
        ("--path a --path b", 2, 0),
        ("--path .", 4, 0),
    ] {
        let report = place.run(&format!("check v1 v2 --format json {paths}")).json();
        for version in report["versions"].as_array().unwrap() {
            assert_eq!(version["files"], files, "{paths}");
            assert_eq!(version["missing_imports"], missing, "{paths}");
        }
        // Two of the files hold no finding if they are not judged.
        let findings = report["verdicts"][0]["findings"].as_array().unwrap().len();
        assert_eq!(findings, files.min(3), "{paths}");
    }
}

#[test]
fn a_service_that_is_in_neither_version_is_a_slip_of_the_pen() {
    let place = two_versions();
    for (name, said) in [
        ("acme.v1.Manger", "did you mean `acme.v1.Manager`?"),
        ("Manager", "did you mean `acme.v1.Manager`?"),
        ("acme.v2.Manager", "did you mean `acme.v1.Manager`?"),
        ("Unheard", "services are named with their package"),
    ] {
        let ran = place.run_with(&["check", "v1", "v2", "--service", name]);
        let told = format!("no service is named `{name}` in `v1` or `v2`");
        ran.gives_up(&[&told, said]);
        assert_eq!(ran.stdout, "");
    }
}

/// Of a large repository only what changed is read, and a service may stand elsewhere.
#[test]
fn a_service_that_did_not_change_is_known_all_the_same() {
    let place = large(100);
    for (service, code) in [("acme.p0.Manager", 1), ("acme.p1.Manager", 0)] {
        let ran = place.run_with(&["check", "v1", "v2", "--service", service]);
        assert_eq!(ran.code, code, "{ran:#?}");
    }
    let ran = place.run("check v1 v2 --service acme.p1.Manger");
    ran.gives_up(&["no service is named `acme.p1.Manger`", "did you mean `acme.p1.Manager`"]);
}

#[test]
fn only_the_calls_of_the_named_services_are_judged() {
    let other = proto(1).replace("Manager", "Other").replace("message Empty {}", "");
    let both =
        |methods| proto(methods) + &other.replace("syntax = \"proto3\";\npackage acme.v1;", "");
    let place = Place::versions(FILE, &[both(1), both(2)]);
    for (services, code) in [
        ("--service acme.v1.Manager", 1),
        ("--service acme.v1.Other", 0),
        ("--service acme.v1.Other --service acme.v1.Manager", 1),
    ] {
        assert_eq!(place.run(&format!("check v1 v2 {services}")).code, code, "{services}");
    }
}

/// What a run keeps in the repository for the next one makes that faster, and nothing else.
#[test]
fn what_is_kept_between_runs_changes_no_answer() {
    let place = large(300);
    let first = place.run("check v1 v2 --format json");
    assert_eq!(first.code, 1);
    let kept = place.git().path().join("protoskew/outlines");
    let whole = fs::read(&kept).unwrap();
    for contents in [&whole[..], &whole[..whole.len() / 2], b"", b"\xff\x1b"] {
        fs::write(&kept, contents).unwrap();
        assert_eq!(place.run("check v1 v2 --format json"), first);
        assert_eq!(fs::read(&kept).unwrap(), whole);
    }
    fs::remove_file(&kept).unwrap();
    // Where nothing can be kept, nothing is.
    fs::create_dir(&kept).unwrap();
    assert_eq!(place.run("check v1 v2 --format json"), first);
    assert_eq!(place.names(".git/protoskew"), ["outlines"]);
}

/// So many files that those which no change reaches are not read.
fn large(files: usize) -> Place {
    let place = Place::repository();
    for (tag, changed) in [("v1", 1), ("v2", 2)] {
        for package in 0..files {
            let methods = if package == 0 { changed } else { 1 };
            let text = proto(methods).replace("acme.v1", &format!("acme.p{package}"));
            place.write(&format!("{package}/service.proto"), text);
        }
        place.commit_all();
        place.tag(tag);
    }
    place
}
