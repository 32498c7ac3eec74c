//! What servers do about each RPC: the types of all files, put together.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Dialect,
    facts::{Facts, Scope, Seen},
    known::{Known, Receiver},
    refusal::Refuses,
    servers::{Does, Handler, Type},
    terms::Terms,
};
use crate::{
    callsites::{
        Options, Place, Served, ServedStatus, Stub,
        sources::{Source, is_double},
    },
    schema::FullName,
};

/// How many types that extend each other are followed.
const DEPTH: usize = 6;

/// All files of a family of languages.
pub(super) struct World<'w> {
    pub(super) dialect: &'w Dialect,
    pub(super) terms: &'w Terms<'w>,
    pub(super) stubs: &'w [Stub],
    pub(super) options: &'w Options,
    /// All sources, those that say nothing of RPCs too.
    pub(super) sources: &'w [&'w Source],
    pub(super) files: &'w [(&'w Source, Facts)],
    pub(super) known: &'w Known<'w>,
}

/// A type, and the file of it.
type At<'w> = (usize, &'w Type);

/// What one type does about an RPC.
struct Row {
    served: Served,
    /// Something else has the last word.
    handed_on: bool,
}

/// A row for each RPC and each type that serves it.
pub(super) fn served(world: &World<'_>) -> Vec<Served> {
    let mut types: HashMap<&str, Vec<At<'_>>> = HashMap::new();
    for (at, (_, facts)) in world.files.iter().enumerate() {
        for ty in &facts.servers.types {
            types.entry(&ty.name).or_default().push((at, ty));
        }
    }
    let all = types.values().flatten();
    let extended: HashSet<&str> = all.flat_map(|(_, ty)| ty.bases.iter()).map(|it| &**it).collect();
    let (handed, unseen) = handed(world, &types);
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, (source, facts)) in world.files.iter().enumerate() {
        for ty in facts.servers.types.iter().filter(|it| !is_stand_in(source, it)) {
            let line = lineage(&types, (at, ty));
            let mut services: BTreeSet<usize> =
                line.iter().flat_map(|(_, it)| it.services.iter().copied()).collect();
            services.extend(handed.get(&(at, ty.line)).into_iter().flatten());
            services.retain(|it| world.options.wants(&world.stubs[*it]));
            let registered = ty.used || handed.contains_key(&(at, ty.line)) || world.is_used(ty);
            // A part of those that extend it, which have rows of their own.
            if !registered && extended.contains(&*ty.name) {
                continue;
            }
            for service in world.meant(services, &line) {
                let own = of_type(world, service, &line, registered);
                if !own.is_empty() {
                    seen.insert(service);
                }
                rows.extend(own);
            }
        }
    }
    for service in unseen.difference(&seen).filter(|it| world.options.wants(&world.stubs[**it])) {
        let stub = &world.stubs[*service];
        rows.extend(stub.methods.keys().map(|rpc| Row {
            served: Served {
                rpc: stub.rpc(rpc),
                place: Place { file: "".into(), line: 0 },
                status: ServedStatus::Unresolved,
                by: String::new(),
                registered: true,
            },
            handed_on: false,
        }));
    }
    told(rows)
}

/// Rows of those who hand calls on go where another type has the word.
fn told(rows: Vec<Row>) -> Vec<Served> {
    let known: HashSet<FullName> =
        rows.iter().filter(|it| !it.handed_on).map(|it| it.served.rpc.clone()).collect();
    let rows = rows.into_iter().filter(|it| !it.handed_on || !known.contains(&it.served.rpc));
    rows.map(|it| it.served).collect()
}

/// The services that are handed each type, and those that are handed something else.
#[allow(clippy::type_complexity)]
fn handed<'w>(
    world: &World<'w>,
    types: &HashMap<&str, Vec<At<'w>>>,
) -> (HashMap<(usize, u32), BTreeSet<usize>>, BTreeSet<usize>) {
    let holders = world.files.iter().flat_map(|(_, facts)| facts.servers.holders.iter());
    let holders: HashMap<&str, &str> = holders.map(|(name, ty)| (&**name, &**ty)).collect();
    let mut found: HashMap<(usize, u32), BTreeSet<usize>> = HashMap::new();
    let mut unseen = BTreeSet::new();
    for (at, (_, facts)) in world.files.iter().enumerate() {
        for it in &facts.servers.registered {
            let name = it.server.as_deref().unwrap_or_default();
            let known = types.get(name).or_else(|| types.get(holders.get(name)?));
            // A name of this file is meant before that of another one.
            let near = known.into_iter().flatten().filter(|(file, _)| *file == at);
            let near: Vec<&At<'_>> = near.collect();
            let meant = if near.is_empty() { known.into_iter().flatten().collect() } else { near };
            if meant.is_empty() {
                unseen.extend(&it.services);
            }
            for (file, ty) in meant {
                found.entry((*file, ty.line)).or_default().extend(&it.services);
            }
        }
    }
    (found, unseen)
}

