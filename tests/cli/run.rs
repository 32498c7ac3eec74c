//! Runs the program, and looks at what it left behind.

use std::{
    ffi::OsStr,
    io::{Read, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// A run that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// What a run of the program left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// The built program, to be run in `folder` under the same circumstances everywhere: no terminal,
/// no colours, nobody's configuration of git.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protoskew"));
    command.current_dir(folder).stdin(Stdio::null()).env("NO_COLOR", "1");
    for home in ["HOME", "USERPROFILE", "XDG_CONFIG_HOME"] {
        command.env(home, env!("CARGO_TARGET_TMPDIR"));
    }
    for leaked in [
        "RUST_BACKTRACE",
        "RUST_LIB_BACKTRACE",
        "COLUMNS",
        "GIT_INDEX_FILE",
        "PRE_COMMIT_FROM_REF",
        "PRE_COMMIT_TO_REF",
        "PRE_COMMIT_REMOTE_BRANCH",
    ] {
        command.env_remove(leaked);
    }
    command
}

/// Runs the program in `folder`. Whatever it was asked: it ends, it does not panic, and what it
/// prints a terminal shows and does not obey.
#[track_caller]
pub(crate) fn run(folder: &Path, args: &[impl AsRef<OsStr>]) -> Ran {
    let mut command = program(folder);
    command.args(args);
    run_it(command, "")
}

/// Runs a program that has been told all it needs, and gives it something to read.
#[track_caller]
pub(crate) fn run_it(mut command: Command, stdin: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that does not read has ended already, or will.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let code = wait(&mut child).expect("the program ends of itself, in time");
    let [stdout, stderr] = [stdout, stderr].map(|it| it.join().expect("the reader ends"));
    assert!(!stderr.contains("panicked"), "{stderr}");
    for text in [&stdout, &stderr] {
        assert_eq!(text.chars().find(|&it| is_obeyed(it)), None, "raw control character: {text:?}");
    }
    Ran { stdout, stderr, code }
}

fn reader(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        stream.expect("it is piped").read_to_string(&mut text).expect("the output is UTF-8");
        text
    })
}

/// The exit code; `None` if the program hung, and was ended, or was ended by a signal.
pub(crate) fn wait(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    while start.elapsed() < LONGEST {
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            return status.code();
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("the program can be ended");
    None
}

/// Terminals act on these, or show what follows in another order than it is read in.
fn is_obeyed(char: char) -> bool {
    let reorders = ['\u{61c}', '\u{200e}', '\u{200f}'].contains(&char)
        || ('\u{202a}'..='\u{202e}').contains(&char)
        || ('\u{2066}'..='\u{2069}').contains(&char);
    reorders || (char.is_control() && !['\n', '\t'].contains(&char))
}

impl Ran {
    /// It could not answer, and says why: `said` are phrases of its words, wherever the lines break.
    #[track_caller]
    pub(crate) fn gives_up(&self, said: &[&str]) {
        assert_eq!(self.code, 2, "{self:#?}");
        self.complains(said);
    }

    /// Phrases on stderr, wherever the lines break.
    #[track_caller]
    pub(crate) fn complains(&self, said: &[&str]) {
        let words = words(&self.stderr);
        for phrase in said {
            assert!(words.contains(phrase), "no {phrase:?} in:\n{}", self.stderr);
        }
    }

    /// It answered, whatever the answer is.
    #[track_caller]
    pub(crate) fn answers(&self) {
        assert!(matches!(self.code, 0 | 1), "{self:#?}");
        assert_eq!(self.stderr, "");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|err| panic!("{err}: {self:#?}"))
    }
}

/// Text without the frame that miette draws around it, on one line.
fn words(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<&str>>().join(" ")
}
