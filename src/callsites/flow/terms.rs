//! The names that give away clients and RPCs in one language.

use std::collections::{BTreeSet, HashMap, HashSet};

use memchr::memmem;
use tree_sitter::Node;

use super::{Dialect, Syntax};
use crate::callsites::{
    Options, Stub,
    syntax::{self, text},
};

/// What a file says before anything else.
#[derive(Default)]
pub(super) struct Head {
    /// The text of all imports.
    imports: String,
    /// Packages that are named in quotes: `include_proto!("acme.v1")`.
    quoted: BTreeSet<usize>,
    path: String,
    /// Names that imports give to clients.
    aliases: HashMap<String, BTreeSet<usize>>,
    /// Names that imports give to what servers implement.
    bases: HashMap<String, BTreeSet<usize>>,
    /// Types that the file declares itself.
    own: HashSet<String>,
    /// Services that it speaks of.
    pub(super) near: BTreeSet<usize>,
}

/// The names that are looked for in one language.
pub(super) struct Terms<'s> {
    /// What an RPC is called: the services and their names for it.
    forms: HashMap<String, Vec<(usize, String)>>,
    /// What gives away a client.
    tokens: HashMap<String, Vec<(usize, &'s str)>>,
    is_client: fn(&str, &str, &str) -> bool,
    stubs: &'s [Stub],
    /// Types with the name of a client that the sources declare themselves.
    declared: HashSet<String>,
    /// What a server extends or implements.
    bases: HashMap<String, Vec<(usize, &'s str)>>,
    is_base: fn(&str, &str, &str) -> bool,
    /// What the service is called where a server is handed on.
    registers: HashMap<String, BTreeSet<usize>>,
}

impl<'s> Terms<'s> {
    pub(super) fn new(dialect: &Dialect, stubs: &'s [Stub], options: &Options) -> Terms<'s> {
        let mut terms = Terms {
            forms: HashMap::new(),
            tokens: HashMap::new(),
            is_client: dialect.is_client,
            stubs,
            declared: HashSet::new(),
            bases: HashMap::new(),
            is_base: dialect.servers.is_base,
            registers: HashMap::new(),
        };
        for (at, stub) in stubs.iter().enumerate() {
            let name = stub.service.leaf();
            for token in (dialect.tokens)(name) {
                terms.tokens.entry(token).or_default().push((at, name));
            }
            if !options.wants(stub) {
                continue;
            }
            for base in (dialect.servers.bases)(name) {
                terms.bases.entry(base).or_default().push((at, name));
            }
            for register in dialect.servers.registers {
                for word in (register.words)(name) {
                    terms.registers.entry(word).or_default().insert(at);
                }
            }
            for rpc in stub.methods.keys() {
                for form in (dialect.forms)(rpc) {
                    terms.forms.entry(form).or_default().push((at, rpc.to_string()));
                }
            }
        }
        for alias in &options.manifest.stub_aliases {
            let service = stubs.iter().position(|stub| *stub.service.as_str() == alias.service);
            let name = alias.ty.rsplit([':', '.']).next().unwrap_or(&alias.ty);
            if let Some(service) = service {
                terms.tokens.entry(name.to_owned()).or_default().push((service, ""));
            }
        }
        terms
    }

    /// Another service has the same name, in another package.
    fn is_ambiguous(&self, stub: &Stub) -> bool {
        self.stubs.iter().filter(|it| it.service.leaf() == stub.service.leaf()).count() > 1
    }

    /// All names: a file without any has nothing to say.
    pub(super) fn names(&self) -> HashSet<&str> {
        let clients = self.forms.keys().chain(self.tokens.keys());
        let servers = self.bases.keys().chain(self.registers.keys());
        clients.chain(servers).map(String::as_str).collect()
    }

    /// What a name may be the call of.
    pub(super) fn rpcs(&self, form: &str) -> &[(usize, String)] {
        self.forms.get(form).map_or(&[], Vec::as_slice)
    }

    /// A name is that of a service that has the RPC.
    pub(super) fn is_service(&self, form: &str, name: &str) -> bool {
        self.rpcs(form).iter().any(|(at, _)| self.stubs[*at].service.leaf() == name)
    }

    /// Looks for types with the name of a client in a source that nobody generated.
    pub(super) fn declare(&mut self, source: &[u8]) {
        for keyword in ["struct ", "class ", "interface "] {
            for at in memmem::find_iter(source, keyword) {
                let rest = &source[at + keyword.len()..];
                let end = rest.iter().position(|it| !it.is_ascii_alphanumeric() && *it != b'_');
                let name = std::str::from_utf8(&rest[..end.unwrap_or(rest.len())]);
                if let Some(name) = name.ok().filter(|it| self.tokens.contains_key(*it)) {
                    self.declared.insert(name.to_owned());
                }
            }
        }
    }

    /// The services whose clients a text names. `imports` are those of the file.
    pub(super) fn clients(&self, text: &str, head: &Head) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for word in words(text) {
            found.extend(head.aliases.get(word).into_iter().flatten());
            let Some(tokens) = self.tokens.get(word) else { continue };
            let services = tokens.iter().filter(|it| self.is_client(text, word, it.1, head));
            found.extend(self.nearest(services.map(|it| it.0).collect(), word, text, head));
        }
        found
    }

    fn is_client(&self, text: &str, word: &str, service: &str, head: &Head) -> bool {
        // It was said so in a configuration.
        if service.is_empty() {
            return true;
        }
        let declared = self.declared.contains(word);
        let is_client = self.is_client;
        if is_client(text, word, service) {
            return !declared || head.generated(word) || is_generated(text);
        }
        // Modules may pass it on: `use crate::FleetClient`.
        let passed_on = || word.ends_with("Client") && !declared && head.imports(word);
        !head.own.contains(word) && (is_client(&head.imports, word, service) || passed_on())
    }

    /// Of services that have the same name in several packages, those that a file means.
    fn nearest(&self, services: Vec<usize>, token: &str, text: &str, head: &Head) -> Vec<usize> {
        if services.len() < 2 {
            return services;
        }
        let path = path_of(text, token);
        let own: String = words(path).flat_map(|it| head.import_of(it)).collect();
        let closeness = |at: &usize| {
            let stub = &self.stubs[*at];
            let common = stub.file.split('/').zip(head.path.split('/'));
            let common = common.take_while(|(file, path)| file == path).count();
            let quoted = head.quoted.contains(at);
            let near = [path, &own, &head.imports].map(|it| affinity(stub, it));
            (quoted, near, common)
        };
        let best = services.iter().map(closeness).max();
        services.into_iter().filter(|at| Some(closeness(at)) == best).collect()
    }

    /// The services whose servers extend or implement what a text names.
    pub(super) fn servers(&self, text: &str, head: &Head) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for word in words(text) {
            found.extend(head.bases.get(word).into_iter().flatten());
            let named = self.bases.get(word).into_iter().flatten().filter(|(_, service)| {
                let here = (self.is_base)(text, word, service);
                let imported = || (self.is_base)(&head.imports, word, service);
                here || (!head.own.contains(word) && imported())
            });
            found.extend(self.nearest(named.map(|it| it.0).collect(), word, text, head));
        }
        found
    }

    /// A name of what a server extends or implements.
    pub(super) fn is_base(&self, name: &str) -> bool {
        self.bases.contains_key(name)
    }

    /// The services that a text names where a server is handed on.
    pub(super) fn registered(&self, text: &str) -> BTreeSet<usize> {
        words(text).filter_map(|it| self.registers.get(it)).flatten().copied().collect()
    }

    /// What stands at the top of a file, and which services it speaks of.
    pub(super) fn head(&self, syntax: &Syntax, root: Node<'_>, path: &str, source: &[u8]) -> Head {
        let (mut head, mut aliases) = (Head::default(), Vec::new());
        head.path = path.to_owned();
        for (at, stub) in self.stubs.iter().enumerate() {
            let package = format!("\"{}\"", stub.service.parent());
            if self.is_ambiguous(stub) && memmem::find(source, package.as_bytes()).is_some() {
                head.quoted.insert(at);
            }
        }
        syntax::visit(root, &mut |node| {
            let kind = node.kind();
            let part = |path: &str| syntax::part(node, path).map(|it| text(it, source));
            if syntax.imports.contains(&kind) {
                head.imports.push_str(text(node, source));
                head.imports.push(END);
            }
            if syntax.classes.contains(&kind) {
                head.own.extend(part("name").map(str::to_owned));
            }
            if let Some((_, path, alias)) = syntax.aliases.iter().find(|it| it.0 == kind) {
                aliases.extend(part(path).zip(part(alias)));
            }
            true
        });
        for (path, alias) in aliases {
            let services = self.clients(path, &head);
            if !services.is_empty() {
                head.aliases.insert(alias.to_owned(), services);
            }
            let services = self.servers(path, &head);
            if !services.is_empty() {
                head.bases.insert(alias.to_owned(), services);
            }
        }
        for word in words(text(root, source)) {
            let services = self.tokens.get(word).into_iter().flatten();
            head.near.extend(services.map(|(at, _)| at));
        }
        head
    }
}

