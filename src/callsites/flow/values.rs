//! What becomes of an error that a call returns as a result, as in Rust: it is handed on from
//! expression to expression until somebody looks at it.

use tree_sitter::Node;

use super::{
    Syntax,
    catching::{clause, outcome},
    codes::{self, tests, translates},
    handling::{Handled, chained},
};
use crate::callsites::{
    Handling,
    syntax::{named, part, text, visit},
};

/// How many variables a result is followed through.
const VARIABLES: usize = 2;

/// How many uses of a variable are looked at.
const USES: usize = 8;

/// What becomes of the result of a call.
pub(super) fn of(
    syntax: &Syntax,
    call: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
) -> Handled {
    result(syntax, call, function, source, VARIABLES)
}

fn result(
    syntax: &Syntax,
    value: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
    variables: usize,
) -> Handled {
    let errors = &syntax.errors;
    let mut node = value;
    // Another function has its say on the result: `timeout(limit, call).await`.
    let mut wrapped = false;
    while let Some(parent) = node.parent() {
        let kind = parent.kind();
        if Some(parent) == function {
            return Handled::of(Handling::Propagates);
        }
        if errors.propagates.contains(&kind) {
            return Handled::of(Handling::Propagates);
        }
        if let Some(handled) = chained(node, parent, syntax, source) {
            return handled;
        }
        match kind {
            "match_expression" if part(parent, "value") == Some(node) => {
                return matched(syntax, parent, wrapped, source);
            }
            "let_condition" => return conditional(syntax, parent, source),
            "let_declaration" if !wrapped => {
                return kept(syntax, parent, function, source, variables);
            }
            "expression_statement" if text(parent, source).ends_with(';') => {
                let spawned = text(parent, source).contains("spawn(");
                let seen = wrapped && !spawned;
                return Handled::of(if seen { Handling::Unknown } else { Handling::Ignored });
            }
            // The last expression is the value of a block.
            "block" if named(parent).last() != Some(&node) => {
                return Handled::of(Handling::Ignored);
            }
            "arguments" => wrapped |= !is_variant(parent, source),
            "let_declaration"
            | "while_expression"
            | "for_expression"
            | "loop_expression"
            | "binary_expression"
            | "assignment_expression"
            | "index_expression"
            | "token_tree" => {
                return Handled::of(Handling::Unknown);
            }
            _ => {}
        }
        node = parent;
    }
    Handled::of(Handling::Unknown)
}

/// `Ok(…)`, `Some(…)`, `Box::pin(…)`: what is in there is still what it was.
fn is_variant(arguments: Node<'_>, source: &[u8]) -> bool {
    let name = arguments.parent().and_then(|it| part(it, "function"));
    let name = name.map_or("", |it| text(it, source));
    matches!(name, "Ok" | "Some" | "Box::pin" | "Box::new")
}

/// `match call.await { Err(status) if … => … }`.
fn matched(syntax: &Syntax, choice: Node<'_>, wrapped: bool, source: &[u8]) -> Handled {
    let arms = part(choice, "body").map(named).unwrap_or_default();
    let pattern = |arm: &Node<'_>| part(*arm, "pattern").map_or("", |it| text(it, source));
    if wrapped {
        let looks_on =
            |arm: &Node<'_>| pattern(arm).starts_with("Ok") && text(*arm, source).contains('?');
        let handed_on = arms.iter().any(looks_on);
        return Handled::of(if handed_on { Handling::Propagates } else { Handling::Unknown });
    }
    let errs: Vec<Node<'_>> = arms
        .iter()
        .copied()
        .filter(|it| pattern(it).starts_with("Err") || pattern(it).starts_with('_'))
        .collect();
    let tests: Vec<Node<'_>> = errs.iter().flat_map(|arm| tests(*arm, source)).collect();
    if !tests.is_empty() {
        let errors = &syntax.errors;
        let handling = match tests.iter().all(|it| translates(*it, choice, source, errors)) {
            true => Handling::Translated,
            false => Handling::TestsUnimplemented,
        };
        return Handled { lines: codes::lines(&tests), ..Handled::of(handling) };
    }
    // The last one takes what the others leave.
    let last = errs.last().and_then(|it| part(*it, "value"));
    last.map_or_else(|| Handled::of(Handling::Unknown), |it| value_of(syntax, it, source))
}

/// What stands for an error, as an expression.
fn value_of(syntax: &Syntax, value: Node<'_>, source: &[u8]) -> Handled {
    let found = clause(syntax, value, source);
    let made = ["identifier", "call_expression", "struct_expression", "unit_expression"];
    let plain = found.handling == Handling::Ignored && made.contains(&value.kind());
    let other = plain && value.kind() != "unit_expression";
    if other { Handled::of(Handling::AnyErrorFallback) } else { found }
}

/// `if let Err(status) = call.await { … }`, `if let Ok(reply) = … else …`.
fn conditional(syntax: &Syntax, condition: Node<'_>, source: &[u8]) -> Handled {
    let pattern = part(condition, "pattern").map_or("", |it| text(it, source));
    let mut choice = condition.parent();
    while let Some(node) = choice.filter(|it| it.kind() != "if_expression") {
        choice = node.parent().filter(|_| node.kind() != "block");
    }
    let Some(choice) = choice else { return Handled::of(Handling::Unknown) };
    let asked = part(choice, "condition").map(|it| tests(it, source)).unwrap_or_default();
    if !asked.is_empty() {
        return Handled {
            lines: codes::lines(&asked),
            ..Handled::of(Handling::TestsUnimplemented)
        };
    }
    let branch = if pattern.starts_with("Err") { "consequence" } else { "alternative" };
    match part(choice, branch) {
        Some(branch) => clause(syntax, branch, source),
        None => Handled::of(Handling::Ignored),
    }
}

/// `let reply = call.await;`: what is done with the variable first.
fn kept(
    syntax: &Syntax,
    declaration: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
    variables: usize,
) -> Handled {
    if let Some(otherwise) = part(declaration, "alternative") {
        return Handled::of(outcome(syntax, otherwise, source));
    }
    let pattern = part(declaration, "pattern");
    let name = pattern.map_or("", |it| text(it, source)).trim_start_matches("mut ");
    if name.starts_with('_') {
        return Handled::of(Handling::Ignored);
    }
    let is_name = pattern.is_some_and(|it| matches!(it.kind(), "identifier" | "mut_pattern"));
    if !is_name || variables == 0 {
        return Handled::of(Handling::Unknown);
    }
    let mut uses = Vec::new();
    let within = function.unwrap_or(declaration);
    visit(within, &mut |node| {
        let used = node.kind() == "identifier" && node.start_byte() > declaration.end_byte();
        if used && text(node, source) == name {
            uses.push(node);
        }
        uses.len() < USES
    });
    let found = uses.into_iter().map(|it| result(syntax, it, function, source, variables - 1));
    let known = found.filter(|it| it.handling != Handling::Unknown);
    let mut known: Vec<Handled> = known.collect();
    let tests = known.iter().position(|it| !it.lines.is_empty());
    match tests {
        Some(at) => known.swap_remove(at),
        None if known.is_empty() => Handled::of(Handling::Unknown),
        None => known.swap_remove(0),
    }
}
