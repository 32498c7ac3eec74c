//! Where code asks whether a status is `UNIMPLEMENTED`, and functions that do.

use memchr::memmem;
use tree_sitter::Node;

use super::{Dialect, Line, handling::Errors};
use crate::callsites::{
    Place,
    syntax::{line, named, part, text, visit},
};

/// A function that asks for the code.
#[derive(Clone)]
pub(super) struct Tester {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) does: Does,
}

/// What a function does that asks for the code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// It says whether it is that.
    Tells,
    /// It goes on.
    Copes,
    /// It fails in another way.
    Translates,
}

/// The names of codes. Where more than a few are listed, somebody sorts errors, for retries or for
/// metrics, and copes with none.
const CODES: [&str; 16] = [
    "CANCELLED",
    "UNKNOWN",
    "INVALIDARGUMENT",
    "DEADLINEEXCEEDED",
    "NOTFOUND",
    "ALREADYEXISTS",
    "PERMISSIONDENIED",
    "RESOURCEEXHAUSTED",
    "FAILEDPRECONDITION",
    "ABORTED",
    "OUTOFRANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATALOSS",
    "UNAUTHENTICATED",
];

/// What compares two values, or one with patterns.
const COMPARES: [&str; 18] = [
    "binary_expression",
    "case_clause",
    "case_pattern",
    "comparison_operator",
    "equality_expression",
    "in_expression",
    "infix_expression",
    "let_condition",
    "match_arm",
    "match_pattern",
    "or_pattern",
    "pattern",
    "range_test",
    "switch_case",
    "switch_label",
    "type_test",
    "when_condition",
    "when_entry",
];

/// Functions that compare.
const EQUALS: [&str; 8] =
    ["equals", "contains", "includes", "has", "eq", "matches", "isEqual", "isSameCode"];

pub(super) fn names_code(text: &str) -> bool {
    text.contains("UNIMPLEMENTED") || text.contains("Unimplemented")
}

/// A file names the code.
pub(super) fn named_in(text: &[u8]) -> bool {
    ["UNIMPLEMENTED", "Unimplemented"].iter().any(|it| memmem::find(text, it.as_bytes()).is_some())
}

/// The places in a part of a program where the code is asked for.
pub(super) fn tests<'t>(within: Node<'t>, source: &[u8]) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    if !names_code(text(within, source)) {
        return found;
    }
    visit(within, &mut |node| {
        let leaf = node.child_count() == 0 && node.kind().contains("identifier");
        if leaf && is_code(text(node, source)) && is_compared(node, within, source) {
            found.push(node);
        }
        true
    });
    found
}

