//! Every client release against every server release.
//!
//! Nothing here decides what goes wrong: `judge` does, and `policy` says how bad it is. This room
//! sees to it that nothing is asked twice. Releases in which every call has the same shape are one
//! class; a call that has the same shape on both sides is not compared; and a call whose shapes have
//! met before is answered from memory. Where sources were searched, what they come to counts like a
//! shape, on the side of the client and on that of the server.

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

mod scans;
mod shapes;
mod tables;

use scans::Kinds;
pub use scans::{Made, Scan, Scans};
use shapes::{Shapes, shapes};
pub use tables::Settled;
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
    /// What the sources of each release say, if anybody asked.
    pub scans: Option<&'h Scans>,
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
    keys: Keys,
}

/// By method: the number of its kind. Without sources, a kind is a shape.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Keys {
    clients: Arc<[u32]>,
    servers: Arc<[u32]>,
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
    /// The calls that would fail, but that it does not matter of, as the sources say.
    pub settled: Vec<(usize, Settled)>,
    /// How many calls there are of which there is nothing worse than a warning.
    pub degraded: usize,
}

/// What releases of one class have in common: the kinds of all methods, why not all is known, and
/// which acceptances have ended.
type Sign = (Keys, Option<String>, Vec<Option<bool>>);

/// Compares what has to be compared. The answers are then at hand. Where sources were searched,
/// calls that nobody makes, and those with which all callers cope, do not break anything, and calls
/// that servers refuse do.
pub fn matrix<'h>(
    history: &'h History,
    policy: &'h Policy,
    scans: Option<&'h Scans>,
) -> Matrix<'h> {
    let Shapes { methods, rows, known } = shapes(history, &policy.settings.any);
    let (keys, kinds) = match scans {
        Some(scans) => keys(history, &methods, &rows, scans),
        None => (of_shapes(history, rows), None),
    };
    let tables = tables(&methods, known, kinds, policy);
    let mut classes: Vec<Class> = Vec::new();
    let mut index: HashMap<Sign, usize> = HashMap::new();
    let mut class_of = vec![0; history.releases.len()];
    for of in &history.classes {
        let unknown = match &of.contents {
            Contents::Known(compiled) if compiled.problems.is_empty() => None,
            Contents::Known(_) if policy.keep_going => None,
            contents => contents.reason(),
        };
        for &release in &of.releases {
            let ended = policy.ended(history.name(release));
            let keys = &keys[release];
            let class = *index.entry((keys.clone(), unknown.clone(), ended)).or_insert_with(|| {
                let (unknown, keys) = (unknown.clone(), keys.clone());
                classes.push(Class { releases: Vec::new(), unknown, keys });
                classes.len() - 1
            });
            classes[class].releases.push(release);
            class_of[release] = class;
        }
    }
    classes.iter_mut().for_each(|class| class.releases.sort_unstable());
    let lines = releases::lines(&history.releases);
    Matrix { history, classes, class_of, methods, scans, policy, tables, lines }
}

/// By release.
fn of_shapes(history: &History, rows: Vec<Vec<u32>>) -> Vec<Keys> {
    let rows: Vec<Arc<[u32]>> = rows.into_iter().map(Arc::from).collect();
    let of = |class: &usize| Keys { clients: rows[*class].clone(), servers: rows[*class].clone() };
    history.class_of.iter().map(of).collect()
}

/// The same, and the kinds of each method.
fn keys(
    history: &History,
    methods: &[FullName],
    rows: &[Vec<u32>],
    scans: &Scans,
) -> (Vec<Keys>, Option<Vec<Kinds>>) {
    let mut kinds: Vec<Kinds> = methods.iter().map(|it| Kinds::of(it, scans)).collect();
    let keys = history.class_of.iter().enumerate().map(|(release, &class)| {
        let scan = scans[release].as_deref().ok();
        let mut all = kinds.iter_mut().zip(methods).zip(&rows[class]);
        let all = all.by_ref().map(|((kinds, method), &shape)| {
            let [client, server] = kinds.add(release, method, shape, scan);
            (client, server)
        });
        let (clients, servers): (Vec<u32>, Vec<u32>) = all.unzip();
        Keys { clients: clients.into(), servers: servers.into() }
    });
    (keys.collect(), Some(kinds))
}

