//! What sources say, over the releases of a history.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    json::validator,
    matrix::{cell, matrix},
    repo::Place,
};

/// Watching takes a stream.
fn kind(method: &str) -> &str {
    if method.starts_with("Watch") { "stream" } else { "" }
}

/// One release: what its schema has, and what its client and its server do.
struct Release<'r> {
    tag: &'r str,
    methods: &'r [&'r str],
    /// Statements of the client.
    calls: &'r [String],
    /// Methods that its server answers.
    answers: &'r [&'r str],
    /// Methods that its server refuses by hand.
    refuses: &'r [&'r str],
}

/// A call whose error goes on.
fn plain(method: &str) -> String {
    format!("\tif _, err := manager.{method}(ctx, self); err != nil {{\n\t\treturn err\n\t}}\n")
}

/// A call whose caller copes.
fn coping(method: &str) -> String {
    format!(
        "\tif _, err := manager.{method}(ctx, self); status.Code(err) == codes.Unimplemented {{\n\
         \t\treturn nil\n\t}}\n"
    )
}

/// A stream, and a test that sees its opening only.
fn opening(method: &str) -> String {
    format!(
        "\tstream, err := manager.{method}(ctx, self)\n\
         \tif status.Code(err) == codes.Unimplemented {{\n\t\treturn nil\n\t}}\n\
         \tif _, err = stream.Recv(); err != nil {{\n\t\treturn err\n\t}}\n"
    )
}

/// A call that is made only with servers from a version on.
fn gated(method: &str, since: &str) -> String {
    format!(
        "\tif version.GE(semver.MustParse(\"{since}\")) {{\n\
         \t\tif _, err := manager.{method}(ctx, self); err != nil {{\n\t\t\treturn err\n\t\t}}\n\t}}\n"
    )
}

fn schema(methods: &[&str]) -> String {
    let methods: Vec<String> = methods
        .iter()
        .map(|it| format!("rpc {it}(Agent) returns ({} Agent);\n", kind(it)))
        .collect();
    format!(
        "syntax = \"proto3\";\npackage acme.v1;\n\
         option go_package = \"example.com/acme/api/v1;acmev1\";\n\
         service Manager {{\n{}}}\nmessage Agent {{}}\n",
        methods.concat()
    )
}

fn client(calls: &[String]) -> String {
    format!(
        "package main\n\nimport (\n\t\"context\"\n\n\tacmev1 \"example.com/acme/api/v1\"\n\
         \t\"github.com/blang/semver\"\n\
         \t\"google.golang.org/grpc/codes\"\n\t\"google.golang.org/grpc/status\"\n)\n\n\
         func run(ctx context.Context, manager acmev1.ManagerClient, self *acmev1.Agent, version \
         semver.Version) error {{\n\
         {}\treturn nil\n}}\n",
        calls.concat()
    )
}

fn server(answers: &[&str], refuses: &[&str]) -> String {
    let method = |name: &&str, body: &str| {
        format!(
            "func (m *manager) {name}(ctx context.Context, agent *acmev1.Agent) (*acmev1.Agent, \
             error) {{\n\treturn {body}\n}}\n\n"
        )
    };
    let answers = answers.iter().map(|it| method(it, "agent, nil"));
    let refused = "nil, status.Error(codes.Unimplemented, \"no longer\")";
    let refuses = refuses.iter().map(|it| method(it, refused));
    let methods: String = answers.chain(refuses).collect();
    format!(
        "package main\n\nimport (\n\t\"context\"\n\n\tacmev1 \"example.com/acme/api/v1\"\n\
         \t\"google.golang.org/grpc\"\n\t\"google.golang.org/grpc/codes\"\n\
         \t\"google.golang.org/grpc/status\"\n)\n\n\
         type manager struct {{\n\tacmev1.UnimplementedManagerServer\n}}\n\n\
         func serve(server *grpc.Server) {{\n\tacmev1.RegisterManagerServer(server, &manager{{}})\n\
         }}\n\n{methods}"
    )
}

fn write(place: &Place, release: &Release<'_>) {
    place.write("go.mod", "module example.com/acme\n");
    place.write("api/manager.proto", schema(release.methods));
    place.write("cmd/agent/main.go", client(release.calls));
    place.write("cmd/manager/main.go", server(release.answers, release.refuses));
}

