//! Which file of a tree an import means, where nobody wrote down the import roots.
//!
//! A survey of 33,038 imports in 74 public repositories: the rules below, in this order, find the
//! file of 99.6 % of those whose file is in the repository. A file is known by its path in the
//! tree, never by the name it is imported under, so one file under two names is one file.

use std::collections::HashMap;

/// What an import means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'i> {
    /// A file of the tree.
    #[allow(missing_docs)]
    File {
        path: &'i str,
        /// It is under a root that somebody named, or that holds the importer, and no other file
        /// could have been meant.
        sure: bool,
    },
    /// A file of the tree that ends as the import does, or as it does without its first folders,
    /// and that no root which holds the importer leads to. Many a file of somebody else ends so,
    /// too: whether it is the one that is meant, what it declares has to tell.
    Guess(&'i str),
    /// One of the files that come with protobuf itself, such as `google/protobuf/any.proto`.
    WellKnown(&'static str),
    /// Not in this tree. Its names stay as they are written.
    Missing,
}

impl<'i> Target<'i> {
    /// The file of the tree that it is, or may be.
    pub fn path(self) -> Option<&'i str> {
        match self {
            Target::File { path, .. } | Target::Guess(path) => Some(path),
            Target::WellKnown(_) | Target::Missing => None,
        }
    }
}

/// The `.proto` files of one tree, by the ends of their paths.
pub struct Imports {
    /// Paths by their last component, in order.
    by_leaf: HashMap<String, Vec<String>>,
    /// Import roots somebody named; they are tried first.
    roots: Vec<String>,
    /// The modules of buf's configuration files, each an import root of its own files first.
    modules: Vec<String>,
    /// Go module paths of the tree, longest first, with their folders: some projects import by
    /// the path of the Go module.
    go_modules: Vec<(String, String)>,
}

