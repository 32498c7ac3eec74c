//! Where a report goes, and how the program exits.

use std::{fs, io::Read as _, process::Stdio};

use crate::{
    fixtures::{FILE, descriptor_set, proto, two_versions},
    repo::Place,
    run::{program, wait},
};

/// Two versions that differ in one field of a request: a warning for a newer client, a note for a
/// newer server.
fn one_field() -> Place {
    let with = proto(1).replace("message Empty {}", "message Empty { string name = 1; }");
    Place::versions(FILE, &[proto(1), with])
}

#[test]
fn the_exit_code_tells_of_findings_at_or_above_a_level() {
    let place = one_field();
    for (flags, code) in [
        ("", 0),
        ("--fail-on error", 0),
        ("--fail-on warning", 1),
        ("--fail-on note", 1),
        ("--fail-on warning --pairing newer-client", 1),
        ("--fail-on warning --pairing newer-server", 0),
        ("--fail-on note --pairing newer-server", 1),
        ("--fail-on note --service acme.v1.Manager", 1),
    ] {
        let ran = place.run(&format!("check v1 v2 {flags}"));
        assert_eq!(ran.code, code, "{flags}");
        ran.answers();
    }
    let place = two_versions();
    for (line, code) in [
        ("check v1 v2", 1),
        ("check v1 v2 --pairing newer-client", 1),
        ("check v1 v2 --pairing newer-server", 0),
        ("check --client v2 --server v1", 1),
        ("check --client v1 --server v2", 0),
        // Facts are not findings.
        ("diff v1 v2", 0),
    ] {
        assert_eq!(place.run(line).code, code, "{line}");
    }
}

#[test]
fn a_command_line_that_means_nothing_is_refused() {
    let place = two_versions();
    for (line, said) in [
        ("", "Usage: protoskew"),
        ("chekc v1 v2", "'chekc'"),
        ("check v1 v2 v3", "'v3'"),
        ("check v1 v2 --pairing sideways", "newer-client, newer-server"),
        ("check v1 v2 --fail-on panic", "error, warning, note"),
        ("check v1 v2 --format yaml", "human, json"),
        ("check --client v1", "--server <SOURCE>"),
        ("check --server v1", "--client <SOURCE>"),
        ("check v1 --client v1 --server v2", "cannot be used with"),
        ("check --client v1 --server v2 --pairing newer-client", "cannot be used with"),
        ("check v1 v2 --servce acme.v1.Manager", "'--service'"),
        ("diff", "<BASE>"),
        ("diff v1 v2 --format human", "text, json"),
        ("explain", "<RULE|LINE>"),
        ("schema gone", "check, diff"),
        ("completions tcl", "bash"),
    ] {
        let ran = place.run(line);
        ran.gives_up(&[said]);
        assert_eq!(ran.stdout, "", "{line}");
    }
}

#[test]
fn a_report_can_go_to_a_file() {
    let place = two_versions();
    for (line, file) in [
        ("check v1 v2", "report.txt"),
        ("check v1 v2 --format json", "report.json"),
        ("diff v1 v2", "diff.txt"),
        ("diff v1 v2 --format json", "api/diff.json"),
    ] {
        let printed = place.run(line);
        // What was there before, were it longer, is gone.
        place.write(file, "x".repeat(100_000));
        let written = place.run(&format!("{line} --output {file}"));
        assert_eq!((written.code, written.stdout.as_str()), (printed.code, ""), "{line}");
        assert_eq!(place.read(file), printed.stdout, "{line}");
        fs::remove_file(place.path().join(file)).unwrap();
        place.run(&format!("{line} -o {file}"));
        assert_eq!(place.read(file), printed.stdout, "{line}");
    }
    assert_eq!(place.names("api"), ["acme.proto", "diff.json"]);
}

#[test]
fn a_report_that_cannot_be_written_is_no_answer() {
    let place = two_versions();
    place.write("file", "before");
    for (output, reason) in [
        ("gone/report.json", "its folder does not exist"),
        ("file/report.json", "not a directory"),
        ("api", "is a directory"),
    ] {
        let ran = place.run(&format!("check v1 v2 --format json --output {output}"));
        ran.gives_up(&[&format!("cannot write `{output}`: {reason}"), "nothing was written"]);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(place.read("file"), "before");
    assert_eq!(place.names("."), [".git", "api", "file"]);
    assert_eq!(place.names("api"), ["acme.proto"]);
}

#[test]
fn what_cannot_be_answered_leaves_no_file() {
    let place = two_versions();
    place.write("report.json", "before");
    for line in ["check v1 v3", "check v1 v2:gone", "check v1 v2 --service Gone", "diff v1 v3"] {
        place.run(&format!("{line} --format json --output report.json")).gives_up(&[]);
        assert_eq!(place.read("report.json"), "before", "{line}");
    }
    assert_eq!(place.names("."), [".git", "api", "report.json"]);
}

/// `--output /dev/stdout` must not put a file in the place of a device.
#[cfg(unix)]
#[test]
fn a_link_is_written_through() {
    let place = two_versions();
    place.write("report.txt", "");
    place.link("link.txt", "report.txt");
    place.run("check v1 v2 --output link.txt");
    assert!(fs::symlink_metadata(place.path().join("link.txt")).unwrap().is_symlink());
    assert_eq!(place.read("report.txt"), place.run("check v1 v2").stdout);
}

#[test]
fn whoever_has_read_enough_may_leave() {
    let place = two_versions();
    for line in ["check v1 v2", "check v1 v2 --format json", "diff v1 v2", "rules", "man", "schema"]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program(place.path());
        command.args(line.split_whitespace()).stdout(writer).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        assert_eq!(wait(&mut child), Some(0), "{line}");
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(stderr, "", "{line}");
    }
}

#[test]
fn an_error_that_nobody_reads_is_one_all_the_same() {
    let place = two_versions();
    for line in ["check v1 gone", "explain gone", "check --gone"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program(place.path());
        command.args(line.split_whitespace()).stdout(Stdio::null()).stderr(writer);
        assert_eq!(wait(&mut command.spawn().unwrap()), Some(2), "{line}");
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let place = one_field();
    place.write("set.binpb", descriptor_set(5));
    for line in [
        "check v1 v2",
        "check v1 v2 --format json --verbose",
        "check v1 set.binpb",
        "check v1 :worktree --color always",
        "check v1 gone",
        "diff v1 v2",
        "diff v1 set.binpb --format json",
        "schema check",
        "rules",
    ] {
        let first = program(place.path()).args(line.split_whitespace()).output().unwrap();
        for _ in 0..3 {
            let again = program(place.path()).args(line.split_whitespace()).output().unwrap();
            assert_eq!(first, again, "{line}");
        }
    }
}

#[test]
fn colours_are_for_those_who_ask() {
    let place = two_versions();
    let stdout = |flags: &str| {
        let line = format!("check v1 v2 {flags}");
        let output = program(place.path()).args(line.split_whitespace()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = stdout("");
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(stdout("--color never"), plain);
    let colored = stdout("--color always");
    assert!(colored.contains("\u{1b}["));
    assert_eq!(without_escapes(&colored), plain);
}

fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.filter_map(|part| Some(part.split_once('m')?.1)).collect::<String>()
}
