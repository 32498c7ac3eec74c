//! What the commands that judge have in common: which versions meet, and by what they are judged.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use protoskew::{
    baseline,
    check::{Pair, Report, Verdict, check, prove, weigh},
    compile::Scope,
    config::Config,
    error::{Error, did_you_mean},
    judge::Settings,
    policy::{Baseline, Policy, unknown_services},
    report::anchor::{Hunks, anchor},
    schema::{FullName, Names},
    skew::Pairing,
    tree::Source,
    version::{Code, Searches, Version, problems},
};

use super::{Loaded, Reading, calls::read_manifest, config, output};

/// Versions that are named, and how they are judged.
#[derive(clap::Args)]
pub(super) struct Judging {
    /// The older version [default: where HEAD left the default branch].
    pub(super) base: Option<String>,
    /// The newer version [default: the working tree].
    head: Option<String>,
    /// Judge one pairing: the client's version.
    #[arg(long, value_name = "SOURCE", requires = "server", conflicts_with_all = ["base", "pairing"])]
    client: Option<String>,
    /// Judge one pairing: the server's version.
    #[arg(long, value_name = "SOURCE", requires = "client")]
    server: Option<String>,
    #[command(flatten)]
    pub(super) terms: Terms,
}

/// How versions are judged, whoever names them.
#[derive(clap::Args)]
pub(super) struct Terms {
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Judge only this pairing of the two.
    #[arg(long)]
    pairing: Option<PairingName>,
    /// Judge only calls of this service; may be given several times.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Judge every call in this form of messages, too. Requests that are the body of an HTTP binding
    /// are judged in JSON in any case, as a lenient gateway reads them.
    #[arg(long, value_name = "CODEC")]
    codec: Option<CodecName>,
    /// JSON parsers pass over what they do not know, instead of refusing it.
    #[arg(long)]
    ignore_unknown: bool,
    /// A message that travels in `google.protobuf.Any`, with its package; `*` stands for anything
    /// between two dots, `**` for anything; may be given several times.
    #[arg(long, value_name = "NAME")]
    any: Vec<String>,
    /// The name of a request field that says what a call is meant to do, as `dry_run` does; `*`
    /// stands for anything; may be given several times.
    #[arg(long = "intent", value_name = "NAME")]
    intents: Vec<String>,
    /// Judge what can be read, though some files cannot.
    #[arg(long)]
    keep_going: bool,
    /// Count the calls of other repositories, too: a file that `protoskew calls --format json` has
    /// printed there; may be given several times.
    #[arg(long, value_name = "FILE", conflicts_with = "no_calls")]
    callers: Vec<PathBuf>,
    /// Search the sources of both ends, though no call fails and no source differs.
    #[arg(long, conflicts_with = "no_calls")]
    calls: bool,
    /// Do not search the sources.
    #[arg(long)]
    no_calls: bool,
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

/// Findings that are known, and where they are listed.
pub(super) enum Known {
    /// In this file, or else in the one that the configuration names.
    Listed(Option<PathBuf>),
    /// All findings are news.
    Nothing,
}

/// Versions that were judged.
pub(super) struct Judged {
    pub(super) versions: Vec<Version>,
    pub(super) config: Option<Config>,
    pub(super) report: Report,
    /// What no schema says.
    settings: Settings,
}

impl Judging {
    /// The folder in whose repository revisions are looked up.
    pub(super) fn repo(&self) -> &Path {
        &self.terms.reading.repo
    }

    /// Reads the versions and judges them. What could not be read is said on stderr.
    pub(super) fn run(&self, known: &Known) -> Result<Judged, Error> {
        let pairs = match &self.client {
            Some(_) => vec![Pair::explicit(1, 0)],
            None => self.terms.pairs(0, 1),
        };
        self.terms.judge(&|| self.sources(), &pairs, known)
    }

