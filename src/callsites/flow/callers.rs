//! What the callers of the functions around calls do with the error: a guard may stand there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;
use tree_sitter::Node;

use super::{
    Dialect,
    facts::call_of,
    handling::{self, Functions, Handled, settle},
};
use crate::callsites::{
    CallSite, Handling, Place,
    names::Names,
    sources::{Source, is_double},
    syntax::{self, line, part, text},
};

/// How many functions up an error is followed.
const HOPS: usize = 2;

/// Names that many functions have.
const COMMON: [&str; 17] = [
    "apply", "call", "close", "execute", "get", "handle", "init", "invoke", "main", "new", "put",
    "run", "start", "send", "sleep", "wait", "connect",
];

/// A call of a function that hands on the error of an RPC.
struct Caller {
    /// The function that is called.
    callee: String,
    /// The one around, if the error goes on to whoever calls that.
    function: Option<String>,
    /// What shows that the error is dealt with.
    guards: Vec<Place>,
    handling: Handling,
}

/// A file, and the names in it.
type Named<'s> = (&'s (&'s Dialect, Source), Names);

/// All callers, by the function that is called.
type Callers = HashMap<String, Vec<Caller>>;

/// Where a call hands on its error, and all callers of the function around it ask for the code, it
/// is handled there.
pub(super) fn follow<'s>(
    sources: &'s [(&'s Dialect, Source)],
    functions: &Functions<'_>,
    sites: &mut [CallSite],
) {
    if functions.testers.is_empty() {
        return;
    }
    let names_of = |it: &'s (&'s Dialect, Source)| (it, Names::of(&it.1.text));
    let all: Vec<Named<'s>> = sources.par_iter().map(names_of).collect();
    let testers: HashSet<&str> = functions.testers.keys().copied().collect();
    let asks =
        |(file, names): &&Named<'s>| super::codes::named_in(&file.1.text) || names.any(&testers);
    let files: Vec<&Named<'s>> = all.iter().filter(asks).collect();
    let open = |site: &&CallSite| site.handling == Handling::Propagates;
    let rpcs: BTreeSet<Place> = sites.iter().map(|it| it.place.clone()).collect();
    let mut names: HashSet<String> =
        sites.iter().filter(open).map(|it| leaf(&it.function)).collect();
    names.retain(|it| is_telling(it));
    // Files that do not speak of the code can only have callers that do not ask for it.
    let mut hopeful = HashSet::new();
    let mut next = names.clone();
    for _ in 0..HOPS {
        let found = read(&files, &next, &rpcs, functions);
        let asked = |it: &&Caller| !it.guards.is_empty();
        hopeful.extend(found.values().flatten().filter(asked).map(|it| it.callee.clone()));
        next = found.into_values().flatten().filter_map(|it| it.function).collect();
        next.retain(|it| is_telling(it));
        names.extend(next.iter().cloned());
    }
    if hopeful.is_empty() {
        return;
    }
    let all: Vec<&Named<'s>> = all.iter().collect();
    let callers = read(&all, &names, &rpcs, functions);
    for site in sites.iter_mut().filter(|it| it.handling == Handling::Propagates) {
        let Some(found) = asked(&leaf(&site.function), &callers, HOPS) else { continue };
        site.handling = found.handling;
        site.some_callers = found.of.0 < found.of.1;
        site.how = Some(match found.of {
            (1, 1) => "in its caller".to_owned(),
            (some, all) if some < all => format!("in {some} of {all} callers"),
            (_, all) => format!("in all {all} callers"),
        });
        site.at = found.guards.first().cloned();
        site.guards = found.guards;
    }
}

/// A function without its class.
fn leaf(function: &str) -> String {
    function.rsplit('.').next().unwrap_or_default().to_owned()
}

fn is_telling(name: &str) -> bool {
    name.len() > 3 && !COMMON.contains(&name)
}

/// What callers do about `UNIMPLEMENTED`.
struct Verdict {
    handling: Handling,
    guards: Vec<Place>,
    /// How many of them, of how many.
    of: (usize, usize),
}

