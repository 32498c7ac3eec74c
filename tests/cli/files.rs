//! What a `.proto` file or a descriptor set may hold: anything. Each of these ends with a clear
//! word, soon.

use std::fs;

use prost::Message as _;

use crate::{
    fixtures::{FILE, descriptor_set, descriptors, methods, proto, two_versions},
    repo::{Mode, Place},
    run::Ran,
};

/// Compares `v1`, which is fine, with a version whose only file holds `contents`.
#[track_caller]
fn check(place: &Place, contents: impl AsRef<[u8]>) -> Ran {
    place.write(FILE, contents);
    place.run("check v1 :worktree --pairing newer-client")
}

/// A file with so many opening signs, and as many closing ones, between two other texts.
fn nested(before: &str, open: &str, close: &str, after: &str) -> String {
    const LEVELS: usize = 10_000;
    let (open, close) = (open.repeat(LEVELS), close.repeat(LEVELS));
    format!("{}{before}{open}{close}{after}", proto(1))
}

#[test]
fn nesting_may_be_of_any_depth() {
    let place = two_versions();
    for (contents, said) in [
        (nested("", "message A {", "}", ""), "maximum recursion limit for nested messages"),
        (nested("", "message A {", "", ""), "maximum recursion limit for nested messages"),
        (nested("message A { int32 a = 1 ", "[", "]", "; }"), "found '['"),
        (nested("option ", "(", ")", " = 1;"), "found '('"),
        (nested("extend ", "A {", "}", ""), "found '{'"),
    ] {
        check(&place, contents).gives_up(&["cannot be compiled", said, "api/acme.proto:9:"]);
    }
    // What options hold is nobody's business here.
    for contents in [
        nested("option (a) = {", "a: {", "}", "};"),
        nested("option (a) = {", "a: <", ">", "};"),
        nested("option (a) = { a: ", "[", "]", "};"),
        nested("message A { int32 a = 1 [(a) = {", "a: {", "}", "}]; }"),
    ] {
        check(&place, contents).answers();
    }
}

#[test]
fn of_many_mistakes_the_first_few_are_shown() {
    let place = two_versions();
    let syntax = "message { }\n".repeat(16_000);
    let undeclared = |at: usize| format!("  Gone{at} field{at} = {};\n", at + 1);
    let undeclared: String = (0..16_000).map(undeclared).collect();
    let twice = "  string twice = 1;\n".repeat(8_000);
    for (contents, said) in [
        (syntax, "expected an identifier, but found '{'"),
        (format!("message A {{\n{undeclared}}}"), "no message or enum is named `Gone0`"),
        (format!("message A {{\n{twice}}}"), "`acme.v1.A.twice` is declared twice"),
        ("@ ".repeat(16_000), "invalid token"),
    ] {
        let ran = check(&place, proto(1) + &contents);
        ran.gives_up(&[said, "api/acme.proto:", "more like these"]);
        assert!(ran.stderr.len() < 10_000, "{} bytes", ran.stderr.len());
    }
}

#[test]
fn a_file_may_be_large() {
    let place = two_versions();
    let comment = format!("{}// {}\n", proto(2), "x".repeat(20_000_000));
    check(&place, &comment).answers();
    check(&place, comment + "message {}").gives_up(&["api/acme.proto:11:9"]);
}

#[test]
fn long_chains_of_imports_need_no_stack() {
    const FILES: usize = 500;
    let place = two_versions();
    for at in 0..FILES {
        let import = format!("import public \"file{}.proto\";", at + 1);
        place.write(&format!("chain/file{at}.proto"), format!("syntax = \"proto3\"; {import}"));
    }
    place.write(&format!("chain/file{FILES}.proto"), "syntax = \"proto3\"; message Last {}");
    let first =
        "syntax = \"proto3\"; import \"file0.proto\"; service S { rpc M(Last) returns (Last); }";
    place.write("chain/first.proto", first);
    place.run("check :worktree:chain :worktree:chain").answers();
}

#[test]
fn garbage_is_refused() {
    let place = two_versions();
    for seed in 1..=8 {
        let bytes = garbage(seed, 4096);
        check(&place, &bytes).gives_up(&["cannot be compiled", "`api/acme.proto` is not UTF-8"]);
        // As text: whatever comes before the mistake, there is one.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        check(&place, text).gives_up(&["`the working tree` cannot be compiled", "api/acme.proto:"]);
    }
}

