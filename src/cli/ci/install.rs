//! `protoskew install-hook`: hooks of git that run `protoskew ci`.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Parser as _, ValueEnum};
use protoskew::{
    error::Error,
    tree::{self, Repository},
};

use crate::cli::{self, Failure, Output};

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// Which hooks [default: both].
    hooks: Vec<Hook>,
    /// The git repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// What the hooks pass on to `protoskew ci`, such as `--pairing newer-server`.
    #[arg(last = true, value_name = "ARG")]
    args: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hook {
    /// At each commit.
    PreCommit,
    /// At each push.
    PrePush,
}

/// A hook that we wrote says so.
const MARK: &str = "# Written by `protoskew install-hook`.";

/// Writes the hooks, and no hook in place of another.
pub(in crate::cli) fn run(args: &Args) -> Result<(), Failure> {
    let hooks = match args.hooks.as_slice() {
        [] => &[Hook::PreCommit, Hook::PrePush],
        hooks => hooks,
    };
    for hook in hooks {
        let words = ["protoskew", "ci", hook.name()].into_iter();
        // A slip of the pen is better found now than at the next commit.
        if let Err(err) = cli::Args::try_parse_from(words.chain(args.args.iter().map(|it| &**it))) {
            return Err(Failure::Usage(err));
        }
    }
    let folder = folder(&tree::discover(&args.repo)?);
    let mut texts = Vec::new();
    for hook in hooks {
        let (path, text) = (folder.join(hook.name()), hook.text(&args.args));
        match fs::read(&path) {
            Ok(there) if there == text.as_bytes() => (),
            Ok(there) if !ours(&there) => return Err(taken(path, *hook, &args.args).into()),
            Err(_) if fs::symlink_metadata(&path).is_ok() => {
                return Err(taken(path, *hook, &args.args).into());
            }
            _ => (),
        }
        texts.push((path, text));
    }
    let mut out = Output::stdout();
    for (path, text) in texts {
        write(&path, &text)
            .map_err(|err| Error::Unwritable { path: path.clone(), reason: err.to_string() })?;
        // Seen from here, if it is below.
        let here = std::env::current_dir().and_then(|it| it.canonicalize()).unwrap_or_default();
        let path = path.strip_prefix(here).unwrap_or(&path);
        let path = protoskew::excerpt::printable(&path.display().to_string());
        out.text(&format!("wrote {path}\n"));
    }
    out.finish()
}

impl Hook {
    fn name(self) -> &'static str {
        match self {
            Hook::PreCommit => "pre-commit",
            Hook::PrePush => "pre-push",
        }
    }

    fn undone(self) -> &'static str {
        match self {
            Hook::PreCommit => "git commit --no-verify",
            Hook::PrePush => "git push --no-verify",
        }
    }

    fn command(self, args: &[String]) -> String {
        let quoted = args.iter().map(|arg| format!(" '{}'", arg.replace('\'', r"'\''")));
        format!("protoskew ci {}{}", self.name(), quoted.collect::<String>())
    }

    fn text(self, args: &[String]) -> String {
        let (command, undone) = (self.command(args), self.undone());
        format!(
            "#!/bin/sh\n\
             {MARK}\n\
             command -v protoskew >/dev/null || {{\n\
             \x20 echo 'protoskew is not on PATH, so nothing was judged; to go on: {undone}' >&2\n\
             \x20 exit 1\n\
             }}\n\
             exec {command}\n"
        )
    }
}

/// Where git looks for hooks: in a folder that is configured, or among what all worktrees share.
fn folder(repo: &Repository) -> PathBuf {
    let configured = repo.config().and_then(|it| it.get_path("core.hooksPath")).ok();
    let top = repo.workdir().unwrap_or(repo.path());
    match configured {
        Some(path) if !path.as_os_str().is_empty() => top.join(path),
        _ => repo.commondir().join("hooks"),
    }
}

fn ours(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).lines().any(|line| line == MARK)
}

fn taken(path: PathBuf, hook: Hook, args: &[String]) -> Error {
    Error::HookTaken { path, command: hook.command(args) }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|err| err.error)?;
    Ok(())
}

#[cfg(unix)]
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o777)
}

/// Windows knows no modes, and git there asks for none.
#[cfg(not(unix))]
fn permissions() -> fs::Permissions {
    fs::metadata(".").map(|it| it.permissions()).expect("the current folder exists")
}
