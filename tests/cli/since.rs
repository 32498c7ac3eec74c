//! Which releases have an element, in repositories that are tagged as projects tag.

use serde_json::{Value, json};

use crate::{json::validator, repo::Place};

/// A service with these methods.
pub(crate) fn service(methods: &[&str]) -> String {
    let methods = methods.iter().map(|it| format!("  rpc {it}(Msg) returns (Msg);\n"));
    let methods: String = methods.collect();
    format!(
        "syntax = \"proto3\";\npackage acme.v1;\nservice Manager {{\n{methods}}}\n\
         message Msg {{\n  string name = 1;\n  map<string, string> labels = 2;\n}}\n\
         enum Phase {{\n  PHASE_NONE = 0;\n}}\n"
    )
}

/// A repository with one commit for each tag; each holds a service with these methods.
pub(crate) fn tagged(tags: &[(&str, &[&str])]) -> Place {
    let place = Place::repository();
    for (tag, methods) in tags {
        place.write("api/manager.proto", service(methods));
        place.commit_all();
        place.tag(tag);
    }
    place
}

/// `Later` was in 2.8.0, not in 2.8.1, and is in all from 2.8.2 on; `Old` went away with 2.9.0.
pub(crate) fn with_a_gap() -> Place {
    tagged(&[
        ("v2.7.0", &["Arrive", "Old"]),
        ("v2.8.0", &["Arrive", "Later", "Old"]),
        ("v2.8.1", &["Arrive", "Old"]),
        ("v2.8.2", &["Arrive", "Later", "Old"]),
        ("v2.9.0", &["Arrive", "Later"]),
        ("v2.10.0", &["Arrive", "Later"]),
    ])
}

fn since(place: &Place, args: &str) -> Value {
    let ran = place.run(&format!("since --format json {args}"));
    ran.answers();
    ran.json()
}

fn names(json: &Value) -> Vec<&str> {
    let releases = json["releases"].as_array().unwrap().iter();
    releases.map(|it| it["name"].as_str().unwrap()).collect()
}

fn element<'j>(json: &'j Value, name: &str) -> &'j Value {
    let elements = json["elements"].as_array().unwrap();
    elements.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn a_shallow_clone_is_told_for_it_may_lack_tags() {
    let place = with_a_gap();
    let said = || place.run("since /acme.v1.Manager/Later").stdout;
    assert!(!said().contains("shallow"), "{}", said());
    let git = place.git();
    let head = git.head().unwrap().peel_to_commit().unwrap().id();
    place.write(".git/shallow", format!("{head}\n"));
    assert!(said().contains("this clone is shallow, and may lack tags: `git fetch"), "{}", said());
}

/// A project may have had another life, in which it had no schema, under numbers of another form;
/// and each of its releases may have two names.
#[test]
fn the_family_that_holds_the_schema_is_taken() {
    let place = Place::repository();
    for tag in ["0.1", "0.2", "0.3", "0.4"] {
        place.write("README", tag);
        place.commit_all();
        place.tag(tag);
    }
    place.run("since --all").gives_up(&["no release has a .proto file, from `0.1` to `0.4`"]);
    for tag in ["v1.0.0", "v1.1.0"] {
        place.write("api/manager.proto", service(&[&format!("A{}", &tag[3..4])]));
        place.commit_all();
        place.tag(tag);
        place.tag(&tag.replace('v', "server-1."));
    }
    assert_eq!(names(&since(&place, "--all")), ["v1.0.0", "v1.1.0"]);
    let old = place.run("since --all --tags ^0");
    old.gives_up(&["no release has a .proto file", "`--prefix 'v'`"]);
    place.tag("server-1.2.0");
    // It is hardly more common only where there are many.
    assert_eq!(
        names(&since(&place, "--all")),
        ["server-1.1.0.0", "server-1.1.1.0", "server-1.2.0"]
    );
}

