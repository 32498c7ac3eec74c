//! Every client release against every server release.
//!
//! Nothing here decides what goes wrong: `judge` does, and `policy` says how bad it is. This room
//! sees to it that nothing is asked twice. Releases in which every call has the same shape are one
//! class; a call that has the same shape on both sides is not compared; and a call whose shapes have
//! met before is answered from memory.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use crate::{
    check::Outcome,
    history::{Contents, History},
    policy::{Entry, Level, Moment, Policy, Setting},
    releases,
    schema::FullName,
    skew::Pairing,
    window::{Seat, Windows},
};

mod shapes;
mod tables;

use shapes::{Shapes, shapes};
use tables::{Answer, Table, tables};

/// The verdicts of all pairs of releases.
pub struct Matrix<'h> {
    /// The releases.
    pub history: &'h History,
    /// Releases that no peer can tell apart, in the order of their first.
    pub classes: Vec<Class>,
    /// Per release: its class.
    pub class_of: Vec<usize>,
    /// Every method that any release has, by name.
    pub methods: Vec<FullName>,
    policy: &'h Policy,
    /// By method.
    tables: Vec<Table>,
    /// Per release: the number of its line.
    lines: Vec<usize>,
}

/// Releases that no peer can tell apart.
pub struct Class {
    /// Their indices in the history, in order.
    pub releases: Vec<usize>,
    /// Why not all of it is known.
    pub unknown: Option<String>,
    /// By method: the number of its shape.
    keys: Vec<u32>,
}

/// What happens when a client of one release calls a server of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// In one word.
    pub outcome: Outcome,
    /// The calls that fail whatever they carry, by their index in [`Matrix::methods`].
    pub failing: Vec<usize>,
    /// The calls that fail or lose data for some other reason, likewise.
    pub broken: Vec<usize>,
    /// How many calls there are of which there is nothing worse than a warning.
    pub degraded: usize,
}

/// What releases of one class have in common: the shapes of all methods, why not all is known, and
/// which acceptances have ended.
type Sign<'r> = (&'r [u32], Option<String>, Vec<Option<bool>>);

/// Compares what has to be compared. The answers are then at hand.
pub fn matrix<'h>(history: &'h History, policy: &'h Policy) -> Matrix<'h> {
    let Shapes { methods, rows, known } = shapes(history, &policy.settings.any);
    let tables = tables(&methods, known, policy);
    let mut classes: Vec<Class> = Vec::new();
    let mut index: HashMap<Sign<'_>, usize> = HashMap::new();
    let mut class_of = vec![0; history.releases.len()];
    for (of, row) in history.classes.iter().zip(&rows) {
        let unknown = match &of.contents {
            Contents::Known(compiled) if compiled.problems.is_empty() => None,
            Contents::Known(_) if policy.keep_going => None,
            contents => contents.reason(),
        };
        for &release in &of.releases {
            let ended = policy.ended(history.name(release));
            let class = *index.entry((row, unknown.clone(), ended)).or_insert_with(|| {
                let unknown = unknown.clone();
                classes.push(Class { releases: Vec::new(), unknown, keys: row.clone() });
                classes.len() - 1
            });
            classes[class].releases.push(release);
            class_of[release] = class;
        }
    }
    classes.iter_mut().for_each(|class| class.releases.sort_unstable());
    let lines = releases::lines(&history.releases);
    Matrix { history, classes, class_of, methods, policy, tables, lines }
}

