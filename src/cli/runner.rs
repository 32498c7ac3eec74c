//! The files in which a runner of GitHub Actions looks for what a step has to say.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use protoskew::{check::Report, error::Error, excerpt::printable, report::markdown};

use super::Failure;

/// Appends the report to the summary of the job, if this is one. There is room for so much in a
/// summary, of which others may have taken some.
pub(super) fn summarize(report: &Report) -> Result<(), Failure> {
    let Some(path) = named("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let taken = std::fs::metadata(&path).map_or(0, |it| usize::try_from(it.len()).unwrap_or(0));
    let mut text = Vec::new();
    markdown::render(report, markdown::SUMMARY.saturating_sub(taken), &mut text)?;
    Ok(append(&path, &text)?)
}

/// Appends a few words to the summary of the job.
pub(super) fn summary(markdown: &str) -> Result<(), Error> {
    named("GITHUB_STEP_SUMMARY").map_or(Ok(()), |path| append(&path, markdown.as_bytes()))
}

/// Sets outputs of the step, if somebody reads them.
pub(super) fn outputs(outputs: &[(&str, String)]) -> Result<(), Error> {
    // A value is a line; what would end it is made harmless.
    let lines = outputs.iter().map(|(name, value)| format!("{name}={}\n", printable(value)));
    let lines: String = lines.collect();
    named("GITHUB_OUTPUT").map_or(Ok(()), |path| append(&path, lines.as_bytes()))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|it| !it.is_empty()).map(PathBuf::from)
}

fn append(path: &Path, text: &[u8]) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        OpenOptions::new().append(true).create(true).open(path)?.write_all(text)
    };
    let unwritable = |err: io::Error| Error::Unwritable {
        path: path.to_owned(),
        reason: err.kind().to_string(),
    };
    write().map_err(unwritable)
}
