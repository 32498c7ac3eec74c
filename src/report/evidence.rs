//! What the sources of a client say of a finding, in words. Nothing in them is obeyed by a terminal.

use super::words::{CALLS, counted};
use crate::{
    callsites::{CallSite, Handling, Resolution, Served, ServedStatus},
    check::{Search, Verdict},
    excerpt::printable,
    policy::{Entry, Evidence},
};

/// A line for each place where a call of the finding is made, or one that says that there is none.
pub(super) fn lines(entry: &Entry) -> Vec<String> {
    let Some(evidence) = &entry.evidence else { return Vec::new() };
    let takes = match entry.finding.rule.answers_unimplemented() {
        true => Takes::Unimplemented,
        false => Takes::Another,
    };
    let about = if entry.finding.calls.len() == 1 { About::One } else { About::Several };
    said(evidence, takes, about)
}

/// The status with which a call ends.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Takes {
    /// Callers may test for it.
    Unimplemented,
    /// That is no help against it.
    Another,
}

/// How many calls the words are about: of several, each is named.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum About {
    One,
    Several,
}

/// The same, of evidence without a finding.
pub(super) fn said(evidence: &Evidence, takes: Takes, about: About) -> Vec<String> {
    let mut sites: Vec<&CallSite> = evidence.sites.iter().collect();
    // Those that somebody has to look at come first.
    sites.sort_by_key(|it| evidence.copes(it));
    let mut lines: Vec<String> = evidence.served.iter().take(CALLS).map(answered).collect();
    let sites_shown = sites.iter().take(CALLS).map(|site| {
        let what = match about {
            About::One => "called".to_owned(),
            About::Several => format!("{} called", site.rpc.leaf()),
        };
        let what = match takes {
            Takes::Unimplemented => taken(&what, site, evidence),
            Takes::Another => made(&what, site),
        };
        printable(&what)
    });
    lines.extend(sites_shown);
    if sites.len() > CALLS {
        lines.push(format!("and in {}", counted(sites.len() - CALLS, "more place").0));
    }
    lines.extend(left_open(evidence));
    if evidence.before {
        lines
            .push("it is so already between a client and a server of the older version".to_owned());
    }
    lines
}

/// What a server does about a call, and where.
pub(super) fn answered(server: &Served) -> String {
    let Served { place, by, status, .. } = server;
    let what = match status {
        ServedStatus::Refused => format!("refused at {place} by {by}"),
        ServedStatus::SometimesRefused => format!("refused in some cases at {place} by {by}"),
        ServedStatus::Inherited => {
            format!("not written: {by} at {place} leaves it to the generated type, which refuses")
        }
        ServedStatus::Implemented => format!("answered at {place} by {by}"),
        ServedStatus::Unresolved => "what is registered cannot be seen".to_owned(),
    };
    printable(&what)
}

/// Where a call is made, and how sure that is.
fn made(what: &str, site: &CallSite) -> String {
    let place = match site.place.line {
        0 => site.place.file.to_string(),
        _ => site.place.to_string(),
    };
    let function = match site.function.as_str() {
        "" => String::new(),
        function => format!(" in {function}"),
    };
    let sure = match site.resolution {
        Resolution::Resolved => "",
        Resolution::Likely => " (likely: its type cannot be seen)",
        Resolution::Indirect => " (through an interface)",
        Resolution::Named => " (by its name in a string)",
        Resolution::Declared if site.published.is_some() => "",
        Resolution::Declared => " (the configuration says so)",
    };
    let whose = match &site.published {
        Some(manifest) => format!(" ({manifest} says so)"),
        None => String::new(),
    };
    format!("{what} at {place}{function}{sure}{whose}")
}

/// The same, and how its caller takes `UNIMPLEMENTED`.
pub(super) fn taking(what: &str, site: &CallSite) -> String {
    let does = match site.handling {
        Handling::TestsUnimplemented => "tests for UNIMPLEMENTED",
        Handling::Gated => "made only after asking what the peer has:",
        Handling::AnyErrorFallback => "falls back on any error",
        Handling::Translated => "turns the error into another one",
        Handling::LoggedOnly => "logs the error",
        Handling::Ignored => "drops the error",
        Handling::Propagates => "passes the error on",
        Handling::Unknown => "",
    };
    let how = site.how.as_deref().unwrap_or_default();
    let shown: Vec<String> = site
        .guards
        .iter()
        .map(|place| match place.file == site.place.file {
            true => format!("line {}", place.line),
            false => place.to_string(),
        })
        .collect();
    let shown = if shown.is_empty() { String::new() } else { format!("({})", shown.join(", ")) };
    let words = [does, how, &shown].map(str::trim);
    let does: Vec<&str> = words.into_iter().filter(|it| !it.is_empty()).collect();
    let mut parts = vec![made(what, site)];
    if !does.is_empty() {
        parts.push(does.join(" "));
    }
    parts.join(", ")
}

/// The same, and what is missing where that is no help.
fn taken(what: &str, site: &CallSite, evidence: &Evidence) -> String {
    let said = taking(what, site);
    let missing = match &site.opens_only {
        Some(place) => Some(format!(
            "the test at line {} sees the opening of the stream, and not the status that comes \
             when it is read",
            place.line
        )),
        None if evidence.copes(site) => None,
        None if site.some_callers => Some("the other callers do not".to_owned()),
        None if site.handling == Handling::Gated => {
            Some("that does not keep it from this server".to_owned())
        }
        None => Some("no handling of UNIMPLEMENTED found".to_owned()),
    };
    match missing {
        Some(missing) => format!("{said}; {missing}"),
        None => said,
    }
}

/// What the search could not tell.
fn left_open(evidence: &Evidence) -> Option<String> {
    let Evidence { sites, unresolved, incomplete, .. } = evidence;
    let open = match (*unresolved, *incomplete) {
        (0, 0) => None,
        (0, files) => Some(format!("{} could not be read in full", counted(files, "file").0)),
        (mentions, _) => Some(format!("{} could not be resolved", counted(mentions, "mention").0)),
    };
    match (sites.is_empty(), open) {
        (true, Some(open)) => Some(format!("no call found, but {open}")),
        (true, None) if evidence.settles() => Some("no call found in the client's sources".into()),
        (true, None) => Some(
            "no call found, and no other call of the service: its clients may be elsewhere".into(),
        ),
        (false, Some(open)) if evidence.sites.iter().all(|it| evidence.copes(it)) => {
            Some(format!("and {open}"))
        }
        (false, _) => None,
    }
}

/// What was not searched though it could tell something, and why.
pub(super) fn not_searched(verdict: &Verdict) -> Option<String> {
    match &verdict.search {
        Search::Not(why) => Some(printable(&format!("call sites: not searched: {why}"))),
        Search::Idle | Search::Done(_) => None,
    }
}
