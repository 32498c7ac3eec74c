//! The keys of a fleet file, as types: the JSON Schema for editors is made from them, so their
//! comments are its descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::At;

/// What runs where, and who calls whom.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "fleet.toml")]
pub struct Written {
    /// The form of this file. It is 1, and may be left out.
    #[schemars(range(min = 1, max = 1))]
    pub format: Option<At<i64>>,
    /// The programs.
    pub component: Vec<Component>,
    /// Where they run. Programs meet those of the same environment only.
    pub environment: Vec<Environment>,
}

/// A program that serves gRPC services, calls them, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// What people call it.
    pub name: At<String>,
    /// The services that it serves, with their packages: `acme.v1.Manager`.
    #[serde(default)]
    pub serves: Vec<At<String>>,
    /// What it calls: services, or single methods, `/acme.v1.Manager/Arrive`.
    #[serde(default)]
    pub calls: Vec<At<String>>,
    /// It calls in JSON, as through a gateway: what happens there counts too. Otherwise, its calls
    /// are made in gRPC.
    #[serde(default)]
    pub json: bool,
    /// Where the schema comes from that it is built with. By default from the revision of the
    /// repository that has the name of its version.
    #[serde(default)]
    pub schema: Schema,
}

/// Where the schema of a component comes from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Schema {
    /// The repository, seen from the folder of this file. That of `--repo`, if there is no such
    /// key.
    pub repo: Option<At<String>>,
    /// A folder of it in which versions begin; the top, if there is no such key.
    pub path: Option<At<String>>,
    /// The revision of a version, with `{version}` in place of it: `api/v{version}`. `{version}`,
    /// if there is no such key.
    pub revision: Option<At<String>>,
    /// Versions whose schema has another revision: that of the dependency which they pin.
    pub pins: BTreeMap<String, At<String>>,
    /// The file of the component's own repository in which its versions pin the schema's.
    pub pinned: Option<Pinned>,
}

/// A file that says which version of the schema a component pins.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pinned {
    /// The component's repository, seen from the folder of this file. Its revisions are named by
    /// the component's versions.
    pub repo: At<String>,
    /// The file, from the top of it: `go.mod`.
    pub file: At<String>,
    /// The text before the version: `github.com/acme/api `. The word that follows it stands in
    /// place of `{version}`.
    pub after: At<String>,
}

/// A place where components meet.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Environment {
    /// What people call it.
    pub name: At<String>,
    /// The versions of each component that run there, several during a rollout. An upgrade
    /// replaces all of them.
    #[serde(default)]
    pub deployed: BTreeMap<At<String>, Vec<At<String>>>,
    /// Versions that users hold, which no upgrade of yours replaces.
    #[serde(default)]
    pub shipped: Vec<Shipped>,
}

/// A version that users hold until its support ends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shipped {
    /// The component.
    pub component: At<String>,
    /// Its version.
    pub version: At<String>,
    /// The last day of its support, `2026-12-31`. With `--on DATE`, a version whose support ended
    /// before is left out. Without this key it stays.
    pub until: Option<At<String>>,
}
