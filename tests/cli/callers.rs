//! What is said of calls that the sources do not show: by the configuration, and by other
//! repositories.

use serde_json::Value;

use crate::{
    repo::Place,
    run::{Ran, run},
};

const CONFIG: &str = "protoskew.toml";

fn schema(methods: &str) -> String {
    format!(
        "syntax = \"proto3\";
         package acme.v1;
         option go_package = \"example.com/acme/api/v1;acmev1\";
         service Manager {{ rpc Arrive(Agent) returns (Agent); {methods} }}
         message Agent {{}}"
    )
}

/// A client that asks another package what its error means and what its peer can do.
const CLIENT: &str = r#"package main

import (
	"context"

	acmev1 "example.com/acme/api/v1"
	"example.com/elsewhere/peers"
	"example.com/elsewhere/trouble"
	"example.com/elsewhere/wrapped"
)

func run(ctx context.Context, manager acmev1.ManagerClient, other wrapped.Manager) error {
	if _, err := manager.Arrive(ctx, &acmev1.Agent{}); err != nil {
		return err
	}
	if _, err := manager.Report(ctx, &acmev1.Agent{}); err != nil && !trouble.IsOld(err) {
		return err
	}
	if peers.KnowsReviews(ctx) {
		if _, err := manager.Review(ctx, &acmev1.Agent{}); err != nil {
			return err
		}
	}
	_, err := other.Depart(ctx, &acmev1.Agent{})
	return err
}
"#;

const ADDED: &str = "rpc Report(Agent) returns (Agent);
                     rpc Review(Agent) returns (Agent);
                     rpc Depart(Agent) returns (Agent);";

/// A server's repository: `v1`, and three methods more in the folder.
fn server() -> Place {
    let place = Place::versions("api/manager.proto", &[schema("")]);
    place.write("api/manager.proto", schema(ADDED));
    place
}

/// The same with the client's sources in it.
fn with_client() -> Place {
    let place = server();
    place.write("go.mod", "module example.com/acme\n");
    place.write("cmd/agent/main.go", CLIENT);
    place
}

#[track_caller]
fn check(place: &Place, more: &[&str]) -> Ran {
    let args = ["check", "v1", "--pairing", "newer-client", "--format", "json"];
    run(place.path(), &[&args, more].concat())
}

/// Level, weight and number of calls that were found of one that fails.
#[track_caller]
fn told(ran: &Ran, method: &str) -> (String, String, usize) {
    let report = ran.json();
    let findings = report["verdicts"][0]["findings"].as_array().unwrap().clone();
    let subject = format!("acme.v1.Manager.{method}");
    let found = findings.into_iter().find(|it| it["subject"] == subject.as_str()).unwrap();
    let text = |it: &Value| it.as_str().unwrap_or("none").to_owned();
    let evidence = &found["evidence"];
    let sites = evidence["sites"].as_array().map_or(0, Vec::len);
    (text(&found["level"]), text(&evidence["weight"]), sites)
}

#[track_caller]
fn assert_told(ran: &Ran, method: &str, level: &str, weight: &str, sites: usize) {
    assert_eq!(told(ran, method), (level.to_owned(), weight.to_owned(), sites), "{method}");
}

#[test]
fn nothing_is_known_of_what_others_wrote() {
    let ran = check(&with_client(), &[]);
    assert_told(&ran, "Report", "error", "unhandled", 1);
    assert_told(&ran, "Review", "error", "unhandled", 1);
    // What another package's type does nobody sees; that it is uncalled nobody can say.
    assert_told(&ran, "Depart", "error", "open", 0);
}

#[test]
fn a_call_is_left_open_unless_its_receiver_is_certainly_something_else() {
    let place = server();
    place.write("go.mod", "module example.com/acme\n");
    for (receiver, call, mentions) in [
        ("wrapped.Manager", "it.Depart(ctx, x)", 1),
        ("*wrapped.Manager", "it.Depart(ctx)", 1),
        ("[]wrapped.Manager", "it[0].Depart(ctx, x)", 1),
        ("struct{ manager wrapped.Manager }", "it.manager.Depart(ctx, x)", 1),
        ("struct{ wrapped.Manager }", "it.Depart(ctx, x)", 1),
        ("interface{ wrapped.Manager }", "it.Depart(ctx, x)", 1),
        ("wrapped.Lazy[wrapped.Manager]", "it.Get().Depart(ctx, x)", 1),
        ("ours", "it.other.Depart(ctx, x)", 1),
        ("wrapped.Manager", "it.Client().Depart(ctx, x)", 1),
        ("wrapped.Manager", "it.Depart(context.Background(), x)", 1),
        ("wrapped.Manager", "it.Depart(scope, x)", 1),
        // An RPC takes a context.
        ("wrapped.Manager", "it.Depart(x)", 0),
        ("wrapped.Manager", "it.Depart(name, x)", 0),
        ("wrapped.Manager", "it.Leave(ctx, x)", 0),
        ("*sql.DB", "it.Depart(ctx, x)", 0),
        ("ours", "it.Depart(ctx, x)", 0),
        ("theirs", "it.Depart(ctx, x)", 0),
        ("acmev1.ManagerServer", "it.Depart(ctx, x)", 0),
    ] {
        let source = format!(
            "package main\n\nimport (\n\"context\"\n\"database/sql\"\n\
             acmev1 \"example.com/acme/api/v1\"\n\"example.com/elsewhere/wrapped\"\n)\n\
             type ours struct {{ sql.DB; other wrapped.Manager }}\n\
             func (ours) Depart(ctx context.Context, x *acmev1.Agent) {{}}\n\
             type theirs interface {{ Depart(ctx context.Context, x *acmev1.Agent) }}\n\
             func run(ctx, scope context.Context, name string, x *acmev1.Agent, it {receiver}) {{\n\
             {call}\n}}\n"
        );
        place.write("cmd/agent/main.go", source);
        let calls = run(place.path(), &["calls", "--format", "json"]).json();
        let unresolved = calls["unresolved"].as_array().unwrap();
        let depart = unresolved.iter().find(|it| it["rpc"] == "Depart");
        let told = depart.map_or(0, |it| it["mentions"].as_u64().unwrap());
        assert_eq!(told, mentions, "{call} on {receiver}");
        assert_eq!(calls["sites"].as_array().map(Vec::len), Some(0), "{call} on {receiver}");
    }
}

