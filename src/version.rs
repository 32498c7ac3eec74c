//! One version, read: the one place that puts tree, imports and compiler together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    callsites::{self, CallSites, Manifest, Options, Shared},
    compile::{Compiled, Input, Layout, Scope, Units, compile_all},
    error::Error,
    excerpt::{Excerpt, Quote},
    schema::{FullName, Schema, Site},
    tree::{Content, Hunk, Source, Top, Tree, hunks},
};

/// A version that was asked for. It may not compile; old ones often do not.
pub struct Version {
    /// What people call it.
    pub name: String,
    /// The commit, if it is one.
    pub commit: Option<String>,
    /// What it adds up to, or why that is unknown.
    pub contents: Result<Compiled, Error>,
    source: Source,
    layout: Layout,
}

/// What searches of versions that have most in common read once.
#[derive(Default)]
pub struct Searches {
    sources: Shared,
    units: Units,
}

/// What the sources of a version say.
pub struct Code {
    /// Of calls, and of servers.
    pub calls: CallSites,
    /// All that the version declares, if only a part of it is compared.
    whole: Option<Schema>,
}

/// Reads versions that will be compared with one another. What they share is read once, and what
/// is the same in all of them may be left out.
pub fn load(sources: Vec<Source>, layout: &Layout, units: &Units) -> Vec<Version> {
    let inputs = sources.iter().map(|source| match &source.content {
        Content::Files(tree) => Input::Tree(tree),
        Content::Descriptors(bytes) => Input::Descriptors { name: &source.name, bytes },
    });
    let compiled = compile_all(&inputs.collect::<Vec<_>>(), layout, units);
    let versions = sources.into_iter().zip(compiled).map(|(source, contents)| Version {
        name: source.name.clone(),
        commit: source.commit.clone(),
        contents,
        source,
        layout: layout.clone(),
    });
    versions.collect()
}

/// All that is wrong with some versions. What is wrong with several in the same way is told of the
/// last of them.
pub fn problems<'v>(versions: &[&'v Version]) -> Vec<&'v Error> {
    let mut told = BTreeSet::new();
    let mut problems = Vec::new();
    for version in versions.iter().rev() {
        let own = match &version.contents {
            Ok(compiled) => compiled.problems.as_slice(),
            Err(error) => std::slice::from_ref(error),
        };
        let own: Vec<&Error> =
            own.iter().filter(|error| told.insert(version.unplaced(error))).collect();
        problems.push(own);
    }
    problems.into_iter().rev().flatten().collect()
}

/// What the sources of a tree say of the wanted services of a schema, all of which it is. What
/// `searches` of other trees have read is not read again.
///
/// # Errors
/// Why they were not searched, in words.
pub fn search(
    tree: &Tree,
    schema: &Schema,
    wanted: &dyn Fn(&FullName) -> bool,
    manifest: &Manifest,
    searches: &Searches,
) -> Result<CallSites, String> {
    searchable(tree, manifest)?;
    let stubs = callsites::stubs(schema);
    let services: BTreeSet<FullName> =
        stubs.iter().map(|it| &it.service).filter(|it| wanted(it)).cloned().collect();
    if services.is_empty() {
        return Ok(CallSites::default());
    }
    let (manifest, shared) = (manifest.clone(), searches.sources.clone());
    let options = Options { services, manifest, shared, ..Options::default() };
    callsites::scan(tree, &stubs, &options).map_err(|error| error.brief())
}

/// Something is there to search, or somebody said what it would find.
fn searchable(tree: &Tree, manifest: &Manifest) -> Result<(), String> {
    let has_sources = callsites::has_sources(tree).map_err(|error| error.brief())?;
    match has_sources || manifest.declares() {
        true => Ok(()),
        false => Err(format!("no sources of {} in {}", callsites::languages(), tree.name)),
    }
}

impl Version {
    /// What is wrong, and where in the version, but not in which.
    fn unplaced(&self, error: &Error) -> String {
        match &self.source.content {
            Content::Files(tree) => {
                let version = format!("`{}`", tree.name);
                error.brief().replace(&tree.locate(""), "").replace(&version, "")
            }
            Content::Descriptors(_) => error.brief(),
        }
    }

    /// What it is a part of.
    pub fn top(&self) -> &Top {
        &self.source.top
    }

    /// What differs from an older version in some files, by line. A file that only this one has is
    /// new as a whole; one that it does not have is left out.
    pub fn hunks(
        &self,
        base: &Version,
        paths: &BTreeSet<Arc<str>>,
    ) -> BTreeMap<Arc<str>, Vec<Hunk>> {
        let [ours, theirs] = [base, self].map(|version| version.texts(paths));
        let hunks = theirs.into_iter().map(|(path, text)| match ours.get(&path) {
            Some(older) => (path, hunks(older, &text)),
            None => (path, vec![[1..1, 1..u32::MAX]]),
        });
        hunks.collect()
    }

