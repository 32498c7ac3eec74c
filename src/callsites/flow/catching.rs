//! What code does that is given an error: clauses that catch it, callbacks and observers that are
//! told of it.

use tree_sitter::Node;

use super::{
    Line, Syntax,
    codes::{self, fails, holds, tests, translates},
    handling::{Errors, Handled, around, chained},
};
use crate::callsites::{
    Handling,
    syntax::{line, named, part, text, visit},
};

/// A function that is given an error.
#[derive(Clone)]
pub(super) struct Asked {
    /// As it is written: `errdefs.is_unimplemented`.
    pub(super) path: String,
    pub(super) line: Line,
    /// What is done next depends on its answer.
    pub(super) decides: bool,
    /// An error is what is done next.
    pub(super) fails: bool,
}

/// Functions that hand an error to somebody else who waits for the call.
const PASSES: [&str; 14] = [
    "callback",
    "cb",
    "completeExceptionally",
    "done",
    "fail",
    "failedFuture",
    "immediateFailedFuture",
    "next",
    "onError",
    "reject",
    "setException",
    "throwError",
    "tryFail",
    "tryFailure",
];

/// What functions that write logs have in their names.
const LOGS: [&str; 20] = [
    "captureexception",
    "console",
    "debug",
    "eprintln",
    "fatal",
    "info",
    "log",
    "logger",
    "logging",
    "print",
    "printf",
    "println",
    "severe",
    "stacktrace",
    "stderr",
    "stdout",
    "toast",
    "trace",
    "warn",
    "warning",
];

impl Asked {
    /// Without what it is a function of.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit(['.', ':']).next().unwrap_or(&self.path)
    }
}

/// A clause catches the status of a call, by the types that it names.
pub(super) fn catches(clause: Node<'_>, source: &[u8], errors: &Errors) -> bool {
    if errors.catches.is_empty() {
        return true;
    }
    let body = part(clause, "body").or_else(|| part(clause, "#block"));
    let end = body.map_or(clause.end_byte(), |it| it.start_byte());
    let head = source.get(clause.start_byte()..end).and_then(|it| std::str::from_utf8(it).ok());
    let head = head.unwrap_or_default().split('{').next().unwrap_or_default();
    let words = head.split(|it: char| !it.is_alphanumeric() && it != '_');
    let mut types = words.filter(|it| it.starts_with(char::is_uppercase)).peekable();
    types.peek().is_none() || types.any(|it| errors.catches.contains(&it) || it.contains("Rpc"))
}

/// What a clause does, or a callback that is handed an error.
pub(super) fn clause(syntax: &Syntax, clause: Node<'_>, source: &[u8]) -> Handled {
    let errors = &syntax.errors;
    let tests = tests(clause, source);
    if !tests.is_empty() {
        let handling = match tests.iter().all(|it| translates(*it, clause, source, errors)) {
            true => Handling::Translated,
            false => Handling::TestsUnimplemented,
        };
        return Handled { lines: codes::lines(&tests), ..Handled::of(handling) };
    }
    Handled { asked: asked(syntax, clause, source), ..Handled::of(outcome(syntax, clause, source)) }
}

/// The functions that are called in a part of a program: path, the whole call, and where its name is.
pub(super) fn calls<'t>(
    syntax: &Syntax,
    within: Node<'t>,
    source: &[u8],
) -> Vec<(String, Node<'t>, Node<'t>)> {
    let mut found = Vec::new();
    visit(within, &mut |node| {
        let call = syntax.calls.iter().find(|it| it.0 == node.kind());
        let member = syntax.members.iter().find(|it| it.0 == node.kind());
        let is_call = part(node, syntax.arguments).is_some();
        if is_call && let Some(name) = call.and_then(|it| part(node, it.1)) {
            found.push((text(name, source).to_owned(), node, name));
        } else if is_call && let Some((_, object, name)) = member {
            let before = part(node, object).map(|it| format!("{}.", text(it, source)));
            if let Some(name) = part(node, name) {
                let path = before.unwrap_or_default() + text(name, source);
                found.push((path, node, name));
            }
        }
        true
    });
    found
}

