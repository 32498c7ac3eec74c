//! `protoskew can-i-deploy` and `plan`: a fleet file, read, with the versions that it names.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::ValueEnum;
use protoskew::{
    compile::{Layout, Scope, Units, alike, is_read},
    config::File,
    error::Error,
    fleet::{Answer, Environment, Fleet, FleetFile, Meetings, Schema, Target, decide},
    plan::{self, Shelf, Way, plan},
    policy::Policy,
    releases::{self, From, PreReleases, Selection},
    report::{fleet as pages, json, markdown_fleet},
    tree::{self, Repo, Source},
    version::{Version, load},
};

use super::{Failure, Output, Reading, config, output};

/// A fleet file, and what is to be done.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The file that says what runs where.
    #[arg(long, value_name = "FILE", default_value = "fleet.toml")]
    fleet: PathBuf,
    /// A component and the version that it is to have; may be given several times.
    #[arg(long = "upgrade", value_name = "COMPONENT=VERSION")]
    upgrades: Vec<String>,
    /// Only this environment; may be given several times.
    #[arg(long = "env", value_name = "NAME")]
    environments: Vec<String>,
    /// Leave out shipped versions whose support ended before this day, `2026-12-31`.
    #[arg(long, value_name = "DATE")]
    on: Option<jiff::civil::Date>,
    #[command(flatten)]
    reading: Reading,
    /// How to print it.
    #[arg(long, default_value = "human")]
    format: Format,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
    Markdown,
}

pub(super) fn can_i_deploy(args: Args) -> Result<ExitCode, Failure> {
    let asked = Asked::new(&args)?;
    if asked.targets.is_empty() {
        let help = "`--upgrade traffic-agent=v2.17.0`; may be given several times".to_owned();
        return Err(Error::NoUpgrade { help }.into());
    }
    let mut loader = Loader::new(&args, &asked)?;
    loader.wanted(&asked)?;
    let (versions, named) = loader.load();
    say_problems(&versions);
    let meetings = Meetings::new(&asked.fleet, &versions, named, loader.policy);
    let decisions: Vec<_> = asked
        .environments()
        .map(|it| decide(&asked.fleet, it, &asked.targets_in(it), &meetings))
        .collect();
    let mut out = Output::to(args.output);
    match args.format {
        Format::Human => pages::decisions(&asked.fleet, &decisions, &mut out)?,
        Format::Json => json::render_decisions(&asked.fleet, &decisions, &mut out)?,
        Format::Markdown => markdown_fleet::decisions(&asked.fleet, &decisions, &mut out)?,
    }
    out.finish()?;
    Ok(match decisions.iter().map(|it| it.answer).max() {
        Some(Answer::Yes) | None => ExitCode::SUCCESS,
        Some(Answer::No) => ExitCode::from(1),
        Some(Answer::Unknown) => ExitCode::from(2),
    })
}

pub(super) fn plan_upgrades(args: Args) -> Result<ExitCode, Failure> {
    let asked = Asked::new(&args)?;
    let mut loader = Loader::new(&args, &asked)?;
    loader.wanted(&asked)?;
    let shelf = loader.shelf(&asked)?;
    let (versions, named) = loader.load();
    say_problems(&versions);
    let meetings = Meetings::new(&asked.fleet, &versions, named, loader.policy);
    let plans: Vec<plan::Plan> = asked
        .environments()
        .map(|it| plan(&asked.fleet, it, &asked.targets_in(it), &shelf, &meetings))
        .collect();
    let mut out = Output::to(args.output);
    match args.format {
        Format::Human => pages::plans(&asked.fleet, &plans, &mut out)?,
        Format::Json => json::render_plans(&asked.fleet, &plans, &mut out)?,
        Format::Markdown => markdown_fleet::plans(&asked.fleet, &plans, &mut out)?,
    }
    out.finish()?;
    Ok(exit_code(&plans))
}

/// 0 if there is an order for all, 1 if some have none, 2 if that is not known. Without upgrades, 1
/// if something is broken.
fn exit_code(plans: &[plan::Plan]) -> ExitCode {
    let unsure = plans.iter().any(|it| match &it.way {
        Way::None { blocked, cut_off } => *cut_off || blocked.iter().any(|it| it.new.is_empty()),
        Way::Steps(_) | Way::Nothing => false,
    });
    let none = plans.iter().any(|it| matches!(it.way, Way::None { .. }));
    let broken = plans.iter().any(|it| matches!(it.way, Way::Nothing) && !it.repairs.is_empty());
    match (unsure, none || broken) {
        (true, _) => ExitCode::from(2),
        (false, bad) => ExitCode::from(u8::from(bad)),
    }
}

fn say_problems(versions: &[Version]) {
    let problems = versions.iter().flat_map(|version| match &version.contents {
        Ok(compiled) => compiled.problems.as_slice(),
        Err(error) => std::slice::from_ref(error),
    });
    output::print_errors(problems);
}

/// What the command line and the file ask for.
struct Asked {
    file: FleetFile,
    fleet: Fleet,
    targets: Vec<Target>,
    only: BTreeSet<String>,
}

