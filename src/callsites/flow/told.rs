//! Calls whose errors are told to somebody: callbacks, observers, listeners of a stream, futures that
//! are handed on.

use tree_sitter::Node;

use super::{
    Syntax,
    catching::{Asked, clause},
    handling::{Handled, around, chained},
};
use crate::callsites::{
    Handling,
    syntax::{line, named, part, text, visit},
};

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
