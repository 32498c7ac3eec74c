//! Calls in Go. Its types are followed as its compiler would, as far as they lead to a stub.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use rayon::prelude::*;
use tree_sitter::{Language, Node, Tree as Syntax};

mod blocks;
mod callers;
mod calls;
mod decls;
mod errors;
mod expr;
mod gates;
mod index;
mod marks;
mod memo;
mod mentions;
mod older;
mod outcome;
mod packages;
mod reading;
mod scene;
mod served;
mod streams;
mod stubs;
mod thresholds;
mod types;
mod walk;

pub(super) use self::memo::Memo;
use self::{
    callers::Seen,
    decls::{FuncId, Imports},
    index::Index,
    memo::{Kept, Parsed},
    older::older,
    packages::{Modules, clause, guessed_name, is_vendored},
    stubs::Stubs,
    types::{Reader, Type},
};
use super::{
    CallSite, CallSites, Handling, Incomplete, Options, Stub,
    names::{Names, Pattern},
    sources::{self, Source},
    syntax,
};
use crate::{error::Error, tree::Tree};

/// All that is known of a tree's Go.
pub(super) struct World<'w> {
    stubs: &'w [Stub],
    index: Index,
    files: Vec<File<'w>>,
    /// By package: the services whose stubs it imports.
    uses: HashMap<Arc<str>, HashSet<usize>>,
    /// Errors that stand for `UNIMPLEMENTED`, by package and name.
    sentinels: HashSet<Global>,
    predicates: Vec<Pattern>,
    gates: Vec<Pattern>,
    language: Language,
    /// What the types of variables turned out to be.
    variables: Mutex<Variables>,
}

/// What a package declares: its path, and the name.
type Global = (Arc<str>, Arc<str>);

type Variables = HashMap<Global, Type>;

/// One source file.
pub(super) struct File<'w> {
    source: &'w Source,
    package: Arc<str>,
    imports: Imports,
    names: Arc<Names>,
    parsed: Arc<Parsed>,
    /// It is not too deep for that.
    readable: bool,
    /// Calls in it count.
    searched: bool,
}

/// Looks for calls and servers in the Go files of a tree.
pub(super) fn scan(
    tree: &Tree,
    stubs: &[Stub],
    options: &Options,
    found: &mut CallSites,
) -> Result<(), Error> {
    options.shared.go.begin();
    let generated =
        sources::read(tree, &|path| path.ends_with(".go") && is_protobuf(path), &mut Vec::new())?;
    let sources = sources::read(tree, &is_source, &mut found.incomplete)?;
    if sources.is_empty() {
        return Ok(());
    }
    found.files += sources.len();
    let modules = Modules::read(tree, &sources)?;
    let packages = generated.iter().map(|it| (modules.package(&it.path), it));
    let wanted = |stub: &Stub| options.wants(stub);
    let mut known = Stubs::new(stubs, &wanted, &packages.collect::<Vec<_>>());
    for alias in &options.manifest.stub_aliases {
        let service = stubs.iter().position(|stub| *stub.service.as_str() == alias.service);
        if let (Some(service), Some((package, name))) = (service, alias.ty.rsplit_once('.')) {
            known.alias(service, package, name);
        }
    }
    let index = Index { stubs: known, ..Index::default() };
    let mut clauses: HashMap<Arc<str>, Arc<str>> = HashMap::new();
    for source in generated.iter().chain(&sources) {
        if let Some(name) = clause(&source.text) {
            clauses.entry(modules.package(&source.path)).or_insert_with(|| name.into());
        }
    }
    for package in stubs.iter().filter_map(|it| it.go_package.as_deref()) {
        let (path, name) = stubs::split(package);
        clauses.entry(path.into()).or_insert_with(|| name.into());
    }
    drop(generated);
    let mut world = World {
        stubs,
        index,
        files: Vec::new(),
        uses: HashMap::new(),
        sentinels: HashSet::new(),
        predicates: options
            .manifest
            .unimplemented_predicates
            .iter()
            .map(|it| Pattern::new(it))
            .collect(),
        gates: options.manifest.gate_predicates.iter().map(|it| Pattern::new(it)).collect(),
        language: tree_sitter_go::LANGUAGE.into(),
        variables: Mutex::default(),
    };
    world.declare(&sources, &modules, &clauses, options, &mut found.incomplete);
    let mut seen = callers::direct(&world);
    callers::follow(&world, &mut seen);
    report(&world, seen, found);
    Ok(())
}

