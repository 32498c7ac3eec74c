//! A repository on a server, and clones of it as actions/checkout makes them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::repo::Place;

/// git itself is there. The program does without; the action fetches with it.
pub(crate) fn git_is_there() -> bool {
    let there = Command::new("git").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !there {
        println!("did not run: git is not installed");
    }
    there
}

/// How much of the history a checkout has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Depth {
    /// One commit: what is the default.
    One,
    /// `fetch-depth: 0`, with every branch and tag.
    All,
}

/// A clone, with a detached HEAD.
pub(crate) struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// Of a commit of the repository on the server.
    #[track_caller]
    pub(crate) fn of(server: &Place, commit: &str, depth: Depth) -> Checkout {
        let checkout = Checkout { folder: TempDir::new().unwrap() };
        let url = format!("file://{}", server.path().display());
        checkout.git(&["init", "--quiet", "."]);
        checkout.git(&["remote", "add", "origin", &url]);
        match depth {
            Depth::One => {
                checkout.git(&["fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit]);
            }
            Depth::All => {
                let branches = "+refs/heads/*:refs/remotes/origin/*";
                let tags = "+refs/tags/*:refs/tags/*";
                checkout.git(&["fetch", "--quiet", "--no-tags", "origin", branches, tags, commit]);
            }
        }
        checkout.git(&["checkout", "--quiet", "--detach", commit]);
        checkout
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server cannot be reached any more.
    pub(crate) fn disconnect(&self) {
        self.git(&["remote", "set-url", "origin", "file:///nowhere"]);
    }

    #[track_caller]
    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.path()).env("HOME", PathBuf::from("/nonexistent"));
        for (name, value) in [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0")] {
            command.env(name, value);
        }
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
            command.env_remove(name);
        }
        let ran = command.output().expect("git runs");
        assert!(ran.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}
