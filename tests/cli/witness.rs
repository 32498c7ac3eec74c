//! Findings that are proved.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{repo::Place, run::Ran};

const HEAD: &str = "syntax = \"proto2\";\npackage a;\n";

fn proved(base: &str, head: &str, line: &str) -> Ran {
    let service = "service S { rpc Call(Whole) returns (Reply); }\nmessage Reply {}\n";
    let texts = [base, head].map(|text| format!("{HEAD}{service}{text}"));
    Place::versions("a.proto", &texts).run(line)
}

#[test]
fn a_finding_has_its_message_its_bytes_and_what_is_read() {
    let [narrow, wide] = ["int32", "int64"].map(|ty| {
        format!(
            "message Whole {{ repeated Part parts = 3; }} message Part {{ optional {ty} n = 1; }}"
        )
    });
    let ran = proved(&narrow, &wide, "witness Part.n v1 v2");
    ran.answers();
    let expected = "  witness, in a request of /a.S/Call:\n    the client sends a.Whole\n      parts {\n        \
                    n: 8589934597\n      }\n    as 8 bytes\n      1a 06                3 parts: length 6 \
                    bytes\n        08 85 80 80 80 20  1 n: varint 8589934597\n    the server reads a.Whole\n      \
                    parts {\n        n: 5\n      }\n    so `n` is sent as 8589934597 and read as 5\n";
    assert!(ran.stdout.ends_with(expected), "{}", ran.stdout);
    let ran = proved(&narrow, &wide, "check v1 v2 --witness --format json");
    let finding = &ran.json()["verdicts"][0]["findings"][0];
    let part = |depth: u32, number: u32, field: &str, wire_type: &str, bytes: &str, value: &str| {
        json!({
            "depth": depth, "number": number, "field": field, "wire_type": wire_type,
            "bytes": bytes, "value": value,
        })
    };
    let expected = json!({
        "kind": "message", "call": "/a.S/Call", "sender_type": "a.Whole",
        "receiver_type": "a.Whole", "sent": "parts {\n  n: 8589934597\n}\n",
        "bytes": "1a06088580808020",
        "wire": [
            part(0, 3, "parts", "length", "1a06", "6 bytes"),
            part(1, 1, "n", "varint", "088580808020", "8589934597"),
        ],
        "document": null, "read": "parts {\n  n: 5\n}\n", "error": null, "missing": null,
        "harm": "`n` is sent as 8589934597 and read as 5", "cut": null,
    });
    assert_eq!(finding["witness"], expected);
}

#[test]
fn a_call_has_what_each_runtime_shows() {
    let text = "message Whole {}\n";
    let more = format!("{text}service T {{ rpc Call(Whole) returns (Whole); }}");
    let ran = proved(text, &more, "check v1 v2 --witness --format json");
    let witness = &ran.json()["verdicts"][0]["findings"][0]["witness"];
    assert_eq!(witness["kind"], "call");
    assert_eq!(witness["path"], "/a.T/Call");
    let shown = witness["cases"][0]["shown"].as_array().expect("a list");
    let shown: Vec<&Value> = shown.iter().map(|it| &it["message"]).collect();
    let expected = ["unknown service a.T", "Method not found: a.T/Call", "Method not found!", ""];
    assert_eq!(shown, expected);
    let command =
        "grpcurl -plaintext -import-path . -proto a.proto -d '{}' localhost:8080 a.T/Call";
    assert_eq!(witness["command"], command);
}

#[test]
fn what_was_not_found_has_no_witness() {
    let [base, head] =
        ["", "optional int32 known = 1;"].map(|field| format!("message Whole {{ {field} }}"));
    proved(&base, &head, "witness Whole.known v1 v2").answers();
    for (line, said) in [
        ("witness Whole.knwon v1 v2", "did you mean `a.Whole.known`?"),
        ("witness hole.known v1 v2", "nothing was found about `hole.known`"),
        ("witness Whole.known v1 v2 --rule value-rejected", "by `value-rejected`"),
        ("witness Whole.known v1 v2 --rule value-rejectd", "did you mean `value-rejected`"),
        ("witness Whole.known v1 v9", "no revision, folder or descriptor set is named `v9`"),
    ] {
        proved(&base, &head, line).gives_up(&[said]);
    }
}

/// What a schema may hold that a terminal obeys, wherever a witness shows it.
#[test]
fn keys_and_defaults_are_shown_and_not_obeyed() {
    let field = |json: &str, default: &str| {
        format!(
            "message Whole {{ optional string f = 1 [json_name = \"{json}\", default = \"{default}\"]; }}"
        )
    };
    let (base, head) =
        (field("\\x1b[31mold", "\\x1b[2J"), field("\\x1b[31mnew\u{202e}", "\u{9b}2J"));
    for line in [
        "check v1 v2 --witness --codec json",
        "check v1 v2 --witness --codec json --verbose",
        "check v1 v2 --witness --codec json --format json",
        "witness Whole.f v1 v2 --codec json",
    ] {
        let ran = proved(&base, &head, line);
        assert!(ran.stdout.contains("witness"), "{}", ran.stdout);
    }
}

/// Messages without end, without bottom, and without number.
#[test]
fn witnesses_are_bounded() {
    let field = "optional int32 more = 2;";
    let recursive = |more: &str| {
        format!(
            "message Whole {{ required Other other = 1; }}
             message Other {{ required Third third = 1; required Whole whole = 2; required Other self = 3; {more} }}
             message Third {{ required Whole whole = 1; repeated Other others = 2; }}"
        )
    };
    let deep = |more: &str| {
        let mut text = "message Whole { optional M0 m = 1; }\n".to_owned();
        for at in 0..2_000 {
            writeln!(text, "message M{at} {{ optional M{} m = 1; }}", at + 1).ok();
        }
        text + &format!("message M2000 {{ {more} }}")
    };
    let wide = |more: &str| {
        let mut text = "message Whole {\n".to_owned();
        for at in 0..5_000 {
            writeln!(text, "required Wide f{at} = {};", at + 10).ok();
        }
        text + &format!("{more} }}\nmessage Wide {{ required string text = 1; }}")
    };
    let values = |more: &str| {
        let mut text = "message Whole { optional Huge huge = 1; }\nenum Huge {\n".to_owned();
        for at in 0..20_000 {
            writeln!(text, "V{at} = {at};").ok();
        }
        text + more + "}"
    };
    for (base, head, name) in [
        (recursive(""), recursive("optional int32 more = 4;"), "Other.more"),
        (deep(""), deep(field), "M2000.more"),
        (wide(""), wide(field), "Whole.more"),
        (values(""), values("MORE = 20000;"), "Huge.MORE"),
    ] {
        let ran = proved(&base, &head, &format!("witness {name} v1 v2"));
        ran.answers();
        assert!(ran.stdout.contains("witness, in a request of /a.S/Call:"), "{}", ran.stdout);
        assert!(ran.stdout.len() < 20_000, "{} bytes", ran.stdout.len());
        let json = proved(&base, &head, &format!("witness {name} v1 v2 --format json"));
        assert!(json.json()["verdicts"][0]["findings"][0]["witness"].is_object());
        assert!(json.stdout.len() < 1_000_000, "{} bytes", json.stdout.len());
    }
}
