//! Lines of logs, answered from the releases of a repository.

use std::{io::Write as _, process::Stdio};

use serde_json::{Value, json};

use crate::{
    json::validator,
    repo::Place,
    run::program,
    since::{tagged, with_a_gap},
};

fn explain(place: &Place, line: &str, more: &[&str]) -> Value {
    let ran = place.run_with(&[&["explain", line, "--format", "json"], more].concat());
    ran.answers();
    let json = ran.json();
    let said = validator(place, "explain").iter_errors(&json).map(|it| it.to_string()).next();
    assert_eq!(said, None);
    json
}

const LATER: &str =
    "rpc error: code = Unimplemented desc = unknown method Later for service acme.v1.Manager";

#[test]
fn a_method_that_came_went_and_came_again() {
    let place = with_a_gap();
    let answer = &explain(&place, LATER, &[])["answers"][0];
    assert_eq!(answer["cause"], "skew");
    assert_eq!(answer["runtime"], "grpc-go");
    let subject = &answer["subjects"][0];
    assert_eq!(subject["name"], "/acme.v1.Manager/Later");
    assert_eq!(subject["declared"], json!([["v2.8.0", "v2.8.0"], ["v2.8.2", "v2.10.0"]]));
    assert_eq!(subject["lacking"], json!([["v2.7.0", "v2.7.0"], ["v2.8.1", "v2.8.1"]]));
    assert_eq!(subject["upgrade_server_to"], "v2.8.2");
    assert_eq!(subject["take_client_back_to"], "v2.8.1");
}

#[test]
fn the_two_ends_decide() {
    let place = with_a_gap();
    for (client, server, cause, up, back) in [
        ("v2.8.0", "v2.7.0", "skew", json!("v2.8.0"), json!("v2.7.0")),
        ("v2.8.0", "v2.8.1", "skew", json!("v2.8.2"), json!("v2.7.0")),
        ("v2.10.0", "v2.8.1", "skew", json!("v2.8.2"), json!("v2.8.1")),
        ("v2.10.0", "v2.9.0", "elsewhere", json!("v2.9.0"), json!("v2.8.1")),
    ] {
        let json = explain(&place, LATER, &["--client", client, "--server", server]);
        let (answer, ends) = (&json["answers"][0], (client, server));
        assert_eq!(answer["cause"], cause, "{ends:?}");
        assert_eq!(answer["subjects"][0]["upgrade_server_to"], up, "{ends:?}");
        assert_eq!(answer["subjects"][0]["take_client_back_to"], back, "{ends:?}");
    }
    place
        .run("explain unknown method Later for service acme.v1.Manager --server v2.8")
        .gives_up(&["no release is named `v2.8`", "did you mean `v2.8."]);
}

#[test]
fn a_method_that_was_removed_is_no_reason_to_upgrade_the_server() {
    let place = with_a_gap();
    let line = "UNIMPLEMENTED: Method not found: acme.v1.Manager/Old";
    let subject = &explain(&place, line, &["--server", "v2.10.0"])["answers"][0]["subjects"][0];
    assert_eq!(subject["upgrade_server_to"], Value::Null);
    assert_eq!(subject["take_server_back_to"], "v2.8.2");
    assert_eq!(subject["upgrade_client_to"], "v2.9.0");
}

#[test]
fn a_part_of_a_name_means_all_that_end_in_it() {
    let place = tagged(&[("v1.0.0", &["Get"]), ("v1.1.0", &["Get", "Put"])]);
    let json = explain(&place, "unknown method Put for service Manager", &[]);
    assert_eq!(json["answers"][0]["subjects"][0]["name"], "/acme.v1.Manager/Put");
    // A renamed package is nearer than a name that is spelled alike.
    let json = explain(&place, "unknown method Put for service acme.v1beta1.Manager", &[]);
    assert_eq!(json["answers"][0]["cause"], "not-declared");
    assert_eq!(json["answers"][0]["near"], json!(["/acme.v1.Manager/Put"]));
}

#[test]
fn words_that_exclude_the_schema_win_over_the_releases() {
    let place = with_a_gap();
    for line in [
        "code = Unimplemented desc = method Later not implemented",
        "Method acme.v1.Manager/Later is unimplemented",
        "grpc: Decompressor is not installed for grpc-encoding \"zstd\"",
    ] {
        let answer = &explain(&place, line, &[])["answers"][0];
        assert_eq!(answer["cause"], "elsewhere", "{line}");
        assert!(!answer["look"].as_array().unwrap().is_empty(), "{line}");
    }
}

#[test]
fn without_a_name_the_two_ends_tell_what_may_fail() {
    let place = with_a_gap();
    let ends = ["--client", "v2.10.0", "--server", "v2.8.1"];
    let json = explain(&place, "details = \"Method not found!\"", &ends);
    assert_eq!(json["answers"][0]["cause"], "no-name");
    assert_eq!(json["failing"], json!(["/acme.v1.Manager/Later"]));
    let json = explain(&place, "details = \"Method not found!\"", &ends[..2]);
    assert_eq!(json["failing"], Value::Null);
}

#[test]
fn releases_that_cannot_be_read_make_the_answer_unknown() {
    let place = tagged(&[("v1.0.0", &["Get"]), ("v1.1.0", &["Get"])]);
    place.write("api/manager.proto", "syntax = \"proto3\"; package acme.v1; service Manager { rpc");
    place.commit_all();
    place.tag("v1.2.0");
    let line = "UNIMPLEMENTED: Method not found: acme.v1.Manager/Get";
    for (more, cause) in [
        (&[] as &[&str], "unknown"),
        (&["--server", "v1.2.0"], "unknown"),
        (&["--server", "v1.1.0"], "elsewhere"),
    ] {
        assert_eq!(explain(&place, line, more)["answers"][0]["cause"], cause, "{more:?}");
    }
}

#[test]
fn a_log_on_stdin_may_be_anything() {
    let place = with_a_gap();
    let mut hostile = b"\xff\xfe\x1b[31m\x00 noise\n".repeat(50_000);
    hostile.extend_from_slice(b"\x1b[1munknown method \x1b[0mLater for service acme.v1.Manager\n");
    for (log, code, said) in [
        (hostile, 0, "/acme.v1.Manager/Later"),
        (LATER.as_bytes().to_vec(), 0, "declared by      v2.8.0, v2.8.2 and later"),
        (b"\n \n".to_vec(), 2, "no rule is named ``"),
        (b"\x00\xff\x1b]0;title\x07".repeat(100_000), 2, "nothing in this text"),
    ] {
        let mut child = program(place.path())
            .args(["explain", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&log)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(said), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn what_is_neither_a_rule_nor_a_log_is_said_so() {
    let place = with_a_gap();
    place.run("explain rpc-unimplementd").gives_up(&["did you mean `rpc-unimplemented`"]);
    place.run("explain connection refused").gives_up(&["nothing in this text"]);
    Place::empty().run("explain unknown service a.B").gives_up(&["is not in a git repository"]);
}