fn asked(syntax: &Syntax, clause: Node<'_>, source: &[u8]) -> Vec<Asked> {
    let errors = &syntax.errors;
    let calls = calls(syntax, clause, source).into_iter().filter(|(_, call, _)| {
        part(*call, syntax.arguments).is_some_and(|it| it.named_child_count() > 0)
    });
    let asked = |(path, call, name): (String, Node<'_>, Node<'_>)| {
        let choice = choice(errors, call, clause);
        let fails = choice.is_some_and(|(choice, branch)| {
            let condition = text(choice, source).split(['{', '\n']).next().unwrap_or_default();
            !condition.contains('!') && !condition.contains("not ") && fails(branch, source, errors)
        });
        Asked { path, line: line(name), decides: choice.is_some(), fails }
    };
    calls.map(asked).collect()
}

/// What is decided by an expression, and what is done then.
fn choice<'t>(errors: &Errors, asks: Node<'t>, end: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    let mut node = asks;
    while let Some(parent) = node.parent().filter(|_| node != end) {
        let branch = errors.branches.iter().find(|it| it.0 == parent.kind());
        if let Some((_, condition, branch)) = branch
            && part(parent, condition) == Some(node)
        {
            return Some((parent, part(parent, branch).unwrap_or(parent)));
        }
        node = parent;
    }
    None
}

/// What a block that is for errors does.
pub(super) fn outcome(syntax: &Syntax, block: Node<'_>, source: &[u8]) -> Handling {
    let errors = &syntax.errors;
    if fails(block, source, errors) || holds(block, &["try_expression"]) {
        return Handling::Propagates;
    }
    let (mut logged, mut other, mut passes) = (false, false, false);
    visit(block, &mut |node| {
        let kind = node.kind();
        if kind.contains("call") || kind == "method_invocation" || kind == "macro_invocation" {
            let path = match part(node, "name") {
                Some(name) => &text(node, source)[..name.end_byte() - node.start_byte()],
                None => text(node, source).split(['(', '!']).next().unwrap_or_default(),
            };
            let name = path.rsplit(['.', ':']).next().unwrap_or_default().trim();
            passes |= PASSES.contains(&name);
            match is_log(path) {
                true => logged = true,
                false => other |= !is_plain(name),
            }
            return false;
        }
        let nothing = ["Ok(())", "None", "null", "undefined", "Unit"];
        let given = named(node).first().map_or("Ok(())", |it| text(*it, source));
        other |= kind.contains("assignment")
            || (kind.starts_with("return") && !nothing.contains(&given));
        true
    });
    // Where blocks are expressions, the last one is their value.
    let last = part(block, "#block/#last");
    other |= last.is_some_and(|it| it.kind() == "identifier" || it.kind().ends_with("_literal"));
    match (passes, other, logged) {
        (true, _, _) => Handling::Propagates,
        (_, true, _) => Handling::AnyErrorFallback,
        (_, _, true) => Handling::LoggedOnly,
        _ => Handling::Ignored,
    }
}

/// A function writes a log, by its name: `LOGGER.warn`, `e.printStackTrace`.
fn is_log(path: &str) -> bool {
    let mut words: Vec<String> = Vec::new();
    let mut before = '.';
    for char in path.chars().filter(|it| *it != '_') {
        let begins = before == '.' || (char.is_uppercase() && before.is_lowercase());
        match words.last_mut() {
            Some(word) if !begins && char != '.' => word.extend(char.to_lowercase()),
            _ if char != '.' => words.push(char.to_lowercase().to_string()),
            _ => {}
        }
        before = char;
    }
    let pairs = words.windows(2).map(|pair| pair.concat()).collect::<Vec<_>>();
    let alone = matches!(path, "error" | "tracing::error" | "log::error");
    alone || words.iter().chain(&pairs).any(|word| LOGS.contains(&&**word))
}

/// Waiting, counting and asking is no other way.
fn is_plain(name: &str) -> bool {
    let name = name.trim_start_matches("await ");
    let waits = ["sleep", "countDown", "release", "set", "exit", "String", "str", "format"];
    waits.contains(&name) || name.starts_with("get") || name.starts_with("is")
}

