//! When each element was there.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    rc::Rc,
    sync::Arc,
};

use super::{Contents, History};
use crate::{
    error::{Error, did_you_mean},
    schema::{FullName, Schema},
};

/// What an element is, in protobuf's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    Service,
    Method,
    Message,
    Field,
    Enum,
    EnumValue,
}

/// Every element that any release has.
pub struct Timelines<'h> {
    history: &'h History,
    lines: Vec<(Option<&'h str>, Vec<usize>)>,
    elements: BTreeMap<(Kind, FullName), Seen>,
}

/// Where one element was seen.
#[derive(Default)]
struct Seen {
    /// By class.
    has: Vec<bool>,
    /// The files that declared it, where that matters.
    files: BTreeSet<Arc<str>>,
}

/// When one element was there. Releases are given by their index in [`History::releases`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// What it is.
    pub kind: Kind,
    /// Its full name.
    pub name: FullName,
    /// The first release that has it, in the order of versions. One whose number is in doubt counts
    /// only if no other has it.
    pub first: Option<usize>,
    /// The releases that have it, in runs that no release without it interrupts.
    pub runs: Vec<Run>,
    /// The releases of which nobody knows.
    pub unknown: Vec<usize>,
    /// Per release line in which it is: where it starts there.
    pub lines: Vec<Start>,
}

/// Releases that follow one another, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Run {
    pub first: usize,
    pub last: usize,
}

/// How an element starts in a release line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The line: `2.8`.
    pub line: String,
    /// The releases of the line that have it, in runs.
    pub runs: Vec<Run>,
    /// Every release of the line that follows the first of these has it too.
    pub steady: bool,
    /// Every release of the line has it.
    pub whole: bool,
}

impl<'h> Timelines<'h> {
    /// Looks at every element of every release.
    pub fn new(history: &'h History) -> Timelines<'h> {
        let unread = |schema: &Schema| !schema.unread.is_empty();
        let doubtful = history.classes.iter().any(|it| it.contents.schemas().any(unread));
        let mut table = Table { count: history.classes.len(), ..Table::default() };
        for (at, class) in history.classes.iter().enumerate() {
            for schema in class.contents.schemas() {
                table.see(at, schema, doubtful);
            }
        }
        let elements = table.keys.into_iter().zip(table.seen).collect();
        Timelines { history, lines: history.lines(), elements }
    }

    /// Those of some kinds, or of all if none is named: services, methods, messages, fields, enums
    /// and their values, each by name.
    pub fn of<'t>(&'t self, kinds: &'t [Kind]) -> impl Iterator<Item = Timeline> + 't {
        let wanted = |kind: &Kind| kinds.is_empty() || kinds.contains(kind);
        let elements = self.elements.iter().filter(move |((kind, _), _)| wanted(kind));
        elements.map(|((kind, name), seen)| self.timeline(*kind, name, seen))
    }

    /// Those whose kind and full name are wanted, in the order of [`Self::of`].
    pub fn select(&self, wanted: &dyn Fn(Kind, &FullName) -> bool) -> Vec<Timeline> {
        let elements = self.elements.iter().filter(|((kind, name), _)| wanted(*kind, name));
        elements.map(|((kind, name), seen)| self.timeline(*kind, name, seen)).collect()
    }

    /// The element that somebody means: `/pkg.Service/Method`, `pkg.Message.field`, or as much of
    /// the end of that as is enough to tell it from others.
    ///
    /// # Errors
    /// No element has that name, or several end in it.
    pub fn find(&self, text: &str) -> Result<Timeline, Error> {
        let wanted = FullName::new(&text.trim_start_matches('/').replace('/', "."));
        let named = |name: &&(Kind, FullName)| name.1 == wanted;
        let tail = format!(".{wanted}");
        let ends = |name: &&(Kind, FullName)| name.1.as_str().ends_with(&tail);
        let mut found: Vec<&(Kind, FullName)> = self.elements.keys().filter(named).collect();
        if found.is_empty() {
            found = self.elements.keys().filter(ends).collect();
        }
        match found.as_slice() {
            [key] => Ok(self.timeline(key.0, &key.1, &self.elements[*key])),
            [] => Err(self.unknown(text, &wanted)),
            several => {
                let names = several.iter().take(3).map(|it| written(it.0, &it.1));
                let names = names.collect::<Vec<String>>().join("` and `");
                let what = format!("several elements are named so, among them `{names}`");
                Err(Error::UnknownElement { name: text.to_owned(), help: what })
            }
        }
    }

    fn unknown(&self, text: &str, wanted: &FullName) -> Error {
        let leaf = self.elements.keys().find(|(_, name)| name.leaf() == wanted.leaf());
        let help = match leaf {
            Some((kind, name)) => format!("did you mean `{}`?", written(*kind, name)),
            None => {
                let names: Vec<String> =
                    self.elements.keys().map(|(kind, name)| written(*kind, name)).collect();
                did_you_mean(text, names.iter().map(String::as_str))
            }
        };
        let all = "`protoskew since --all` lists what there is".to_owned();
        let help = if help.is_empty() { all } else { help };
        Error::UnknownElement { name: text.to_owned(), help }
    }

    fn timeline(&self, kind: Kind, name: &FullName, seen: &Seen) -> Timeline {
        let history = self.history;
        let classes = history.classes.iter().enumerate();
        let unknown: Vec<bool> =
            classes.map(|(at, class)| !seen.has[at] && seen.hidden(&class.contents)).collect();
        let has = |release: &usize| seen.has[history.class_of[*release]];
        let own = runs((0..history.releases.len()).filter(has));
        let mut having = own.iter().flat_map(|run| run.first..=run.last);
        let sure = having.find(|it| history.releases[*it].doubt.is_none());
        let first = sure.or(own.first().map(|run| run.first));
        let lines = self.lines.iter().filter_map(|(line, members)| {
            let runs = runs(members.iter().copied().filter(has));
            let steady = runs.first().is_some_and(|run| Some(&run.last) == members.last());
            let whole = steady && Some(&runs[0].first) == members.first();
            (!runs.is_empty()).then_some(Start { line: (*line)?.to_owned(), runs, steady, whole })
        });
        let lines = lines.collect();
        let releases = 0..history.releases.len();
        let unknown = releases.filter(|it| unknown[history.class_of[*it]]).collect();
        Timeline { kind, name: name.clone(), first, runs: own, unknown, lines }
    }
}

/// Releases in order, those that follow one another together.
pub fn runs(releases: impl IntoIterator<Item = usize>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for release in releases {
        match runs.last_mut() {
            Some(run) if run.last + 1 == release => run.last = release,
            _ => runs.push(Run { first: release, last: release }),
        }
    }
    runs
}

impl Seen {
    fn new(classes: usize) -> Seen {
        Seen { has: vec![false; classes], files: BTreeSet::new() }
    }