#[test]
fn predicates_and_aliases_are_taken_for_what_they_are_said_to_be() {
    let place = with_client();
    for (predicates, gates, table) in [
        ("unimplemented-predicates", "gate-predicates", "stub-alias"),
        ("unimplemented_predicates", "gate_predicates", "stub_alias"),
    ] {
        let config = format!(
            "{predicates} = ['trouble.IsOld']\n{gates} = ['peers.Knows*']\n[[{table}]]\n\
             type = 'example.com/elsewhere/wrapped.Manager'\nservice = 'acme.v1.Manager'\n"
        );
        place.write(CONFIG, config);
        let ran = check(&place, &[]);
        assert_told(&ran, "Report", "note", "handled", 1);
        assert_told(&ran, "Review", "note", "handled", 1);
        assert_told(&ran, "Depart", "error", "unhandled", 1);
        // `calls` takes them likewise.
        let calls = run(place.path(), &["calls", "--format", "json"]).json();
        let sites = calls["sites"].as_array().unwrap();
        let handling =
            |rpc: &str| sites.iter().find(|it| it["rpc"] == rpc).unwrap()["handling"].clone();
        assert_eq!(handling("Report"), "tests-unimplemented");
        assert_eq!(handling("Review"), "gated");
        assert_eq!(handling("Depart"), "propagates");
    }
}

#[test]
fn calls_are_declared_and_taken_out_by_hand() {
    let place = with_client();
    place.write(
        CONFIG,
        "[[calls]]\nservice = 'acme.v1.Manager'\nrpc = 'Report'\nfile = 'cmd/agent/main.go'\n\
         line = 16\nhandling = 'any-error-fallback'\nreason = 'the interceptor falls back'\n\
         [[calls]]\nservice = 'acme.v1.Manager'\nrpc = 'Depart'\nfunction = 'Bridge'\n\
         reason = 'a macro writes it'\n\
         [[ignore-calls]]\nservice = '*'\nrpc = 'Review'\nfiles = ['cmd/**']\nreason = 'a demo'\n",
    );
    let ran = check(&place, &[]);
    assert_told(&ran, "Report", "note", "handled", 1);
    assert_told(&ran, "Depart", "error", "unhandled", 1);
    assert_told(&ran, "Review", "note", "uncalled", 0);
    let depart = ran.json()["verdicts"][0]["findings"].as_array().unwrap().clone();
    let depart = depart.iter().find(|it| it["subject"] == "acme.v1.Manager.Depart").unwrap();
    let site = &depart["evidence"]["sites"][0];
    assert_eq!((&site["resolution"], &site["function"]), (&"declared".into(), &"Bridge".into()));
}

