//! What somebody accepted, and what need not, or may not, be accepted any longer.

use std::sync::Arc;

use super::{Accepted, Allow, Entry, Fingerprint, Level, Origin, Policy, Setting};
use crate::{excerpt::short, schema::Site, skew::Pairing};

/// Something accepted that does no good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The id of the rule.
    pub rule: String,
    /// The full name of the element, or a pattern for some.
    pub subject: String,
    /// In this pairing only.
    pub pairing: Option<Pairing>,
    /// Why it was accepted.
    pub reason: String,
    /// Who said so.
    pub origin: Origin,
    /// Where that is written, if it is in a file that has lines.
    pub site: Option<Site>,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with something accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its end has come, so it holds no longer.
    Expired(String),
    /// It ends with a release, and nobody knows which release the versions are of.
    Undecided(String),
    /// It means nothing.
    Invalid(String),
    /// No finding is like it.
    Unmatched,
}

impl Stale {
    /// A comment that accepts nothing: what follows `protoskew:allow` in it, and why.
    pub fn invalid(text: &str, why: String, site: Option<Site>) -> Stale {
        Stale {
            rule: String::new(),
            subject: String::new(),
            pairing: None,
            reason: text.trim().to_owned(),
            origin: Origin::Comment,
            site,
            why: Why::Invalid(why),
        }
    }

    /// How loudly to say so: what has ended or means nothing is for somebody to mend.
    pub fn level(&self) -> Level {
        match self.why {
            Why::Expired(_) | Why::Invalid(_) => Level::Warning,
            Why::Undecided(_) | Why::Unmatched => Level::Note,
        }
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let Stale { rule, subject, .. } = self;
        let what = match self.origin {
            Origin::Baseline => format!("`{rule} {subject}` in the baseline"),
            Origin::Config | Origin::Comment => format!("`allow {rule} {subject}`"),
        };
        match &self.why {
            Why::Expired(until) => format!("{what} has ended (until {until}): take it out"),
            Why::Undecided(until) => {
                format!(
                    "whether {what} has ended (until {until}) is not known: the version has no release"
                )
            }
            Why::Invalid(why) => {
                let text = short(&self.reason);
                format!("the comment `protoskew:allow {text}` allows nothing: {why}")
            }
            Why::Unmatched => format!("nothing here needs {what}"),
        }
    }
}

impl Policy {
    /// What was accepted in vain. `judged` are all findings, each with where it was decided.
    pub fn stale(&self, judged: &[(Setting<'_>, &[Entry])]) -> Vec<Stale> {
        let mut allows: Vec<&Arc<Allow>> = self.allows.iter().collect();
        for remark in judged.iter().flat_map(|(setting, _)| setting.remarks) {
            if !allows.contains(&remark) {
                allows.push(remark);
            }
        }
        let mut stale: Vec<Stale> =
            allows.into_iter().filter_map(|allow| self.stale_allow(allow, judged)).collect();
        if !self.narrowed {
            stale.extend(self.vanished(judged));
        }
        stale
    }

    fn stale_allow(&self, allow: &Arc<Allow>, judged: &[(Setting<'_>, &[Entry])]) -> Option<Stale> {
        let settings = || {
            let all = judged.iter().map(|(setting, _)| setting);
            all.filter(|it| allow.pairing.is_none() || allow.pairing == it.pairing)
        };
        let ended: Vec<Option<bool>> = match &allow.until {
            Some(until) => settings().map(|it| until.has_come(&it.moment)).collect(),
            None => Vec::new(),
        };
        let accepted = Accepted::Allow(allow.clone());
        let mut entries = judged.iter().flat_map(|(_, entries)| *entries);
        let used = entries.any(|it| it.allowed.as_ref() == Some(&accepted));
        let why = match &allow.until {
            // Where no such pairing is judged, nothing can be said.
            _ if settings().next().is_none() => return None,
            Some(until) if ended.iter().all(|it| *it == Some(true)) => {
                Why::Expired(until.to_string())
            }
            Some(until) if ended.contains(&None) => Why::Undecided(until.to_string()),
            // It says itself when it ends.
            Some(_) => return None,
            None if used || self.narrowed => return None,
            None => Why::Unmatched,
        };
        Some(Stale {
            rule: allow.rule.clone(),
            subject: allow.subject.as_str().to_owned(),
            pairing: allow.pairing,
            reason: allow.reason.clone(),
            origin: allow.origin,
            site: allow.site.clone(),
            why,
        })
    }

    /// What is in the baseline, in a pairing that was judged, and in no finding.
    fn vanished(&self, judged: &[(Setting<'_>, &[Entry])]) -> impl Iterator<Item = Stale> {
        let found: super::Baseline = judged
            .iter()
            .flat_map(|(setting, entries)| {
                entries.iter().map(|it| Fingerprint::of(it, setting.pairing))
            })
            .collect();
        let pairings: Vec<Option<Pairing>> =
            judged.iter().map(|(setting, _)| setting.pairing).collect();
        let gone = self
            .baseline
            .iter()
            .filter(move |it| pairings.contains(&it.pairing) && !found.contains(it));
        gone.map(|it| Stale {
            rule: it.rule.clone(),
            subject: it.subject.clone(),
            pairing: it.pairing,
            reason: Accepted::Baseline.reason().to_owned(),
            origin: Origin::Baseline,
            site: None,
            why: Why::Unmatched,
        })
    }
}
