//! `.proto` text, or descriptors → [`Schema`]. The only room that knows protox and descriptors.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use rayon::prelude::*;

use crate::{
    error::Error,
    imports::{Imports, Target},
    schema::Schema,
    tree::{File, Oid, Tree},
};

mod cycle;
mod descriptors;
mod fault;
mod features;
mod link;
mod lower;
mod normalize;
mod options;
mod parse;
mod prepass;
mod restore;
mod shadow;
mod unit;

pub use normalize::Duplicate;

use link::Files;
use unit::Unit;

/// Which files of a tree are judged, and how its imports are read.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Folders or files whose `.proto` files are judged; the others only serve imports. Empty
    /// for all.
    pub paths: Vec<String>,
    /// Import roots, tried before any is inferred.
    pub roots: Vec<String>,
    /// An import that is not in the tree is an error.
    pub strict_imports: bool,
}

/// What one version's files add up to.
pub struct Compiled {
    /// The normal form.
    pub schema: Schema,
    /// How many files are judged.
    pub files: usize,
    /// Imports that are not in the tree. Their types are opaque.
    pub missing_imports: Vec<MissingImport>,
    /// Names that more than one file declares.
    pub duplicates: Vec<Duplicate>,
}

/// An import of a file that is not in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingImport {
    /// The path of the file that imports it.
    pub file: Arc<str>,
    /// As it is written.
    pub import: String,
}

/// Parsed files, by what git calls their contents. Versions that hold the same file share one.
#[derive(Default)]
pub struct Units {
    parsed: Mutex<HashMap<Oid, Arc<Unit>>>,
}

/// A file with its contents and what its imports mean.
struct Loaded {
    path: Arc<str>,
    unit: Arc<Unit>,
    judged: bool,
    /// Per import: the index of the file.
    imports: Vec<Option<usize>>,
}

/// Compiles the `.proto` files of a tree.
///
/// # Errors
/// No file is to be judged; a file cannot be read, is not protobuf, names a type that nobody
/// declares, or imports itself.
pub fn compile(tree: &Tree, layout: &Layout, units: &Units) -> Result<Compiled, Error> {
    let listed = tree.files(&|path| path.ends_with(".proto") || path.ends_with("go.mod"))?;
    let (go_mods, protos): (Vec<File>, Vec<File>) =
        listed.into_iter().partition(|file| !file.path.ends_with(".proto"));
    let judged: Vec<&File> = protos.iter().filter(|file| layout.judges(&file.path)).collect();
    if judged.is_empty() {
        return Err(nothing_to_judge(tree, layout, &protos));
    }
    let paths = protos.iter().map(|file| file.path.as_str());
    let imports = Imports::new(paths, &layout.roots, go_modules(tree, &go_mods)?);
    let by_path = protos.iter().map(|file| (file.path.as_str(), file)).collect();
    let files = judged.len();
    let mut loader = Loader { tree, units, imports: &imports, by_path, loaded: Vec::new() };
    let missing_imports = loader.load(judged, layout)?;
    finish(Some(tree), &tree.name, loader.loaded, files, missing_imports, layout)
}

/// Compiles a serialized `google.protobuf.FileDescriptorSet`.
///
/// # Errors
/// As [`compile`]; or the bytes are something else.
pub fn compile_descriptors(name: &str, bytes: &[u8], layout: &Layout) -> Result<Compiled, Error> {
    let (loaded, missing_imports) = descriptors::load(name, bytes, layout)?;
    let files = loaded.iter().filter(|file| file.judged).count();
    if files == 0 {
        return Err(Error::NoProtoFiles {
            version: name.to_owned(),
            under: under(layout),
            help: "make the set with `--include_imports`".to_owned(),
        });
    }
    finish(None, name, loaded, files, missing_imports, layout)
}

fn finish(
    tree: Option<&Tree>,
    version: &str,
    loaded: Vec<Loaded>,
    files: usize,
    missing_imports: Vec<MissingImport>,
    layout: &Layout,
) -> Result<Compiled, Error> {
    let failed = |causes| Err(Error::DoesNotCompile { version: version.to_owned(), causes });
    if layout.strict_imports && !missing_imports.is_empty() {
        let missing = missing_imports.iter();
        return failed(parse::few(missing, |it| fault::missing_import(tree, &loaded, it)));
    }
    if let Some(cycle) = cycle::find(&loaded) {
        return failed(vec![Error::ImportCycle { cycle }]);
    }
    let linked = Files {
        units: loaded.iter().map(|file| file.unit.as_ref()).collect(),
        imports: loaded.iter().map(|file| file.imports.clone()).collect(),
    };
    let normalized = normalize::normalize(&loaded, &linked);
    if !normalized.undeclared.is_empty() {
        let undeclared = normalized.undeclared.iter();
        return failed(parse::few(undeclared, |it| fault::undeclared(tree, &loaded, it)));
    }
    let normalize::Normalized { schema, duplicates, .. } = normalized;
    Ok(Compiled { schema, files, missing_imports, duplicates })
}

/// Reads the files to judge, then what they import, wave by wave, so that no depth of imports
/// meets a stack.
struct Loader<'t> {
    tree: &'t Tree,
    units: &'t Units,
    imports: &'t Imports,
    by_path: BTreeMap<&'t str, &'t File>,
    loaded: Vec<Loaded>,
}

