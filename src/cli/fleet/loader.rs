//! The versions that a fleet file names, and the releases between them: where each is found, and
//! each read once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use protoskew::{
    compile::{Layout, Scope, Units, alike, is_read},
    error::Error,
    fleet::Schema,
    plan::Shelf,
    policy::Policy,
    releases::{self, From, PreReleases, Selection},
    tree::{self, Repo, Source},
    version::{Version, load},
};

use super::{Args, Asked};
use crate::cli::{config, output};

/// Versions that are to be read, each once.
pub(super) struct Loader<'a> {
    args: &'a Args,
    /// The folder of the fleet file.
    beside: PathBuf,
    pub(super) policy: Policy,
    layout: Layout,
    /// What says by which configuration is judged, if a schema comes from this repository.
    head: Option<Source>,
    /// By repository, folder in it and revision: which of the sources it is.
    known: BTreeMap<(PathBuf, String, String), usize>,
    sources: Vec<(Layout, Source)>,
    named: BTreeMap<(usize, String), usize>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(args: &'a Args, asked: &Asked) -> Result<Loader<'a>, Error> {
        let folder = args.fleet.parent().unwrap_or(Path::new(""));
        let beside = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let (mut policy, mut layout) = (Policy::default(), Layout::default());
        let own = asked.file.written.component.iter().any(|it| it.schema.repo.is_none());
        let head = own.then(|| args.reading.default_head()).transpose()?;
        if let Some(head) = &head {
            let found = args.reading.configured.read(head)?;
            policy = found.as_ref().map(Policy::of).transpose()?.unwrap_or_default();
            policy.manifest.merge(config::callers(found.as_ref(), &head.top)?);
            layout = args.reading.layout(head, found.as_ref(), Scope::Whole);
        }
        layout.scope = Scope::Whole;
        Ok(Loader {
            args,
            beside: beside.to_owned(),
            policy,
            layout,
            head,
            known: BTreeMap::new(),
            sources: Vec::new(),
            named: BTreeMap::new(),
        })
    }

    /// All that runs, and all that is wanted.
    pub(super) fn wanted(&mut self, asked: &Asked) -> Result<(), Error> {
        for environment in asked.environments() {
            for component in 0..asked.fleet.components.len() {
                for version in environment.versions(component) {
                    self.version(asked, component, &version)?;
                }
            }
        }
        asked
            .targets
            .iter()
            .try_for_each(|(component, version)| self.version(asked, *component, version))
    }

    fn repo(&self, schema: &Schema) -> PathBuf {
        match &schema.repo {
            Some(repo) => self.beside.join(&repo.value),
            None => self.args.reading.repo.clone(),
        }
    }

    fn version(&mut self, asked: &Asked, component: usize, version: &str) -> Result<(), Error> {
        let schema = &asked.fleet.components[component].schema;
        let opened = self.open(schema, version);
        let at = opened.map_err(|error| asked.at_version(component, version, error))?;
        self.named.insert((component, version.to_owned()), at);
        Ok(())
    }

    fn open(&mut self, schema: &Schema, version: &str) -> Result<usize, Error> {
        let (repo, revision) = (self.repo(schema), self.revision(schema, version)?);
        let path = schema.path.as_ref().map(|it| it.value.trim_matches('/').to_owned());
        let path = path.unwrap_or_default();
        let key = (repo.clone(), path.clone(), revision.clone());
        if let Some(&known) = self.known.get(&key) {
            return Ok(known);
        }
        let name = if path.is_empty() { revision } else { format!("{revision}:{path}") };
        let source = tree::open(&name, &repo)?;
        let own = Layout { scope: Scope::Whole, ..Layout::default() };
        let layout = if schema.repo.is_none() { self.layout.clone() } else { own };
        self.sources.push((layout, source));
        self.known.insert(key, self.sources.len() - 1);
        Ok(self.sources.len() - 1)
    }

    /// The revision in which the schema of a version is.
    fn revision(&self, schema: &Schema, version: &str) -> Result<String, Error> {
        let template = schema.revision.as_ref().map_or("{version}", |it| it.value.as_str());
        if let Some(pin) = schema.pins.get(version) {
            return Ok(pin.value.clone());
        }
        let Some(pinned) = &schema.pinned else {
            return Ok(template.replace("{version}", version));
        };
        let source = tree::open(version, &self.beside.join(&pinned.repo.value))?;
        let (file, after) = (&pinned.file.value, &pinned.after.value);
        let document = source.top.read(file)?.ok_or_else(|| Error::NoSuchPath {
            version: version.to_owned(),
            path: file.clone(),
            help: "`pinned.file` is named from the top of `pinned.repo`".to_owned(),
        })?;
        let text = String::from_utf8_lossy(&document.bytes);
        let word = text.split_once(after.as_str()).and_then(|(_, rest)| {
            rest.split(|it: char| it.is_whitespace() || "\"',;)".contains(it)).next()
        });
        match word.filter(|it| !it.is_empty()) {
            Some(word) => Ok(template.replace("{version}", word)),
            None => Err(Error::NotPinned { file: document.name, after: after.clone() }),
        }
    }

    /// The releases of each component that takes part, of which no two neighbours have the same
    /// files, and those that run or are wanted.
    pub(super) fn shelf(&mut self, asked: &Asked) -> Result<Shelf, Error> {
        let mut shelf = Shelf::new();
        for (component, it) in asked.fleet.components.iter().enumerate() {
            let wanted = self.named.keys().filter(|(at, _)| *at == component);
            let wanted: BTreeSet<String> = wanted.map(|(_, version)| version.clone()).collect();
            let plain = it.schema.pins.is_empty() && it.schema.pinned.is_none();
            if wanted.is_empty() || !plain {
                continue;
            }
            let names = self.releases(&it.schema, &wanted)?;
            for version in &names {
                self.version(asked, component, version)?;
            }
            shelf.insert(component, names);
        }
        Ok(shelf)
    }

    /// The names of releases, in the order of versions: of those with the same schema that follow
    /// one another, the first and the last. Where there are no tags to choose from, there are none.
    fn releases(&self, schema: &Schema, wanted: &BTreeSet<String>) -> Result<Vec<String>, Error> {
        let repo = Repo::open(&self.repo(schema), is_read)?;
        let template = schema.revision.as_ref().map_or("{version}", |it| it.value.as_str());
        let (before, after) = template.split_once("{version}").unwrap_or((template, ""));
        let from =
            if before.is_empty() { From::Tags } else { From::Prefix(prefix(before, wanted)) };
        let find =
            |pre_releases| releases::find(&repo, &Selection { from: from.clone(), pre_releases });
        let version = |tag: &str| Some(tag.strip_prefix(before)?.strip_suffix(after)?.to_owned());
        let Ok(mut found) = find(PreReleases::Out) else { return Ok(Vec::new()) };
        let has = |found: &releases::Releases, wanted: &String| {
            found.all.iter().any(|it| version(&it.revision.name).as_ref() == Some(wanted))
        };
        if !wanted.iter().all(|it| has(&found, it)) {
            found = find(PreReleases::In)?;
        }
        let sign = |release: &releases::Release| alike(&repo.tree(&release.revision)).ok();
        let signs: Vec<_> = found.all.iter().map(sign).collect();
        let mut names = Vec::new();
        for (at, release) in found.all.iter().enumerate() {
            let Some(name) = version(&release.revision.name) else { continue };
            let first = at == 0 || signs[at - 1] != signs[at];
            let last = signs.get(at + 1) != Some(&signs[at]);
            if first || last || wanted.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.sources.len()
    }

    /// Reads them, in the order in which they were asked for. What cannot be read is unknown.
    pub(super) fn load(&mut self) -> (Vec<Version>, BTreeMap<(usize, String), usize>) {
        let _busy = output::busy("comparing versions");
        let units = Units::cached_in(tree::cache_folder(&self.args.reading.repo));
        let mut groups: Vec<(Layout, Vec<(usize, Source)>)> = Vec::new();
        for (at, (layout, source)) in self.sources.drain(..).enumerate() {
            match groups
                .iter_mut()
                .find(|(it, _)| it.paths == layout.paths && it.roots == layout.roots)
            {
                Some((_, sources)) => sources.push((at, source)),
                None => groups.push((layout, vec![(at, source)])),
            }
        }
        let mut versions: BTreeMap<usize, Version> = BTreeMap::new();
        for (layout, sources) in groups {
            let (places, sources): (Vec<usize>, Vec<Source>) = sources.into_iter().unzip();
            versions.extend(places.into_iter().zip(load(sources, &layout, &units)));
        }
        let versions: Vec<Version> = versions.into_values().collect();
        if let Some(head) = &self.head {
            config::date(&mut self.policy, &versions, &head.top);
        }
        (versions, std::mem::take(&mut self.named))
    }
}

/// What the tags of a component begin with, before their number.
fn prefix(before: &str, wanted: &BTreeSet<String>) -> String {
    let own = wanted.iter().next().map_or("", String::as_str);
    let digits = own.find(|it: char| it.is_ascii_digit()).unwrap_or_default();
    format!("{before}{}", &own[..digits])
}
