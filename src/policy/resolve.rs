//! The configuration file, as it is written → what it comes to.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::Arc,
};

use super::{Allow, Boundary, Level, Origin, Policy, Until, allow::known_rule, declared::manifest};
use crate::{
    callsites::Globs,
    config::{self, At, Config, Levels},
    error::{Error, did_you_mean},
    judge::{Json, Settings},
    schema::{FullName, Names, Site},
    skew::Pairing,
};

impl Policy {
    /// What a configuration file asks for.
    ///
    /// # Errors
    /// It names a rule that there is not, or a pattern or an end that is none.
    pub fn of(config: &Config) -> Result<Policy, Error> {
        let written = &config.written;
        let json = written.json.as_ref();
        let json = Json {
            everywhere: json.and_then(|it| it.everywhere).unwrap_or_default(),
            ignore_unknown: json.and_then(|it| it.ignore_unknown).unwrap_or_default(),
        };
        let boundaries = written.boundary.iter().flatten().map(|it| boundary(config, it));
        let allows = written.allow.iter().flatten();
        let allows = allows.map(|it| allow(config, it).map(Arc::new));
        Ok(Policy {
            boundaries: boundaries.collect::<Result<_, Error>>()?,
            levels: levels(config, written.levels.as_ref())?,
            allows: allows.collect::<Result<_, Error>>()?,
            settings: Settings {
                json,
                any: all_names(config, &written.any)?,
                intents: all_names(config, &written.intents)?,
            },
            manifest: manifest(config)?,
            keep_going: written.keep_going.unwrap_or_default(),
            ..Policy::default()
        })
    }
}

/// Looks whether every boundary is about a service of `known`, which are all that there are.
///
/// # Errors
/// One is not: a slip of the pen would make a report that finds nothing.
pub fn unknown_services(config: &Config, known: &BTreeSet<&FullName>) -> Result<(), Error> {
    for written in config.written.boundary.iter().flatten().flat_map(|it| &it.services) {
        let services = names(config, written)?;
        if known.iter().any(|it| services.covers(it)) {
            continue;
        }
        let name = services.as_str();
        let near = did_you_mean(name, known.iter().map(|it| it.as_str()));
        let leaf = |it: &&&FullName| name.rsplit('.').next() == Some(it.leaf());
        let help = match known.iter().find(leaf) {
            Some(full) => format!("did you mean `{full}`?"),
            None if near.is_empty() => "services are named with their package".to_owned(),
            None => near,
        };
        let message = format!("no version has a service `{name}`");
        return Err(config.fault(written, message, "not in any version", help));
    }
    Ok(())
}

fn boundary(config: &Config, written: &config::Boundary) -> Result<Boundary, Error> {
    if written.services.is_empty() {
        let message = format!("the boundary `{}` has no service", written.name.value);
        let help = "name its services, or take it out".to_owned();
        return Err(config.fault(&written.name, message, "this boundary", help));
    }
    let services = written.services.iter().map(|it| names(config, it));
    Ok(Boundary {
        name: written.name.value.clone(),
        services: services.collect::<Result<_, Error>>()?,
        callers: globs(config, written.callers.as_deref())?,
        servers: globs(config, written.servers.as_deref())?,
        levels: levels(config, written.levels.as_ref())?,
    })
}

/// Patterns of paths; nothing if there are none.
pub(super) fn globs(
    config: &Config,
    written: Option<&[At<String>]>,
) -> Result<Option<Globs>, Error> {
    let written = written.unwrap_or_default();
    for pattern in written {
        let one = Globs::new(std::slice::from_ref(&pattern.value));
        if let Err(Error::InvalidGlob { reason, .. }) = one {
            let message = format!("this is no pattern of paths: {reason}");
            return Err(config.fault(pattern, message, "here", String::new()));
        }
    }
    let patterns: Vec<String> = written.iter().map(|it| it.value.clone()).collect();
    (!patterns.is_empty()).then(|| Globs::new(&patterns)).transpose()
}

fn allow(config: &Config, written: &config::Allow) -> Result<Allow, Error> {
    rule(config, &written.rule)?;
    if written.reason.value.trim().is_empty() {
        let help = "say why it does no harm, for whoever reads it next".to_owned();
        let message = "an allow needs a reason".to_owned();
        return Err(config.fault(&written.reason, message, "nothing is said here", help));
    }
    let until = written.until.as_ref().map(|it| {
        Until::from_str(&it.value.0).map_err(|message| {
            let help = "an allow ends with a release (`v2.23.0`), when one end has one \
                        (`server >= v2.17.0`, `client >= v2.17.0`), or after a day (`2026-12-31`)";
            config.fault(it, message, "no end", help.to_owned())
        })
    });
    let (line, column) = config.place(&written.rule);
    let file = config.name.rsplit(':').next().unwrap_or(&config.name).into();
    Ok(Allow {
        rule: written.rule.value.clone(),
        subject: names(config, &written.subject)?,
        pairing: written.pairing.map(|it| match it {
            config::Pairing::NewerClient => Pairing::NEWER_CLIENT,
            config::Pairing::NewerServer => Pairing::NEWER_SERVER,
        }),
        reason: written.reason.value.trim().to_owned(),
        until: until.transpose()?,
        origin: Origin::Config,
        site: Some(Site { file, line, column }),
    })
}

fn all_names(config: &Config, written: &Option<Vec<At<String>>>) -> Result<Vec<Names>, Error> {
    written.iter().flatten().map(|it| names(config, it)).collect()
}

fn names(config: &Config, written: &At<String>) -> Result<Names, Error> {
    let pattern = Names::new(&written.value);
    pattern.map_err(|reason| {
        let message = format!("this is no pattern of names: {reason}");
        let help = "`*` stands for anything between two dots, `**` for anything".to_owned();
        config.fault(written, message, "here", help)
    })
}

fn levels(config: &Config, written: Option<&Levels>) -> Result<BTreeMap<String, Level>, Error> {
    let all = written.into_iter().flat_map(|it| &it.0);
    let level = |(id, level): (&At<String>, &At<config::Level>)| {
        rule(config, id)?;
        Ok((id.value.clone(), level.value.into()))
    };
    all.map(level).collect()
}

fn rule(config: &Config, id: &At<String>) -> Result<(), Error> {
    known_rule(&id.value).map_err(|message| {
        let (message, near) = message.split_once("; ").unwrap_or((&message, ""));
        let help = match near {
            "" => "`protoskew rules` lists them",
            near => near,
        };
        config.fault(id, message.to_owned(), "not a rule", help.to_owned())
    })
}

impl From<config::Level> for Level {
    fn from(written: config::Level) -> Level {
        match written {
            config::Level::Off => Level::Off,
            config::Level::Note => Level::Note,
            config::Level::Warning => Level::Warning,
            config::Level::Error => Level::Error,
        }
    }
}
