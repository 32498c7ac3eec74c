//! What becomes of the status of a call, in languages that throw it or return it as a result: what
//! is around the call, up to the end of its function.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::{
    Dialect, Line, Path, Syntax,
    catching::{self, Asked},
    codes::{Does, Tester},
    facts::{Mention, call_of},
    told, values,
};
use crate::callsites::{
    CallSite, Handling, Manifest, Place, Stops,
    names::Pattern,
    sources::{self, Source},
    syntax::{line, named, part, text},
};

/// How a language deals with errors.
pub(super) struct Errors {
    /// Statements with a body that may fail: kind, and the kinds of what catches.
    pub(super) tries: &'static [(&'static str, &'static [&'static str])],
    /// What catches the status, of the types that are caught; none, if types are not told apart.
    pub(super) catches: &'static [&'static str],
    /// What throws.
    pub(super) throws: &'static [&'static str],
    /// Expressions that hand an error to the caller.
    pub(super) propagates: &'static [&'static str],
    /// What is done on a condition: kind, the condition, what is done.
    pub(super) branches: &'static [(&'static str, &'static str, &'static str)],
    /// Functions of what a call comes to, a result or a stream, that deal with its error: the name,
    /// the function that makes a result of the call, if it takes one, and what becomes of the error,
    /// if that is not for the arguments to say. With `Translated`, that is so only where they ask
    /// for the code.
    pub(super) handlers: &'static [(&'static str, &'static str, Option<Handling>)],
    /// How a failed call says so.
    pub(super) by_value: Values,
}

/// Whether a failed call throws.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Where it stands, or where its result is waited for.
    Thrown,
    /// It tells an observer, a callback or the listeners of a stream, if it has any.
    Told,
    /// It returns a result.
    Returned,
}

/// How one call is handled, by what is around it.
#[derive(Clone)]
pub(super) struct Handled {
    pub(super) handling: Handling,
    /// Where the code is asked for.
    pub(super) lines: Vec<Line>,
    /// Functions that are given the error.
    pub(super) asked: Vec<Asked>,
    /// Functions that are asked before the call is made.
    pub(super) gates: Vec<Gate>,
}

/// A function that a condition around a call asks.
#[derive(Clone)]
pub(super) struct Gate {
    name: String,
    line: Line,
    /// The call is made if it says no.
    negated: bool,
}

/// What is known of the functions of all files.
pub(super) struct Functions<'f> {
    pub(super) testers: HashMap<&'f str, &'f Tester>,
    /// Functions that throw.
    pub(super) throwers: HashSet<&'f str>,
    pub(super) manifest: &'f Manifest,
}

impl Handled {
    pub(super) fn of(handling: Handling) -> Handled {
        Handled { handling, lines: Vec::new(), asked: Vec::new(), gates: Vec::new() }
    }
}

/// Looks at what is around a call, up to its function.
pub(super) fn of(
    dialect: &Dialect,
    call: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
) -> Handled {
    let syntax = &dialect.syntax;
    let mut found = around(syntax, call, function, source);
    found.gates = gates(syntax, call, function, source);
    found
}

/// [`of`], without what is asked before.
pub(super) fn around(
    syntax: &Syntax,
    call: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
) -> Handled {
    let errors = &syntax.errors;
    if errors.by_value == Values::Returned {
        return values::of(syntax, call, function, source);
    }
    if errors.by_value == Values::Told
        && let Some(told) = told::told(syntax, call, function, source)
    {
        return told;
    }
    let end = function.map(|it| it.id());
    let mut node = call;
    // A promise that is returned fails when whoever gets it waits for it.
    let mut returned = false;
    while let Some(parent) = node.parent() {
        if Some(parent.id()) == end {
            break;
        }
        returned |= parent.kind() == "return_statement"
            && errors.by_value == Values::Told
            && node.kind() != "await_expression"
            && errors.catches.is_empty();
        let caught = errors.tries.iter().find(|(kind, _)| *kind == parent.kind());
        if let Some((_, catchers)) = caught.filter(|(_, kinds)| !kinds.contains(&node.kind())) {
            let clauses = named(parent).into_iter().filter(|it| catchers.contains(&it.kind()));
            let mut clauses = clauses.filter(|it| catching::catches(*it, source, errors));
            if let Some(clause) = clauses.next().filter(|_| !returned)
                && !node.kind().starts_with("finally")
            {
                return catching::clause(syntax, clause, source);
            }
        }
        if suppresses(parent, source) {
            return Handled::of(Handling::Ignored);
        }
        if let Some(handled) = chained(node, parent, syntax, source) {
            return handled;
        }
        node = parent;
    }
    Handled::of(Handling::Propagates)
}

/// `with suppress(grpc.RpcError):`
fn suppresses(node: Node<'_>, source: &[u8]) -> bool {
    node.kind() == "with_statement" && {
        let head = text(node, source).split(':').next().unwrap_or_default();
        head.contains("suppress(") && (head.contains("RpcError") || head.contains("Exception"))
    }
}

/// What is done with the error by functions that are called on what a call comes to.
pub(super) fn chained(
    node: Node<'_>,
    parent: Node<'_>,
    syntax: &Syntax,
    source: &[u8],
) -> Option<Handled> {
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
            let said = catching::clause(syntax, handler, source);
            if !said.lines.is_empty() {
                let translated = *fate == Some(Handling::Translated);
                let handling = if translated { Handling::Translated } else { said.handling };
                return Some(Handled { handling, ..said });
            }
            match fate {
                Some(Handling::Translated) => {}
                Some(handling) => last = Some(Handled::of(*handling)),
                None => last = Some(said),
            }
        }
        member = call.and_then(|it| it.parent());
    }
    // A result that nobody looks at here.
    let kept = || {
        Handled::of(match parent.kind() {
            "block" => Handling::Ignored,
            _ => Handling::Unknown,
        })
    };
    let is_result = opener.is_some() && syntax.calls.iter().any(|it| it.0 == node.kind());
    last.or_else(|| is_result.then(kept))
}

