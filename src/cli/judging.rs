//! What every command that judges is told, whoever names the versions.

use std::{collections::BTreeSet, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Outcome, Pair, Report, check},
    compile::Scope,
    error::{Error, did_you_mean},
    judge::Json,
    policy::{Level, Policy},
    schema::FullName,
    skew::Pairing,
    tree::Source,
    version::Version,
};

use super::Reading;

#[derive(clap::Args)]
pub(super) struct Judging {
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Judge only this pairing of the two.
    #[arg(long)]
    pairing: Option<PairingName>,
    /// Judge only calls of this service; may be given several times.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Exit with 1 if there is a finding of this level or a higher one.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    fail_on: FailOn,
    /// Judge every call in this form of messages, too. Requests that are the body of an HTTP binding
    /// are judged in JSON in any case, as a lenient gateway reads them.
    #[arg(long, value_name = "CODEC")]
    codec: Option<CodecName>,
    /// JSON parsers pass over what they do not know, instead of refusing it.
    #[arg(long)]
    ignore_unknown: bool,
    /// Judge what can be read, though some files cannot.
    #[arg(long)]
    keep_going: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum PairingName {
    NewerClient,
    NewerServer,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum CodecName {
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

/// Versions that were judged.
pub(super) struct Judged {
    pub(super) versions: Vec<Version>,
    pub(super) report: Report,
}

impl Judging {
    /// Judges the pairs of the versions that `open` opens, more than once if need be.
    pub(super) fn judge(
        &self,
        open: &dyn Fn() -> Result<Vec<Source>, Error>,
        pairs: &[Pair],
    ) -> Result<Judged, Error> {
        let mut versions = self.reading.load(open()?, Scope::Measured);
        if !all_known(&self.services, &versions) && versions.iter().any(left_out) {
            // What was left out may declare them.
            versions = self.reading.load(open()?, Scope::Whole);
        }
        let services = services(&self.services, &versions)?;
        let json = Json {
            everywhere: self.codec == Some(CodecName::Json),
            ignore_unknown: self.ignore_unknown,
        };
        let policy = Policy { services, json, keep_going: self.keep_going, ..Policy::default() };
        let report = check(&versions, pairs, &policy);
        Ok(Judged { versions, report })
    }

    /// The pairings of two versions that are to be judged.
    pub(super) fn pairs(&self, base: usize, head: usize) -> Vec<Pair> {
        let wanted = |pair: &Pair| match self.pairing {
            None => true,
            Some(PairingName::NewerClient) => pair.pairing == Pairing::NEWER_CLIENT,
            Some(PairingName::NewerServer) => pair.pairing == Pairing::NEWER_SERVER,
        };
        Pair::both(base, head).into_iter().filter(wanted).collect()
    }

    pub(super) fn exit_code(&self, report: &Report) -> ExitCode {
        let fail_on = match self.fail_on {
            FailOn::Error => Level::Error,
            FailOn::Warning => Level::Warning,
            FailOn::Note => Level::Note,
        };
        if report.outcome() == Outcome::Unknown {
            return ExitCode::from(2);
        }
        ExitCode::from(u8::from(report.loudest().is_some_and(|level| level >= fail_on)))
    }
}

impl Judged {
    /// What could not be read.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Error> {
        self.versions.iter().flat_map(|version| match &version.contents {
            Ok(compiled) => compiled.problems.as_slice(),
            Err(error) => std::slice::from_ref(error),
        })
    }

    /// Reads again the lines that a report for people shows.
    pub(super) fn quote(&mut self) {
        let versions = self.versions.iter().enumerate();
        let quotes = versions.map(|(at, version)| version.quote(self.report.sites(at)));
        self.report.quotes = quotes.collect();
    }
}

/// The services by which calls are limited; each is in one version at least, so that a slip of the
/// pen does not make a report that finds nothing.
fn services(names: &[String], versions: &[Version]) -> Result<Vec<FullName>, Error> {
    let known = known(versions);
    let all_read = versions.iter().all(|it| it.contents.is_ok() && !left_out(it));
    let resolve = |name: &String| {
        let wanted = FullName::new(name);
        if known.contains(&wanted) || !all_read {
            return Ok(wanted);
        }
        let near = did_you_mean(name, known.iter().map(|it| it.as_str()));
        let leaf = known.iter().find(|it| it.leaf() == wanted.leaf());
        let help = match leaf {
            Some(full) => format!("did you mean `{full}`?"),
            None if near.is_empty() => "services are named with their package".to_owned(),
            None => near,
        };
        let versions: Vec<String> =
            versions.iter().map(|version| format!("`{}`", version.name)).collect();
        let versions = versions.join(" or ");
        Err(Error::UnknownService { name: name.clone(), versions, help })
    };
    names.iter().map(resolve).collect()
}

fn known(versions: &[Version]) -> BTreeSet<&FullName> {
    let compiled = versions.iter().filter_map(|version| version.contents.as_ref().ok());
    compiled.flat_map(|it| it.schema.services.keys()).collect()
}

fn all_known(names: &[String], versions: &[Version]) -> bool {
    let known = known(versions);
    names.iter().all(|name| known.contains(&FullName::new(name)))
}

/// Files were not read, as they are the same in the other version.
fn left_out(version: &Version) -> bool {
    version.contents.as_ref().is_ok_and(|it| !it.whole)
}
