//! The names that give away clients and RPCs in one language.

use std::collections::{BTreeSet, HashMap, HashSet};

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

    /// The services whose clients a text names. `imports` are those of the file.
    pub(super) fn clients(&self, text: &str, head: &Head) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for word in words(text) {
            found.extend(head.aliases.get(word).into_iter().flatten());
            for (at, service) in self.tokens.get(word).into_iter().flatten() {
                let alias = service.is_empty();
                let imported = || (self.is_client)(&head.imports, word, service);
                let shadowed = head.own.contains(word);
                if alias || (self.is_client)(text, word, service) || (!shadowed && imported()) {
                    found.insert(*at);
                }
            }
        }
        found
    }

    /// The services whose servers extend or implement what a text names.
    pub(super) fn servers(&self, text: &str, head: &Head) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for word in words(text) {
            found.extend(head.bases.get(word).into_iter().flatten());
            for (at, service) in self.bases.get(word).into_iter().flatten() {
                let here = (self.is_base)(text, word, service);
                let imported = || (self.is_base)(&head.imports, word, service);
                if here || (!head.own.contains(word) && imported()) {
                    found.insert(*at);
                }
            }
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
    pub(super) fn head(&self, syntax: &Syntax, root: Node<'_>, source: &[u8]) -> Head {
        let (mut head, mut aliases) = (Head::default(), Vec::new());
        syntax::visit(root, &mut |node| {
            let kind = node.kind();
            let part = |path: &str| syntax::part(node, path).map(|it| text(it, source));
            if syntax.imports.contains(&kind) {
                head.imports.push_str(text(node, source));
                head.imports.push('\n');
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

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|it| !it.is_empty())
}
