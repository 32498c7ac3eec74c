//! How a call is handled: what becomes of its error, what guards it, and for streams, what becomes
//! of the errors that reading brings.

use tree_sitter::Node;

use super::{
    errors::{Fate, Verdict},
    scene::Scene,
    streams::{HOPS, of_stream, prefer, read},
    walk::Sighting,
};
use crate::callsites::{Handling, Place, Stops, syntax::path_to};

/// How one call is handled, as far as this function shows.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) handling: Handling,
    pub(super) guards: Vec<Place>,
    pub(super) how: Option<String>,
    pub(super) opens_only: Option<Place>,
    /// Only some of those who call the function around it do so.
    pub(super) some_callers: bool,
    pub(super) stops: Stops,
}

impl Outcome {
    pub(super) fn of(handling: Handling) -> Outcome {
        Outcome {
            handling,
            guards: Vec::new(),
            how: None,
            opens_only: None,
            some_callers: false,
            stops: Stops::default(),
        }
    }
}

/// How a call is handled. `streams` if what it returns is a stream.
pub(super) fn outcome(scene: &Scene<'_, '_>, sighting: &Sighting<'_>, streams: bool) -> Outcome {
    let gate = scene.gate(&path_to(sighting.around, sighting.name));
    let found = match sighting.call {
        Some(call) => of_call(scene, sighting.around, call, streams),
        None => of_value(scene, sighting, streams),
    };
    match gate {
        Some(gate) if found.handling != Handling::TestsUnimplemented => {
            Outcome { opens_only: found.opens_only, ..gate }
        }
        _ => found,
    }
}

fn of_call(scene: &Scene<'_, '_>, around: Node<'_>, call: Node<'_>, streams: bool) -> Outcome {
    let path = path_to(around, call);
    let (verdict, value) = scene.verdict(&path);
    let found = returned(scene, around, &path, settle(scene, &verdict));
    if !streams {
        return found;
    }
    let reading = value.and_then(|name| {
        let own = call.end_byte()..scene.replaced(&path, name);
        read(scene, around, name, own, HOPS)
    });
    of_stream(found, &verdict, reading, value.is_some())
}

/// A function value: what becomes of the error where it is called, in this function or in one that
/// it is handed to.
fn of_value(scene: &Scene<'_, '_>, sighting: &Sighting<'_>, streams: bool) -> Outcome {
    let around = sighting.around;
    let mut path = path_to(around, sighting.name);
    path.pop();
    let unknown = Outcome::of(Handling::Unknown);
    let handed = path.len().checked_sub(2).is_some_and(|at| path[at].kind() == "argument_list");
    if handed {
        path.truncate(path.len() - 2);
        let call = path[path.len() - 1];
        let local = Scene { site: call.byte_range(), ..*scene };
        return match local.comes_back(&path) {
            true => of_call(&local, around, call, streams),
            false => unknown,
        };
    }
    let Fate::Bound { error: Some(name), .. } = scene.fate(&path, &mut Verdict::default()) else {
        return unknown;
    };
    let mut best = None;
    for call in scene.calls_of(around, name) {
        let local = Scene { site: call.byte_range(), ..*scene };
        prefer(&mut best, of_call(&local, around, call, streams));
    }
    best.unwrap_or(unknown)
}

/// An error that a function literal returns comes back from what the literal is handed to:
/// `err := retry(func() error { ... })`.
fn returned(scene: &Scene<'_, '_>, around: Node<'_>, path: &[Node<'_>], found: Outcome) -> Outcome {
    if found.handling != Handling::Propagates {
        return found;
    }
    let literal = path.iter().rposition(|it| it.kind() == "func_literal");
    let Some(literal) = literal.filter(|at| *at > 1) else { return found };
    let call = path[literal - 2];
    if call.kind() != "call_expression" || path[literal - 1].kind() != "argument_list" {
        return found;
    }
    let local = Scene { site: call.byte_range(), ..*scene };
    let outer = path_to(around, call);
    if !local.comes_back(&outer) {
        return found;
    }
    let (verdict, _) = local.verdict(&outer);
    match settle(&local, &verdict) {
        settled @ Outcome { handling: Handling::Propagates, .. } => {
            returned(scene, around, &outer, settled)
        }
        settled if !settled.guards.is_empty() => settled,
        _ => found,
    }
}

pub(super) fn settle(scene: &Scene<'_, '_>, verdict: &Verdict) -> Outcome {
    if !verdict.tests.is_empty() {
        let guards = verdict.tests.iter().map(|line| scene.place(*line)).collect();
        return Outcome { guards, ..Outcome::of(Handling::TestsUnimplemented) };
    }
    if let Some(callee) = &verdict.callee {
        let handling = match callee.copes {
            true => Handling::TestsUnimplemented,
            false => Handling::Translated,
        };
        let (guards, how) = (vec![callee.place.clone()], Some(format!("in {}", callee.name)));
        return Outcome { guards, how, ..Outcome::of(handling) };
    }
    Outcome::of(verdict.handling.unwrap_or(Handling::Unknown))
}
