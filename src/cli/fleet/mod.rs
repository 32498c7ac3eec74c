//! `protoskew can-i-deploy` and `plan`: a fleet file, read, with the versions that it names.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    path::PathBuf,
    process::ExitCode,
};

use clap::ValueEnum;
use protoskew::{
    config::File,
    error::Error,
    fleet::{Answer, Environment, Fleet, FleetFile, Meetings, Target, decide},
    plan::{self, Way, plan},
    policy::Policy,
    report::{fleet as pages, json, markdown_fleet},
    version::{Code, Searches, Version},
};

use super::{Failure, Output, Reading, output};

mod loader;

use loader::Loader;

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
    /// Search the sources of every version, too: whether a call that fails is made, and whether its
    /// caller copes.
    #[arg(long)]
    calls: bool,
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
    let scans = scans(&args, &versions, &loader.policy);
    let meetings = Meetings::new(&asked.fleet, &versions, named, loader.policy).weighed_by(scans);
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
    // What only lies between is tried, and nobody has to mend it.
    let asked_for = loader.count();
    let shelf = loader.shelf(&asked)?;
    let (versions, named) = loader.load();
    say_problems(&versions[..asked_for]);
    let scans = scans(&args, &versions, &loader.policy);
    let meetings = Meetings::new(&asked.fleet, &versions, named, loader.policy).weighed_by(scans);
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

/// By version: what its sources say, if they are asked.
fn scans(
    args: &Args,
    versions: &[Version],
    policy: &Policy,
) -> BTreeMap<usize, Result<Code, String>> {
    if !args.calls {
        return BTreeMap::new();
    }
    let _busy = output::busy("searching the sources");
    let searches = Searches::default();
    let scan = |version: &Version| {
        version.code(&|service| policy.judges(service), &policy.manifest, &searches)
    };
    versions.iter().map(scan).enumerate().collect()
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
