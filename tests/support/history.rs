//! Histories made at random: a few files that import each other, and versions in which they are
//! edited, moved, renamed, copied, broken and removed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};

use proptest::{collection::vec, prelude::*};

/// Some versions of a tree.
pub(crate) struct History {
    pub(crate) versions: Vec<Files>,
    /// What is judged, if not all.
    pub(crate) paths: Vec<String>,
}

/// By path.
pub(crate) type Files = BTreeMap<String, File>;

#[derive(Clone, Default, PartialEq)]
pub(crate) struct File {
    proto2: bool,
    package: String,
    /// As they are written, each with whether it is public.
    imports: BTreeMap<String, bool>,
    items: Vec<Item>,
    /// Lines that only people read.
    comments: usize,
    /// It is not protobuf.
    broken: bool,
}

#[derive(Clone, PartialEq)]
enum Item {
    Message { name: String, fields: Vec<Field>, nested: Option<String> },
    Enum { name: String, values: Vec<(String, i32)> },
    Service { name: String, methods: Vec<Method> },
    Extension { of: String, field: Field },
}

#[derive(Clone, PartialEq)]
struct Field {
    label: &'static str,
    ty: String,
    name: String,
    number: u32,
}

#[derive(Clone, PartialEq)]
struct Method {
    name: String,
    request: String,
    response: String,
}

impl File {
    pub(crate) fn text(&self) -> String {
        let mut text = "// A comment.\n".repeat(self.comments);
        let syntax = if self.proto2 { "proto2" } else { "proto3" };
        writeln!(text, "syntax = \"{syntax}\"; package {};", self.package).ok();
        for (import, public) in &self.imports {
            let public = if *public { "public " } else { "" };
            writeln!(text, "import {public}\"{import}\";").ok();
        }
        for item in &self.items {
            writeln!(text, "{}", item.text(self.proto2)).ok();
        }
        text.push_str(if self.broken { "message" } else { "" });
        text
    }
}

impl Item {
    fn text(&self, proto2: bool) -> String {
        let field = |it: &Field| {
            let Field { label, ty, name, number } = it;
            let label = if proto2 && label.is_empty() { "optional" } else { label };
            format!("{label} {ty} {name} = {number};")
        };
        match self {
            Item::Message { name, fields, nested } => {
                let mut parts: Vec<String> = fields.iter().map(field).collect();
                parts.extend(nested.iter().map(|it| {
                    format!(
                        "message {it} {{ {} int32 x = 1; }}",
                        if proto2 { "optional" } else { "" }
                    )
                }));
                parts.extend(proto2.then(|| "extensions 100 to 199;".to_owned()));
                format!("message {name} {{ {} }}", parts.join(" "))
            }
            Item::Enum { name, values } => {
                let values: Vec<String> =
                    values.iter().map(|(name, number)| format!("{name} = {number};")).collect();
                format!("enum {name} {{ {} }}", values.join(" "))
            }
            Item::Service { name, methods } => {
                let methods: Vec<String> = methods
                    .iter()
                    .map(|it| format!("rpc {}({}) returns ({});", it.name, it.request, it.response))
                    .collect();
                format!("service {name} {{ {} }}", methods.join(" "))
            }
            Item::Extension { of, field: it } => format!("extend {of} {{ {} }}", field(it)),
        }
    }
}

/// The first version whole, and of the others the files that differ from the one before.
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.paths.is_empty() {
            writeln!(f, "\njudged: {}", self.paths.join(" "))?;
        }
        let mut before = &Files::new();
        for (at, files) in self.versions.iter().enumerate() {
            writeln!(f, "\n--- v{at}")?;
            for (path, file) in files.iter().filter(|(path, file)| before.get(*path) != Some(file))
            {
                writeln!(f, "# {path}\n{}", file.text().trim_end())?;
            }
            for path in before.keys().filter(|path| !files.contains_key(*path)) {
                writeln!(f, "# {path} is removed")?;
            }
            before = files;
        }
        Ok(())
    }
}

