//! What one file says of clients: which names are given which values, and where names of RPCs
//! stand behind something.

use std::{collections::BTreeSet, sync::Arc};

use tree_sitter::Node;

use super::{
    Dialect, Line, Syntax,
    bindings::{bare, types_in},
    codes::{self, Tester},
    handling::{self, Handled},
    servers,
    terms::{Head, Terms},
};
use crate::callsites::{
    Incomplete,
    sources::{self, Source},
    syntax::{self, line, named, part, text},
};

/// What one file says.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) bindings: Vec<Binding>,
    pub(super) mentions: Vec<Mention>,
    pub(super) servers: servers::Found,
    pub(super) testers: Vec<Tester>,
    /// Functions that throw.
    pub(super) throwers: BTreeSet<String>,
    pub(super) classes: Vec<Class>,
    /// Functions that are called by the name of an RPC, by their classes.
    pub(super) methods: Vec<(Arc<str>, String)>,
    pub(super) parameters: Vec<Parameters>,
    pub(super) arguments: Vec<Argument>,
    /// Functions that give back what they are called on, by their types.
    pub(super) fluent: Vec<String>,
}

/// Where something is said.
#[derive(Clone, Default)]
pub(super) struct Scope {
    /// Where the function around begins; 0 outside of functions.
    pub(super) function: usize,
    /// The class around; empty outside of classes.
    pub(super) class: Arc<str>,
}

/// What the head of a class says.
pub(super) struct Class {
    pub(super) name: Arc<str>,
    /// What it extends.
    pub(super) bases: Vec<String>,
    /// Services whose clients it extends.
    pub(super) extends: BTreeSet<usize>,
    /// Services whose clients it names: `extends Stubs<FleetStub>`.
    pub(super) carries: BTreeSet<usize>,
}

/// The parameters of a function that have no type; empty names for those that have one.
pub(super) struct Parameters {
    pub(super) function: String,
    /// Where it begins.
    pub(super) start: usize,
    pub(super) names: Vec<String>,
}

/// A value that a function is called with.
pub(super) struct Argument {
    pub(super) callee: String,
    pub(super) at: usize,
    pub(super) keyword: Option<String>,
    pub(super) value: Vec<Seen>,
    pub(super) scope: Scope,
}

/// A name is given a value.
pub(super) struct Binding {
    pub(super) target: Target,
    pub(super) scope: Scope,
    /// Services whose clients the type or the value names.
    pub(super) seeds: BTreeSet<usize>,
    /// Types that the type or the value names.
    pub(super) types: Vec<String>,
    /// What the value is otherwise.
    pub(super) sources: Vec<Vec<Seen>>,
}

pub(super) enum Target {
    Local(String),
    Member(String),
}

/// A part of `a.b().c`.
#[derive(Clone)]
pub(super) enum Seen {
    /// `self`, `this`.
    This,
    Name(String),
    /// A client that is made or named on the spot.
    Client(BTreeSet<usize>),
}

/// The name of an RPC behind something.
pub(super) struct Mention {
    pub(super) name: String,
    pub(super) line: Line,
    pub(super) receiver: Vec<Seen>,
    pub(super) scope: Scope,
    /// The function around, with its class.
    pub(super) around: String,
    /// It is called, with arguments.
    pub(super) called: bool,
    pub(super) handling: Handled,
    /// What the function around is wrapped into.
    pub(super) decorators: Vec<String>,
    /// Services that the file speaks of.
    pub(super) near: BTreeSet<usize>,
}

/// A file while it is read.
pub(super) struct File<'f> {
    pub(super) dialect: &'f Dialect,
    pub(super) terms: &'f Terms<'f>,
    pub(super) source: &'f [u8],
    pub(super) head: Head,
}

/// Where a node is: the functions and classes around it.
#[derive(Clone, Default)]
pub(super) struct Around<'t> {
    pub(super) scope: Scope,
    pub(super) name: String,
    pub(super) function: Option<Node<'t>>,
    decorators: Vec<String>,
}

