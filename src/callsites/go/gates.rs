//! Conditions under which a call is made: a version or a capability of the peer.

use std::{cell::RefCell, collections::HashMap};

use tree_sitter::Node;

use super::{blocks::ends, marks::is_negative, outcome::Outcome, scene::Scene};
use crate::callsites::{
    Handling,
    syntax::{named, path_to, visit},
};

/// What is so of the peer behind statements that may leave a list, by list: it is asked for every
/// call behind them.
#[derive(Default)]
pub(super) struct Exits(RefCell<HashMap<usize, Known>>);

/// What is known of a list of statements.
#[derive(Default)]
struct Known {
    /// Up to this byte.
    until: usize,
    /// Where a statement ends, and what is so behind it.
    exits: Vec<(usize, Said)>,
}

/// What a condition says of the peer when it comes out one way.
#[derive(Clone)]
struct Said {
    /// What is asked, and on which line.
    what: String,
    line: u32,
    /// The peer has it; otherwise it has not.
    has: bool,
}

impl Scene<'_, '_> {
    /// What has to be true of the peer for the last node of a path to be reached: in words, what the
    /// innermost gate asks.
    pub(super) fn gate(&self, path: &[Node<'_>]) -> Option<Outcome> {
        let mut gate: Option<Outcome> = None;
        for said in (1..path.len()).rev().filter_map(|at| self.required(path, at)) {
            let gate = gate.get_or_insert_with(|| self.gated(&said));
            gate.stops.lacking |= said.has;
            gate.stops.having |= !said.has;
        }
        gate
    }

    /// What one step of a path requires of the peer.
    fn required<'t>(&self, path: &[Node<'t>], at: usize) -> Option<Said> {
        let (node, parent) = (path[at], path[at - 1]);
        let field = |name: &str| parent.child_by_field_name(name);
        match parent.kind() {
            "if_statement" if field("consequence") == Some(node) => {
                self.says(field("condition")?, true, path)
            }
            "if_statement" if field("alternative") == Some(node) => {
                self.says(field("condition")?, false, path)
            }
            "expression_case" if field("value") != Some(node) => {
                self.says(field("value")?, true, path)
            }
            "binary_expression" if field("right") == Some(node) => {
                let and = field("operator").is_some_and(|it| self.text(it) == "&&");
                self.says(field("left")?, and, path)
            }
            "statement_list" => self.left_before(parent, node, path),
            _ => None,
        }
    }

    /// The last node of a path is reached only where something else turned out to be
    /// `UNIMPLEMENTED`: it is the way around that.
    pub(super) fn is_way_around(&self, path: &[Node<'_>]) -> bool {
        let missing = |condition: Option<Node<'_>>, negative: bool| {
            let asks = condition.filter(|it| self.asks(*it));
            let asked = |part| self.asks(part);
            asks.is_some_and(|it| is_negative(it, self.source, &asked) == negative)
        };
        (1..path.len()).any(|at| {
            let (node, parent) = (path[at], path[at - 1]);
            let field = |name: &str| parent.child_by_field_name(name);
            match parent.kind() {
                "if_statement" if field("consequence") == Some(node) => {
                    missing(field("condition"), false)
                }
                "if_statement" if field("alternative") == Some(node) => {
                    missing(field("condition"), true)
                }
                "expression_case" if field("value") != Some(node) => missing(field("value"), false),
                "statement_list" => {
                    let earlier = named(parent).into_iter().take_while(|it| *it != node);
                    let mut ifs = earlier.filter(|it| it.kind() == "if_statement");
                    ifs.any(|it| {
                        let part = |name: &str| it.child_by_field_name(name);
                        let leaves = part("consequence").is_some_and(|it| self.ends_early(it));
                        leaves && missing(part("condition"), true)
                    })
                }
                _ => false,
            }
        })
    }

    fn gated(&self, said: &Said) -> Outcome {
        let what = said.what.split('(').next().unwrap_or_default();
        let how = match said.has {
            true => format!("by {what}"),
            false => format!("unless {what}"),
        };
        Outcome {
            guards: vec![self.place(said.line)],
            how: Some(how),
            ..Outcome::of(Handling::Gated)
        }
    }

    /// What is so of the peer if the statements of a list go on to one of them.
    fn left_before<'t>(&self, list: Node<'t>, node: Node<'t>, path: &[Node<'t>]) -> Option<Said> {
        let until = self.exits.0.borrow().get(&list.id()).map_or(0, |it| it.until);
        if until < node.start_byte() {
            let new = named(list).into_iter().skip_while(|it| it.start_byte() < until);
            for statement in new.take_while(|it| *it != node) {
                // This may ask what is before the statement, which is known by now.
                let said = self.turned_away(statement, path);
                let mut lists = self.exits.0.borrow_mut();
                let known = lists.entry(list.id()).or_default();
                known.until = statement.end_byte();
                known.exits.extend(said.map(|it| (statement.end_byte(), it)));
            }
        }
        let lists = self.exits.0.borrow();
        let known = lists.get(&list.id())?;
        let before = known.exits.partition_point(|(end, _)| *end <= node.start_byte());
        known.exits[..before].last().map(|(_, said)| said.clone())
    }

    /// What is so of the peer if the function goes on behind a statement: `if !supported { return }`,
    /// also where it is first asked whether there is anything to ask.
    fn turned_away<'t>(&self, statement: Node<'t>, path: &[Node<'t>]) -> Option<Said> {
        if statement.kind() != "if_statement" {
            return None;
        }
        let condition = statement.child_by_field_name("condition")?;
        let consequence = statement.child_by_field_name("consequence")?;
        if self.ends_early(consequence) {
            return self.says(condition, false, path);
        }
        let inner = named(named(consequence).into_iter().next()?);
        let known = self.text(condition).strip_suffix("!= nil")?.trim();
        let nested = inner.into_iter().rev().find_map(|it| self.turned_away(it, path));
        nested.filter(|said| said.what.starts_with(known))
    }

    /// Behind a block, nothing of the one around it is done.
    pub(super) fn ends_early(&self, block: Node<'_>) -> bool {
        let last = named(block).into_iter().flat_map(named).last();
        last.is_some_and(|it| self.leaves(it))
    }

    /// A statement that ends the function, or this turn of a loop.
    fn leaves(&self, statement: Node<'_>) -> bool {
        let call = || {
            let function = statement.named_child(0)?.child_by_field_name("function")?;
            Some(ends(self.text(function)))
        };
        match statement.kind() {
            "return_statement" | "continue_statement" | "break_statement" | "goto_statement" => {
                true
            }
            "expression_statement" => call().unwrap_or(false),
            _ => false,
        }
    }

    /// What is so of the peer if a condition is true, or if it is not.
    fn says<'t>(&self, condition: Node<'t>, holds: bool, path: &[Node<'t>]) -> Option<Said> {
        let part = |name: &str| condition.child_by_field_name(name);
        match condition.kind() {
            "parenthesized_expression" | "expression_list" => match named(condition).as_slice() {
                [one] => self.says(*one, holds, path),
                _ => None,
            },
            "unary_expression" => self.says(part("operand")?, !holds, path),
            "binary_expression" => {
                let operator = part("operator").map_or("", |it| self.text(it));
                let sides = [part("left")?, part("right")?];
                let of = |side: usize| self.says(sides[side], holds, path);
                match (operator, holds) {
                    ("&&", true) | ("||", false) => of(0).or_else(|| of(1)),
                    // One of the two is enough, and nobody knows which.
                    ("&&" | "||", _) => of(0).and_then(|said| of(1).map(|_| said)),
                    _ => self.compared(sides, operator, holds, path),
                }
            }
            "identifier" => self.says(self.kept(condition, path)?, holds, path),
            _ => {
                let (what, line, positive) = self.question(condition)?;
                Some(Said { what, line, has: positive == holds })
            }
        }
    }

    /// `caps.Supports(x) == nil`, `semver.Compare(a, b) >= 0`.
    fn compared<'t>(
        &self,
        sides: [Node<'t>; 2],
        operator: &str,
        holds: bool,
        path: &[Node<'t>],
    ) -> Option<Said> {
        let question = |side: Node<'t>| {
            let kept = if side.kind() == "identifier" { self.kept(side, path) } else { None };
            self.question(kept.unwrap_or(side))
        };
        let first = question(sides[0]);
        let mirrored = first.is_none();
        let Some((what, line, positive)) = first.or_else(|| question(sides[1])) else {
            return self.chosen(sides, (operator == "!=") == holds, path);
        };
        let more =
            matches!((operator, mirrored), ("==", _) | (">" | ">=", false) | ("<" | "<=", true));
        Some(Said { what, line, has: (more == holds) == positive })
    }

    /// `chosen == nil`, where all that sets the variable does so for what the peer has.
    fn chosen<'t>(&self, sides: [Node<'t>; 2], set: bool, path: &[Node<'t>]) -> Option<Said> {
        let [name, nil] = sides;
        if name.kind() != "identifier" || nil.kind() != "nil" {
            return None;
        }
        let root = *path.first()?;
        let (mut said, mut always) = (None, true);
        visit(root, &mut |node| {
            if node.end_byte() <= name.start_byte()
                && self.sets(node, self.text(name))
                && node.child_by_field_name("right").is_none_or(|it| self.text(it) != "nil")
            {
                let path = path_to(root, node);
                match (1..path.len()).rev().find_map(|at| self.required(&path, at)) {
                    Some(required) => _ = said.get_or_insert(required),
                    None => always = false,
                }
            }
            always && node.start_byte() < name.start_byte()
        });
        let said = said.filter(|it| always && it.has)?;
        Some(Said { has: set, ..said })
    }

    /// What an expression asks of the peer: the words, the line, and whether yes means that it has
    /// it.
    fn question(&self, node: Node<'_>) -> Option<(String, u32, bool)> {
        let mut found = None;
        visit(node, &mut |node| {
            if found.is_none() && self.is_gate(node) {
                let text = self.text(node);
                let name = text.split('(').next().unwrap_or_default();
                let last = name.rsplit('.').next().unwrap_or(name);
                let older = ["LT", "LTE", "LE", "LessThan", "LessThanOrEqual", "Older"];
                found = Some((text.to_owned(), self.line(node), !older.contains(&last)));
            }
            found.is_none() && node.kind() != "func_literal"
        });
        found
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

    /// What a variable was last set to before it is looked at, where it can be seen from there.
    fn kept<'t>(&self, name: Node<'t>, path: &[Node<'t>]) -> Option<Node<'t>> {
        let wanted = self.text(name);
        let around = path_to(*path.first()?, name);
        // From the inside out, and from the latest to the first.
        let earlier = around.windows(2).rev().flat_map(|pair| {
            let before = named(pair[0]).into_iter().take_while(move |it| *it != pair[1]);
            before.collect::<Vec<_>>().into_iter().rev()
        });
        let statement = earlier.into_iter().find(|it| self.sets(*it, wanted))?;
        match named(statement.child_by_field_name("right")?).as_slice() {
            [one] => Some(*one),
            _ => None,
        }
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
