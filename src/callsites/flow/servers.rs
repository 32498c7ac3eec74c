//! What one file says of servers: types that implement what generators made of services, and what
//! their handlers do.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::{
    Dialect, Line, Syntax,
    facts::{Seen, call_of},
    refusal::{self, Helpers, Refuses},
    terms::{Head, Terms},
};
use crate::callsites::{
    ServedStatus,
    syntax::{line, named, part, text, visit},
};

/// What generated servers look like in a language.
pub(super) struct Servers {
    /// What the types of a service's servers extend or implement, by name.
    pub(super) bases: fn(&str) -> Vec<String>,
    /// Whether a text with such a name means that of the service: the text, the name, the service.
    pub(super) is_base: fn(text: &str, token: &str, service: &str) -> bool,
    /// Types.
    pub(super) types: &'static [Shape],
    /// Functions that are handed a server.
    pub(super) registers: &'static [Register],
    /// What becomes of a call that nobody wrote a handler for.
    pub(super) missing: ServedStatus,
    /// Names that say nothing of where else handlers may be.
    pub(super) plain: &'static [&'static str],
}

/// A type: kind, name, what it extends or implements, body.
pub(super) type Shape = (&'static str, &'static str, &'static [&'static str], &'static str);

/// A function that is handed a server.
pub(super) struct Register {
    /// What begins and ends its name.
    pub(super) name: (&'static str, &'static str),
    /// What the service is called there.
    pub(super) words: fn(&str) -> Vec<String>,
    /// The argument that names the service; none, if the function does.
    pub(super) service: Option<usize>,
    /// The argument that is the server.
    pub(super) server: usize,
}

/// What one file says.
#[derive(Default)]
pub(super) struct Found {
    pub(super) types: Vec<Type>,
    pub(super) registered: Vec<Registered>,
    /// Variables that hold a type, by name.
    pub(super) holders: Vec<(String, String)>,
}

/// A type with methods that are called as RPCs are.
pub(super) struct Type {
    pub(super) name: String,
    pub(super) line: Line,
    pub(super) end: Line,
    /// Services of which it extends or implements the generated type.
    pub(super) services: BTreeSet<usize>,
    /// What it extends or implements otherwise.
    pub(super) bases: Vec<String>,
    /// Handlers may stand where nobody sees them.
    pub(super) partial: bool,
    pub(super) handlers: Vec<Handler>,
    /// Where it stands, it is used, or an annotation says that somebody looks for it.
    pub(super) used: bool,
}

/// A method that is called as an RPC is.
pub(super) struct Handler {
    pub(super) name: String,
    pub(super) line: Line,
    pub(super) does: Does,
}

/// What a handler does.
pub(super) enum Does {
    Refuses(Refuses),
    /// It calls the method of that name of the type above.
    Inherits,
    /// It calls the method of that name of something, and hands on what it was given.
    Delegates(Vec<Seen>),
    /// Its body is elsewhere.
    Unseen,
}

/// A server that is handed on.
pub(super) struct Registered {
    pub(super) services: BTreeSet<usize>,
    /// The type or the variable; nothing if it is neither.
    pub(super) server: Option<String>,
}

/// A file while it is read.
pub(super) struct File<'f> {
    pub(super) dialect: &'f Dialect,
    pub(super) terms: &'f Terms<'f>,
    pub(super) head: &'f Head,
    pub(super) source: &'f [u8],
    helpers: Helpers,
    chain: &'f dyn Fn(Node<'_>) -> Vec<Seen>,
}

/// Reads a file.
pub(super) fn read<'f>(
    dialect: &'f Dialect,
    terms: &'f Terms<'f>,
    head: &'f Head,
    root: Node<'_>,
    source: &'f [u8],
    chain: &'f dyn Fn(Node<'_>) -> Vec<Seen>,
) -> Found {
    let mut file = File { dialect, terms, head, source, helpers: Helpers::new(), chain };
    let mut found = Found::default();
    file.helpers = file.helpers(root);
    visit(root, &mut |node| {
        file.node(node, &mut found);
        true
    });
    found
}

