//! The configuration file, and which one counts: that of the head, for it is what is under review.

use std::{
    env,
    path::{Component, PathBuf},
};

use protoskew::{
    callsites::Manifest,
    compile::Layout,
    config::{At, Config, NAME},
    error::Error,
    history::History,
    policy::{Baseline, Day, Policy},
    releases::Number,
    rules,
    tree::{Document, Source, Top},
    version::Version,
};

/// Where the configuration is.
#[derive(clap::Args)]
pub(super) struct Configured {
    /// Read this configuration, instead of the protoskew.toml at the top of the head.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read no configuration.
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
}

impl Configured {
    pub(super) fn none() -> Configured {
        Configured { config: None, no_config: true }
    }

    /// The configuration of a head. The base has no say: it could keep a change of the
    /// configuration from being what decides about the change.
    pub(super) fn read(&self, head: &Source) -> Result<Option<Config>, Error> {
        let found = match &self.config {
            _ if self.no_config => None,
            None => head.top.read(NAME)?,
            Some(path) => match std::fs::read(path) {
                Ok(bytes) => Some(Document { name: path.display().to_string(), bytes }),
                Err(reason) => return Err(Error::Unreadable { path: path.clone(), reason }),
            },
        };
        found.map(|it| Config::parse(&it.name, it.bytes)).transpose()
    }
}

/// What flags leave open, the configuration says. Its folders are named from the top of the
/// repository, those of a layout from the top of a version.
pub(super) fn complete(layout: &mut Layout, config: Option<&Config>, head: &Top) {
    let Some(written) = config.map(|it| &it.written) else { return };
    let below = |folders: &Option<Vec<At<String>>>| -> Vec<String> {
        let folders = folders.iter().flatten();
        folders.filter_map(|it| below(&it.value, &head.under)).collect()
    };
    if layout.paths.is_empty() {
        layout.paths = below(&written.paths);
    }
    if layout.roots.is_empty() {
        layout.roots = below(&written.roots);
    }
    layout.strict_imports |= written.strict_imports.unwrap_or_default();
}

/// A folder, seen from one that holds it or that it holds; `under` is empty or ends with `/`.
fn below(folder: &str, under: &str) -> Option<String> {
    let folder = folder.trim_start_matches("./").trim_matches('/');
    let folder = if folder == "." { "" } else { folder };
    if let Some(rest) = format!("{folder}/").strip_prefix(under) {
        return Some(rest.trim_end_matches('/').to_owned());
    }
    (folder.is_empty() || under.starts_with(&format!("{folder}/"))).then(String::new)
}

/// The findings that the configuration's baseline lists; none without one.
pub(super) fn baseline(config: Option<&Config>, head: &Top) -> Result<Baseline, Error> {
    let Some(config) = config else { return Ok(Baseline::new()) };
    let Some(path) = &config.written.baseline else { return Ok(Baseline::new()) };
    let missing = "`protoskew baseline` writes it; commit it with the configuration";
    let found = inside(config, path, head, "a baseline", missing)?;
    protoskew::baseline::parse(&found.name, &found.bytes)
}

/// The calls of other repositories that the configuration names.
pub(super) fn callers(config: Option<&Config>, head: &Top) -> Result<Manifest, Error> {
    let mut all = Manifest::default();
    let Some(config) = config else { return Ok(all) };
    let missing = "`protoskew calls --format json` writes it in the repository of a client";
    for path in config.written.callers.iter().flatten() {
        let found = inside(config, path, head, "a list of calls", missing)?;
        let text = String::from_utf8_lossy(&found.bytes);
        let manifest = Manifest::from_json(&path.value, &text).map_err(|reason| {
            let message = format!("this is no list of calls: {reason}");
            config.fault(path, message, "this file", missing.to_owned())
        });
        all.merge(manifest?);
    }
    Ok(all)
}

/// A file of the head's repository that the configuration names.
fn inside(
    config: &Config,
    path: &At<String>,
    head: &Top,
    what: &str,
    missing: &str,
) -> Result<Document, Error> {
    let file = std::path::Path::new(&path.value);
    if !file.components().all(|it| matches!(it, Component::Normal(_) | Component::CurDir)) {
        let help = "it is named from the top of the repository";
        let message = format!("{what} is a file of the repository");
        return Err(config.fault(path, message, "outside of it", help.to_owned()));
    }
    let found = head.read(path.value.trim_start_matches("./"))?;
    found.ok_or_else(|| {
        let message = format!("there is no `{}` in this version", path.value);
        config.fault(path, message, "not there", missing.to_owned())
    })
}

/// Tells the policy the day and the releases, where something ends by them. The day is that of the
/// head's commit, so that a commit is judged tomorrow as it is today; what is not committed is
/// judged by the clock. `SOURCE_DATE_EPOCH` wins over both.
pub(super) fn date(policy: &mut Policy, versions: &[Version], head: &Top) {
    let ends = policy.allows.iter().filter_map(|it| it.until.as_ref());
    let compiled = versions.iter().filter_map(|it| it.contents.as_ref().ok());
    // What a comment ends with is read when it is judged.
    let remarked = compiled.flat_map(|it| &it.remarks).any(|it| it.text.contains("until="));
    if ends.clone().next().is_none() && !remarked {
        return;
    }
    policy.today = today(head);
    if remarked || ends.clone().any(|it| it.asks_for_releases()) {
        let named = versions.iter().filter_map(|version| {
            let release = Number::parse(&version.top().release()?)?;
            Some((version.name.clone(), release))
        });
        policy.releases = named.collect();
    }
}

/// The same for the releases of a history, where something ends by them.
pub(super) fn date_releases(policy: &mut Policy, history: &History, head: &Top) {
    if policy.allows.iter().all(|it| it.until.is_none()) {
        return;
    }
    policy.today = today(head);
    let names = history.releases.iter().map(|it| &it.revision.name);
    policy.releases = names.filter_map(|it| Some((it.clone(), Number::parse(it)?))).collect();
}

fn today(head: &Top) -> Option<Day> {
    let given = env::var("SOURCE_DATE_EPOCH").ok().and_then(|it| it.trim().parse().ok());
    let clock = || {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().ok()?;
        i64::try_from(since.as_secs()).ok()
    };
    let seconds: Option<i64> = given.or_else(|| head.committed()).or_else(clock);
    seconds.and_then(Day::of)
}

/// The JSON Schema of the file.
pub(super) fn schema() -> String {
    let rules: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    protoskew::config::json_schema(&rules)
}
