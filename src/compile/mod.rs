//! `.proto` text, or descriptors → [`Schema`]. The only room that knows protox and descriptors.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use rayon::prelude::*;

use crate::{
    error::Error,
    imports,
    schema::{FullName, Schema},
    tree::Tree,
};

mod copies;
mod cycle;
mod descriptors;
mod fault;
mod features;
mod guess;
mod http;
#[doc(hidden)]
pub mod inside;
mod lex;
mod limits;
mod link;
mod listing;
mod load;
mod lower;
mod many;
mod normalize;
mod options;
mod outline;
mod outlines;
mod parse;
mod prepass;
mod remarks;
mod restore;
mod scope;
mod shadow;
mod shared;
mod strict;
mod unit;
mod units;

pub use listing::is_read;
pub use many::{alike, declares};
pub use remarks::Remark;
pub use units::Units;

use fault::Faults;
use link::Linker;
use listing::Listing;
use load::{Loading, load};
use shared::Shared;

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
    /// How much is read.
    pub scope: Scope,
}

/// How much of several versions is read to compare them. The findings are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of it if it is little; of much, what the change reaches.
    #[default]
    Measured,
    /// All of it.
    Whole,
    /// What the change reaches.
    Changed,
}

/// What one version's files add up to.
#[derive(Debug)]
pub struct Compiled {
    /// The normal form.
    pub schema: Schema,
    /// The normal forms of copies: files that declare names which others declare in another way,
    /// by the folder they are under.
    pub copies: BTreeMap<String, Schema>,
    /// How many files are judged.
    pub files: usize,
    /// All files that are judged were read; if not, what was left out is the same in the versions
    /// that were read together.
    pub whole: bool,
    /// How many files were read, be they judged or not; those of protobuf itself are not counted.
    pub read: usize,
    /// How many files have mistakes that are in every version, and that the change neither reaches
    /// nor needs. They are left alone. Nobody knows of those that were not read.
    pub broken: usize,
    /// Imports of the files that were read that are not in the tree. Their types are opaque.
    pub missing_imports: Vec<MissingImport>,
    /// How many declarations stand in copies.
    pub duplicates: usize,
    /// Comments of the files that are judged that allow something.
    pub remarks: Vec<Remark>,
    /// Why some elements are unknown: files that cannot be read, names that nobody declares.
    pub problems: Vec<Error>,
}

/// An import of a file that is not in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingImport {
    /// The path of the file that imports it.
    pub file: Arc<str>,
    /// As it is written.
    pub import: String,
}

/// A version to compile.
#[derive(Clone, Copy)]
pub enum Input<'t> {
    /// `.proto` files.
    Tree(&'t Tree),
    /// A serialized `google.protobuf.FileDescriptorSet`, and what people call it.
    #[allow(missing_docs)]
    Descriptors { name: &'t str, bytes: &'t [u8] },
}

/// Compiles one version that must be in order.
///
/// # Errors
/// As [`compile_all`]; and any of its problems.
pub fn compile(tree: &Tree, layout: &Layout, units: &Units) -> Result<Compiled, Error> {
    let compiled = compile_all(&[Input::Tree(tree)], layout, units).pop();
    let compiled = compiled.unwrap_or_else(|| unreachable!("one in, one out"))?;
    if compiled.problems.is_empty() {
        return Ok(compiled);
    }
    Err(Error::DoesNotCompile { version: tree.name.clone(), causes: compiled.problems })
}

