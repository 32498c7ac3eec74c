//! What happens where two shapes of a method meet, for all pairs of its shapes.

use std::{borrow::Cow, sync::Arc};

use rayon::prelude::*;

use super::{
    scans::{Kind, Kinds},
    shapes::{FIRST, NO_METHOD, NO_SERVICE, Shape, UNKNOWN, lacking},
};
use crate::{
    judge::{Comparison, Finding, Sources, judge_sources},
    policy::{Entry, Evidence, Level, Policy, Setting, Weight},
    schema::{FullName, Schema},
    skew::Pairing,
};

/// The answers for one method, by the kind of the client, then by that of the server.
pub(super) struct Table {
    method: FullName,
    known: Vec<Shape>,
    kinds: Kinds,
    /// By client and server. A few bytes each: of a long history there are many.
    answers: Vec<Answer>,
    /// By client and server, what goes wrong; kept only where it is asked for again: somebody may
    /// have accepted it between some releases, or sources say something of it.
    entries: Vec<Option<Arc<Vec<Entry>>>>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing goes wrong.
    #[default]
    Nothing,
    /// Nothing worse than this does.
    Level(Level),
    /// The same, but for a call that would fail, of which the sources say that it does not matter.
    Settled(Level, Settled),
    /// The call fails, whatever it carries.
    Fails(Level),
}

/// Why it does not matter that a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settled {
    /// The client does not make it.
    Uncalled,
    /// Everybody who makes it copes.
    Handled,
    /// The server answers in other cases.
    InSomeCases,
}

impl Answer {
    pub(super) fn of(entries: &[Entry]) -> Answer {
        let open = || entries.iter().filter(|it| it.allowed.is_none());
        let Some(level) = open().map(|it| it.level).max() else { return Answer::Nothing };
        if open().any(|it| it.failing().next().is_some()) {
            return Answer::Fails(level);
        }
        let settled = open().filter(|it| it.fails()).filter_map(|it| it.evidence.as_ref());
        let settled = settled.map(|it| match it.weight {
            Weight::Uncalled => Settled::Uncalled,
            Weight::Handled => Settled::Handled,
            _ => Settled::InSomeCases,
        });
        settled.max().map_or(Answer::Level(level), |it| Answer::Settled(level, it))
    }

    /// The loudest level of what nobody has accepted.
    pub(super) fn level(self) -> Level {
        match self {
            Answer::Nothing => Level::Off,
            Answer::Level(level) | Answer::Settled(level, _) | Answer::Fails(level) => level,
        }
    }
}

impl Table {
    /// How many kinds of servers there are.
    pub(super) fn servers(&self) -> usize {
        self.kinds.servers.len()
    }

    fn at(&self, client: u32, server: u32) -> usize {
        client as usize * self.servers() + server as usize
    }

    /// How bad it is.
    pub(super) fn answer(&self, client: u32, server: u32) -> Answer {
        self.answers[self.at(client, server)]
    }

    /// What goes wrong, as the policy sees it whichever end was upgraded first.
    pub(super) fn entries(&self, client: u32, server: u32, policy: &Policy) -> Arc<Vec<Entry>> {
        let at = self.at(client, server);
        match self.entries.get(at) {
            Some(kept) => kept.clone().unwrap_or_default(),
            None if self.answers[at] == Answer::Nothing => Arc::default(),
            // Where nothing is kept, a kind is a shape.
            None => Arc::new(self.judge(client, server, policy)),
        }
    }

