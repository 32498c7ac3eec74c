//! What becomes of the status of a call, in languages that throw it or return it as a result.

use std::collections::HashMap;

use tree_sitter::Node;

use super::{
    Dialect, Line, Path, Syntax,
    facts::{Mention, call_of},
};
use crate::callsites::{
    CallSite, Handling, Place,
    sources::{self, Source},
    syntax::{line, named, part, text, visit},
};

/// How a language deals with errors.
pub(super) struct Errors {
    /// Statements with a body that may fail: kind, and the kinds of what catches.
    pub(super) tries: &'static [(&'static str, &'static [&'static str])],
    /// What throws.
    pub(super) throws: &'static [&'static str],
    /// Expressions that hand an error to the caller.
    pub(super) propagates: &'static [&'static str],
    /// What is done on a condition: kind, the condition, what is done.
    pub(super) branches: &'static [(&'static str, &'static str, &'static str)],
    /// Functions of what a call comes to, a result or a stream, that deal with its error: the name,
    /// the function that makes a result of the call, if it takes one, and what becomes of the error,
    /// if that is not for the arguments to say.
    pub(super) handlers: &'static [(&'static str, &'static str, Option<Handling>)],
    /// Expressions that look at an error: `match`, `if let`.
    pub(super) matches: &'static [&'static str],
    /// Errors are values: one that nobody looks at is not seen.
    pub(super) by_value: Values,
}

/// Whether a failed call throws.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Thrown,
    Returned,
}

/// How one call is handled, by what is around it.
pub(super) struct Handled {
    pub(super) handling: Handling,
    lines: Vec<Line>,
}

impl Handled {
    pub(super) fn of(handling: Handling) -> Handled {
        Handled { handling, lines: Vec::new() }
    }

    pub(super) fn guards(&self, path: &Path) -> Vec<Place> {
        self.lines.iter().map(|line| Place { file: path.clone(), line: *line }).collect()
    }
}

/// How the code is written.
fn names_code(text: &str) -> bool {
    text.contains("UNIMPLEMENTED") || text.contains("Unimplemented")
}

/// Looks at what is around a call, up to its function.
pub(super) fn of(
    dialect: &Dialect,
    call: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
) -> Handled {
    let errors = &dialect.syntax.errors;
    let end = function.map(|it| it.id());
    let mut node = call;
    while let Some(parent) = node.parent() {
        if Some(parent.id()) == end {
            break;
        }
        if errors.propagates.contains(&parent.kind()) {
            return Handled { handling: Handling::Propagates, lines: Vec::new() };
        }
        if errors.matches.contains(&parent.kind()) && !is_branch(node) {
            return matched(parent, source, errors);
        }
        let caught = errors.tries.iter().find(|(kind, _)| *kind == parent.kind());
        if let Some((_, catchers)) = caught.filter(|(_, kinds)| !kinds.contains(&node.kind())) {
            let clauses = named(parent).into_iter().filter(|it| catchers.contains(&it.kind()));
            let clauses: Vec<Node<'_>> = clauses.collect();
            if !clauses.is_empty() && !node.kind().starts_with("finally") {
                return clauses_of(&clauses, source, errors);
            }
        }
        if let Some(handled) = chained(node, parent, &dialect.syntax, source) {
            return handled;
        }
        node = parent;
    }
    if errors.by_value == Values::Thrown {
        return Handled { handling: Handling::Propagates, lines: Vec::new() };
    }
    later(call, function, source, errors)
}

/// What is done with the error by functions that are called on what a call comes to.
fn chained(node: Node<'_>, parent: Node<'_>, syntax: &Syntax, source: &[u8]) -> Option<Handled> {
    let errors = &syntax.errors;
    let opener =
        errors.handlers.iter().map(|it| it.1).find(|opener| {
            !opener.is_empty() && text(node, source).trim_start().starts_with(opener)
        });
    let (mut member, mut last) = (Some(parent), None);
    while let Some(at) = member {
        let Some((_, _, name)) = syntax.members.iter().find(|it| it.0 == at.kind()) else { break };
        let name = part(at, name).map_or("", |it| text(it, source));
        let call = call_of(at, syntax);
        let known = errors
            .handlers
            .iter()
            .find(|it| it.0 == name && (it.1.is_empty() || Some(it.1) == opener));
        if let (Some((_, _, fate)), Some(call)) = (known, call) {
            let handler = part(call, syntax.arguments).unwrap_or(call);
            let handled = match fate {
                Some(handling) => Handled { handling: *handling, lines: Vec::new() },
                None => clauses_of(&[handler], source, errors),
            };
            if !handled.lines.is_empty() {
                return Some(handled);
            }
            last = Some(handled);
        }
        member = call.and_then(|it| it.parent());
    }
    // A result that nobody looks at here.
    let kept = || Handled {
        handling: match parent.kind() {
            "block" => Handling::Ignored,
            _ => Handling::Unknown,
        },
        lines: Vec::new(),
    };
    let is_result = opener.is_some() && syntax.calls.iter().any(|it| it.0 == node.kind());
    last.or_else(|| is_result.then(kept))
}

