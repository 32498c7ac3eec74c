//! The README shows what the program prints.

use std::{path::Path, process::Command};

use crate::support::assert_golden;

/// Every console block that begins with the program's name and shows output is run where the
/// README is.
#[test]
fn the_runs_in_the_readme_are_what_the_program_prints() {
    const BLOCK: &str = "```console\n$ protoskew ";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut parts = text.split(BLOCK);
    let mut page = parts.next().unwrap().to_owned();
    for part in parts {
        let (block, after) = part.split_once("```\n").unwrap();
        let (command, shown) = block.split_once('\n').unwrap();
        let printed = if shown.is_empty() { String::new() } else { print(command) };
        page += &format!("{BLOCK}{command}\n{printed}```\n{after}");
    }
    assert_golden(&path, &page);
}

fn print(command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_protoskew"))
        .args(command.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
