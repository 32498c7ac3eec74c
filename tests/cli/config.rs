//! `protoskew.toml`: where it is found, what it does, and what is wrong with it.

use serde_json::Value;

use crate::{
    fixtures::{FILE, proto, two_versions},
    repo::Place,
    run::Ran,
};

const CONFIG: &str = "protoskew.toml";

/// The levels of the findings of a report, in both pairings.
fn levels(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let verdicts = report["verdicts"].as_array().unwrap().iter();
    let findings = verdicts.flat_map(|verdict| verdict["findings"].as_array().unwrap());
    findings.map(|it| it["level"].as_str().unwrap().to_owned()).collect()
}

fn stale(ran: &Ran) -> Vec<(String, String)> {
    let report = ran.json();
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    let stale = report["stale"].as_array().unwrap().iter();
    stale.map(|it| (text(it, "why"), text(it, "level"))).collect()
}

/// `v1` has one method and asks for notes, `v2` has two and asks for warnings, the working tree has
/// two and asks for silence. The index is as `v2`.
fn configured() -> Place {
    let place = Place::repository();
    for (tag, methods, level) in [("v1", 1, "note"), ("v2", 2, "warning")] {
        place.write(FILE, proto(methods));
        place.write(CONFIG, format!("[levels]\nrpc-unimplemented = \"{level}\"\n"));
        place.commit_all();
        place.tag(tag);
    }
    place.write(CONFIG, "[levels]\nrpc-unimplemented = \"off\"\n");
    place
}

#[test]
fn the_head_says_what_counts() {
    let place = configured();
    let api = place.path().join("api").display().to_string();
    let here = place.path().display().to_string();
    for (heads, expected) in [
        (vec!["v2", "v2:api", ":index", ":index:api"], vec!["warning"]),
        (vec!["v1"], vec![]),
        (vec![":worktree", ":worktree:api", "api", &api, "."], vec![]),
    ] {
        for head in heads {
            let ran = place.run_with(&["check", "v1", head, "--format", "json"]);
            assert_eq!(levels(&ran), expected, "{head}");
        }
    }
    let head = format!("{here}@v2");
    let elsewhere = Place::empty();
    let ran = elsewhere.run_with(&["check", &format!("{here}@v1"), &head, "--format", "json"]);
    assert_eq!(levels(&ran), ["warning"]);
    // The base has no say: v1 asks for notes.
    assert_eq!(levels(&place.run("check v2 v1 --format json")), ["note"]);
    assert_eq!(levels(&place.run("check --client v2 --server v1 --format json")), ["warning"]);
    assert_eq!(levels(&place.run("check --client v1 --server v2 --format json")), [""; 0]);
}

#[test]
fn a_file_can_be_named_and_none_can_be() {
    let place = configured();
    place.write("other.toml", "[levels]\nrpc-unimplemented = \"note\"\n");
    assert_eq!(levels(&place.run("check v1 v2 --format json --config other.toml")), ["note"]);
    assert_eq!(levels(&place.run("check v1 --format json --no-config")), ["error"]);
    place.run("check v1 --config gone.toml").gives_up(&["cannot read `gone.toml`"]);
    place.run("check v1 --config a --no-config").gives_up(&["cannot be used with"]);
}

/// A folder outside of any repository has its own.
#[test]
fn a_folder_alone_has_its_own() {
    let place = Place::empty();
    place.write("old/a.proto", proto(1));
    place.write("new/a.proto", proto(2));
    place.write("new/protoskew.toml", "[levels]\nrpc-unimplemented = \"note\"\n");
    place.write("protoskew.toml", "nonsense");
    assert_eq!(levels(&place.run("check old new --format json")), ["note"]);
    place.write("new/protoskew.toml", "[levels]\n\nrpc-unimplementd = \"note\"\n");
    place.run("check old new").gives_up(&["new/protoskew.toml:3:1", "did you mean"]);
}

