//! The table in ARCHITECTURE.md is the law: a room uses the rooms in its row, and no other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use walkdir::WalkDir;

/// Every room, and those that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// These put the rooms together, so they may use all of them.
const FREE: [&str; 3] = ["cli", "lib", "main"];

#[test]
fn rooms_use_what_the_architecture_says() {
    let (built, drawn) = (built(), drawn());
    for room in built.keys().chain(drawn.keys()) {
        let (built, drawn) = (built.get(room), drawn.get(room));
        assert_eq!(built, drawn, "`{room}` uses: in `src`, and in ARCHITECTURE.md");
    }
}

/// What comes from outside, and the only rooms that may know it: so nothing from `diff` to `check`
/// reads a descriptor, a repository, a file or an argument. Printing is for clippy to see.
const KEPT: [(&str, &[&str]); 15] = [
    ("protox", &["compile"]),
    ("prost", &["compile"]),
    ("prost_types", &["compile"]),
    ("git2", &["compile", "error", "tree"]),
    ("std::fs", &["cli", "compile", "tree"]),
    ("clap", &["cli"]),
    ("tree_sitter", &["callsites"]),
    ("tree_sitter_go", &["callsites"]),
    ("tree_sitter_java", &["callsites"]),
    ("tree_sitter_python", &["callsites"]),
    ("tree_sitter_rust", &["callsites"]),
    ("tree_sitter_typescript", &["callsites"]),
    ("toml", &["config"]),
    ("globset", &["callsites", "policy", "schema"]),
    ("quick_xml", &["report"]),
];

#[test]
fn what_comes_from_outside_stays_in_its_rooms() {
    for (room, code) in sources() {
        for (outsider, rooms) in KEPT {
            let known = mentions(&code, outsider) && !rooms.contains(&room.as_str());
            assert!(!known, "`{room}` knows `{outsider}`, which is for {rooms:?}");
        }
    }
}

/// As the start of a path: `outsider::`.
fn mentions(code: &str, outsider: &str) -> bool {
    code.match_indices(&format!("{outsider}::")).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|char| char.is_alphanumeric() || char == '_')
    })
}

/// Rows of four cells, ``| `room` | knows | must never know | `used` `used` |``.
fn drawn() -> Uses {
    let text = fs::read_to_string("ARCHITECTURE.md").expect("ARCHITECTURE.md is there");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
        let [room, _, _, uses] = cells.as_slice() else { return None };
        Some((quoted(room).pop()?, quoted(uses).into_iter().collect()))
    });
    rows.filter(|(room, _)| !FREE.contains(&room.as_str())).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn built() -> Uses {
    let mut uses = Uses::new();
    for (room, code) in sources().filter(|(room, _)| !FREE.contains(&room.as_str())) {
        let others = used(&code).into_iter().filter(|used| *used != room);
        uses.entry(room.clone()).or_default().extend(others);
    }
    uses
}

/// Every file's room, and its code.
fn sources() -> impl Iterator<Item = (String, String)> {
    WalkDir::new("src").into_iter().filter_map(|entry| {
        let path = entry.expect("it can be listed").into_path();
        Some((room(&path)?, code(&fs::read_to_string(&path).ok()?)))
    })
}

/// `rules` for `src/rules/rpc_unimplemented.rs`.
fn room(path: &Path) -> Option<String> {
    let path = path.strip_prefix("src").ok()?.to_str()?.strip_suffix(".rs")?;
    path.split(['/', '\\']).next().map(str::to_owned)
}

/// The lines that are not comments, as one.
fn code(source: &str) -> String {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| [line, " "]).collect()
}

/// The names right after `crate::`, alone or in braces.
fn used(code: &str) -> BTreeSet<String> {
    let paths = code.split("crate::").skip(1).map(str::trim_start);
    paths.flat_map(|path| path.strip_prefix('{').map_or(vec![path], items)).map(word).collect()
}

/// The items of a list in braces that has been opened already; lists in it stay whole.
fn items(list: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, char) in list.char_indices() {
        match char {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                items.push(list[start..at].trim());
                start = at + 1;
                if char == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => (),
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

fn word(text: &str) -> String {
    text.chars().take_while(|char| char.is_ascii_lowercase() || *char == '_').collect()
}

#[test]
fn paths_are_read_as_they_are_written() {
    let source = "
        use crate::schema::{Element, FullName};
        // use crate::git;
        use crate::{
            diff::{self, Change},
            meet::meetings, policy,
        };
        let error: crate::error::Error = $crate::rules::find(id);
    ";
    let expected = ["diff", "error", "meet", "policy", "rules", "schema"];
    assert_eq!(used(&code(source)), expected.map(str::to_owned).into());
}
