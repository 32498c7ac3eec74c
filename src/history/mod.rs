//! Every release of a schema, and which elements each of them has.
//!
//! Work is shared by content: releases with the same files are one class, compiled once, and an
//! element that is the same in two classes is one value.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicUsize, Ordering},
};

use rayon::prelude::*;

use crate::{
    compile::{Compiled, Input, Layout, Scope, Units, alike, compile_each},
    error::Error,
    imports,
    releases::{Release, Releases, Taken},
    tree::{Oid, Repo, Tree},
};

mod intern;
mod origin;
mod timeline;

pub use origin::{Origin, origin};
pub use timeline::{Kind, Run, Start, Timeline, Timelines, runs};

use intern::Interner;

/// The releases of a repository, read.
pub struct History {
    /// In the order of versions.
    pub releases: Vec<Release>,
    /// Per release: which of the classes it belongs to.
    pub class_of: Vec<usize>,
    /// Releases that hold the same files, together; in the order of their first.
    pub classes: Vec<Class>,
}

/// Releases that hold the same files.
pub struct Class {
    /// Their indices, in order.
    pub releases: Vec<usize>,
    /// What they hold.
    pub contents: Contents,
}

/// What a release holds.
pub enum Contents {
    /// Files that were read. Some of them may be unknown: `Compiled::problems`.
    Known(Box<Compiled>),
    /// No `.proto` file, or none of those that are judged. Nothing that it declares was missed.
    Nothing(Error),
    /// Files that could not be read: what they declare is unknown.
    Unknown(Error),
}

/// Is told how far the reading has come: what was read, and all that there is, by classes of
/// releases that hold the same.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// As much text is read at once, and forgotten before there is more: parsed, it takes about ten
/// times the room.
const AT_ONCE: usize = 24 << 20;

/// Reads releases.
///
/// Of the commits of a branch, only those are kept that hold other files than the one before.
///
/// # Errors
/// A release cannot be listed. One that cannot be compiled is a class whose contents are unknown.
pub fn read(
    repo: &Repo,
    releases: Releases,
    layout: &Layout,
    progress: Progress<'_>,
) -> Result<History, Error> {
    let each_commit = matches!(releases.taken, Taken::Branch(_));
    let others = releases.others.iter().max_by_key(|(_, count)| **count);
    let others = others.map(|(prefix, _)| prefix.clone());
    let mut releases = releases.all;
    let trees: Vec<Tree> = releases.iter().map(|it| repo.tree(&it.revision)).collect();
    let signs: Vec<Option<Oid>> = trees.par_iter().map(alike).collect::<Result<_, Error>>()?;
    let mut kept: Vec<usize> = (0..releases.len()).collect();
    if each_commit {
        kept.dedup_by_key(|at| signs[*at]);
        let mut all: Vec<Option<Release>> = releases.into_iter().map(Some).collect();
        releases = kept.iter().filter_map(|&at| all[at].take()).collect();
    }
    let mut classes: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut known: HashMap<Option<Oid>, usize> = HashMap::new();
    for (at, &tree) in kept.iter().enumerate() {
        let class = *known.entry(signs[tree]).or_insert_with(|| {
            classes.push((tree, Vec::new()));
            classes.len() - 1
        });
        classes[class].1.push(at);
    }
    let mut class_of = vec![0; releases.len()];
    for (class, (_, members)) in classes.iter().enumerate() {
        members.iter().for_each(|&member| class_of[member] = class);
    }
    let mut trees: Vec<Option<Tree>> = trees.into_iter().map(Some).collect();
    let representatives = classes.iter().filter_map(|(tree, _)| trees[*tree].take()).collect();
    let contents = contents(repo, representatives, layout, progress);
    if contents.iter().all(is_nothing) {
        return Err(nowhere(&layout.paths, &releases, others));
    }
    let members = classes.into_iter().map(|(_, members)| members);
    let classes = members.zip(contents).map(|(releases, contents)| Class { releases, contents });
    Ok(History { releases, class_of, classes: classes.collect() })
}

/// What trees hold, read in portions.
fn contents(
    repo: &Repo,
    mut rest: Vec<Tree>,
    layout: &Layout,
    progress: Progress<'_>,
) -> Vec<Contents> {
    let layout = Layout { scope: Scope::Whole, ..layout.clone() };
    let (units, interner) = (Units::default(), Interner::default());
    let all = rest.len();
    let mut contents = Vec::with_capacity(all);
    let done = AtomicUsize::new(0);
    progress(0, all);
    while !rest.is_empty() {
        let portion: Vec<Tree> = rest.drain(..fitting(repo, &rest)).collect();
        let inputs: Vec<Input<'_>> = portion.iter().map(Input::Tree).collect();
        let keep = |compiled| {
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            interner.intern(compiled)
        };
        contents
            .extend(compile_each(&inputs, &layout, &units, &keep).into_iter().map(Contents::of));
        units.forget();
    }
    contents
}