impl Matrix<'_> {
    /// The verdict of two classes.
    pub fn cell(&self, client: usize, server: usize) -> Cell {
        let mut cell = Cell {
            outcome: Outcome::Ok,
            failing: Vec::new(),
            broken: Vec::new(),
            settled: Vec::new(),
            degraded: 0,
        };
        cell.outcome = self.each(client, server, &mut |method, answer| {
            if let Answer::Settled(_, how) = answer {
                cell.settled.push((method, how));
            }
            match (answer, answer.level()) {
                (Answer::Fails(_), _) => cell.failing.push(method),
                (_, Level::Error) => cell.broken.push(method),
                (_, Level::Warning) => cell.degraded += 1,
                (_, Level::Note | Level::Off) => (),
            }
        });
        cell
    }

    /// The outcome of a cell, how many calls fail whatever they carry, and how many would, but that
    /// it does not matter of.
    pub fn summary(&self, client: usize, server: usize) -> (Outcome, usize, usize) {
        let (mut failing, mut settled) = (0, 0);
        let outcome = self.each(client, server, &mut |_, answer| {
            failing += usize::from(matches!(answer, Answer::Fails(_)));
            settled += usize::from(matches!(answer, Answer::Settled(..)));
        });
        (outcome, failing, settled)
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
            worst = worst.max(answer.level());
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

    /// What the sources of the first release of a class say, or why they were not searched. Those
    /// of the others come to the same. `None` if nobody asked.
    pub fn scan(&self, class: usize) -> Option<&Result<Arc<Scan>, String>> {
        Some(&self.scans?[self.classes[class].releases[0]])
    }

    /// By method: the number of the kind of client that a class has of it.
    pub fn clients(&self, class: usize) -> &[u32] {
        &self.classes[class].keys.clients
    }

    /// By method: the number of the kind of server.
    pub fn servers(&self, class: usize) -> &[u32] {
        &self.classes[class].keys.servers
    }

    /// How many kinds of servers of a method there are.
    pub fn kinds(&self, method: usize) -> usize {
        self.tables[method].servers()
    }

    /// The method may fail between some two releases, whatever it carries and whoever copes.
    pub fn may_fail(&self, method: usize) -> bool {
        let mut pairs = self.tables[method].pairs();
        pairs.any(|(client, server)| {
            let answer = self.tables[method].answer(client, server);
            matches!(answer, Answer::Fails(_) | Answer::Settled(..))
        })
    }

    /// Every two kinds of a method, the client's first, between which something goes wrong, as the
    /// policy sees it whichever end was upgraded first.
    pub fn answered(&self, method: usize) -> impl Iterator<Item = (u32, u32, Arc<Vec<Entry>>)> {
        let table = &self.tables[method];
        table
            .pairs()
            .map(|(client, server)| (client, server, table.entries(client, server, self.policy)))
    }

    /// The methods between whose kinds something may go wrong, and the kinds.
    fn differing(&self, client: usize, server: usize) -> impl Iterator<Item = (usize, u32, u32)> {
        let (clients, servers) =
            (&self.classes[client].keys.clients, &self.classes[server].keys.servers);
        // Between two ends of one shape nothing does, unless sources say so.
        let in_sources = self.scans.is_some();
        let keys = clients.iter().zip(servers.iter()).enumerate();
        let keys = keys.filter(move |(_, (a, b))| in_sources || a != b);
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
        // What sources say of it is the same whoever accepts it.
        let decide = |it: &Entry| {
            let allowed = self.policy.decide(it.finding.clone(), &setting)?.allowed;
            Some(Entry { allowed, ..it.clone() })
        };
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
