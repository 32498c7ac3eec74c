//! Fleets: what can be deployed, and in which order.

use serde_json::{Value, json};

use crate::{json::validator, repo::Place, since::tagged};

/// `Old` is called `New` from 3.0.0 on; 2.0.0 has both.
fn renamed() -> Place {
    tagged(&[("v1.0.0", &["Old"]), ("v2.0.0", &["New", "Old"]), ("v3.0.0", &["New"])])
}

/// A server and a client, each with the versions that run.
fn fleet(server: &str, client: &str) -> String {
    format!(
        "[[component]]\nname = 'server'\nserves = ['acme.v1.Manager']\n\
         [[component]]\nname = 'client'\ncalls = ['acme.v1.Manager']\n\
         [[environment]]\nname = 'live'\n[environment.deployed]\n\
         server = [{server}]\nclient = [{client}]\n"
    )
}

#[track_caller]
fn asked(place: &Place, fleet: &str, args: &str) -> (i32, Value) {
    place.write("fleet.toml", fleet);
    let ran = place.run(&format!("{args} --format json"));
    let json = ran.json();
    let of = args.split(' ').next().unwrap();
    let said = validator(place, of).iter_errors(&json).map(|it| it.to_string()).next();
    assert_eq!(said, None);
    (ran.code, json["environments"][0].clone())
}

fn steps(plan: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let steps = plan["steps"].as_array().unwrap().iter();
    steps.map(|it| format!("{} {}", text(&it["component"]), text(&it["to"]))).collect()
}

#[test]
fn a_rename_needs_a_release_in_between() {
    let place = renamed();
    let both = "plan --upgrade server=v3.0.0 --upgrade client=v3.0.0";
    let (code, plan) = asked(&place, &fleet("'v1.0.0'", "'v1.0.0'"), both);
    assert_eq!(steps(&plan), ["server v2.0.0", "client v3.0.0", "server v3.0.0"]);
    assert_eq!((code, &plan["steps"][0]["between"]), (0, &json!(true)));
}

#[test]
fn without_one_no_order_is_safe_and_the_calls_are_named() {
    let place = tagged(&[("v1.0.0", &["Old"]), ("v3.0.0", &["New"])]);
    let both = "plan --upgrade server=v3.0.0 --upgrade client=v3.0.0";
    let (code, plan) = asked(&place, &fleet("'v1.0.0'", "'v1.0.0'"), both);
    assert_eq!((code, &plan["way"]), (1, &json!("none")));
    let blocked = plan["blocked"].as_array().unwrap().iter();
    let calls = blocked.map(|it| (&it["component"], &it["troubles"][0]["call"]));
    let calls: Vec<_> = calls.collect();
    let [old, new, server, client] =
        ["/acme.v1.Manager/Old", "/acme.v1.Manager/New", "server", "client"].map(|it| json!(it));
    assert_eq!(calls, [(&server, &old), (&client, &new)]);
}

#[test]
fn servers_come_first_for_new_calls_and_clients_for_removed_ones() {
    let place = tagged(&[("v1.0.0", &["A"]), ("v1.1.0", &["A", "B"]), ("v1.2.0", &["A"])]);
    let up = |to| format!("plan --upgrade client={to} --upgrade server={to}");
    let (_, plan) = asked(&place, &fleet("'v1.0.0'", "'v1.0.0'"), &up("v1.1.0"));
    assert_eq!(steps(&plan), ["server v1.1.0", "client v1.1.0"]);
    let (_, plan) = asked(&place, &fleet("'v1.1.0'", "'v1.1.0'"), &up("v1.2.0"));
    assert_eq!(steps(&plan), ["client v1.2.0", "server v1.2.0"]);
    let (code, plan) = asked(&place, &fleet("'v1.1.0'", "'v1.1.0'"), &up("v1.1.0"));
    assert_eq!((code, &plan["way"]), (0, &json!("nothing")));
}

#[test]
fn what_runs_broken_is_repaired_by_the_least_upgrade() {
    let place = tagged(&[
        ("v1.0.0", &["A"]),
        ("v1.1.0", &["A"]),
        ("v1.2.0", &["A", "B"]),
        ("v1.3.0", &["A", "B", "C"]),
    ]);
    let (code, plan) = asked(&place, &fleet("'v1.0.0'", "'v1.2.0'"), "plan");
    assert_eq!(code, 1);
    let repair = &plan["repairs"][0];
    assert_eq!(repair["upgrade_server_to"], json!({ "version": "v1.2.0", "and_beyond": true }));
    assert_eq!(repair["take_client_back_to"], json!({ "version": "v1.1.0", "and_beyond": true }));
    assert_eq!(repair["upgrade_client_to"], Value::Null);
}

