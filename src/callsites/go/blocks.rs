//! What a block comes to that an error leads to: it hands the error on, logs it, or goes another
//! way.

use tree_sitter::Node;

use super::{marks::is_error, reading::Reading};
use crate::callsites::{
    Handling,
    syntax::{named, visit},
};

impl Reading<'_, '_, '_> {
    /// All that a block returns is the error as it came.
    pub(super) fn gives_back(&self, block: Node<'_>) -> bool {
        let (mut own, mut other) = (false, false);
        visit(block, &mut |node| {
            if node.kind() == "return_statement" {
                let last = named(node).into_iter().flat_map(named).last();
                match last.is_some_and(|it| self.scene.text(it) == self.error) {
                    true => own = true,
                    false => other = true,
                }
            }
            node.kind() != "func_literal"
        });
        own && !other
    }

    pub(super) fn outcome(&self, block: Node<'_>) -> Handling {
        let scene = self.scene;
        let (mut passed, mut logged, mut other) = (false, false, false);
        visit(block, &mut |node| {
            match node.kind() {
                "func_literal" => return false,
                "return_statement" => {
                    let values: Vec<Node<'_>> = named(node).into_iter().flat_map(named).collect();
                    let Some(last) = values.last() else {
                        passed |= self.result;
                        return false;
                    };
                    let nothing = |it: &Node<'_>| matches!(it.kind(), "nil");
                    let error = !nothing(last)
                        && (self.fallible || is_error(*last, scene.source) || self.mentions(*last));
                    passed |= error || values.iter().any(|it| self.mentions(*it));
                    other |= !values.iter().all(nothing);
                    return false;
                }
                "send_statement" => passed |= self.mentions(node),
                "assignment_statement" | "short_var_declaration" => {
                    let right = node.child_by_field_name("right");
                    let own = right.is_some_and(|it| self.mentions(it));
                    let kept =
                        node.child_by_field_name("left").is_some_and(|it| scene.text(it) != "_");
                    passed |= own && kept;
                    other |= !own;
                }
                "call_expression" => {
                    let function = node.child_by_field_name("function");
                    let name = function.map_or("", |it| scene.text(it));
                    let arguments = node.child_by_field_name("arguments");
                    let own = arguments.is_some_and(|it| self.mentions(it));
                    let is_statement =
                        node.parent().is_some_and(|it| it.kind() == "expression_statement");
                    if ends(name) {
                        passed = true;
                    } else if logs(name) {
                        logged = true;
                    } else if own && !name.starts_with("fmt.") && !name.ends_with(".Error") {
                        let makes = name.starts_with("status.") || name.starts_with("errors.");
                        passed |= is_statement || !makes;
                    } else {
                        other |= is_statement;
                    }
                    return !logs(name);
                }
                _ => (),
            }
            true
        });
        match (passed, other, logged) {
            (true, ..) => Handling::Propagates,
            (_, true, _) => Handling::AnyErrorFallback,
            (_, _, true) => Handling::LoggedOnly,
            _ => Handling::Ignored,
        }
    }
}

pub(super) fn ends_in_return(block: Node<'_>) -> bool {
    let last = named(block).into_iter().flat_map(named).last();
    last.is_some_and(|it| it.kind() == "return_statement")
}

/// A function that does not return.
pub(super) fn ends(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last == "panic" || last.starts_with("Fatal") || last == "Exit" || last.starts_with("Panic")
}

/// A function that writes to a log.
pub(super) fn logs(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or(name);
    // `logAndClose` does more.
    if last.contains("And") {
        return false;
    }
    let level = ["Debug", "Info", "Warn", "Error", "Print", "Trace", "Fprint", "Log"];
    lower.contains("log") || (name.contains('.') && level.iter().any(|it| last.starts_with(it)))
}
