//! Names that would write on the terminal, were they printed as they are. That nothing of the kind
//! is printed is looked at whenever the program runs; here it gets its chances.

use prost::Message as _;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

use crate::{
    fixtures::{FILE, descriptors, proto, two_versions},
    repo::{Mode, Place, entry},
    run::Ran,
};

/// Escape sequences of seven and of eight bits, text that runs backwards, and plain control
/// characters. Git has no such branches or tags as hold the first or the last, but any path may.
const EVIL: [&str; 8] = [
    "\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31mred",
    "\u{202e}otorp",
    "\u{2066}isolated\u{2069}",
    "\u{61c}mark",
    "over\rwritten",
    "two\nlines",
];

/// In JSON, names are what they are: whoever reads it gets the characters back.
#[track_caller]
fn assert_names(ran: &Ran, expected: &str) {
    assert_eq!(ran.json()["versions"][1]["name"], expected);
}

#[test]
fn revisions() {
    let place = two_versions();
    for evil in EVIL {
        let Ok(head) = place.git().revparse_single("v1") else { panic!("v1 is there") };
        let name = format!("refs/tags/{evil}");
        let tagged = place.git().reference(&name, head.id(), true, "test").is_ok();
        assert_eq!(tagged, !evil.contains(|it| char::is_ascii_control(&it)), "{evil:?}");
        let known = place.run_with(&["check", "v2", evil]);
        assert_eq!(known.code, if tagged { 1 } else { 2 }, "{known:#?}");
        if tagged {
            place.run_with(&["diff", "v2", evil]).answers();
            assert_names(&place.run_with(&["check", "v2", evil, "--format", "json"]), evil);
            place.run_with(&["diff", "v2", evil, "--format", "json"]).answers();
        }
        // Near enough for a suggestion to hold the name.
        place.run_with(&["check", "v2", &format!("{evil}x")]).gives_up(&[]);
        place.run_with(&["check", "v2", &format!("v1:{evil}")]).gives_up(&["does not exist"]);
        place.run_with(&["check", "v2", &format!(".@{evil}x")]).gives_up(&[]);
    }
}

#[test]
fn paths_in_git() {
    for evil in EVIL {
        let place = Place::repository();
        let path = format!("{evil}/{evil}.proto");
        for (tag, methods) in [("v1", 1), ("v2", 2)] {
            place.stage(&path, Mode::File, proto(methods));
            place.commit();
            place.tag(tag);
        }
        let report = place.run("check v1 v2 --format json");
        let site = &report.json()["verdicts"][0]["findings"][0]["head"];
        assert_eq!(site["file"], path, "{report:#?}");
        place.run("check v1 v2 --verbose").answers();
        place.run("diff v1 v2").answers();
        place.run_with(&["check", &format!("v1:{evil}"), "v2"]).answers();
        place.run_with(&["check", "v1", "v2", "--path", evil]).answers();
        place.run_with(&["check", "v1", &format!("v2:{evil}x")]).gives_up(&["did you mean"]);
        place.stage(&path, Mode::File, proto(2) + "message {}");
        place.run("check v1 :index").gives_up(&["cannot be compiled", "message {}"]);
        place.stage(&path, Mode::Link, evil);
        place.run("check v1 :index").gives_up(&["is a symbolic link to"]);
        conflict(&place, &path);
        place.run("check v1 :index").gives_up(&["is unmerged in the index"]);
    }
}

fn conflict(place: &Place, path: &str) {
    let mut index = place.git().index().unwrap();
    let mut ours = entry(path.as_bytes(), Mode::File, place.git().blob(b"").unwrap());
    ours.flags = 2 << 12;
    index.remove(path.as_ref(), 0).unwrap();
    index.add(&ours).unwrap();
    index.write().unwrap();
}

/// Not every file system takes such names.
#[cfg(target_os = "linux")]
#[test]
fn paths_in_a_folder() {
    let place = two_versions();
    for evil in EVIL {
        let file = format!("{evil}/{evil}.proto");
        place.write(&file, proto(2));
        place.run_with(&["check", "v1", evil]).answers();
        assert_names(&place.run_with(&["check", "v1", evil, "--format", "json"]), evil);
        place.run_with(&["check", "v1", &format!(":worktree:{evil}")]).answers();
        place.run_with(&["check", &format!("{evil}@v1"), "v2"]).answers();
        place.run_with(&["check", "v1", &file]).gives_up(&["is a file"]);
        place.write(&file, "message {}");
        place.run_with(&["check", "v1", evil]).gives_up(&["expected an identifier"]);
        place.write(&file, "\u{1b}[31m\u{9b}\u{202e}\r");
        place.run_with(&["check", "v1", evil]).gives_up(&["invalid token"]);
        place.write(&file, b"\xff");
        place.run_with(&["check", "v1", evil]).gives_up(&["is not UTF-8"]);
        let other = format!("{evil}/other.proto");
        place.write(&file, "import \"other.proto\";");
        place.write(&other, format!("import \"{evil}.proto\";").replace('\n', "\\n"));
        place.run_with(&["check", "v1", evil]).gives_up(&[]);
        let gone = format!("{evil}/gone/report.txt");
        place.run_with(&["check", "v1", "v2", "-o", &gone]).gives_up(&["cannot write"]);
        place.run_with(&["check", "v1", "v2", "--repo", &gone]).gives_up(&["no folder"]);
    }
}

