//! What code does that is given an error: clauses that catch it.

use tree_sitter::Node;

use super::{
    Line, Syntax,
    codes::{self, fails, holds, tests, translates},
    handling::{Errors, Handled},
};
use crate::callsites::{
    Handling,
    syntax::{line, named, part, text, visit},
};

/// A function that is given an error.
#[derive(Clone)]
pub(super) struct Asked {
    /// As it is written: `errdefs.is_unimplemented`.
    pub(super) path: String,
    pub(super) line: Line,
    /// What is done next depends on its answer.
    pub(super) decides: bool,
    /// An error is what is done next.
    pub(super) fails: bool,
}

/// Functions that hand an error to somebody else who waits for the call.
const PASSES: [&str; 14] = [
    "callback",
    "cb",
    "completeExceptionally",
    "done",
    "fail",
    "failedFuture",
    "immediateFailedFuture",
    "next",
    "onError",
    "reject",
    "setException",
    "throwError",
    "tryFail",
    "tryFailure",
];

/// What functions that write logs have in their names.
const LOGS: [&str; 20] = [
    "captureexception",
    "console",
    "debug",
    "eprintln",
    "fatal",
    "info",
    "log",
    "logger",
    "logging",
    "print",
    "printf",
    "println",
    "severe",
    "stacktrace",
    "stderr",
    "stdout",
    "toast",
    "trace",
    "warn",
    "warning",
];

impl Asked {
    /// Without what it is a function of.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit(['.', ':']).next().unwrap_or(&self.path)
    }
}

/// A clause catches the status of a call, by the types that it names.
pub(super) fn catches(clause: Node<'_>, source: &[u8], errors: &Errors) -> bool {
    if errors.catches.is_empty() {
        return true;
    }
    let body = part(clause, "body").or_else(|| part(clause, "#block"));
    let end = body.map_or(clause.end_byte(), |it| it.start_byte());
    let head = source.get(clause.start_byte()..end).and_then(|it| std::str::from_utf8(it).ok());
    let head = head.unwrap_or_default().split('{').next().unwrap_or_default();
    let words = head.split(|it: char| !it.is_alphanumeric() && it != '_');
    let mut types = words.filter(|it| it.starts_with(char::is_uppercase)).peekable();
    types.peek().is_none() || types.any(|it| errors.catches.contains(&it) || it.contains("Rpc"))
}

/// What a clause does, or a callback that is handed an error.
pub(super) fn clause(syntax: &Syntax, clause: Node<'_>, source: &[u8]) -> Handled {
    let errors = &syntax.errors;
    let tests = tests(clause, source);
    if !tests.is_empty() {
        let handling = match tests.iter().all(|it| translates(*it, clause, source, errors)) {
            true => Handling::Translated,
            false => Handling::TestsUnimplemented,
        };
        return Handled { lines: codes::lines(&tests), ..Handled::of(handling) };
    }
    Handled { asked: asked(syntax, clause, source), ..Handled::of(outcome(syntax, clause, source)) }
}

/// The functions that are called in a part of a program: path, the whole call, and where its name is.
pub(super) fn calls<'t>(
    syntax: &Syntax,
    within: Node<'t>,
    source: &[u8],
) -> Vec<(String, Node<'t>, Node<'t>)> {
    let mut found = Vec::new();
    visit(within, &mut |node| {
        let call = syntax.calls.iter().find(|it| it.0 == node.kind());
        let member = syntax.members.iter().find(|it| it.0 == node.kind());
        let is_call = part(node, syntax.arguments).is_some();
        if is_call && let Some(name) = call.and_then(|it| part(node, it.1)) {
            found.push((text(name, source).to_owned(), node, name));
        } else if is_call && let Some((_, object, name)) = member {
            let before = part(node, object).map(|it| format!("{}.", text(it, source)));
            if let Some(name) = part(node, name) {
                let path = before.unwrap_or_default() + text(name, source);
                found.push((path, node, name));
            }
        }
        true
    });
    found
}