/// Reads a file; nothing if it cannot be parsed at all.
pub(super) fn read<'s>(
    dialect: &Dialect,
    terms: &Terms<'_>,
    source: &'s Source,
) -> Option<(&'s Source, Facts, Option<Incomplete>)> {
    let language = dialect.grammar(&source.path)?;
    let mut facts = Facts::default();
    if !(dialect.readable)(&source.text) {
        return Some((source, facts, sources::note(source, &syntax::Checked::TooDeep)));
    }
    let (tree, checked) = syntax::parse(language, &source.text)?;
    let incomplete = sources::note(source, &checked);
    if checked == syntax::Checked::TooDeep {
        return Some((source, facts, incomplete));
    }
    let head = terms.head(&dialect.syntax, tree.root_node(), &source.path, &source.text);
    let file = File { dialect, terms, source: &source.text, head };
    file.node(tree.root_node(), &Around::default(), &mut facts);
    facts.servers =
        servers::read(dialect, terms, &file.head, tree.root_node(), &source.text, &|node| {
            file.chain(node)
        });
    facts.testers = codes::testers(dialect, tree.root_node(), &source.path, &source.text);
    Some((source, facts, incomplete))
}

impl<'f> File<'f> {
    pub(super) fn text(&self, node: Node<'_>) -> &'f str {
        text(node, self.source)
    }

    /// A node and all below it.
    fn node(&self, node: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let kind = node.kind();
        let syntax = &self.dialect.syntax;
        if (syntax.only_tests)(node, self.source) {
            return;
        }
        let mut inner = around.clone();
        if syntax.classes.contains(&kind) {
            self.class(node, &mut inner, facts);
        }
        if syntax.functions.iter().any(|it| it.0 == kind) {
            self.function(node, around, &mut inner, facts);
        }
        if let Some((_, name, ty, value)) = syntax.bindings.iter().find(|it| it.0 == kind)
            && let Some(name) = part(node, name)
        {
            self.binding(node, name, part(node, ty), part(node, value), &inner, facts);
        }
        if let Some((_, value)) = syntax.results.iter().find(|it| it.0 == kind)
            && let Some(value) = part(node, value)
            && !value.kind().ends_with("block")
        {
            self.result(value, &inner, facts);
        }
        if syntax.errors.throws.contains(&kind) {
            let name = inner.name.rsplit('.').next().unwrap_or_default();
            facts.throwers.insert(name.to_owned());
        }
        self.arguments(node, &inner, facts);
        self.mention(node, &inner, facts);
        if kind == syntax.tokens {
            self.tokens(node, &inner, facts);
        }
        for child in named(node) {
            self.node(child, &inner, facts);
        }
    }

    fn class(&self, node: Node<'_>, inner: &mut Around<'_>, facts: &mut Facts) {
        let named = part(node, "name").or_else(|| part(node, "type"));
        let name = named.map_or("", |it| self.text(it));
        inner.name = name.split('<').next().unwrap_or(name).to_owned();
        inner.scope.class = inner.name.as_str().into();
        inner.function = None;
        let from = named.map_or(node.start_byte(), |it| it.end_byte());
        let to = part(node, "body").map_or(node.end_byte(), |it| it.start_byte());
        let head = self.source.get(from..to).and_then(|it| std::str::from_utf8(it).ok());
        let head = head.unwrap_or_default();
        // What stands there otherwise is parameters of types, or of a constructor.
        let bases = match (part(node, "superclasses"), head.find("extends ")) {
            (Some(bases), _) => self.text(bases),
            (None, Some(at)) => &head[at..],
            (None, None) => head.find("implements ").map_or("", |at| &head[at..]),
        };
        facts.classes.push(Class {
            name: inner.scope.class.clone(),
            bases: types_in(bases),
            extends: self.terms.clients(&bare(bases), &self.head),
            carries: self.terms.clients(bases, &self.head),
        });
    }

    fn function<'t>(
        &self,
        node: Node<'t>,
        around: &Around<'_>,
        inner: &mut Around<'t>,
        facts: &mut Facts,
    ) {
        let syntax = &self.dialect.syntax;
        let name = part(node, "name").map_or("", |it| self.text(it));
        if name.is_empty() {
            return;
        }
        let class = &*around.scope.class;
        let outer = around.function.is_some() || class.is_empty();
        inner.name = if outer { name.to_owned() } else { format!("{class}.{name}") };
        inner.scope.function = node.start_byte().max(1);
        inner.function = Some(node);
        inner.decorators = handling::decorators(node, self.source);
        if !self.terms.rpcs(name).is_empty() {
            facts.methods.push((around.scope.class.clone(), name.to_owned()));
        }
        let member = Target::Member(name.to_owned());
        if let Some(ty) = syntax.functions.iter().find(|it| it.0 == node.kind())
            && let Some(ty) = part(node, ty.1)
        {
            let receiver = part(node, syntax.receiver);
            if receiver.is_some_and(|it| it != ty && self.text(it) == self.text(ty)) {
                facts.fluent.push(name.to_owned());
            }
            self.bind(member, &around.scope, Some(ty), &[], facts);
        }
        self.parameters(node, name, inner, facts);
    }