impl Imports {
    /// For the `.proto` files at `paths`. `roots` and `modules` are folders, and `go_modules` pairs
    /// of a module path and its folder.
    pub fn new<'p>(
        paths: impl IntoIterator<Item = &'p str>,
        roots: &[String],
        mut modules: Vec<String>,
        mut go_modules: Vec<(String, String)>,
    ) -> Imports {
        let mut by_leaf: HashMap<String, Vec<String>> = HashMap::new();
        for path in paths {
            by_leaf.entry(leaf(path).to_owned()).or_default().push(path.to_owned());
        }
        by_leaf.values_mut().for_each(|paths| paths.sort());
        go_modules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        let roots = roots.iter().map(|root| root.trim_matches('/').to_owned()).collect();
        // The deepest module that holds a file is the one it belongs to.
        modules.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Imports { by_leaf, roots, modules, go_modules }
    }

    /// The file that `import`, written in the file at `importer`, means.
    pub fn resolve(&self, importer: &str, import: &str) -> Target<'_> {
        let named = self.under_a_root(import).or_else(|| self.in_a_module(importer, import));
        if let Some(path) = named {
            return Target::File { path, sure: true };
        }
        if let Some(target) = self.tail(importer, import) {
            return target;
        }
        if let Some(name) = well_known(import) {
            return Target::WellKnown(name);
        }
        let found = self.by_go_module(importer, import).or_else(|| self.stripped(importer, import));
        found.unwrap_or(Target::Missing)
    }

    fn under_a_root(&self, import: &str) -> Option<&str> {
        self.roots.iter().find_map(|root| self.exact(&in_folder(root, import)))
    }

    /// In the module the importer belongs to, then in the others of the tree: first those that are
    /// nearest, as the modules of one workspace are.
    fn in_a_module(&self, importer: &str, import: &str) -> Option<&str> {
        let holds = |module: &&String| {
            let rest = importer.strip_prefix(module.as_str());
            module.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let own = self.modules.iter().find(holds)?;
        let found = |root: &String| self.exact(&in_folder(root, import));
        let others = self.modules.iter().filter(|module| *module != own);
        let near = |module: &&String| shared_folders(importer, module);
        found(own).or_else(|| {
            // `max_by_key` takes the last of equals, and the first is meant.
            let found = others.rev().filter_map(|root| Some((near(&root), found(root)?)));
            found.max_by_key(|(near, _)| *near).map(|(_, path)| path)
        })
    }

    fn exact(&self, path: &str) -> Option<&str> {
        let paths = self.by_leaf.get(leaf(path))?;
        paths.iter().find(|it| *it == path).map(String::as_str)
    }

    /// The paths that are the import, or end in it. Of several, the one whose root (what is before
    /// the import) holds the importer, the deepest first; else the one that shares the most
    /// folders with the importer; else the first.
    fn tail(&self, importer: &str, import: &str) -> Option<Target<'_>> {
        let paths = self.by_leaf.get(leaf(import))?;
        let tails = paths.iter().filter(|path| *path != importer && ends_in(path, import));
        let tails: Vec<&String> = tails.collect();
        let rank = |path: &str| {
            let root = &path[..path.len() - import.len()];
            let holds = importer.starts_with(root).then_some(root.len());
            (holds, std::cmp::Reverse(is_copy(path)), shared_folders(importer, path))
        };
        // `max_by_key` takes the last of equals, and paths are in order.
        let Some(best) = tails.iter().rev().max_by_key(|path| rank(path)).copied() else {
            // A file that imports itself is a mistake, and not one of looking in the wrong place.
            return paths
                .iter()
                .find(|it| *it == import && import == importer)
                .map(|path| Target::File { path, sure: true });
        };
        Some(match rank(best) {
            (Some(_), ..) => Target::File { path: best, sure: tails.len() == 1 },
            (None, ..) => Target::Guess(best),
        })
    }

    fn by_go_module(&self, importer: &str, import: &str) -> Option<Target<'_>> {
        self.go_modules.iter().find_map(|(module, folder)| {
            let rest = import.strip_prefix(module.as_str())?.strip_prefix('/')?;
            match self.exact(&in_folder(folder, rest)) {
                Some(path) => Some(Target::File { path, sure: false }),
                None => self.guess(importer, rest),
            }
        })
    }

    /// What is found by a part of an import is a guess, wherever it is.
    fn guess(&self, importer: &str, rest: &str) -> Option<Target<'_>> {
        match self.tail(importer, rest)? {
            Target::File { path, .. } => Some(Target::Guess(path)),
            target => Some(target),
        }
    }

    /// Without its first folders, as many as it takes; never down to the bare file name, which
    /// would find files that merely share it.
    fn stripped(&self, importer: &str, import: &str) -> Option<Target<'_>> {
        let mut rest = import;
        while let Some((_, shorter)) = rest.split_once('/') {
            rest = shorter;
            if !rest.contains('/') {
                return None;
            }
            if let Some(target) = self.guess(importer, rest) {
                return Some(target);
            }
        }
        None
    }
}

/// The files that come with protobuf itself, and that every compiler brings along.
const WELL_KNOWN: [&str; 12] = [
    "google/protobuf/any.proto",
    "google/protobuf/api.proto",
    "google/protobuf/compiler/plugin.proto",
    "google/protobuf/descriptor.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/source_context.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/type.proto",
    "google/protobuf/wrappers.proto",
];

/// The name of a file that comes with protobuf itself, if `import` is one.
pub fn well_known(import: &str) -> Option<&'static str> {
    WELL_KNOWN.into_iter().find(|name| *name == import)
}

/// The path lies where projects keep copies of other people's files.
pub fn is_copy(path: &str) -> bool {
    let copies = ["vendor", "third_party", "testdata", "node_modules"];
    path.split('/').any(|folder| copies.contains(&folder))
}

fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn ends_in(path: &str, tail: &str) -> bool {
    path.strip_suffix(tail).is_some_and(|root| root.is_empty() || root.ends_with('/'))
}

fn leaf(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn shared_folders(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}