/// The node is not what is matched, but what is done then.
fn is_branch(node: Node<'_>) -> bool {
    matches!(node.kind(), "match_block" | "block" | "else_clause" | "match_arm")
}

fn clauses_of(clauses: &[Node<'_>], source: &[u8], errors: &Errors) -> Handled {
    let mut worst = None;
    for clause in clauses {
        let tests = code_lines(*clause, source);
        if !tests.is_empty() {
            let handling = match rethrows_for_code(*clause, source, errors) {
                true => Handling::Translated,
                false => Handling::TestsUnimplemented,
            };
            return Handled { handling, lines: tests };
        }
        worst.get_or_insert_with(|| outcome(*clause, source, errors));
    }
    Handled { handling: worst.unwrap_or(Handling::Propagates), lines: Vec::new() }
}

/// `match` and `if let` on a result.
fn matched(node: Node<'_>, source: &[u8], errors: &Errors) -> Handled {
    let lines = code_lines(node, source);
    if !lines.is_empty() {
        return Handled { handling: Handling::TestsUnimplemented, lines };
    }
    // What is done in case of an error: `if let Err(..) = call {..}`, `Err(..) => ..`.
    let branch = match node.child_by_field_name("consequence") {
        Some(consequence) => Some(consequence),
        None => node.child_by_field_name("body").and_then(|arms| {
            named(arms).into_iter().find(|arm| text(*arm, source).starts_with("Err"))
        }),
    };
    let value = |branch: Node<'_>| match branch.child_by_field_name("value") {
        Some(value) if text(value, source).starts_with("Err(") => Handling::Propagates,
        Some(value) => outcome(value, source, errors),
        None => outcome(branch, source, errors),
    };
    Handled { handling: branch.map_or(Handling::Unknown, value), lines: Vec::new() }
}

/// Lines that name the code.
fn code_lines(node: Node<'_>, source: &[u8]) -> Vec<Line> {
    let mut lines = Vec::new();
    visit(node, &mut |node| {
        if node.child_count() == 0
            && node.kind().contains("identifier")
            && names_code(text(node, source))
        {
            lines.push(line(node));
        }
        true
    });
    lines.dedup();
    lines
}

/// Where the code is tested, something is thrown.
fn rethrows_for_code(clause: Node<'_>, source: &[u8], errors: &Errors) -> bool {
    let mut found = false;
    visit(clause, &mut |node| {
        if let Some((_, condition, branch)) = errors.branches.iter().find(|it| it.0 == node.kind())
        {
            let asks = part(node, condition).filter(|it| !code_lines(*it, source).is_empty());
            if let (Some(condition), Some(branch)) = (asks, part(node, branch)) {
                let negative = text(condition, source).contains("!=");
                found |= !negative && holds(branch, errors.throws);
            }
        }
        true
    });
    found
}

fn holds(node: Node<'_>, kinds: &[&str]) -> bool {
    let mut found = false;
    visit(node, &mut |node| {
        found |= kinds.contains(&node.kind());
        !found
    });
    found
}