fn history(releases: &[Release<'_>]) -> Place {
    let place = Place::repository();
    for release in releases {
        write(&place, release);
        place.write("VERSION", release.tag);
        place.commit_all();
        place.tag(release.tag);
    }
    place
}

/// Releases with one schema and other sources are not one, and those that go on refusing a call are
/// met as well as the one that began to.
#[test]
fn a_window_is_searched_as_a_whole() {
    let methods = &["Arrive", "Update"];
    let calls = &[plain("Arrive"), plain("Update")];
    let answering = &["Arrive", "Update"][..];
    let refusing = (&["Arrive"][..], &["Update"][..]);
    let release = |tag, (answers, refuses)| Release { tag, methods, calls, answers, refuses };
    let place = history(&[
        release("v1.0.0", (answering, &[])),
        release("v1.1.0", refusing),
        release("v1.2.0", (&["Extra", "Arrive"], &["Update"])),
    ]);
    place.write("cmd/agent/doc.go", "// Package main is the agent.\npackage main\n");
    let ran = place.run("check --window=client=4,server=4 --format json");
    let verdicts = ran.json()["verdicts"].clone();
    let hits = |at: usize| -> Value {
        let findings = verdicts[at]["findings"].as_array().unwrap().iter();
        findings.map(|it| json!([it["rule"], it["level"], it["releases"]])).collect()
    };
    let hit = |level: &str, oldest: &str, count: usize| json!([["rpc-refused", level, { "oldest": oldest, "newest": "v1.2.0", "count": count }]]);
    assert_eq!(hits(0), hit("warning", "v1.1.0", 2));
    assert_eq!(hits(1), hit("error", "v1.0.0", 3));
    assert_eq!(verdicts[0]["calls_searched"]["state"], "searched");
    // Of several releases, the newest is the one whose lines are shown.
    let refused = &verdicts[0]["findings"][0]["evidence"]["served"][0];
    let text = place.read("cmd/manager/main.go");
    let line = text.lines().position(|it| it.contains(") Update(")).unwrap() + 1;
    assert_eq!(refused["line"], line);
}

/// A client of another repository says that it copes, in a file that the configuration names.
#[test]
fn a_fleet_hears_what_other_repositories_publish() {
    let place = Place::versions("api/manager.proto", &[schema(&["Old"]), schema(&["New"])]);
    let fleet = "[[component]]\nname = 'server'\nserves = ['acme.v1.Manager']\n\
                 [[component]]\nname = 'client'\ncalls = ['acme.v1.Manager']\n\
                 [[environment]]\nname = 'live'\n[environment.deployed]\n\
                 server = ['v1']\nclient = ['v1']\n";
    place.write("fleet.toml", fleet);
    let published = json!({
        "format": 1,
        "sites": [{
            "service": "acme.v1.Manager", "rpc": "Old", "file": "agent.go", "line": 3,
            "function": "run", "resolution": "resolved", "handling": "tests-unimplemented",
            "at": { "file": "agent.go", "line": 4 },
        }],
        "unresolved": [], "served": [], "incomplete": [],
    });
    place.write("clients/agent.json", published.to_string());
    let codes = || {
        ["can-i-deploy", "plan"]
            .map(|it| place.run(&format!("{it} --calls --upgrade server=v2")).code)
    };
    assert_eq!(codes(), [1, 1]);
    place.write("protoskew.toml", "callers = [\"clients/agent.json\"]\n");
    assert_eq!(codes(), [0, 0]);
}

/// Whoever names both ends asks whether these two go together, and not what an upgrade brings.
#[test]
fn between_two_ends_that_were_named_nothing_was_there_before() {
    let methods = &["Arrive", "Update"];
    let calls = &[plain("Arrive"), plain("Update")];
    let release = |tag| Release { tag, methods, calls, answers: &["Arrive"], refuses: &["Update"] };
    let place = history(&[release("v1.0.0"), release("v1.1.0")]);
    let levels = |args: &str| -> Vec<Value> {
        let ran = place.run(&format!("check {args} --calls --format json"));
        let verdicts = ran.json()["verdicts"].as_array().unwrap().clone();
        verdicts.iter().map(|it| it["findings"][0]["level"].clone()).collect()
    };
    assert_eq!(levels("v1.0.0 v1.1.0"), ["warning", "warning"]);
    assert_eq!(levels("--client v1.1.0 --server v1.0.0"), ["error"]);
}

/// Calls that are added, removed, gated, handled, never made, refused, and refused no longer.
fn long_history() -> Place {
    let all = &["Arrive", "Update", "Report", "Review", "Watch", "Rest"][..];
    let calls = [plain("Arrive"), plain("Update")];
    let more = [&calls[..], &[plain("Report"), coping("Review"), opening("Watch")]].concat();
    let late = [&calls[..], &[gated("Old", "1.0.0"), coping("Report"), opening("Watch")]].concat();
    let old = &["Arrive", "Update", "Old"][..];
    let release =
        |tag, methods, calls, answers, refuses| Release { tag, methods, calls, answers, refuses };
    let first = [&calls[..], &[gated("Old", "1.0.0")]].concat();
    let without = &["Arrive", "Report", "Review", "Watch", "Rest"][..];
    history(&[
        release("v1.0.0", old, &first, old, &[]),
        release("v1.1.0", old, &first, &["Arrive", "Old"], &["Update"]),
        release("v1.1.1", old, &first, &["Arrive", "Old"], &["Update"]),
        release("v1.2.0", all, &more, without, &["Update"]),
        release("v1.3.0", all, &late, &["Arrive", "Watch"], &["Update", "Report", "Rest"]),
        release("v1.4.0", all, &more, all, &[]),
    ])
}

/// Each cell of a matrix says what `check` says of its two releases. What was seen of calls.
#[track_caller]
fn assert_agrees(place: &Place, found: &Value, releases: &[&str]) -> BTreeSet<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (at, client) in releases.iter().enumerate() {
        for (before, server) in releases.iter().enumerate() {
            let args = match at.cmp(&before) {
                std::cmp::Ordering::Less => format!("{client} {server} --pairing newer-server"),
                std::cmp::Ordering::Greater => format!("{server} {client} --pairing newer-client"),
                std::cmp::Ordering::Equal => format!("--client {client} --server {server}"),
            };
            let ran = place.run(&format!("check {args} --calls --format json"));
            let verdict = &ran.json()["verdicts"][0];
            let told = Told::by_check(verdict);
            let cell = cell(found, client, server);
            assert_eq!(Told::by_matrix(cell), told, "{client} → {server}: {cell:#} {verdict:#}");
            // No upgrade brings what is so already, and a cell is about no upgrade.
            if !told.before {
                assert_eq!(cell["outcome"], verdict["outcome"], "{client} → {server}");
            }
            let keys = ["calls", "handled", "uncalled"];
            seen.extend(keys.iter().filter(|it| cell[**it] != json!([])).map(|it| it.to_string()));
        }
    }
    seen
}

