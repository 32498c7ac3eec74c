//! Every client release against every server release.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    json::validator,
    repo::Place,
    since::{service, tagged, with_a_gap},
};

pub(crate) fn matrix(place: &Place, args: &str) -> Value {
    let ran = place.run(&format!("matrix --format json {args}"));
    ran.answers();
    ran.json()
}

/// The cell of two releases, by the classes that they belong to.
pub(crate) fn cell<'j>(matrix: &'j Value, client: &str, server: &str) -> &'j Value {
    let class = |release: &str| {
        let classes = matrix["classes"].as_array().unwrap().iter();
        let mut holding = classes
            .filter(|it| it["releases"].as_array().unwrap().iter().any(|member| member == release));
        holding.next().unwrap()["name"].as_str().unwrap()
    };
    let (client, server) = (class(client), class(server));
    let cells = matrix["cells"].as_array().unwrap();
    cells.iter().find(|it| it["client"] == client && it["server"] == server).unwrap()
}

#[test]
fn every_cell_says_which_calls_fail() {
    let place = with_a_gap();
    let all = matrix(&place, "");
    let classes: Vec<&Value> =
        all["classes"].as_array().unwrap().iter().map(|it| &it["releases"]).collect();
    let expected = json!([["v2.7.0", "v2.8.1"], ["v2.8.0", "v2.8.2"], ["v2.9.0", "v2.10.0"],]);
    assert_eq!(json!(classes), expected);
    let fails = |client, server| &cell(&all, client, server)["calls"];
    assert_eq!(fails("v2.8.0", "v2.8.1"), &json!(["/acme.v1.Manager/Later"]));
    assert_eq!(fails("v2.8.0", "v2.8.2"), &json!([]));
    assert_eq!(fails("v2.8.1", "v2.9.0"), &json!(["/acme.v1.Manager/Old"]));
    assert_eq!(fails("v2.10.0", "v2.7.0"), &json!(["/acme.v1.Manager/Later"]));
    let broken = cell(&all, "v2.8.0", "v2.8.1");
    assert_eq!((&broken["outcome"], &broken["failing"]), (&json!("breaks"), &json!(1)));
    assert_eq!(cell(&all, "v2.8.1", "v2.8.0")["outcome"], "ok");
    assert!(validator(&place, "matrix").is_valid(&all));
    let some = matrix(&place, "--client ^v2.10 --server ^v2.[78]");
    assert_eq!(some["cells"].as_array().unwrap().len(), 2);
}

/// What is accepted until some release tells releases apart that hold the same.
#[test]
fn what_was_accepted_ends_with_a_release() {
    let place = with_a_gap();
    place.write(
        "protoskew.toml",
        "[[allow]]\nrule = \"rpc-unimplemented\"\nsubject = \"acme.v1.Manager.Old\"\n\
         reason = \"nobody calls it\"\nuntil = \"client >= v2.8.2\"\n",
    );
    let all = matrix(&place, "");
    assert_eq!(cell(&all, "v2.8.0", "v2.9.0")["outcome"], "ok");
    assert_eq!(cell(&all, "v2.8.2", "v2.9.0")["calls"], json!(["/acme.v1.Manager/Old"]));
}

#[test]
fn a_grid_shows_releases_that_are_alike_as_one() {
    let place = with_a_gap();
    let said = place.run("matrix");
    said.answers();
    let expected = "\
rows: clients; columns: servers, by the number of their row

                       1   2   3   4   5
1 v2.7.0               ·   ·   ·   ·   1
2 v2.8.0               1   ·   1   ·   1
3 v2.8.1               ·   ·   ·   ·   1
4 v2.8.2               1   ·   1   ·   1
5 v2.9.0 … v2.10.0     1   ·   1   ·   ·
";
    assert!(said.stdout.starts_with(expected), "{}", said.stdout);
    let table = place.run("matrix --format markdown").stdout;
    let row = "| v2.8.0 | **breaks**: 1 call fails | ok | **breaks**: 1 call fails | ok |";
    assert!(table.contains(row), "{table}");
}

/// What the matrix says of a pair is what `check` says of it.
#[test]
fn the_matrix_agrees_with_check() {
    let place = Place::repository();
    let head = "syntax = \"proto3\";\npackage a;\n";
    let texts = [
        "service S { rpc A(M) returns (N); }\nmessage M { int32 a = 1; }\nmessage N { E e = 1; }\n\
         enum E { NO = 0; }",
        // The type of a field, deep in an answer; a new value.
        "service S { rpc A(M) returns (N); }\nmessage M { string a = 1; }\n\
         message N { E e = 1; }\nenum E { NO = 0; YES = 1; }",
        // A stream, and a method that comes with a service of its own.
        "service S { rpc A(M) returns (stream N); }\nservice T { rpc B(N) returns (M); }\n\
         message M { int32 a = 1; N n = 2; }\nmessage N { E e = 1; }\nenum E { NO = 0; }",
        // Other names for the same.
        "service S { rpc A(M2) returns (stream N); }\nmessage M2 { int32 a = 1; N n = 2; }\n\
         message N { E e = 1; }\nenum E { NO = 0; }",
        "service S { rpc B(M) returns (N); }\nmessage M { int64 a = 1; }\nmessage N { int32 e = 1; }",
    ];
    for (at, text) in texts.iter().enumerate() {
        place.write("a.proto", format!("{head}{text}"));
        place.commit_all();
        place.tag(&format!("v1.{at}.0"));
    }
    // The same file in a folder of copies, as it was before.
    place.write("vendor/a.proto", format!("{head}{}", texts[0]));
    place.commit_all();
    place.tag("v1.5.0");
    let all = matrix(&place, "");
    let names: Vec<String> = (0..6).map(|at| format!("v1.{at}.0")).collect();
    let mut outcomes = BTreeSet::new();
    for client in &names {
        for server in &names {
            let cell = cell(&all, client, server);
            let check =
                place.run(&format!("check --client {client} --server {server} --format json"));
            let verdict = &check.json()["verdicts"][0];
            assert_eq!(cell["outcome"], verdict["outcome"], "{client} → {server}: {verdict:#}");
            let findings = verdict["findings"].as_array().unwrap().iter();
            let fails = findings.filter(|it| {
                it["effect"] == "call-fails" && it["flow"] == "call" && it["codec"] == "binary"
            });
            let calls = fails.flat_map(|it| it["calls"].as_array().unwrap());
            let calls: BTreeSet<&str> = calls.map(|it| it.as_str().unwrap()).collect();
            assert_eq!(cell["calls"], json!(calls), "{client} → {server}");
            outcomes.insert(cell["outcome"].as_str().unwrap().to_owned());
        }
    }
    assert!(outcomes.contains("breaks") && outcomes.contains("ok"), "{outcomes:?}");
}

