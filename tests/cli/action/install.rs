//! How the action comes by its program.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::json;
use tempfile::TempDir;

use super::runner::{Done, Job};
use crate::{fixtures::two_versions, repo::Place};

const ARCHIVE: &str = "protoskew-x86_64-unknown-linux-musl.tar.gz";
const COMMIT: &str = "1234567890123456789012345678901234567890";

/// A place for releases, with one, and a cargo that builds at once.
struct Mirror {
    folder: TempDir,
}

impl Mirror {
    fn new() -> Mirror {
        let mirror = Mirror { folder: TempDir::new().unwrap() };
        let release = mirror.release();
        fs::create_dir_all(release.join("files")).unwrap();
        fs::create_dir(mirror.folder.path().join("bin")).unwrap();
        let program = format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_protoskew"));
        script(&release.join("files/protoskew"), &program);
        let cargo = "#!/bin/sh\n\
                     while [ \"$1\" != --root ]; do shift; done\n\
                     mkdir -p \"$2/bin\" && cp \"$MIRROR/files/protoskew\" \"$2/bin\"\n";
        script(&mirror.folder.path().join("bin/cargo"), cargo);
        shell(&release, &format!("tar -czf {ARCHIVE} -C files protoskew"));
        shell(&release, &format!("sha256sum {ARCHIVE} >SHA256SUMS"));
        fs::write(release.join("COMMIT"), format!("{COMMIT}\n")).unwrap();
        mirror
    }

    fn release(&self) -> std::path::PathBuf {
        self.folder.path().join(concat!("v", env!("CARGO_PKG_VERSION")))
    }

    /// A job that has to get the program, by the name of a version of the action.
    fn job(&self, place: &Place, action_ref: &str) -> Job {
        let mut job = Job::new(place.path(), "push", &json!({}))
            .with("binary", "")
            .with("releases", &format!("file://{}", self.folder.path().display()))
            .with("base", "v1");
        action_ref.clone_into(&mut job.action_ref);
        let path = std::env::var("PATH").unwrap_or_default();
        let bin = self.folder.path().join("bin");
        job.variables.insert("PATH", format!("{}:{path}", bin.display()));
        job.variables.insert("MIRROR", self.release().display().to_string());
        job
    }
}

fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn shell(folder: &Path, line: &str) {
    assert!(Command::new("sh").args(["-c", line]).current_dir(folder).status().unwrap().success());
}

fn curl_is_there() -> bool {
    let there = Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !there {
        println!("did not run: curl is not installed");
    }
    there
}

/// It got the program, and that judged.
#[track_caller]
fn got(done: &Done, how: &str) {
    assert_eq!((done.code, done.output("outcome")), (1, "breaks"), "{done:#?}");
    assert!(done.stdout.contains(how), "no {how:?} in {done:#?}");
}

/// It did not, and nothing was run.
#[track_caller]
fn failed(done: &Done, said: &str) {
    assert_eq!((done.code, done.output("outcome")), (1, ""), "{done:#?}");
    assert_eq!(done.output("binary"), "");
    assert!(done.stdout.contains("::error title=protoskew::"), "{done:#?}");
    assert!(done.stdout.contains(said), "no {said:?} in {done:#?}");
}

#[test]
fn a_release_is_downloaded_and_other_sources_are_built() {
    if !curl_is_there() {
        return;
    }
    let (mirror, place) = (Mirror::new(), two_versions());
    let downloaded = concat!("v", env!("CARGO_PKG_VERSION"), ", downloaded: protoskew ");
    for (action_ref, how) in [
        ("v0", downloaded),
        ("v0.1.0", downloaded),
        (COMMIT, downloaded),
        ("1234567890123456789012345678901234567891", "built from source: protoskew "),
        ("main", "built from source: protoskew "),
        ("vendored", "built from source: protoskew "),
        ("", "built from source: protoskew "),
    ] {
        got(&mirror.job(&place, action_ref).run(), how);
    }
    for (name, value) in [("RUNNER_ARCH", "RISCV64"), ("RUNNER_OS", "Plan9")] {
        let mut job = mirror.job(&place, "v0");
        job.variables.insert(name, value.to_owned());
        got(&job.run(), "built from source");
    }
    // Nor is there a binary for each platform.
    let mut job = mirror.job(&place, "v0");
    job.variables.insert("RUNNER_ARCH", "ARM64".to_owned());
    let done = job.run();
    got(&done, "built from source");
    got(&done, "could not be downloaded for aarch64-unknown-linux-musl");
}