    /// The contents of some files, as far as they are there and can be read.
    fn texts(&self, paths: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, Vec<u8>> {
        let Content::Files(tree) = &self.source.content else { return BTreeMap::new() };
        let files = tree.files(&|path| paths.contains(path)).unwrap_or_default().into_iter();
        let texts =
            files.filter_map(|file| Some((file.path.as_str().into(), tree.read(&file).ok()?.1)));
        texts.collect()
    }

    /// What its sources say of the wanted services. What `searches` of other versions have read is
    /// not read again.
    ///
    /// # Errors
    /// Why they were not searched, in words.
    pub fn code(
        &self,
        wanted: &dyn Fn(&FullName) -> bool,
        manifest: &Manifest,
        searches: &Searches,
    ) -> Result<Code, String> {
        let nothing;
        let tree = match &self.source.content {
            Content::Files(tree) => tree,
            // What is declared of its clients holds all the same.
            Content::Descriptors(_) if manifest.declares() => {
                nothing = Tree::memory(&self.name, BTreeMap::new());
                &nothing
            }
            Content::Descriptors(_) => return Err(format!("{} is a descriptor set", self.name)),
        };
        searchable(tree, manifest)?;
        // None of what it declares may be left out: calls of other services would be taken for
        // calls of these.
        let (schema, whole) = match &self.contents {
            Ok(compiled) if compiled.whole => (Some(&compiled.schema), None),
            _ => (None, Some(self.whole(&searches.units)?)),
        };
        let Some(schema) = schema.or(whole.as_ref()) else {
            unreachable!("what was not compiled was compiled just now")
        };
        let calls = search(tree, schema, wanted, manifest, searches)?;
        Ok(Code { calls, whole })
    }

    /// All that it declares, read in the same way.
    fn whole(&self, units: &Units) -> Result<Schema, String> {
        let input = match &self.source.content {
            Content::Files(tree) => Input::Tree(tree),
            Content::Descriptors(bytes) => Input::Descriptors { name: &self.name, bytes },
        };
        let layout = Layout { scope: Scope::Whole, ..self.layout.clone() };
        let whole = compile_all(&[input], &layout, units).pop();
        let whole = whole.unwrap_or_else(|| unreachable!("one in, one out"));
        Ok(whole.map_err(|error| error.brief())?.schema)
    }

    /// The schema by which its sources were searched.
    pub fn schema<'v>(&'v self, code: &'v Code) -> Option<&'v Schema> {
        code.whole.as_ref().or(self.contents.as_ref().ok().map(|it| &it.schema))
    }

    /// It is the other one, asked for twice.
    pub fn is(&self, other: &Version) -> bool {
        match (&self.commit, &other.commit) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.name == other.name,
        }
    }

    /// Its servers may do something else about a call than those of another version, though both
    /// declare it.
    pub fn servers_differ(&self, other: &Version) -> bool {
        let (Content::Files(ours), Content::Files(theirs)) =
            (&self.source.content, &other.source.content)
        else {
            return false;
        };
        // What cannot be listed cannot be searched either, and is said then.
        callsites::servers_differ(ours, theirs).unwrap_or(true)
    }

    /// How people can open a place: `v2.17.0:rpc/manager.proto:12:3`.
    fn locate(&self, site: &Site) -> String {
        let file = match &self.source.content {
            Content::Files(tree) => tree.locate(&site.file),
            Content::Descriptors(_) => format!("{}:{}", self.name, site.file),
        };
        format!("{file}:{}:{}", site.line, site.column)
    }

    /// Some places, for people, with their lines read again.
    pub fn quote<'s>(&self, sites: impl IntoIterator<Item = &'s Site>) -> BTreeMap<Site, Quote> {
        let plain = |site: &Site| Quote { location: self.locate(site), excerpt: None };
        let mut quotes: BTreeMap<Site, Quote> =
            sites.into_iter().map(|site| (site.clone(), plain(site))).collect();
        let Content::Files(tree) = &self.source.content else { return quotes };
        let paths: BTreeSet<Arc<str>> = quotes.keys().map(|site| site.file.clone()).collect();
        for file in tree.files(&|path| paths.contains(path)).unwrap_or_default() {
            let Ok((_, bytes)) = tree.read(&file) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            for (site, quote) in quotes.iter_mut().filter(|(site, _)| *site.file == file.path) {
                let name = tree.locate(&file.path);
                quote.excerpt = Some(Excerpt::at_line(name, &text, site.line, site.column));
            }
        }
        quotes
    }
}