impl Asked {
    fn new(args: &Args) -> Result<Asked, Error> {
        let path = args.fleet.clone();
        let bytes = std::fs::read(&args.fleet).map_err(|reason| match reason.kind() {
            ErrorKind::NotFound => Error::NoFleet { path },
            _ => Error::Unreadable { path, reason },
        })?;
        let file: FleetFile = File::parse(&args.fleet.display().to_string(), bytes)?;
        let fleet = Fleet::of(&file, args.on)?;
        let mut targets: Vec<Target> = Vec::new();
        for upgrade in &args.upgrades {
            let Some((component, version)) = upgrade.split_once('=').filter(|it| !it.1.is_empty())
            else {
                let help = format!("`{upgrade}` has no version: `{upgrade}=v1.2.3`");
                return Err(Error::NoUpgrade { help });
            };
            let component = fleet.component(component)?;
            if targets.iter().any(|it| it.0 == component) {
                let name = &fleet.components[component].name;
                let help = format!("`{name}` is given two versions; it can have one");
                return Err(Error::NoUpgrade { help });
            }
            targets.push((component, version.to_owned()));
        }
        for name in &args.environments {
            fleet.environment(name)?;
        }
        let only = args.environments.iter().cloned().collect();
        let asked = Asked { file, fleet, targets, only };
        if asked.environments().next().is_none() {
            return Err(Error::EmptyFleet { path: args.fleet.clone() });
        }
        let deployed = |it: &Environment, component| it.deployed.contains_key(component);
        for (component, _) in &asked.targets {
            if !asked.environments().any(|it| deployed(it, component)) {
                let component = asked.fleet.components[*component].name.clone();
                let among = match args.environments.as_slice() {
                    [] => String::new(),
                    names => format!(" of {}", names.join(" and ")),
                };
                return Err(Error::NotDeployed { component, among });
            }
        }
        Ok(asked)
    }

    /// What is upgraded in an environment: only what runs there.
    fn targets_in(&self, environment: &Environment) -> Vec<Target> {
        let runs = |it: &&Target| environment.deployed.contains_key(&it.0);
        self.targets.iter().filter(runs).cloned().collect()
    }

    fn environments(&self) -> impl Iterator<Item = &Environment> {
        let wanted = |it: &&Environment| self.only.is_empty() || self.only.contains(&it.name);
        self.fleet.environments.iter().filter(wanted)
    }

    /// An error about a version, shown where the file names it.
    fn at_version(&self, component: usize, version: &str, error: Error) -> Error {
        let name = &self.fleet.components[component].name;
        let deployed = self.file.written.environment.iter().flat_map(|it| {
            let deployed = it.deployed.iter().filter(|(at, _)| at.value == *name);
            let shipped = it.shipped.iter().filter(|it| it.component.value == *name);
            deployed.flat_map(|(_, all)| all).chain(shipped.map(|it| &it.version))
        });
        let mut places = deployed.filter(|it| it.value == version);
        let Some(at) = places.next() else { return error };
        let help = miette::Diagnostic::help(&error).map(|it| it.to_string()).unwrap_or_default();
        self.file.fault(at, error.to_string(), "this version", help)
    }
}

/// Versions that are to be read, each once.
struct Loader<'a> {
    args: &'a Args,
    /// The folder of the fleet file.
    beside: PathBuf,
    policy: Policy,
    layout: Layout,
    /// By repository, folder in it and revision: which of the sources it is.
    known: BTreeMap<(PathBuf, String, String), usize>,
    sources: Vec<(Layout, Source)>,
    named: BTreeMap<(usize, String), usize>,
}

impl<'a> Loader<'a> {
    fn new(args: &'a Args, asked: &Asked) -> Result<Loader<'a>, Error> {
        let folder = args.fleet.parent().unwrap_or(Path::new(""));
        let beside = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let (mut policy, mut layout) = (Policy::default(), Layout::default());
        let own = asked.file.written.component.iter().any(|it| it.schema.repo.is_none());
        if own {
            let head = args.reading.default_head()?;
            let found = args.reading.configured.read(&head)?;
            policy = found.as_ref().map(Policy::of).transpose()?.unwrap_or_default();
            layout = args.reading.layout(&head, found.as_ref(), Scope::Whole);
            config::date(&mut policy, &[], &head.top);
        }
        layout.scope = Scope::Whole;
        Ok(Loader {
            args,
            beside: beside.to_owned(),
            policy,
            layout,
            known: BTreeMap::new(),
            sources: Vec::new(),
            named: BTreeMap::new(),
        })
    }

    /// All that runs, and all that is wanted.
    fn wanted(&mut self, asked: &Asked) -> Result<(), Error> {
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
    fn shelf(&mut self, asked: &Asked) -> Result<Shelf, Error> {
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

    /// Reads them. What cannot be read is unknown.
    fn load(&mut self) -> (Vec<Version>, BTreeMap<(usize, String), usize>) {
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
        (versions.into_values().collect(), std::mem::take(&mut self.named))
    }
}

/// What the tags of a component begin with, before their number.
fn prefix(before: &str, wanted: &BTreeSet<String>) -> String {
    let own = wanted.iter().next().map_or("", String::as_str);
    let digits = own.find(|it: char| it.is_ascii_digit()).unwrap_or_default();
    format!("{before}{}", &own[..digits])
}
