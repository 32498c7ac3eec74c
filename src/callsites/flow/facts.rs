//! What one file says of clients: which names are given which values, and where names of RPCs
//! stand behind something.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::{
    Dialect, Line, Syntax,
    handling::{self, Handled},
    servers,
    terms::{Head, Terms},
};
use crate::callsites::{
    Incomplete, Place,
    sources::{self, Source},
    syntax::{self, line, named, part, text},
};

/// What one file says.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) bindings: Vec<Binding>,
    pub(super) mentions: Vec<Mention>,
    pub(super) servers: servers::Found,
    /// Functions that test for `UNIMPLEMENTED`, by name: where, and whether they go on.
    pub(super) testers: Vec<(String, (Place, bool))>,
}

/// A name is given a value.
pub(super) struct Binding {
    pub(super) target: Target,
    /// Where the function around begins; 0 outside of functions.
    pub(super) function: usize,
    /// Services whose clients the type or the value names.
    pub(super) seeds: BTreeSet<usize>,
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
    Name(String),
    /// A client that is made or named on the spot.
    Client(BTreeSet<usize>),
}

/// The name of an RPC behind something.
pub(super) struct Mention {
    pub(super) name: String,
    pub(super) line: Line,
    pub(super) receiver: Vec<Seen>,
    pub(super) function: usize,
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
struct File<'f> {
    dialect: &'f Dialect,
    terms: &'f Terms<'f>,
    source: &'f [u8],
    head: Head,
}

/// Where a node is: the functions and classes around it.
#[derive(Clone, Default)]
struct Around<'t> {
    start: usize,
    name: String,
    function: Option<Node<'t>>,
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
    let head = terms.head(&dialect.syntax, tree.root_node(), &source.text);
    let file = File { dialect, terms, source: &source.text, head };
    file.node(tree.root_node(), &Around::default(), &mut facts);
    facts.servers =
        servers::read(dialect, terms, &file.head, tree.root_node(), &source.text, &|node| {
            file.chain(node)
        });
    for (name, line, copes) in handling::testers(dialect, tree.root_node(), &source.text) {
        facts.testers.push((name, (Place { file: source.path.clone(), line }, copes)));
    }
    Some((source, facts, incomplete))
}

