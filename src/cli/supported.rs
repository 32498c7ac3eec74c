//! `protoskew check --window`: one version against every release that it has to get on with.

use std::collections::BTreeMap;

use protoskew::{
    callsites,
    check::Pair,
    compile::{alike, is_read},
    config::{self, At, Config},
    error::Error,
    releases::{self, Release, Releases},
    schema::Names,
    skew::Pairing,
    tree::{Oid, Repo, Revision, Source},
    window::{self, Members, Roles, Seat, Window, Windows, merge},
};

use super::{
    judging::{Judged, Judging, Known, Terms},
    since::Choosing,
};

#[derive(clap::Args)]
pub(super) struct Supported {
    /// Judge the version that is named, or the working tree, against every release that it has to
    /// get on with: `client=3,server=2` for clients that are at most three release lines ahead of
    /// their server, and servers at most two ahead of their clients [default: as the configuration
    /// says].
    #[arg(long, value_name = "WINDOW", num_args = 0..=1, require_equals = true,
          default_missing_value = "", conflicts_with_all = ["head", "client"])]
    pub(super) window: Option<String>,
    #[command(flatten)]
    choosing: Choosing,
}

/// Releases that hold the same, and in which of the two roles the head meets them.
struct Class {
    members: Members,
    pairings: Vec<Pairing>,
    /// The same by window.
    roles: Roles,
}

impl Supported {
    /// Judges the head of `judging` against the releases in the window.
    pub(super) fn run(
        &self,
        spec: &str,
        judging: &Judging,
        known: &Known,
    ) -> Result<Judged, Error> {
        let reading = &judging.terms.reading;
        let open = || match &judging.base {
            Some(head) => reading.open(head),
            None => reading.default_head(),
        };
        judge(&self.choosing, spec, &open, &judging.terms, known)
    }
}

/// Judges what `open` opens, more than once if need be, against the releases in the window.
pub(super) fn judge(
    choosing: &Choosing,
    spec: &str,
    open: &dyn Fn() -> Result<Source, Error>,
    terms: &Terms,
    known: &Known,
) -> Result<Judged, Error> {
    let reading = &terms.reading;
    let head = open()?;
    let config = reading.configured.read(&head)?;
    let windows = windows(spec, config.as_ref())?;
    let repo = Repo::open(&reading.repo, is_read)?;
    let releases = releases::find(&repo, &choosing.selection(config.as_ref()))?;
    let commit = |it: &Release| it.revision.commit.to_string();
    let own = releases.all.iter().position(|it| Some(commit(it)) == head.commit);
    let sources = match terms.reads_sources() {
        true => Some(Repo::open(&reading.repo, callsites::is_read)?),
        false => None,
    };
    let sign = |revision: &Revision| {
        let code = sources.as_ref().map(|it| callsites::alike(&it.tree(revision))).transpose()?;
        Ok((alike(&repo.tree(revision))?, code.flatten()))
    };
    let classes = classes(&releases, own, &windows, &sign)?;
    if classes.is_empty() {
        return Err(Error::NoReleases {
            what: "no release is in the window".to_owned(),
            help: "`protoskew matrix` lists the releases; widen the window".to_owned(),
        });
    }
    let ranges = ranges(&releases, &classes);
    let sources = || -> Result<Vec<Source>, Error> {
        let mut sources = Vec::new();
        for class in &classes {
            let first = class.members.places[0];
            sources.push(reading.release(&releases.all[first].revision)?);
        }
        for (newest, range) in &ranges {
            sources.push(reading.release(&releases.all[*newest].revision)?.renamed(range));
        }
        sources.push(open()?);
        Ok(sources)
    };
    let (all, head) = ([classes.len(), classes.len() + 1], classes.len() + 2);
    let wanted = terms.pairs(0, 1);
    let pairs = pairs(&classes, head, own).into_iter();
    let pairs: Vec<Pair> =
        pairs.filter(|pair| wanted.iter().any(|it| it.pairing == pair.pairing)).collect();
    let mut judged = terms.judge(&sources, &pairs, known)?;
    for verdict in &mut judged.report.verdicts {
        let roles = &classes[verdict.pair.base].roles;
        windows.narrow(verdict, roles);
    }
    let members: Vec<Members> = classes.into_iter().map(|it| it.members).collect();
    merge(&mut judged.report, &members, all);
    Ok(judged)
}

