//! The checklist of a release.

use serde_json::json;

use crate::{json::validator, since::with_a_gap};

#[test]
fn a_gap_is_part_of_what_a_server_has_to_be() {
    let place = with_a_gap();
    let ran = place.run("checklist --release v2.9.0 --since v2.7.0 --format json");
    ran.answers();
    let json = ran.json();
    assert_eq!(validator(&place, "checklist").iter_errors(&json).count(), 0);
    assert_eq!(json["supported"], json!(["v2.7.0", "v2.8.0", "v2.8.1", "v2.8.2"]));
    let later = &json["fallbacks"][0];
    assert_eq!(later["call"], "/acme.v1.Manager/Later");
    assert_eq!(later["declared"], json!([["v2.8.0", "v2.8.0"], ["v2.8.2", "v2.9.0"]]));
    assert_eq!(later["with"], json!([["v2.7.0", "v2.7.0"], ["v2.8.1", "v2.8.1"]]));
    assert_eq!(json["removed"][0]["call"], "/acme.v1.Manager/Old");
    assert_eq!(json["order"], "none");
}

/// A page that was committed is not changed by what is released later.
#[test]
fn later_releases_change_nothing() {
    let place = with_a_gap();
    let page = || place.run("checklist --release v2.8.2").stdout;
    let before = page();
    assert!(before.contains("server ≥ v2.8.2, or v2.8.0; not in v2.8.1"), "{before}");
    place.write("api/manager.proto", crate::since::service(&["Arrive"]));
    place.commit_all();
    place.tag("v2.11.0");
    assert_eq!(page(), before);
}

#[test]
fn there_has_to_be_a_release_before() {
    let place = with_a_gap();
    place.run("checklist --release v2.7.0").gives_up(&["compared with the releases before it"]);
    place.run("checklist --release v2.9.0 --service acme.v1.Manger").gives_up(&[
        "no service is named `acme.v1.Manger` in any release",
        "did you mean `acme.v1.Manager`?",
    ]);
    place.run("checklist --release v2.9").gives_up(&["no release is named `v2.9`"]);
}

#[test]
fn what_cannot_be_read_is_on_the_list() {
    let place = with_a_gap();
    place.write("api/manager.proto", "service {");
    place.commit_all();
    place.tag("v2.11.0");
    let ran = place.run("checklist --release v2.11.0");
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("## Unknown"), "{}", ran.stdout);
}

/// A window may let in older clients and no older servers; the configuration may say it.
#[test]
fn a_window_says_whom_a_release_meets() {
    let place = with_a_gap();
    let args = "checklist --release v2.10.0 --format json";
    let flag = place.run(&format!("{args} --window=client=1,server=2")).json();
    assert_eq!(flag["servers"], json!(["v2.9.0"]));
    assert_eq!(flag["clients"], json!(["v2.8.0", "v2.8.1", "v2.8.2", "v2.9.0"]));
    assert_eq!(flag["supported"], flag["clients"]);
    assert_eq!((&flag["fallbacks"], &flag["order"]), (&json!([]), &json!("clients-first")));
    assert_eq!(flag["removed"][0]["with"], json!([["v2.8.0", "v2.8.2"]]));
    let said = place.run("checklist --release v2.10.0 --window=client=1,server=2").stdout;
    let whom =
        "when its clients meet servers of v2.9.0, and its servers clients of v2.8.0 … v2.9.0";
    assert!(said.contains(whom), "{said}");
    place.run(&format!("{args} --window")).gives_up(&["the configuration has no `[window]`"]);
    place.write("protoskew.toml", "[window]\nnewer-client = 1\nnewer-server = 2\n");
    assert_eq!(place.run(args).json(), flag);
    assert_eq!(place.run(&format!("{args} --window")).json(), flag);
    let named = place.run(&format!("{args} --since v2.9.0")).json();
    assert_eq!(named["clients"], json!(["v2.9.0"]));
    place
        .run("checklist --release v2.10.0 --window=client=0,server=0")
        .gives_up(&["no release before `v2.10.0` is in the window", "--since RELEASE"]);
}

/// A release is judged by its own configuration, and by that of today if it has none.
#[test]
fn the_configuration_of_today_counts_for_releases_without_one() {
    let place = with_a_gap();
    let accepted =
        "[[allow]]\nrule = \"rpc-unimplemented\"\nsubject = \"**\"\nreason = \"known\"\n";
    place.write("protoskew.toml", accepted);
    let json = place.run("checklist --release v2.9.0 --format json").json();
    assert_eq!((&json["removed"], &json["order"]), (&json!([]), &json!("any")));
}

/// Of a message that got many fields, the list has one line.
#[test]
fn fields_of_a_message_are_one_line() {
    let place = with_a_gap();
    let more = "  string name = 1;\n  string zone = 3;\n  string rack = 4;\n";
    let text = crate::since::service(&["Arrive", "Later"]).replace("  string name = 1;\n", more);
    place.write("api/manager.proto", text);
    place.commit_all();
    place.tag("v2.11.0");
    let said = place.run("checklist --release v2.11.0").stdout;
    let line = "- [ ] of `acme.v1.Msg`: `rack`, `zone` (field-ignored); in `/acme.v1.Manager/Arrive`, \
                `/acme.v1.Manager/Later`; older servers: v2.10.0\n";
    assert!(said.contains(line), "{said}");
}