impl<'f> File<'f> {
    fn text(&self, node: Node<'_>) -> &'f str {
        text(node, self.source)
    }

    /// A node and all below it.
    fn node(&self, node: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let kind = node.kind();
        let syntax = &self.dialect.syntax;
        let field = |name: &str| part(node, name);
        let mut inner = around.clone();
        if syntax.classes.contains(&kind) {
            let name = field("name").or_else(|| field("type")).map_or("", |it| self.text(it));
            inner.name = name.split('<').next().unwrap_or(name).to_owned();
        }
        if let Some((_, result)) = syntax.functions.iter().find(|it| it.0 == kind) {
            let name = field("name").map_or("", |it| self.text(it));
            if !name.is_empty() {
                let class = around.name.split('.').next().filter(|_| around.function.is_none());
                inner.name = match class {
                    Some(class) if !class.is_empty() => format!("{class}.{name}"),
                    _ => name.to_owned(),
                };
                inner.start = node.start_byte().max(1);
                inner.function = Some(node);
                inner.decorators = handling::decorators(node, self.source);
                if let Some(ty) = field(result) {
                    self.bind(Target::Member(name.to_owned()), 0, Some(ty), &[], facts);
                }
            }
        }
        if let Some((_, name, ty, value)) = syntax.bindings.iter().find(|it| it.0 == kind) {
            self.binding(node, field(name), field(ty), field(value), &inner, facts);
        }
        if let Some((_, value)) = syntax.results.iter().find(|it| it.0 == kind)
            && let Some(value) = field(value)
            && !value.kind().ends_with("block")
        {
            self.result(value, &inner, facts);
        }
        self.mention(node, &inner, facts);
        for child in named(node) {
            self.node(child, &inner, facts);
        }
    }

    fn result(&self, value: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let name = around.name.rsplit('.').next().unwrap_or_default().to_owned();
        if !name.is_empty() && around.function.is_some() {
            self.bind(Target::Member(name), around.start, None, &several(value), facts);
        }
    }

    fn binding(
        &self,
        node: Node<'_>,
        name: Option<Node<'_>>,
        ty: Option<Node<'_>>,
        value: Option<Node<'_>>,
        around: &Around<'_>,
        facts: &mut Facts,
    ) {
        let Some(name) = name else { return };
        // In Java the type stands beside the declarator.
        let ty = ty.or_else(|| node.parent().and_then(|it| part(it, "type")));
        let ty = ty.filter(|_| node.kind() != "assignment_expression");
        let values: Vec<Node<'_>> = value.into_iter().flat_map(several).collect();
        let names = several(name);
        for (at, name) in names.iter().enumerate() {
            let bare = if name.kind() == "variable_declaration" { "#identifier" } else { "" };
            let text = self.text(part(*name, bare).unwrap_or(*name));
            let text = text.trim_start_matches("mut ").trim();
            let own = match values.len() == names.len() {
                true => &values[at..=at],
                false => &values[..],
            };
            let member = text.rsplit(['.']).next().unwrap_or(text);
            let is_member = member.len() < text.len()
                || node.kind().contains("field")
                || node.kind() == "property_signature"
                || node.parent().is_some_and(|it| it.kind() == "field_declaration");
            let target = match is_member || around.start == 0 {
                true => Target::Member(member.to_owned()),
                false => Target::Local(text.to_owned()),
            };
            self.bind(target, around.start, ty, own, facts);
        }
    }

    fn bind(
        &self,
        target: Target,
        function: usize,
        ty: Option<Node<'_>>,
        values: &[Node<'_>],
        facts: &mut Facts,
    ) {
        let mut seeds =
            ty.map(|it| self.terms.clients(self.text(it), &self.head)).unwrap_or_default();
        let mut sources = Vec::new();
        for value in values.iter().flat_map(|it| alternatives(*it)) {
            let chain = self.chain(value);
            let function = ["lambda", "function", "closure", "arrow", "class"];
            if chain.is_empty() && !function.iter().any(|it| value.kind().contains(it)) {
                seeds.extend(self.terms.clients(short(self.text(value)), &self.head));
            }
            sources.push(chain);
        }
        if !seeds.is_empty() || sources.iter().any(|it| !it.is_empty()) {
            facts.bindings.push(Binding { target, function, seeds, sources });
        }
    }

    /// The names of `a.b().c`, or nothing for what is no such chain.
    fn chain(&self, node: Node<'_>) -> Vec<Seen> {
        let syntax = &self.dialect.syntax;
        let mut chain = Vec::new();
        let mut at = Some(node);
        while let Some(node) = at {
            let kind = node.kind();
            let field = |name: &str| part(node, name);
            if let Some((_, object, name)) = syntax.members.iter().find(|it| it.0 == kind) {
                let name = field(name).map_or("", |it| self.text(it));
                if field(object).is_none_or(|it| !self.is_value(it)) {
                    let seeds = self.terms.clients(short(self.text(node)), &self.head);
                    if !seeds.is_empty() {
                        chain.push(Seen::Client(seeds));
                        break;
                    }
                }
                chain.push(Seen::Name(name.to_owned()));
                at = field(object);
                continue;
            }
            if let Some((_, function)) = syntax.calls.iter().find(|it| it.0 == kind) {
                let seeds = match field(function) {
                    Some(function) if self.is_value(function) => BTreeSet::new(),
                    _ => self.terms.clients(short(self.text(node)), &self.head),
                };
                if !seeds.is_empty() {
                    chain.push(Seen::Client(seeds));
                    break;
                }
                at = field(function);
                continue;
            }
            if syntax.transparent.contains(&kind) {
                at = named(node).into_iter().next();
                continue;
            }
            if !matches!(kind, "self" | "this" | "this_expression" | "super") {
                let name = kind.contains("identifier");
                match name {
                    true => chain.push(Seen::Name(self.text(node).to_owned())),
                    false => return Vec::new(),
                }
            }
            break;
        }
        chain.reverse();
        chain
    }

    /// What a member or a call hangs on is a value, such as `self.x`, and not a type or a module.
    fn is_value(&self, node: Node<'_>) -> bool {
        let first = self.text(node).split(['.', '(']).next().unwrap_or_default().trim();
        matches!(first, "self" | "this" | "cls")
    }

    fn mention(&self, node: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let member = self.dialect.syntax.members.iter().find(|it| it.0 == node.kind());
        let Some((_, object, name)) = member else { return };
        let (Some(object), Some(name)) = (part(node, object), part(node, name)) else { return };
        let form = self.text(name);
        // What a type inherits from a server is no client.
        if self.terms.rpcs(form).is_empty() || self.text(object).starts_with("super") {
            return;
        }
        let receiver = self.chain(object);
        let syntax = &self.dialect.syntax;
        let call = call_of(node, syntax);
        let arguments = call.and_then(|it| part(it, syntax.arguments));
        let called = arguments.is_some_and(|it| it.named_child_count() > 0);
        let whole = call.unwrap_or(node);
        facts.mentions.push(Mention {
            name: form.to_owned(),
            line: line(name),
            receiver,
            function: around.start,
            around: around.name.clone(),
            called,
            handling: handling::of(self.dialect, whole, around.function, self.source),
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

/// What an expression may come to: `a or b`, `a ?? b`, `a if b else c`.
fn alternatives(node: Node<'_>) -> Vec<Node<'_>> {
    let kinds = ["boolean_operator", "conditional_expression", "ternary_expression"];
    let either = kinds.contains(&node.kind())
        || (node.kind() == "binary_expression" && node.child_count() == 3);
    if either { named(node) } else { vec![node] }
}

/// The parts of a tuple, or the one expression.
fn several(node: Node<'_>) -> Vec<Node<'_>> {
    let tuple = [
        "pattern_list",
        "tuple_pattern",
        "expression_list",
        "tuple",
        "tuple_expression",
        "array_pattern",
        "multi_variable_declaration",
    ];
    match tuple.contains(&node.kind()) {
        true => named(node),
        false => vec![node],
    }
}

/// The beginning of an expression: a client is named there.
fn short(text: &str) -> &str {
    let end = (0..=text.len().min(240)).rev().find(|it| text.is_char_boundary(*it));
    &text[..end.unwrap_or(0)]
}