/// Compiles versions that will be compared with one another: what is the same in all of them need
/// not be read.
///
/// # Errors
/// Of a version: it holds no file to judge, or none of them can be read. If only some cannot, that
/// is a problem of the version, and the others are compiled all the same.
pub fn compile_all(
    inputs: &[Input<'_>],
    layout: &Layout,
    units: &Units,
) -> Vec<Result<Compiled, Error>> {
    // A folder that no version has is a slip of the pen.
    let named: Vec<&String> = layout.paths.iter().chain(&layout.roots).collect();
    each(inputs, layout, units, &named, &|compiled| compiled)
}

/// As [`compile_all`], and makes something else of each version as soon as it is compiled, so that
/// not all of them have to be held at once. These may be some of many versions: a folder that none
/// of them has is no problem.
///
/// # Errors
/// As [`compile_all`].
pub fn compile_each<T: Send>(
    inputs: &[Input<'_>],
    layout: &Layout,
    units: &Units,
    keep: &(dyn Fn(Compiled) -> T + Sync),
) -> Vec<Result<T, Error>> {
    each(inputs, layout, units, &[], keep)
}

fn each<T: Send>(
    inputs: &[Input<'_>],
    layout: &Layout,
    units: &Units,
    named: &[&String],
    keep: &(dyn Fn(Compiled) -> T + Sync),
) -> Vec<Result<T, Error>> {
    let opened = inputs.iter().map(|input| match *input {
        Input::Tree(tree) => match Listing::new(tree, layout) {
            Ok(listing) => (Some(Opened::Tree(listing)), None),
            Err(error) => (None, Some(error)),
        },
        Input::Descriptors { name, bytes } => (Some(Opened::Descriptors(name, bytes)), None),
    });
    let (opened, failed): (Vec<Option<Opened<'_>>>, Vec<Option<Error>>) = opened.unzip();
    let listings: Vec<&Listing<'_>> = opened
        .iter()
        .filter_map(|opened| match opened {
            Some(Opened::Tree(listing)) => Some(listing),
            _ => None,
        })
        .collect();
    // A descriptor set is read whole, so nothing may be left out beside it.
    let partial = listings.len() == inputs.len();
    let scope = if partial { layout.scope } else { Scope::Whole };
    let nowhere = nowhere(&listings, named).filter(|_| partial);
    let seeds = scope::seeds(&listings, layout, scope, units);
    let mut loadings = load(&listings, &seeds.files, layout, units).into_iter();
    // The same file speaks for a name in all versions, if there is one.
    let everywhere = |path: &str| listings.iter().all(|listing| listing.protos.contains_key(path));
    let drafts: Vec<Option<Result<Draft<'_>, Error>>> = opened
        .iter()
        .map(|opened| match opened {
            None => None,
            Some(Opened::Tree(listing)) => {
                Some(Ok(Draft::of_tree(listing, loadings.next()?, layout, &everywhere)))
            }
            Some(Opened::Descriptors(name, bytes)) => Some(Draft::of_set(name, bytes, layout)),
        })
        .collect();
    // A copy is judged in every version that has it, be it a copy there or not; and what it lacks
    // in one of them is what the original says there.
    let drafted = || drafts.iter().flatten().flatten();
    let roots: BTreeSet<&String> = drafted().flat_map(|draft| &draft.roots).collect();
    let roots: BTreeMap<String, BTreeSet<FullName>> = roots
        .into_iter()
        .map(|root| (root.clone(), drafted().flat_map(|draft| draft.names(root)).collect()))
        .collect();
    let whole = seeds.whole;
    let mut lost: Vec<Error> = seeds.problems.into_iter().map(|(_, error)| error).collect();
    lost.extend(nowhere);
    let needed = LazyLock::new(|| {
        let told = whole && partial;
        told.then(|| scope::needed(&listings, layout, units)).flatten()
    });
    let needed = |path: &str| needed.as_ref().is_none_or(|needed| needed.contains(path));
    let drafts: Vec<(Result<Draft<'_>, Error>, Vec<Error>)> = drafts
        .into_iter()
        .zip(failed)
        .map(|(draft, failed)| match (failed, draft) {
            // The first that is there tells it.
            (None, Some(Ok(draft))) => (Ok(draft), std::mem::take(&mut lost)),
            (None, Some(Err(error))) | (Some(error), _) => (Err(error), Vec::new()),
            (None, None) => unreachable!("what was opened was drafted"),
        })
        .collect();
    let shared = Shared::default();
    let finish = |(draft, lost): (Result<Draft<'_>, Error>, Vec<Error>)| {
        let mut compiled = draft?.finish(&roots, layout, &needed, &shared)?;
        compiled.whole = whole;
        compiled.problems.extend(lost);
        Ok(keep(compiled))
    };
    drafts.into_par_iter().map(finish).collect()
}

/// A folder that somebody named and that no version has: a slip of the pen, most likely.
fn nowhere(listings: &[&Listing<'_>], named: &[&String]) -> Option<Error> {
    let missing = named.iter().filter(|folder| {
        let only = Layout { paths: vec![(**folder).clone()], ..Layout::default() };
        let mut paths = listings.iter().flat_map(|listing| listing.protos.keys());
        !listings.is_empty() && !paths.any(|path| only.judges(path))
    });
    let path = (*missing.into_iter().next()?).clone();
    let names: Vec<&str> = listings.iter().map(|listing| &*listing.tree.name).collect();
    let help = "folders are named from the top of a version, wherever you are".to_owned();
    Some(Error::NoSuchPath { version: names.join("` and `"), path, help })
}

enum Opened<'t> {
    Tree(Listing<'t>),
    Descriptors(&'t str, &'t [u8]),
}

/// One version, read but not linked.
struct Draft<'t> {
    name: &'t str,
    tree: Option<&'t Tree>,
    loading: Loading,
    /// The order in which the declarations of files count.
    order: Vec<usize>,
    roots: BTreeSet<String>,
    duplicates: usize,
    files: usize,
}

impl<'t> Draft<'t> {
    fn of_tree(
        listing: &Listing<'t>,
        loading: Loading,
        layout: &Layout,
        everywhere: &dyn Fn(&str) -> bool,
    ) -> Self {
        let files = listing.judged(layout).count();
        Draft::new(&listing.tree.name, Some(listing.tree), loading, files, everywhere)
    }

    fn of_set(name: &'t str, bytes: &[u8], layout: &Layout) -> Result<Self, Error> {
        let loading = descriptors::load(name, bytes, layout)?;
        let files = loading.files.iter().filter(|file| file.judged).count();
        Ok(Draft::new(name, None, loading, files, &|_| true))
    }

    fn new(
        name: &'t str,
        tree: Option<&'t Tree>,
        loading: Loading,
        files: usize,
        everywhere: &dyn Fn(&str) -> bool,
    ) -> Self {
        let order = copies::order(&loading.files, everywhere);
        let (roots, duplicates) = copies::roots(&loading.files, &order);
        Draft { name, tree, loading, order, roots, duplicates, files }
    }

    /// What it declares in a copy.
    fn names(&self, root: &str) -> BTreeSet<FullName> {
        let files = &self.loading.files;
        copies::names(files, &copies::files(files, &self.order, root))
    }

    fn finish(
        self,
        roots: &BTreeMap<String, BTreeSet<FullName>>,
        layout: &Layout,
        needed: &dyn Fn(&str) -> bool,
        shared: &Shared,
    ) -> Result<Compiled, Error> {
        let Draft { name, tree, loading, order, duplicates, files, .. } = self;
        let Loading { files: loaded, missing, problems } = loading;
        // What was left out can be read, for all that is known.
        let unread = loaded.iter().filter(|file| file.judged && file.unread).count();
        if unread == files && !problems.is_empty() {
            let causes = problems.into_iter().map(|(_, error)| error).collect();
            return Err(Error::DoesNotCompile { version: name.to_owned(), causes });
        }
        let linker = Linker::new(&loaded);
        let (schema, undeclared) =
            normalize::normalize(&loaded, &linker, shared, &order, &[], &BTreeSet::new());
        let copies = roots.iter().filter_map(|(root, names)| {
            let files = copies::files(&loaded, &order, root);
            let copy = || normalize::normalize(&loaded, &linker, shared, &files, &order, names).0;
            (!files.is_empty()).then(|| (root.clone(), copy()))
        });
        let copies = copies.collect();
        let faults = Faults { unread: problems, undeclared };
        let (mut problems, broken) = faults.sort(name, tree, &loaded, needed);
        if layout.strict_imports {
            let missing = missing.iter();
            problems.extend(parse::few(missing, |it| fault::missing_import(tree, &loaded, it)));
        }
        let read = loaded.iter().filter(|it| imports::well_known(&it.path).is_none()).count();
        let remarks = remarks::remarks(&loaded);
        Ok(Compiled {
            schema,
            copies,
            files,
            whole: true,
            read,
            broken,
            missing_imports: missing,
            duplicates,
            remarks,
            problems,
        })
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

    /// ` under `a` or `b``, or nothing.
    fn under(&self) -> String {
        match self.paths.as_slice() {
            [] => String::new(),
            paths => format!(" under `{}`", paths.join("` or `")),
        }
    }
}
