//! Streams: their status comes when they are read, wherever that is.

use std::ops::Range;

use tree_sitter::Node;

use super::{
    errors::Verdict,
    outcome::{Outcome, settle},
    scene::Scene,
};
use crate::callsites::{Handling, syntax::path_to};

/// How many functions a stream is followed through.
pub(super) const HOPS: usize = 3;

/// A stream's status comes with the first message, or in place of it.
pub(super) fn of_stream(
    open: Outcome,
    verdict: &Verdict,
    read: Option<Outcome>,
    kept: bool,
) -> Outcome {
    let tested = !verdict.tests.is_empty();
    match read {
        Some(mut read) if read.handling == Handling::TestsUnimplemented => {
            read.how = Some("where the stream is read".to_owned());
            if tested {
                read.how = Some("where the stream is opened and where it is read".to_owned());
                read.guards.splice(0..0, open.guards);
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
pub(super) fn read(
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
        let Some(function) = call.child_by_field_name("function") else { continue };
        let Some(info) = scene.function(scene.text(function)) else { continue };
        let Some((param, _)) = info.signature.params.get(at) else { continue };
        let found = scene.inside(info, &|inner, declaration| {
            read(inner, declaration, param, 0..usize::MAX, hops - 1)
        });
        if let Some(found) = found {
            prefer(&mut best, found);
        }
    }
    for field in scene.fields_that_keep(around, name) {
        for info in scene.methods_with(field) {
            let found =
                scene.inside(info, &|inner, declaration| read_field(inner, declaration, field));
            if let Some(found) = found {
                prefer(&mut best, found);
            }
        }
    }
    best
}

/// What becomes of the errors of reading a stream that a method finds in a field.
fn read_field(scene: &Scene<'_, '_>, method: Node<'_>, field: &str) -> Option<Outcome> {
    let receiver = method.child_by_field_name("receiver").and_then(|it| it.named_child(0));
    let receiver = receiver.and_then(|it| it.child_by_field_name("name"));
    let receiver = scene.text(receiver?);
    let mut best = None;
    // The methods of what is embedded are those of the whole.
    for name in [receiver, &format!("{receiver}.{field}")] {
        for call in scene.stream_calls(method, name, 0..usize::MAX) {
            let local = Scene { site: call.byte_range(), ..*scene };
            let (verdict, _) = local.verdict(&path_to(method, call));
            prefer(&mut best, settle(&local, &verdict));
        }
    }
    best
}

pub(super) fn prefer(best: &mut Option<Outcome>, new: Outcome) {
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
