//! Files that come as descriptors: a serialized set, and those that protobuf itself brings.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::file::{FileResolver, GoogleFileResolver};

use super::{
    Layout, MissingImport,
    features::Edition,
    load::{Link, Loaded, Loading},
    lower::lower,
    shadow,
    unit::Unit,
};
use crate::{error::Error, imports};

/// The files of a set, and its imports that are not in it.
pub(super) fn load(name: &str, bytes: &[u8], layout: &Layout) -> Result<Loading, Error> {
    let invalid = |reason: String| Error::DescriptorSet { name: name.to_owned(), reason };
    let set = FileDescriptorSet::decode(bytes).and_then(|set| shadow::reveal(set, bytes));
    let set = set.map_err(|err| invalid(err.to_string()))?;
    let mut names = HashSet::new();
    let mut files = Vec::new();
    for (file, edition) in &set {
        if file.name().is_empty() {
            return Err(invalid("a file in it has no name".to_owned()));
        }
        if !names.insert(file.name()) {
            return Err(invalid(format!("`{}` is in it twice", file.name())));
        }
        files.push((file.name().to_owned(), Arc::new(unit(file, *edition).map_err(&invalid)?)));
    }
    // A set made without `--include_imports` still means these.
    let mut next = 0;
    let mut known: HashSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
    while let Some((_, unit)) = files.get(next) {
        let wanted: Vec<String> = unit.imports.iter().map(|it| it.name.clone()).collect();
        for name in wanted.iter().filter_map(|name| imports::well_known(name)) {
            if known.insert(name.to_owned()) {
                files.extend(well_known(name).map(|unit| (name.to_owned(), unit)));
            }
        }
        next += 1;
    }
    let index: HashMap<&str, usize> =
        files.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).collect();
    let mut missing = Vec::new();
    let loaded = files.iter().map(|(name, unit)| {
        let path: Arc<str> = name.as_str().into();
        let imports = unit.imports.iter().map(|import| {
            let target = index.get(import.name.as_str());
            if target.is_none() {
                let (file, import) = (path.clone(), import.name.clone());
                missing.push(MissingImport { file, import });
            }
            target.map(|&file| Link { file, sure: true })
        });
        let imports = imports.collect();
        let judged = imports::well_known(name).is_none() && layout.judges(name);
        Loaded { path: path.clone(), unit: unit.clone(), judged, unread: false, imports }
    });
    let files: Vec<Loaded> = loaded.collect();
    if !files.iter().any(|file| file.judged) {
        let help = "make the set with `--include_imports`".to_owned();
        return Err(Error::NoProtoFiles { version: name.to_owned(), under: layout.under(), help });
    }
    Ok(Loading { files, missing, problems: Vec::new() })
}

fn unit(file: &FileDescriptorProto, edition: i32) -> Result<Unit, String> {
    let edition = match file.syntax.as_deref() {
        Some("proto3") => Edition::Proto3,
        Some("editions") => Edition::numbered(edition)?,
        _ => Edition::Proto2,
    };
    let (unit, faults) = lower(file, edition, &|_, column| column.saturating_add(1));
    match faults.first() {
        None => Ok(unit),
        Some(fault) => Err(format!("in `{}`, {}", file.name(), fault.message)),
    }
}

/// One of the files that protobuf brings, as protox has it.
pub(super) fn well_known(name: &'static str) -> Option<Arc<Unit>> {
    static KNOWN: LazyLock<Mutex<HashMap<&str, Arc<Unit>>>> = LazyLock::new(Default::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(unit) = known.get(name) {
        return Some(unit.clone());
    }
    let file = GoogleFileResolver::new().open_file(name).ok()?;
    let unit = Arc::new(unit(file.file_descriptor_proto(), 0).ok()?);
    known.insert(name, unit.clone());
    Some(unit)
}
