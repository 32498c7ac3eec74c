//! A line of a log → what it says of a failed call, and what the history of the schema says to
//! that. Knows the words of the runtimes; their sources were read for them.

mod advice;
mod answer;
mod clean;
mod texts;

use std::collections::BTreeSet;

pub use answer::{Answer, Cause, Declares, Ends, Made, Subject, answer, failing};

use texts::{FAILURES, NAMES, TEXTS};

/// What a log says of one failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clue {
    /// Whose words they are, if only one runtime says so.
    pub runtime: Option<&'static str>,
    /// What the words mean.
    pub says: Says,
    /// The full name of the service, or the end of it.
    pub service: Option<String>,
    /// The name of the method, without its service.
    pub method: Option<String>,
    /// The words themselves.
    pub words: String,
}

/// What a server or a gateway means by its words. The later ones say more than the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// A call is named, and nothing is said of how it ended.
    Named,
    /// The status is `UNIMPLEMENTED` (12), for whatever reason.
    Unimplemented,
    /// Something answered with HTTP 404 and without a gRPC status, which clients read as
    /// `UNIMPLEMENTED`.
    NotFound,
    /// A gateway has no route for the URL, or not for the verb.
    NoRoute,
    /// The server has no such service.
    NoService,
    /// The server has no such method.
    NoMethod,
    /// The server was generated from a schema with the method, and nobody wrote its body.
    NoBody,
    /// One end does not know how the other compresses. The method may well be there.
    Compression,
    /// One end sent more messages, or fewer, than the other takes.
    Cardinality,
    /// The path is not `/package.Service/Method`.
    Malformed,
}

impl Says {
    /// The words themselves say that no method was missing.
    pub fn excludes_skew(self) -> bool {
        matches!(self, Says::NoBody | Says::Compression | Says::Cardinality | Says::Malformed)
    }
}

/// Only so much of a log is read.
pub const LONGEST: usize = 1 << 20;

/// The failed calls that a text names, or else the one that it speaks of without a name. `known`
/// tells the names of services, to tell the path of a call from that of a file.
pub fn recognise(text: &str, known: &dyn Fn(&str) -> bool) -> Vec<Clue> {
    let text = clean::cut(text, LONGEST);
    let mut named: Vec<Clue> = Vec::new();
    let mut nameless: Vec<Clue> = Vec::new();
    for text in clean::readings(text) {
        // A call may be named on one line, and its end told on the next.
        let short = text.lines().count() <= 30;
        let failed = text.lines().count() <= 1 || short && fails(&text);
        for line in text.lines() {
            let said = said(line);
            let bare = match failed || fails(line) {
                true => bare(line, &said, known),
                false => Vec::new(),
            };
            let (with, without): (Vec<Clue>, Vec<Clue>) =
                said.into_iter().partition(|it| it.method.is_some() || it.service.is_some());
            nameless.extend(without);
            named.extend(with);
            named.extend(bare);
        }
    }
    // Of words that say the same, those of one runtime come first.
    let said = nameless.into_iter().rev().max_by_key(|it| it.says);
    if named.is_empty() {
        return Vec::from_iter(said);
    }
    for clue in named.iter_mut().filter(|it| it.says == Says::Named) {
        if let Some(said) = &said {
            *clue =
                Clue { service: clue.service.take(), method: clue.method.take(), ..said.clone() };
        }
    }
    distinct(named)
}

/// What a line says in the words of a runtime.
fn said(line: &str) -> Vec<Clue> {
    TEXTS.iter().flat_map(|text| text.find(line)).collect()
}

/// A line says that something failed.
fn fails(line: &str) -> bool {
    FAILURES.is_match(line)
}

/// Calls that a line names without saying how they ended: in a path, or in fields. What its words
/// say is said of them.
fn bare(line: &str, said: &[Clue], known: &dyn Fn(&str) -> bool) -> Vec<Clue> {
    let plausible = |clue: &Clue| {
        let service = clue.service.as_deref().unwrap_or_default();
        let capital = |name: &str| name.starts_with(|it: char| it.is_ascii_uppercase());
        let leaf = service.rsplit('.').next().unwrap_or(service);
        let method = clue.method.as_deref().unwrap_or_default();
        known(service) || capital(leaf) && capital(method)
    };
    let mut names: Vec<Clue> = NAMES.path.find(line).filter(plausible).collect();
    let field = |pattern: &texts::Pattern| pattern.find(line).next();
    let (service, method) = (field(&NAMES.service), field(&NAMES.method));
    if names.is_empty()
        && let Some(method) = method
    {
        let service = service.and_then(|it| it.service);
        names.push(Clue { service, ..method });
    }
    if let Some(said) = said.iter().rev().filter(|it| it.method.is_none()).max_by_key(|it| it.says)
    {
        let fits = |it: &Clue| said.service.is_none() || said.service == it.service;
        for name in names.iter_mut().filter(|it| fits(it)) {
            *name =
                Clue { service: name.service.take(), method: name.method.take(), ..said.clone() };
        }
    }
    names
}

/// Without those that say less of a call than another does.
fn distinct(clues: Vec<Clue>) -> Vec<Clue> {
    let covers = |more: &Clue, less: &Clue| {
        let service = match (&more.service, &less.service) {
            (Some(more), Some(less)) => more == less || more.ends_with(&format!(".{less}")),
            (_, less) => less.is_none(),
        };
        let method = less.method.is_none() || less.method == more.method;
        service && method
    };
    let weight = |it: &Clue| (it.method.is_some(), it.service.is_some(), it.says);
    let mut order: Vec<usize> = (0..clues.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(weight(&clues[at])));
    let mut kept: Vec<usize> = Vec::new();
    for at in order {
        if !kept.iter().any(|&it| covers(&clues[it], &clues[at])) {
            kept.push(at);
        }
    }
    let kept: BTreeSet<usize> = kept.into_iter().collect();
    clues.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, it)| it).collect()
}

#[cfg(test)]
mod tests;
