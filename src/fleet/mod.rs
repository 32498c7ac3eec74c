//! Programs, what they serve and call, and which versions of them run where.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    config::{At, File},
    error::{Error, did_you_mean},
    schema::FullName,
};

mod decide;
mod meet;
mod written;

pub use decide::{Answer, Decision, Encounter, Standing, Target, decide};
pub(crate) use decide::{State, pairs, state, troubles, upgrade};
pub use meet::{Meetings, Met, Trouble};
pub use written::{Pinned, Schema, Written};

/// A fleet file as it is written.
pub type FleetFile = File<Written>;

/// A fleet: what a fleet file comes to.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// The programs, as the file has them.
    pub components: Vec<Component>,
    /// Where they run.
    pub environments: Vec<Environment>,
    /// Who calls whom.
    pub links: Vec<Link>,
}

/// A program.
#[derive(Clone, Debug)]
pub struct Component {
    /// What people call it.
    pub name: String,
    /// Where its schema comes from.
    pub schema: Schema,
}

/// One component calls another. Components are given by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who calls.
    pub client: usize,
    /// Who is called.
    pub server: usize,
    /// The services whose methods are called.
    pub services: BTreeSet<FullName>,
    /// The calls are made in JSON.
    pub json: bool,
    /// Of these services, only these methods. A service that none of them belongs to is called
    /// with all of its methods.
    pub methods: BTreeSet<FullName>,
}

/// A place where components meet.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What people call it.
    pub name: String,
    /// By component: the versions that an upgrade replaces.
    pub deployed: BTreeMap<usize, BTreeSet<String>>,
    /// By component: the versions that stay whatever is deployed.
    pub shipped: BTreeMap<usize, BTreeSet<String>>,
}

/// The JSON Schema of a fleet file, for editors.
pub fn json_schema() -> String {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let schema = generator.into_root_schema_for::<Written>();
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

impl Fleet {
    /// What a file comes to on a day; `None` if every shipped version counts.
    ///
    /// # Errors
    /// A name means nothing or two things, or nothing meets.
    pub fn of(file: &FleetFile, on: Option<jiff::civil::Date>) -> Result<Fleet, Error> {
        let names = names(file)?;
        let find = |at: &At<String>| find(file, &names, at);
        let written = &file.written;
        let components = written
            .component
            .iter()
            .map(|it| Component { name: it.name.value.clone(), schema: it.schema.clone() });
        let mut environments = Vec::new();
        for it in &written.environment {
            let mut deployed: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
            for (component, versions) in &it.deployed {
                let versions = versions.iter().map(|it| it.value.clone()).collect();
                deployed.insert(find(component)?, versions);
            }
            let mut shipped: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
            for it in &it.shipped {
                let component = find(&it.component)?;
                let until = it.until.as_ref().map(|until| day(file, until)).transpose()?;
                if !matches!((until, on), (Some(until), Some(on)) if until < on) {
                    shipped.entry(component).or_default().insert(it.version.value.clone());
                }
            }
            environments.push(Environment { name: it.name.value.clone(), deployed, shipped });
        }
        distinct(file, written.environment.iter().map(|it| &it.name), "environment")?;
        let links = links(file)?;
        Ok(Fleet { components: components.collect(), environments, links })
    }

    /// The index of a component that was named on the command line.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn component(&self, name: &str) -> Result<usize, Error> {
        let names = || self.components.iter().map(|it| it.name.as_str());
        names().position(|it| it == name).ok_or_else(|| {
            let near = did_you_mean(name, names());
            let all = format!("components: {}", names().collect::<Vec<&str>>().join(", "));
            let help = if near.is_empty() { all } else { near };
            Error::UnknownComponent { what: "component", name: name.to_owned(), help }
        })
    }

    /// The environment of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn environment(&self, name: &str) -> Result<&Environment, Error> {
        self.environments.iter().find(|it| it.name == name).ok_or_else(|| {
            let names = || self.environments.iter().map(|it| it.name.as_str());
            let near = did_you_mean(name, names());
            let all = format!("environments: {}", names().collect::<Vec<&str>>().join(", "));
            let help = if near.is_empty() { all } else { near };
            Error::UnknownComponent { what: "environment", name: name.to_owned(), help }
        })
    }
}