#[test]
fn folders_are_named_from_the_top() {
    let place = two_versions();
    let other = proto(3).replace("acme", "other");
    place.write("other/other.proto", &other);
    place.write(CONFIG, "paths = [\"./api/\"]\nroots = [\"api\", \"gone/below\"]\n");
    let files = |line: &str| place.run(line).json()["versions"][1]["files"].as_u64().unwrap();
    place.write(CONFIG, "paths = [\"./api/\"]\n");
    assert_eq!(files("check v1 --format json"), 1);
    assert_eq!(files("check v1 --format json --path other"), 1);
    assert_eq!(files("check v1 --format json --no-config"), 2);
    // Seen from the folder that is judged, all of it.
    assert_eq!(files("check v1:api :worktree:api --format json"), 1);
    assert_eq!(files("check :worktree:other :worktree:other --format json"), 1);
}

#[test]
fn boundaries_say_what_is_called_across_versions() {
    let place = Place::repository();
    let text = |methods: usize| {
        let second = proto(methods).replace("Manager", "Daemon").replace("acme.v1", "acme.v2");
        (proto(methods), second)
    };
    for methods in [1, 2] {
        let (first, second) = text(methods);
        place.write("a.proto", first);
        place.write("b.proto", second);
        place.commit_all();
        place.tag(&format!("v{methods}"));
    }
    let subjects = |config: &str, more: &str| {
        place.write(CONFIG, config);
        let report = place.run(&format!("check v1 --format json {more}")).json();
        let findings = report["verdicts"][0]["findings"].as_array().unwrap().clone();
        let told = |it: &Value| {
            format!("{} {}", it["subject"].as_str().unwrap(), it["level"].as_str().unwrap())
        };
        findings.iter().map(told).collect::<Vec<String>>()
    };
    let (manager, daemon) = ("acme.v1.Manager.Call2", "acme.v2.Daemon.Call2");
    let error = |name: &str| format!("{name} error");
    let one = "[[boundary]]\nname = \"a → b\"\nservices = [\"acme.v1.*\"]\n";
    assert_eq!(subjects("", ""), [error(manager), error(daemon)]);
    assert_eq!(subjects(one, ""), [error(manager)]);
    assert_eq!(subjects(one, "--service acme.v2.Daemon"), [error(daemon)]);
    let two = format!(
        "{one}levels.rpc-unimplemented = \"note\"\n\
         [[boundary]]\nname = \"c\"\nservices = [\"acme.v2.Daemon\"]\n\
         [levels]\nrpc-unimplemented = \"warning\""
    );
    assert_eq!(subjects(&two, ""), [format!("{daemon} warning"), format!("{manager} note")]);
    place.write(CONFIG, one.replace("acme.v1.*", "Manager"));
    place.run("check v1").gives_up(&["protoskew.toml:3:13", "did you mean `acme.v1.Manager`?"]);
}

const ALLOW: &str = "[[allow]]
rule = \"rpc-unimplemented\"
subject = \"acme.v1.Manager.Call2\"
reason = \"falls back\"
";

#[test]
fn what_is_allowed_does_not_fail_and_is_shown() {
    let place = two_versions();
    for (more, code) in [
        ("", 0),
        ("pairing = \"newer-client\"", 0),
        ("pairing = \"newer-server\"", 1),
        ("until = \"v99.0.0\"", 0),
    ] {
        place.write(CONFIG, format!("{ALLOW}{more}\n"));
        let ran = place.run("check v1");
        assert_eq!(ran.code, code, "{more}: {ran:#?}");
        assert_eq!(ran.stdout.contains("allowed: falls back"), code == 0, "{more}");
    }
    place.write(CONFIG, ALLOW.replace("acme.v1.Manager.Call2", "acme.**"));
    place.run("check v1 --fail-on warning").answers();
    let report = place.run("check v1 --format json").json();
    let allowed = &report["verdicts"][0]["findings"][0]["allowed"];
    assert_eq!((&allowed["reason"], &allowed["by"]), (&"falls back".into(), &"config".into()));
}

