//! What servers do about each RPC: the types that embed generated server types, and those that are
//! registered.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    World,
    decls::FuncId,
    index::Member,
    marks::Refuses,
    types::{Named, Type},
};
use crate::{
    callsites::{
        Place, Served, ServedStatus,
        sources::{is_double, is_generated},
    },
    schema::FullName,
};

/// Package and name of a type.
type Name = (Arc<str>, Arc<str>);

/// How deep embedded types are looked into.
const EMBEDDED: usize = 7;

/// A row for each RPC and each type that serves it.
pub(super) fn served(world: &World<'_>, registered: &[(usize, Type)]) -> Vec<Served> {
    let mut servers: BTreeMap<usize, BTreeSet<Name>> = BTreeMap::new();
    let mut opaque: BTreeSet<usize> = BTreeSet::new();
    for (service, ty) in registered {
        match concrete(world, ty) {
            Some(it) => drop(
                servers.entry(*service).or_default().insert((it.package.clone(), it.name.clone())),
            ),
            None => drop(opaque.insert(*service)),
        }
    }
    let known = servers.clone();
    let unseen = opaque.clone();
    // Any of the types may be what an interface holds.
    let is_registered = |service: usize, name: &Name| {
        unseen.contains(&service) || known.get(&service).is_some_and(|it| it.contains(name))
    };
    for (path, package) in &world.index.packages {
        for (name, info) in &package.types {
            let embeds = info.underlying.iter().filter_map(|ty| match ty {
                Type::Struct(it) => Some(it.embeds.iter()),
                _ => None,
            });
            let services = embeds.flatten().filter_map(|(_, ty)| match ty {
                Type::Named(it) => world.index.stubs.server(&it.package, &it.name),
                _ => None,
            });
            for service in services {
                servers.entry(service).or_default().insert((path.clone(), name.clone()));
            }
        }
    }
    let mut rows = Vec::new();
    for service in opaque.iter().filter(|it| !servers.contains_key(it)).copied().collect::<Vec<_>>()
    {
        servers.insert(service, by_shape(world, service));
    }
    servers.retain(|service, _| world.index.stubs.is_wanted(*service));
    opaque.retain(|service| world.index.stubs.is_wanted(*service));
    for (service, types) in &servers {
        let real = types.iter().filter(|(package, name)| !is_stand_in(world, package, name));
        let own = real.flat_map(|name| {
            let registered = is_registered(*service, name);
            let own = of_type(world, *service, &name.0, &name.1).into_iter();
            own.map(move |row| Served { registered, ..row })
        });
        let own = only_registered(told(own.collect()));
        if !own.is_empty() {
            opaque.remove(service);
        }
        rows.extend(own);
    }
    for service in opaque {
        for (_, rpc) in world.index.stubs.methods(service) {
            rows.push(Served {
                rpc: world.stubs[service].rpc(rpc),
                place: Place { file: "".into(), line: 0 },
                status: ServedStatus::Unresolved,
                by: String::new(),
                registered: true,
            });
        }
    }
    rows
}

/// Rows that say nothing go where another type's say something: shells around an interface, which
/// register what is in it.
fn told(rows: Vec<Served>) -> Vec<Served> {
    let silent = |row: &Served| row.status == ServedStatus::Unresolved;
    let rpcs = |wanted: &dyn Fn(&Served) -> bool| -> BTreeSet<FullName> {
        rows.iter().filter(|it| wanted(it)).map(|it| it.rpc.clone()).collect()
    };
    let known = rpcs(&|it| !silent(it));
    let shells = rpcs(&|it| silent(it) && it.registered);
    let told = rows.into_iter().filter(|it| !silent(it) || !known.contains(&it.rpc));
    let told =
        told.map(|it| Served { registered: it.registered || shells.contains(&it.rpc), ..it });
    told.collect()
}

/// What nobody registers is a part of what somebody does, where there is such a thing.
fn only_registered(mut rows: Vec<Served>) -> Vec<Served> {
    let whole: BTreeSet<FullName> =
        rows.iter().filter(|it| it.registered).map(|it| it.rpc.clone()).collect();
    rows.retain(|it| it.registered || !whole.contains(&it.rpc));
    rows
}

