//! JSON is a contract: the schema that the program prints, and the words of it that others use.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{
    fixtures::{FILE, descriptor_set, proto, two_versions},
    repo::Place,
    support::entries,
};

#[test]
fn reports_are_what_their_schema_says() {
    let place = history();
    let [check, diff] = ["check", "diff"].map(|of| validator(&place, of));
    for line in [
        "check v1 v2",
        "check v2 v1",
        "check v1 v1",
        "check v1 v2 --pairing newer-client",
        "check --client v1 --server v2",
        "check v1 broken",
        "check gone-import v2",
        "check set.binpb v2",
        "check",
        "diff v1 v2",
        "diff v2 v1",
        "diff v1 v1",
        "diff v1 set.binpb",
    ] {
        let ran = place.run(&format!("{line} --format json"));
        let validator = if line.starts_with("check") { &check } else { &diff };
        assert_valid(validator, &ran.json(), line);
    }
    assert_eq!(place.run("check v1 broken --format json").code, 2);
}

/// Every rule that there is, in both pairings.
#[test]
fn every_finding_is_what_the_schema_says() {
    let place = two_versions();
    let [check, diff] = ["check", "diff"].map(|of| validator(&place, of));
    let mut rules = 0;
    for rule in entries("testdata/rules") {
        let [base, head] = ["base", "head"].map(|side| rule.join(side).canonicalize().unwrap());
        let of = |command| {
            let versions = [command, base.to_str().unwrap(), head.to_str().unwrap()];
            place.run_with(&[&versions[..], &["--format", "json"]].concat()).json()
        };
        let report = of("check");
        assert_valid(&check, &report, rule.to_str().unwrap());
        assert_valid(&diff, &of("diff"), rule.to_str().unwrap());
        rules += 1;
    }
    assert!(rules > 0);
}

/// The schema itself is held to its words: no renaming goes by unseen.
#[test]
fn the_contract_is_spelled_out() {
    let place = two_versions();
    let check = schema(&place, "check");
    let keys = |name: &str| keys(&check, name);
    assert_eq!(keys(""), ["format", "stale", "tool", "verdicts", "versions"]);
    assert_eq!(keys("Tool"), ["name", "version"]);
    for key in ["name", "commit", "files", "services", "methods"] {
        assert!(keys("Version").contains(&key.to_owned()), "{key}");
    }
    let verdict = [
        "calls_searched",
        "client",
        "findings",
        "outcome",
        "pairing",
        "reason",
        "server",
        "servers_searched",
    ];
    assert_eq!(keys("Verdict"), verdict);
    for key in [
        "rule", "effect", "level", "flow", "codec", "codecs", "subject", "message", "calls",
        "base", "head", "allowed", "evidence", "witness",
    ] {
        assert!(keys("Finding").contains(&key.to_owned()), "{key}");
    }
    assert_eq!(keys("Site"), ["column", "file", "line"]);
    assert_eq!(keys("Allowed"), ["by", "reason"]);
    for key in ["rule", "subject", "reason", "by", "why", "level", "message", "at"] {
        assert!(keys("Stale").contains(&key.to_owned()), "{key}");
    }
    let words = |name: &str| words(&check, name);
    assert_eq!(words("Pairing"), ["explicit", "newer-client", "newer-server"]);
    assert_eq!(words("Outcome"), ["breaks", "degrades", "ok", "unknown"]);
    assert_eq!(words("Effect"), ["call-fails", "ignored", "lost", "misread", "unset"]);
    assert_eq!(words("Flow"), ["call", "request", "response"]);
    assert_eq!(words("Codec"), ["binary", "json"]);
    assert_eq!(words("Weight"), ["handled", "open", "uncalled", "unhandled", "unsure"]);
    for level in ["error", "note", "warning"] {
        assert!(words("Level").contains(&level.to_owned()), "{level}");
    }

    let diff = schema(&place, "diff");
    assert_eq!(self::keys(&diff, ""), ["base", "changes", "format", "head", "tool"]);
    assert_eq!(self::keys(&diff, "Difference"), ["base", "change", "head", "kind", "name"]);
    assert_eq!(self::words(&diff, "ChangeKind"), ["added", "modified", "removed"]);
    let kinds = ["enum", "enum-value", "field", "message", "method", "service"];
    assert_eq!(self::words(&diff, "Kind"), kinds);
}

#[test]
fn a_report_spelled_out() {
    let place = history();
    let commit = |tag: &str| place.git().revparse_single(tag).unwrap().id().to_string();
    let report = place.run("check v1 v2 --pairing newer-client --format json").json();
    let version = |tag: &str, methods: u32| {
        json!({
            "name": tag, "commit": commit(tag), "files": 1, "services": 1, "methods": methods,
            "read": 1, "broken": 0, "missing_imports": 0, "duplicates": 0,
        })
    };
    assert_eq!(report["format"], 1);
    assert_eq!(report["tool"], json!({"name": "protoskew", "version": env!("CARGO_PKG_VERSION")}));
    assert_eq!(report["versions"], json!([version("v1", 1), version("v2", 2)]));
    assert_eq!(report["stale"], json!([]));
    // What a message says may change; that there is one may not.
    let message = &report["verdicts"][0]["findings"][0]["message"];
    assert!(message.as_str().is_some_and(|it| it.contains("Call2")), "{message}");
    let verdict = json!({
        "client": "v2", "server": "v1", "pairing": "newer-client", "outcome": "breaks",
        "reason": null,
        "calls_searched": {
            "state": "not-searched", "files": null,
            "reason": "no sources of Go, Python, Java, Kotlin, Rust or TypeScript in v2",
        },
        "servers_searched": {
            "state": "not-searched", "files": null,
            "reason": "no sources of Go, Python, Java, Kotlin, Rust or TypeScript in v1",
        },
        "findings": [{
            "rule": "rpc-unimplemented", "effect": "call-fails", "level": "error", "flow": "call",
            "codec": "binary", "codecs": ["binary"], "subject": "acme.v1.Manager.Call2",
            "message": message, "calls": ["/acme.v1.Manager/Call2"],
            "base": null, "head": {"file": FILE, "line": 6, "column": 3}, "allowed": null,
            "evidence": null, "releases": null, "witness": null,
        }],
    });
    assert_eq!(report["verdicts"], json!([verdict]));
}

