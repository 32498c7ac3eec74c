//! What the history of the schema says to a clue.

use std::collections::BTreeSet;

use super::{Clue, Says};
use crate::{
    error::near,
    history::{History, Kind, Run, Timeline, Timelines},
    policy::Evidence,
    schema::FullName,
};

/// What the releases say to a failed call.
pub struct Answer {
    /// What the log says.
    pub clue: Clue,
    /// Why the call failed, as far as schemas tell.
    pub cause: Cause,
    /// The calls, or the service, that the clue may mean.
    pub subjects: Vec<Subject>,
    /// Names that the log may mean, if no release has the one it gives.
    pub near: Vec<String>,
    /// What to look at, where the schema is not the cause.
    pub look: Vec<&'static str>,
}

/// Why a call failed, as far as schemas tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The server is a release that does not have what the caller calls.
    Skew,
    /// The words tell of something else than a method that is missing, or every server in question
    /// declares the method.
    Elsewhere,
    /// Some releases could not be read, and it depends on them.
    Unknown,
    /// No release has it.
    NotDeclared,
    /// The log does not name the call.
    NoName,
}

/// A call or a service, and who has it. Releases are given by their index.
pub struct Subject {
    /// When it was there.
    pub timeline: Timeline,
    /// The releases that lack it, in runs.
    pub lacking: Vec<Run>,
    /// The nearest release with it to which a server can be upgraded that is older.
    pub server_up: Option<usize>,
    /// The nearest release with it to which a server can be taken back that is newer.
    pub server_back: Option<usize>,
    /// The nearest release without it to which a client can be upgraded.
    pub client_up: Option<usize>,
    /// The nearest release without it to which a client can be taken back.
    pub client_back: Option<usize>,
    /// What the client that was named declares.
    pub client: Option<Declares>,
    /// What the server that was named declares.
    pub server: Option<Declares>,
    /// Which code makes the call, once somebody who may read sources has looked.
    pub made: Option<Made>,
}

/// Which code of a client makes a call.
pub struct Made {
    /// The client's release, by its index.
    pub by: usize,
    /// What its sources say, or why they were not searched.
    pub evidence: Result<Evidence, String>,
}

/// If a release declares an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Declares {
    Yes,
    No,
    Unknown,
}

/// The two ends, as far as the user named them, by the indices of their releases.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct Ends {
    pub client: Option<usize>,
    pub server: Option<usize>,
}

/// Looks the clue up in the releases.
pub fn answer(clue: Clue, history: &History, timelines: &Timelines<'_>, ends: Ends) -> Answer {
    let found = subjects(&clue, timelines);
    let subjects: Vec<Subject> =
        found.into_iter().map(|it| Subject::new(it, history, ends)).collect();
    let named = clue.service.is_some() || clue.method.is_some();
    let near = if named && subjects.is_empty() { alike(&clue, timelines) } else { Vec::new() };
    let cause = match clue.says {
        says if says.excludes_skew() => Cause::Elsewhere,
        _ if !named => Cause::NoName,
        _ if subjects.is_empty() => Cause::NotDeclared,
        _ => {
            subjects.iter().map(Subject::cause).min_by_key(|it| *it as u8).unwrap_or(Cause::NoName)
        }
    };
    let look = match cause {
        Cause::Skew | Cause::Unknown | Cause::NotDeclared => Vec::new(),
        // Which method it was is the first thing to find out.
        Cause::NoName if matches!(clue.says, Says::NoMethod | Says::NoService) => Vec::new(),
        Cause::Elsewhere | Cause::NoName => clue.says.look(),
    };
    Answer { clue, cause, subjects, near, look }
}

/// Without a call that is named: those that a client of one release makes and a server of another
/// does not have. `None` if one of them could not be read.
pub fn failing(history: &History, client: usize, server: usize) -> Option<Vec<FullName>> {
    use crate::history::Contents;
    let known = |release| matches!(history.contents(release), Contents::Known(it) if it.problems.is_empty());
    if !known(client) || !known(server) {
        return None;
    }
    let methods = |release: usize| history.contents(release).schemas().flat_map(|it| it.methods());
    let has = |name: &FullName| methods(server).any(|it| it.name == *name);
    let mut missing: Vec<FullName> =
        methods(client).map(|it| it.name.clone()).filter(|it| !has(it)).collect();
    missing.sort();
    missing.dedup();
    Some(missing)
}