#[test]
fn what_was_allowed_ends() {
    let place = two_versions();
    // Tests' commits are of 2023-11-14.
    for (until, code, why) in [
        ("2023-11-14", 0, None),
        ("2023-11-13", 1, Some(("expired", "warning"))),
        ("v2.0", 1, Some(("expired", "warning"))),
        ("v2.0.1", 0, None),
        ("server >= v2.0.0", 0, None),
        ("server >= v1.0.0", 1, Some(("expired", "warning"))),
    ] {
        for tag in ["v1.0.0", "v2.0.0"] {
            let commit = place.git().revparse_single(&tag[..2]).unwrap();
            place.git().reference(&format!("refs/tags/{tag}"), commit.id(), true, "").unwrap();
        }
        place.write("c.toml", format!("{ALLOW}until = \"{until}\"\n"));
        let ran = place.run("check v1 v2 --config c.toml --format json");
        assert_eq!(ran.code, code, "{until}: {ran:#?}");
        let why = why.map(|(why, level)| (why.to_owned(), level.to_owned()));
        assert_eq!(stale(&ran), Vec::from_iter(why), "{until}");
    }
    // Only what is committed has a day of its own, and only a history has releases.
    place.write("c.toml", format!("{ALLOW}until = 2023-11-14\n"));
    assert_eq!(place.run("check v1 v2 --config c.toml").code, 0);
    assert_eq!(place.run("check v1 :worktree --config c.toml").code, 1);
    place.write("old/a.proto", proto(1));
    let elsewhere = Place::empty();
    for (name, methods) in [("old", 1), ("new", 2)] {
        elsewhere.write(&format!("{name}/a.proto"), proto(methods));
    }
    elsewhere.write("new/protoskew.toml", format!("{ALLOW}until = \"v2.0\"\n"));
    let ran = elsewhere.run("check old new --format json");
    assert_eq!(ran.code, 0);
    assert_eq!(stale(&ran), [("undecided".to_owned(), "note".to_owned())]);
}

#[test]
fn what_nothing_needs_is_said() {
    let place = two_versions();
    place.write(CONFIG, ALLOW.replace("Call2", "Call7"));
    let unmatched = [("unmatched".to_owned(), "note".to_owned())];
    let ran = place.run("check v1 --format json");
    assert_eq!((ran.code, stale(&ran)), (1, unmatched.to_vec()));
    let said = "note: protoskew.toml:2:8: nothing here needs `allow rpc-unimplemented acme.v1.Manager.Call7`";
    assert!(place.run("check v1").stdout.contains(said));
    assert_eq!(place.run("check v2 --fail-on warning").code, 0);
    assert_eq!(place.run("check v2 --fail-on note").code, 1);
    // What is not judged may need it.
    for narrower in ["--path api", "--service acme.v1.Manager"] {
        assert_eq!(stale(&place.run(&format!("check v1 --format json {narrower}"))), []);
    }
}

#[test]
fn a_baseline_keeps_what_is_known() {
    let place = Place::versions(FILE, &[proto(1), proto(2), proto(3)]);
    let ran = place.run("baseline v1 v2");
    assert_eq!(ran.stdout, "1 finding in protoskew.baseline.json\n");
    let text = place.read("protoskew.baseline.json");
    assert!(text.contains("\"rule\":\"rpc-unimplemented\",\"subject\":\"acme.v1.Manager.Call2\""));
    place.run("baseline v1 v2 -o again.json").answers();
    assert_eq!(place.read("again.json"), text);
    let known = "--baseline again.json";
    assert_eq!(place.run(&format!("check v1 v2 {known}")).code, 0);
    let new = place.run(&format!("check v1 v3 --format json {known}"));
    assert_eq!(new.code, 1);
    let findings = &new.json()["verdicts"][0]["findings"];
    assert_eq!(findings[0]["allowed"]["by"], "baseline");
    assert_eq!(findings[1]["allowed"], Value::Null);
    let gone = place.run(&format!("check v2 v2 {known}"));
    assert_eq!(gone.code, 0);
    let said = "note: nothing here needs `rpc-unimplemented acme.v1.Manager.Call2` in the baseline";
    assert!(gone.stdout.contains(said), "{}", gone.stdout);
    // Only the pairing that is judged can tell.
    let other = place.run(&format!("check v2 v2 --pairing newer-server {known}"));
    assert!(!other.stdout.contains("baseline"));
    // The configuration's is that of the head, as the configuration is.
    place.write(CONFIG, "baseline = \"protoskew.baseline.json\"\n");
    assert_eq!(place.run("check v1").code, 1);
    // Written anew, what is known is still a finding.
    place.run("baseline v1 :worktree").answers();
    assert!(place.read("protoskew.baseline.json").contains("Call2"));
    assert_eq!(place.run("check v1").code, 0);
    for outside in ["../x.json", "/etc/passwd"] {
        place.write(CONFIG, format!("baseline = \"{outside}\"\n"));
        place.run("check v1").gives_up(&["protoskew.toml:1:12", "is a file of the repository"]);
    }
    place.write(CONFIG, "baseline = \"gone.json\"\n");
    place.run("check v1").gives_up(&["there is no `gone.json` in this version"]);
    place.write("gone.json", "{}");
    place.run("check v1").gives_up(&["gone.json:1:2", "missing field `format`"]);
}

