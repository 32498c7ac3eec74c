//! A runner of GitHub Actions, as far as action.yml needs one: it runs the steps with bash, under
//! the variables that the real one sets, and reads what they leave behind.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;
use tempfile::TempDir;

use crate::run::run_it;

/// What the repository of this action is.
const ACTION: &str = env!("CARGO_MANIFEST_DIR");

/// A job that has come to the step with the action.
pub(crate) struct Job {
    /// The checkout.
    pub(crate) workspace: PathBuf,
    pub(crate) event: &'static str,
    /// What the file of the event holds.
    pub(crate) payload: String,
    /// What the workflow says, by input.
    pub(crate) inputs: BTreeMap<&'static str, String>,
    /// Of the runner, or instead of what it sets.
    pub(crate) variables: BTreeMap<&'static str, String>,
    /// How the workflow names the action's version.
    pub(crate) action_ref: String,
}

/// What the action left behind.
#[derive(Debug)]
pub(crate) struct Done {
    /// Whether all steps succeeded.
    pub(crate) code: i32,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Where the files are that outputs name.
    pub(crate) temp: TempDir,
}

impl Job {
    /// In a checkout, with the program that is tested.
    pub(crate) fn new(workspace: &Path, event: &'static str, payload: &Value) -> Job {
        Job {
            workspace: workspace.to_owned(),
            event,
            payload: payload.to_string(),
            inputs: [("binary", env!("CARGO_BIN_EXE_protoskew").to_owned())].into(),
            variables: BTreeMap::new(),
            action_ref: String::new(),
        }
    }

    pub(crate) fn with(mut self, input: &'static str, value: &str) -> Job {
        self.inputs.insert(input, value.to_owned());
        self
    }

    /// Runs the steps, up to the first that fails.
    #[track_caller]
    pub(crate) fn run(&self) -> Done {
        let text = fs::read_to_string(Path::new(ACTION).join("action.yml")).unwrap();
        let documents = Yaml::load_from_str(&text).unwrap();
        let action = &documents[0];
        let temp = TempDir::new().unwrap();
        let mut done = Done {
            code: 0,
            outputs: BTreeMap::new(),
            summary: String::new(),
            stdout: String::new(),
            stderr: String::new(),
            temp,
        };
        let mut known = self.context(action);
        for step in get(get(action, "runs"), "steps").as_sequence().unwrap() {
            if done.code == 0 && self.wanted(step, &known) {
                self.step(step, &mut known, &mut done);
            }
        }
        for (name, output) in get(action, "outputs").as_mapping().unwrap() {
            let value = expand(text_of(output, "value"), &known);
            done.outputs.insert(name.as_str().unwrap().to_owned(), value);
        }
        done
    }

    /// What expressions can name.
    fn context(&self, action: &Yaml<'_>) -> BTreeMap<String, String> {
        let mut known = BTreeMap::new();
        for (name, input) in get(action, "inputs").as_mapping().unwrap() {
            let name = name.as_str().unwrap();
            let default = text_of(input, "default").to_owned();
            let value = self.inputs.get(name).cloned().unwrap_or(default);
            known.insert(format!("inputs.{name}"), value);
        }
        for input in self.inputs.keys() {
            assert!(known.contains_key(&format!("inputs.{input}")), "there is no input `{input}`");
        }
        known.insert("github.action_path".to_owned(), ACTION.to_owned());
        known.insert("github.action_ref".to_owned(), self.action_ref.clone());
        known
    }

    /// Conditions are all of one form.
    fn wanted(&self, step: &Yaml<'_>, known: &BTreeMap<String, String>) -> bool {
        let Some(condition) = step.as_mapping_get("if").and_then(|it| it.as_str()) else {
            return true;
        };
        let (name, value) = condition.split_once(" == ").expect("it is a comparison");
        known[name] == value.trim_matches('\'')
    }

    #[track_caller]
    fn step(&self, step: &Yaml<'_>, known: &mut BTreeMap<String, String>, done: &mut Done) {
        assert_eq!(text_of(step, "shell"), "bash");
        let temp = done.temp.path();
        let id = text_of(step, "id");
        let file = |name: &str| temp.join(format!("{id}-{name}"));
        fs::write(file("script.sh"), text_of(step, "run")).unwrap();
        fs::write(file("event.json"), &self.payload).unwrap();
        let mut command = Command::new("bash");
        // As the documentation of `shell: bash` has it.
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file("script.sh"));
        let folder = expand(text_or(step, "working-directory", "."), known);
        command.current_dir(self.workspace.join(folder)).env_clear();
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", path).env("HOME", temp).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GITHUB_ACTIONS", "true").env("CI", "true").env("RUNNER_TEMP", temp);
        command.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        command.env("GITHUB_WORKSPACE", &self.workspace);
        command.env("GITHUB_EVENT_NAME", self.event).env("GITHUB_EVENT_PATH", file("event.json"));
        command.env("GITHUB_OUTPUT", file("output")).env("GITHUB_STEP_SUMMARY", file("summary"));
        command.envs(&self.variables);
        let env = step.as_mapping_get("env").and_then(|it| it.as_mapping());
        for (name, value) in env.into_iter().flatten() {
            command.env(name.as_str().unwrap(), expand(value.as_str().unwrap(), known));
        }
        let ran = run_it(command, "");
        done.code = ran.code;
        done.stdout += &ran.stdout;
        done.stderr += &ran.stderr;
        done.summary += &fs::read_to_string(file("summary")).unwrap_or_default();
        for line in fs::read_to_string(file("output")).unwrap_or_default().lines() {
            let (name, value) = line.split_once('=').expect("an output is a line");
            known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }
}

impl Done {
    pub(crate) fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }
}

fn get<'y>(node: &'y Yaml<'y>, key: &str) -> &'y Yaml<'y> {
    node.as_mapping_get(key).unwrap_or_else(|| panic!("there is no `{key}`"))
}

fn text_of<'y>(node: &'y Yaml<'y>, key: &str) -> &'y str {
    get(node, key).as_str().unwrap_or_else(|| panic!("`{key}` is no text"))
}

fn text_or<'y>(node: &'y Yaml<'y>, key: &str, default: &'static str) -> &'y str {
    node.as_mapping_get(key).and_then(|it| it.as_str()).unwrap_or(default)
}

/// With expressions replaced. What nobody has set is empty, but inputs and contexts are there.
fn expand(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (name, after) = after.split_once("}}").expect("an expression ends");
        let name = name.trim();
        let value = known.get(name).cloned();
        assert!(value.is_some() || name.starts_with("steps."), "nothing is named `{name}`");
        expanded += before;
        expanded += &value.unwrap_or_default();
        rest = after;
    }
    expanded + rest
}