/// A later release may have lost what an earlier one repairs; and no way goes back on its way.
#[test]
fn a_repair_may_end_and_a_way_does_not_go_back() {
    let place = tagged(&[
        ("v1.0.0", &["A"]),
        ("v1.1.0", &["A", "B"]),
        ("v1.2.0", &["A", "B", "C"]),
        ("v1.3.0", &["A", "C"]),
    ]);
    let (_, plan) = asked(&place, &fleet("'v1.0.0'", "'v1.1.0'"), "plan");
    let to = &plan["repairs"][0]["upgrade_server_to"];
    assert_eq!(*to, json!({ "version": "v1.1.0", "and_beyond": false }));
    // Going back to 1.0.0 would free the way for the server; going on by 1.2.0 does as well.
    let both = "plan --upgrade server=v1.3.0 --upgrade client=v1.3.0";
    let (_, plan) = asked(&place, &fleet("'v1.1.0'", "'v1.0.0', 'v1.1.0'"), both);
    assert_eq!(steps(&plan), ["server v1.2.0", "client v1.3.0", "server v1.3.0"]);
}

#[test]
fn what_breaks_already_is_told_apart_from_what_the_upgrade_breaks() {
    let place =
        tagged(&[("v1.0.0", &["A"]), ("v1.1.0", &["A", "B"]), ("v1.2.0", &["A", "B", "C"])]);
    let rollout = fleet("'v1.0.0'", "'v1.0.0', 'v1.1.0'");
    let standings = |answer: &Value| {
        let pairs = answer["pairs"].as_array().unwrap().iter();
        pairs.map(|it| it["standing"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The rollout goes on as it has begun.
    let (code, answer) = asked(&place, &rollout, "can-i-deploy --upgrade client=v1.1.0");
    assert_eq!((code, standings(&answer)), (0, vec!["already-broken".into(), "fine".into()]));
    let (code, answer) = asked(&place, &rollout, "can-i-deploy --upgrade client=v1.2.0");
    assert_eq!((code, &answer["answer"]), (1, &json!("no")));
    let broken = &answer["pairs"][0];
    let new = broken["troubles"].as_array().unwrap().iter();
    let new: Vec<_> = new.map(|it| (it["call"].as_str().unwrap(), it["new"].as_bool())).collect();
    assert_eq!(new, [("/acme.v1.Manager/B", Some(false)), ("/acme.v1.Manager/C", Some(true))]);
    // Going on to a server that has it all repairs it.
    let (code, answer) = asked(&place, &rollout, "can-i-deploy --upgrade server=v1.2.0");
    assert_eq!((code, &standings(&answer)[0]), (0, &"repaired".to_owned()));
}

#[test]
fn old_and_new_meet_while_an_upgrade_goes_on() {
    let place = renamed();
    // Afterwards all is well; meanwhile it is not.
    let both = "can-i-deploy --upgrade server=v3.0.0 --upgrade client=v3.0.0";
    let (code, answer) = asked(&place, &fleet("'v1.0.0'", "'v1.0.0'"), both);
    assert_eq!(code, 1);
    let pairs = answer["pairs"].as_array().unwrap();
    let broken: Vec<_> = pairs.iter().filter(|it| it["standing"] == "broken").collect();
    assert_eq!(broken.len(), 2);
    assert!(broken.iter().all(|it| it["today"] == false && it["after"] == false));
}

#[test]
fn what_cannot_be_read_is_unknown_and_neither_yes_nor_no() {
    let place = renamed();
    place.write("api/manager.proto", "syntax = \"proto3\"; package acme.v1; service Manager { rpc");
    place.commit_all();
    place.tag("v4.0.0");
    let live = fleet("'v1.0.0'", "'v1.0.0'");
    let (code, answer) = asked(&place, &live, "can-i-deploy --upgrade server=v4.0.0");
    assert_eq!((code, &answer["answer"]), (2, &json!("unknown")));
    let (code, plan) = asked(&place, &live, "plan --upgrade server=v4.0.0");
    assert_eq!((code, &plan["way"]), (2, &json!("unknown")));
    // A service that no version declares was not judged either.
    let wrong = live.replace("acme.v1.Manager", "acme.v2.Manager");
    let (code, _) = asked(&place, &wrong, "can-i-deploy --upgrade server=v2.0.0");
    assert_eq!(code, 2);
    let alone = live.replace("calls = ['acme.v1.Manager']", "");
    let (code, _) = asked(&place, &alone, "can-i-deploy --upgrade server=v2.0.0");
    assert_eq!(code, 2);
}

/// A call in gRPC needs no HTTP binding.
#[test]
fn what_happens_in_json_counts_for_those_who_write_it() {
    let place = Place::repository();
    for (tag, binding) in [("v1.0.0", "get: \"/v1/old\""), ("v2.0.0", "get: \"/v1/new\"")] {
        let text = format!(
            "syntax = \"proto3\"; package acme.v1;\nimport \"google/api/annotations.proto\";\n\
             service Manager {{ rpc Get(Msg) returns (Msg) {{ \
             option (google.api.http) = {{ {binding} }}; }} }}\nmessage Msg {{}}\n"
        );
        place.write("api/manager.proto", text);
        place.commit_all();
        place.tag(tag);
    }
    let live = fleet("'v1.0.0'", "'v1.0.0'");
    let up = "can-i-deploy --upgrade server=v2.0.0";
    assert_eq!(asked(&place, &live, up).0, 0);
    let gateway = live.replace("name = 'client'", "name = 'client'\njson = true");
    let (code, answer) = asked(&place, &gateway, up);
    assert_eq!(
        (code, &answer["pairs"][0]["troubles"][0]["rule"]),
        (1, &json!("http-binding-missing"))
    );
}

#[test]
fn schemas_come_from_other_repositories_and_pinned_versions() {
    let api = tagged(&[("api/v1.0.0", &["A"]), ("api/v1.1.0", &["A", "B"])]);
    let agent = Place::repository();
    for (tag, pin) in [("v7", "v1.0.0"), ("v8", "v1.1.0")] {
        agent.write("go.mod", format!("module agent\nrequire (\n\tacme.dev/api {pin} // x\n)\n"));
        agent.commit_all();
        agent.tag(tag);
    }
    let place = Place::empty();
    let (api, agent) = (api.path().display(), agent.path().display());
    place.write(
        "fleet.toml",
        format!(
            "[[component]]\nname = 'server'\nserves = ['acme.v1.Manager']\n\
             schema = {{ repo = '{api}', path = 'api', revision = 'api/v{{version}}' }}\n\
             [[component]]\nname = 'agent'\ncalls = ['acme.v1.Manager']\n\
             [component.schema]\nrepo = '{api}'\nrevision = 'api/{{version}}'\n\
             pins = {{ v6 = 'api/v1.0.0' }}\n\
             pinned = {{ repo = '{agent}', file = 'go.mod', after = 'acme.dev/api ' }}\n\
             [[environment]]\nname = 'live'\n\
             deployed = {{ server = ['1.0.0'], agent = ['v6', 'v7'] }}\n"
        ),
    );
    assert_eq!(place.run("can-i-deploy --upgrade agent=v7").code, 0);
    assert_eq!(place.run("can-i-deploy --upgrade agent=v8").code, 1);
    let ran = place.run("plan --upgrade agent=v8 --upgrade server=1.1.0 --format json");
    let plan = ran.json()["environments"][0].clone();
    assert_eq!(steps(&plan), ["server 1.1.0", "agent v8"]);
}

#[test]
fn mistakes_are_shown_where_the_file_has_them() {
    let place = renamed();
    let good = fleet("'v1.0.0'", "'v1.0.0'");
    for (from, to, said) in [
        (
            "server = [",
            "servr = [",
            &["no component is named `servr`", "did you mean `server`?"][..],
        ),
        (
            "calls = ['acme.v1.Manager']",
            "calls = ['acme.v1.Manger']",
            &["no component serves `acme.v1.Manger`", "did you mean `acme.v1.Manager`?"],
        ),
        (
            "client = ['v1.0.0']",
            "client = ['v1.0.1']",
            &["is named `v1.0.1`", "fleet.toml:11:11", "did you mean `v1.0.0`"],
        ),
        ("serves", "serve", &["no key is named `serve`", "did you mean `serves`?"]),
        ("name = 'client'", "name = 'server'", &["two components are named `server`"]),
        (
            "client = ['v1.0.0']",
            "client = ['v1.0.0']\n[[environment.shipped]]\ncomponent = 'client'\nversion = 'v1.0.0'\nuntil = 'soon'",
            &["`soon` is not a day"],
        ),
        (
            "[[environment]]\nname = 'live'\n[environment.deployed]\nserver = ['v1.0.0']\nclient = ['v1.0.0']\n",
            "",
            &["no environment"],
        ),
    ] {
        assert!(good.contains(from), "{from}");
        place.write("fleet.toml", good.replace(from, to));
        place.run("can-i-deploy --upgrade server=v2.0.0").gives_up(said);
    }
    place.write("fleet.toml", &good);
    for (args, said) in [
        ("--upgrade servr=v2.0.0", "did you mean `server`?"),
        ("--upgrade server", "has no version"),
        ("--upgrade server=v9", "`v9`"),
        ("--upgrade server=v2.0.0 --upgrade server=v3.0.0", "two versions"),
        ("--env liv --upgrade server=v2.0.0", "did you mean `live`?"),
        ("", "nothing says which component"),
        ("--fleet gone.toml --upgrade server=v2.0.0", "gone.toml"),
    ] {
        place.run(&format!("can-i-deploy {args}")).gives_up(&[said]);
    }
}

#[test]
fn without_a_fleet_file_it_is_said_how_to_have_one() {
    let ran = renamed().run("can-i-deploy --upgrade server=v3.0.0");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("no fleet file `fleet.toml`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("protoskew schema fleet"), "{}", ran.stderr);
}