#[test]
fn an_element_may_come_go_and_come_again() {
    let place = with_a_gap();
    let all = since(&place, "--all");
    assert_eq!(names(&all), ["v2.7.0", "v2.8.0", "v2.8.1", "v2.8.2", "v2.9.0", "v2.10.0"]);
    let later = element(&all, "/acme.v1.Manager/Later");
    assert_eq!(later["kind"], "method");
    assert_eq!(later["first"], "v2.8.0");
    assert_eq!(later["runs"], json!([["v2.8.0", "v2.8.0"], ["v2.8.2", "v2.10.0"]]));
    let line = json!({
        "line": "2.8", "first": "v2.8.0", "steady": false,
        "runs": [["v2.8.0", "v2.8.0"], ["v2.8.2", "v2.8.2"]]
    });
    assert_eq!(later["lines"][0], line);
    assert_eq!(later["lines"][1]["first"], "v2.9.0");
    assert_eq!(element(&all, "/acme.v1.Manager/Old")["runs"], json!([["v2.7.0", "v2.8.2"]]));
    // Every kind, and nothing that nobody wrote.
    let known = all["elements"].as_array().unwrap().iter();
    let known: Vec<[&Value; 2]> = known.map(|it| [&it["kind"], &it["name"]]).collect();
    let expected = json!([
        ["service", "acme.v1.Manager"],
        ["method", "/acme.v1.Manager/Arrive"],
        ["method", "/acme.v1.Manager/Later"],
        ["method", "/acme.v1.Manager/Old"],
        ["message", "acme.v1.Msg"],
        ["field", "acme.v1.Msg.labels"],
        ["field", "acme.v1.Msg.name"],
        ["enum", "acme.v1.Phase"],
        ["enum-value", "acme.v1.Phase.PHASE_NONE"],
    ]);
    assert_eq!(json!(known), expected);
    let methods = since(&place, "--all --kind method");
    assert_eq!(methods["elements"].as_array().unwrap().len(), 3);

    let said = place.run("since /acme.v1.Manager/Later");
    said.answers();
    for part in [
        "method /acme.v1.Manager/Later\n",
        "  needs    ≥ v2.8.2, or v2.8.0\n",
        "  in       v2.8.0, not in between, v2.8.2 and later\n",
        "  by line  2.8: v2.8.0, again v2.8.2\n",
        "first released in v2.8.0",
        "6 releases, tags like `v1.2.3`: v2.7.0 … v2.10.0",
    ] {
        assert!(said.stdout.contains(part), "no {part:?} in:\n{}", said.stdout);
    }
}

#[test]
fn what_is_printed_is_what_the_schema_says() {
    let place = with_a_gap();
    let validator = validator(&place, "since");
    for line in ["--all", "/acme.v1.Manager/Later", "--all --first-parent", "--all --tags 2.8"] {
        let json = since(&place, line);
        assert!(validator.is_valid(&json), "{line}: {:?}", validator.validate(&json));
        assert_eq!(json["format"], 1);
    }
}

#[test]
fn the_commit_that_brought_it_is_named() {
    let place = tagged(&[("v1.0.0", &["Arrive"])]);
    place.write("api/manager.proto", service(&["Arrive", "Later"]));
    let brought = place.commit_all().to_string();
    place.write("README", "more");
    place.commit_all();
    // The file moves; the method is not new.
    place.clear();
    place.write("rpc/manager.proto", service(&["Arrive", "Later"]));
    place.commit_all();
    place.tag("v1.1.0");
    let json = since(&place, "Manager.Later");
    let origin = &json["elements"][0]["origin"];
    assert_eq!(origin["commit"], brought);
    assert_eq!(origin["file"], "api/manager.proto");
    assert_eq!(origin["first_release"], "v1.1.0");
    assert_eq!(origin["summary"], "version 2");
}

#[test]
fn elements_are_named_in_full_or_by_their_end() {
    let place = with_a_gap();
    for name in
        ["/acme.v1.Manager/Later", "acme.v1.Manager/Later", "acme.v1.Manager.Later", "Later"]
    {
        let json = since(&place, name);
        assert_eq!(json["elements"][0]["name"], "/acme.v1.Manager/Later", "{name}");
    }
    place
        .run("since acme.v1.Manager.Latr")
        .gives_up(&["no release has an element named `acme.v1.Manager.Latr`", "did you mean"]);
    place.run("since other.Manager.Later").gives_up(&["did you mean `/acme.v1.Manager/Later`?"]);
    place.run("since").gives_up(&["required"]);
}

#[test]
fn the_family_of_tags_with_the_most_releases_is_taken_and_the_others_are_told() {
    let place = tagged(&[
        ("v1.0.0", &["A"]),
        ("api/v0.1.0", &["A"]),
        ("v1.1.0-rc.1", &["A", "B"]),
        ("v1.1.0", &["A", "B"]),
        ("api/v0.2.0", &["A", "B"]),
        ("v1.10.0", &["A", "B", "C"]),
        ("v1.9.0", &["A", "B"]),
        ("nightly", &["D"]),
    ]);
    let all = since(&place, "--all");
    assert_eq!(names(&all), ["v1.0.0", "v1.1.0", "v1.9.0", "v1.10.0"]);
    let said = place.run("since --all --kind service").stdout;
    assert!(said.contains("1 pre-release left out (--pre-releases)"), "{said}");
    assert!(said.contains("other families of tags (--prefix): api/v (2)"), "{said}");
    assert!(said.contains("1 of them was made after one that has a higher number"), "{said}");
    for prefix in ["api/v", "api/", "api"] {
        let api = since(&place, &format!("--all --prefix {prefix}"));
        assert_eq!(names(&api), ["api/v0.1.0", "api/v0.2.0"]);
    }
    let with = since(&place, "--all --pre-releases");
    assert_eq!(names(&with), ["v1.0.0", "v1.1.0-rc.1", "v1.1.0", "v1.9.0", "v1.10.0"]);
    let some = since(&place, "--all --tags ^v1[.]1|night");
    assert_eq!(names(&some), ["v1.1.0-rc.1", "v1.1.0", "v1.10.0", "nightly"]);
    place.run("since --all --tags (").gives_up(&["`(` is not a regular expression"]);
    place.run("since --all --tags ^w").gives_up(&["no tag matches `^w`", "there are 8 tags"]);
    place.run("since --all --prefix apu/v").gives_up(&["did you mean `api/v`"]);
}