/// The lines of [`tests`].
pub(super) fn lines(tests: &[Node<'_>]) -> Vec<Line> {
    let mut lines: Vec<Line> = tests.iter().map(|it| line(*it)).collect();
    lines.dedup();
    lines
}

fn is_code(name: &str) -> bool {
    matches!(name, "UNIMPLEMENTED" | "Unimplemented")
}

fn is_compared(node: Node<'_>, within: Node<'_>, source: &[u8]) -> bool {
    let mut at = node;
    while let Some(parent) = at.parent().filter(|_| at != within) {
        let kind = parent.kind();
        let called = part(parent, "name").or_else(|| part(parent, "function"));
        let is_call = matches!(kind, "method_invocation" | "call_expression" | "call");
        if is_call && let Some(called) = called {
            let name = text(called, source).rsplit(['.', ':']).next().unwrap_or_default();
            return EQUALS.contains(&name) && codes(parent, source) <= 3;
        }
        if kind == "macro_invocation" {
            let name = part(parent, "macro").map_or("", |it| text(it, source));
            return name == "matches" && codes(parent, source) <= 3;
        }
        if COMPARES.contains(&kind) {
            let arm = matches!(kind, "match_arm" | "switch_case" | "case_clause" | "when_entry");
            // What is done then is no question.
            let asked = !arm || is_pattern(at, parent);
            let list = if arm { at } else { parent };
            return asked && codes(list, source) <= 3;
        }
        let group = kind.ends_with("statement") || kind.ends_with("block");
        if group && kind != "token_tree" {
            return false;
        }
        at = parent;
    }
    false
}

fn is_pattern(node: Node<'_>, arm: Node<'_>) -> bool {
    ["pattern", "value", "condition"].iter().any(|field| {
        let value = *field == "value" && arm.kind() == "match_arm";
        !value && part(arm, field) == Some(node)
    }) || matches!(node.kind(), "case_pattern" | "when_condition" | "match_pattern")
}

fn codes(node: Node<'_>, source: &[u8]) -> usize {
    let words = text(node, source).split(|it: char| !it.is_alphanumeric() && it != '_');
    let plain = words.map(|it| it.replace('_', "").to_ascii_uppercase());
    plain.filter(|it| CODES.contains(&&**it)).count()
}

/// Where the code is asked for, something is thrown or handed on as another error.
pub(super) fn translates(test: Node<'_>, within: Node<'_>, source: &[u8], errors: &Errors) -> bool {
    let mut at = test;
    while let Some(parent) = at.parent().filter(|_| at != within) {
        let branch = errors.branches.iter().find(|it| it.0 == parent.kind());
        if let Some((_, condition, branch)) = branch {
            let condition = part(parent, condition).unwrap_or(at);
            let inside = condition.start_byte() <= test.start_byte()
                && test.end_byte() <= condition.end_byte();
            if inside {
                let asked = text(condition, source);
                let negative =
                    asked.contains("!=") || asked.contains('!') || asked.contains("not ");
                let branch = part(parent, branch).unwrap_or(parent);
                return !negative
                    && (fails(branch, source, errors) || falls_through(parent, branch, errors));
            }
        }
        at = parent;
    }
    false
}

/// A block ends in an error.
pub(super) fn fails(block: Node<'_>, source: &[u8], errors: &Errors) -> bool {
    holds(block, errors.throws) || {
        let text = text(block, source);
        text.starts_with("Err(") || text.contains("return Err(") || text.contains(" Err(")
    }
}

/// What is done in a branch goes on to where something is thrown.
fn falls_through(choice: Node<'_>, branch: Node<'_>, errors: &Errors) -> bool {
    let leaves = [
        "return_statement",
        "return_expression",
        "break_statement",
        "continue_statement",
        "assignment",
        "assignment_expression",
    ];
    if holds(branch, &leaves) || choice.kind() != "if_statement" {
        return false;
    }
    let mut next = choice.next_named_sibling();
    while let Some(node) = next {
        if errors.throws.contains(&node.kind()) {
            return true;
        }
        next = node.next_named_sibling();
    }
    false
}

/// A node of one of some kinds is in a part of a program.
pub(super) fn holds(node: Node<'_>, kinds: &[&str]) -> bool {
    let mut found = false;
    visit(node, &mut |node| {
        found |= kinds.contains(&node.kind());
        !found
    });
    found
}

/// Functions that ask for the code.
pub(super) fn testers(
    dialect: &Dialect,
    root: Node<'_>,
    path: &super::Path,
    source: &[u8],
) -> Vec<Tester> {
    let mut found = Vec::new();
    if !names_code(text(root, source)) {
        return found;
    }
    let syntax = &dialect.syntax;
    visit(root, &mut |node| {
        let Some((_, result)) = syntax.functions.iter().find(|it| it.0 == node.kind()) else {
            return true;
        };
        let tests = tests(node, source);
        if let (Some(first), Some(name)) = (tests.first(), part(node, "name")) {
            let result = part(node, result).map_or("", |it| text(it, source));
            let errors = &syntax.errors;
            let does = match tests.iter().any(|it| translates(*it, node, source, errors)) {
                _ if tells(node, result, source) => Does::Tells,
                true => Does::Translates,
                false => Does::Copes,
            };
            let place = Place { file: path.clone(), line: line(*first) };
            found.push(Tester { name: text(name, source).to_owned(), place, does });
        }
        // Functions inside have names that mean nothing elsewhere.
        false
    });
    found
}

/// A function answers with yes or no.
fn tells(function: Node<'_>, result: &str, source: &[u8]) -> bool {
    let bool = ["bool", "boolean", "Boolean", "Bool"];
    if bool.iter().any(|it| result.trim_start_matches(':').trim() == *it) {
        return true;
    }
    let mut answers = Vec::new();
    visit(function, &mut |node| {
        if node.kind() == "return_statement" {
            let value = named(node).first().map_or("", |it| text(*it, source));
            let compares = named(node).first().is_some_and(|it| COMPARES.contains(&it.kind()));
            answers.push(compares || matches!(value, "true" | "false" | "True" | "False"));
        }
        true
    });
    result.is_empty() && !answers.is_empty() && answers.iter().all(|it| *it)
}