/// A client's repository publishes what it calls, and a server's checks against it.
#[test]
fn a_scan_of_the_client_speaks_in_the_repository_of_the_server() {
    let (client, place) = (with_client(), server());
    let published = run(client.path(), &["calls", "--format", "json"]);
    assert_eq!(published.code, 0);
    let mut closed = published.json();
    assert_eq!(closed["unresolved"][0]["rpc"], "Depart");
    closed["unresolved"] = serde_json::json!([]);
    // Without it, nobody knows who calls.
    assert_told(&check(&place, &[]), "Report", "error", "none", 0);
    place.write("clients/agent.json", &published.stdout);
    let flag = check(&place, &["--callers", "clients/agent.json"]);
    place.write(CONFIG, "callers = ['clients/agent.json']\n");
    let key = check(&place, &[]);
    for ran in [flag, key] {
        assert_told(&ran, "Report", "error", "unhandled", 1);
        assert_told(&ran, "Review", "error", "unhandled", 1);
        let findings = ran.json()["verdicts"][0]["findings"].as_array().unwrap().clone();
        let of = |it: &&Value| it["subject"] == "acme.v1.Manager.Report";
        let site = &findings.iter().find(of).unwrap()["evidence"]["sites"][0];
        assert_eq!(site["published"], "clients/agent.json");
    }
    // What the client's scan could not resolve is open here, too.
    assert_told(&check(&place, &[]), "Depart", "error", "open", 0);
    place.write("clients/agent.json", closed.to_string());
    assert_told(&check(&place, &[]), "Depart", "note", "uncalled", 0);
    let human = run(place.path(), &["check", "v1", "--pairing", "newer-client"]).stdout;
    assert!(human.contains("cmd/agent/main.go:16 in run (clients/agent.json says so)"), "{human}");
    // A boundary's files are those of this repository, and say nothing of another's.
    let boundary = "callers = ['clients/agent.json']\n[[boundary]]\nname = 'agents'\n\
                    services = ['acme.v1.Manager']\ncallers = ['elsewhere/**']\n";
    place.write(CONFIG, boundary);
    assert_told(&check(&place, &[]), "Report", "error", "unhandled", 1);
    // The file of a place in another repository is none to open in this one.
    let sarif = run(place.path(), &["check", "v1", "--format", "sarif"]).stdout;
    assert!(!sarif.contains("\"uri\": \"cmd/agent"), "{sarif}");
}

#[test]
fn what_is_said_in_vain_is_told_where_it_stands() {
    let place = server();
    place.write("clients/none.json", "{}");
    for (config, said) in [
        ("callers = ['clients/gone.json']", "there is no `clients/gone.json` in this version"),
        ("callers = ['clients/none.json']", "this is no list of calls"),
        ("callers = ['../agent.json']", "a list of calls is a file of the repository"),
        ("[[calls]]\nservice = 'acme.v1.Manager'\nrpc = '*'\nreason = ' '", "needs a reason"),
        ("[[calls]]\nservice = '/acme'\nrpc = '*'\nreason = 'x'", "`/acme` is no service"),
        ("[[stub-alias]]\ntype = 'Manager'\nservice = 'acme.v1.Manager'", "does not say where"),
        ("[[ignore-calls]]\nservice='*'\nrpc='*'\nfiles=['a[']\nreason='x'", "no pattern of paths"),
    ] {
        place.write(CONFIG, config);
        let ran = check(&place, &[]);
        assert_eq!(ran.code, 2, "{config}: {}", ran.stdout);
        assert!(ran.stderr.contains(said), "{config}: {}", ran.stderr);
    }
    place.write(CONFIG, "");
    let ran = check(&place, &["--callers", "clients/none.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("clients/none.json"), "{}", ran.stderr);
}

/// Nothing is searched where the change of the sources has nothing to do with calls.
#[test]
fn only_a_change_of_calls_or_servers_is_searched() {
    let place = with_client();
    let searched = |place: &Place| {
        let ran = place.run("check v2 :worktree --format json");
        ran.json()["verdicts"][0]["servers_searched"]["state"].as_str().unwrap().to_owned()
    };
    place.commit_all();
    place.tag("v2");
    for (change, state) in [
        ("// Nothing.\n", "not-needed"),
        ("func log() { println(\"Depart\", len(\"Depart\")) }\n", "not-needed"),
        ("func depart(c acmev1.ManagerClient) { c.Depart(context.TODO(), nil) }\n", "searched"),
        ("func (s *server) Depart(a *acmev1.Agent, b any) {}\n", "searched"),
        ("var server = acmev1.UnimplementedManagerServer{}\n", "searched"),
        ("func serve(s any) { acmev1.RegisterManagerServer(s, nil) }\n", "searched"),
    ] {
        place.write("cmd/agent/main.go", format!("{CLIENT}\n{change}"));
        assert_eq!(searched(&place), state, "{change}");
    }
}

/// A call that one function makes for others fails for those that do not test its error.
#[test]
fn of_those_who_share_a_call_all_have_to_cope() {
    let place = server();
    place.write("go.mod", "module example.com/acme\n");
    let client = |other: &str| {
        format!(
            r#"package main

import (
	"context"

	acmev1 "example.com/acme/api/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func report(ctx context.Context, manager acmev1.ManagerClient) error {{
	_, err := manager.Report(ctx, &acmev1.Agent{{}})
	return err
}}

func one(ctx context.Context, manager acmev1.ManagerClient) error {{
	if err := report(ctx, manager); status.Code(err) != codes.Unimplemented {{
		return err
	}}
	return nil
}}

func other(ctx context.Context, manager acmev1.ManagerClient) error {{
	{other}
}}
"#
        )
    };
    let copes = "if err := report(ctx, manager); status.Code(err) != codes.Unimplemented {\n\
                 \t\treturn err\n\t}\n\treturn nil";
    for (other, level, weight) in
        [(copes, "note", "handled"), ("return report(ctx, manager)", "error", "unhandled")]
    {
        place.write("cmd/agent/main.go", client(other));
        assert_told(&check(&place, &[]), "Report", level, weight, 1);
    }
}