/// Finds the packages of services whose files name none, by the generated code of the tree that
/// declares them.
pub(super) fn find_packages(tree: &Tree, stubs: &mut [Stub]) -> Result<(), Error> {
    if stubs.iter().all(|it| it.go_package.is_some()) {
        return Ok(());
    }
    let wanted = |path: &str| path.ends_with(".go") && is_protobuf(path) && !is_vendored(path);
    let generated = sources::read(tree, &wanted, &mut Vec::new())?;
    let modules = Modules::read(tree, &generated)?;
    for source in &generated {
        let Some(name) = clause(&source.text) else { continue };
        let package = modules.package(&source.path);
        for stub in stubs.iter_mut().filter(|it| it.go_package.is_none()) {
            if stubs::declares(&source.text, stub) {
                stub.go_package = Some(format!("{package};{name}").into());
            }
        }
    }
    Ok(())
}

/// It is Go that somebody wrote, and a part of programs.
pub(super) fn is_source(path: &str) -> bool {
    path.ends_with(".go") && !is_protobuf(path) && is_compiled(path)
}

/// It is Go, or says what packages are called.
pub(super) fn reads(path: &str) -> bool {
    is_source(path) || is_protobuf(path) || path == "go.mod" || path.ends_with("/go.mod")
}

/// How many lines return something with a name.
fn returns(text: &[u8], name: &str) -> usize {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_start);
    let returns = lines.filter(|line| line.starts_with(b"return "));
    returns.filter(|line| Names::of(line).holds(name)).count()
}