#[test]
fn what_cannot_be_read_makes_no_baseline() {
    let place = two_versions();
    place.write("broken.proto", "message {}");
    assert_eq!(place.run("baseline v1").code, 2);
    assert!(!place.path().join("protoskew.baseline.json").exists());
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let place = two_versions();
    for (text, said) in [
        ("pathes = []", ["protoskew.toml:1:1", "did you mean `paths`?"]),
        ("[levels]\nrpc-unimplementd = \"off\"", ["protoskew.toml:2:1", "did you mean"]),
        (
            "[levels]\nrpc-unimplemented = \"loud\"",
            ["protoskew.toml:2:21", "known here: off, note"],
        ),
        (
            "[[allow]]\nrule = \"x\"\nsubject = \"a\"\nreason = \"b\"",
            ["protoskew.toml:2:8", "`protoskew rules` lists them"],
        ),
        (&ALLOW.replace("falls back", " "), ["protoskew.toml:4:10", "an allow needs a reason"]),
        (&ALLOW.replace("acme.v1", "acme.[v1"), ["protoskew.toml:3:11", "no pattern of names"]),
        (&format!("{ALLOW}until = \"soon\""), ["protoskew.toml:5:9", "has no version number"]),
        (
            &format!("{ALLOW}until = 7"),
            ["protoskew.toml:5:9", "the end of an allow is text, or a day"],
        ),
        ("format = 2\nfuture = true", ["protoskew.toml:1:10", "of a newer protoskew"]),
        ("[[boundary]]\nname = \"a\"\nservices = []", ["protoskew.toml:2:8", "has no service"]),
    ] {
        place.write(CONFIG, text);
        place.run("check v1").gives_up(&said);
    }
    place.write(CONFIG, b"\xff");
    place.run("check v1").gives_up(&["is not UTF-8"]);
}

/// A schema with comments at, before and after the second call.
fn remarked(leading: &str, trailing: &str) -> String {
    let call = "  rpc Call2(Empty) returns (Empty);\n";
    let text = proto(2);
    assert!(text.contains(call));
    text.replace(call, &format!("{leading}\n  rpc Call2(Empty) returns (Empty); {trailing}\n"))
}