/// Folders and names are few, so that imports may mean several files, and files may be copies.
const FOLDERS: [&str; 4] = ["", "api/", "api/v1/", "vendor/api/"];
const LEAVES: [&str; 4] = ["a.proto", "b.proto", "c.proto", "d.proto"];
const PACKAGES: [&str; 4] = ["acme", "acme.v1", "acme.v1.inner", "other"];
const MESSAGES: [&str; 4] = ["A", "B", "C", "D"];
const SCALARS: [&str; 3] = ["int32", "string", "sint64"];
const LABELS: [&str; 2] = ["", "repeated"];
const FIELDS: [&str; 3] = ["x", "y", "z"];
const METHODS: [&str; 3] = ["Get", "Set", "List"];

fn pick<'a>(from: &[&'a str], at: u8) -> &'a str {
    from[usize::from(at) % from.len()]
}

/// One thing that is done to a tree. Numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
enum Edit {
    AddFile { path: [u8; 2], package: u8, proto2: bool },
    AddMessage { file: u8, name: u8, nested: bool },
    AddEnum { file: u8 },
    AddMethod { file: u8, name: u8, types: [u8; 2], style: u8 },
    AddField { item: u8, number: u8, ty: u8, style: u8 },
    AddExtension { file: u8, of: u8, number: u8, ty: u8 },
    AddImport { file: u8, of: u8, style: u8, public: bool },
    Comment { file: u8 },
    Break { file: u8 },
    DropItem { item: u8 },
    DropPart { item: u8 },
    Rename { item: u8, name: u8 },
    MoveItem { item: u8, file: u8 },
    MoveFile { file: u8, path: [u8; 2] },
    CopyFile { file: u8, path: [u8; 2] },
    DropFile { file: u8 },
    Repackage { file: u8, package: u8 },
    Retype { item: u8, ty: u8, style: u8 },
    Renumber { item: u8, number: u8 },
    Forget { file: u8 },
}

/// Of files that declare nothing twice.
pub(crate) fn histories() -> impl Strategy<Value = History> {
    // Most of what makes the first version builds; most of what follows changes.
    let versions = (vec(building(), 6..24), vec(vec(changing(), 0..4), 1..3));
    let paths = prop_oneof![3 => Just(None), 1 => any::<u8>().prop_map(Some)];
    (versions, paths).prop_map(|((base, later), paths)| {
        let mut files = Files::new();
        let mut versions = Vec::new();
        for edits in [base].into_iter().chain(later) {
            for edit in edits {
                edit.apply(&mut files);
                unique(&mut files);
            }
            versions.push(files.clone());
        }
        let judged = paths.map(|at| pick(&FOLDERS[1..], at).trim_end_matches('/').to_owned());
        History { versions, paths: judged.into_iter().collect() }
    })
}

/// Without what a file before declares.
fn unique(files: &mut Files) {
    let mut known = BTreeSet::new();
    for file in files.values_mut() {
        let package = file.package.clone();
        file.items.retain(|item| known.insert(format!("{package}.{}", item.declares())));
    }
}

/// Each version with a copy of a whole other one in a folder, but for calls that only the copy has,
/// and for extensions.
pub(crate) fn copied(History { mut versions, paths }: History, of: u8) -> History {
    for file in versions.iter_mut().flat_map(BTreeMap::values_mut) {
        file.items.retain(|item| !matches!(item, Item::Extension { .. }));
    }
    let all: Vec<Files> = versions.clone();
    let with_copy = versions.into_iter().enumerate().map(|(at, mut files)| {
        let calls = |file: &File| {
            let services = file.items.iter().filter(|it| matches!(it, Item::Service { .. }));
            services.map(|it| format!("{}.{}", file.package, it.declares())).collect::<Vec<_>>()
        };
        let known: BTreeSet<String> = files.values().flat_map(calls).collect();
        let of = (at + usize::from(of) % all.len()) % all.len();
        for (path, mut file) in all[of].clone() {
            file.items.retain(|item| match item {
                Item::Service { name, .. } => known.contains(&format!("{}.{name}", file.package)),
                _ => true,
            });
            files.insert(format!("preview/{path}"), file);
        }
        files
    });
    History { versions: with_copy.collect(), paths }
}