impl Head {
    /// A name is imported by itself.
    fn imports(&self, name: &str) -> bool {
        self.import_of(name).next().is_some()
    }

    /// The lines of imports with a name in them.
    fn import_of(&self, name: &str) -> impl Iterator<Item = &str> {
        // What is there called otherwise is another.
        let named = move |import: &&str| {
            let mut rest = words(import).skip_while(move |word| *word != name);
            rest.next().is_some() && rest.next() != Some("as")
        };
        self.imports.split(END).filter(named)
    }

    /// A name is imported from generated code.
    fn generated(&self, name: &str) -> bool {
        self.import_of(name).any(is_generated)
    }
}

/// A text speaks of generated code.
fn is_generated(text: &str) -> bool {
    let marks = ["_pb", "_client", "_grpc", "Grpc", "/gen/", "proto", "generated"];
    marks.iter().any(|mark| text.contains(mark))
}

/// Stands between imports.
const END: char = '\u{1}';

/// How many parts of the package and of the file of a service a text names, less those that it does
/// not.
fn affinity(stub: &Stub, text: &str) -> i32 {
    let stem = stub.file.rsplit('/').next().unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let named = |part: &str| words(text).any(|word| word == part);
    let parts = || stub.service.parent().split('.');
    let package = match parts().any(named) {
        true => parts().map(|part| if named(part) { 2 } else { -1 }).sum(),
        false => 0,
    };
    let file = words(text).any(|word| word.strip_prefix(stem).is_some_and(is_suffix));
    package + i32::from(file && !stem.is_empty())
}

/// What leads to a name, and the name: `pb.fleet_client::FleetClient`.
fn path_of<'t>(text: &'t str, name: &str) -> &'t str {
    let Some(at) = text.find(name) else { return "" };
    let inside = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | ':');
    let start = text[..at].trim_end_matches(inside).len();
    &text[start..at + name.len()]
}

/// What generators add to the name of a file.
fn is_suffix(text: &str) -> bool {
    text.is_empty() || text.starts_with("_pb") || text.starts_with("_grpc")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|it| !it.is_empty())
}