    fn sources(&self) -> Result<Vec<Source>, Error> {
        let reading = &self.terms.reading;
        if let (Some(client), Some(server)) = (&self.client, &self.server) {
            return Ok(vec![reading.open(server)?, reading.open(client)?]);
        }
        let base = match &self.base {
            Some(base) => reading.open(base)?,
            None => reading.default_base()?,
        };
        let head = match &self.head {
            Some(head) => reading.open(head)?,
            None => reading.default_head()?,
        };
        Ok(vec![base, head])
    }
}

impl Terms {
    /// What sources say counts, if they can say anything.
    pub(super) fn reads_sources(&self) -> bool {
        !self.no_calls
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

    /// Judges pairs of the versions that `open` opens, more than once if need be; the last is the
    /// head. What could not be read is said on stderr.
    pub(super) fn judge(
        &self,
        open: &dyn Fn() -> Result<Vec<Source>, Error>,
        pairs: &[Pair],
        known: &Known,
    ) -> Result<Judged, Error> {
        let mut loaded = self.reading.load(open()?, Scope::Measured)?;
        let unsure = loaded.versions.iter().any(left_out);
        let config = loaded.config.as_ref().and_then(|it| it.written.any.as_ref());
        // Nothing in a file that has an `Any` leads to those that declare what it holds.
        let any = !self.any.is_empty() || config.is_some_and(|it| !it.is_empty());
        if unsure && (any || !all_known(&self.services, &loaded.versions)) {
            // What was left out may declare them.
            loaded = self.reading.load(open()?, Scope::Whole)?;
        }
        let Loaded { versions, config } = loaded;
        let policy = self.policy(&versions, config.as_ref(), known)?;
        let mut report = check(&versions, pairs, &policy);
        let scans = self.scans(&versions, &report, &policy);
        weigh(&mut report, &versions, &scans, &policy);
        output::print_errors(problems(&versions.iter().collect::<Vec<_>>()));
        Ok(Judged { versions, config, report, settings: policy.settings })
    }

    /// What the sources say of all versions that meet, if they can tell something of any two.
    fn scans(
        &self,
        versions: &[Version],
        report: &Report,
        policy: &Policy,
    ) -> BTreeMap<usize, Result<Code, String>> {
        if !self.wants_scans(versions, report) {
            return BTreeMap::new();
        }
        let searches = Searches::default();
        let scan = |version: usize| {
            let found = match self.no_calls {
                true => Err("`--no-calls`".to_owned()),
                false => {
                    let wanted = |service: &FullName| policy.judges(service);
                    versions[version].code(&wanted, &policy.manifest, &searches)
                }
            };
            (version, found)
        };
        let met = report.verdicts.iter().flat_map(|it| [it.pair.base, it.pair.head]);
        met.collect::<BTreeSet<usize>>().into_iter().map(scan).collect()
    }

    /// A call fails, or servers may have come to refuse one that they declare. Which of many
    /// versions began to does not matter: those that go on refusing it are met, too.
    fn wants_scans(&self, versions: &[Version], report: &Report) -> bool {
        if report.verdicts.iter().any(Verdict::has_open_calls) {
            return true;
        }
        let pairs: BTreeSet<(usize, usize)> =
            report.verdicts.iter().map(|it| (it.pair.base, it.pair.head)).collect();
        let differ =
            |(base, head): &(usize, usize)| versions[*head].servers_differ(&versions[*base]);
        !self.no_calls && (self.calls || pairs.iter().any(differ))
    }

    /// What the configuration asks for, and the flags besides.
    fn policy(
        &self,
        versions: &[Version],
        config: Option<&Config>,
        known: &Known,
    ) -> Result<Policy, Error> {
        let mut policy = config.map(Policy::of).transpose()?.unwrap_or_default();
        if let (Some(config), true) = (config, all_read(versions)) {
            unknown_services(config, &self::known(versions))?;
        }
        policy.services = services(&self.services, versions)?;
        let Settings { json, any, intents } = &mut policy.settings;
        json.everywhere |= self.codec == Some(CodecName::Json);
        json.ignore_unknown |= self.ignore_unknown;
        any.extend(patterns("--any", &self.any)?);
        intents.extend(patterns("--intent", &self.intents)?);
        policy.keep_going |= self.keep_going;
        policy.narrowed = !self.services.is_empty() || self.reading.is_narrowed();
        let Some(head) = versions.last() else { return Ok(policy) };
        policy.baseline = match known {
            Known::Nothing => Baseline::new(),
            Known::Listed(Some(path)) => match std::fs::read(path) {
                Ok(bytes) => baseline::parse(&path.display().to_string(), &bytes)?,
                Err(reason) => return Err(Error::Unreadable { path: path.clone(), reason }),
            },
            Known::Listed(None) => config::baseline(config, head.top())?,
        };
        policy.manifest.merge(config::callers(config, head.top())?);
        for path in &self.callers {
            policy.manifest.merge(read_manifest(path)?);
        }
        config::date(&mut policy, versions, head.top());
        Ok(policy)
    }
}

impl Judged {
    /// Attaches a witness to every finding.
    pub(super) fn prove(&mut self) {
        prove(&mut self.report, &self.versions, &self.settings);
    }

    /// Reads again the lines that a report for people shows.
    pub(super) fn quote(&mut self) {
        let versions = self.versions.iter().enumerate();
        let quotes = versions.map(|(at, version)| version.quote(self.report.sites(at)));
        self.report.quotes = quotes.collect();
    }

    /// Finds the lines at which a review shows the findings.
    pub(super) fn anchor(&mut self) {
        let mut known: BTreeMap<(usize, usize), Hunks> = BTreeMap::new();
        for verdict in &mut self.report.verdicts {
            let Pair { base, head, .. } = verdict.pair;
            let Ok(compiled) = &self.versions[head].contents else { continue };
            let sites = verdict.entries.iter().flat_map(|it| [&it.finding.base, &it.finding.head]);
            let files = sites.flatten().map(|site| site.file.clone()).collect();
            // Both pairings of two versions are about the same files, more or less.
            let hunks = known.entry((base, head)).or_default();
            if !hunks.keys().eq(&files) {
                hunks.extend(self.versions[head].hunks(&self.versions[base], &files));
            }
            for entry in &mut verdict.entries {
                entry.anchor = anchor(entry, &compiled.schema.sites, hunks);
            }
        }
    }
}

/// The services by which calls are limited; each is in one version at least, so that a slip of the
/// pen does not make a report that finds nothing.
fn services(names: &[String], versions: &[Version]) -> Result<Vec<FullName>, Error> {
    let known = known(versions);
    let all_read = all_read(versions);
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

fn patterns(option: &'static str, patterns: &[String]) -> Result<Vec<Names>, Error> {
    let parse = |pattern: &String| {
        Names::new(pattern).map_err(|reason| {
            let pattern = pattern.clone();
            Error::NamePattern { option, pattern, reason }
        })
    };
    patterns.iter().map(parse).collect()
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

/// Every file that is judged was read, of every version.
fn all_read(versions: &[Version]) -> bool {
    versions.iter().all(|it| it.contents.is_ok() && !left_out(it))
}