#[test]
fn what_is_not_what_was_released_is_not_run() {
    if !curl_is_there() {
        return;
    }
    let (mirror, place) = (Mirror::new(), two_versions());
    let sums = mirror.release().join("SHA256SUMS");
    fs::write(&sums, format!("{}  {ARCHIVE}\n", "0".repeat(64))).unwrap();
    failed(&mirror.job(&place, "v0").run(), "has the checksum");
    fs::write(&sums, format!("{}  another-{ARCHIVE}\n", "0".repeat(64))).unwrap();
    failed(&mirror.job(&place, "v0").run(), "does not list");
}

#[test]
fn without_a_binary_and_without_cargo_it_says_so() {
    let (mirror, place) = (Mirror::new(), two_versions());
    let mut job = mirror.job(&place, "main");
    fs::remove_file(mirror.folder.path().join("bin/cargo")).unwrap();
    for name in ["bash", "sed", "head", "mkdir"] {
        let found = ["/bin", "/usr/bin"].map(|it| Path::new(it).join(name));
        let found = found.iter().find(|it| it.exists()).expect("it is a system with a shell");
        std::os::unix::fs::symlink(found, mirror.folder.path().join("bin").join(name)).unwrap();
    }
    job.variables.insert("PATH", mirror.folder.path().join("bin").display().to_string());
    failed(&job.run(), "no cargo to build one");
    let job = mirror.job(&place, "main").with("binary", "no-such-program");
    failed(&job.run(), "the input 'binary' names no program");
}

fn get<'y>(node: &Yaml<'y>, key: &str) -> Option<Yaml<'y>> {
    node.as_mapping_get(key).cloned()
}

/// Nothing of a workflow is ever a part of a script, and no input is dead.
#[test]
fn inputs_are_variables() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/action.yml")).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    let action = &documents[0];
    let runs = get(action, "runs").unwrap();
    let steps = get(&runs, "steps").unwrap();
    let steps = steps.as_sequence().unwrap();
    let scripts: Vec<String> = ["install", "fetch", "judge"]
        .map(|name| fs::read_to_string(format!("action/{name}.sh")).unwrap())
        .into();
    let mut used = Vec::new();
    for (step, script) in steps.iter().zip(&scripts) {
        let run = get(step, "run").unwrap();
        assert!(!run.as_str().unwrap().contains("${{"), "{run:?}");
        let folder = get(step, "working-directory");
        used.extend(folder.and_then(|it| it.as_str().map(str::to_owned)));
        used.extend(get(step, "if").and_then(|it| it.as_str().map(str::to_owned)));
        for (name, value) in get(step, "env").unwrap().as_mapping().unwrap() {
            let name = name.as_str().unwrap();
            let said = run.as_str().unwrap().contains(name) || script.contains(&format!("${name}"));
            let said = said || script.contains(&format!("${{{name}"));
            assert!(said, "nothing uses {name}");
            used.push(value.as_str().unwrap().to_owned());
        }
    }
    for (input, _) in get(action, "inputs").unwrap().as_mapping().unwrap() {
        let input = format!("inputs.{}", input.as_str().unwrap());
        let words = |text: &String| text.split([' ', '}']).any(|word| word == input);
        assert!(used.iter().any(words), "nothing uses {input}");
    }
}