#[test]
fn arguments() {
    let place = two_versions();
    for evil in EVIL {
        for args in [
            &["check", "v1", "v2", "--service", evil][..],
            &["check", "v1", "v2", "--path", evil],
            &["check", "v1", "v2", "--import-root", evil],
            &["check", "v1", "v2", "--format", evil],
            &["explain", evil],
            &["man", evil],
            &["completions", evil],
            &[evil],
        ] {
            place.run_with(args).gives_up(&[]);
        }
    }
}

/// What a schema holds comes from others as well.
#[test]
fn contents() {
    for evil in EVIL {
        let place = Place::repository();
        let comment = evil.replace(['\n', '\r'], " ");
        let escaped: String = evil.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        let text = format!(
            "syntax = \"proto2\"; package acme.v1; import \"{escaped}\"; /* {comment} */
             service Manager {{ rpc /* {comment} */ Call(M) returns (M); }}
             message M {{
               /* {comment} */ optional string a = 1 [json_name = \"{escaped}\"]; /* {comment} */
               optional string b = 2 [default = \"{escaped}\"];
             }}"
        );
        let empty = "syntax = \"proto2\"; package acme.v1; message M {}
                     service Manager { rpc Call(M) returns (M); }";
        for (tag, text) in [("v1", empty), ("v2", &text)] {
            place.stage(FILE, Mode::File, text);
            place.commit();
            place.tag(tag);
        }
        for line in [
            "check v1 v2 --verbose",
            "check v2 v1 --verbose",
            "check v1 v2 --format json",
            "diff v1 v2",
            "diff v1 v2 --format json",
        ] {
            place.run(line).answers();
        }
        place.run("check v1 v2 --strict-imports").gives_up(&["no file of this version is"]);
        let undeclared = text.replace("(M)", "(Gone)").replace("import", "// import");
        place.stage(FILE, Mode::File, undeclared);
        place.run("check v1 :index").gives_up(&["no message is named `Gone`"]);
    }
}

/// A descriptor set can hold names that no parser would let through.
#[test]
fn descriptor_sets() {
    let place = two_versions();
    for set in hostile_sets(&EVIL.concat()) {
        place.write("set.binpb", set.encode_to_vec());
        for line in [
            "check v1 set.binpb --verbose",
            "check set.binpb v1",
            "check v1 set.binpb --format json",
            "check v1 set.binpb --strict-imports",
            "diff v1 set.binpb",
            "diff v1 set.binpb --format json",
        ] {
            // Some of these sets are in order.
            place.run(line);
        }
    }
}

fn hostile_sets(evil: &str) -> Vec<FileDescriptorSet> {
    let evil = || Some(evil.to_owned());
    let changed = |change: &dyn Fn(&mut prost_types::FileDescriptorProto)| {
        let mut set = descriptors(2);
        change(&mut set.file[0]);
        set
    };
    let field = |field: FieldDescriptorProto| DescriptorProto {
        name: Some("Other".into()),
        field: vec![FieldDescriptorProto { number: Some(1), ..field }],
        ..Default::default()
    };
    let typed = || FieldDescriptorProto {
        name: Some("typed".into()),
        type_name: evil(),
        ..Default::default()
    };
    let named = || FieldDescriptorProto { name: evil(), r#type: Some(9), ..Default::default() };
    let valued = || FieldDescriptorProto {
        name: Some("valued".into()),
        json_name: evil(),
        default_value: evil(),
        r#type: Some(9),
        ..Default::default()
    };
    vec![
        changed(&|file| file.name = evil()),
        changed(&|file| file.package = evil()),
        changed(&|file| file.syntax = evil()),
        changed(&|file| file.dependency = evil().into_iter().collect()),
        changed(&|file| file.service[0].name = evil()),
        changed(&|file| file.service[0].method[0].name = evil()),
        changed(&|file| file.service[0].method[0].input_type = evil()),
        changed(&|file| file.message_type[0].name = evil()),
        changed(&|file| {
            file.dependency = vec!["gone.proto".into()];
            file.service[0].method[0].input_type = evil();
        }),
        changed(&|file| file.message_type.push(field(typed()))),
        changed(&|file| file.message_type.push(field(named()))),
        changed(&|file| {
            file.dependency = vec!["gone.proto".into()];
            file.message_type[0].field = field(typed()).field;
        }),
        changed(&|file| file.message_type[0].field = field(valued()).field),
    ]
}