/// One fact is said once, and whoever looks for what happens in JSON finds it.
#[test]
fn a_finding_says_all_forms_in_which_it_happens() {
    let [base, head] = ["", "required int32 size = 1;"].map(|field| {
        format!(
            "syntax = \"proto2\"; package acme; import \"google/api/annotations.proto\";
             service S {{ rpc Bound(In) returns (In) {{
               option (google.api.http) = {{ post: \"/in\" body: \"*\" }};
             }} }}
             message In {{ {field} }}"
        )
    });
    let place = Place::versions("s.proto", &[base, head]);
    let forms = |line: &str| -> Vec<Value> {
        let report = place.run(line).json();
        let findings = report["verdicts"][0]["findings"].as_array().expect("a list").clone();
        let about = findings.into_iter().filter(|it| it["rule"] == "required-field-missing");
        about.map(|it| json!([it["flow"], it["codec"], it["codecs"]])).collect()
    };
    assert_eq!(
        forms("check v1 v2 --pairing newer-server --format json"),
        [json!(["request", "binary", ["binary", "json"]])]
    );
    assert_eq!(
        forms("check v1 v2 --pairing newer-server --codec json --format json"),
        [json!(["request", "binary", ["binary"]]), json!(["request", "json", ["json"]])]
    );
}

/// A side that cannot be read is unknown, and the report says so: it is whole all the same.
#[test]
fn an_unknown_verdict_has_its_reason_and_nothing_else() {
    let report = history().run("check v1 broken --format json").json();
    let version = &report["versions"][1];
    assert_eq!(version["name"], "broken");
    assert!(version["commit"].is_string());
    for count in ["files", "services", "methods", "missing_imports", "duplicates"] {
        assert_eq!(version[count], Value::Null, "{count}");
    }
    for verdict in report["verdicts"].as_array().unwrap() {
        assert_eq!(verdict["outcome"], "unknown");
        assert_eq!(verdict["findings"], json!([]));
        let reason = verdict["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("`broken` cannot be compiled: broken:api/acme.proto:10:9: expected"),
            "{reason}"
        );
    }
}

#[test]
fn a_version_without_a_commit_has_none() {
    let place = history();
    for source in [":worktree", ":index", "api", "set.binpb"] {
        let report = place.run(&format!("check v1 {source} --format json")).json();
        assert_eq!(report["versions"][1]["commit"], Value::Null, "{source}");
        assert!(report["versions"][0]["commit"].is_string(), "{source}");
    }
}

/// Good versions, and bad ones.
fn history() -> Place {
    let place = two_versions();
    place.write(FILE, proto(2) + "message {}");
    place.commit_all();
    place.tag("broken");
    place.write(FILE, proto(1).replace("package", "import \"gone.proto\"; package"));
    place.commit_all();
    place.tag("gone-import");
    place.write("set.binpb", descriptor_set(3));
    place
}

fn schema(place: &Place, of: &str) -> Value {
    let ran = place.run(&format!("schema {of}"));
    ran.answers();
    ran.json()
}

pub(crate) fn validator(place: &Place, of: &str) -> Validator {
    let schema = schema(place, of);
    jsonschema::meta::validate(&schema).expect("a valid schema");
    jsonschema::validator_for(&schema).expect("a schema")
}

#[track_caller]
fn assert_valid(validator: &Validator, report: &Value, of: &str) {
    let faults: Vec<String> = validator
        .iter_errors(report)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{of}: {faults:#?}");
}

/// A definition of a schema; the empty name is the whole.
fn definition<'s>(schema: &'s Value, name: &str) -> &'s Value {
    if name.is_empty() { schema } else { &schema["$defs"][name] }
}

/// The keys of an object, all of which are always there.
#[track_caller]
fn keys(schema: &Value, name: &str) -> Vec<String> {
    let definition = definition(schema, name);
    let properties = definition["properties"].as_object().expect("it is an object");
    let mut keys: Vec<String> = properties.keys().cloned().collect();
    keys.sort();
    keys
}

/// The words that a value may be.
#[track_caller]
fn words(schema: &Value, name: &str) -> Vec<String> {
    let definition = definition(schema, name);
    let alone = definition["enum"].as_array().into_iter().flatten();
    // Words that are explained stand apart.
    let explained = definition["oneOf"].as_array().into_iter().flatten();
    let explained = explained.flat_map(|it| {
        let several = it["enum"].as_array().into_iter().flatten();
        several.chain(it.get("const"))
    });
    let words = alone.chain(explained).map(|it| it.as_str().expect("a word").to_owned());
    let mut words: Vec<String> = words.collect();
    words.sort();
    words
}