/// What is told to a callback, an observer or the listeners of a stream; nothing where there is
/// none.
pub(super) fn told(
    syntax: &Syntax,
    call: Node<'_>,
    function: Option<Node<'_>>,
    source: &[u8],
) -> Option<Handled> {
    let within = function.unwrap_or_else(|| root(call));
    let arguments = part(call, syntax.arguments).map(named).unwrap_or_default();
    let last = arguments.last().copied();
    if let Some(told) = last.and_then(|it| observer(syntax, it, within, source)) {
        return Some(told);
    }
    let receiver = text(call, source).split('(').next().unwrap_or_default();
    let future = receiver.contains("uture");
    let name = variable(call).map(|it| text(it, source));
    let parent = call.parent()?;
    if let Some(name) = name {
        return listened(syntax, name, within, call, source, future);
    }
    // A future that is handed to a function: that has the say.
    let argument = parent.kind().contains("argument") && future;
    let outer = parent.parent().filter(|_| argument)?;
    let last = named(parent).last().copied().filter(|it| *it != call);
    if let Some(told) = last.and_then(|it| observer(syntax, it, within, source)) {
        return Some(told);
    }
    let path = match part(outer, "name") {
        Some(name) => text(name, source).to_owned(),
        None => text(outer, source).split('(').next().unwrap_or_default().trim().to_owned(),
    };
    let asked = Asked { path, line: line(outer), decides: false, fails: false };
    let mut found = passed_on(syntax, outer, within, source);
    found.asked.push(asked);
    Some(found)
}

/// What becomes of a future that functions make of a future.
fn passed_on(syntax: &Syntax, made: Node<'_>, within: Node<'_>, source: &[u8]) -> Handled {
    let mut node = made;
    while let Some(parent) = node.parent().filter(|_| node != within) {
        if let Some(handled) = chained(node, parent, syntax, source) {
            return handled;
        }
        match parent.kind() {
            "return_statement" => return Handled::of(Handling::Propagates),
            "expression_statement" | "variable_declarator" | "assignment_expression" => {
                return Handled::of(Handling::Unknown);
            }
            _ => node = parent,
        }
    }
    Handled::of(Handling::Propagates)
}

/// What an argument does about errors, if it is a callback or an observer.
fn observer(
    syntax: &Syntax,
    argument: Node<'_>,
    within: Node<'_>,
    source: &[u8],
) -> Option<Handled> {
    let known = declared(argument, within, source).unwrap_or(argument);
    if known.kind() == "object_creation_expression" {
        let handler = ["onError", "onFailure"].iter().find_map(|it| method(known, it, source))?;
        return Some(clause(syntax, part(handler, "body").unwrap_or(handler), source));
    }
    let functions = ["arrow_function", "function_expression", "function_declaration"];
    if functions.contains(&known.kind()) {
        let parameters = part(known, "parameters").map(named).unwrap_or_default();
        let error = parameters.first().map(|it| text(*it, source)).unwrap_or_default();
        let error = error.split([':', '?']).next().unwrap_or_default().trim();
        let body = part(known, "body").unwrap_or(known);
        return (!error.is_empty()).then(|| callback(syntax, body, error, source));
    }
    let name = text(argument, source).to_ascii_lowercase();
    let observes = argument.kind() == "identifier"
        && (name.contains("observer") || matches!(&*name, "callback" | "cb" | "done"));
    // That of whoever called.
    let given = part(within, "parameters").is_some_and(|it| {
        named(it).iter().any(|it| speaks_of(*it, text(argument, source), source))
    });
    let handling = if given { Handling::Propagates } else { Handling::Unknown };
    observes.then(|| Handled::of(handling))
}

/// What `function (error, response)` does: what stands behind `if (error)`, or all of it.
fn callback(syntax: &Syntax, body: Node<'_>, error: &str, source: &[u8]) -> Handled {
    let mut branch = None;
    visit(body, &mut |node| {
        if node.kind() == "if_statement" && branch.is_none() {
            let condition = part(node, "condition").map_or("", |it| text(it, source));
            let asks = condition.trim_matches(['(', ')']).trim();
            let positive = asks == error || asks.starts_with(&format!("{error} "));
            let negative = asks.strip_prefix('!') == Some(error);
            if positive {
                branch = part(node, "consequence");
            } else if negative {
                branch = part(node, "alternative");
            }
        }
        branch.is_none()
    });
    let whole = clause(syntax, body, source);
    match branch {
        Some(branch) if whole.lines.is_empty() => clause(syntax, branch, source),
        // Nobody looks at it.
        None if whole.lines.is_empty() && !speaks_of(body, error, source) => {
            Handled::of(Handling::Ignored)
        }
        _ => whole,
    }
}

