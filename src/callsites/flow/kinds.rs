//! What the nodes of the grammars are, by their kinds: what is done in turn, what is one of several,
//! what sets a variable. Kinds that one grammar has mean the same in the others, or are not theirs.

use tree_sitter::Node;

use crate::callsites::syntax::{named, part};

/// Statements and expressions that are done one after the other.
pub(super) const SEQUENCES: [&str; 14] = [
    "async_block",
    "await",
    "await_expression",
    "block",
    "compound_statement",
    "expression_statement",
    "finally_clause",
    "function_body",
    "labeled_statement",
    "lambda_literal",
    "parenthesized_expression",
    "statement_block",
    "synchronized_statement",
    "unsafe_block",
];

/// One of several is done.
pub(super) const CHOICES: [&str; 9] = [
    "conditional_expression",
    "else_clause",
    "elif_clause",
    "if_expression",
    "if_statement",
    "ternary_expression",
    "try_expression",
    "try_statement",
    "try_with_resources_statement",
];

/// What is done for one value of several.
pub(super) const ARMS: [&str; 7] = [
    "case_clause",
    "match_arm",
    "switch_block_statement_group",
    "switch_case",
    "switch_default",
    "switch_rule",
    "when_entry",
];

pub(super) fn compares(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.kind() == "comparison_operator"
        || node.children(&mut cursor).any(|it| matches!(it.kind(), "==" | "!=" | "===" | "!=="))
}

/// The parts of a node that are bodies.
pub(super) fn bodies(node: Node<'_>) -> Vec<Node<'_>> {
    let body = |it: &Node<'_>| {
        let kind = it.kind();
        kind.ends_with("block") || kind == "function_body" || kind.ends_with("statement")
    };
    named(node).into_iter().filter(body).collect()
}

pub(super) fn is_function(kind: &str) -> bool {
    ["lambda", "closure", "arrow_function", "function_item", "function_declaration"]
        .iter()
        .any(|it| kind.starts_with(it))
        || matches!(kind, "function_expression" | "function_definition" | "object_literal")
        || kind == "async_block"
        || kind == "class_body"
}

/// A name, and the value that it is given.
pub(super) fn declared<'t>(node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    match node.kind() {
        "let_declaration" => part(node, "pattern").zip(part(node, "value")),
        "local_variable_declaration" => part(node, "declarator").and_then(declared),
        "lexical_declaration" | "variable_declaration" => {
            part(node, "#variable_declarator").and_then(declared)
        }
        "variable_declarator" => part(node, "name").zip(part(node, "value")),
        "property_declaration" => {
            part(node, "#variable_declaration/#identifier").zip(part(node, "#last"))
        }
        "assignment" | "assignment_expression" => part(node, "left").zip(part(node, "right")),
        _ => None,
    }
}