impl File<'_> {
    fn text(&self, node: Node<'_>) -> &str {
        text(node, self.source)
    }

    fn syntax(&self) -> &Syntax {
        &self.dialect.syntax
    }

    /// Functions of the file that are no handlers, and may refuse.
    fn helpers(&self, root: Node<'_>) -> Helpers {
        let mut found = Helpers::new();
        visit(root, &mut |node| {
            if self.syntax().functions.iter().any(|it| it.0 == node.kind())
                && let (Some(name), Some(body)) = (part(node, "name"), body_of(node))
            {
                let name = self.text(name);
                let refuses = refusal::of(body, parameters_of(node), &Helpers::new(), self.source);
                if refuses != Refuses::Never && self.terms.rpcs(name).is_empty() {
                    found.insert(name.to_owned(), refuses);
                }
            }
            true
        });
        found
    }

    fn node(&self, node: Node<'_>, found: &mut Found) {
        let servers = &self.dialect.servers;
        let shape = servers
            .types
            .iter()
            .find(|it| it.0 == node.kind() && part(node, it.3).is_some_and(|body| body.is_named()));
        if let Some((_, name, bases, body)) = shape {
            let bases = bases.iter().filter_map(|it| part(node, it)).collect::<Vec<_>>();
            let name = part(node, name).map_or("", |it| self.text(it));
            found.types.extend(part(node, body).and_then(|body| self.ty(node, name, &bases, body)));
        }
        if let Some((_, name, _, value)) =
            self.syntax().bindings.iter().find(|it| it.0 == node.kind())
            && let (Some(name), Some(value)) = (part(node, name), part(node, value))
        {
            let ty = self.text(value).trim_start_matches("new ");
            let ty = ty.split(['(', '<']).next().unwrap_or_default();
            let ty = ty.rsplit('.').next().unwrap_or(ty).trim();
            let is_type = ty.starts_with(|it: char| it.is_uppercase());
            if is_type && ty.chars().all(|it| it.is_alphanumeric() || it == '_') {
                found.holders.push((self.text(name).to_owned(), ty.to_owned()));
            }
        }
        if let Some((_, function)) = self.syntax().calls.iter().find(|it| it.0 == node.kind())
            && let Some(function) = part(node, function)
        {
            self.registration(node, function, found);
        }
    }

    /// A type, if it has to do with servers.
    fn ty(&self, node: Node<'_>, name: &str, bases: &[Node<'_>], body: Node<'_>) -> Option<Type> {
        let name = name.split(['<', '(']).next().unwrap_or(name).trim();
        let mut services = BTreeSet::new();
        let mut others = Vec::new();
        for base in bases {
            services.extend(self.terms.servers(self.text(*base), self.head));
            // Interfaces bring no handlers.
            visit(*base, &mut |it| {
                let name = self.text(it);
                let class = name.starts_with(|it: char| it.is_uppercase());
                let holder = name.ends_with("Grpc") || name.ends_with("GrpcKt");
                if it.child_count() == 0 && it.kind().ends_with("identifier") && class && !holder {
                    others.push(name.to_owned());
                }
                let inside = ["implements_clause", "super_interfaces", "type_arguments"];
                !inside.contains(&it.kind())
            });
        }
        let handlers = self.handlers(body);
        if services.is_empty() && handlers.is_empty() {
            return None;
        }
        let start = node.parent().filter(|it| it.kind() == "decorated_definition").unwrap_or(node);
        Some(Type {
            line: line(node),
            end: node.end_position().row as Line + 1,
            // A type without a name is used where it stands.
            used: name.is_empty() || self.is_looked_for(start),
            name: match name {
                "" => bases.first().map_or_else(String::new, |it| self.text(*it).to_owned()),
                name => name.rsplit(['.', ':']).next().unwrap_or(name).to_owned(),
            },
            services,
            bases: others,
            partial: is_partial(body),
            handlers,
        })
    }

    /// A framework finds it by an annotation.
    fn is_looked_for(&self, node: Node<'_>) -> bool {
        let Some(modifiers) = part(node, "#modifiers") else { return false };
        let words = self.text(modifiers);
        ["Service", "Singleton", "Component", "Scoped", "Bean", "Controller"]
            .iter()
            .any(|it| words.contains('@') && words.contains(it))
    }

    /// Methods of a body that have the name of an RPC.
    pub(super) fn handlers(&self, body: Node<'_>) -> Vec<Handler> {
        let mut found = Vec::new();
        for member in named(body) {
            let member = match member.kind() {
                "decorated_definition" => part(member, "definition").unwrap_or(member),
                _ => member,
            };
            let is_function = self.syntax().functions.iter().any(|it| it.0 == member.kind());
            let (name, value) = match member.kind() {
                _ if is_function => (part(member, "name"), Some(member)),
                "public_field_definition" => (part(member, "name"), part(member, "value")),
                "pair" => (part(member, "key"), part(member, "value")),
                "shorthand_property_identifier" => (Some(member), Some(member)),
                _ => continue,
            };
            let (Some(name), Some(value)) = (name, value) else { continue };
            let form = self.text(name).trim_matches(['"', '\'']);
            if !self.terms.rpcs(form).is_empty() {
                let (at, does) = self.does(form, value).unwrap_or((value, Does::Unseen));
                let at = if at == value { name } else { at };
                found.push(Handler { name: form.to_owned(), line: line(at), does });
            }
        }
        found
    }

    /// What a function does, or that for which a name stands, and where it is.
    fn does<'t>(&self, form: &str, value: Node<'t>) -> Option<(Node<'t>, Does)> {
        let Some(body) = body_of(value) else {
            let is_name = value.kind().ends_with("identifier") || value.kind().contains("member");
            return is_name.then(|| self.elsewhere(form, value))?;
        };
        let parameters = parameters_of(value);
        let refuses = refusal::of(body, parameters, &self.helpers, self.source);
        let handed = parameters.and_then(|it| self.handed_on(form, body, it));
        let does = match (refuses, handed) {
            (Refuses::Never, Some(does)) => does,
            _ => Does::Refuses(refuses),
        };
        Some((value, does))
    }

    /// A function of the file, by name.
    fn elsewhere<'t>(&self, form: &str, value: Node<'t>) -> Option<(Node<'t>, Does)> {
        let words = self.text(value);
        let name = words.rsplit('.').next().unwrap_or(words);
        let mut root = value;
        while let Some(parent) = root.parent() {
            root = parent;
        }
        let mut function = None;
        visit(root, &mut |node| {
            let is_function = self.syntax().functions.iter().any(|it| it.0 == node.kind());
            let holder = node.kind() == "variable_declarator";
            if function.is_none()
                && (is_function || holder)
                && part(node, "name").is_some_and(|it| self.text(it) == name)
            {
                let value = if holder { part(node, "value") } else { Some(node) };
                function = value.filter(|it| body_of(*it).is_some());
            }
            function.is_none()
        });
        self.does(form, function?)
    }

    /// Something else is called by the same name, and handed what the handler was.
    fn handed_on(&self, form: &str, body: Node<'_>, parameters: Node<'_>) -> Option<Does> {
        let given = refusal::given(parameters, self.source);
        let mut found = None;
        visit(body, &mut |node| {
            let member = self.syntax().members.iter().find(|it| it.0 == node.kind());
            if let Some((_, object, name)) = member
                && part(node, name).is_some_and(|it| self.text(it) == form)
                && let Some(object) = part(node, object)
                && let Some(call) = call_of(node, self.syntax())
                && let Some(arguments) = part(call, self.syntax().arguments)
                && named(arguments).iter().any(|it| given.contains(&self.text(*it)))
            {
                found = Some(match self.text(object) {
                    "self" | "this" => return true,
                    it if it.starts_with("super") => Does::Inherits,
                    _ => Does::Delegates((self.chain)(object)),
                });
            }
            found.is_none()
        });
        found
    }

    /// `add_SServicer_to_server(X(), server)`, `router.service(S, {…})`, `SServer::new(x)`.
    fn registration(&self, call: Node<'_>, function: Node<'_>, found: &mut Found) {
        let path = self.text(function);
        let name = path.rsplit(['.', ':']).next().unwrap_or(path);
        let register = self.dialect.servers.registers.iter().find(|it| {
            let (begins, ends) = it.name;
            name.len() >= begins.len() + ends.len()
                && name.starts_with(begins)
                && name.ends_with(ends)
        });
        let Some(register) = register else { return };
        let Some(arguments) = part(call, self.syntax().arguments).map(named) else { return };
        let Some(server) = arguments.get(register.server) else { return };
        let services = match register.service {
            None => self.terms.registered(path),
            Some(at) => self.terms.registered(arguments.get(at).map_or("", |it| self.text(*it))),
        };
        if services.is_empty() {
            return;
        }
        if server.kind() == "object" {
            let handlers = self.handlers(*server);
            found.types.push(Type {
                name: "an object".to_owned(),
                line: line(*server),
                end: server.end_position().row as Line + 1,
                services,
                bases: Vec::new(),
                partial: is_partial(*server),
                handlers,
                used: true,
            });
            return;
        }
        let words = self.text(*server).trim_start_matches("new ");
        let name = words.split(['(', '<', '{']).next().unwrap_or(words).trim();
        let name = name.rsplit(['.', ':']).next().unwrap_or(name);
        let known = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
        found.registered.push(Registered { services, server: known.then(|| name.to_owned()) });
    }
}

fn parameters_of(function: Node<'_>) -> Option<Node<'_>> {
    part(function, "parameters").or_else(|| part(function, "#function_value_parameters"))
}

/// The body of a function, if it has one.
fn body_of(function: Node<'_>) -> Option<Node<'_>> {
    part(function, "body").or_else(|| part(function, "#function_body"))
}

/// A spread or a macro may bring further members.
fn is_partial(body: Node<'_>) -> bool {
    named(body).iter().any(|it| {
        matches!(it.kind(), "spread_element" | "macro_invocation" | "expression_statement")
            && part(*it, "#string").is_none()
    })
}