#[test]
fn a_comment_at_the_element_allows_too() {
    let place = Place::versions(FILE, &[proto(1)]);
    for (leading, trailing, code) in [
        ("", "// protoskew:allow rpc-unimplemented falls back", 0),
        ("  // Calls.\n  // protoskew:allow rpc-unimplemented falls back\n  // More.", "", 0),
        ("  /* protoskew:allow rpc-unimplemented falls back */", "", 0),
        ("  /**\n   * protoskew:allow rpc-unimplemented falls back\n   */", "", 0),
        ("  // see protoskew:allow rpc-unimplemented falls back", "", 1),
        ("  // protoskew:allow field-unset falls back", "", 1),
        ("  // protoskew:allow rpc-unimplemented until=2023-11-13 falls back", "", 1),
        ("  // protoskew:allow rpc-unimplemented until=2099-11-13 falls back", "", 0),
    ] {
        place.write(FILE, remarked(leading, trailing));
        let ran = place.run("check v1");
        assert_eq!(ran.code, code, "{leading} {trailing}: {ran:#?}");
        assert_eq!(ran.stdout.contains("allowed: falls back"), code == 0, "{ran:#?}");
    }
    // It is the head's schema that says so.
    place.write(FILE, remarked("", "// protoskew:allow rpc-unimplemented falls back"));
    place.commit_all();
    place.tag("v2");
    let other = place.run("check v2 v1 --format json");
    assert_eq!(other.json()["verdicts"][1]["findings"][0]["allowed"], Value::Null);
    let report = place.run("check v1 v2 --format json").json();
    assert_eq!(report["verdicts"][0]["findings"][0]["allowed"]["by"], "comment");
}

#[test]
fn a_comment_that_allows_nothing_is_said() {
    let place = Place::versions(FILE, &[proto(1)]);
    let at_call = |comment: &str| remarked(&format!("  // {comment}"), "");
    let at_top = format!("// protoskew:allow rpc-unimplemented why\n{}", proto(2));
    for (text, said) in [
        (
            at_call("protoskew:allow rpc-unimplementd why"),
            ":7:3: the comment `protoskew:allow rpc-unimplementd why` allows nothing: no rule is named",
        ),
        (
            at_call("protoskew:allow rpc-unimplemented"),
            ":7:3: the comment `protoskew:allow rpc-unimplemented` allows nothing: `allow rpc-unimplemented` gives no reason",
        ),
        (
            at_top,
            ":2:1: the comment `protoskew:allow rpc-unimplemented why` allows nothing: it stands at no element",
        ),
    ] {
        place.write(FILE, text);
        let ran = place.run("check v1");
        assert_eq!(ran.code, 1);
        let line = ran.stdout.lines().find(|line| line.starts_with("warning: api/acme.proto:"));
        assert!(line.is_some_and(|line| line.contains(said)), "{}", ran.stdout);
        let ran = place.run("check v1 --format json");
        assert_eq!(stale(&ran), [("invalid".to_owned(), "warning".to_owned())]);
    }
}

/// A file to begin with, and what it says once all that is commented out is not.
#[test]
fn a_file_to_begin_with_is_one_that_is_read() {
    let place = two_versions();
    place.write("third_party/other.proto", proto(1).replace("acme", "other"));
    let ran = place.run("init");
    ran.answers();
    assert!(ran.stdout.starts_with("wrote "), "{}", ran.stdout);
    let text = place.read(CONFIG);
    for said in [
        "# Judged: 2 .proto files, 2 services.",
        "#paths = [\"api\"]",
        "# Releases seen: 2, from v1 to v2.",
        "#  \"acme.v1.Manager\",",
        "#newer-client = 1",
        "#subject = \"acme.v1.Manager.Call1\"",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(place.run("check v1").code, 1);
    let settings = text.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with([' ', ':']) => setting,
        Some(setting) if setting.starts_with("  \"") => setting,
        _ => line,
    });
    place.write(CONFIG, settings.collect::<Vec<&str>>().join("\n"));
    // What the file names is there, but for the baseline, which is another command.
    place.run("check v1").gives_up(&["there is no `protoskew.baseline.json` in this version"]);
    place.run("baseline v1").answers();
    assert_eq!(place.run("check v1").code, 0);
    // There is one now.
    place.run("init").gives_up(&["there is a `", "protoskew.toml` already"]);
    assert!(place.read(CONFIG).contains("\npaths = [\"api\"]"));
    Place::empty().run("init").gives_up(&["is not in a git repository"]);
}

#[test]
fn a_repository_without_schemas_gets_no_file() {
    let place = Place::repository();
    place.run("init").gives_up(&["no .proto file"]);
    assert!(!place.path().join(CONFIG).exists());
}
