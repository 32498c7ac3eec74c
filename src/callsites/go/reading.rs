//! Statement by statement: what a function does with the variable that holds an error.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::{
    blocks::{ends_in_return, logs},
    errors::Verdict,
    marks,
    scene::Scene,
};
use crate::callsites::{
    Handling,
    syntax::{named, visit},
};

pub(super) struct Reading<'r, 's, 'w> {
    pub(super) scene: &'r Scene<'s, 'w>,
    /// The variable, and what was made of it: a status, a code.
    names: BTreeSet<&'s str>,
    pub(super) error: &'s str,
    /// The function around returns an error as its last result.
    pub(super) fallible: bool,
    /// Names that say whether it is `UNIMPLEMENTED`.
    telling: BTreeSet<&'s str>,
    pub(super) mentioned: bool,
    /// What was done about an error before the function went on as without one. What it does with
    /// the error later is the last word.
    pub(super) so_far: Option<Handling>,
    /// What comes next is for errors only.
    pub(super) failed: bool,
    /// Something is done only if there is no error.
    pub(super) skipped: bool,
    /// The function around has it as a named result.
    pub(super) result: bool,
    pub(super) verdict: Verdict,
}

impl<'r, 's, 'w> Reading<'r, 's, 'w> {
    pub(super) fn new(
        scene: &'r Scene<'s, 'w>,
        error: &'s str,
        path: &[Node<'_>],
        verdict: Verdict,
    ) -> Self {
        let function = path.iter().rev().find(|it| it.child_by_field_name("parameters").is_some());
        let result = function.and_then(|it| it.child_by_field_name("result"));
        let last = result.map_or("", |it| scene.text(it)).trim_end_matches(')');
        let fallible = last.ends_with("error");
        Reading {
            scene,
            names: [error].into(),
            telling: BTreeSet::new(),
            error,
            fallible,
            mentioned: false,
            so_far: None,
            failed: false,
            skipped: false,
            result: scene.is_result(path, error),
            verdict,
        }
    }

    /// A condition asks whether the error is `UNIMPLEMENTED`.
    fn asks(&self, condition: Node<'_>) -> bool {
        let mut told = false;
        visit(condition, &mut |node| {
            told |= node.kind() == "identifier" && self.telling.contains(self.scene.text(node));
            !told
        });
        told || self.scene.asks(condition)
    }

    pub(super) fn mentions(&self, node: Node<'_>) -> bool {
        let mut found = false;
        let selector = self.error.contains('.');
        visit(node, &mut |node| {
            found |= match node.kind() {
                "identifier" => self.names.contains(self.scene.text(node)),
                "selector_expression" if selector => self.scene.text(node) == self.error,
                _ => false,
            };
            !found
        });
        found
    }

    /// Looks at a statement; true if the variable means something else from here on.
    pub(super) fn examine(&mut self, node: Node<'_>) -> bool {
        match node.kind() {
            "if_statement" => return self.branching(node),
            "expression_switch_statement" => self.switch(node),
            "return_statement" => {
                if self.mentions(node) {
                    self.mentioned = true;
                    let before = self.verdict.handling;
                    self.calls(node);
                    if self.verdict.handling == before {
                        self.verdict.handling.get_or_insert(Handling::Propagates);
                    }
                } else if self.failed {
                    self.verdict.handling.get_or_insert(Handling::AnyErrorFallback);
                }
                return true;
            }
            "short_var_declaration" | "assignment_statement" => return self.assignment(node),
            "send_statement" if self.mentions(node) => self.passed_on(),
            "expression_statement" | "defer_statement" | "go_statement" if self.mentions(node) => {
                self.mentioned = true;
                self.handed_over(node);
            }
            "block"
            | "statement_list"
            | "for_statement"
            | "select_statement"
            | "labeled_statement"
            | "type_switch_statement"
            | "expression_case"
            | "default_case"
            | "communication_case"
            | "type_case" => {
                for child in named(node) {
                    if self.examine(child) {
                        break;
                    }
                }
            }
            _ => (),
        }
        false
    }

    /// A statement that does nothing but hand the error to a function: which may log it, or end
    /// the program.
    fn handed_over(&mut self, node: Node<'_>) {
        let before = self.verdict.handling;
        self.calls(node);
        if self.verdict.callee.is_some() || self.verdict.handling != before {
            return;
        }
        let function = node.named_child(0).and_then(|it| it.child_by_field_name("function"));
        match function.is_some_and(|it| logs(self.scene.text(it))) {
            true => self.verdict.handling.get_or_insert(Handling::LoggedOnly),
            false => self.verdict.handling.get_or_insert(Handling::Propagates),
        };
    }

    fn passed_on(&mut self) {
        self.mentioned = true;
        self.verdict.handling.get_or_insert(Handling::Propagates);
    }

    /// Functions that are handed the error.
    fn calls(&mut self, node: Node<'_>) {
        let mut calls = Vec::new();
        visit(node, &mut |node| {
            if node.kind() == "call_expression" {
                calls.push(node);
            }
            node.kind() != "func_literal"
        });
        for call in calls {
            let arguments = call.child_by_field_name("arguments");
            if arguments.is_some_and(|it| self.mentions(it)) {
                self.scene.callee(call, &mut self.verdict);
            }
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> bool {
        let field = |name: &str| node.child_by_field_name(name);
        let (Some(left), Some(right)) = (field("left"), field("right")) else { return false };
        let targets: Vec<&'s str> = named(left).into_iter().map(|it| self.scene.text(it)).collect();
        if !self.mentions(right) {
            return targets.contains(&self.error);
        }
        self.mentioned = true;
        self.calls(right);
        let text = self.scene.text(right);
        const DERIVE: [&str; 6] = ["FromError", "Code(", "Convert(", "CodeOf", "Cause(", "Unwrap("];
        let derived = targets.iter().filter(|it| **it != "_");
        if self.scene.asks(right) {
            self.telling.extend(derived.clone());
            self.names.extend(derived);
        } else if text.contains(".(") || DERIVE.iter().any(|it| text.contains(it)) {
            self.names.extend(derived.filter(|it| **it != "ok"));
        } else if !targets.contains(&self.error) && targets.iter().any(|it| *it != "_") {
            self.passed_on();
        }
        false
    }

    fn branching(&mut self, node: Node<'_>) -> bool {
        let field = |name: &str| node.child_by_field_name(name);
        let (consequence, alternative) = (field("consequence"), field("alternative"));
        if let Some(initializer) = field("initializer") {
            let own = initializer.child_by_field_name("left").map(named).unwrap_or_default();
            let sets = own.iter().any(|it| self.scene.text(*it) == self.error);
            let right = initializer.child_by_field_name("right");
            let derived = right.is_some_and(|it| self.mentions(it));
            if derived {
                self.assignment(initializer);
            } else if sets && !self.scene.is_site(initializer) {
                return initializer.kind() == "assignment_statement";
            }
        }
        let Some(condition) = field("condition") else { return false };
        if !self.mentions(condition) {
            for part in [consequence, alternative].into_iter().flatten() {
                self.examine(part);
            }
            return false;
        }
        self.mentioned = true;
        let text = self.scene.text(condition);
        let negative = self.is_negative(condition);
        if self.asks(condition) {
            let branch = if negative { alternative } else { consequence };
            self.test(condition, branch);
            let other = if negative { consequence } else { alternative };
            if let Some(other) = other {
                self.failing(other);
            }
            return false;
        }
        let compact: String = text.split_whitespace().collect();
        if compact.contains(&format!("{}!=nil", self.error)) && !self.is_certain(condition) {
            consequence.into_iter().for_each(|it| self.failing(it));
            if let Some(other) = alternative {
                self.examine(other);
            }
        } else if compact.contains(&format!("{}==nil", self.error)) {
            match alternative {
                Some(other) => self.failing(other),
                None => match consequence.is_some_and(ends_in_return) {
                    true => self.failed = true,
                    false => self.skipped = true,
                },
            }
        } else if self.is_negative(condition) {
            consequence.into_iter().for_each(|it| self.failing(it));
        } else {
            if let Some((_, rest)) = text.split_once("errors.As(") {
                let target = rest.split_once('&').map_or("", |(_, rest)| rest);
                let end = target.find(|char: char| !char.is_alphanumeric() && char != '_');
                self.names.insert(&target[..end.unwrap_or(target.len())]);
            }
            for part in [consequence, alternative].into_iter().flatten() {
                self.nested_tests(part);
                if Some(part) == alternative {
                    self.examine(part);
                }
            }
        }
        false
    }

    /// A condition is that the error is none that it asks for.
    fn is_negative(&self, condition: Node<'_>) -> bool {
        marks::is_negative(condition, self.scene.source, &|it| self.asks(it))
    }

    /// Beside whether there is an error, a condition asks whether it is a certain one:
    /// `err != nil && status.Code(err) == codes.NotFound`.
    fn is_certain(&self, condition: Node<'_>) -> bool {
        let mut parts = vec![condition];
        let mut certain = false;
        while let Some(part) = parts.pop() {
            let operator = part.child_by_field_name("operator").map(|it| self.scene.text(it));
            match part.kind() {
                "parenthesized_expression" => parts.extend(named(part)),
                "binary_expression" if matches!(operator, Some("&&" | "||")) => {
                    parts.extend(named(part));
                }
                _ => certain |= self.mentions(part) && !self.is_negative(part),
            }
        }
        certain
    }

    /// A condition asks for the code, and something is done about it. Where it only gives back the
    /// error that came, as others are not, nothing is.
    fn test(&mut self, at: Node<'_>, branch: Option<Node<'_>>) {
        if branch.is_some_and(|it| self.gives_back(it)) {
            return self.passed_on();
        }
        self.verdict.tests.push(self.scene.line(at));
    }

    fn switch(&mut self, node: Node<'_>) {
        let value = node.child_by_field_name("value");
        let mut about = value.is_some_and(|it| self.mentions(it));
        if let Some(initializer) = node.child_by_field_name("initializer") {
            self.assignment(initializer);
            about |= value.is_some_and(|it| self.mentions(it));
        }
        for case in named(node) {
            let values = case.child_by_field_name("value").map(named).unwrap_or_default();
            let own = value.is_none() && values.iter().any(|it| self.mentions(*it));
            if about || own {
                self.mentioned = true;
                let asked = values.iter().any(|it| self.scene.asks(*it));
                if asked && values.len() <= marks::CODES {
                    self.test(case, Some(case));
                    continue;
                }
                let fails = case.kind() == "default_case"
                    || values.iter().any(|it| self.scene.text(*it).ends_with("!= nil"));
                if fails {
                    self.failing(case);
                    continue;
                }
            }
            if Some(case) != value {
                self.nested_tests(case);
            }
        }
    }

    /// Tests below a node, and nothing else.
    fn nested_tests(&mut self, node: Node<'_>) {
        let handling = self.verdict.handling;
        self.examine(node);
        self.verdict.handling = handling;
    }

    /// What is done in a block that is for errors.
    fn failing(&mut self, block: Node<'_>) {
        if block.kind() == "if_statement" {
            self.examine(block);
            return;
        }
        let nested = self.verdict.handling;
        let before = (self.verdict.tests.len(), self.verdict.callee.is_some());
        for child in named(block) {
            match child.kind() {
                "statement_list" => {
                    for statement in named(child) {
                        self.examine(statement);
                    }
                }
                _ => {
                    self.examine(child);
                }
            }
        }
        if before != (self.verdict.tests.len(), self.verdict.callee.is_some()) {
            return;
        }
        self.verdict.handling = nested;
        let handling = self.outcome(block);
        match handling == Handling::Propagates || self.scene.ends_early(block) {
            true => self.verdict.handling.get_or_insert(handling),
            false => self.so_far.get_or_insert(handling),
        };
    }
}