/// A type and those that it extends, itself first.
fn lineage<'w>(types: &HashMap<&str, Vec<At<'w>>>, from: At<'w>) -> Vec<At<'w>> {
    let mut line = vec![from];
    for _ in 0..DEPTH {
        let bases = line.iter().flat_map(|(_, ty)| ty.bases.iter());
        let bases = bases.filter_map(|it| types.get(&**it)).flatten();
        let new = bases.copied().find(|(_, ty)| {
            !line.iter().any(|(_, known)| std::ptr::eq(*known, *ty)) && !ty.name.is_empty()
        });
        let Some(new) = new else { break };
        line.push(new);
    }
    line
}

/// A type for tests.
fn is_stand_in(source: &Source, ty: &Type) -> bool {
    let test = |part: &str| {
        matches!(part, "test" | "tests" | "testing" | "testutil" | "testutils" | "testlib")
            || is_double(part)
    };
    is_double(&ty.name) || source.path.split('/').any(test)
}

fn of_type(world: &World<'_>, service: usize, line: &[At<'_>], registered: bool) -> Vec<Row> {
    let stub = &world.stubs[service];
    let (file, ty) = line[0];
    let path = |file: usize| world.files[file].0.path.clone();
    let handler = |rpc: &str, from: usize| {
        let forms = (world.dialect.forms)(rpc);
        line.iter().enumerate().skip(from).find_map(|(at, (file, ty))| {
            let own = ty.handlers.iter().find(|it| forms.contains(&it.name));
            own.map(|it| (at, *file, it))
        })
    };
    if !stub.methods.keys().any(|rpc| handler(rpc, 0).is_some()) {
        return Vec::new();
    }
    let missing = match world.sees_all(line) {
        true => world.dialect.servers.missing,
        false => ServedStatus::Unresolved,
    };
    let row = |rpc: &str| {
        let own = handler(rpc, 0);
        let mut meant = own;
        while let Some((at, _, Handler { does: Does::Inherits, .. })) = meant {
            meant = handler(rpc, at + 1);
        }
        let status = match meant.map(|(_, file, it)| (file, it, &it.does)) {
            None | Some((_, _, Does::Inherits)) => missing,
            Some((_, _, Does::Refuses(refuses))) => status(*refuses),
            Some((file, it, Does::Delegates(receiver))) => {
                world.delegated(service, (file, it), receiver, ty)
            }
            Some((_, _, Does::Unseen)) => ServedStatus::Unresolved,
        };
        let delegates = matches!(meant, Some((_, _, Handler { does: Does::Delegates(_), .. })));
        let handed_on = delegates && status == ServedStatus::Unresolved;
        let place = match own {
            Some((_, file, it)) => Place { file: path(file), line: it.line },
            None => Place { file: path(file), line: ty.line },
        };
        let by = ty.name.clone();
        Row { served: Served { rpc: stub.rpc(rpc), place, status, by, registered }, handed_on }
    };
    stub.methods.keys().map(|rpc| row(rpc)).collect()
}

fn status(refuses: Refuses) -> ServedStatus {
    match refuses {
        Refuses::Never => ServedStatus::Implemented,
        Refuses::Sometimes => ServedStatus::SometimesRefused,
        Refuses::Always => ServedStatus::Refused,
    }
}

