//! What becomes of the error of a call, as far as the text of the function shows it.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::{
    marks::{self, is_error},
    scene::Scene,
};
use crate::callsites::{
    Handling,
    syntax::{fields, line, named, visit},
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
    /// Lines that test for `UNIMPLEMENTED` and go on.
    pub(super) tests: Vec<u32>,
    /// Lines that test, and make another error of it.
    pub(super) translations: Vec<u32>,
    pub(super) handling: Option<Handling>,
    /// Some other function tests it: which, and where.
    pub(super) callee: Option<(String, crate::callsites::Place)>,
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
                for node in region(path, statement, fresh) {
                    if reading.examine(node) {
                        break;
                    }
                }
                let (mentioned, failed) = (reading.mentioned, reading.failed);
                verdict = reading.verdict;
                if failed && verdict.tests.is_empty() {
                    verdict.handling.get_or_insert(Handling::AnyErrorFallback);
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

    /// A function around has a result of that name.
    fn is_result(&self, path: &[Node<'_>], name: &str) -> bool {
        let functions = path.iter().rev().filter_map(|it| it.child_by_field_name("result"));
        let mut results = functions.flat_map(named).flat_map(|it| fields(it, "name"));
        results.any(|it| self.text(it) == name)
    }

    /// Notes that a function which is handed the error tests it.
    pub(super) fn callee(&self, call: Node<'_>, verdict: &mut Verdict) {
        let Some(function) = call.child_by_field_name("function") else { return };
        let Some((info, place)) = self.tester(self.text(function)) else { return };
        match info.copes {
            true => verdict.callee = Some((self.text(function).to_owned(), place)),
            false => verdict.handling = Some(Handling::Translated),
        }
    }
}

/// The nodes in which a variable that a statement sets may be looked at, in order.
fn region<'t>(path: &[Node<'t>], statement: usize, fresh: bool) -> Vec<Node<'t>> {
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
                let mut next = node.next_named_sibling();
                while let Some(sibling) = next {
                    nodes.push(sibling);
                    next = sibling.next_named_sibling();
                }
                if fresh {
                    return nodes;
                }
            }
            "func_literal" | "function_declaration" | "method_declaration" => return nodes,
            _ => (),
        }
    }
    nodes
}

struct Reading<'r, 's, 'w> {
    scene: &'r Scene<'s, 'w>,
    /// The variable, and what was made of it: a status, a code.
    names: BTreeSet<&'s str>,
    error: &'s str,
    /// The function around returns an error as its last result.
    fallible: bool,
    mentioned: bool,
    /// What comes next is for errors only.
    failed: bool,
    verdict: Verdict,
}

impl<'r, 's, 'w> Reading<'r, 's, 'w> {
    fn new(scene: &'r Scene<'s, 'w>, error: &'s str, path: &[Node<'_>], verdict: Verdict) -> Self {
        let function = path.iter().rev().find(|it| it.child_by_field_name("parameters").is_some());
        let result = function.and_then(|it| it.child_by_field_name("result"));
        let last = result.map_or("", |it| scene.text(it)).trim_end_matches(')');
        let fallible = last.ends_with("error");
        Reading {
            scene,
            names: [error].into(),
            error,
            fallible,
            mentioned: false,
            failed: false,
            verdict,
        }
    }

    fn mentions(&self, node: Node<'_>) -> bool {
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
    fn examine(&mut self, node: Node<'_>) -> bool {
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
        if DERIVE.iter().any(|it| text.contains(it)) {
            self.names.extend(targets.iter().filter(|it| **it != "_" && **it != "ok"));
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
        let negative = text.contains("!=") || text.trim_start().starts_with('!');
        if self.scene.asks(condition) {
            let branch = if negative { alternative } else { consequence };
            self.test(condition, branch);
            let other = if negative { consequence } else { alternative };
            if let Some(other) = other {
                self.failing(other);
            }
            return false;
        }
        let compact: String = text.split_whitespace().collect();
        if compact.contains(&format!("{}!=nil", self.error)) {
            consequence.into_iter().for_each(|it| self.failing(it));
            if let Some(other) = alternative {
                self.examine(other);
            }
        } else if compact.contains(&format!("{}==nil", self.error)) {
            match alternative {
                Some(other) => self.failing(other),
                None => {
                    self.failed |= consequence.is_some_and(|it| ends_in_return(it));
                }
            }
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

    fn test(&mut self, at: Node<'_>, branch: Option<Node<'_>>) {
        let line = self.scene.line(at);
        let source = self.scene.source;
        match branch.is_some_and(|it| marks::ends_in_error(it, source)) {
            true => self.verdict.translations.push(line),
            false => self.verdict.tests.push(line),
        }
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
        if before != (self.verdict.tests.len(), self.verdict.callee.is_some())
            || self.verdict.handling == Some(Handling::Translated)
        {
            return;
        }
        self.verdict.handling = nested;
        let handling = self.outcome(block);
        self.verdict.handling.get_or_insert(handling);
    }

    fn outcome(&self, block: Node<'_>) -> Handling {
        let scene = self.scene;
        let (mut passed, mut logged, mut other) = (false, false, false);
        visit(block, &mut |node| {
            match node.kind() {
                "func_literal" => return false,
                "return_statement" => {
                    let values: Vec<Node<'_>> = named(node).into_iter().flat_map(named).collect();
                    let Some(last) = values.last() else { return false };
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
                    if ends(name) {
                        passed = true;
                    } else if logs(name) {
                        logged = true;
                    } else if own && !name.starts_with("fmt.") && !name.ends_with(".Error") {
                        passed |= !name.starts_with("status.") && !name.starts_with("errors.");
                    } else {
                        other |=
                            node.parent().is_some_and(|it| it.kind() == "expression_statement");
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

fn ends_in_return(block: Node<'_>) -> bool {
    let last = named(block).into_iter().flat_map(named).last();
    last.is_some_and(|it| it.kind() == "return_statement")
}

/// A function that does not return.
fn ends(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last == "panic" || last.starts_with("Fatal") || last == "Exit" || last.starts_with("Panic")
}

/// A function that writes to a log.
fn logs(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or(name);
    let level = ["Debug", "Info", "Warn", "Error", "Print", "Trace", "Fprint", "Log"];
    lower.contains("log") || (name.contains('.') && level.iter().any(|it| last.starts_with(it)))
}

/// The line of a node in its file.
pub(super) fn line_in(node: Node<'_>, offset: i64) -> u32 {
    u32::try_from(i64::from(line(node)) + offset).unwrap_or(1)
}
