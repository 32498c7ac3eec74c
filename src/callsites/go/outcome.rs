//! How a call is handled: what becomes of its error, what guards it, and for streams, what becomes
//! of the errors that reading brings.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    errors::{Fate, Verdict},
    gates::Exits,
    scene::Scene,
    walk::Sighting,
};
use crate::callsites::{
    Handling, Place, Stops,
    syntax::{named, path_to},
};

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

/// How many functions a stream is followed through.
const HOPS: usize = 3;

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
    let Some(call) = sighting.call else {
        // A function value: who calls it is not known, but may be when it is asked for.
        return gate.unwrap_or_else(|| Outcome::of(Handling::Unknown));
    };
    let path = path_to(sighting.around, call);
    let (verdict, value) = scene.verdict(&path);
    let mut found = returned(scene, sighting.around, &path, settle(scene, &verdict));
    if streams {
        let reading = value.and_then(|name| {
            let own = call.end_byte()..scene.replaced(&path, name);
            read(scene, sighting.around, name, own, HOPS)
        });
        found = of_stream(found, &verdict, reading, value.is_some());
    }
    match gate {
        Some(gate) if found.handling != Handling::TestsUnimplemented => {
            Outcome { opens_only: found.opens_only, ..gate }
        }
        _ => found,
    }
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
    let comes_back = match local.fate(&outer, &mut Verdict::default()) {
        Fate::Returned => true,
        Fate::Bound { error: Some(name), .. } => name.to_ascii_lowercase().contains("err"),
        _ => false,
    };
    if !comes_back {
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

fn settle(scene: &Scene<'_, '_>, verdict: &Verdict) -> Outcome {
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

/// A stream's status comes with the first message, or in place of it.
fn of_stream(open: Outcome, verdict: &Verdict, read: Option<Outcome>, kept: bool) -> Outcome {
    let tested = !verdict.tests.is_empty();
    match read {
        Some(mut read) if read.handling == Handling::TestsUnimplemented => {
            read.how = Some("where the stream is read".to_owned());
            if tested {
                read.how = Some("where the stream is opened and where it is read".to_owned());
                read.guards.extend(open.guards);
            }
            read
        }
        Some(mut read) => {
            read.opens_only = open.guards.first().filter(|_| tested).cloned();
            read
        }
        // Whoever has the stream reads it.
        None if tested && kept => {
            let opens_only = open.guards.first().cloned();
            Outcome { opens_only, ..Outcome::of(Handling::Unknown) }
        }
        None => open,
    }
}

/// What becomes of the errors of a stream's reads, in this function or in those that are handed
/// the stream. `own` are the bytes in which the name is that of this stream and of no other; where
/// nothing reads it there, a loop may come back to what does.
fn read(
    scene: &Scene<'_, '_>,
    around: Node<'_>,
    name: &str,
    own: Range<usize>,
    hops: usize,
) -> Option<Outcome> {
    let mut best: Option<Outcome> = None;
    let mut reads = scene.stream_calls(around, name, own);
    if reads.is_empty() {
        reads = scene.stream_calls(around, name, 0..usize::MAX);
    }
    for call in reads {
        let local = Scene { site: call.byte_range(), ..*scene };
        let (verdict, _) = local.verdict(&path_to(around, call));
        prefer(&mut best, settle(&local, &verdict));
    }
    if best.is_some() || hops == 0 {
        return best;
    }
    for (call, at) in scene.handed(around, name) {
        let function = call.child_by_field_name("function")?;
        let Some(info) = scene.function(scene.text(function)) else { continue };
        let Some((param, _)) = info.signature.params.get(at) else { continue };
        let file = &scene.world.files[info.file];
        let Some(body) = file.source.text.get(info.span.clone()) else { continue };
        let text = [b"package p\n", body].concat();
        let Some(tree) = scene.world.parse(&text) else { continue };
        let Some(declaration) = named(tree.root_node()).into_iter().nth(1) else { continue };
        let exits = Exits::default();
        let inner = Scene {
            world: scene.world,
            source: &text,
            package: &file.package,
            imports: &file.imports,
            path: &file.source.path,
            offset: i64::from(info.line) - 2,
            exits: &exits,
            site: 0..0,
        };
        if let Some(found) = read(&inner, declaration, param, 0..usize::MAX, hops - 1) {
            prefer(&mut best, found);
        }
    }
    best
}

fn prefer(best: &mut Option<Outcome>, new: Outcome) {
    let better = match best {
        None => true,
        Some(best) => {
            best.handling != Handling::TestsUnimplemented
                && new.handling == Handling::TestsUnimplemented
        }
    };
    if better {
        *best = Some(new);
    }
}
