//! The README shows what the program prints.

use std::{path::Path, process::Command};

use crate::support::assert_golden;

/// The first console block that begins with the program's name is run where the README is.
#[test]
fn the_run_in_the_readme_is_what_the_program_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("```console\n$ protoskew ").unwrap();
    let (block, after) = rest.split_once("```\n").unwrap();
    let (command, _) = block.split_once('\n').unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_protoskew"))
        .args(command.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let page = format!("{before}```console\n$ protoskew {command}\n{printed}```\n{after}");
    assert_golden(&path, &page);
}
