//! Import paths: which folder is which package.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{callsites::sources::Source, error::Error, tree::Tree};

/// The modules of a tree, by folder: `rpc/` → `example.com/app/rpc/v2`.
pub(super) struct Modules(BTreeMap<String, String>);

impl Modules {
    /// From the `go.mod` files; where there is none at the top, from what the sources call each
    /// other.
    pub(super) fn read(tree: &Tree, sources: &[Source]) -> Result<Modules, Error> {
        let mut modules = BTreeMap::new();
        let wanted = |path: &str| path == "go.mod" || path.ends_with("/go.mod");
        for file in tree.files(&wanted)? {
            let Ok((_, bytes)) = tree.read(&file) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let module = text.lines().find_map(|line| line.trim().strip_prefix("module"));
            let module = module.map(|rest| rest.split("//").next().unwrap_or_default().trim());
            if let Some(module) = module {
                let folder = file.path.trim_end_matches("go.mod").to_owned();
                modules.insert(folder, module.trim_matches(['"', '`']).to_owned());
            }
        }
        if !modules.contains_key("")
            && let Some(root) = guess(sources)
        {
            modules.insert(String::new(), root);
        }
        Ok(Modules(modules))
    }

    /// The import path of a file's package.
    pub(super) fn package(&self, path: &str) -> Arc<str> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some((_, vendored)) = format!("/{folder}").rsplit_once("/vendor/") {
            return vendored.into();
        }
        let holds = |(top, _): &(&String, &String)| format!("{folder}/").starts_with(top.as_str());
        let module = self.0.iter().filter(holds).max_by_key(|(top, _)| top.len());
        let Some((top, module)) = module else { return folder.into() };
        let below = folder.strip_prefix(top.trim_end_matches('/')).unwrap_or(folder);
        match below.trim_start_matches('/') {
            "" => module.as_str().into(),
            below => format!("{module}/{below}").into(),
        }
    }
}

/// What the top of a tree without `go.mod` is called: what most imports that end in one of its
/// folders begin with.
fn guess(sources: &[Source]) -> Option<String> {
    let folders: BTreeSet<&str> = sources
        .iter()
        .filter(|it| !is_vendored(&it.path))
        .filter_map(|it| Some(it.path.rsplit_once('/')?.0))
        .collect();
    let mut votes: HashMap<&str, usize> = HashMap::new();
    for source in sources.iter().filter(|it| !is_vendored(&it.path)) {
        for import in quoted_paths(&source.text) {
            let ends = import.match_indices('/').map(|(at, _)| at);
            for at in ends.filter(|at| folders.contains(&import[at + 1..])) {
                if import[..at].contains('.') {
                    *votes.entry(&import[..at]).or_default() += 1;
                }
            }
        }
    }
    let best = votes.into_iter().max_by_key(|(root, votes)| (*votes, std::cmp::Reverse(*root)));
    best.map(|(root, _)| root.to_owned())
}

/// What stands in quotes before the first declaration.
fn quoted_paths(text: &[u8]) -> Vec<&str> {
    let head = &text[..text.len().min(8192)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(err) => std::str::from_utf8(&head[..err.valid_up_to()]).unwrap_or_default(),
    };
    let end = text.find("\nfunc ").or_else(|| text.find("\ntype ")).unwrap_or(text.len());
    text[..end].lines().filter_map(|line| line.split('"').nth(1)).collect()
}

pub(super) fn is_vendored(path: &str) -> bool {
    path.starts_with("vendor/") || path.contains("/vendor/")
}

/// What paths in the standard library begin with, as of Go 1.25: <https://pkg.go.dev/std>.
const STANDARD: [&str; 48] = [
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "weak",
];

/// A package of the standard library.
pub(super) fn is_standard(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or(path);
    STANDARD.contains(&first)
}

/// The name in a package clause.
pub(super) fn clause(text: &[u8]) -> Option<&str> {
    let mut comment = false;
    for line in text.split(|&byte| byte == b'\n') {
        let line = std::str::from_utf8(line).ok()?.trim();
        if comment || line.starts_with("/*") {
            comment = !line.contains("*/");
        } else if let Some(rest) = line.strip_prefix("package ") {
            return rest
                .split(|char: char| !char.is_alphanumeric() && char != '_')
                .find(|it| !it.is_empty());
        }
    }
    None
}

/// What a package is most likely called that is not in the tree.
pub(super) fn guessed_name(path: &str) -> &str {
    let version = |part: &str| {
        part.strip_prefix('v').is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut parts = path.rsplit('/').skip_while(|part| version(part));
    let last = parts.next().unwrap_or(path);
    // gopkg.in/yaml.v3, github.com/x/go-plugin, github.com/x/mapstructure-go
    let last = last.split(".v").next().unwrap_or(last);
    let last = last.strip_prefix("go-").or_else(|| last.strip_suffix("-go")).unwrap_or(last);
    let last = last.strip_suffix(".go").unwrap_or(last);
    last.rsplit('-').next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::{clause, guessed_name};

    #[test]
    fn packages_outside_are_called_by_the_last_part_of_their_path() {
        for (path, name) in [
            ("google.golang.org/grpc", "grpc"),
            ("go.temporal.io/api/workflowservice/v1", "workflowservice"),
            ("gopkg.in/yaml.v3", "yaml"),
            ("github.com/hashicorp/go-plugin", "plugin"),
        ] {
            assert_eq!(guessed_name(path), name);
        }
    }

    #[test]
    fn clauses_stand_behind_comments() {
        assert_eq!(clause(b"// package no\n/* package\n no */\npackage main // x\n"), Some("main"));
        assert_eq!(clause(b"// nothing\n"), None);
    }
}