/// The methods, or else the services, that a clue may mean: a log may give the end of a name only.
fn subjects(clue: &Clue, timelines: &Timelines<'_>) -> Vec<Timeline> {
    let service = |name: &str| {
        let wanted = clue.service.as_deref();
        wanted.is_none_or(|it| name == it || name.ends_with(&format!(".{it}")))
    };
    let mut found: Vec<Timeline> = match &clue.method {
        Some(method) => timelines.select(&|kind, name| {
            kind == Kind::Method && name.leaf() == method && service(name.parent())
        }),
        None if clue.service.is_some() => {
            timelines.select(&|kind, name| kind == Kind::Service && service(name.as_str()))
        }
        None => Vec::new(),
    };
    // A full name means that and nothing that ends in it.
    let exact = |it: &Timeline| {
        let owner = if it.kind == Kind::Method { it.name.parent() } else { it.name.as_str() };
        clue.service.as_deref() == Some(owner)
    };
    if found.iter().any(exact) {
        found.retain(exact);
    }
    found
}

/// What may have been meant by a name that no release has: the method in another service, as after
/// a package was renamed, before names that are spelled alike.
fn alike(clue: &Clue, timelines: &Timelines<'_>) -> Vec<String> {
    const MOST: usize = 3;
    let service = clue.service.as_deref().unwrap_or_default();
    let written = |found: &[Timeline]| found.iter().take(MOST).map(Timeline::written).collect();
    let Some(method) = &clue.method else {
        let leaf = service.rsplit('.').next().unwrap_or(service);
        let services = timelines.select(&|kind, _| kind == Kind::Service);
        let (same, _): (Vec<Timeline>, Vec<_>) =
            services.iter().cloned().partition(|it| it.name.leaf() == leaf);
        if !same.is_empty() {
            return written(&same);
        }
        let close = near(service, services.iter().map(|it| it.name.as_str()));
        return close.into_iter().map(str::to_owned).collect();
    };
    let same = timelines.select(&|kind, name| kind == Kind::Method && name.leaf() == method);
    if !same.is_empty() {
        return written(&same);
    }
    let methods = timelines.select(&|kind, _| kind == Kind::Method);
    // Of a service that there is, only the methods; else, those of the nearest.
    let services: BTreeSet<&str> = methods.iter().map(|it| it.name.parent()).collect();
    let around: Vec<&str> = match services.get(service) {
        _ if service.is_empty() => services.into_iter().collect(),
        Some(known) => vec![known],
        None => near(service, services),
    };
    let around = |it: &&Timeline| around.contains(&it.name.parent());
    let leaves: BTreeSet<&str> = methods.iter().filter(around).map(|it| it.name.leaf()).collect();
    let close = near(method, leaves);
    let close = methods.iter().filter(around).filter(|it| close.contains(&it.name.leaf()));
    close.take(MOST).map(Timeline::written).collect()
}

impl Subject {
    fn new(timeline: Timeline, history: &History, ends: Ends) -> Subject {
        let count = history.releases.len();
        let has = |at: &usize| timeline.has(*at);
        let lacks = |at: &usize| !timeline.has(*at) && !timeline.unknown.contains(at);
        let mut lacking: Vec<Run> = Vec::new();
        for release in (0..count).filter(lacks) {
            match lacking.last_mut() {
                Some(run) if run.last + 1 == release => run.last = release,
                _ => lacking.push(Run { first: release, last: release }),
            }
        }
        let declares = |release: usize| match (has(&release), lacks(&release)) {
            (true, _) => Declares::Yes,
            (_, true) => Declares::No,
            _ => Declares::Unknown,
        };
        // Of ends that nobody named, those that lie next to the newest releases with it.
        let run = timeline.runs.last();
        let server = |beside: Option<usize>| ends.server.or(beside);
        let older = run.and_then(|it| it.first.checked_sub(1));
        let newer = run.map(|it| it.last + 1).filter(|it| *it < count);
        let server_up = server(older).and_then(|at| (at..count).find(has));
        let server_back = server(newer).and_then(|at| (0..at).rev().find(has));
        let client_up = ends.client.or(newer).and_then(|at| (at..count).find(lacks));
        let client_back = ends.client.or(run.map(|it| it.first));
        let client_back = client_back.and_then(|at| (0..at).rev().find(lacks));
        let client = ends.client.map(declares);
        let server = ends.server.map(declares);
        Subject {
            lacking,
            server_up,
            server_back,
            client_up,
            client_back,
            client,
            server,
            made: None,
            timeline,
        }
    }

    /// The release whose sources tell which code makes the call: that of the client that was named,
    /// or else the newest that declares it.
    pub fn caller(&self, ends: Ends) -> Option<usize> {
        let newest = self.timeline.runs.last().map(|it| it.last);
        ends.client.or(newest).filter(|it| self.timeline.has(*it))
    }

    fn cause(&self) -> Cause {
        match self.server {
            Some(Declares::No) => Cause::Skew,
            Some(Declares::Yes) => Cause::Elsewhere,
            Some(Declares::Unknown) => Cause::Unknown,
            None if !self.lacking.is_empty() => Cause::Skew,
            None if !self.timeline.unknown.is_empty() => Cause::Unknown,
            None => Cause::Elsewhere,
        }
    }
}
