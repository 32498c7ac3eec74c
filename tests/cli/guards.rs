//! Guards that the releases have outlived, and gates that ask for the wrong version.

use serde_json::Value;

use crate::{
    fixtures::manager,
    repo::Place,
    run::{Ran, run},
};

fn client(asks: &str) -> String {
    format!(
        r#"package main

import (
	"context"

	"github.com/blang/semver"
	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func canReview(v semver.Version) bool {{
	return v.GE(semver.MustParse("{asks}"))
}}

func run(ctx context.Context, manager acmev1.ManagerClient, server semver.Version) error {{
	_, err := manager.Report(ctx, &acmev1.Agent{{}})
	if status.Code(err) == codes.Unimplemented {{
		return nil
	}}
	if canReview(server) {{
		_, err = manager.Review(ctx, &acmev1.Agent{{}})
	}}
	return err
}}
"#
    )
}

/// `Report` comes with v1.1.0, `Review` with v1.2.0, and v1.3.0 has a client of both.
fn releases(asks: &str) -> Place {
    let place = Place::repository();
    place.write("go.mod", "module example.com/acme\n");
    let history: [(&str, &[&str]); 4] = [
        ("v1.0.0", &["Arrive"]),
        ("v1.1.0", &["Arrive", "Report"]),
        ("v1.2.0", &["Arrive", "Report", "Review"]),
        ("v1.3.0", &["Arrive", "Report", "Review"]),
    ];
    for (tag, methods) in history {
        place.write("api/manager.proto", manager(methods));
        if tag == "v1.3.0" {
            place.write("cmd/agent/main.go", client(asks));
        }
        place.write("VERSION", tag);
        place.commit_all();
        place.tag(tag);
    }
    place
}

#[track_caller]
fn checklist(place: &Place, more: &[&str]) -> Ran {
    run(place.path(), &[&["checklist", "--release", "v1.3.0"], more].concat())
}

fn rpcs(list: &Value, key: &str) -> Vec<String> {
    let all = list[key].as_array().unwrap().iter();
    all.map(|it| it["site"]["rpc"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_guard_can_go_when_every_supported_server_has_the_call() {
    let place = releases("1.2.0");
    for (since, dead) in
        [("v1.0.0", vec![]), ("v1.1.0", vec!["Report"]), ("v1.2.0", vec!["Report", "Review"])]
    {
        let list = checklist(&place, &["--since", since, "--format", "json"]).json();
        assert_eq!(rpcs(&list, "dead_guards"), dead, "{since}");
        assert_eq!(rpcs(&list, "late_gates"), Vec::<String>::new(), "{since}");
    }
    // One release is not all that somebody still runs, unless somebody says so.
    let list = checklist(&place, &["--format", "json"]).json();
    assert_eq!(rpcs(&list, "dead_guards"), Vec::<String>::new());
    let page = checklist(&place, &["--since", "v1.1.0"]).stdout;
    let said = "every server from v1.1.0 on has it, so the guard can go (dead-guard)";
    assert!(page.contains(said), "{page}");
    let unsearched = checklist(&place, &["--since", "v1.1.0", "--no-calls"]).stdout;
    assert!(!unsearched.contains("dead-guard"), "{unsearched}");
}

#[test]
fn a_gate_asks_for_the_release_that_brought_the_call() {
    for (asks, wrong, between, said) in [
        ("1.3.0", "late", "v1.2.0", "asks for 1.3.0, and servers of v1.2.0 have it, too"),
        ("1.1.0", "early", "v1.1.0", "asks for 1.1.0, and servers of v1.1.0 do not have it"),
    ] {
        let place = releases(asks);
        let list = checklist(&place, &["--format", "json"]).json();
        let gate = &list["late_gates"][0];
        assert_eq!(gate["wrong"], wrong);
        assert_eq!(gate["asks"], asks);
        assert_eq!(gate["between"], serde_json::json!([[between, between]]));
        assert_eq!(gate["site"]["since"], asks);
        let page = checklist(&place, &[]).stdout;
        assert!(page.contains(said), "{page}");
    }
}
