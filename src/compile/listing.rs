//! What there is to read in one version.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode as _, Yaml};

use super::Layout;
use crate::{
    error::Error,
    imports::Imports,
    tree::{File, Tree},
};

/// The `.proto` files of a tree, and what their imports mean there.
pub(super) struct Listing<'t> {
    pub(super) tree: &'t Tree,
    pub(super) protos: BTreeMap<String, File>,
    pub(super) imports: Imports,
    /// What the configuration files of buf and Go say of import roots. If two versions differ in
    /// it, an import of an unchanged file may mean another file.
    pub(super) roots: Roots,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roots {
    /// Folders.
    modules: Vec<String>,
    /// Module paths and their folders.
    go_modules: Vec<(String, String)>,
}

impl Roots {
    /// What some configuration files say.
    pub(super) fn read(tree: &Tree, files: &[File]) -> Roots {
        let mut roots = Roots::default();
        let Roots { modules, go_modules } = &mut roots;
        for file in files {
            // What cannot be read says nothing; imports are inferred then.
            let Ok((_, bytes)) = tree.read(file) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            match name {
                "go.mod" => go_modules.extend(go_module(&text).map(|it| (it, folder.to_owned()))),
                _ => modules.extend(buf_modules(&text, folder)),
            }
        }
        roots
    }
}

impl<'t> Listing<'t> {
    /// # Errors
    /// The tree cannot be read, or no file in it is to be judged.
    pub(super) fn new(tree: &'t Tree, layout: &Layout) -> Result<Listing<'t>, Error> {
        let listed = tree.files(&is_read)?;
        let (others, protos): (Vec<File>, Vec<File>) =
            listed.into_iter().partition(|file| !file.path.ends_with(".proto"));
        if !protos.iter().any(|file| layout.judges(&file.path)) {
            return Err(nothing_to_judge(tree, layout, &protos));
        }
        let roots = Roots::read(tree, &others);
        let paths = protos.iter().map(|file| file.path.as_str());
        let imports =
            Imports::new(paths, &layout.roots, roots.modules.clone(), roots.go_modules.clone());
        let protos = protos.into_iter().map(|file| (file.path.clone(), file)).collect();
        Ok(Listing { tree, protos, imports, roots })
    }

    /// The files to judge.
    pub(super) fn judged<'l>(&'l self, layout: &Layout) -> impl Iterator<Item = &'l File> {
        self.protos.values().filter(|file| layout.judges(&file.path))
    }
}

/// The file is one that is read to compile a version.
pub fn is_read(path: &str) -> bool {
    path.ends_with(".proto") || says_roots(path)
}

fn says_roots(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "go.mod" | "buf.yaml" | "buf.work.yaml")
}

/// The module path that a `go.mod` declares.
fn go_module(text: &str) -> Option<String> {
    let module = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let module = module.split("//").next().unwrap_or(module).trim();
    Some(module.trim_matches('"').to_owned())
}

/// The import roots that a `buf.yaml` (v1beta1, v1, v2) or `buf.work.yaml` in a folder names.
fn buf_modules(text: &str, folder: &str) -> Vec<String> {
    let documents = Yaml::load_from_str(text).unwrap_or_default();
    let Some(document) = documents.first() else { return Vec::new() };
    let below = |path: &str| match path.trim_start_matches("./").trim_matches('/') {
        "" | "." => folder.to_owned(),
        path if folder.is_empty() => path.to_owned(),
        path => format!("{folder}/{path}"),
    };
    let texts = |node: Option<&Yaml<'_>>| -> Vec<String> {
        let items = node.and_then(|node| node.as_sequence()).into_iter().flatten();
        items.filter_map(|item| Some(below(item.as_str()?))).collect()
    };
    if let Some(directories) = document.as_mapping_get("directories") {
        return texts(Some(directories));
    }
    if let Some(modules) = document.as_mapping_get("modules") {
        let modules = modules.as_sequence().into_iter().flatten();
        let paths = modules.filter_map(|module| module.as_mapping_get("path")?.as_str());
        return paths.map(below).collect();
    }
    let roots = document.as_mapping_get("build").and_then(|it| it.as_mapping_get("roots"));
    match texts(roots) {
        roots if roots.is_empty() => vec![folder.to_owned()],
        roots => roots,
    }
}

fn nothing_to_judge(tree: &Tree, layout: &Layout, protos: &[File]) -> Error {
    let help = match protos.first() {
        None => "is this the right folder or revision?".to_owned(),
        Some(first) => format!("there is one at `{}`", first.path),
    };
    Error::NoProtoFiles { version: tree.name.clone(), under: layout.under(), help }
}
