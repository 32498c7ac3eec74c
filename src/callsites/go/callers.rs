//! Calls, and what the callers of the functions around them do with the error.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    File, World,
    decls::FuncId,
    gates::Exits,
    index::Rpc,
    outcome::{Outcome, outcome},
    scene::Scene,
    types::Type,
    walk::{Sighting, Target, Walker},
};
use crate::callsites::{
    CallSite, Handling, Place, Stops, sources,
    syntax::{line, path_to},
};

/// How many calls away from the RPC a test is looked for.
const HOPS: usize = 2;

#[derive(Default)]
pub(super) struct Seen {
    pub(super) sites: Vec<Site>,
    pub(super) mentions: Vec<((usize, Arc<str>), usize)>,
    pub(super) registered: Vec<(usize, Type)>,
}

/// A call of an RPC.
pub(super) struct Site {
    rpc: Rpc,
    place: Place,
    function: Option<FuncId>,
    streams: bool,
    outcome: Outcome,
}

/// A call of a function that calls an RPC.
struct Caller {
    of: FuncId,
    /// The function that calls, if it is one.
    function: Option<FuncId>,
    outcome: Outcome,
    /// It calls where something else is `UNIMPLEMENTED`.
    way_around: bool,
}

/// All calls of RPCs, and what is registered as a server.
pub(super) fn direct(world: &World<'_>) -> Seen {
    let wanted = world.index.stubs.telling_names();
    let names: HashSet<&str> = wanted.iter().map(String::as_str).collect();
    let nothing = HashSet::new();
    let holds = |file: &File<'_>| file.names.any(&names);
    let walked = walk(world, &holds, &nothing, &|world, file, walker| {
        let mut seen = Seen::default();
        if world.files[file].searched {
            let exits = Exits::default();
            for sighting in &walker.sightings {
                seen.sites.extend(site(world, file, sighting, &exits));
            }
            seen.mentions.extend(std::mem::take(&mut walker.mentions));
        }
        seen.registered.append(&mut walker.registered);
        seen
    });
    let mut all = Seen::default();
    for seen in walked {
        all.sites.extend(seen.sites);
        all.mentions.extend(seen.mentions);
        all.registered.extend(seen.registered);
    }
    all
}