impl World<'_> {
    /// Of services with one name in several packages, the one whose handlers are all there, in a
    /// language that does not compile otherwise.
    fn meant(&self, services: BTreeSet<usize>, line: &[At<'_>]) -> BTreeSet<usize> {
        let name = |it: &usize| self.stubs[*it].service.leaf();
        let whole = |it: &usize| {
            let rpcs = self.stubs[*it].methods.keys();
            rpcs.map(|rpc| (self.dialect.forms)(rpc)).all(|forms| {
                let mut own = line.iter().flat_map(|(_, ty)| ty.handlers.iter());
                own.any(|it| forms.contains(&it.name))
            })
        };
        let strict = self.dialect.servers.missing == ServedStatus::Unresolved;
        let of_name = |service: &usize| {
            services.iter().filter(|it| name(it) == name(service)).copied().collect::<Vec<_>>()
        };
        let left_out = |it: &usize| strict && !whole(it) && of_name(it).iter().any(whole);
        services.iter().filter(|it| !left_out(it)).copied().collect()
    }

    /// Nothing that the type extends is hidden.
    fn sees_all(&self, line: &[At<'_>]) -> bool {
        let plain = |name: &str| {
            self.dialect.servers.plain.contains(&name)
                || self.terms.is_base(name)
                || line.iter().any(|(_, it)| it.name == name)
        };
        line.iter().all(|(_, it)| !it.partial && it.bases.iter().all(|base| plain(base)))
    }

    /// A handler that hands on what it is given: a client, or another server of the service, has the
    /// last word.
    fn delegated(
        &self,
        service: usize,
        (file, handler): (usize, &Handler),
        receiver: &[Seen],
        own: &Type,
    ) -> ServedStatus {
        let scope = Scope { function: 0, class: own.name.as_str().into() };
        let client = self.known.receiver(file, &scope, receiver, "");
        let client = matches!(client, Receiver::Client(..));
        let others = self.files.iter().flat_map(|(_, facts)| facts.servers.types.iter());
        let others: Vec<&Type> = others.filter(|it| !std::ptr::eq(*it, own)).collect();
        if client || others.iter().any(|it| it.services.contains(&service)) {
            return ServedStatus::Unresolved;
        }
        // A class that is no server, if it is the only one with that method.
        let of_others = others.iter().flat_map(|it| it.handlers.iter());
        let meant: Vec<&Handler> = of_others.filter(|it| it.name == handler.name).collect();
        match meant.as_slice() {
            [Handler { does: Does::Refuses(refuses), .. }] => status(*refuses),
            _ => ServedStatus::Implemented,
        }
    }

    /// Somebody speaks of the type, outside of it, of imports and of types that extend it.
    fn is_used(&self, ty: &Type) -> bool {
        let own = |source: &Source| {
            let types = self.files.iter().find(|it| std::ptr::eq(it.0, source));
            let types = types.into_iter().flat_map(|(_, facts)| facts.servers.types.iter());
            types.filter(|it| it.name == ty.name).map(|it| (it.line, it.end)).collect::<Vec<_>>()
        };
        let names =
            |source: &&&Source| memchr::memmem::find(&source.text, ty.name.as_bytes()).is_some();
        self.sources.iter().filter(names).any(|source| {
            let spans = own(source);
            let mut lines = source.text.split(|&byte| byte == b'\n').zip(1..);
            lines.any(|(line, at)| {
                let line = String::from_utf8_lossy(line);
                let inside = spans.iter().any(|(start, end)| (*start..=*end).contains(&at));
                uses(&line, &ty.name) && (!inside || makes(&line, &ty.name))
            })
        })
    }
}

/// A line makes a value of a type: `new X(…)`, `add(X(…))`.
fn makes(line: &str, name: &str) -> bool {
    ["new ", "(", "= "].iter().any(|before| line.contains(&format!("{before}{name}(")))
}

/// A line of code that speaks of a type, and does more than to import, declare or extend it.
fn uses(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let told = [
        "import ", "from ", "use ", "pub use ", "package ", "//", "*", "/*", "#", "impl ", "impl<",
    ];
    if told.iter().any(|it| line.starts_with(it)) {
        return false;
    }
    let word = |char: char| char.is_alphanumeric() || char == '_';
    let mut words = line.split(|char| !word(char)).filter(|it| !it.is_empty());
    let declares = |it: &str| {
        matches!(it, "class" | "struct" | "enum" | "type" | "interface" | "extends" | "object")
    };
    let mut before = "";
    words.any(|it| {
        let found = it == name && !declares(before) && !line.contains("class ");
        before = it;
        found
    })
}