    /// All pairs between which something goes wrong.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let servers = self.servers();
        let wrong = self.answers.iter().enumerate().filter(|(_, it)| **it != Answer::Nothing);
        wrong.map(move |(at, _)| ((at / servers) as u32, (at % servers) as u32))
    }

    fn judge(&self, client: u32, server: u32, policy: &Policy) -> Vec<Entry> {
        // The one that came later is the head, as it is where two releases are compared.
        match client > server {
            true => self.both(server, client, policy).0,
            false => self.both(client, server, policy).1,
        }
    }

    /// Takes in what goes wrong between two shapes, and what the sources of either end say of that.
    fn fill(&mut self, client: u32, server: u32, entries: Vec<Entry>, policy: &Policy) {
        for ours in Kind::with(&self.kinds.clients, client) {
            for theirs in Kind::with(&self.kinds.servers, server) {
                let mut all = entries.clone();
                all.extend(self.refused(ours, theirs, policy));
                if let Some(said) = self.evidence(ours, theirs) {
                    for entry in all.iter_mut().filter(|it| it.fails()) {
                        policy.weigh_by(entry, vec![(self.method.clone(), said.clone())]);
                    }
                }
                let at = self.at(ours, theirs);
                self.answers[at] = Answer::of(&all);
                if let Some(kept) = self.entries.get_mut(at) {
                    *kept = (!all.is_empty()).then(|| Arc::new(all));
                }
            }
        }
    }

    /// What the sources of a client say of calls of a server.
    fn evidence(&self, client: u32, server: u32) -> Option<&Evidence> {
        let made = self.kinds.clients[client as usize].said.as_ref()?;
        let is_newer = self.kinds.order(client, server) == Some(Pairing::NEWER_SERVER);
        Some(made.with_newer.as_ref().filter(|_| is_newer).unwrap_or(&made.with_older))
    }

    /// What the sources of two ends show and their schemas do not.
    fn refused(&self, client: u32, server: u32, policy: &Policy) -> Vec<Entry> {
        let (caller, callee) =
            (&self.kinds.clients[client as usize], &self.kinds.servers[server as usize]);
        let (Some(made), Some(served)) = (&caller.said, &callee.said) else { return Vec::new() };
        let [ours, theirs] = [caller.shape, callee.shape].map(|it| self.alone(it));
        let (Some(ours), Some(theirs)) = (ours, theirs) else { return Vec::new() };
        let sites = made.with_older.sites.iter().collect();
        let caller = Sources { schema: &ours, sites, served: Vec::new() };
        let callee =
            Sources { schema: &theirs, sites: Vec::new(), served: served.iter().collect() };
        // A cell is about two programs, whichever was there first.
        let found = judge_sources(&callee, &caller, Pairing::NEWER_CLIENT);
        let mut entries = decided(found, policy);
        for entry in &mut entries {
            entry.evidence = Some(Evidence::of_servers(served.to_vec()));
        }
        entries
    }

    /// The schema of a shape, without copies. Nobody knows that of some releases.
    fn alone(&self, shape: u32) -> Option<Cow<'_, Schema>> {
        match self.known(shape) {
            Some(known) => known.get("").map(Cow::Borrowed),
            None if shape == UNKNOWN => None,
            None => Some(Cow::Owned(lacking(&self.method, shape))),
        }
    }

    /// What goes wrong between two shapes: with a client of the head, and with a server of it. A
    /// client that lacks the method does not call it.
    fn both(&self, base: u32, head: u32, policy: &Policy) -> (Vec<Entry>, Vec<Entry>) {
        let (mut clients, mut servers) = (Vec::new(), Vec::new());
        let Some(newer) = self.known(head) else { return (Vec::new(), Vec::new()) };
        let settings = &policy.settings;
        match self.known(base) {
            None if base == UNKNOWN => (),
            None => {
                let lacking = lacking(&self.method, base);
                if let Some(has) = newer.get("").or_else(|| newer.values().next()) {
                    let comparison = Comparison::new(&lacking, has, settings);
                    clients.extend(comparison.judge(Pairing::NEWER_CLIENT));
                }
            }
            Some(older) => {
                for (base, head) in meeting(older, newer) {
                    let comparison = Comparison::new(base, head, settings);
                    clients.extend(comparison.judge(Pairing::NEWER_CLIENT));
                    servers.extend(comparison.judge(Pairing::NEWER_SERVER));
                }
            }
        }
        (decided(clients, policy), decided(servers, policy))
    }

    fn known(&self, shape: u32) -> Option<&Shape> {
        self.known.get((shape as usize).checked_sub(FIRST as usize)?)
    }
}

fn decided(findings: Vec<Finding>, policy: &Policy) -> Vec<Entry> {
    let setting = Setting::default();
    findings.into_iter().filter_map(|it| policy.decide(it, &setting)).collect()
}

pub(super) fn tables(
    methods: &[FullName],
    known: Vec<Vec<Shape>>,
    kinds: Option<Vec<Kinds>>,
    policy: &Policy,
) -> Vec<Table> {
    let keeps = policy.accepts_any() || kinds.is_some();
    let of_shapes = |known: &Vec<Shape>| Kinds::of_shapes(FIRST + known.len() as u32);
    let kinds = kinds.unwrap_or_else(|| known.iter().map(of_shapes).collect());
    let tables = methods.par_iter().zip(known).zip(kinds).map(|((method, known), kinds)| {
        let pairs = kinds.clients.len() * kinds.servers.len();
        let answers = vec![Answer::Nothing; pairs];
        let entries = if keeps { vec![None; pairs] } else { Vec::new() };
        let mut table = Table { method: method.clone(), known, kinds, answers, entries };
        table.work_out(policy);
        table
    });
    tables.collect()
}

impl Table {
    fn work_out(&mut self, policy: &Policy) {
        for head in FIRST..FIRST + self.known.len() as u32 {
            for base in [NO_METHOD, NO_SERVICE].into_iter().chain(FIRST..head) {
                let (clients, servers) = self.both(base, head, policy);
                self.fill(head, base, clients, policy);
                self.fill(base, head, servers, policy);
            }
            // What has one shape may be refused all the same.
            self.fill(head, head, Vec::new(), policy);
        }
    }
}

/// The schemas that meet: each with its older self, and a copy that has none with nothing, for a
/// call that any file of the server declares is one that it has.
fn meeting<'s>(base: &'s Shape, head: &'s Shape) -> impl Iterator<Item = (&'s Schema, &'s Schema)> {
    base.iter().filter_map(|(root, schema)| Some((schema, head.get(root)?)))
}