/// Walks some of the files, each once.
fn walk<T: Send>(
    world: &World<'_>,
    holds: &(dyn Fn(&File<'_>) -> bool + Sync),
    wanted: &HashSet<FuncId>,
    then: &(dyn Fn(&World<'_>, usize, &mut Walker<'_, '_>) -> T + Sync),
) -> Vec<T> {
    let files = world.files.par_iter().enumerate().filter(|(_, it)| it.readable && holds(it));
    let walked = files.filter_map(|(at, file)| {
        let tree = world.parse_again(file)?;
        let mut walker = Walker::new(world, at, wanted);
        walker.file(tree.root_node());
        Some(then(world, at, &mut walker))
    });
    walked.collect()
}

fn scene<'s, 'w>(
    world: &'s World<'w>,
    file: usize,
    sighting: &Sighting<'_>,
    exits: &'s Exits,
) -> Scene<'s, 'w> {
    let known = &world.files[file];
    Scene {
        world,
        source: &known.source.text,
        package: &known.package,
        imports: &known.imports,
        path: &known.source.path,
        offset: 0,
        exits,
        site: sighting.call.unwrap_or(sighting.name).byte_range(),
    }
}

fn site(world: &World<'_>, file: usize, sighting: &Sighting<'_>, exits: &Exits) -> Option<Site> {
    let Target::Rpc(rpc) = &sighting.target else { return None };
    let mut rpc = rpc.clone();
    rpc.services.retain(|it| world.index.stubs.is_wanted(*it));
    let source = world.files[file].source;
    let place = Place { file: source.path.clone(), line: line(sighting.name) };
    let method = world.stubs.get(*rpc.services.first()?)?.methods.get(&rpc.method)?;
    let streams = method.streams();
    let mut outcome = outcome(&scene(world, file, sighting, exits), sighting, streams);
    if let Some((line, reason)) = sources::declared(&source.text, place.line) {
        outcome.handling = Handling::TestsUnimplemented;
        outcome.guards = vec![Place { file: source.path.clone(), line }];
        outcome.how = Some(format!("declared: {reason}"));
    }
    let function = sighting.function.clone();
    Some(Site { rpc, place, function, streams, outcome })
}

/// Asks the callers of functions: what they do with an error that comes to them, and under which
/// conditions they call.
pub(super) fn follow(world: &World<'_>, seen: &mut Seen) {
    let mut callers: HashMap<FuncId, Vec<Caller>> = HashMap::new();
    let streams: HashMap<FuncId, bool> = seen
        .sites
        .iter()
        .filter(|site| is_open(&site.outcome))
        .filter_map(|site| {
            let id = site.function.clone()?;
            let streams = site.streams && hands_on(world, &id);
            Some((id, streams))
        })
        .collect();
    let mut wanted: HashSet<FuncId> = streams.keys().cloned().collect();
    for _ in 0..HOPS {
        if wanted.is_empty() {
            break;
        }
        let holds = |file: &File<'_>| wanted.iter().any(|id| may_call(file, id));
        let walked = walk(world, &holds, &wanted, &|world, file, walker| {
            let exits = Exits::default();
            let sightings = walker.sightings.iter().filter_map(|sighting| {
                let Target::Function(of) = &sighting.target else { return None };
                // Whoever calls itself is no further.
                if sighting.function.as_ref() == Some(of) {
                    return None;
                }
                let stream = streams.get(of).copied().unwrap_or(false);
                let scene = scene(world, file, sighting, &exits);
                let outcome = outcome(&scene, sighting, stream);
                let way_around = scene.is_way_around(&path_to(sighting.around, sighting.name));
                let function = sighting.function.clone();
                Some(Caller { of: of.clone(), function, outcome, way_around })
            });
            sightings.collect::<Vec<_>>()
        });
        let mut next = HashSet::new();
        for caller in walked.into_iter().flatten() {
            if let Some(function) = caller.function.clone().filter(|_| is_open(&caller.outcome)) {
                next.insert(function);
            }
            callers.entry(caller.of.clone()).or_default().push(caller);
        }
        next.retain(|id| !callers.contains_key(id));
        wanted = next;
    }
    for site in seen.sites.iter_mut().filter(|site| is_open(&site.outcome)) {
        let translated = site.outcome.handling == Handling::Translated;
        let errors = translated || site.outcome.handling == Handling::Propagates;
        let found = site.function.as_ref().and_then(|id| asked(id, &callers, errors, HOPS));
        if let Some(found) = found.filter(|it| !translated || !is_open(it)) {
            let opens_only = site.outcome.opens_only.take().or(found.opens_only);
            // Where the code is tested comes before where what was made of it is.
            let mut guards = std::mem::take(&mut site.outcome.guards);
            guards.extend(found.guards);
            site.outcome = Outcome { opens_only, guards, ..found };
        }
    }
}

/// A file holds the name of a function, and can see it: names in lower case are those of a package,
/// and functions of others are imported.
fn may_call(file: &File<'_>, id: &FuncId) -> bool {
    let sees = || {
        file.package == id.package
            || id.name.starts_with(char::is_uppercase)
                && (!id.receiver.is_empty() || file.imports.values().any(|it| *it == id.package))
    };
    sees() && file.names.holds(&id.name)
}

/// A function returns a stream, by the name of its type.
fn hands_on(world: &World<'_>, id: &FuncId) -> bool {
    let results = world.index.func(id).map(|it| it.signature.results.as_slice());
    match results.and_then(<[_]>::first) {
        Some((_, Type::Named(it))) => it.name.ends_with("Client") || it.name.contains("Stream"),
        _ => false,
    }
}

/// Callers may have something to say about it.
fn is_open(outcome: &Outcome) -> bool {
    !matches!(outcome.handling, Handling::TestsUnimplemented | Handling::Gated)
}

/// What the callers of a function do about `UNIMPLEMENTED`: all of them, or those that test for it.
/// `errors` if the error comes to them.
fn asked(
    id: &FuncId,
    callers: &HashMap<FuncId, Vec<Caller>>,
    errors: bool,
    hops: usize,
) -> Option<Outcome> {
    let of = callers.get(id).filter(|it| !it.is_empty() && hops > 0)?;
    let all = of.iter().all(|it| it.way_around);
    let of: Vec<&Caller> = of.iter().filter(|it| all || !it.way_around).collect();
    let is_own = |caller: &&Caller| match caller.outcome.handling {
        Handling::Gated => true,
        handling => errors && handling == Handling::TestsUnimplemented,
    };
    let above = |caller: &Caller| {
        let translated = caller.outcome.handling == Handling::Translated;
        let on = errors && (translated || caller.outcome.handling == Handling::Propagates);
        let above = caller.function.as_ref().and_then(|it| asked(it, callers, on, hops - 1));
        above.or_else(|| (errors && translated).then(|| caller.outcome.clone()))
    };
    // Those who see to it themselves come first.
    let (own, others): (Vec<&Caller>, Vec<&Caller>) = of.iter().copied().partition(is_own);
    let mut outcomes: Vec<Outcome> = own.iter().map(|it| it.outcome.clone()).collect();
    outcomes.extend(others.into_iter().filter_map(above));
    let some_callers = outcomes.len() < of.len() || outcomes.iter().any(|it| it.some_callers);
    if some_callers {
        // A test far above is made for this call if that is what most of those in between do.
        if outcomes.len() * 2 < of.len() {
            outcomes.truncate(own.len());
        }
        outcomes.retain(|it| it.handling == Handling::TestsUnimplemented);
    }
    let any = |handling| outcomes.iter().any(|it| it.handling == handling);
    let words = [Handling::Translated, Handling::TestsUnimplemented, Handling::Gated];
    let handling = words.into_iter().find(|it| any(*it))?;
    let gates = outcomes.iter().filter(|it| it.handling == Handling::Gated).map(|it| it.stops);
    let stops = gates.reduce(Stops::and).unwrap_or_default();
    // One caller takes the way that another goes around: between them, the call is always made.
    if handling == Handling::Gated && stops == Stops::default() {
        return None;
    }
    let said = outcomes.iter().find_map(|it| it.how.clone());
    let whose = match (outcomes.len(), of.len()) {
        (1, 1) => "in its caller".to_owned(),
        (some, all) if some < all => format!("in {some} of {all} callers"),
        (_, all) => format!("in all {all} callers"),
    };
    let how = match said {
        Some(said) if !said.contains("caller") => format!("{said}, {whose}"),
        Some(said) => said,
        None => whose,
    };
    let mut guards: Vec<Place> = outcomes.into_iter().flat_map(|it| it.guards).collect();
    guards.dedup();
    Some(Outcome { guards, how: Some(how), stops, some_callers, ..Outcome::of(handling) })
}

impl Site {
    /// A row for each service that is meant.
    pub(super) fn rows(self, world: &World<'_>) -> Vec<CallSite> {
        let function = self.function.as_ref().map_or_else(String::new, |id| match &*id.receiver {
            "" => id.name.to_string(),
            receiver => format!("{receiver}.{}", id.name),
        });
        let row = |service: &usize| CallSite {
            published: None,
            since: None,
            place: self.place.clone(),
            rpc: world.stubs[*service].rpc(&self.rpc.method),
            function: function.clone(),
            resolution: self.rpc.resolution,
            handling: self.outcome.handling,
            at: self.outcome.guards.first().cloned(),
            guards: self.outcome.guards.clone(),
            how: self.outcome.how.clone(),
            opens_only: self.outcome.opens_only.clone(),
            some_callers: self.outcome.some_callers,
            stops: self.outcome.stops,
        };
        self.rpc.services.iter().map(row).collect()
    }
}