#[test]
fn a_release_that_cannot_be_read_is_unknown_to_all() {
    let place = Place::repository();
    for (tag, text) in [
        ("v1.0.0", service(&["A"])),
        ("v1.1.0", "service {".to_owned()),
        ("v1.2.0", service(&["A", "B"])),
    ] {
        place.write("a.proto", text);
        place.write("b.proto", "syntax = \"proto3\";");
        place.commit_all();
        place.tag(tag);
    }
    let all = matrix(&place, "");
    for (client, server) in [("v1.0.0", "v1.1.0"), ("v1.1.0", "v1.2.0")] {
        let cell = cell(&all, client, server);
        assert_eq!((&cell["outcome"], &cell["calls"]), (&json!("unknown"), &json!([])));
        assert!(cell["reason"].as_str().unwrap().contains("v1.1.0:a.proto:1:"), "{cell}");
    }
    assert_eq!(cell(&all, "v1.2.0", "v1.0.0")["outcome"], "breaks");
}

#[test]
fn services_and_the_configuration_narrow_it() {
    let text = |b: &str| {
        format!(
            "syntax = \"proto3\"; package a; message M {{}}\n\
             service S {{ rpc A(M) returns (M); }} service T {{ rpc A(M) returns (M); {b} }}"
        )
    };
    let place = Place::repository();
    for (tag, b) in [("v1.0.0", ""), ("v1.1.0", "rpc B(M) returns (M);")] {
        place.write("a.proto", text(b));
        place.commit_all();
        place.tag(tag);
    }
    let outcome = |args: &str| {
        let all = matrix(&place, args);
        all["cells"].as_array().unwrap().iter().filter(|it| it["outcome"] == "breaks").count()
    };
    assert_eq!([outcome(""), outcome("--service a.T"), outcome("--service a.S")], [1, 1, 0]);
    place.run("matrix --service a.U").gives_up(&["no service is named `a.U`"]);
    place.write("protoskew.toml", "[[boundary]]\nname = \"s\"\nservices = [\"a.S\"]\n");
    assert_eq!(outcome(""), 0);
    let allow =
        "[[allow]]\nrule = \"rpc-unimplemented\"\nsubject = \"a.T.B\"\nreason = \"known\"\n";
    place.write("protoskew.toml", allow);
    assert_eq!([outcome(""), outcome("--no-config")], [0, 1]);
}

/// Names of tags are text, in a page too.
#[test]
fn a_page_holds_no_markup_but_its_own() {
    let place = tagged(&[("v1.0.0", &["A"]), ("v1.1.0-<img>\"'&", &["A", "B"])]);
    let page = place.run("matrix --pre-releases --format html");
    page.answers();
    assert!(page.stdout.starts_with("<!doctype html>"));
    assert!(page.stdout.contains("v1.1.0-&lt;img&gt;&quot;&#39;&amp;"), "{}", page.stdout);
    assert!(!page.stdout.contains("<img"));
    // Nothing is loaded from anywhere.
    for outside in ["http://", "https://", "src=\"", "href=", "url(", "@import"] {
        assert!(!page.stdout.contains(outside), "{outside}");
    }
    let plain = page.stdout.split("<script").next().unwrap();
    assert!(plain.contains(">1</td>"), "a table without scripts: {plain}");
    let table = place.run("matrix --pre-releases --format markdown").stdout;
    assert!(table.contains("v1.1.0-&lt;img&gt;\"'&amp;"), "{table}");
}

/// Whoever interrupts it finds nothing half written: it waits for its configuration, and is ended.
#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_leaves_nothing_behind() {
    use std::{process::Command, thread::sleep, time::Duration};
    let place = with_a_gap();
    let made = Command::new("mkfifo").arg("pipe").current_dir(place.path()).status();
    assert!(made.expect("mkfifo is part of every unix").success());
    let before = place.names(".");
    let mut command = crate::run::program(place.path());
    let args = ["matrix", "--config", "pipe", "--format", "html", "-o", "page.html"];
    let mut child = command.args(args).spawn().expect("the program starts");
    sleep(Duration::from_millis(200));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    assert_eq!(crate::run::wait(&mut child), None, "a signal ends it");
    assert_eq!(place.names("."), before);
}