    fn mention(&self, node: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let syntax = &self.dialect.syntax;
        let member = syntax.members.iter().find(|it| it.0 == node.kind());
        let Some((_, object, name)) = member else {
            self.path(node, around, facts);
            return;
        };
        let (Some(object), Some(name)) = (part(node, object), part(node, name)) else { return };
        let form = self.text(name);
        // What a type inherits from a server is no client.
        if self.terms.rpcs(form).is_empty() || self.text(object).starts_with("super") {
            return;
        }
        let call = call_of(node, syntax);
        let arguments = call.and_then(|it| part(it, syntax.arguments));
        let called = arguments.is_some_and(|it| it.named_child_count() > 0);
        let handling =
            handling::of(self.dialect, call.unwrap_or(node), around.function, self.source);
        self.mentioned(name, self.chain(object), called, handling, around, facts);
    }

    /// `Client::method(&mut client, request)`.
    fn path(&self, node: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let path = self.dialect.syntax.paths.iter().find(|it| it.0 == node.kind());
        let Some((_, path, name)) = path else { return };
        let (Some(path), Some(name)) = (part(node, path), part(node, name)) else { return };
        let Some(call) = call_of(node, &self.dialect.syntax) else { return };
        let arguments = part(call, self.dialect.syntax.arguments).map(named).unwrap_or_default();
        let form = self.text(name);
        // One argument is what constructors take.
        if arguments.len() != 2 || self.terms.rpcs(form).is_empty() {
            return;
        }
        let services = self.terms.clients(self.text(path), &self.head);
        let leaf = self.text(path).rsplit(':').next().unwrap_or_default();
        if services.is_empty() && !self.terms.is_service(form, leaf) {
            return;
        }
        let receiver = match services.is_empty() {
            true => Vec::new(),
            false => vec![Seen::Client(services)],
        };
        let handling = handling::of(self.dialect, call, around.function, self.source);
        self.mentioned(name, receiver, true, handling, around, facts);
    }

    pub(super) fn mentioned(
        &self,
        name: Node<'_>,
        receiver: Vec<Seen>,
        called: bool,
        handling: Handled,
        around: &Around<'_>,
        facts: &mut Facts,
    ) {
        facts.mentions.push(Mention {
            name: self.text(name).to_owned(),
            line: line(name),
            receiver,
            scope: around.scope.clone(),
            around: around.name.clone(),
            called,
            handling,
            decorators: around.decorators.clone(),
            near: self.head.near.clone(),
        });
    }
}

/// The call of which a member is the function: itself in Java, its parent elsewhere; in Python also
/// through `.future` and `.with_call`.
pub(super) fn call_of<'t>(member: Node<'t>, syntax: &Syntax) -> Option<Node<'t>> {
    if part(member, syntax.arguments).is_some() {
        return Some(member);
    }
    let mut node = member;
    for _ in 0..2 {
        let parent = node.parent()?;
        let function = syntax.calls.iter().find(|it| it.0 == parent.kind());
        if function.is_some_and(|(_, function)| part(parent, function) == Some(node)) {
            return Some(parent);
        }
        node = parent;
    }
    None
}