/// What a matrix that reads sources says of two releases is what `check` says of them.
#[test]
fn a_matrix_of_sources_agrees_with_check() {
    let place = long_history();
    let releases = ["v1.0.0", "v1.1.0", "v1.1.1", "v1.2.0", "v1.3.0", "v1.4.0"];
    let found = matrix(&place, "--calls");
    assert!(validator(&place, "matrix").is_valid(&found));
    let seen = assert_agrees(&place, &found, &releases);
    assert_eq!(seen.len(), 3, "{seen:?}");
    // Releases of which the sources come to the same are one.
    assert_eq!(found["classes"].as_array().unwrap().len(), 5);
    // The gate lets newer servers through.
    let old = &found["classes"][0]["calls"].as_array().unwrap()[0];
    let told = [&old["call"], &old["weight"], &old["weight_with_newer"]];
    assert_eq!(json!(told), json!(["/acme.v1.Manager/Old", "handled", "unhandled"]));
    let failing = &cell(&found, "v1.0.0", "v1.2.0")["calls"];
    assert_eq!(failing, &json!(["/acme.v1.Manager/Old", "/acme.v1.Manager/Update"]));
}

#[test]
fn a_grid_says_what_was_searched_and_what_is_refused_anyway() {
    let place = long_history();
    place.clear();
    place.write("api/manager.proto", schema(&["Arrive", "Report"]));
    place.commit_all();
    place.tag("v1.5.0");
    let said = place.run("matrix --calls").stdout;
    for line in [
        "6 v1.5.0 ",
        "call sites: searched in 6 of 7 releases; calls that nobody makes,",
        "call sites: not searched in v1.5.0: no sources of ",
        "refused between client and server of one release: /acme.v1.Manager/Update, v1.1.0 … v1.3.0 \
         (4 releases)\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!place.run("matrix").stdout.contains("call sites"));
}

#[test]
fn a_grid_shows_where_nobody_needs_what_is_missing() {
    let calls = [plain("Arrive"), coping("Review")];
    let release =
        |tag, methods, calls| Release { tag, methods, calls, answers: methods, refuses: &[] };
    let place = history(&[
        release("v1.0.0", &["Arrive"], &calls[..1]),
        release("v1.1.0", &["Arrive", "Review", "Rest"], &calls),
    ]);
    let said = place.run("matrix --calls").stdout;
    for line in
        ["1 v1.0.0     ·   ·\n", "2 v1.1.0     ◦   ·\n", "◦ ok: a call that fails is not made"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    let table = place.run("matrix --calls --format markdown").stdout;
    assert!(table.contains("| v1.1.0 | ok: 2 calls not made, or handled | ok |"), "{table}");
    let page = place.run("matrix --calls --format html").stdout;
    let title = "v1.1.0 client, v1.0.0 server: ok, 2 calls not made or handled";
    assert!(page.contains(title), "{page}");
    assert!(page.contains("v1.1.0: called at cmd/agent/main.go:"), "{page}");
}

/// Calls that fail, and those that would.
#[derive(Debug, Default)]
struct Told {
    failing: BTreeSet<String>,
    handled: BTreeSet<String>,
    uncalled: BTreeSet<String>,
    /// Some of them fail between two programs of the older release, too.
    before: bool,
}

impl PartialEq for Told {
    fn eq(&self, other: &Told) -> bool {
        let key = |it: &Told| (it.failing.clone(), it.handled.clone(), it.uncalled.clone());
        key(self) == key(other)
    }
}

impl Told {
    fn by_matrix(cell: &Value) -> Told {
        let of = |key: &str| {
            let calls = cell[key].as_array().unwrap().iter();
            calls.map(|it| it.as_str().unwrap().to_owned()).collect()
        };
        let [failing, handled, uncalled] = ["calls", "handled", "uncalled"].map(of);
        Told { failing, handled, uncalled, before: false }
    }

    fn by_check(verdict: &Value) -> Told {
        let mut told = Told::default();
        for finding in verdict["findings"].as_array().unwrap() {
            let fails = finding["effect"] == "call-fails" && finding["flow"] == "call";
            if !fails {
                continue;
            }
            told.before |= finding["evidence"]["before"] == true;
            for call in finding["calls"].as_array().unwrap() {
                let list = match finding["evidence"]["weight"].as_str().unwrap() {
                    "handled" => &mut told.handled,
                    "uncalled" => &mut told.uncalled,
                    _ => &mut told.failing,
                };
                list.insert(call.as_str().unwrap().to_owned());
            }
        }
        told.handled.retain(|it| !told.failing.contains(it));
        told
    }
}

/// The same client meets the same server before it and after it, and its gate asks for a version.
#[test]
fn a_call_that_comes_back_is_gated_from_one_side_only() {
    let (with, without) = (&["Arrive", "Old"][..], &["Arrive"][..]);
    let (gated, plain) = ([plain("Arrive"), gated("Old", "1.0.0")], [plain("Arrive")]);
    let release =
        |tag, methods, calls| Release { tag, methods, calls, answers: methods, refuses: &[] };
    let place = history(&[
        release("v1.0.0", with, &gated),
        release("v1.1.0", without, &plain),
        release("v1.2.0", with, &gated),
    ]);
    let found = matrix(&place, "--calls");
    assert_agrees(&place, &found, &["v1.0.0", "v1.1.0", "v1.2.0"]);
    assert_eq!(cell(&found, "v1.0.0", "v1.1.0")["outcome"], "breaks");
    assert_eq!(cell(&found, "v1.2.0", "v1.1.0")["outcome"], "ok");
}

/// The first of the releases that are met may be as the newest is, and another one not.
#[test]
fn any_release_of_a_window_may_ask_for_a_search() {
    let methods = &["Arrive", "Update"];
    let calls = &[plain("Arrive"), plain("Update")];
    let refusing = (&["Arrive"][..], &["Update"][..]);
    let release = |tag, (answers, refuses)| Release { tag, methods, calls, answers, refuses };
    let place = history(&[
        release("v1.0.0", refusing),
        release("v1.1.0", (methods, &[])),
        release("v1.2.0", refusing),
    ]);
    let ran = place.run("check --window=client=4,server=4 --format json");
    let searched = ran.json()["verdicts"][0]["calls_searched"]["state"].clone();
    assert_eq!(searched, "searched");
}