    /// A release may have it all the same, in a file that could not be read.
    fn hidden(&self, contents: &Contents) -> bool {
        match contents {
            Contents::Unknown(_) => true,
            Contents::Nothing(_) => false,
            Contents::Known(compiled) => {
                self.files.iter().any(|file| compiled.schema.unread.contains(file))
            }
        }
    }
}

/// Elements, each with a number. What is one value in many releases is looked at once.
#[derive(Default)]
struct Table {
    /// How many classes there are.
    count: usize,
    numbers: HashMap<(Kind, FullName), usize, foldhash::fast::RandomState>,
    keys: Vec<(Kind, FullName)>,
    seen: Vec<Seen>,
    /// By the address of a message or an enum: its elements, and itself first.
    parts: HashMap<usize, Rc<[usize]>, foldhash::fast::RandomState>,
}

impl Table {
    /// The entries of maps are no elements: nobody wrote them.
    fn see(&mut self, at: usize, schema: &Schema, doubtful: bool) {
        let whole = schema.sites.files.values().all(|it| it.judged);
        let judged = |name: &FullName| whole || schema.sites.judged(name);
        for service in schema.services.values() {
            let own = std::iter::once((Kind::Service, &service.name));
            let methods = service.methods.keys().map(|name| (Kind::Method, name));
            for (kind, name) in own.chain(methods) {
                let number = self.number(kind, name);
                self.mark(number, at, schema, doubtful);
            }
        }
        for message in schema.messages.values().filter(|it| !it.map_entry) {
            let parts = self.parts(Arc::as_ptr(message) as usize, || {
                let fields = message.fields.values().map(|it| (Kind::Field, it.name.clone()));
                std::iter::once((Kind::Message, message.name.clone())).chain(fields).collect()
            });
            let own = judged(&message.name);
            for &part in &*parts {
                let name = &self.keys[part].1;
                let inside = name.parent() == message.name.as_str() || *name == message.name;
                if if inside { own } else { judged(name) } {
                    self.mark(part, at, schema, doubtful);
                }
            }
        }
        for it in schema.enums.values().filter(|it| judged(&it.name)) {
            let parts = self.parts(Arc::as_ptr(it) as usize, || {
                let values = it.names().into_iter().map(|name| (Kind::EnumValue, name));
                std::iter::once((Kind::Enum, it.name.clone())).chain(values).collect()
            });
            parts.iter().for_each(|part| self.mark(*part, at, schema, doubtful));
        }
    }

    /// The numbers of the elements of a message or an enum, by where in memory it is.
    fn parts(
        &mut self,
        address: usize,
        elements: impl FnOnce() -> Vec<(Kind, FullName)>,
    ) -> Rc<[usize]> {
        if let Some(known) = self.parts.get(&address) {
            return known.clone();
        }
        let numbers = elements().into_iter().map(|(kind, name)| self.number(kind, &name));
        let parts: Rc<[usize]> = numbers.collect();
        self.parts.insert(address, parts.clone());
        parts
    }

    fn number(&mut self, kind: Kind, name: &FullName) -> usize {
        let next = self.keys.len();
        let number = *self.numbers.entry((kind, name.clone())).or_insert(next);
        if number == next {
            self.keys.push((kind, name.clone()));
            self.seen.push(Seen::new(self.count));
        }
        number
    }

    fn mark(&mut self, element: usize, at: usize, schema: &Schema, doubtful: bool) {
        let seen = &mut self.seen[element];
        seen.has[at] = true;
        if doubtful && let Some(file) = schema.sites.file(&self.keys[element].1) {
            seen.files.insert(file.path.clone());
        }
    }
}

impl Timeline {
    /// As people write it: methods as gRPC does, `/pkg.Service/Method`.
    pub fn written(&self) -> String {
        written(self.kind, &self.name)
    }

    /// A release has it.
    pub fn has(&self, release: usize) -> bool {
        self.runs.iter().any(|run| (run.first..=run.last).contains(&release))
    }

    /// The release from which on every one has it, up to the newest of `count`; `None` if the
    /// newest does not have it, or is unknown.
    pub fn steady_from(&self, count: usize) -> Option<usize> {
        self.runs.last().filter(|run| run.last + 1 == count).map(|run| run.first)
    }
}

fn written(kind: Kind, name: &FullName) -> String {
    match kind {
        Kind::Method => name.path(),
        _ => name.to_string(),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Service => "service",
            Kind::Method => "method",
            Kind::Message => "message",
            Kind::Field => "field",
            Kind::Enum => "enum",
            Kind::EnumValue => "enum value",
        })
    }
}
