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
    pub(super) shapes: usize,
    /// By client and server; `None` where nothing goes wrong.
    answers: Vec<Option<Arc<Answer>>>,
}

/// What goes wrong between two shapes.
#[derive(Default)]
pub(super) struct Answer {
    /// The loudest of it.
    pub(super) level: Level,
    /// The call fails, whatever it carries.
    pub(super) fails: bool,
    pub(super) entries: Vec<Entry>,
}

impl Table {
    /// All of them, by client and server.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, u32, &[Entry])> {
        let answers = self.answers.iter().enumerate();
        answers.filter_map(|(at, answer)| {
            let (client, server) = ((at / self.shapes) as u32, (at % self.shapes) as u32);
            Some((client, server, answer.as_ref()?.entries.as_slice()))
        })
    }

    /// What goes wrong, if anything does.
    pub(super) fn answer(&self, client: u32, server: u32) -> Option<&Answer> {
        if [client, server].contains(&UNKNOWN) {
            return None;
        }
        self.answers[client as usize * self.shapes + server as usize].as_deref()
    }
}

pub(super) fn tables(methods: &[FullName], known: &[Vec<Shape>], policy: &Policy) -> Vec<Table> {
    let of = |(method, shapes): (&FullName, &Vec<Shape>)| table(method, shapes, policy);
    methods.par_iter().zip(known).map(of).collect()
}

fn table(method: &FullName, known: &[Shape], policy: &Policy) -> Table {
    let shapes = FIRST as usize + known.len();
    let mut answers = vec![None; shapes * shapes];
    let settings = &policy.settings;
    let judged = |findings: Vec<Finding>| {
        let setting = Setting::default();
        let entries = findings.into_iter().filter_map(|it| policy.decide(it, &setting));
        let entries: Vec<Entry> = entries.collect();
        let level = entries.iter().map(|it| it.level).max()?;
        let fails = entries.iter().any(Entry::fails);
        Some(Arc::new(Answer { level, fails, entries }))
    };
    for (at, shape) in known.iter().enumerate() {
        let own = FIRST as usize + at;
        for absent in [NO_METHOD, NO_SERVICE] {
            let lacking = lacking(method, absent);
            // A client that lacks it does not call it.
            let has = shape.get("").or_else(|| shape.values().next());
            let findings = has
                .map(|has| Comparison::new(&lacking, has, settings).judge(Pairing::NEWER_CLIENT));
            answers[own * shapes + absent as usize] = findings.and_then(judged);
        }
        for (newer_at, newer) in known.iter().enumerate().skip(at + 1) {
            let newer_own = FIRST as usize + newer_at;
            let (mut clients, mut servers) = (Vec::new(), Vec::new());
            for (base, head) in meeting(shape, newer) {
                let comparison = Comparison::new(base, head, settings);
                clients.extend(comparison.judge(Pairing::NEWER_CLIENT));
                servers.extend(comparison.judge(Pairing::NEWER_SERVER));
            }
            answers[newer_own * shapes + own] = judged(clients);
            answers[own * shapes + newer_own] = judged(servers);
        }
    }
    Table { shapes, answers }
}

/// The schemas that meet: each with its older self, and a copy that has none with nothing, for a
/// call that any file of the server declares is one that it has.
fn meeting<'s>(base: &'s Shape, head: &'s Shape) -> impl Iterator<Item = (&'s Schema, &'s Schema)> {
    base.iter().filter_map(|(root, schema)| Some((schema, head.get(root)?)))
}
