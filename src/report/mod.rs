//! One file per format, each fed the same finished report. Nothing here decides what a finding is,
//! how loud it is, or in which order findings come: if two formats could disagree on it, it belongs
//! in the report. A format for people may show less; it says how much it leaves out.

pub mod anchor;
pub mod calls;
pub mod changes;
pub mod checklist;
mod escape;
mod fingerprint;
pub mod fleet;
pub mod github;
pub mod gitlab;
pub mod grid;
pub mod html;
pub mod human;
pub mod incident;
pub mod json;
pub mod junit;
pub mod lookup;
pub mod markdown;
pub mod markdown_fleet;
pub mod matrix_html;
pub mod normal_form;
pub mod proof;
pub mod sarif;
pub mod since;
mod words;

/// A time in seconds since 1970 began, as RFC 3339 writes it, UTC.
pub(crate) fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}