/// What stands for all servers, and for all clients: the newest of them, and the name of all.
fn ranges(releases: &Releases, classes: &[Class]) -> [(usize, String); 2] {
    let name = |place: usize| &releases.all[place].revision.name;
    [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER].map(|pairing| {
        let met = classes.iter().filter(|it| it.pairings.contains(&pairing));
        let places: Vec<usize> = met.flat_map(|it| it.members.places.clone()).collect();
        let [oldest, newest] = [places.iter().min(), places.iter().max()].map(|it| {
            // Nobody meets the head in this role; any release does.
            it.copied().unwrap_or(classes[0].members.places[0])
        });
        let range = match oldest == newest {
            true => name(newest).clone(),
            false => format!("{} … {}", name(oldest), name(newest)),
        };
        (newest, range)
    })
}

/// Each class with the head, in the roles in which they meet.
fn pairs(classes: &[Class], head: usize, own: Option<usize>) -> Vec<Pair> {
    // Of an old release some peers are newer: then neither end is the newer one of all pairs.
    let mut places = classes.iter().flat_map(|it| &it.members.places);
    let explicit = own.is_some_and(|own| places.any(|place| *place > own));
    let pairs = classes.iter().enumerate().flat_map(|(base, class)| {
        let pair = move |&pairing| Pair { base, head, pairing, explicit };
        class.pairings.iter().map(pair)
    });
    pairs.collect()
}

/// The windows that a flag or the configuration says.
pub(super) fn windows(spec: &str, config: Option<&Config>) -> Result<Windows, Error> {
    if !spec.is_empty() {
        let window = spec.parse::<Window>();
        let window = window.map_err(|reason| Error::Window { window: spec.to_owned(), reason })?;
        return Ok(Windows::one(window));
    }
    match config.filter(|it| has_window(it)) {
        Some(config) => configured(config),
        None => Err(Error::Window {
            window: "--window".to_owned(),
            reason: "the configuration has no `[window]`".to_owned(),
        }),
    }
}

/// The configuration says for some calls how far apart the two ends may be.
pub(super) fn has_window(config: &Config) -> bool {
    let written = &config.written;
    let mut boundaries = written.boundary.iter().flatten();
    written.window.is_some() || boundaries.any(|it| it.window.is_some())
}

/// A boundary without a window of its own goes by that of all.
fn configured(config: &Config) -> Result<Windows, Error> {
    let written = &config.written;
    let names = |all: &Option<Vec<At<String>>>| -> Result<Option<Vec<Names>>, Error> {
        let name = |it: &At<String>| {
            Names::new(&it.value).map_err(|reason| {
                let help = "`*` stands for anything between two dots: `v2.16.*`".to_owned();
                let message = format!("this is no pattern of releases: {reason}");
                config.fault(it, message, "here", help)
            })
        };
        all.as_ref().map(|it| it.iter().map(name).collect()).transpose()
    };
    let window = |it: Option<&config::Window>| -> Result<Window, Error> {
        let Some(it) = it.or(written.window.as_ref()) else { return Ok(Window::default()) };
        Ok(Window {
            client: it.newer_client,
            server: it.newer_server,
            servers: names(&it.servers)?,
            clients: names(&it.clients)?,
        })
    };
    let Some(boundaries) = &written.boundary else { return Ok(Windows::one(window(None)?)) };
    let each = boundaries.iter().map(|it| {
        let services = names(&Some(it.services.clone()))?.unwrap_or_default();
        Ok((services, window(it.window.as_ref())?))
    });
    Ok(Windows::each(each.collect::<Result<_, Error>>()?))
}

/// What tells releases apart: their `.proto` files, and their sources, if those are read.
type Sign = (Option<Oid>, Option<Oid>);

/// The releases in the window of a head. What is not released yet belongs to the line that follows
/// the newest.
fn classes(
    releases: &Releases,
    own: Option<usize>,
    windows: &Windows,
    sign: &dyn Fn(&Revision) -> Result<Sign, Error>,
) -> Result<Vec<Class>, Error> {
    let lines = releases::lines(&releases.all);
    let next = lines.last().map_or(0, |last| last + 1);
    let own_line = own.map_or(next, |at| lines[at]);
    let mut classes: BTreeMap<(Sign, Roles), Class> = BTreeMap::new();
    for (at, release) in releases.all.iter().enumerate() {
        // A number in doubt says nothing of how far apart releases are.
        if Some(at) == own || release.doubt.is_some() {
            continue;
        }
        let name = release.revision.name.clone();
        let roles = windows.roles(own_line, Seat { place: at, line: lines[at], name: &name });
        let pairings = window::roles(&roles);
        if pairings.is_empty() {
            continue;
        }
        let class = classes.entry((sign(&release.revision)?, roles.clone())).or_insert_with(|| {
            Class { members: Members { places: Vec::new(), names: Vec::new() }, pairings, roles }
        });
        class.members.places.push(at);
        class.members.names.push(name);
    }
    let mut classes: Vec<Class> = classes.into_values().collect();
    classes.sort_by(|a, b| a.members.places.cmp(&b.members.places));
    Ok(classes)
}
