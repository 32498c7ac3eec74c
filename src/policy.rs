//! How loudly to report a finding, and which findings somebody has accepted.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    judge::{Finding, Settings},
    rules::{Effect, Rule},
    schema::FullName,
    skew::Flow,
};

/// The resolved policy: no `Option` in it means "default".
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Only calls of these services cross a version boundary; empty means all of them.
    pub services: Vec<FullName>,
    /// Levels by rule id, instead of the table's.
    pub levels: BTreeMap<String, Level>,
    /// Findings that somebody has accepted.
    pub allows: Vec<Allow>,
    /// What no schema says.
    pub settings: Settings,
    /// A part that could not be read does not make the rest unknown.
    pub keep_going: bool,
}

/// How loudly a finding is reported, in the words of SARIF, which are GitHub's as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Level {
    Off,
    Note,
    Warning,
    Error,
}

/// One accepted finding. The reason is not optional.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allow {
    /// The id of the rule.
    pub rule: String,
    /// The element.
    pub subject: FullName,
    /// Why it is accepted.
    pub reason: String,
}

/// A finding and what the policy says of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What would go wrong.
    pub finding: Finding,
    /// How loudly to say so.
    pub level: Level,
    /// Who accepted it, and why.
    pub allowed: Option<Allow>,
}

impl Policy {
    /// `None` if the finding is off, or no call that it hits crosses a boundary. Calls that cross
    /// none are left out.
    pub fn decide(&self, mut finding: Finding) -> Option<Entry> {
        if !self.services.is_empty() {
            let crosses =
                |call: &FullName| self.services.iter().any(|it| it.as_str() == call.parent());
            if !finding.calls.iter().all(crosses) {
                let crossing = finding.calls.iter().filter(|call| crosses(call));
                finding.calls = Arc::new(crossing.cloned().collect());
            }
        }
        let level = self.levels.get(finding.rule.id).copied();
        let level = level.unwrap_or(default_level(finding.rule, finding.flow));
        if level == Level::Off || finding.calls.is_empty() {
            return None;
        }
        let allowed = self.allows.iter().find(|it| it.covers(&finding)).cloned();
        Some(Entry { finding, level, allowed })
    }
}

impl Allow {
    fn covers(&self, finding: &Finding) -> bool {
        self.rule == finding.rule.id && self.subject == finding.subject
    }
}

/// How loudly a rule speaks if nobody says otherwise.
pub fn default_level(rule: &Rule, flow: Flow) -> Level {
    let level = table(rule.effect, flow);
    match level {
        // What was meant is not done: the call may do harm.
        Level::Warning if rule.id == "field-intent-ignored" => Level::Error,
        Level::Error if rule.only_some => Level::Warning,
        Level::Warning if rule.only_some => Level::Note,
        level => level,
    }
}

/// The whole severity table.
fn table(effect: Effect, flow: Flow) -> Level {
    match (effect, flow) {
        (Effect::CallFails | Effect::Misread | Effect::Lost, _) => Level::Error,
        (Effect::Ignored, Flow::Call | Flow::Request) => Level::Warning,
        (Effect::Ignored, Flow::Response) | (Effect::Unset, _) => Level::Note,
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Off => "off",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        })
    }
}