/// The types that have every method of a service, with its requests: one of them is what an
/// interface holds.
fn by_shape(world: &World<'_>, service: usize) -> BTreeSet<Name> {
    let methods: Vec<&Arc<str>> =
        world.index.stubs.methods(service).map(|(name, _)| name).collect();
    let mut found = BTreeSet::new();
    for (path, package) in &world.index.packages {
        for name in package.types.keys() {
            let ty = Type::named(path, name);
            let all = methods.iter().all(|method| match world.index.member(&ty, method) {
                Some(Member::Method(_, it)) => world.index.stubs.serves(service, method, &it),
                _ => false,
            });
            if all && !methods.is_empty() {
                found.insert((path.clone(), name.clone()));
            }
        }
    }
    found
}

/// The type with methods that a value has, if that can be seen.
fn concrete(world: &World<'_>, ty: &Type) -> Option<Arc<Named>> {
    let Type::Named(named) = ty else { return None };
    let info = world.index.type_info(named)?;
    let interface = |ty: &Type| matches!(ty, Type::Interface(_));
    match info.underlying.first() {
        Some(ty) if interface(&world.index.resolve(ty)) => None,
        Some(_) => Some(named.clone()),
        None => None,
    }
}

/// A type for tests.
fn is_stand_in(world: &World<'_>, package: &Arc<str>, name: &str) -> bool {
    let place = world.index.packages.get(package).and_then(|it| it.types.get(name)?.place);
    let Some((file, _)) = place else { return true };
    let source = world.files[file].source;
    let test = |part: &str| {
        matches!(part, "test" | "tests" | "testing" | "testutil" | "testutils") || is_double(part)
    };
    is_double(name) || source.path.split('/').any(test) || is_generated(&source.text)
}

fn of_type(world: &World<'_>, service: usize, package: &Arc<str>, name: &Arc<str>) -> Vec<Served> {
    let ty = Type::named(package, name);
    let info = &world.index.packages[package].types[name];
    let Some((file, line)) = info.place else { return Vec::new() };
    let own = Place { file: world.files[file].source.path.clone(), line };
    let row = |(go, rpc): (&Arc<str>, &Arc<str>)| {
        let (status, place) = match world.index.member(&ty, go) {
            Some(Member::Method(id, _)) => of_method(world, &id),
            Some(_) => (ServedStatus::Unresolved, None),
            None if embeds_generated(world, &ty) => (ServedStatus::Inherited, None),
            None => (ServedStatus::Unresolved, None),
        };
        let place = place.unwrap_or_else(|| own.clone());
        Served {
            rpc: world.stubs[service].rpc(rpc),
            place,
            status,
            by: name.to_string(),
            registered: false,
        }
    };
    world.index.stubs.methods(service).map(row).collect()
}

fn of_method(world: &World<'_>, id: &FuncId) -> (ServedStatus, Option<Place>) {
    let Some(info) = world.index.func(id) else { return (ServedStatus::Unresolved, None) };
    let status = match info.marks.refuses {
        Refuses::Never => ServedStatus::Implemented,
        Refuses::Sometimes => ServedStatus::SometimesRefused,
        Refuses::Always => ServedStatus::Refused,
    };
    let file = world.files[info.file].source.path.clone();
    (status, Some(Place { file, line: info.line }))
}

/// Somewhere in it is a generated type that answers for what is not there.
fn embeds_generated(world: &World<'_>, ty: &Type) -> bool {
    let mut level = vec![ty.clone()];
    for _ in 0..EMBEDDED {
        let mut next = Vec::new();
        for ty in level {
            let Type::Named(named) = &ty else { continue };
            if named.name.starts_with("Unimplemented")
                && world.index.stubs.server(&named.package, &named.name).is_some()
            {
                return true;
            }
            for ty in world.index.underlying(named) {
                match ty {
                    Type::Struct(it) => next.extend(it.embeds.iter().map(|(_, ty)| ty.clone())),
                    named @ Type::Named(_) => next.push(named),
                    _ => (),
                }
            }
        }
        level = next;
    }
    false
}
