//! Where text goes, and how it may look there.

use std::{
    env,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use protoskew::excerpt::printable;

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

/// Text on its way to stdout or to a file. It is held back until it is complete, so that a run
/// that fails leaves nothing half written.
pub(super) struct Output {
    file: Option<PathBuf>,
    text: Vec<u8>,
}

impl Output {
    pub(super) fn stdout() -> Output {
        Output::to(None)
    }

    pub(super) fn to(file: Option<PathBuf>) -> Output {
        Output { file, text: Vec::new() }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Colours are wanted and will be seen.
    pub(super) fn color(&self, color: Color) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.file.is_none() && colors_on(&io::stdout()),
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        let Some(path) = self.file else {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&self.text)?;
            return stdout.flush();
        };
        let named = |err: io::Error| io::Error::new(err.kind(), format!("{}: {err}", shown(&path)));
        // A pipe or a device cannot be replaced; a file is, in one step.
        if path.exists() && !path.is_file() {
            return std::fs::write(&path, &self.text).map_err(named);
        }
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new()
                .permissions(permissions())
                .tempfile_in(folder.unwrap_or(Path::new(".")))?;
            file.write_all(&self.text)?;
            file.persist(&path).map_err(|err| err.error)?;
            Ok(())
        };
        write().map_err(named)
    }
}

use super::shown;

/// Those of any new file, instead of a temporary file's.
#[cfg(unix)]
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

#[cfg(not(unix))]
fn permissions() -> std::fs::Permissions {
    // Windows knows no modes; tempfile asks for none there.
    std::fs::metadata(".").map(|it| it.permissions()).expect("the current folder exists")
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The width of the terminal, within what reads well; 100 elsewhere.
pub(super) fn width() -> usize {
    let columns = terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns);
    columns.map_or(100, |columns| usize::from(columns).clamp(40, 120))
}

/// Says on stderr why there is no answer.
#[allow(clippy::print_stderr)]
pub(super) fn print_error(error: &dyn Diagnostic) {
    let draw = |theme: GraphicalTheme| {
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width());
        match handler.with_links(false).with_context_lines(0).render_report(&mut text, error) {
            Ok(()) => text,
            Err(_) => error.to_string(),
        }
    };
    let plain = draw(GraphicalTheme::unicode_nocolor());
    let safe: String = plain.split_inclusive('\n').map(safe_line).collect();
    // Colours are escapes too: they are added only to text that has none of its own.
    if safe == plain && colors_on(&io::stderr()) {
        eprint!("{}", draw(GraphicalTheme::unicode()));
    } else {
        eprint!("{safe}");
    }
}

fn safe_line(line: &str) -> String {
    match line.strip_suffix('\n') {
        Some(line) => printable(line) + "\n",
        None => printable(line),
    }
}

fn colors_on(stream: &impl IsTerminal) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|it| it != "dumb")
}