fn asked(syntax: &Syntax, clause: Node<'_>, source: &[u8]) -> Vec<Asked> {
    let errors = &syntax.errors;
    let calls = calls(syntax, clause, source).into_iter().filter(|(_, call, _)| {
        part(*call, syntax.arguments).is_some_and(|it| it.named_child_count() > 0)
    });
    let asked = |(path, call, name): (String, Node<'_>, Node<'_>)| {
        let choice = choice(errors, call, clause);
        let fails = choice.is_some_and(|(choice, branch)| {
            let condition = text(choice, source).split(['{', '\n']).next().unwrap_or_default();
            !condition.contains('!') && !condition.contains("not ") && fails(branch, source, errors)
        });
        Asked { path, line: line(name), decides: choice.is_some(), fails }
    };
    calls.map(asked).collect()
}

/// What is decided by an expression, and what is done then.
fn choice<'t>(errors: &Errors, asks: Node<'t>, end: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let mut node = asks;
    while let Some(parent) = node.parent().filter(|_| node != end) {
        let branch = errors.branches.iter().find(|it| it.0 == parent.kind());
        if let Some((_, condition, branch)) = branch
            && part(parent, condition) == Some(node)
        {
            return Some((parent, part(parent, branch).unwrap_or(parent)));
        }
        node = parent;
    }
    None
}

/// What a block that is for errors does.
pub(super) fn outcome(syntax: &Syntax, block: Node<'_>, source: &[u8]) -> Handling {
    let errors = &syntax.errors;
    if fails(block, source, errors) || holds(block, &["try_expression"]) {
        return Handling::Propagates;
    }
    let (mut logged, mut other, mut passes) = (false, false, false);
    visit(block, &mut |node| {
        let kind = node.kind();
        if kind.contains("call") || kind == "method_invocation" || kind == "macro_invocation" {
            let path = match part(node, "name") {
                Some(name) => &text(node, source)[..name.end_byte() - node.start_byte()],
                None => text(node, source).split(['(', '!']).next().unwrap_or_default(),
            };
            let name = path.rsplit(['.', ':']).next().unwrap_or_default().trim();
            passes |= PASSES.contains(&name);
            match is_log(path) {
                true => logged = true,
                false => other |= !is_plain(name),
            }
            return false;
        }
        let nothing = ["Ok(())", "None", "null", "undefined", "Unit"];
        let given = named(node).first().map_or("Ok(())", |it| text(*it, source));
        other |= kind.contains("assignment")
            || (kind.starts_with("return") && !nothing.contains(&given));
        true
    });
    // Where blocks are expressions, the last one is their value.
    let last = part(block, "#block/#last");
    other |= last.is_some_and(|it| it.kind() == "identifier" || it.kind().ends_with("_literal"));
    match (passes, other, logged) {
        (true, _, _) => Handling::Propagates,
        (_, true, _) => Handling::AnyErrorFallback,
        (_, _, true) => Handling::LoggedOnly,
        _ => Handling::Ignored,
    }
}

/// A function writes a log, by its name: `LOGGER.warn`, `e.printStackTrace`.
fn is_log(path: &str) -> bool {
    let mut words: Vec<String> = Vec::new();
    let mut before = '.';
    for char in path.chars().filter(|it| *it != '_') {
        let begins = before == '.' || (char.is_uppercase() && before.is_lowercase());
        match words.last_mut() {
            Some(word) if !begins && char != '.' => word.extend(char.to_lowercase()),
            _ if char != '.' => words.push(char.to_lowercase().to_string()),
            _ => {}
        }
        before = char;
    }
    let pairs = words.windows(2).map(|pair| pair.concat()).collect::<Vec<_>>();
    let alone = matches!(path, "error" | "tracing::error" | "log::error");
    alone || words.iter().chain(&pairs).any(|word| LOGS.contains(&&**word))
}

/// Waiting, counting and asking is no other way.
fn is_plain(name: &str) -> bool {
    let name = name.trim_start_matches("await ");
    let waits = ["sleep", "countDown", "release", "set", "exit", "String", "str", "format"];
    waits.contains(&name) || name.starts_with("get") || name.starts_with("is")
}