impl Environment {
    /// The versions of a component that are there, deployed or shipped.
    pub fn versions(&self, component: usize) -> BTreeSet<String> {
        let all = [&self.deployed, &self.shipped].into_iter().filter_map(|it| it.get(&component));
        all.flatten().cloned().collect()
    }
}

/// The components, by name.
fn names(file: &FleetFile) -> Result<BTreeMap<&str, usize>, Error> {
    let components = &file.written.component;
    distinct(file, components.iter().map(|it| &it.name), "component")?;
    Ok(components.iter().enumerate().map(|(at, it)| (it.name.value.as_str(), at)).collect())
}

fn find(file: &FleetFile, names: &BTreeMap<&str, usize>, at: &At<String>) -> Result<usize, Error> {
    names.get(at.value.as_str()).copied().ok_or_else(|| {
        let near = did_you_mean(&at.value, names.keys().copied());
        let all = format!("components: {}", names.keys().copied().collect::<Vec<_>>().join(", "));
        let help = if near.is_empty() { all } else { near };
        file.fault(at, format!("no component is named `{}`", at.value), "named here", help)
    })
}

fn distinct<'f>(
    file: &FleetFile,
    names: impl Iterator<Item = &'f At<String>>,
    what: &str,
) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let mut names = names.filter(|it| !seen.insert(&it.value));
    let Some(again) = names.next() else { return Ok(()) };
    let help = "give each its own name, or write it once".to_owned();
    Err(file.fault(again, format!("two {what}s are named `{}`", again.value), "again", help))
}

fn day(file: &FleetFile, at: &At<String>) -> Result<jiff::civil::Date, Error> {
    at.value.parse().map_err(|_| {
        let help = "write year, month and day: `2026-12-31`".to_owned();
        file.fault(at, format!("`{}` is not a day", at.value), "not a day", help)
    })
}

/// Who calls whom. A call that nobody serves is a slip of the pen, or a server that is not listed:
/// nothing could be said of it.
fn links(file: &FleetFile) -> Result<Vec<Link>, Error> {
    let components = &file.written.component;
    let mut links: BTreeMap<(usize, usize), Link> = BTreeMap::new();
    for (client, component) in components.iter().enumerate() {
        for call in &component.calls {
            let (service, method) = target(&call.value);
            let serves = |it: &At<String>| it.value.trim_start_matches('.') == service.as_str();
            let servers = components.iter().enumerate();
            let mut servers = servers.filter(|(_, it)| it.serves.iter().any(serves)).peekable();
            if servers.peek().is_none() {
                return Err(unserved(file, call, &service));
            }
            for (server, _) in servers {
                let empty = || Link {
                    client,
                    server,
                    json: component.json,
                    services: BTreeSet::new(),
                    methods: BTreeSet::new(),
                };
                let link = links.entry((client, server)).or_insert_with(empty);
                link.services.insert(service.clone());
                link.methods.extend(method.clone());
            }
        }
    }
    Ok(links.into_values().collect())
}

/// The service, and the method if one is named, of `/pkg.Service/Method` or `pkg.Service`.
fn target(call: &str) -> (FullName, Option<FullName>) {
    match call.trim_start_matches('/').split_once('/') {
        Some((service, method)) => {
            (FullName::new(service), Some(FullName::new(&format!("{service}.{method}"))))
        }
        None => (FullName::new(call), None),
    }
}

fn unserved(file: &FleetFile, call: &At<String>, service: &FullName) -> Error {
    let serves = file.written.component.iter().flat_map(|it| &it.serves);
    let served: BTreeSet<&str> = serves.map(|it| it.value.as_str()).collect();
    let near = did_you_mean(service.as_str(), served);
    let all = "list it under `serves` of the component that does".to_owned();
    let help = if near.is_empty() { all } else { near };
    file.fault(call, format!("no component serves `{service}`"), "called here", help)
}

impl Link {
    /// A method is one that the client calls.
    pub fn calls(&self, method: &FullName) -> bool {
        let named = self.methods.iter().any(|it| it.parent() == method.parent());
        self.services.contains(method.parent()) && (!named || self.methods.contains(method))
    }
}
