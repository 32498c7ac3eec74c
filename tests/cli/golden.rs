//! Every folder in `testdata/cli` is a repository and what is said of it: `base/` is committed and
//! tagged `v1`, `head/` is committed, tagged `v2` and checked out, and each line of `command` is
//! run there. A case may do without either.

use std::{
    fs,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

use crate::{
    repo::Place,
    run::Ran,
    support::{assert_golden, entries},
};

#[test]
fn every_command_says_what_it_said() {
    for case in entries("testdata/cli") {
        let place = history(&case);
        let commands = fs::read_to_string(case.join("command")).expect("every case has commands");
        let told = commands.lines().map(|line| {
            let args = line.strip_prefix("protoskew ").expect("it begins with our name");
            transcript(line, &place.run(args))
        });
        assert_golden(&case.join("expected.txt"), &told.collect::<Vec<String>>().join("\n"));
    }
}

fn history(case: &Path) -> Place {
    let place = Place::repository();
    for (folder, tag) in [("base", "v1"), ("head", "v2")] {
        let version = case.join(folder);
        if version.exists() {
            place.clear();
            for file in files(&version) {
                let name = file.strip_prefix(&version).expect("it is below the folder");
                let name = name.to_str().expect("cases are named in UTF-8");
                place.write(name, fs::read(&file).expect("a file"));
            }
            place.commit_all();
            place.tag(tag);
        }
    }
    place
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).into_iter().map(|it| it.expect("an entry"));
    entries.filter(|it| it.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// A release changes the version that JSON carries, and nothing else here.
fn transcript(line: &str, ran: &Ran) -> String {
    let mut told = format!("$ {line}\n");
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !text.is_empty() {
            told += &format!("--- {name}\n{}", text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
        }
    }
    told + &format!("--- exit {}\n", ran.code)
}
