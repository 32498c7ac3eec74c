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