fn building() -> impl Strategy<Value = Edit> {
    let n = any::<u8>;
    let pair = any::<[u8; 2]>;
    prop_oneof![
        4 => (pair(), n(), any::<bool>())
            .prop_map(|(path, package, proto2)| Edit::AddFile { path, package, proto2 }),
        6 => (n(), n(), any::<bool>())
            .prop_map(|(file, name, nested)| Edit::AddMessage { file, name, nested }),
        1 => n().prop_map(|file| Edit::AddEnum { file }),
        5 => (n(), n(), pair(), n())
            .prop_map(|(file, name, types, style)| Edit::AddMethod { file, name, types, style }),
        8 => (n(), n(), n(), n())
            .prop_map(|(item, number, ty, style)| Edit::AddField { item, number, ty, style }),
        2 => (n(), n(), n(), n())
            .prop_map(|(file, of, number, ty)| Edit::AddExtension { file, of, number, ty }),
        2 => (n(), n(), n(), any::<bool>())
            .prop_map(|(file, of, style, public)| Edit::AddImport { file, of, style, public }),
        1 => (n(), pair()).prop_map(|(file, path)| Edit::CopyFile { file, path }),
    ]
}

fn changing() -> impl Strategy<Value = Edit> {
    let n = any::<u8>;
    let pair = any::<[u8; 2]>;
    prop_oneof![
        6 => building(),
        1 => n().prop_map(|file| Edit::Comment { file }),
        1 => n().prop_map(|file| Edit::Break { file }),
        1 => n().prop_map(|item| Edit::DropItem { item }),
        2 => n().prop_map(|item| Edit::DropPart { item }),
        1 => (n(), n()).prop_map(|(item, name)| Edit::Rename { item, name }),
        1 => (n(), n()).prop_map(|(item, file)| Edit::MoveItem { item, file }),
        1 => (n(), pair()).prop_map(|(file, path)| Edit::MoveFile { file, path }),
        1 => n().prop_map(|file| Edit::DropFile { file }),
        1 => (n(), n()).prop_map(|(file, package)| Edit::Repackage { file, package }),
        2 => (n(), n(), n()).prop_map(|(item, ty, style)| Edit::Retype { item, ty, style }),
        2 => (n(), n()).prop_map(|(item, number)| Edit::Renumber { item, number }),
        1 => n().prop_map(|file| Edit::Forget { file }),
    ]
}

impl Edit {
    /// Does nothing where there is nothing to do it to.
    fn apply(self, files: &mut Files) {
        self.done(files);
    }