fn speaks_of(node: Node<'_>, name: &str, source: &[u8]) -> bool {
    let mut found = false;
    visit(node, &mut |node| {
        found |= node.kind() == "identifier" && text(node, source) == name;
        !found
    });
    found
}

/// The variable that a call is kept in.
fn variable(call: Node<'_>) -> Option<Node<'_>> {
    let parent = call.parent()?;
    let kinds = ["variable_declarator", "property_declaration"];
    part(parent, "name").filter(|_| kinds.contains(&parent.kind()))
}

/// What the listeners of a stream or of a future do that a variable holds.
fn listened(
    syntax: &Syntax,
    name: &str,
    within: Node<'_>,
    call: Node<'_>,
    source: &[u8],
    future: bool,
) -> Option<Handled> {
    let (mut found, mut listens) = (None, false);
    visit(within, &mut |node| {
        if found.is_some() || node.end_byte() <= call.end_byte() {
            return found.is_none();
        }
        let arguments = part(node, syntax.arguments).map(named).unwrap_or_default();
        let member = part(node, "function").unwrap_or(node);
        let on = |it: &str| text(member, source).starts_with(&format!("{name}.{it}"));
        match arguments.as_slice() {
            [event, handler] if on("on") => {
                listens = true;
                if text(*event, source).trim_matches(['\'', '"', '`']) == "error" {
                    found = observer(syntax, *handler, within, source);
                }
            }
            [first, .., handler] if future && text(*first, source) == name => {
                found = observer(syntax, *handler, within, source);
            }
            _ if future && (on("get") || on("join")) && !arguments.is_empty() | on("get(") => {
                found = Some(around(syntax, node, Some(within), source));
            }
            _ => {}
        }
        true
    });
    // A stream without a listener for errors ends the program.
    let unheard = listens.then(|| Handled::of(Handling::Propagates));
    found.or(unheard).or_else(|| future.then(|| Handled::of(Handling::Unknown)))
}

/// What a name is declared as in a function, or in its file.
fn declared<'t>(name: Node<'_>, within: Node<'t>, source: &[u8]) -> Option<Node<'t>> {
    if name.kind() != "identifier" {
        return None;
    }
    let wanted = text(name, source);
    // To walk a file for every call in it takes too long; most names are not declared there.
    if !may_declare(source, wanted.as_bytes()) {
        return None;
    }
    let mut found = None;
    for scope in [within, root(within)] {
        visit(scope, &mut |node| {
            let named = || part(node, "name").is_some_and(|it| text(it, source) == wanted);
            if found.is_none() && node.kind() == "variable_declarator" && named() {
                found = part(node, "value");
            }
            if found.is_none() && node.kind() == "function_declaration" && named() {
                found = Some(node);
            }
            found.is_none()
        });
        if found.is_some() {
            break;
        }
    }
    found
}

/// The text holds `name =`, `name: Type =` or `function name`, or something that looks like it.
fn may_declare(source: &[u8], name: &[u8]) -> bool {
    memchr::memmem::find_iter(source, name).any(|at| {
        let after = source[at + name.len()..].trim_ascii_start();
        after.first().is_some_and(|it| b"=:[".contains(it))
            || source[..at].trim_ascii_end().ends_with(b"function")
            || source[..at].trim_ascii_end().ends_with(b"*")
    })
}

fn method<'t>(object: Node<'t>, name: &str, source: &[u8]) -> Option<Node<'t>> {
    let mut found = None;
    visit(object, &mut |node| {
        let named = || part(node, "name").is_some_and(|it| text(it, source) == name);
        if found.is_none() && node.kind() == "method_declaration" && named() {
            found = Some(node);
        }
        found.is_none()
    });
    found
}

fn root(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    while let Some(parent) = at.parent() {
        at = parent;
    }
    at
}
