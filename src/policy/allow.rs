//! Findings that somebody has accepted: with a reason, and for a time.

use std::{fmt, str::FromStr};

use super::Until;
use crate::{
    error::did_you_mean,
    judge::Finding,
    rules,
    schema::{FullName, Names, Site},
    skew::Pairing,
};

/// An accepted finding. The reason is not optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The id of the rule.
    pub rule: String,
    /// The element, or some.
    pub subject: Names,
    /// In this pairing only.
    pub pairing: Option<Pairing>,
    /// Why it is accepted.
    pub reason: String,
    /// When it is accepted no longer.
    pub until: Option<Until>,
    /// Who says so.
    pub origin: Origin,
    /// Where that is written, from the top of the repository; of a comment, from the top of the
    /// version.
    pub site: Option<Site>,
}

/// Where somebody has accepted a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the configuration file.
    Config,
    /// In a comment at the element.
    Comment,
    /// In the baseline.
    Baseline,
}

impl Allow {
    pub(super) fn covers(&self, finding: &Finding, pairing: Option<Pairing>) -> bool {
        self.rule == finding.rule.id
            && (self.pairing.is_none() || self.pairing == pairing)
            && self.subject.covers(&finding.subject)
    }

    /// What follows `protoskew:allow` in a comment: the rule, `until=…` if it ends, and the reason.
    ///
    /// # Errors
    /// One sentence on what is wrong with it.
    pub fn of_comment(subject: &FullName, text: &str, site: Option<Site>) -> Result<Allow, String> {
        let (rule, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        known_rule(rule)?;
        let (until, reason) = match rest.trim_start().strip_prefix("until=") {
            None => (None, rest),
            Some(rest) => {
                let (until, reason) = ending(rest);
                (Some(Until::from_str(until)?), reason)
            }
        };
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(format!("`allow {rule}` gives no reason"));
        }
        let (rule, subject) = (rule.to_owned(), Names::from(subject));
        Ok(Allow { rule, subject, pairing: None, reason, until, origin: Origin::Comment, site })
    }
}

/// `"server >= v2.17.0" reason`, or without quotes, where it has no space.
fn ending(text: &str) -> (&str, &str) {
    let quoted = text.strip_prefix('"').and_then(|text| text.split_once('"'));
    quoted.or(text.split_once(char::is_whitespace)).unwrap_or((text, ""))
}

/// # Errors
/// No rule has that id; which may have been meant.
pub(super) fn known_rule(id: &str) -> Result<(), String> {
    if rules::find(id).is_some() {
        return Ok(());
    }
    let near = did_you_mean(id, rules::ALL.iter().map(|rule| rule.id));
    Err(format!("no rule is named `{id}`{}{near}", if near.is_empty() { "" } else { "; " }))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Config => "config",
            Origin::Comment => "comment",
            Origin::Baseline => "baseline",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_say_what_and_until_when_and_why() {
        let of = |text| Allow::of_comment(&FullName::new("a.B.C"), text, None);
        let allow =
            of(" rpc-unimplemented until=v2.23.0 falls back to  listing ").expect("it is one");
        assert_eq!(allow.until.map(|it| it.to_string()).as_deref(), Some("v2.23.0"));
        assert_eq!((&*allow.rule, &*allow.reason), ("rpc-unimplemented", "falls back to  listing"));
        let allow = of("field-unset until=\"server >= v2\" nobody reads it").expect("it is one");
        assert_eq!(allow.until.map(|it| it.to_string()).as_deref(), Some("server >= v2"));
        assert_eq!(allow.reason, "nobody reads it");
        for (text, said) in [
            ("", "no rule is named ``"),
            (
                "oneof-clobered why",
                "no rule is named `oneof-clobered`; did you mean `oneof-clobbered`?",
            ),
            ("rpc-unimplemented", "`allow rpc-unimplemented` gives no reason"),
            ("rpc-unimplemented until=v1", "`allow rpc-unimplemented` gives no reason"),
            ("rpc-unimplemented until=then why", "`then` has no version number"),
            ("rpc-unimplemented until=", "`` has no version number"),
        ] {
            assert_eq!(of(text).err().as_deref(), Some(said), "{text:?}");
        }
    }
}