#[test]
fn a_word_that_every_release_bears_is_no_pre_release() {
    let place = tagged(&[
        ("v0.17.0-beta", &["A"]),
        ("v0.18.0-beta.rc1", &["A", "B"]),
        ("v0.18.0-beta", &["A", "B"]),
    ]);
    assert_eq!(names(&since(&place, "--all")), ["v0.17.0-beta", "v0.18.0-beta"]);
    // With nothing but candidates, those are what there is.
    let place = tagged(&[("v1.0.0-rc.2", &["A"]), ("v1.0.0-rc.10", &["A", "B"])]);
    assert_eq!(names(&since(&place, "--all")), ["v1.0.0-rc.2", "v1.0.0-rc.10"]);
}

#[test]
fn a_tag_that_was_a_slip_of_the_pen_is_not_the_first_release() {
    let place = Place::repository();
    let days: [(&str, &[&str]); 4] = [
        ("v1.0.0", &["A"]),
        ("v1.1.0", &["A"]),
        ("v1.2.0", &["A", "B"]),
        ("v0.0.1", &["A", "B", "C"]),
    ];
    for (tag, methods) in days {
        place.write("m.proto", service(methods));
        place.days_pass(3);
        place.commit_all();
        place.annotated_tag(tag);
    }
    let all = since(&place, "--all");
    assert_eq!(names(&all), ["v0.0.1", "v1.0.0", "v1.1.0", "v1.2.0"]);
    assert_eq!(all["releases"][0]["doubt"], "v1.2.0");
    assert_eq!(all["releases"][1]["doubt"], Value::Null);
    let b = element(&all, "/acme.v1.Manager/B");
    assert_eq!(b["first"], "v1.2.0");
    assert_eq!(b["runs"], json!([["v0.0.1", "v0.0.1"], ["v1.2.0", "v1.2.0"]]));
    assert_eq!(element(&all, "/acme.v1.Manager/C")["first"], "v0.0.1");
}

#[test]
fn what_could_not_be_read_is_unknown_and_what_is_not_there_is_not() {
    let place = Place::repository();
    place.write("README", "nothing yet");
    place.commit_all();
    place.tag("v0.9.0");
    for (tag, text) in [
        ("v1.0.0", service(&["A"])),
        ("v1.1.0", "syntax = \"proto3\"; message {".to_owned()),
        ("v1.2.0", service(&["A"])),
    ] {
        place.write("a.proto", text);
        place.write("b.proto", "syntax = \"proto3\"; message B { string b = 1; }");
        place.commit_all();
        place.tag(tag);
    }
    let all = since(&place, "--all");
    let states: Vec<&Value> =
        all["releases"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["nothing", "known", "partly", "known"]);
    let a = element(&all, "/acme.v1.Manager/A");
    assert_eq!(a["unknown"], json!(["v1.1.0"]));
    assert_eq!(a["runs"], json!([["v1.0.0", "v1.0.0"], ["v1.2.0", "v1.2.0"]]));
    let b = element(&all, "B.b");
    assert_eq!((&b["unknown"], &b["runs"]), (&json!([]), &json!([["v1.0.0", "v1.2.0"]])));
    assert!(all["releases"][2]["reason"].as_str().unwrap().contains("v1.1.0:a.proto:1:"));
    let said = place.run("since A").stdout;
    assert!(said.contains("  unknown  v1.1.0\n"), "{said}");
    assert!(said.contains("v0.9.0: no .proto file in `v0.9.0`"), "{said}");
    place.run("since --all --path nowhere").gives_up(&["`nowhere` does not exist"]);
}

#[test]
fn commits_of_a_branch_may_stand_for_releases() {
    let place = Place::repository();
    let mut expected = Vec::new();
    for methods in [&["A"][..], &["A", "B"], &["A"]] {
        place.write("a.proto", service(methods));
        expected.push(place.commit_all().to_string()[..9].to_owned());
        place.write("README", methods.concat());
        place.commit_all();
    }
    let all = since(&place, "--all --first-parent");
    assert_eq!(names(&all), expected);
    let b = element(&all, "/acme.v1.Manager/B");
    assert_eq!(b["runs"], json!([[expected[1], expected[1]]]));
    assert_eq!(since(&place, "--all --first-parent main")["releases"], all["releases"]);
    place.run("since --all --first-parent mian").gives_up(&["did you mean `main`?"]);
    place.run("since --all").gives_up(&["no tag holds a version number", "git fetch --tags"]);
}
