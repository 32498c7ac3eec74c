//! Where text goes, and how it may look there.

use std::{
    env,
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal, Seek as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{GraphicalReportHandler, GraphicalTheme};
use protoskew::{error::Error, excerpt::printable};
use tempfile::SpooledTempFile;

use super::Failure;

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

/// Text on its way to stdout or to a file. It is held back until it is complete, so that a run
/// that fails leaves nothing half written; what is long waits on disk.
pub(super) struct Output {
    file: Option<PathBuf>,
    text: SpooledTempFile,
    /// Why not all of it could be held back.
    failed: io::Result<()>,
}

/// Text that is longer than this many bytes waits on disk.
const LONG: usize = 16 << 20;

impl Output {
    pub(super) fn stdout() -> Output {
        Output::to(None)
    }

    pub(super) fn to(file: Option<PathBuf>) -> Output {
        Output { file, text: SpooledTempFile::new(LONG), failed: Ok(()) }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.failed.is_ok() {
            self.failed = self.text.write_all(text.as_bytes());
        }
    }

    /// Colours are wanted and will be seen.
    pub(super) fn color(&self, color: Color) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.file.is_none() && colors_on(&io::stdout()),
        }
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.failed?;
        self.text.rewind()?;
        let Some(path) = self.file else {
            let mut stdout = io::stdout().lock();
            io::copy(&mut self.text, &mut stdout)?;
            return Ok(stdout.flush()?);
        };
        let written = match std::fs::symlink_metadata(&path) {
            // A pipe, a device or a link cannot be replaced; a file is, in one step.
            Ok(found) if !found.is_file() => File::create(&path)
                .and_then(|mut file| io::copy(&mut self.text, &mut file).map(|_| ())),
            _ => replace(&path, &mut self.text),
        };
        Ok(written.map_err(|err| unwritable(path, &err))?)
    }
}

fn replace(path: &Path, text: &mut SpooledTempFile) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .permissions(permissions())
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    io::copy(text, &mut file)?;
    file.persist(path).map_err(|err| err.error)?;
    Ok(())
}

fn unwritable(path: PathBuf, err: &io::Error) -> Error {
    // The error's own text names a temporary file, which nobody asked for.
    let reason = match err.kind() {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        kind => kind.to_string(),
    };
    Error::Unwritable { path, reason }
}

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
    columns().min(120)
}

/// The width of the terminal, for tables; 100 elsewhere.
pub(super) fn columns() -> usize {
    let columns = terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns);
    columns.map_or(100, |columns| usize::from(columns).max(40))
}

/// How far long work has come, on a terminal; nothing elsewhere, and nothing of work that is done
/// at once.
pub(super) fn bar(what: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() || env::var_os("TERM").is_some_and(|it| it == "dumb") {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
    let bar = ProgressBar::new(0).with_message(what);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// That work goes on of which nobody knows how long it takes, likewise. It ends when this is
/// dropped.
pub(super) fn busy(what: &'static str) -> Busy {
    let bar = bar(what);
    bar.set_style(ProgressStyle::default_spinner());
    bar.enable_steady_tick(Duration::from_millis(100));
    Busy(bar)
}

/// Work that goes on.
pub(super) struct Busy(ProgressBar);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Says on stderr why there is no answer.
pub(super) fn print_error(error: &Error) {
    print_errors([error]);
}

/// Says on stderr all that is wrong, and of what is wrong with both versions, once.
pub(super) fn print_errors<'e>(errors: impl IntoIterator<Item = &'e Error>) {
    let mut said: Vec<String> = Vec::new();
    for error in errors {
        let text = draw(error);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    // Nobody may be listening; the exit code still says it.
    let _ = io::stderr().write_all(said.join("\n").as_bytes());
}

fn draw(error: &Error) -> String {
    let draw = |theme: GraphicalTheme| {
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false);
        match handler.with_links(false).with_context_lines(0).render_report(&mut text, error) {
            Ok(()) => text,
            Err(_) => error.to_string(),
        }
    };
    let plain = draw(GraphicalTheme::unicode_nocolor());
    let safe = safe(&plain);
    // Colours are escapes too: they are added only to text that has none of its own.
    let colored = safe == plain && colors_on(&io::stderr());
    if colored { draw(GraphicalTheme::unicode()) } else { safe }
}

/// Says what is wrong with the command line, or what was asked with `--help` or `--version`.
pub(super) fn print_usage(err: &clap::Error) -> ExitCode {
    // clap repeats arguments as they are.
    let obeyed = |arg: OsString| printable(&arg.to_string_lossy()) != arg.to_string_lossy();
    let _ = match env::args_os().any(obeyed) {
        true => io::stderr().write_all(safe(&err.render().to_string()).as_bytes()),
        false => err.print(),
    };
    ExitCode::from(u8::try_from(err.exit_code()).unwrap_or(2))
}

/// Lines that a terminal shows and does not obey.
fn safe(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(line) => printable(line) + "\n",
        None => printable(line),
    });
    lines.collect()
}

fn colors_on(stream: &impl IsTerminal) -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|it| it != "dumb")
}