/// How many trees may be read at once; one at least.
fn fitting(repo: &Repo, trees: &[Tree]) -> usize {
    let mut seen: HashSet<Oid> = HashSet::new();
    let mut room = AT_ONCE;
    let fits = trees.iter().take_while(|tree| {
        let before = room;
        let files = tree.files(&|path| path.ends_with(".proto")).unwrap_or_default();
        let new = files.iter().filter(|file| file.id.is_none_or(|id| seen.insert(id)));
        room = room.saturating_sub(new.map(|file| repo.size(file)).sum());
        before > 0
    });
    fits.count().max(1)
}

fn is_nothing(contents: &Contents) -> bool {
    matches!(contents, Contents::Nothing(_))
}

/// No release has anything: of a folder that somebody named, that is a slip of the pen, most likely.
fn nowhere(paths: &[String], releases: &[Release], others: Option<String>) -> Error {
    if let Some(path) = paths.first() {
        let help = "folders are named from the top of a version, wherever you are".to_owned();
        let (version, path) = ("any release".to_owned(), path.clone());
        return Error::NoSuchPath { version, path, help };
    }
    let [first, last] = [releases.first(), releases.last()]
        .map(|it| it.map_or("", |release| release.revision.name.as_str()));
    let what = format!("no release has a .proto file, from `{first}` to `{last}`");
    let help = match others {
        Some(prefix) => format!("`--prefix '{prefix}'` takes another family of tags"),
        None => "`--repo DIR` names another repository, `--tags REGEX` other tags".to_owned(),
    };
    Error::NoReleases { what, help }
}

/// It is a mistake in a file that is there for tests, or in a copy.
fn is_fixture(problem: &Error) -> bool {
    let path = problem.file().map(|file| file.split_once(':').map_or(file, |(_, path)| path));
    path.is_some_and(|path| {
        let tests = ["test", "tests", "fixtures"];
        imports::is_copy(path) || path.split('/').any(|folder| tests.contains(&folder))
    })
}

impl Contents {
    fn of(compiled: Result<Compiled, Error>) -> Contents {
        match compiled {
            Ok(mut compiled) => {
                // Fixtures are broken on purpose at times, and nobody serves them.
                let mut fixture = false;
                compiled.problems.retain(|problem| {
                    // More of the same are of the same file.
                    if !matches!(problem, Error::More { .. }) {
                        fixture = is_fixture(problem);
                    }
                    !fixture
                });
                Contents::Known(Box::new(compiled))
            }
            Err(error @ Error::NoProtoFiles { .. }) => Contents::Nothing(error),
            Err(error) => Contents::Unknown(error),
        }
    }

    /// The schemas of a release that was read: its own, then those of copies in it.
    pub fn schemas(&self) -> impl Iterator<Item = &crate::schema::Schema> {
        let known = match self {
            Contents::Known(compiled) => Some(compiled),
            Contents::Nothing(_) | Contents::Unknown(_) => None,
        };
        known.into_iter().flat_map(|it| std::iter::once(&it.schema).chain(it.copies.values()))
    }

    /// Why not all of it is known.
    pub fn reason(&self) -> Option<String> {
        match self {
            Contents::Known(compiled) => {
                let first = compiled.problems.first()?.brief();
                Some(match compiled.problems.len() - 1 {
                    0 => format!("not all of it could be read: {first}"),
                    more => format!("not all of it could be read: {first}; and {more} more"),
                })
            }
            Contents::Nothing(error) | Contents::Unknown(error) => Some(match error.causes() {
                [] => error.brief(),
                [only] => format!("{error}: {}", only.brief()),
                [first, rest @ ..] => {
                    format!("{error}: {}; and {} more", first.brief(), rest.len())
                }
            }),
        }
    }
}

impl History {
    /// The index of a release, by its name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.releases.iter().position(|it| it.revision.name == name)
    }

    /// The name of a release.
    pub fn name(&self, release: usize) -> &str {
        &self.releases[release].revision.name
    }

    /// What a release holds.
    pub fn contents(&self, release: usize) -> &Contents {
        &self.classes[self.class_of[release]].contents
    }

    /// The release lines, in order, and the releases of each. Those without a line make one each.
    pub fn lines(&self) -> Vec<(Option<&str>, Vec<usize>)> {
        let mut lines: Vec<(Option<&str>, Vec<usize>)> = Vec::new();
        for (at, release) in self.releases.iter().enumerate() {
            let line = release.line.as_deref();
            match lines.last_mut() {
                Some((last, members)) if line.is_some() && *last == line => members.push(at),
                _ => lines.push((line, vec![at])),
            }
        }
        lines
    }
}
