//! What a runner of GitHub Actions reads of a step: files that it names, and commands on stdout.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write as _},
    path::PathBuf,
};

use protoskew::{error::Error, excerpt::printable};

/// Appends to the job summary, if there is one.
pub(super) fn summary(markdown: &str) -> Result<(), Error> {
    append("GITHUB_STEP_SUMMARY", markdown)
}

/// Sets outputs of the step, if somebody reads them.
pub(super) fn outputs(outputs: &[(&str, String)]) -> Result<(), Error> {
    // A value is a line; what would end it is made harmless.
    let lines = outputs.iter().map(|(name, value)| format!("{name}={}\n", printable(value)));
    append("GITHUB_OUTPUT", &lines.collect::<String>())
}

fn append(variable: &str, text: &str) -> Result<(), Error> {
    let Some(path) = env::var_os(variable).filter(|it| !it.is_empty()).map(PathBuf::from) else {
        return Ok(());
    };
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|err| Error::Unwritable { path: path.clone(), reason: err.kind().to_string() })
}