/// What a block that is for errors does.
fn outcome(block: Node<'_>, source: &[u8], errors: &Errors) -> Handling {
    if holds(block, errors.throws)
        || holds(block, errors.propagates)
        || text(block, source).contains("Err(") && text(block, source).contains("return Err")
    {
        return Handling::Propagates;
    }
    let (mut logged, mut other) = (false, false);
    visit(block, &mut |node| {
        let kind = node.kind();
        if kind.contains("call") || kind == "method_invocation" || kind == "macro_invocation" {
            let name =
                text(node, source).split('(').next().unwrap_or_default().to_ascii_lowercase();
            let logs = ["log", "warn", "error", "debug", "info", "print", "trace"];
            match logs.iter().any(|it| name.contains(it)) {
                true => logged = true,
                false => other = true,
            }
            return false;
        }
        other |= kind.contains("assignment")
            || (kind.starts_with("return") && node.named_child_count() > 0);
        true
    });
    // Where blocks are expressions, the last one is their value.
    let last = part(block, "#block/#last");
    other |= last.is_some_and(|it| it.kind() == "identifier" || it.kind().ends_with("_literal"));
    match (other, logged) {
        (true, _) => Handling::AnyErrorFallback,
        (_, true) => Handling::LoggedOnly,
        _ => Handling::Ignored,
    }
}

/// A result that is kept, and looked at later in the function.
fn later(call: Node<'_>, function: Option<Node<'_>>, source: &[u8], errors: &Errors) -> Handled {
    let Some(function) = function else {
        return Handled { handling: Handling::Unknown, lines: Vec::new() };
    };
    let mut lines = Vec::new();
    // Most functions do not have the word, and some have thousands of calls.
    if names_code(text(function, source)) {
        visit(function, &mut |node| {
            if errors.matches.contains(&node.kind()) && node.start_byte() > call.end_byte() {
                lines.extend(code_lines(node, source));
            }
            true
        });
    }
    if !lines.is_empty() {
        return Handled { handling: Handling::TestsUnimplemented, lines };
    }
    let statement = call
        .parent()
        .and_then(|it| if it.kind() == "await_expression" { it.parent() } else { Some(it) });
    let handling = match statement {
        // The last expression of a function is its result.
        Some(it) if it.kind() == "block" => Handling::Propagates,
        Some(it) if it.kind() == "expression_statement" => Handling::Ignored,
        Some(it) if it.kind() == "let_declaration" && text(it, source).starts_with("let _") => {
            Handling::Ignored
        }
        _ => Handling::Unknown,
    };
    Handled { handling, lines: Vec::new() }
}

/// The names of what a function is decorated with.
pub(super) fn decorators(function: Node<'_>, source: &[u8]) -> Vec<String> {
    let Some(parent) = function.parent().filter(|it| it.kind() == "decorated_definition") else {
        return Vec::new();
    };
    let decorators = named(parent).into_iter().filter(|it| it.kind() == "decorator");
    let name = |it: Node<'_>| {
        let text = text(it, source).trim_start_matches('@');
        let path = text.split('(').next().unwrap_or_default().trim();
        path.rsplit('.').next().unwrap_or_default().to_owned()
    };
    decorators.map(name).collect()
}

/// Functions that test for the code: name, line, and whether they go on then.
pub(super) fn testers(
    dialect: &Dialect,
    root: Node<'_>,
    source: &[u8],
) -> Vec<(String, Line, bool)> {
    let mut found = Vec::new();
    if !names_code(text(root, source)) {
        return found;
    }
    let syntax = &dialect.syntax;
    visit(root, &mut |node| {
        if syntax.functions.iter().any(|it| it.0 == node.kind())
            && let Some(first) = code_lines(node, source).first()
            && let Some(name) = node.child_by_field_name("name")
        {
            let copes = !rethrows_for_code(node, source, &syntax.errors);
            found.push((text(name, source).to_owned(), *first, copes));
        }
        true
    });
    found
}

/// Adds what stands outside of the function: decorators, and what a comment declares.
pub(super) fn finish(
    site: &mut CallSite,
    mention: &Mention,
    source: &Source,
    testers: &HashMap<String, (Place, bool)>,
) {
    let open = matches!(site.handling, Handling::Propagates);
    let decorator = mention.decorators.iter().find_map(|it| Some((it, testers.get(it)?)));
    if let (true, Some((name, (place, copes)))) = (open, decorator) {
        site.handling = if *copes { Handling::TestsUnimplemented } else { Handling::Translated };
        site.guards = vec![place.clone()];
        site.how = Some(format!("in the decorator {name}"));
    }
    if let Some((line, reason)) = sources::declared(&source.text, site.place.line) {
        site.handling = Handling::TestsUnimplemented;
        site.guards = vec![Place { file: source.path.clone(), line }];
        site.how = Some(format!("declared: {reason}"));
    }
    site.at = site.guards.first().cloned();
}