/// What the protobuf generators write. Its names are known from the schema.
fn is_protobuf(path: &str) -> bool {
    [".pb.go", ".connect.go", ".pb.gw.go", ".pb.validate.go", ".pb.auth.go"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// The go command compiles it into programs.
fn is_compiled(path: &str) -> bool {
    let hidden = |part: &str| part == "testdata" || part.starts_with(['_', '.']);
    !path.ends_with("_test.go") && !is_vendored(path) && !path.split('/').any(hidden)
}

impl<'w> World<'w> {
    /// Reads what all files declare. Trees are dropped afterwards: those that are needed again are
    /// few.
    fn declare(
        &mut self,
        sources: &'w [Source],
        modules: &Modules,
        clauses: &HashMap<Arc<str>, Arc<str>>,
        options: &Options,
        incomplete: &mut Vec<Incomplete>,
    ) {
        let name_of =
            |path: &str| clauses.get(path).cloned().unwrap_or_else(|| guessed_name(path).into());
        let read = sources.par_iter().map(|source| {
            let package = modules.package(&source.path);
            let memo = &options.shared.go;
            let parsed = match memo.get(source.id, &package, &name_of) {
                Some(parsed) => parsed,
                None => {
                    let parsed = Arc::new(self.read_file(source, &package, &name_of)?);
                    memo.put(source.id, &package, &parsed);
                    parsed
                }
            };
            let readable = parsed.checked != syntax::Checked::TooDeep;
            let file = File {
                source,
                package,
                imports: parsed.imports.clone(),
                names: parsed.names.clone(),
                parsed: parsed.clone(),
                readable,
                searched: readable && !parsed.generated && options.paths.admit(&source.path),
            };
            Some((file, parsed))
        });
        let read: Vec<_> = read.collect();
        let mut sentinels = Vec::new();
        for (file, parsed) in read.into_iter().flatten() {
            let mut found = parsed.declarations.clone();
            sentinels.append(&mut found.sentinels);
            incomplete.extend(sources::note(file.source, &parsed.checked));
            self.index.add(self.files.len(), &file.package, found);
            let uses = self.uses.entry(file.package.clone()).or_default();
            uses.extend(file.imports.values().flat_map(|path| self.index.stubs.services(path)));
            self.files.push(file);
        }
        self.sentinels = self.exclusive(sentinels);
    }

    /// Reads what one file declares.
    fn read_file(
        &self,
        source: &Source,
        package: &Arc<str>,
        name_of: &dyn Fn(&str) -> Arc<str>,
    ) -> Option<Parsed> {
        let (tree, checked) = syntax::parse(&self.language, &older(&source.text))?;
        let named = RefCell::new(Vec::new());
        let asked = |path: &str| {
            let name = name_of(path);
            named.borrow_mut().push((path.into(), name.clone()));
            name
        };
        let mut parsed = Parsed {
            named: Vec::new(),
            imports: Imports::new(),
            names: Arc::new(Names::of(&source.text)),
            declarations: decls::Declarations::default(),
            checked,
            generated: sources::is_generated(&source.text),
            tree: Kept::default(),
        };
        if checked != syntax::Checked::TooDeep {
            let (root, text) = (tree.root_node(), &source.text);
            parsed.imports = decls::imports(root, text, &asked);
            parsed.declarations = decls::read(root, text, package, &parsed.imports);
        }
        parsed.named = named.into_inner();
        Some(parsed)
    }

    /// Of errors that are returned where a function finds `UNIMPLEMENTED`, those that no function
    /// returns for another reason. Local variables mean nothing elsewhere.
    fn exclusive(&self, returned: Vec<Global>) -> HashSet<Global> {
        let mut counts: HashMap<Global, usize> = HashMap::new();
        for it in returned {
            *counts.entry(it).or_default() += 1;
        }
        let packages = &self.index.packages;
        let declared = |(package, name): &Global| {
            packages.get(package).is_some_and(|it| it.vars.contains_key(name))
        };
        let all = |name: &str| -> usize {
            let files = self.files.iter().filter(|it| it.names.holds(name));
            files.map(|file| returns(&file.source.text, name)).sum()
        };
        let only = counts.into_iter().filter(|(it, count)| declared(it) && all(&it.1) == *count);
        only.map(|(it, _)| it).collect()
    }

    /// Parses a readable file.
    fn parse_again(&self, file: &File<'_>) -> Option<Syntax> {
        file.parsed.tree.or_parse(|| syntax::tree(&self.language, &older(&file.source.text)))
    }

    fn parse(&self, text: &[u8]) -> Option<Syntax> {
        let (tree, checked) = syntax::parse(&self.language, &older(text))?;
        (checked != syntax::Checked::TooDeep).then_some(tree)
    }

    /// The function that a declaration declares, and the type parameters of its receiver.
    fn function_at(&self, reader: &Reader<'_>, node: Node<'_>) -> Option<(FuncId, Vec<Arc<str>>)> {
        decls::identity(reader, node)
    }

    fn variable(&self, package: &Arc<str>, name: &str) -> Option<Type> {
        let known = self.variables.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(package.clone(), name.into())).cloned()
    }

    fn remember(&self, package: &Arc<str>, name: &str, ty: &Type) {
        let mut known = self.variables.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((package.clone(), name.into()), ty.clone());
    }
}

/// Puts what was seen into the outcome of the scan.
fn report(world: &World<'_>, seen: Seen, found: &mut CallSites) {
    found.served.extend(served::served(world, &seen.registered));
    let mut mentions: BTreeMap<(usize, Arc<str>), usize> = BTreeMap::new();
    for (rpc, count) in seen.mentions {
        *mentions.entry(rpc).or_default() += count;
    }
    for ((service, rpc), count) in mentions {
        *found.unresolved.entry(world.stubs[service].rpc(&rpc)).or_default() += count;
    }
    let mut sites: Vec<CallSite> =
        seen.sites.into_iter().flat_map(|site| site.rows(world)).collect();
    for site in sites.iter_mut().filter(|it| it.handling == Handling::Gated) {
        site.since = thresholds::since(world, site);
    }
    found.sites.extend(sites);
}