/// The functions that the conditions around a call ask.
fn gates(syntax: &Syntax, call: Node<'_>, function: Option<Node<'_>>, source: &[u8]) -> Vec<Gate> {
    let mut found = Vec::new();
    let mut node = call;
    while let Some(parent) = node.parent().filter(|it| Some(it.id()) != function.map(|it| it.id()))
    {
        let branch = syntax.errors.branches.iter().find(|it| it.0 == parent.kind());
        if let Some(condition) = branch.and_then(|it| part(parent, it.1))
            && branch.and_then(|it| part(parent, it.2)) == Some(node)
        {
            let asked = catching::calls(syntax, condition, source);
            let before = |call: Node<'_>| {
                let before = source.get(condition.start_byte()..call.start_byte());
                String::from_utf8_lossy(before.unwrap_or_default()).trim_end().to_owned()
            };
            found.extend(asked.into_iter().map(|(name, call, at)| {
                let before = before(call);
                let negated = before.ends_with('!') || before.ends_with("not");
                Gate { name, line: line(at), negated }
            }));
        }
        node = parent;
    }
    found
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

impl Functions<'_> {
    /// A function tells whether an error is `UNIMPLEMENTED`.
    fn tells(&self, asked: &Asked) -> bool {
        let said = |it: &String| Pattern::new(it).matches(&asked.path);
        self.manifest.unimplemented_predicates.iter().any(said)
            || self.testers.get(asked.name()).is_some_and(|it| it.does == Does::Tells)
    }

    fn gates(&self, name: &str) -> bool {
        let said = |it: &String| Pattern::new(it).matches(name);
        let last = name.rsplit(['.', ':']).next().unwrap_or(name);
        let plain = last.replace('_', "").to_ascii_lowercase();
        self.manifest.gate_predicates.iter().any(said)
            || ["supports", "issupported", "hasfeature"].iter().any(|it| plain.starts_with(it))
    }
}

/// How a call is handled, with what stands outside of its function.
pub(super) struct Settled {
    pub(super) handling: Handling,
    pub(super) guards: Vec<Place>,
    how: Option<String>,
    stops: Stops,
}

/// Adds what stands outside of the function: helpers, decorators, and what a comment declares.
pub(super) fn finish(
    site: &mut CallSite,
    mention: &Mention,
    source: &Source,
    functions: &Functions<'_>,
) {
    let settled = settle(&mention.handling, &mention.decorators, &source.path, functions);
    site.handling = settled.handling;
    site.guards = settled.guards;
    site.how = settled.how;
    site.stops = settled.stops;
    if let Some((line, reason)) = sources::declared(&source.text, site.place.line) {
        site.handling = Handling::TestsUnimplemented;
        site.guards = vec![Place { file: source.path.clone(), line }];
        site.how = Some(format!("declared: {reason}"));
    }
    site.at = site.guards.first().cloned();
}

/// What the functions that are given an error, asked before or wrapped around make of a call.
pub(super) fn settle(
    handled: &Handled,
    decorators: &[String],
    path: &Path,
    functions: &Functions<'_>,
) -> Settled {
    let place = |line: Line| Place { file: path.clone(), line };
    let mut settled = Settled {
        handling: handled.handling,
        guards: handled.lines.iter().map(|line| place(*line)).collect(),
        how: None,
        stops: Stops::default(),
    };
    if settled.guards.is_empty() {
        settled.ask(&handled.asked, path, functions);
    }
    // The innermost has the first say.
    let mut around = decorators.iter().rev();
    if settled.handling == Handling::Propagates
        && let Some(tester) = around.find_map(|it| functions.testers.get(it.as_str()))
        && tester.does != Does::Tells
    {
        settled.by(tester, format!("in the decorator {}", tester.name));
    }
    let gate = handled.gates.iter().find(|it| functions.gates(&it.name));
    if let Some(gate) = gate.filter(|_| settled.handling != Handling::TestsUnimplemented) {
        settled.handling = Handling::Gated;
        settled.guards = vec![place(gate.line)];
        settled.how = Some(format!("by {}", gate.name));
        settled.stops = Stops { lacking: !gate.negated, having: gate.negated };
    }
    settled
}

impl Settled {
    /// What the functions make of it that are given the error.
    fn ask(&mut self, asked: &[Asked], path: &Path, functions: &Functions<'_>) {
        for asked in asked {
            if asked.decides && functions.tells(asked) {
                self.handling =
                    if asked.fails { Handling::Translated } else { Handling::TestsUnimplemented };
                self.guards = vec![Place { file: path.clone(), line: asked.line }];
                return;
            }
            let tester = functions.testers.get(asked.name()).filter(|_| !asked.decides);
            if let Some(tester) = tester.filter(|it| it.does != Does::Tells) {
                self.by(tester, format!("in {}", tester.name));
                return;
            }
            let throws = functions.throwers.contains(asked.name()) && !asked.decides;
            if throws && self.handling == Handling::AnyErrorFallback {
                self.handling = Handling::Propagates;
            }
        }
    }

    fn by(&mut self, tester: &Tester, how: String) {
        self.handling = copes(tester);
        self.guards = vec![tester.place.clone()];
        self.how = Some(how);
    }
}

fn copes(tester: &Tester) -> Handling {
    match tester.does {
        Does::Copes => Handling::TestsUnimplemented,
        Does::Tells | Does::Translates => Handling::Translated,
    }
}