impl<'t> Loader<'t> {
    fn load(
        &mut self,
        judged: Vec<&'t File>,
        layout: &Layout,
    ) -> Result<Vec<MissingImport>, Error> {
        let mut index: HashMap<&str, usize> = HashMap::new();
        let mut wave: Vec<Wanted<'t>> = Vec::new();
        for file in judged {
            index.insert(&file.path, index.len());
            wave.push(Wanted::File(file));
        }
        let mut missing = Vec::new();
        while !wave.is_empty() {
            let units: Vec<Result<Arc<Unit>, Vec<Error>>> =
                wave.par_iter().map(|wanted| self.unit(wanted)).collect();
            let mut causes = Vec::new();
            let mut next = Vec::new();
            for (wanted, unit) in wave.iter().zip(units) {
                let unit = match unit {
                    Ok(unit) => unit,
                    Err(errors) => {
                        causes.extend(errors);
                        continue;
                    }
                };
                let path = wanted.path();
                let mut targets = Vec::with_capacity(unit.imports.len());
                for import in &unit.imports {
                    let wanted = match self.imports.resolve(path, &import.name) {
                        Target::File(path) => self.by_path.get(path).map(|it| Wanted::File(it)),
                        Target::WellKnown(name) => {
                            descriptors::well_known(name).map(|unit| Wanted::WellKnown(name, unit))
                        }
                        Target::Missing => None,
                    };
                    targets.push(wanted.map(|wanted| {
                        let count = index.len();
                        *index.entry(wanted.path()).or_insert_with(|| {
                            next.push(wanted);
                            count
                        })
                    }));
                    if targets.last() == Some(&None) {
                        let (file, import) = (path.into(), import.name.clone());
                        missing.push(MissingImport { file, import });
                    }
                }
                let judged = matches!(wanted, Wanted::File(file) if layout.judges(&file.path));
                self.loaded.push(Loaded { path: path.into(), unit, judged, imports: targets });
            }
            if !causes.is_empty() {
                let version = self.tree.name.clone();
                return Err(Error::DoesNotCompile {
                    version,
                    causes: parse::few(causes.into_iter(), |error| error),
                });
            }
            wave = next;
        }
        Ok(missing)
    }

    fn unit(&self, wanted: &Wanted<'_>) -> Result<Arc<Unit>, Vec<Error>> {
        let file = match wanted {
            Wanted::WellKnown(_, unit) => return Ok(unit.clone()),
            Wanted::File(file) => file,
        };
        if let Some(unit) = file.id.and_then(|id| self.units.get(id)) {
            return Ok(unit);
        }
        let (id, bytes) = self.tree.read(file).map_err(|err| vec![err])?;
        if let Some(unit) = self.units.get(id) {
            return Ok(unit);
        }
        let unit = Arc::new(parse::parse(&self.tree.locate(&file.path), bytes)?);
        self.units.put(id, unit.clone());
        Ok(unit)
    }
}

enum Wanted<'t> {
    File(&'t File),
    WellKnown(&'static str, Arc<Unit>),
}

impl<'t> Wanted<'t> {
    fn path(&self) -> &'t str {
        match self {
            Wanted::File(file) => &file.path,
            Wanted::WellKnown(name, _) => name,
        }
    }
}

impl Units {
    fn get(&self, id: Oid) -> Option<Arc<Unit>> {
        self.lock().get(&id).cloned()
    }

    fn put(&self, id: Oid, unit: Arc<Unit>) {
        self.lock().insert(id, unit);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Oid, Arc<Unit>>> {
        self.parsed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Layout {
    /// The file is judged, and does not only serve imports.
    pub fn judges(&self, path: &str) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|folder| {
                let folder = folder.trim_start_matches("./").trim_matches('/');
                let rest = path.strip_prefix(folder);
                matches!(folder, "" | ".")
                    || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}

/// Module path and folder of every `go.mod`.
fn go_modules(tree: &Tree, files: &[File]) -> Result<Vec<(String, String)>, Error> {
    let mut modules = Vec::new();
    for file in files.iter().filter(|file| file.path.rsplit('/').next() == Some("go.mod")) {
        let (_, bytes) = tree.read(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let module = text.lines().find_map(|line| line.trim().strip_prefix("module "));
        if let Some(module) = module {
            let folder = file.path.strip_suffix("go.mod").unwrap_or_default();
            let folder = folder.trim_end_matches('/').to_owned();
            modules.push((module.trim().trim_matches('"').to_owned(), folder));
        }
    }
    Ok(modules)
}

fn nothing_to_judge(tree: &Tree, layout: &Layout, protos: &[File]) -> Error {
    let help = match protos.first() {
        None => "is this the right folder or revision?".to_owned(),
        Some(first) => format!("there are {} elsewhere, such as `{}`", protos.len(), first.path),
    };
    Error::NoProtoFiles { version: tree.name.clone(), under: under(layout), help }
}

fn under(layout: &Layout) -> String {
    match layout.paths.as_slice() {
        [] => String::new(),
        paths => format!(" under `{}`", paths.join("` or `")),
    }
}
