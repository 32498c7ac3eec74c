//! `protoskew init`: a configuration file to begin with, from what there is to see.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
};

use protoskew::{
    compile::{Compiled, Scope, is_read},
    config::NAME,
    error::Error,
    excerpt::printable,
    imports::is_copy,
    releases::{self, Releases, Selection},
    schema::FullName,
    tree::{self, Repo},
};

use super::{Failure, Loaded, Output, Reading};

/// So many services are listed; of more, one would have to choose anyway.
const LISTED: usize = 20;

/// Writes the file at the top of the working tree, and nothing in place of another.
pub(super) fn run(reading: Reading) -> Result<(), Failure> {
    let discovered = tree::discover(&reading.repo)?;
    let Some(top) = discovered.workdir() else {
        let (repo, name) = (discovered.path().to_owned(), ":worktree".to_owned());
        return Err(Error::Bare { repo, name }.into());
    };
    let path = top.join(NAME);
    if path.symlink_metadata().is_ok() {
        return Err(Error::ConfigThere { path }.into());
    }
    let head = reading.open(":worktree")?;
    let Loaded { mut versions, .. } = reading.load(vec![head], Scope::Whole)?;
    let compiled = versions.remove(0).contents?;
    let releases = Repo::open(&reading.repo, is_read)
        .and_then(|repo| releases::find(&repo, &Selection::default()));
    let text = text(&compiled, releases.ok().as_ref());
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    match file.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => (),
        Err(err) if err.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::ConfigThere { path }.into());
        }
        Err(err) => return Err(Error::Unwritable { path, reason: err.to_string() }.into()),
    }
    let mut out = Output::stdout();
    let shown = printable(&path.display().to_string());
    out.text(&format!("wrote {shown}: everything in it is commented out, as all of it may be\n"));
    out.finish()
}

/// What is commented out begins with `#` and no space, so that it is told from what explains it.
fn text(compiled: &Compiled, releases: Option<&Releases>) -> String {
    // Copies of other people's schemas are theirs to judge.
    let own = |name: &&FullName| {
        compiled.schema.sites.file(name).is_some_and(|file| !is_copy(&file.path))
    };
    let services: Vec<&FullName> = compiled.schema.services.keys().filter(own).collect();
    let mut text = format!(
        "#:schema https://raw.githubusercontent.com/protoskew/protoskew/main/docs/config.schema.json\n\
         # What protoskew judges in this repository, and how loudly. Every key may be left out.\n\
         # docs/config.md in protoskew's repository explains them all.\n\n\
         {}{}{}{}",
        paths(compiled, &services),
        roots(compiled),
        found(releases),
        boundary(&services),
    );
    text.push_str(&window(releases));
    text.push_str(&levels());
    text.push_str(&allow(compiled));
    text
}

/// The folders that hold the services.
fn paths(compiled: &Compiled, services: &[&FullName]) -> String {
    let files = services.iter().filter_map(|name| compiled.schema.sites.file(name));
    let folders: BTreeSet<&str> =
        files.map(|file| file.path.split_once('/').map_or("", |(folder, _)| folder)).collect();
    let folders: Vec<&str> = match folders.contains("") {
        true => Vec::new(),
        false => folders.into_iter().collect(),
    };
    format!(
        "# Judged: {}, {}. To judge only some files, name folders; the others\n\
         # then only serve imports.\n\
         #paths = {}\n\n",
        counted(compiled.files, ".proto file"),
        counted(compiled.schema.services.len(), "service"),
        list(&folders),
    )
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn roots(compiled: &Compiled) -> String {
    let missing = match compiled.missing_imports.len() {
        0 => "and every import is found".to_owned(),
        1 => "and 1 import is not found: its types are compared by name".to_owned(),
        missing => format!("and {missing} imports are not found: their types are compared by name"),
    };
    format!(
        "# Where imports are looked up is inferred, {missing}.\n\
         # Folders that are named here are looked into first.\n\
         #roots = []\n\n"
    )
}

/// Tags by which allows can end, and with which findings can be written down.
fn found(releases: Option<&Releases>) -> String {
    let all = releases.map_or(&[][..], |it| it.all.as_slice());
    let Some(newest) = all.last() else {
        return "# There are no tags of releases in this clone.\n\n".to_owned();
    };
    let (first, newest) = (printable(&all[0].revision.name), printable(&newest.revision.name));
    format!(
        "# Releases seen: {}, from {first} to {newest}. To begin with what has not been released\n\
         # yet, write down what differs from the last release, and commit it:\n\
         #   protoskew baseline {newest}\n\
         #baseline = \"protoskew.baseline.json\"\n\n",
        all.len(),
    )
}

fn boundary(services: &[&FullName]) -> String {
    let mut text =
        "# What is called across versions. Without a boundary, all services are; with one, only \
                    those\n# that are listed, so new ones have to be added.\n\
                    #[[boundary]]\n#name = \"client → server\"\n#services = [\n"
            .to_owned();
    for name in services.iter().take(LISTED) {
        let _ = writeln!(text, "#  {},", quoted(name.as_str()));
    }
    text.push_str("#]\n");
    if services.len() > LISTED {
        let _ = writeln!(text, "# … and {} more services.", services.len() - LISTED);
    }
    text + "\n"
}

/// A window to begin with, where there are release lines to count.
fn window(releases: Option<&Releases>) -> String {
    let all = releases.map_or(&[][..], |it| it.all.as_slice());
    let lines: BTreeSet<&str> = all.iter().filter_map(|it| it.line.as_deref()).collect();
    if lines.len() < 2 {
        return String::new();
    }
    "# How many release lines (v1.2 and v1.3 are two) a client may be ahead of its server, and a\n\
     # server of its client. `protoskew check --window` judges against all releases within.\n\
     #[window]\n#newer-client = 1\n#newer-server = 1\n\n"
        .to_owned()
}

fn levels() -> String {
    "# How loudly a rule speaks: \"error\", \"warning\", \"note\" or \"off\". `protoskew rules` lists them.\n\
     #[levels]\n#field-unset = \"off\"\n\n"
        .to_owned()
}

fn allow(compiled: &Compiled) -> String {
    let method = compiled.schema.methods().next();
    let subject = method.map_or("acme.v1.Manager.Arrive", |method| method.name.as_str());
    format!(
        "# A finding that somebody has accepted: why, and until when.\n\
         #[[allow]]\n#rule = \"rpc-unimplemented\"\n#subject = {}\n\
         #reason = \"the caller takes UNIMPLEMENTED for an answer\"\n\
         #until = \"server >= v99.0.0\"\n",
        quoted(subject),
    )
}

fn list(folders: &[&str]) -> String {
    let folders: Vec<String> = folders.iter().map(|it| quoted(it)).collect();
    format!("[{}]", folders.join(", "))
}

/// A string of TOML. Names of folders can hold anything.
fn quoted(text: &str) -> String {
    let text = printable(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}
