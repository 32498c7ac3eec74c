//! One version against every release that it has to get on with.

use serde_json::{Value, json};

use crate::{
    repo::Place,
    since::{service, tagged},
};

fn place() -> Place {
    let place = tagged(&[
        ("v1.0.0", &["A"]),
        ("v1.1.0", &["A", "B"]),
        ("v1.2.0", &["A", "B"]),
        ("v1.2.1", &["A", "B", "Gone"]),
        ("v1.3.0", &["A", "B", "Gone"]),
    ]);
    place.write("api/manager.proto", service(&["A", "B", "New"]));
    place
}

fn verdicts(place: &Place, args: &str) -> Value {
    let ran = place.run(&format!("check --format json {args}"));
    assert_eq!(ran.stderr, "");
    ran.json()["verdicts"].clone()
}

#[test]
fn each_finding_is_stated_once_with_the_oldest_and_the_newest_release_that_it_hits() {
    let place = place();
    let all = verdicts(&place, "--window=client=4,server=4");
    let [client, server] = [0, 1].map(|at| &all[at]);
    assert_eq!(client["client"], "the working tree");
    assert_eq!(client["server"], "v1.0.0 … v1.3.0");
    let hits = |verdict: &Value| -> Value {
        let findings = verdict["findings"].as_array().unwrap().iter();
        let hit = |it: &Value| json!([it["subject"], it["releases"]]);
        findings.map(hit).collect()
    };
    let span = |subject: &str, oldest: &str, newest: &str, count: usize| json!([subject, { "oldest": oldest, "newest": newest, "count": count }]);
    let expected = json!([
        span("acme.v1.Manager.B", "v1.0.0", "v1.0.0", 1),
        span("acme.v1.Manager.New", "v1.0.0", "v1.3.0", 5),
    ]);
    assert_eq!(hits(client), expected);
    assert_eq!(hits(server), json!([span("acme.v1.Manager.Gone", "v1.2.1", "v1.3.0", 2)]));
    assert_eq!(place.run("check --window=client=4,server=4").code, 1);
    let said = place.run("check --window=client=4,server=4").stdout;
    let sentence = "the server has no `/acme.v1.Manager/New`, with v1.0.0 … v1.3.0 (5 releases)";
    assert!(said.contains(sentence), "{said}");
}

#[test]
fn only_what_is_in_the_window_counts() {
    let place = place();
    // The working tree belongs to the line after 1.3.
    let narrow = verdicts(&place, "--window=client=1,server=0");
    assert_eq!(narrow.as_array().unwrap().len(), 1);
    assert_eq!((&narrow[0]["server"], &narrow[0]["outcome"]), (&json!("v1.3.0"), &json!("breaks")));
    let server = verdicts(&place, "--window=client=0,server=3");
    assert_eq!(server[0]["client"], "v1.1.0 … v1.3.0");
    // A release belongs to its own line.
    let old = verdicts(&place, "v1.1.0 --window=client=1,server=0");
    assert_eq!(
        (&old[0]["server"], &old[0]["findings"][0]["subject"]),
        (&json!("v1.0.0"), &json!("acme.v1.Manager.B"))
    );
    place.run("check --window=client=0,server=0").gives_up(&["no release is in the window"]);
    place.run("check --window=1").gives_up(&["`1` is no window", "--window=client=3,server=2"]);
    place.run("check --window").gives_up(&["the configuration has no `[window]`"]);
}

#[test]
fn the_configuration_says_the_window_and_the_releases() {
    let place = place();
    place.write("protoskew.toml", "[window]\nnewer-client = 1\nnewer-server = 0\n");
    assert_eq!(verdicts(&place, "--window")[0]["server"], "v1.3.0");
    place.write(
        "protoskew.toml",
        "[releases]\ntags = '^v1[.][0-2]'\n[window]\nnewer-client = 1\nnewer-server = 0\n",
    );
    assert_eq!(verdicts(&place, "--window")[0]["server"], "v1.2.0 … v1.2.1");
    let json = place.run("matrix --format json --window").json();
    let pairs: Vec<[&Value; 2]> =
        json["cells"].as_array().unwrap().iter().map(|it| [&it["client"], &it["server"]]).collect();
    // 1.1.0 and 1.2.0 hold the same.
    let expected = json!([
        ["v1.0.0", "v1.0.0"],
        ["v1.1.0", "v1.0.0"],
        ["v1.1.0", "v1.1.0"],
        ["v1.1.0", "v1.2.1"],
        ["v1.2.1", "v1.1.0"],
        ["v1.2.1", "v1.2.1"],
    ]);
    assert_eq!(json!(pairs), expected);
    let grid = place.run("matrix --window").stdout;
    assert!(
        grid.contains("1 v1.0.0                ·        \n") || grid.contains("1 v1.0.0"),
        "{grid}"
    );
    place.write("protoskew.toml", "[window]\nnewer = 1\n");
    place.run("check --window").gives_up(&["newer"]);
}

#[test]
fn a_window_may_list_releases() {
    let place = place();
    place.write(
        "protoskew.toml",
        "[window]\nservers = [\"v1.3.*\"]\nclients = [\"v1.1.0\", \"v1.2.1\"]\n",
    );
    let all = verdicts(&place, "--window");
    assert_eq!(
        (&all[0]["server"], &all[1]["client"]),
        (&json!("v1.3.0"), &json!("v1.1.0 … v1.2.1"))
    );
    let gone = &all[1]["findings"][0];
    assert_eq!(
        (&gone["subject"], &gone["releases"]["count"]),
        (&json!("acme.v1.Manager.Gone"), &json!(1))
    );
    let json = place.run("matrix --format json --window").json();
    let cells = json["cells"].as_array().unwrap();
    let has = |client: &str, server: &str| {
        cells.iter().any(|it| it["client"] == client && it["server"] == server)
    };
    assert!(has("v1.0.0", "v1.0.0") && has("v1.1.0", "v1.2.1") && !has("v1.0.0", "v1.1.0"));
    place.write("protoskew.toml", "[window]\nservers = [\"v1.{3\"]\n");
    place.run("check --window").gives_up(&["no pattern of releases", "servers = "]);
}

/// Agents are replaced within one release, and others within two.
#[test]
fn each_boundary_may_have_a_window_of_its_own() {
    let place = place();
    place.write(
        "api/other.proto",
        service(&["X"]).replace("Manager", "Other").replace("acme.v1", "b"),
    );
    place.write(
        "protoskew.toml",
        "[window]\nnewer-client = 1\nnewer-server = 0\n\
         [[boundary]]\nname = \"agents\"\nservices = [\"acme.v1.Manager\"]\n\
         [[boundary]]\nname = \"others\"\nservices = [\"b.*\"]\n\
         window = { newer-client = 2, newer-server = 0 }\n",
    );
    let all = verdicts(&place, "--window");
    assert_eq!(all[0]["server"], "v1.2.0 … v1.3.0");
    let findings = all[0]["findings"].as_array().unwrap().iter();
    let hit: Vec<[&Value; 2]> =
        findings.map(|it| [&it["subject"], &it["releases"]["oldest"]]).collect();
    assert_eq!(json!(hit), json!([["b.Other", "v1.2.0"], ["acme.v1.Manager.New", "v1.3.0"]]));
}
