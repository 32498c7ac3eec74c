//! The README and the pages in `docs/` show what the program prints: each console block after a
//! line `<!-- run in: SCENE -->` is run there, a command after another, and its output compared.
//! Blocks of one page and one scene follow one another in one folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use protoskew::{config::Config, policy::Policy};
use saphyr::{LoadableYamlNode as _, Yaml};
use tempfile::TempDir;

use crate::support::assert_golden;

const TOP: &str = env!("CARGO_MANIFEST_DIR");

/// Pages that are written by hand.
fn pages() -> Vec<PathBuf> {
    let mut pages = crate::support::entries(Path::new(TOP).join("docs"));
    pages.retain(|page| page.extension().is_some_and(|it| it == "md"));
    pages.push(Path::new(TOP).join("README.md"));
    pages
}

#[test]
fn the_pages_show_what_the_program_prints() {
    let bash = Command::new("bash").arg("--version").output().is_ok();
    let git = Command::new("git").arg("--version").output().is_ok();
    if !bash || !git {
        println!("did not run: bash and git are not installed");
        return;
    }
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let mut scenes: BTreeMap<String, Scene> = BTreeMap::new();
        let mut page = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("<!-- run in: ") {
            let (name, after) = after.split_once(" -->\n```console\n").expect("a block follows");
            let (block, after) = after.split_once("```\n").expect("a block ends");
            let scene = scenes.entry(name.to_owned()).or_insert_with(|| Scene::new(name));
            let told = scene.run(block);
            page += &format!("{before}<!-- run in: {name} -->\n```console\n{told}```\n");
            rest = after;
        }
        assert_golden(&path, &(page + rest));
    }
}

/// Where the commands of a page are run.
struct Scene {
    folder: PathBuf,
    home: TempDir,
}

impl Scene {
    /// `here` is this repository; any other is a folder in `testdata/docs`, each of whose folders is
    /// committed and, if it is called like a version, tagged.
    fn new(name: &str) -> Scene {
        let home = TempDir::new().unwrap();
        if name == "here" {
            return Scene { folder: TOP.into(), home };
        }
        let scene = Scene { folder: home.path().join(name), home };
        fs::create_dir(&scene.folder).unwrap();
        let from = Path::new(TOP).join("testdata/docs").join(name);
        scene.quietly("git init --quiet --initial-branch main");
        for version in crate::support::entries(&from) {
            scene.quietly(&format!("cp -R '{}/.' .", version.display()));
            let tag = crate::support::name(&version);
            scene.quietly(&format!("git add --all && git commit --quiet --message '{tag}'"));
            scene.quietly(&format!("git tag '{tag}'"));
        }
        scene
    }

    fn quietly(&self, line: &str) {
        let output = self.command(line).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }

    /// The commands of a block, each with what it prints. Lines that begin with `> ` go on with a
    /// command; a line `# exits with 1` follows one that does.
    fn run(&self, block: &str) -> String {
        let mut told = String::new();
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let mut command = command.to_owned();
            told += &format!("{line}\n");
            while let Some(line) = lines.next_if(|line| line.starts_with('>')) {
                told += &format!("{line}\n");
                command += &format!("\n{}", line.strip_prefix("> ").unwrap_or_default());
            }
            let output = self.command(&format!("{{ {command}\n}} 2>&1")).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            told += &printed.replace(&format!("{}/", self.folder.display()), "");
            match output.status.code() {
                Some(0) => (),
                code => told += &format!("# exits with {}\n", code.expect("it ends of itself")),
            }
        }
        told
    }

    /// Under the same circumstances everywhere, at the same time.
    fn command(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_protoskew")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-c", line]).current_dir(&self.folder).env_clear();
        command.env("PATH", format!("{}:{path}", program.display())).env("HOME", self.home.path());
        command.env("NO_COLOR", "1").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C.UTF-8");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A. Tester");
            command.env(format!("GIT_{who}_EMAIL"), "tester@example.com");
            command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
        }
        command
    }
}

/// What stands between the fences of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("```{language}\n");
    let after = text.split(&opening).skip(1);
    after.map(|it| it.split_once("```").expect("a block ends").0).collect()
}

/// Workflows and hooks that are shown use what there is.
#[test]
fn what_the_pages_configure_exists() {
    let load = |text: &str| {
        let documents = Yaml::load_from_str(text).unwrap_or_else(|err| panic!("{err}: {text}"));
        format!("{:?}", documents.first().expect("a document"))
    };
    let top = |name: &str| fs::read_to_string(Path::new(TOP).join(name)).unwrap();
    let (action, hooks) = (top("action.yml"), top(".pre-commit-hooks.yaml"));
    let mut seen = 0;
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        for block in blocks(&text, "yaml") {
            load(block);
            let inputs = block.split("uses: protoskew/protoskew@").skip(1);
            for step in inputs {
                let step = step.split("\n      - ").next().unwrap();
                let with = step.split_once("with:\n").map_or("", |(_, with)| with);
                // Inputs are deeper than `with`, and end where a step or a key of one begins.
                let lines = with.lines().take_while(|line| line.starts_with("          "));
                for line in lines.filter(|line| !line.starts_with("           ")) {
                    let input = line.trim().split(':').next().unwrap();
                    let known = action.contains(&format!("\n  {input}:\n    description:"));
                    assert!(known, "{}: no input is named `{input}`", path.display());
                    seen += 1;
                }
            }
            for line in block.lines().filter(|line| line.contains("- id: protoskew")) {
                let id = line.trim();
                assert!(hooks.lines().any(|it| it == id), "{}: {id}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen} inputs and hooks");
}

#[test]
fn what_the_pages_configure_means_something() {
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        // A fleet is in a file of its own, with tests of its own.
        let blocks = blocks(&text, "toml");
        for block in blocks.into_iter().filter(|it| !it.contains("[[component]]")) {
            let config = Config::parse(&path.display().to_string(), block.into());
            let policy = config.and_then(|it| Policy::of(&it));
            policy.unwrap_or_else(|err| panic!("{:?}", miette::Report::new(err)));
        }
    }
}

/// A block that shows what comes of a command is run, wherever it stands.
#[test]
fn what_is_shown_is_run() {
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        for part in text.replace(" -->\n```console\n", "").split("```console\n").skip(1) {
            let block = part.split("```").next().unwrap();
            let shown = block.lines().any(|line| !line.starts_with(['$', '>']));
            assert!(!shown, "{}: nobody runs\n{block}", path.display());
        }
    }
}

/// What changes the machine is not run for a test; each such line is run elsewhere, or cannot be.
#[test]
fn what_is_not_run_is_known() {
    let elsewhere = [
        "cargo install --locked --path .",
        "cargo install --locked --git https://github.com/protoskew/protoskew",
        "pre-commit install --hook-type pre-commit --hook-type pre-push",
        // `callers.rs` does.
        "protoskew calls v1.4.0 --service acme.v1.Manager --format json > agent.calls.json",
        "protoskew check --callers agent.calls.json",
        "npx @bufbuild/buf@1.75.0 breaking --against ../v2.16.1",
    ];
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        for line in blocks(&text, "sh").iter().flat_map(|block| block.lines()) {
            assert!(elsewhere.contains(&line), "{}: nobody runs `{line}`", path.display());
        }
    }
}
