//! What formats for people say in the same words. Nothing in them is obeyed by a terminal.

use crate::{
    check::{Pair, Report, Verdict},
    excerpt::printable,
    policy::{Entry, Level},
    skew::{Codec, Flow, Side},
};

/// More calls than these are counted, not listed; JSON lists all.
pub(super) const CALLS: usize = 5;

pub(super) fn pairing(pair: Pair) -> &'static str {
    match pair.pairing.client {
        _ if pair.explicit => "as named",
        Side::Head => "newer client",
        Side::Base => "newer server",
    }
}

/// `v2.17.0 client → v2.16.1 server`.
pub(super) fn ends(report: &Report, pair: Pair) -> String {
    let [client, server] =
        [pair.client(), pair.server()].map(|it| printable(&report.versions[it].name));
    format!("{client} client → {server} server")
}

pub(super) fn outcome(verdict: &Verdict) -> String {
    let failing = match verdict.failing() {
        0 => None,
        1 => Some("1 call fails".to_owned()),
        calls => Some(format!("{calls} calls fail")),
    };
    let errors = match (verdict.errors(), verdict.failing()) {
        (0, _) => None,
        (errors, 0) => Some(counted(errors, "error").0),
        (1, _) => Some("1 more error".to_owned()),
        (errors, _) => Some(format!("{errors} more errors")),
    };
    let warnings = match verdict.count(Level::Warning) {
        0 => None,
        warnings => Some(counted(warnings, "warning").0),
    };
    let said: Vec<String> = [Some(verdict.outcome.to_string()), failing, errors, warnings]
        .into_iter()
        .flatten()
        .collect();
    said.join(", ")
}

/// What is said of an element. A sentence about a call names it, and the path of the call follows.
pub(super) fn sentence(entry: &Entry) -> String {
    let it = &entry.finding;
    match it.flow {
        Flow::Call => printable(&it.message) + &span(entry),
        Flow::Request | Flow::Response => {
            printable(&format!("{}: {}", it.subject, it.message)) + &span(entry)
        }
    }
}

/// The releases that a finding hits, if it is about some of many.
fn span(entry: &Entry) -> String {
    let said = |it| printable(&format!(", with {it}"));
    entry.span.as_ref().map(said).unwrap_or_default()
}

/// The same for formats that set names apart: all names are between backticks.
pub(super) fn marked(entry: &Entry) -> String {
    let it = &entry.finding;
    match it.flow {
        Flow::Call => printable(&it.message) + &span(entry),
        Flow::Request | Flow::Response => {
            printable(&format!("`{}`: {}", it.subject, it.message)) + &span(entry)
        }
    }
}

/// Findings by their cause: what is said of bytes, and of JSON in the same words, is one.
pub(super) fn causes(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(Entry::is_repeated_by)
}

/// The causes that nobody has accepted, each by its first finding and with what carries it.
pub(super) fn open(entries: &[Entry]) -> impl Iterator<Item = (&Entry, String)> {
    let open = causes(entries).filter(|cause| cause[0].allowed.is_none());
    open.map(|cause| (&cause[0], carried(cause)))
}

/// What carries it, in which form.
pub(super) fn carried(cause: &[Entry]) -> String {
    let calls = on_calls(&cause[0]);
    if cause.len() > 1 { format!("in bytes and in JSON, {calls}") } else { calls }
}

/// Which calls it happens to, unless the sentence has named the only one.
pub(super) fn other_calls(cause: &[Entry]) -> Option<String> {
    let it = &cause[0].finding;
    (it.flow != Flow::Call || it.calls.len() > 1).then(|| carried(cause))
}

/// `1 note`, `2 notes`, and the verb that goes with it.
pub(super) fn counted(count: usize, noun: &str) -> (String, &'static str) {
    match count {
        1 => (format!("1 {noun}"), "is"),
        count => (format!("{count} {noun}s"), "are"),
    }
}

/// `in the request of /a.B/{C, D} and 3 more`.
fn on_calls(entry: &Entry) -> String {
    let it = &entry.finding;
    let what = match it.flow {
        Flow::Call if it.calls.len() == 1 => "call:",
        Flow::Call => "calls:",
        Flow::Request => "in the request of",
        Flow::Response => "in the response of",
    };
    let what = match it.codec {
        Codec::Binary => what.to_owned(),
        Codec::Json => format!("in JSON, {what}"),
    };
    let shown: Vec<_> = it.calls.iter().take(CALLS).collect();
    let services = shown.chunk_by(|a, b| a.parent() == b.parent()).map(|calls| match calls {
        [call] => call.path(),
        calls => {
            let leaves: Vec<&str> = calls.iter().map(|call| call.leaf()).collect();
            format!("/{}/{{{}}}", calls[0].parent(), leaves.join(", "))
        }
    });
    let shown = printable(&services.collect::<Vec<String>>().join(", "));
    match it.calls.len().saturating_sub(CALLS) {
        0 => format!("{what} {shown}"),
        more => format!("{what} {shown} and {more} more"),
    }
}
