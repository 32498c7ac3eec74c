//! What the sources of each release say of its calls, and which releases say the same: for a peer,
//! only what it comes to counts, not the lines that say so.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use super::shapes::FIRST;
use crate::{
    callsites::{CallSites, Served, ServedStatus},
    policy::{Evidence, Policy, Weight},
    schema::FullName,
    skew::Pairing,
};

/// What the sources of a release say, as far as it counts under a policy.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// How many source files were looked at.
    pub files: usize,
    /// What clients do, by the methods that were looked for.
    pub calls: BTreeMap<FullName, Arc<Made>>,
    /// What servers do that programs register, likewise.
    pub served: BTreeMap<FullName, Arc<Vec<Served>>>,
}

/// What the clients of a release do about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Should the server be older than the call.
    pub with_older: Evidence,
    /// Should it be newer than the client, if that is not the same: a gate that asks for a version
    /// lets it through.
    pub with_newer: Option<Evidence>,
}

/// By release: what its sources say, or why they were not searched.
pub type Scans = Vec<Result<Arc<Scan>, String>>;

impl Scan {
    /// `before` is what the release before it says: what is the same is kept once.
    pub fn of(found: &CallSites, policy: &Policy, before: Option<&Scan>) -> Scan {
        let mut served: BTreeMap<FullName, Vec<Served>> = BTreeMap::new();
        for it in policy.served(found, "") {
            served.entry(it.rpc.clone()).or_default().push(it.clone());
        }
        let calls = found.searched.iter().map(|method| {
            let with = |pairing| policy.of_call(method, found, "", Some(pairing));
            let (with_older, newer) = (with(Pairing::NEWER_CLIENT), with(Pairing::NEWER_SERVER));
            let differs = newer.weight != with_older.weight;
            let own = Made { with_older, with_newer: differs.then_some(newer) };
            (method.clone(), shared(own, before.and_then(|it| it.calls.get(method))))
        });
        let calls = calls.collect();
        let served = served.into_iter().map(|(method, own)| {
            let known = before.and_then(|it| it.served.get(&method));
            (method, shared(own, known))
        });
        Scan { files: found.files, calls, served: served.collect() }
    }
}

fn shared<T: PartialEq>(own: T, known: Option<&Arc<T>>) -> Arc<T> {
    known.filter(|it| ***it == own).cloned().unwrap_or_else(|| Arc::new(own))
}

/// A method as the clients of some releases have it, or their servers: its shape, and what the
/// sources of the first of them say.
#[derive(Clone)]
pub(super) struct Kind<T> {
    pub(super) shape: u32,
    pub(super) said: Option<Arc<T>>,
    /// The first and the last of the releases.
    span: (usize, usize),
}

/// The kinds of one method.
#[derive(Default)]
pub(super) struct Kinds {
    pub(super) clients: Vec<Kind<Made>>,
    pub(super) servers: Vec<Kind<Vec<Served>>>,
    /// It matters which end is newer: then only releases that follow one another are of one kind.
    ordered: bool,
    by_client: BTreeMap<(u32, Option<Client>), u32>,
    by_server: BTreeMap<(u32, Option<BTreeSet<ServedStatus>>), u32>,
}

/// All that makes a difference: what it comes to with an older and with a newer server, whether a
/// call is made at all, and whether a guard sees the opening of a stream only.
type Client = (Weight, Weight, bool, bool);

impl Kinds {
    /// Without sources, a kind is a shape.
    pub(super) fn of_shapes(shapes: u32) -> Kinds {
        let clients = (0..shapes).map(|shape| Kind { shape, said: None, span: (0, 0) }).collect();
        let servers = (0..shapes).map(|shape| Kind { shape, said: None, span: (0, 0) }).collect();
        Kinds { clients, servers, ..Kinds::default() }
    }

    pub(super) fn of(method: &FullName, scans: &Scans) -> Kinds {
        let ordered = scans.iter().flatten().filter_map(|it| it.calls.get(method));
        let ordered = ordered.into_iter().any(|it| it.with_newer.is_some());
        Kinds { ordered, ..Kinds::default() }
    }

    /// The numbers of the client's kind and of the server's, of a release that follows those that
    /// were added.
    pub(super) fn add(
        &mut self,
        release: usize,
        method: &FullName,
        shape: u32,
        scan: Option<&Scan>,
    ) -> [u32; 2] {
        let scan = scan.filter(|_| shape >= FIRST);
        let made = scan.and_then(|it| it.calls.get(method));
        let client = made.map(|it| {
            let older = &it.with_older;
            let newer = it.with_newer.as_ref().unwrap_or(older);
            let opens_only = older.sites.iter().any(|it| it.opens_only.is_some());
            (older.weight, newer.weight, !older.sites.is_empty(), opens_only)
        });
        let nobody = Arc::default();
        let served = scan.map(|it| it.served.get(method).unwrap_or(&nobody));
        let server = served.map(|it| it.iter().map(|it| it.status).collect());
        let (ordered, clients, servers) = (self.ordered, &mut self.clients, &mut self.servers);
        let client = self.by_client.entry((shape, client));
        let client = number(client, clients, ordered, release, |span| Kind {
            shape,
            said: made.cloned(),
            span,
        });
        let server = self.by_server.entry((shape, server));
        let server = number(server, servers, ordered, release, |span| Kind {
            shape,
            said: served.cloned(),
            span,
        });
        [client, server]
    }

    /// Which end is newer, if that is so of all releases of the two kinds.
    pub(super) fn order(&self, client: u32, server: u32) -> Option<Pairing> {
        let (client, server) =
            (self.clients[client as usize].span, self.servers[server as usize].span);
        if client.1 < server.0 {
            return Some(Pairing::NEWER_SERVER);
        }
        (client.0 > server.1).then_some(Pairing::NEWER_CLIENT)
    }
}

/// The number of a kind, which may be a new one.
fn number<K: Ord, T>(
    known: Entry<'_, K, u32>,
    kinds: &mut Vec<Kind<T>>,
    ordered: bool,
    release: usize,
    new: impl FnOnce((usize, usize)) -> Kind<T>,
) -> u32 {
    let add = |kinds: &mut Vec<Kind<T>>| {
        kinds.push(new((release, release)));
        kinds.len() as u32 - 1
    };
    let mut at = match known {
        Entry::Vacant(known) => return *known.insert(add(kinds)),
        Entry::Occupied(known) => known,
    };
    let kind = &mut kinds[*at.get() as usize];
    if ordered && kind.span.1 + 1 < release {
        let next = add(kinds);
        at.insert(next);
        return next;
    }
    kind.span.1 = release;
    *at.get()
}

impl<T> Kind<T> {
    /// The numbers of the kinds with a shape.
    pub(super) fn with(kinds: &[Kind<T>], shape: u32) -> Vec<u32> {
        let all = kinds.iter().enumerate().filter(|(_, it)| it.shape == shape);
        all.map(|(at, _)| at as u32).collect()
    }
}
