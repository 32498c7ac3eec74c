//! Whether a handler answers `UNIMPLEMENTED`: on all of its paths, or on some.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::kinds::{ARMS, CHOICES, SEQUENCES, bodies, compares, declared, is_function};
use crate::callsites::syntax::{named, part, text, visit};

/// What a handler does about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refuses {
    Never,
    Sometimes,
    Always,
}

/// What may become of a call in a part of a handler.
#[derive(Clone, Copy, Default)]
struct Fate {
    /// It is refused there.
    refused: bool,
    /// It is answered there, with data or with another error.
    answered: bool,
    /// What follows has its say.
    open: bool,
}

/// A function while it is read.
struct Body<'f> {
    source: &'f [u8],
    helpers: &'f Helpers,
    /// Variables that hold one.
    held: HashSet<&'f str>,
    /// What the function is given.
    parameters: Vec<&'f str>,
}

/// Functions of a file that may refuse, by name.
pub(super) type Helpers = HashMap<String, Refuses>;

/// Methods of what a handler is given that answer the call.
const ANSWERS: [&str; 9] = [
    "abort",
    "abort_with_status",
    "emit",
    "emitAll",
    "end",
    "onCompleted",
    "onError",
    "onNext",
    "write",
];

/// How the status is written: as a name, and in Rust as a function that makes it.
const SPELLINGS: [&str; 3] = ["UNIMPLEMENTED", "Unimplemented", "unimplemented"];

/// What the body of a function comes to.
pub(super) fn of(
    body: Node<'_>,
    parameters: Option<Node<'_>>,
    helpers: &Helpers,
    source: &[u8],
) -> Refuses {
    let parameters = parameters.map(|it| given(it, source)).unwrap_or_default();
    let mut reader = Body { source, helpers, held: HashSet::new(), parameters };
    let fate = reader.fate(body, true);
    match (fate.refused, fate.answered || fate.open) {
        (false, _) => Refuses::Never,
        (true, true) => Refuses::Sometimes,
        (true, false) => Refuses::Always,
    }
}

/// A source speaks of the status; where it does not, nothing refuses.
pub(super) fn names_status(source: &[u8]) -> bool {
    SPELLINGS.iter().any(|it| memchr::memmem::find(source, it.as_bytes()).is_some())
}

/// The names of parameters, but for that of the object itself.
pub(super) fn given<'s>(parameters: Node<'_>, source: &'s [u8]) -> Vec<&'s str> {
    let name = |it: Node<'_>| {
        let named = ["pattern", "name", "#identifier"].iter().find_map(|path| part(it, path));
        text(named.unwrap_or(it), source)
    };
    named(parameters).into_iter().map(name).filter(|it| !matches!(*it, "self" | "&self")).collect()
}

impl Fate {
    const OPEN: Fate = Fate { refused: false, answered: false, open: true };
    const ANSWERED: Fate = Fate { refused: false, answered: true, open: false };
    const REFUSED: Fate = Fate { refused: true, answered: false, open: false };

    /// Either may happen.
    fn or(self, other: Fate) -> Fate {
        Fate {
            refused: self.refused || other.refused,
            answered: self.answered || other.answered,
            open: self.open || other.open,
        }
    }
}

impl<'f> Body<'f> {
    /// What a part comes to; `last` if its value is that of the function.
    fn fate(&mut self, node: Node<'_>, last: bool) -> Fate {
        let kind = node.kind();
        if SEQUENCES.contains(&kind) {
            return self.sequence(&named(node), last && kind != "expression_statement");
        }
        if kind == "try_expression" && part(node, "#catch_block|finally_block").is_none() {
            // Rust: an error goes to the caller.
            let always = text(node, self.source).starts_with("Err(");
            return match self.refuses(node) {
                true => Fate { open: !always, ..Fate::REFUSED },
                false => Fate { open: true, ..Fate::ANSWERED },
            };
        }
        if CHOICES.contains(&kind) {
            return self.choice(node, last);
        }
        if kind.starts_with("match_") || kind.starts_with("switch_") || kind == "when_expression" {
            return self.arms(node, last);
        }
        if kind.starts_with("for_") || kind.starts_with("while_") || kind.contains("do_") {
            return Fate::OPEN.or(self.sequence(&bodies(node), false));
        }
        if kind.starts_with("return_") || kind.starts_with("throw_") || kind == "raise_statement" {
            return match named(node).first() {
                Some(value) => Fate { open: false, ..self.fate(*value, true) },
                None => Fate::ANSWERED,
            };
        }
        if kind == "with_statement" || kind.ends_with("_clause") || kind == "catch_block" {
            return self.sequence(&bodies(node), last);
        }
        if is_function(kind) || kind.ends_with("comment") {
            return Fate::OPEN;
        }
        if let Some((name, value)) = declared(node) {
            if self.refuses(value) && !self.leaves(value) {
                self.held.insert(text(name, self.source));
                return Fate::OPEN;
            }
            return Fate { open: true, ..self.fate(value, false) };
        }
        self.leaf(node, last)
    }

