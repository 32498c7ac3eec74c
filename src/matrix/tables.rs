//! What happens where two shapes of a method meet, for all pairs of its shapes.

use std::sync::Arc;

use rayon::prelude::*;

use super::shapes::{FIRST, NO_METHOD, NO_SERVICE, Shape, UNKNOWN, lacking};
use crate::{
    judge::{Comparison, Finding},
    policy::{Entry, Level, Policy, Setting},
    schema::{FullName, Schema},
    skew::Pairing,
};

/// The answers for one method, by the shape of the client, then by that of the server.
pub(super) struct Table {
    method: FullName,
    known: Vec<Shape>,
    /// By client and server. A byte each: of a long history there are many.
    answers: Vec<Answer>,
    /// By client and server, what goes wrong; kept only where somebody may have accepted it, for
    /// then every pair of releases asks again.
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
    /// The call fails, whatever it carries.
    Fails(Level),
}

impl Answer {
    pub(super) fn of(entries: &[Entry]) -> Answer {
        let open = || entries.iter().filter(|it| it.allowed.is_none());
        let level = open().map(|it| it.level).max();
        let fails = open().any(Entry::fails);
        level
            .map_or(Answer::Nothing, |it| if fails { Answer::Fails(it) } else { Answer::Level(it) })
    }
}

impl Table {
    pub(super) fn shapes(&self) -> usize {
        FIRST as usize + self.known.len()
    }

    /// How bad it is.
    pub(super) fn answer(&self, client: u32, server: u32) -> Answer {
        self.answers[client as usize * self.shapes() + server as usize]
    }

    /// What goes wrong, as the policy sees it whichever end was upgraded first.
    pub(super) fn entries(&self, client: u32, server: u32, policy: &Policy) -> Arc<Vec<Entry>> {
        let at = client as usize * self.shapes() + server as usize;
        match self.entries.get(at) {
            Some(kept) => kept.clone().unwrap_or_default(),
            None if self.answers[at] == Answer::Nothing => Arc::default(),
            None => Arc::new(self.judge(client, server, policy)),
        }
    }

    /// All pairs between which something goes wrong.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let shapes = self.shapes();
        let wrong = self.answers.iter().enumerate().filter(|(_, it)| **it != Answer::Nothing);
        wrong.map(move |(at, _)| ((at / shapes) as u32, (at % shapes) as u32))
    }

    fn judge(&self, client: u32, server: u32, policy: &Policy) -> Vec<Entry> {
        // The one that came later is the head, as it is where two releases are compared.
        match client > server {
            true => self.both(server, client, policy).0,
            false => self.both(client, server, policy).1,
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

pub(super) fn tables(methods: &[FullName], known: Vec<Vec<Shape>>, policy: &Policy) -> Vec<Table> {
    let of = |(method, shapes): (&FullName, Vec<Shape>)| table(method, shapes, policy);
    methods.par_iter().zip(known).map(of).collect()
}

fn table(method: &FullName, known: Vec<Shape>, policy: &Policy) -> Table {
    let shapes = FIRST as usize + known.len();
    let mut table = Table {
        method: method.clone(),
        known,
        answers: vec![Answer::Nothing; shapes * shapes],
        entries: Vec::new(),
    };
    if policy.accepts_any() {
        table.entries = vec![None; shapes * shapes];
    }
    for head in FIRST..shapes as u32 {
        for base in [NO_METHOD, NO_SERVICE].into_iter().chain(FIRST..head) {
            let (clients, servers) = table.both(base, head, policy);
            for (client, server, entries) in [(head, base, clients), (base, head, servers)] {
                let at = client as usize * shapes + server as usize;
                table.answers[at] = Answer::of(&entries);
                if let Some(kept) = table.entries.get_mut(at) {
                    *kept = (!entries.is_empty()).then(|| Arc::new(entries));
                }
            }
        }
    }
    table
}

/// The schemas that meet: each with its older self, and a copy that has none with nothing, for a
/// call that any file of the server declares is one that it has.
fn meeting<'s>(base: &'s Shape, head: &'s Shape) -> impl Iterator<Item = (&'s Schema, &'s Schema)> {
    base.iter().filter_map(|(root, schema)| Some((schema, head.get(root)?)))
}
