//! Mistakes that the change has nothing to do with, in small repositories and in large ones.

use crate::{fixtures::proto, repo::Place};

const BROKEN: &str = "syntax = \"proto3\"; package acme.old; message Oops { strng name 1; wrong }";

/// Two versions of one file among so many others that are the same in both.
fn place(others: usize, same: &[(&str, &str)]) -> Place {
    let place = Place::repository();
    for (path, text) in same {
        place.write(path, text);
    }
    for other in 0..others {
        let text = format!("syntax = \"proto3\"; package other.v{other}; message Other {{}}");
        place.write(&format!("other/{other}.proto"), text);
    }
    for version in [1, 2] {
        place.write("api/acme.proto", proto(version));
        place.commit_all();
        place.tag(&format!("v{version}"));
    }
    place
}

/// Below this, all is read; above, what the change reaches.
const SIZES: [usize; 2] = [1, 100];

#[test]
fn a_broken_file_that_is_the_same_blinds_nobody() {
    for others in SIZES {
        let place = place(others, &[("old/oops.proto", BROKEN)]);
        let ran = place.run("check v1 v2 --pairing newer-client");
        assert_eq!((ran.code, &*ran.stderr), (1, ""), "{others}: {ran:#?}");
        let told = ran.stdout.contains("1 file is broken in every version");
        assert_eq!(told, others == SIZES[0], "{}", ran.stdout);
        place.run("check v1 v2 --pairing newer-server").answers();
    }
}

/// Names that nobody declares, and files that import each other, are mistakes too.
#[test]
fn so_it_is_with_what_shows_only_when_files_are_put_together() {
    let undeclared = "syntax = \"proto3\"; package old; message Old { Gone gone = 1; }";
    let cycle = |next: &str| format!("syntax = \"proto3\"; import \"old/{next}.proto\";");
    for others in SIZES {
        let same = [
            ("old/u.proto", undeclared),
            ("old/a.proto", &cycle("b")),
            ("old/b.proto", &cycle("a")),
        ];
        let place = place(others, &same);
        let ran = place.run("check v1 v2");
        assert_eq!((ran.code, &*ran.stderr), (1, ""), "{others}: {ran:#?}");
        let told = ran.stdout.contains("3 files are broken in every version");
        assert_eq!(told, others == SIZES[0], "{}", ran.stdout);
    }
}

/// A link that ends nowhere in any version declares nothing that a change could reach.
#[cfg(unix)]
#[test]
fn a_link_to_nowhere_that_is_the_same_blinds_nobody() {
    for others in SIZES {
        let place = place(others, &[("old/u.proto", "syntax = \"proto3\"; package u;")]);
        for version in [1, 2] {
            std::os::unix::fs::symlink("../gone/x.proto", place.path().join("old/x.proto")).ok();
            place.write("api/acme.proto", proto(version));
            place.commit_all();
            place.tag(&format!("linked-{version}"));
        }
        let ran = place.run("check linked-1 linked-2");
        assert_eq!((ran.code, &*ran.stderr), (1, ""), "{others}: {ran:#?}");
        place.write("api/acme.proto", proto(1) + "import \"old/x.proto\";");
        place.run("check linked-2 :worktree").gives_up(&["old/x.proto` is a symbolic link"]);
    }
}

/// What is wrong in both versions is told of the newer one.
#[test]
fn a_cycle_that_the_change_reaches_is_told_once() {
    let place = Place::versions("api/acme.proto", &[&proto(1), &proto(2)]);
    let cycle = |next: &str| format!("syntax = \"proto3\"; import \"{next}.proto\";");
    for version in [1, 2] {
        place.write("a.proto", format!("{} message A{version} {{}}", cycle("b")));
        place.write("b.proto", cycle("a"));
        place.commit_all();
        place.tag(&format!("round-{version}"));
    }
    let ran = place.run("check round-1 round-2");
    ran.gives_up(&["import cycle in `round-2`: a.proto → b.proto → a.proto"]);
    assert_eq!(ran.stderr.matches("import cycle").count(), 1, "{}", ran.stderr);
}

#[test]
fn a_broken_file_that_the_change_reaches_or_needs_is_told_once() {
    let reached = format!("{BROKEN} import \"api/acme.proto\";");
    let needed = "syntax = \"proto3\"; package acme.v1; import \"old/oops.proto\";";
    for others in SIZES {
        let place = place(others, &[("old/oops.proto", &reached)]);
        let ran = place.run("check v1 v2");
        ran.gives_up(&["old/oops.proto"]);
        assert_eq!(ran.stderr.matches("[v2:old/oops.proto").count(), 1, "{}", ran.stderr);
        assert!(!ran.stderr.contains("v1:old/oops.proto"), "{}", ran.stderr);
        let report = place.run("check v1 v2 --format json").json();
        let reason = report["verdicts"][0]["reason"].as_str().unwrap();
        assert_eq!(reason.matches("oops.proto").count(), 1, "{reason}");

        place.write("api/user.proto", needed);
        place.write("old/oops.proto", BROKEN);
        place.commit_all();
        place.write("api/user.proto", format!("{needed} message User {{}}"));
        place.run("check HEAD :worktree").gives_up(&["old/oops.proto"]);
    }
}

#[test]
fn all_that_is_broken_is_no_answer() {
    let place = Place::versions("api/acme.proto", &[BROKEN, BROKEN]);
    place.run("check v1 v2").gives_up(&["`v2` cannot be compiled"]);
}

/// Strict is strict with every file that is judged, and with what that imports.
#[test]
fn a_strict_run_looks_at_what_did_not_change() {
    let direct = "syntax = \"proto3\"; package a; import \"elsewhere/gone.proto\";";
    let far = "syntax = \"proto3\"; package b; import \"lib/direct.proto\";";
    for others in SIZES {
        let place = place(others, &[("lib/direct.proto", direct), ("far/far.proto", far)]);
        place.run("check v1 v2 --pairing newer-server").answers();
        for paths in ["", " --path lib", " --path far --path api"] {
            let ran =
                place.run(&format!("check v1 v2 --pairing newer-server --strict-imports{paths}"));
            ran.gives_up(&[
                "no file of this version is `elsewhere/gone.proto`",
                "lib/direct.proto:1",
            ]);
        }
        place.run("check v1 v2 --pairing newer-server --strict-imports --path api").answers();
    }
}

/// No file changed, and yet an import means another one.
#[test]
fn what_imports_through_roots_that_moved_is_reached() {
    let service = "syntax = \"proto3\"; package s; import \"x.proto\";
        service S { rpc R(x.X) returns (x.X); }";
    let [one, two] =
        ["X", "Y"].map(|name| format!("syntax = \"proto3\"; package x; message {name} {{}}"));
    for others in SIZES {
        let same = [
            ("api/s.proto", service),
            ("one/x.proto", &one),
            ("two/x.proto", &two),
            ("old/oops.proto", BROKEN),
        ];
        let place = place(others, &same);
        for root in ["one", "two"] {
            place.write("buf.work.yaml", format!("version: v1\ndirectories:\n- api\n- {root}\n"));
            place.commit_all();
            place.tag(&format!("root-{root}"));
        }
        let ran = place.run("check root-one root-two");
        ran.gives_up(&["no message is named `x.X`", "root-two:api/s.proto"]);
        assert!(!ran.stderr.contains("oops"), "{}", ran.stderr);
    }
}