    fn sequence(&mut self, parts: &[Node<'_>], last: bool) -> Fate {
        let mut all = Fate::OPEN;
        for (at, part) in parts.iter().enumerate() {
            let fate = self.fate(*part, last && at + 1 == parts.len());
            all = Fate { open: fate.open, ..all.or(fate) };
            if !fate.open {
                break;
            }
        }
        all
    }

    /// `if` and the like, and `try`: all of its parts but the condition.
    fn choice(&mut self, node: Node<'_>, last: bool) -> Fate {
        let condition = part(node, "condition");
        let parts = named(node).into_iter().filter(|it| {
            Some(*it) != condition && !matches!(it.kind(), "finally_clause" | "finally_block")
        });
        let parts: Vec<Node<'_>> = parts.collect();
        let mut all = Fate::default();
        for part in &parts {
            all = all.or(self.fate(*part, last));
        }
        let otherwise = node.kind().starts_with("if_")
            && part(node, "alternative").is_none()
            && (condition.is_none() || parts.len() < 2)
            || parts.last().is_some_and(|it| it.kind() == "elif_clause");
        if otherwise { all.or(Fate::OPEN) } else { all }
    }

    fn arms(&mut self, node: Node<'_>, last: bool) -> Fate {
        let mut all = Fate::default();
        let mut arms = Vec::new();
        visit(node, &mut |inner| {
            if ARMS.contains(&inner.kind()) {
                arms.push(inner);
                return false;
            }
            !is_function(inner.kind())
        });
        let words = text(node, self.source);
        let complete = node.kind().starts_with("match_")
            || words.contains("default")
            || words.contains("else");
        for arm in &arms {
            let (kind, children) = (arm.kind(), named(*arm));
            let body = match kind {
                "match_arm" => part(*arm, "value").into_iter().collect(),
                "when_entry" => children.last().copied().into_iter().collect(),
                "switch_default" => children,
                _ => children.get(1..).unwrap_or_default().to_vec(),
            };
            all = all.or(self.sequence(&body, last));
        }
        if complete && !arms.is_empty() { all } else { all.or(Fate::OPEN) }
    }

    /// A call or another expression.
    fn leaf(&mut self, node: Node<'_>, last: bool) -> Fate {
        if let Some(fate) = self.handed(node) {
            let always = fate.refused && !fate.answered && !fate.open;
            return Fate { open: !last && !always, answered: fate.answered || fate.open, ..fate };
        }
        if node.kind() == "binary_expression" && node.child_count() == 3 && !compares(node) {
            let parts = named(node);
            let parts = parts.iter().map(|it| self.fate(*it, last));
            return parts.fold(Fate::default(), Fate::or);
        }
        let holds_error = |kind: &str| kind == "try_expression";
        let mut hands_on = false;
        visit(node, &mut |it| {
            hands_on |= holds_error(it.kind()) && it != node;
            !hands_on && !is_function(it.kind())
        });
        // `x.ok_or(…)`, `x.orElseThrow(…)`
        let words = text(node, self.source);
        let instead = [".ok_or", ".or_else", ".unwrap_or", ".map_err", ".orElse"];
        hands_on |= instead.iter().any(|it| words.contains(it));
        let early = Fate { answered: hands_on, ..Fate::default() };
        if self.refuses(node) {
            return Fate::REFUSED.or(early);
        }
        if self.helped(node) {
            return Fate { open: !last, ..Fate::REFUSED }.or(Fate::ANSWERED);
        }
        let done = if last || self.answers(node) { Fate::ANSWERED } else { Fate::OPEN };
        done.or(early)
    }

    /// What a function that is handed to another one does, if it may refuse: `flow { … }`,
    /// `Box::pin(async { … })`. A method may or may not call it: `x.ok_or_else(|| …)`.
    fn handed(&mut self, node: Node<'_>) -> Option<Fate> {
        let mut found = None;
        visit(node, &mut |inner| {
            if inner != node && found.is_none() && is_function(inner.kind()) {
                found = Some(inner);
            }
            found.is_none()
        });
        let found = found.filter(|it| self.refuses(*it))?;
        let body = match SEQUENCES.contains(&found.kind()) {
            true => found,
            false => part(found, "body").or_else(|| part(found, "#last"))?,
        };
        let path = self.source.get(node.start_byte()..found.start_byte()).unwrap_or_default();
        let certain = !path.contains(&b'.');
        let fate = self.fate(body, true);
        Some(if certain { fate } else { fate.or(Fate::ANSWERED) })
    }

    /// It names the status, and does not ask for it.
    fn refuses(&self, node: Node<'_>) -> bool {
        !refusals(node, self).is_empty()
    }

    /// All that the handler was given goes to a function that refuses in some cases.
    fn helped(&self, node: Node<'_>) -> bool {
        let mut found = false;
        visit(node, &mut |it| {
            let arguments = part(it, "arguments").or_else(|| part(it, "#value_arguments"));
            if let Some(arguments) = arguments.filter(|_| !self.parameters.is_empty()) {
                let path = self.source.get(it.start_byte()..arguments.start_byte());
                let path = path.and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
                let name = path.trim_end().rsplit(['.', ':']).next().unwrap_or_default();
                let handed: Vec<&str> =
                    named(arguments).into_iter().map(|it| text(it, self.source)).collect();
                found |= self.helpers.get(name) == Some(&Refuses::Sometimes)
                    && self.parameters.iter().all(|it| handed.contains(it));
            }
            !found
        });
        found
    }

    /// It has a choice, or more to do than to make a value.
    fn leaves(&self, node: Node<'_>) -> bool {
        let mut found = false;
        visit(node, &mut |it| {
            let kind = it.kind();
            let leaves = kind.starts_with("throw_") || kind.starts_with("return_");
            found |= leaves || CHOICES.contains(&kind) || ARMS.contains(&kind);
            !found
        });
        found
    }

    /// It is a call of what the handler was given: `callback(…)`, `observer.onNext(…)`.
    fn answers(&self, node: Node<'_>) -> bool {
        let words = text(node, self.source);
        let words = words.trim_start_matches("await ").trim_start_matches("yield ");
        let path = words.split('(').next().unwrap_or_default().trim();
        let name = path.rsplit('.').next().unwrap_or_default();
        node.kind() == "yield"
            || node.kind() == "yield_expression"
            || self.parameters.contains(&path)
            || ANSWERS.contains(&name)
    }
}

/// Where a part names the status without asking for it.
fn refusals<'t>(node: Node<'t>, body: &Body<'_>) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    visit(node, &mut |node| {
        let kind = node.kind();
        if compares(node) || (kind == "macro_invocation" && !makes_status(node, body.source)) {
            return false;
        }
        let pattern = node.parent().is_some_and(|it| {
            matches!(it.kind(), "match_arm" | "when_entry" | "switch_case")
                && part(it, "pattern").or_else(|| part(it, "#0")) == Some(node)
        });
        if pattern {
            return false;
        }
        if node.child_count() == 0 && kind.ends_with("identifier") {
            let word = text(node, body.source);
            let made = word == "unimplemented"
                && node.parent().is_some_and(|it| it.kind() == "scoped_identifier");
            let helper = body.helpers.get(word) == Some(&Refuses::Always);
            let known = helper || body.held.contains(word);
            if made || known || word.contains("UNIMPLEMENTED") || word.contains("Unimplemented") {
                found.push(node);
            }
        }
        true
    });
    found
}

/// `bail!(Status::unimplemented(…))`, and not `unimplemented!()` or `matches!(…)`.
fn makes_status(node: Node<'_>, source: &[u8]) -> bool {
    let name = part(node, "macro").map_or("", |it| text(it, source));
    !name.starts_with("matches") && !name.starts_with("assert") && name != "unimplemented"
}