/// As protoc has it.
#[test]
fn a_package_may_be_as_long_as_protoc_takes_it() {
    let place = two_versions();
    let check = |package: &str| {
        let text = format!("syntax = \"proto3\";\npackage {package};\nmessage M {{}}\n");
        check(&place, text)
    };
    for (longest, more, said) in [
        ("a".repeat(511), "a", "is a longer package than protoc takes"),
        (vec!["a"; 101].join("."), ".a", "has more parts than a package may have for protoc"),
    ] {
        let ran = check(&longest);
        assert!(!ran.stderr.contains("protoc"), "{ran:#?}");
        check(&format!("{longest}{more}")).gives_up(&[said]);
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused_or_read() {
    let place = two_versions();
    let whole = proto(2);
    for length in (0..whole.len()).step_by(7) {
        let ran = check(&place, &whole[..length]);
        assert!(ran.code == 2 || ran.stderr.is_empty(), "{length}: {ran:#?}");
    }
}

#[test]
fn a_descriptor_set_that_is_none_is_refused() {
    let place = two_versions();
    let whole = descriptor_set(2);
    let mut unnamed = descriptors(1);
    unnamed.file[0].name = None;
    let mut twice = descriptors(1);
    twice.file.push(twice.file[0].clone());
    let mut clash = descriptors(1);
    let message = clash.file[0].message_type[0].clone();
    clash.file[0].message_type.push(message);
    for (contents, said) in [
        (Vec::new(), "no .proto file in `set.binpb`"),
        (garbage(1, 4096), "`set.binpb` is not a FileDescriptorSet"),
        (proto(1).into_bytes(), "`set.binpb` is not a FileDescriptorSet"),
        (whole[..whole.len() - 1].to_vec(), "`set.binpb` is not a FileDescriptorSet"),
        (unnamed.encode_to_vec(), "a file in it has no name"),
        (twice.encode_to_vec(), "`api/acme.proto` is in it twice"),
        (clash.encode_to_vec(), "`acme.v1.Empty` is declared twice"),
    ] {
        place.write("set.binpb", &contents);
        place.run("check v1 set.binpb").gives_up(&[said]);
        place.stage("set.binpb", Mode::File, &contents);
        place.commit();
        place.run("check v1 main:set.binpb").gives_up(&["main:set.binpb"]);
    }
}

/// Bytes that look like nothing, the same in every run.
fn garbage(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Where a link ends inside of the version, it is the file; the link is all the same in git, in
/// the index and in a folder.
#[test]
fn links_inside_the_version_are_followed() {
    let place =
        linked(&[("api/link.proto", "acme.proto"), ("a/b/far.proto", "../../api/link.proto")]);
    fs::create_dir_all(place.path().join("a/b")).unwrap();
    for source in SOURCES {
        let ran = place.run_with(&["check", source, source, "--path", "a", "--format", "json"]);
        let versions = &ran.json()["versions"];
        assert_eq!(versions[0]["methods"], 2, "{source}: {ran:#?}");
    }
}

#[test]
fn links_that_leave_the_version_are_not_followed() {
    for target in [
        "gone.proto",
        "../../outside.proto",
        "/etc/hostname",
        "..",
        "../api",
        "bad.proto",
        "acme.proto/x",
    ] {
        let place = linked(&[("api/bad.proto", target)]);
        for source in SOURCES {
            let ran = place.run_with(&["check", "v1", source]);
            ran.gives_up(&[
                "api/bad.proto` is a symbolic link to",
                "followed inside the tree only",
            ]);
        }
    }
}

/// What it ends at need not be called a `.proto` file, but has to be one.
#[test]
fn a_link_to_another_kind_of_file_is_told() {
    let place = two_versions();
    place.stage("api/other.go", Mode::File, "package acme\n\nfunc main() {\n");
    place.stage("api/link.proto", Mode::Link, "other.go");
    place.commit();
    let ran = place.run("check v1 HEAD");
    ran.gives_up(&["`HEAD:api/link.proto` is a symbolic link to `api/other.go`, and that is no"]);
    assert_eq!(ran.stderr.matches("×").count(), 1, "{}", ran.stderr);
}

/// A tree, the index and a folder.
const SOURCES: [&str; 3] = ["HEAD", ":index", ":worktree"];

/// `v2`, with some links added and committed.
fn linked(links: &[(&str, &str)]) -> Place {
    let place = two_versions();
    for (path, target) in links {
        place.stage(path, Mode::Link, target);
        place.link(path, target);
    }
    place.commit();
    place
}

/// Only files and links are files: to read a pipe or a socket would take for ever.
#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_not_read() {
    let place = two_versions();
    let _socket = std::os::unix::net::UnixListener::bind(place.path().join("api/s.proto")).unwrap();
    fs::create_dir(place.path().join("api/folder.proto")).unwrap();
    assert_eq!(methods(&place, ":worktree"), 2);
    assert_eq!(methods(&place, "api"), 2);
}

/// A folder that is a link lets a link in it leave the tree by a way that looks harmless.
#[cfg(unix)]
#[test]
fn links_do_not_leave_a_folder_through_a_linked_folder() {
    let (place, outside) = (two_versions(), Place::empty());
    outside.write("secret.proto", "This is not for you.");
    place.link("way", outside.path().to_str().unwrap());
    place.link("api/bad.proto", "../way/secret.proto");
    place.run("check v1 :worktree").gives_up(&["api/bad.proto` is a symbolic link to"]);
}
