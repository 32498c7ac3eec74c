//! What the tests on fixtures share: golden files, and folders of `.proto` files.

// Each test file takes what it needs, and is a crate of its own.
#![allow(dead_code)]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use protoskew::{
    callsites,
    compile::{Compiled, Layout, Units, compile},
    judge::{Finding, Sources, judge_sources},
    skew::Pairing,
    tree::Tree,
};

/// Compares with a golden file, or rewrites it when `UPDATE_EXPECT=1`.
#[track_caller]
pub(crate) fn assert_golden(path: &Path, actual: &str) {
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, actual).expect("write the golden file");
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected != actual {
        let diff = similar::TextDiff::from_lines(expected.as_str(), actual);
        let diff = diff.unified_diff().header("expected", "actual").to_string();
        panic!("{} differs; UPDATE_EXPECT=1 rewrites it\n{diff}", path.display());
    }
}

/// The entries of a folder, in the order of their names.
pub(crate) fn entries(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}

/// The last part of a path.
pub(crate) fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8")
}

/// Compiles all `.proto` files of a folder.
#[track_caller]
pub(crate) fn compiled(folder: impl AsRef<Path>) -> Compiled {
    let folder = folder.as_ref();
    let compiled = compile(&Tree::folder(folder), &Layout::default(), &Units::default());
    compiled.unwrap_or_else(|err| panic!("{}: {:?}", folder.display(), miette::Report::new(err)))
}

/// What the rules say that read sources, of those in a fixture.
pub(crate) fn judge_code(folder: &Path, pairing: Pairing) -> Vec<Finding> {
    if !folder.join("head/example.go").exists() {
        return Vec::new();
    }
    let sides = ["base", "head"].map(|name| {
        let folder = folder.join(name);
        let schema = compiled(&folder).schema;
        let options = callsites::Options::default();
        let found = callsites::scan(&Tree::folder(&folder), &callsites::stubs(&schema), &options);
        (schema, found.expect("it can be listed"))
    });
    let [base, head] = sides.each_ref().map(|(schema, found)| Sources::all(schema, found));
    judge_sources(&base, &head, pairing)
}
