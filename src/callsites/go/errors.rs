//! What becomes of the error of a call, as far as the text of the function shows it.

use tree_sitter::Node;

use super::{reading::Reading, scene::Scene};
use crate::callsites::{
    Handling, Place,
    syntax::{fields, named, visit},
};

/// Where the results of a call go.
pub(super) enum Fate<'s> {
    /// Into variables, or nowhere where they are not kept.
    Bound {
        value: Option<&'s str>,
        error: Option<&'s str>,
        statement: usize,
        fresh: bool,
    },
    /// To whoever called.
    Returned,
    Dropped,
    Elsewhere,
}

/// What is known of an error.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// Lines that test for `UNIMPLEMENTED`.
    pub(super) tests: Vec<u32>,
    pub(super) handling: Option<Handling>,
    /// Some other function tests it.
    pub(super) callee: Option<Callee>,
}

/// A function that is handed an error and tests it.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub(super) name: String,
    pub(super) place: Place,
    /// It makes no error of it.
    pub(super) copes: bool,
}

impl<'s> Scene<'s, '_> {
    /// Where the results of a call go. `path` leads from the declaration to the call.
    pub(super) fn fate(&self, path: &[Node<'_>], verdict: &mut Verdict) -> Fate<'s> {
        for at in (1..path.len()).rev() {
            let (node, parent) = (path[at], path[at - 1]);
            match parent.kind() {
                "expression_list" | "parenthesized_expression" => (),
                "argument_list" => {
                    // Handed to a function that may look at it.
                    if let Some(call) = path.get(at.wrapping_sub(2)) {
                        self.callee(*call, verdict);
                    }
                }
                "call_expression" if node.kind() == "argument_list" => (),
                "short_var_declaration" | "assignment_statement" | "var_spec" => {
                    return self.bound(parent, at - 1);
                }
                "receive_statement" => return Fate::Elsewhere,
                "return_statement" => return Fate::Returned,
                "expression_statement" | "go_statement" | "defer_statement" => {
                    return Fate::Dropped;
                }
                _ => return Fate::Elsewhere,
            }
        }
        Fate::Elsewhere
    }

    fn bound(&self, statement: Node<'_>, at: usize) -> Fate<'s> {
        let names = match statement.child_by_field_name("left") {
            Some(left) => named(left),
            None => fields(statement, "name"),
        };
        let kept = |node: Option<&Node<'_>>| node.map(|it| self.text(*it)).filter(|it| *it != "_");
        let value = kept(names.first()).filter(|_| names.len() > 1);
        let fresh = statement.kind() != "assignment_statement";
        Fate::Bound { value, error: kept(names.last()), statement: at, fresh }
    }

    /// What becomes of the error, wherever it goes.
    pub(super) fn verdict(&self, path: &[Node<'_>]) -> (Verdict, Option<&'s str>) {
        let mut verdict = Verdict::default();
        match self.fate(path, &mut verdict) {
            Fate::Returned => verdict.handling = Some(Handling::Propagates),
            Fate::Dropped => verdict.handling = Some(Handling::Ignored),
            Fate::Elsewhere => (),
            Fate::Bound { value, error: None, .. } => {
                verdict.handling = Some(Handling::Ignored);
                return (verdict, value);
            }
            Fate::Bound { value, error: Some(error), statement, fresh } => {
                let mut reading = Reading::new(self, error, path, verdict);
                for node in self.region(path, statement, error, fresh) {
                    if reading.examine(node) {
                        break;
                    }
                }
                let (mentioned, failed) = (reading.mentioned, reading.failed);
                let (skipped, so_far) = (reading.skipped, reading.so_far);
                verdict = reading.verdict;
                verdict.handling = verdict.handling.or(so_far);
                if failed && verdict.tests.is_empty() {
                    verdict.handling.get_or_insert(Handling::AnyErrorFallback);
                }
                if skipped {
                    verdict.handling.get_or_insert(Handling::Ignored);
                }
                if verdict.handling.is_none() && !mentioned {
                    let result = self.is_result(path, error);
                    verdict.handling =
                        Some(if result { Handling::Propagates } else { Handling::Ignored });
                }
                return (verdict, value);
            }
        }
        (verdict, None)
    }

    /// The error of a function that a call is handed comes back from that call.
    pub(super) fn comes_back(&self, path: &[Node<'_>]) -> bool {
        match self.fate(path, &mut Verdict::default()) {
            Fate::Returned => true,
            Fate::Bound { error: Some(name), .. } => name.to_ascii_lowercase().contains("err"),
            _ => false,
        }
    }

    /// A function around has a result of that name.
    pub(super) fn is_result(&self, path: &[Node<'_>], name: &str) -> bool {
        let functions = path.iter().rev().filter_map(|it| it.child_by_field_name("result"));
        let mut results = functions.flat_map(named).flat_map(|it| fields(it, "name"));
        results.any(|it| self.text(it) == name)
    }

    /// Notes that a function which is handed the error tests it.
    pub(super) fn callee(&self, call: Node<'_>, verdict: &mut Verdict) {
        let Some(function) = call.child_by_field_name("function") else { return };
        let Some((marks, place)) = self.tester(self.text(function)) else { return };
        if marks.copes || verdict.callee.is_none() {
            let name = self.text(function).to_owned();
            verdict.callee = Some(Callee { name, place, copes: marks.copes });
        }
    }

    /// The nodes in which a variable that a statement sets may be looked at, in order.
    fn region<'t>(
        &self,
        path: &[Node<'t>],
        statement: usize,
        name: &str,
        fresh: bool,
    ) -> Vec<Node<'t>> {
        let mut nodes = Vec::new();
        for at in (1..=statement).rev() {
            let (node, parent) = (path[at], path[at - 1]);
            match parent.kind() {
                "if_statement"
                | "expression_switch_statement"
                | "for_clause"
                | "type_switch_statement"
                    if parent.child_by_field_name("initializer") == Some(node) =>
                {
                    nodes.push(parent);
                    if fresh {
                        return nodes;
                    }
                }
                "statement_list" | "block" | "expression_case" | "communication_case"
                | "default_case" | "type_case" => {
                    // To step from one to the next, a tree is searched from its root.
                    let from = |it: &Node<'_>| it.start_byte() < node.end_byte();
                    nodes.extend(named(parent).into_iter().skip_while(from));
                    if fresh {
                        return nodes;
                    }
                }
                // The variable may be that of a function around.
                "func_literal" if fresh || self.declares(parent, name) => return nodes,
                "function_declaration" | "method_declaration" => return nodes,
                _ => (),
            }
        }
        nodes
    }

    /// A function literal has a variable of that name of its own.
    fn declares(&self, literal: Node<'_>, name: &str) -> bool {
        let mut found = false;
        visit(literal, &mut |node| {
            let names = match node.kind() {
                "short_var_declaration" => {
                    node.child_by_field_name("left").map(named).unwrap_or_default()
                }
                "parameter_declaration" | "var_spec" => fields(node, "name"),
                _ => Vec::new(),
            };
            found |= names.into_iter().any(|it| self.text(it) == name);
            !found
        });
        found
    }
}