    fn done(self, files: &mut Files) -> Option<()> {
        match self {
            Edit::AddFile { path, package, proto2 } => {
                let package = pick(&PACKAGES, package).to_owned();
                let file = File { proto2, package, ..File::default() };
                files.entry(path_of(path)).or_insert(file);
            }
            Edit::AddMessage { file, name, nested } => {
                let name = pick(&MESSAGES, name).to_owned();
                let nested = nested.then(|| "N".to_owned());
                at(files, file)?.1.add(Item::Message { name, fields: Vec::new(), nested });
            }
            Edit::AddEnum { file } => {
                let values = vec![("ZERO".to_owned(), 0), ("ONE".to_owned(), 1)];
                at(files, file)?.1.add(Item::Enum { name: "Kind".to_owned(), values });
            }
            Edit::AddMethod { file, name, types, style } => {
                let path = at(files, file)?.0.clone();
                let [request, response] = types.map(|of| message(files, &path, of, style));
                let (name, request, response) =
                    (pick(&METHODS, name).to_owned(), request?, response?);
                let method = Method { name, request, response };
                let file = files.get_mut(&path)?;
                file.add(Item::Service { name: "S".to_owned(), methods: Vec::new() });
                let methods = file.items.iter_mut().find_map(|item| match item {
                    Item::Service { methods, .. } => Some(methods),
                    _ => None,
                })?;
                methods.iter().all(|it| it.name != method.name).then(|| methods.push(method))?;
            }
            Edit::AddField { item, number, ty, style } => {
                let (path, index) = item_at(files, item, |it| matches!(it, Item::Message { .. }))?;
                let field = field(files, &path, number, ty, style);
                let Item::Message { fields, .. } = &mut files.get_mut(&path)?.items[index] else {
                    return None;
                };
                let new = |it: &Field| it.number != field.number && it.name != field.name;
                fields.iter().all(new).then(|| fields.push(field))?;
            }
            Edit::AddExtension { file, of, number, ty } => {
                let path = at(files, file)?.0.clone();
                let of = message(files, &path, of, number)?;
                let field = field(files, &path, number, ty, number);
                let name = format!("{}_{}", field.name, field.number);
                let field = Field { number: 100 + field.number, name, ..field };
                let item = Item::Extension { of, field };
                let file = files.get_mut(&path)?;
                let taken = |it: &Item| matches!((it, &item), (Item::Extension { field, .. }, Item::Extension { field: new, .. }) if field.name == new.name);
                let free = file.proto2 && !file.items.iter().any(taken);
                free.then(|| file.items.push(item))?;
            }
            Edit::AddImport { file, of, style, public } => {
                let path = at(files, file)?.0.clone();
                let target = at(files, of)?.0.clone();
                import(files, &path, &target, style);
                files.get_mut(&path)?.imports.values_mut().last().map(|it| *it = public)?;
            }
            Edit::Comment { file } => at(files, file)?.1.comments += 1,
            Edit::Break { file } => at(files, file)?.1.broken ^= true,
            Edit::DropItem { item } => {
                let (path, index) = item_at(files, item, |_| true)?;
                files.get_mut(&path)?.items.remove(index);
            }
            Edit::DropPart { item } => {
                let (path, index) = item_at(files, item, |_| true)?;
                match &mut files.get_mut(&path)?.items[index] {
                    Item::Message { fields, .. } => drop(fields.pop()),
                    Item::Enum { values, .. } if values.len() > 1 => drop(values.pop()),
                    Item::Service { methods, .. } => drop(methods.pop()),
                    Item::Enum { .. } | Item::Extension { .. } => (),
                }
            }
            Edit::Rename { item, name } => {
                let (path, index) = item_at(files, item, |it| it.name().is_some())?;
                let new = pick(&MESSAGES, name);
                let file = files.get_mut(&path)?;
                let taken = file.items.iter().any(|it| it.name() == Some(new));
                match &mut file.items[index] {
                    Item::Message { name, .. } | Item::Service { name, .. } if !taken => {
                        *name = new.to_owned();
                    }
                    _ => (),
                }
            }
            Edit::MoveItem { item, file } => {
                let (path, index) = item_at(files, item, |_| true)?;
                let target = at(files, file)?.0.clone();
                let item = files[&path].items[index].clone();
                let [from, to] = [&path, &target].map(|path| files[path].proto2);
                let free = files[&target].items.iter().all(|it| it.name() != item.name());
                (path != target && from == to && free).then_some(())?;
                files.get_mut(&path)?.items.remove(index);
                let imports = files[&path].imports.clone();
                let target = files.get_mut(&target)?;
                target.imports.extend(imports);
                target.items.push(item);
            }
            Edit::MoveFile { file, path } => {
                let old = at(files, file)?.0.clone();
                let moved = files.remove(&old)?;
                files.entry(path_of(path)).or_insert(moved);
            }
            Edit::CopyFile { file, path } => {
                let copied = at(files, file)?.1.clone();
                files.entry(path_of(path)).or_insert(copied);
            }
            Edit::DropFile { file } => {
                let path = at(files, file)?.0.clone();
                (files.len() > 1).then(|| files.remove(&path));
            }
            Edit::Repackage { file, package } => {
                at(files, file)?.1.package = pick(&PACKAGES, package).to_owned();
            }
            Edit::Retype { item, ty, style } => {
                let (path, index) = item_at(files, item, |it| matches!(it, Item::Message { .. }))?;
                let new = field(files, &path, 0, ty, style);
                let Item::Message { fields, .. } = &mut files.get_mut(&path)?.items[index] else {
                    return None;
                };
                let last = fields.last_mut()?;
                (last.ty, last.label) = (new.ty, new.label);
            }
            Edit::Renumber { item, number } => {
                let (path, index) = item_at(files, item, |it| matches!(it, Item::Message { .. }))?;
                let Item::Message { fields, .. } = &mut files.get_mut(&path)?.items[index] else {
                    return None;
                };
                let number = u32::from(number % 6) + 1;
                let free = fields.iter().all(|it| it.number != number);
                fields.last_mut().filter(|_| free)?.number = number;
            }
            Edit::Forget { file } => drop(at(files, file)?.1.imports.pop_first()),
        }
        Some(())
    }
}

