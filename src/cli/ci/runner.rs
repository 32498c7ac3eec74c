//! What a runner of GitHub Actions reads of a step: files that it names, and commands on stdout.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write as _},
    path::PathBuf,
};

use protoskew::{error::Error, excerpt::printable};

/// A job summary may hold so many bytes; a larger one is not shown at all.
const LARGEST: usize = 1 << 20;

/// Appends to the job summary, if there is one.
pub(super) fn summary(markdown: &str) -> Result<(), Error> {
    const CUT: &str = "\n\nThe rest did not fit here; the report has it.\n";
    if markdown.len() <= LARGEST {
        return append("GITHUB_STEP_SUMMARY", markdown);
    }
    // Between two lines, so that no row of a table is cut.
    let room = &markdown.as_bytes()[..LARGEST - CUT.len()];
    let end = room.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    append("GITHUB_STEP_SUMMARY", &format!("{}{CUT}", &markdown[..end]))
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

/// A message, as an annotation of no file.
pub(super) fn annotation(kind: &str, title: &str, message: &str) -> String {
    let lines = message.lines().map(printable).collect::<Vec<String>>().join("\n");
    let escaped = lines.replace('%', "%25").replace('\n', "%0A");
    format!("::{kind} title={title}::{escaped}\n")
}