/// What the callers of a function do about `UNIMPLEMENTED`: all of them, or those right above that
/// ask for it.
fn asked(name: &str, callers: &Callers, hops: usize) -> Option<Verdict> {
    let of = callers.get(name).filter(|it| !it.is_empty() && hops > 0)?;
    let (own, others): (Vec<&Caller>, Vec<&Caller>) =
        of.iter().partition(|it| !it.guards.is_empty());
    let above = others.iter().map(|it| {
        let function = it.function.as_deref().filter(|it| *it != name)?;
        asked(function, callers, hops - 1).filter(|it| it.of.0 == it.of.1)
    });
    let above: Vec<Verdict> = above.flatten().collect();
    let all = above.len() == others.len();
    let above = above.into_iter().filter(|_| all);
    let above: Vec<Verdict> = above.collect();
    let own_handlings = own.iter().map(|it| it.handling);
    let mut handlings = own_handlings.chain(above.iter().map(|it| it.handling));
    let tests = handlings.clone().any(|it| it == Handling::TestsUnimplemented);
    let handling = if tests { Handling::TestsUnimplemented } else { handlings.next()? };
    // Who gets another error is no better off than who gets the first, and of a name that many
    // call, few may mean this function.
    if !all && (handling == Handling::Translated || of.len() > 4) {
        return None;
    }
    let of = (own.len() + above.len(), of.len());
    let shown = own.iter().flat_map(|it| it.guards.iter().cloned());
    let mut guards: Vec<Place> = shown.chain(above.into_iter().flat_map(|it| it.guards)).collect();
    guards.sort();
    guards.dedup();
    Some(Verdict { handling, guards, of })
}

fn read(
    files: &[&Named<'_>],
    names: &HashSet<String>,
    rpcs: &BTreeSet<Place>,
    functions: &Functions<'_>,
) -> Callers {
    let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
    let files = files.par_iter().filter(|(_, names)| names.any(&wanted));
    let read =
        files.map(|((dialect, source), _)| in_file(dialect, source, &wanted, rpcs, functions));
    let mut found: BTreeMap<String, Vec<Caller>> = BTreeMap::new();
    for caller in read.collect::<Vec<_>>().into_iter().flatten() {
        found.entry(caller.callee.clone()).or_default().push(caller);
    }
    found.into_iter().collect()
}

fn in_file(
    dialect: &Dialect,
    source: &Source,
    names: &HashSet<&str>,
    rpcs: &BTreeSet<Place>,
    functions: &Functions<'_>,
) -> Vec<Caller> {
    let Some(language) = dialect.grammar(&source.path) else { return Vec::new() };
    if !(dialect.readable)(&source.text) {
        return Vec::new();
    }
    let Some((tree, checked)) = syntax::parse(language, &source.text) else { return Vec::new() };
    if checked == syntax::Checked::TooDeep {
        return Vec::new();
    }
    let mut found = Vec::new();
    syntax::visit(tree.root_node(), &mut |node| {
        if (dialect.syntax.only_tests)(node, &source.text) {
            return false;
        }
        let Some((call, name)) = called(dialect, node, &source.text) else { return true };
        let place = Place { file: source.path.clone(), line: line(name) };
        if names.contains(text(name, &source.text)) && !rpcs.contains(&place) {
            found.extend(caller(dialect, source, call, name, functions));
        }
        true
    });
    found
}

/// The call that a node is, and the name of what it calls.
fn called<'t>(dialect: &Dialect, node: Node<'t>, source: &[u8]) -> Option<(Node<'t>, Node<'t>)> {
    let syntax = &dialect.syntax;
    if let Some((_, _, name)) = syntax.members.iter().find(|it| it.0 == node.kind()) {
        return Some((call_of(node, syntax)?, part(node, name)?));
    }
    let (_, function) = syntax.calls.iter().find(|it| it.0 == node.kind())?;
    let function = part(node, function)?;
    let plain = function.kind() == "identifier" && !text(function, source).is_empty();
    plain.then_some((node, function))
}

fn caller(
    dialect: &Dialect,
    source: &Source,
    call: Node<'_>,
    name: Node<'_>,
    functions: &Functions<'_>,
) -> Option<Caller> {
    let syntax = &dialect.syntax;
    let mut around = call.parent();
    let is_function = |it: &Node<'_>| syntax.functions.iter().any(|known| known.0 == it.kind());
    while let Some(node) = around.filter(|it| !is_function(it)) {
        around = node.parent();
    }
    let function = around.and_then(|it| part(it, "name")).map_or("", |it| text(it, &source.text));
    let callee = text(name, &source.text).to_owned();
    // What has the same name hands the call on, or stands in for it in tests.
    if is_double(function) {
        return None;
    }
    let handled: Handled = handling::of(dialect, call, around, &source.text);
    let decorators = around.map_or_else(Vec::new, |it| handling::decorators(it, &source.text));
    let settled = settle(&handled, &decorators, &source.path, functions);
    let on = settled.handling == Handling::Propagates && !function.is_empty();
    let asks = matches!(settled.handling, Handling::TestsUnimplemented | Handling::Translated);
    Some(Caller {
        callee,
        function: on.then(|| function.to_owned()),
        guards: if asks { settled.guards } else { Vec::new() },
        handling: settled.handling,
    })
}