impl Matrix<'_> {
    /// The verdict of two classes.
    pub fn cell(&self, client: usize, server: usize) -> Cell {
        let mut cell =
            Cell { outcome: Outcome::Ok, failing: Vec::new(), broken: Vec::new(), degraded: 0 };
        cell.outcome = self.each(client, server, &mut |method, answer| match answer {
            Answer::Fails(_) => cell.failing.push(method),
            Answer::Level(Level::Error) => cell.broken.push(method),
            Answer::Level(Level::Warning) => cell.degraded += 1,
            Answer::Level(Level::Note | Level::Off) | Answer::Nothing => (),
        });
        cell
    }

    /// The outcome of a cell, and how many calls fail whatever they carry.
    pub fn summary(&self, client: usize, server: usize) -> (Outcome, usize) {
        let mut failing = 0;
        let outcome = self.each(client, server, &mut |_, answer| {
            failing += usize::from(matches!(answer, Answer::Fails(_)));
        });
        (outcome, failing)
    }

    /// Shows how bad it is for each method whose shapes differ, and what that comes to.
    fn each(&self, client: usize, server: usize, see: &mut dyn FnMut(usize, Answer)) -> Outcome {
        let mut worst = Level::Off;
        for (method, ours, theirs) in self.differing(client, server) {
            let mut answer = self.tables[method].answer(ours, theirs);
            if answer == Answer::Nothing && !self.policy.accepts_any() {
                continue;
            }
            if self.policy.accepts_any() {
                answer = Answer::of(&self.entries_of(method, (ours, theirs), client, server));
            }
            if let Answer::Level(level) | Answer::Fails(level) = answer {
                worst = worst.max(level);
            }
            see(method, answer);
        }
        match [client, server].iter().any(|it| self.classes[*it].unknown.is_some()) {
            true => Outcome::Unknown,
            false => Outcome::of(worst),
        }
    }

    /// Every cell of a row, worked out side by side.
    pub fn row(&self, client: usize, servers: &[usize]) -> Vec<Cell> {
        servers.par_iter().map(|&server| self.cell(client, server)).collect()
    }

    /// What goes wrong in a cell, the loudest first.
    pub fn entries(&self, client: usize, server: usize) -> Vec<Entry> {
        let differing = self.differing(client, server);
        let entries = differing.flat_map(|(method, ours, theirs)| {
            self.entries_of(method, (ours, theirs), client, server)
        });
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_by_key(|it| std::cmp::Reverse(it.level));
        entries
    }

    /// Why a cell is unknown.
    pub fn reason(&self, client: usize, server: usize) -> Option<String> {
        let reasons: BTreeSet<&str> = [client, server]
            .into_iter()
            .filter_map(|it| self.classes[it].unknown.as_deref())
            .collect();
        let reasons: Vec<&str> = reasons.into_iter().collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// The name by which a class is called: its first release.
    pub fn name(&self, class: usize) -> &str {
        self.history.name(self.classes[class].releases[0])
    }

    /// By method: the number of the shape that a class has of it.
    pub fn keys(&self, class: usize) -> &[u32] {
        &self.classes[class].keys
    }

    /// How many shapes a method has.
    pub fn shapes(&self, method: usize) -> usize {
        self.tables[method].shapes()
    }

    /// Every two shapes of a method, the client's first, between which something goes wrong, as the
    /// policy sees it whichever end was upgraded first.
    pub fn answered(&self, method: usize) -> impl Iterator<Item = (u32, u32, Arc<Vec<Entry>>)> {
        let table = &self.tables[method];
        table
            .pairs()
            .map(|(client, server)| (client, server, table.entries(client, server, self.policy)))
    }

    /// The methods whose shapes differ, and the shapes.
    fn differing(&self, client: usize, server: usize) -> impl Iterator<Item = (usize, u32, u32)> {
        let [client, server] = [client, server].map(|it| &self.classes[it].keys);
        let keys = client.iter().zip(server).enumerate().filter(|(_, (a, b))| a != b);
        keys.map(|(method, (ours, theirs))| (method, *ours, *theirs))
    }

    fn entries_of(
        &self,
        method: usize,
        (ours, theirs): (u32, u32),
        client: usize,
        server: usize,
    ) -> Vec<Entry> {
        let [client, server] = [client, server].map(|it| self.classes[it].releases[0]);
        let release = |it: usize| self.policy.releases.get(self.history.name(it));
        let moment = Moment {
            today: self.policy.today,
            head: release(client.max(server)),
            client: release(client),
            server: release(server),
        };
        let pairing = if client >= server { Pairing::NEWER_CLIENT } else { Pairing::NEWER_SERVER };
        let setting = Setting { pairing: Some(pairing), moment, ..Setting::default() };
        let decide = |it: &Entry| self.policy.decide(it.finding.clone(), &setting);
        let entries = self.tables[method].entries(ours, theirs, self.policy);
        entries.iter().filter_map(decide).collect()
    }
}

/// The part of a matrix that somebody asked for.
pub struct Selected<'m> {
    /// All of it.
    pub matrix: &'m Matrix<'m>,
    /// The releases of clients, in order.
    pub clients: Vec<usize>,
    /// The releases of servers, in order.
    pub servers: Vec<usize>,
    /// Which pairs are promised; all of them, if nothing is said.
    pub windows: Option<Windows>,
}

impl Selected<'_> {
    /// Some pair of these releases is promised.
    pub fn promises(&self, clients: &[usize], servers: &[usize]) -> bool {
        let Some(windows) = &self.windows else { return true };
        let seat = |&place: &usize| Seat {
            place,
            line: self.matrix.lines[place],
            name: self.matrix.history.name(place),
        };
        let servers: Vec<Seat<'_>> = servers.iter().map(seat).collect();
        let mut clients = clients.iter().map(seat);
        clients.any(|client| servers.iter().any(|server| windows.promise(client, *server)))
    }

    /// The classes of some of the releases, in order.
    pub fn classes(&self, releases: &[usize]) -> Vec<usize> {
        let classes = releases.iter().map(|it| self.matrix.class_of[*it]);
        classes.collect::<BTreeSet<usize>>().into_iter().collect()
    }
}
