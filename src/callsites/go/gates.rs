//! Conditions under which a call is made: a version or a capability of the peer.

use tree_sitter::Node;

use super::{outcome::Outcome, scene::Scene};
use crate::callsites::{
    Handling,
    syntax::{named, visit},
};

impl Scene<'_, '_> {
    /// What has to be true of the peer for the last node of a path to be reached.
    pub(super) fn gate(&self, path: &[Node<'_>]) -> Option<Outcome> {
        for at in (1..path.len()).rev() {
            let (node, parent) = (path[at], path[at - 1]);
            let field = |name: &str| parent.child_by_field_name(name);
            match parent.kind() {
                "if_statement"
                    if field("consequence") == Some(node) || field("alternative") == Some(node) =>
                {
                    let asked = [field("initializer"), field("condition")];
                    if let Some(gate) =
                        asked.into_iter().flatten().find_map(|it| self.asked(it, path))
                    {
                        return Some(gate);
                    }
                }
                "expression_case" if field("value") != Some(node) => {
                    if let Some(gate) = field("value").and_then(|it| self.asked(it, path)) {
                        return Some(gate);
                    }
                }
                "binary_expression" if field("right") == Some(node) => {
                    if let Some(gate) = field("left").and_then(|it| self.asked(it, path)) {
                        return Some(gate);
                    }
                }
                "statement_list" => {
                    let earlier = named(parent).into_iter().take_while(|it| *it != node);
                    let early =
                        earlier.filter(|it| it.kind() == "if_statement" && self.leaves(*it));
                    let gates = early.filter_map(|it| {
                        let parts =
                            ["initializer", "condition"].map(|name| it.child_by_field_name(name));
                        parts.into_iter().flatten().find_map(|part| self.asked(part, path))
                    });
                    if let Some(gate) = gates.last() {
                        return Some(gate);
                    }
                }
                _ => (),
            }
        }
        None
    }

    /// The branch of an `if` ends the function, or this turn of a loop.
    fn leaves(&self, statement: Node<'_>) -> bool {
        let Some(branch) = statement.child_by_field_name("consequence") else { return false };
        let list = named(branch).into_iter().next();
        let last = list.map(named).and_then(|it| it.last().copied());
        last.is_some_and(|it| {
            matches!(
                it.kind(),
                "return_statement" | "continue_statement" | "break_statement" | "goto_statement"
            )
        })
    }

    /// The condition asks what the peer can do.
    fn asked(&self, condition: Node<'_>, path: &[Node<'_>]) -> Option<Outcome> {
        let mut gate = None;
        visit(condition, &mut |node| {
            if gate.is_none() && self.is_gate(node) {
                gate = Some((self.text(node).to_owned(), self.line(node)));
            }
            gate.is_none()
        });
        let kept = || self.kept(condition, path);
        let (what, line) = gate.or_else(kept)?;
        let what = what.split('(').next().unwrap_or_default().to_owned();
        let place = self.place(line);
        Some(Outcome {
            handling: Handling::Gated,
            guards: vec![place],
            how: Some(format!("by {what}")),
            opens_only: None,
        })
    }

    fn is_gate(&self, node: Node<'_>) -> bool {
        match node.kind() {
            "call_expression" => {
                let Some(function) = node.child_by_field_name("function") else { return false };
                let name = self.text(function);
                let last = name.rsplit('.').next().unwrap_or(name);
                let compares = [
                    "GE",
                    "GT",
                    "LT",
                    "LE",
                    "GTE",
                    "LTE",
                    "LessThan",
                    "GreaterThan",
                    "AtLeast",
                    "Compare",
                ];
                let lower = name.to_ascii_lowercase();
                self.world.gates.iter().any(|it| it.matches(name))
                    || is_capability(last)
                    || (compares.contains(&last) && (lower.contains("ver")))
                    || self.function(name).is_some_and(|info| info.marks.gate)
            }
            "selector_expression" => {
                let field = node.child_by_field_name("field").map_or("", |it| self.text(it));
                is_capability(field)
            }
            _ => false,
        }
    }

    /// A condition on a variable that was set to what a gate said.
    fn kept(&self, condition: Node<'_>, path: &[Node<'_>]) -> Option<(String, u32)> {
        let mut names = Vec::new();
        visit(condition, &mut |node| {
            if node.kind() == "identifier" {
                names.push(self.text(node));
            }
            true
        });
        let mut found = None;
        visit(*path.first()?, &mut |node| {
            if node.kind() == "short_var_declaration"
                && node.end_byte() <= condition.start_byte()
                && let (Some(left), Some(right)) =
                    (node.child_by_field_name("left"), node.child_by_field_name("right"))
                && named(left).iter().any(|it| {
                    let name = self.text(*it);
                    name != "_" && names.contains(&name)
                })
            {
                let mut calls = named(right).into_iter().filter(|it| self.is_gate(*it));
                found = calls.next_back().map(|it| (self.text(it).to_owned(), self.line(it)));
            }
            true
        });
        found
    }
}

/// A name that asks what the other end can do.
fn is_capability(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("supports")
        || lower.starts_with("issupported")
        || lower == "hasfeature"
        || lower.starts_with("hascapability")
}