impl File {
    /// Where the name is free.
    fn add(&mut self, item: Item) {
        if self.items.iter().all(|it| it.name() != item.name()) {
            self.items.push(item);
        }
    }
}

impl Item {
    fn declares(&self) -> &str {
        match self {
            Item::Extension { field, .. } => &field.name,
            Item::Message { name, .. } | Item::Enum { name, .. } | Item::Service { name, .. } => {
                name
            }
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Item::Message { name, .. } | Item::Enum { name, .. } | Item::Service { name, .. } => {
                Some(name)
            }
            Item::Extension { .. } => None,
        }
    }
}

fn path_of([folder, leaf]: [u8; 2]) -> String {
    format!("{}{}", pick(&FOLDERS, folder), pick(&LEAVES, leaf))
}

fn at(files: &mut Files, file: u8) -> Option<(&String, &mut File)> {
    let count = files.len().max(1);
    files.iter_mut().nth(usize::from(file) % count)
}

/// An item of some kind: its file, and its place there.
fn item_at(files: &Files, item: u8, wanted: fn(&Item) -> bool) -> Option<(String, usize)> {
    let all = files.iter().flat_map(|(path, file)| {
        let items = file.items.iter().enumerate().filter(|(_, item)| wanted(item));
        items.map(move |(index, _)| (path.clone(), index))
    });
    let all: Vec<(String, usize)> = all.collect();
    all.get(usize::from(item) % all.len().max(1)).cloned()
}

fn field(files: &mut Files, path: &str, number: u8, ty: u8, style: u8) -> Field {
    let named = if ty.is_multiple_of(3) { None } else { message(files, path, ty / 3, style) };
    Field {
        label: pick(&LABELS, ty / 2),
        ty: named.unwrap_or_else(|| pick(&SCALARS, style).to_owned()),
        name: pick(&FIELDS, number).to_owned(),
        number: u32::from(number % 6) + 1,
    }
}

/// The name of a message, or of an enum, as a file may write it, which imports the one that
/// declares it.
fn message(files: &mut Files, path: &str, which: u8, style: u8) -> Option<String> {
    let all: Vec<(String, String)> = files
        .iter()
        .flat_map(|(path, file)| {
            let names = file.items.iter().flat_map(|item| match item {
                Item::Message { name, nested, .. } => {
                    let inner = nested.iter().map(|inner| format!("{name}.{inner}"));
                    inner.chain([name.clone()]).collect::<Vec<_>>()
                }
                _ => Vec::new(),
            });
            names.map(|name| (path.clone(), format!("{}.{name}", file.package)))
        })
        .collect();
    let (target, full) = all.get(usize::from(which) % all.len().max(1))?;
    if target != path {
        import(files, path, target, style);
    }
    let package = format!("{}.", files[path].package);
    Some(match style % 3 {
        0 => format!(".{full}"),
        1 => full.strip_prefix(&package).unwrap_or(full).to_owned(),
        // Relative to an outer package.
        _ => full.split_once('.').map_or(&**full, |(_, rest)| rest).to_owned(),
    })
}

/// An import by the whole path, a part of it, or one that is not there.
fn import(files: &mut Files, path: &str, target: &str, style: u8) {
    let short = target.split_once('/').map_or(target, |(_, rest)| rest);
    let leaf = target.rsplit('/').next().unwrap_or(target);
    let written = match style % 7 {
        0..4 => target.to_owned(),
        4 => short.to_owned(),
        5 => leaf.to_owned(),
        _ => format!("gone/{leaf}"),
    };
    if let Some(file) = files.get_mut(path) {
        file.imports.entry(written).or_insert(false);
    }
}
