//! A gate keeps a call from some servers, and not from others.

use crate::{fixtures::manager, repo::Place, run::run};

/// Calls `Asked` where the peer supports it and `Around` where it does not, `Newer` from 1.2.0 on,
/// `Both` behind two gates, and `Either` from callers that between them always call it.
const CLIENT: &str = r#"package main

import (
	"context"

	"github.com/blang/semver"
	acmev1 "example.com/acme/api/v1"
)

type peer struct {
	acmev1.ManagerClient
	caps interface{ Supports(name string) bool }
}

func (p *peer) capable(ctx context.Context) (err error) {
	if p.caps.Supports("asked") {
		_, err = p.Asked(ctx, &acmev1.Agent{})
	} else {
		_, err = p.Around(ctx, &acmev1.Agent{})
	}
	return err
}

func isNew(v semver.Version) bool {
	return v.GE(semver.MustParse("1.2.0"))
}

func (p *peer) numbered(ctx context.Context, server semver.Version) (err error) {
	if isNew(server) {
		_, err = p.Newer(ctx, &acmev1.Agent{})
	}
	return err
}

func (p *peer) both(ctx context.Context) (err error) {
	if p.caps.Supports("asked") {
		if !p.caps.Supports("more") {
			_, err = p.Both(ctx, &acmev1.Agent{})
		}
	}
	return err
}

func (p *peer) either(ctx context.Context) error {
	_, err := p.Either(ctx, &acmev1.Agent{})
	return err
}

func (p *peer) callers(ctx context.Context) error {
	if p.caps.Supports("asked") {
		return p.either(ctx)
	}
	return nil
}

func (p *peer) others(ctx context.Context) error {
	if !p.caps.Supports("asked") {
		return p.either(ctx)
	}
	return nil
}
"#;

const GATED: [&str; 5] = ["Asked", "Around", "Newer", "Both", "Either"];

/// `v1` has none of the calls, `v2` has them all, and `v3` none again; all have the client.
fn history() -> Place {
    let place = Place::repository();
    place.write("go.mod", "module example.com/acme\n");
    place.write("cmd/agent/main.go", CLIENT);
    for (tag, methods) in [("v1", &[][..]), ("v2", &GATED), ("v3", &[])] {
        place.write("api/manager.proto", manager(methods));
        place.commit_all();
        place.tag(tag);
    }
    place
}

/// The calls that a pairing of two versions has as errors.
#[track_caller]
fn errors(place: &Place, args: &[&str]) -> Vec<String> {
    let report = run(place.path(), &[&["check", "--format", "json"], args].concat()).json();
    let verdicts = report["verdicts"].as_array().unwrap();
    let all = verdicts.iter().flat_map(|it| it["findings"].as_array().unwrap());
    let errors = all.filter(|it| it["level"] == "error");
    let leaf = |it: &str| it.rsplit('.').next().unwrap().to_owned();
    errors.map(|it| leaf(it["subject"].as_str().unwrap())).collect()
}

#[test]
fn a_server_that_is_older_lacks_what_the_way_around_a_gate_is_made_of() {
    let place = history();
    assert_eq!(errors(&place, &["v1", "v2", "--pairing", "newer-client"]), ["Around", "Either"]);
    // Whoever names both ends has a server that lacks the call, whatever its age.
    assert_eq!(errors(&place, &["--client", "v2", "--server", "v1"]), ["Around", "Either"]);
}

#[test]
fn a_server_that_is_newer_passes_every_gate_that_asks_for_a_version() {
    let place = history();
    assert_eq!(errors(&place, &["v2", "v3", "--pairing", "newer-server"]), ["Either", "Newer"]);
}

#[test]
fn what_does_not_keep_a_call_from_a_server_is_said() {
    let place = history();
    let said = run(place.path(), &["check", "v1", "v2", "--pairing", "newer-client"]).stdout;
    let around = "called at cmd/agent/main.go:19 in peer.capable, made only after asking what the \
                  peer has: unless p.caps.Supports (line 16); that does not keep it from this server";
    assert!(said.contains(around), "{said}");
}

#[test]
fn a_scan_that_is_published_says_which_way_a_gate_goes() {
    let place = history();
    let scan = run(place.path(), &["calls", "v2", "--format", "json"]);
    let sites = scan.json()["sites"].as_array().unwrap().clone();
    let ways: Vec<&str> = sites
        .iter()
        .filter(|it| it["unless"] == true)
        .map(|it| it["rpc"].as_str().unwrap())
        .collect();
    assert_eq!(ways, ["Around"]);

    let server = Place::repository();
    server.write("agent.calls.json", &scan.stdout);
    for (tag, methods) in [("v1", &[][..]), ("v2", &GATED)] {
        server.write("api/manager.proto", manager(methods));
        server.commit_all();
        server.tag(tag);
    }
    let path = server.path().join("agent.calls.json");
    let callers = path.to_str().unwrap();
    let args = ["v1", "v2", "--pairing", "newer-client", "--callers", callers];
    assert_eq!(errors(&server, &args), ["Around", "Either"]);
}

#[test]
fn the_call_around_a_gate_is_no_guard_that_has_had_its_day() {
    let place = Place::repository();
    place.write("go.mod", "module example.com/acme\n");
    place.write("cmd/agent/main.go", CLIENT);
    for (tag, methods) in [("v1.1.0", &GATED[..]), ("v1.2.0", &GATED)] {
        place.write("api/manager.proto", manager(methods));
        place.write("VERSION", tag);
        place.commit_all();
        place.tag(tag);
    }
    let args = ["checklist", "--release", "v1.2.0", "--since", "v1.1.0", "--format", "json"];
    let list = run(place.path(), &args).json();
    let dead = list["dead_guards"].as_array().unwrap().iter();
    let dead: Vec<&str> = dead.map(|it| it["site"]["rpc"].as_str().unwrap()).collect();
    assert_eq!(dead, ["Asked", "Newer", "Both"]);
}
