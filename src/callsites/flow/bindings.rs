//! Which names are given which values: variables, members, parameters, results.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::facts::{Argument, Around, Binding, Facts, File, Parameters, Scope, Seen, Target};
use crate::callsites::syntax::{named, part};

/// What a parameter that is a function has in its type.
const FUNCTIONAL: [&str; 8] =
    ["Fn(", "FnMut(", "FnOnce(", "Function<", "Consumer<", "Callable[", "->", "=>"];

impl<'f> File<'f> {
    pub(super) fn result(&self, value: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let name = around.name.rsplit('.').next().unwrap_or_default().to_owned();
        if !name.is_empty() && around.function.is_some() {
            self.bind(Target::Member(name), &around.scope, None, &several(value), facts);
        }
    }

    pub(super) fn binding(
        &self,
        node: Node<'_>,
        name: Node<'_>,
        ty: Option<Node<'_>>,
        value: Option<Node<'_>>,
        around: &Around<'_>,
        facts: &mut Facts,
    ) {
        // In Java the type stands beside the declarator.
        let ty = ty.or_else(|| node.parent().and_then(|it| part(it, "type")));
        let ty = ty.filter(|_| node.kind() != "assignment_expression");
        let values: Vec<Node<'_>> = value.into_iter().flat_map(several).collect();
        if name.kind() == "object_pattern" {
            self.taken_apart(name, ty, &values, around, facts);
            return;
        }
        let names = several(name);
        for (at, name) in names.iter().enumerate() {
            let own = match values.len() == names.len() {
                true => &values[at..=at],
                false => &values[..],
            };
            for name in bound(*name) {
                let target = self.target(node, name, around);
                self.bind(target, &around.scope, ty, own, facts);
            }
        }
    }

    fn target(&self, node: Node<'_>, name: Node<'_>, around: &Around<'_>) -> Target {
        let bare = if name.kind() == "variable_declaration" { "#identifier" } else { "" };
        let text = self.text(part(name, bare).unwrap_or(name));
        let text = text.trim_start_matches("mut ").trim();
        let member = text.rsplit(['.']).next().unwrap_or(text);
        let is_member = member.len() < text.len()
            || node.kind().contains("field")
            || node.kind() == "property_signature"
            // A parameter of a constructor that makes a property.
            || node.child(0).is_some_and(|it| it.kind() == "accessibility_modifier")
            || node.parent().is_some_and(|it| it.kind() == "field_declaration");
        match is_member || around.scope.function == 0 {
            true => Target::Member(member.to_owned()),
            false => Target::Local(text.to_owned()),
        }
    }

    /// `const { client } = this`.
    fn taken_apart(
        &self,
        pattern: Node<'_>,
        ty: Option<Node<'_>>,
        values: &[Node<'_>],
        around: &Around<'_>,
        facts: &mut Facts,
    ) {
        for name in named(pattern) {
            let from = part(name, "key").unwrap_or(name);
            let to = part(name, "value").unwrap_or(name);
            let seeds = ty.map(|it| self.terms.clients(self.text(it), &self.head));
            let chains = values.iter().map(|it| self.chain(*it)).filter(|it| !it.is_empty());
            let member = Seen::Name(self.text(from).to_owned());
            let sources = chains.map(|it| [it, vec![member.clone()]].concat()).collect();
            let name = self.text(to).to_owned();
            facts.bindings.push(Binding {
                target: match around.scope.function {
                    0 => Target::Member(name),
                    _ => Target::Local(name),
                },
                scope: around.scope.clone(),
                seeds: seeds.unwrap_or_default(),
                types: Vec::new(),
                sources,
            });
        }
    }

    pub(super) fn bind(
        &self,
        target: Target,
        scope: &Scope,
        ty: Option<Node<'_>>,
        values: &[Node<'_>],
        facts: &mut Facts,
    ) {
        let (mut seeds, mut types) = (BTreeSet::new(), Vec::new());
        if let Some(ty) = ty {
            seeds = self.terms.clients(self.text(ty), &self.head);
            types = types_in(self.text(ty));
        }
        let mut sources = Vec::new();
        for value in values.iter().flat_map(|it| alternatives(*it)) {
            let chain = self.chain(value);
            let function = ["lambda", "function", "closure", "arrow", "class"];
            if chain.is_empty() && !function.iter().any(|it| value.kind().contains(it)) {
                seeds.extend(self.terms.clients(short(self.text(value)), &self.head));
            }
            types.extend(self.made(value));
            sources.push(chain);
        }
        if !seeds.is_empty() || !types.is_empty() || sources.iter().any(|it| !it.is_empty()) {
            let scope = scope.clone();
            facts.bindings.push(Binding { target, scope, seeds, types, sources });
        }
    }

    /// The type that a value is made of: `Session(…)`, `new Session(…)`, `Session::new(…)`.
    fn made(&self, value: Node<'_>) -> Option<String> {
        let mut node = value;
        while self.dialect.syntax.transparent.contains(&node.kind()) {
            node = within(node)?;
        }
        let kind = node.kind();
        let made = kind == "object_creation_expression"
            || self.dialect.syntax.calls.iter().any(|it| it.0 == kind);
        if !made {
            return None;
        }
        let name = short(self.text(node)).split(['(', '{', '<']).next()?;
        let name = name.trim().trim_start_matches("new ");
        let last = name.rsplit(['.', ':']).find(|it| it.starts_with(char::is_uppercase))?;
        Some(last.to_owned())
    }

    /// The names of `a.b().c`, or nothing for what is no such chain.
    pub(super) fn chain(&self, node: Node<'_>) -> Vec<Seen> {
        let syntax = &self.dialect.syntax;
        let mut chain = Vec::new();
        let mut at = Some(node);
        while let Some(node) = at {
            let kind = node.kind();
            if let Some((_, object, name)) = syntax.members.iter().find(|it| it.0 == kind) {
                let object = part(node, object);
                if object.is_none_or(|it| !self.is_value(it)) {
                    let seeds = self.terms.clients(short(self.text(node)), &self.head);
                    if !seeds.is_empty() {
                        chain.push(Seen::Client(seeds));
                        break;
                    }
                }
                let name = part(node, name).map_or("", |it| self.text(it));
                chain.push(Seen::Name(name.to_owned()));
                at = object;
                continue;
            }
            if let Some((_, function)) = syntax.calls.iter().find(|it| it.0 == kind) {
                let function = part(node, function);
                let seeds = match function {
                    Some(function) if self.is_value(function) => BTreeSet::new(),
                    _ => self.terms.clients(short(self.text(node)), &self.head),
                };
                if !seeds.is_empty() {
                    chain.push(Seen::Client(seeds));
                    break;
                }
                if function.is_none() {
                    chain.extend(self.made(node).map(Seen::Name));
                    break;
                }
                let gives = function.is_some_and(|it| syntax.gives.contains(&self.text(it)));
                let asked = part(node, syntax.arguments).and_then(|it| part(it, "#0"));
                at = if gives { asked } else { function };
                continue;
            }
            if syntax.transparent.contains(&kind) {
                at = within(node);
                continue;
            }
            match kind {
                "self" | "this" | "this_expression" | "super" => chain.push(Seen::This),
                _ if matches!(self.text(node), "self" | "cls") => chain.push(Seen::This),
                _ if kind.contains("identifier") => {
                    chain.push(Seen::Name(self.text(node).to_owned()));
                }
                _ => return Vec::new(),
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

    /// The parameters of a function: those that have no type, and the clients that it hands to
    /// functions that it is given.
    pub(super) fn parameters(
        &self,
        function: Node<'_>,
        name: &str,
        around: &Around<'_>,
        facts: &mut Facts,
    ) {
        let body = part(function, "body").map_or(function.end_byte(), |it| it.start_byte());
        let head = self.source.get(function.start_byte()..body);
        let head = head.and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
        if FUNCTIONAL.iter().any(|it| head.contains(it)) {
            let seeds = self.terms.clients(head, &self.head);
            if !seeds.is_empty() {
                facts.bindings.push(Binding {
                    target: Target::Member(handed(name)),
                    scope: around.scope.clone(),
                    seeds,
                    types: Vec::new(),
                    sources: Vec::new(),
                });
            }
        }
        if !self.dialect.syntax.untyped {
            return;
        }
        let parameters = part(function, "parameters").map(named).unwrap_or_default();
        let names = parameters.into_iter().filter_map(|it| {
            let ty = part(it, "type").map_or("", |it| self.text(it));
            let open = ty.is_empty() || ty.ends_with("Any") || ty.ends_with("any");
            let name = part(it, "pattern").or_else(|| part(it, "name")).unwrap_or(it);
            let name = self.text(name).split([':', '=']).next().unwrap_or_default().trim();
            (!matches!(name, "self" | "cls")).then(|| if open { name } else { "" }.to_owned())
        });
        let names: Vec<String> = names.collect();
        if names.iter().any(|it| !it.is_empty()) {
            let start = around.scope.function;
            facts.parameters.push(Parameters { function: name.to_owned(), start, names });
        }
    }

    /// The arguments of a call, as far as they matter to what it calls.
    pub(super) fn arguments(&self, node: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let syntax = &self.dialect.syntax;
        let call = syntax.calls.iter().find(|it| it.0 == node.kind());
        let member = syntax.members.iter().find(|it| it.0 == node.kind());
        let callee = match (call, member) {
            (Some((_, function)), _) => part(node, function),
            (None, Some((_, _, name))) => part(node, name),
            (None, None) => return,
        };
        let (Some(callee), Some(arguments)) = (callee, part(node, syntax.arguments)) else {
            return;
        };
        let callee = self.text(callee).rsplit(['.', ':', '>']).next().unwrap_or_default().trim();
        for (at, argument) in named(arguments).into_iter().enumerate() {
            if let Some((_, parameters)) = syntax.closures.iter().find(|it| it.0 == argument.kind())
            {
                let sources = vec![vec![Seen::Name(handed(callee))]];
                for name in part(argument, parameters).into_iter().flat_map(bound) {
                    facts.bindings.push(Binding {
                        target: Target::Local(self.text(name).to_owned()),
                        scope: around.scope.clone(),
                        seeds: BTreeSet::new(),
                        types: Vec::new(),
                        sources: sources.clone(),
                    });
                }
            } else if syntax.untyped {
                let keyword =
                    part(argument, "name").filter(|_| argument.kind().contains("keyword"));
                let value = part(argument, "value").filter(|_| keyword.is_some());
                let chain = self.chain(value.unwrap_or(argument));
                if !chain.is_empty() {
                    facts.arguments.push(Argument {
                        callee: callee.to_owned(),
                        at,
                        keyword: keyword.map(|it| self.text(it).to_owned()),
                        value: chain,
                        scope: around.scope.clone(),
                    });
                }
            }
        }
    }
}

/// What a function calls functions with that it is given, as a name that no source has.
fn handed(function: &str) -> String {
    format!("{function}(…)")
}

/// The one expression that counts in another: `x` of `&mut x`, `(x)` or `x as T`.
fn within(node: Node<'_>) -> Option<Node<'_>> {
    part(node, "value").or_else(|| named(node).into_iter().next())
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

/// The names in a pattern: `client` of `Some(mut client)`, and what parameters are called.
fn bound(pattern: Node<'_>) -> Vec<Node<'_>> {
    let deep = [
        "tuple_struct_pattern",
        "mut_pattern",
        "ref_pattern",
        "reference_pattern",
        "captured_pattern",
        "closure_parameters",
        "inferred_parameters",
        "formal_parameters",
        "lambda_parameters",
        "lambda_literal",
        "as_pattern_target",
    ];
    if !deep.contains(&pattern.kind()) {
        let name = part(pattern, "pattern").or_else(|| part(pattern, "name"));
        return vec![name.unwrap_or(pattern)];
    }
    let of = part(pattern, "type");
    let inner = named(pattern).into_iter().filter(|it| Some(*it) != of);
    let inner = inner.filter(|it| !it.kind().ends_with("specifier"));
    inner.flat_map(bound).collect()
}

/// The names of types in a text, but for those that only hold others.
pub(super) fn types_in(text: &str) -> Vec<String> {
    let words = text.split(|char: char| !char.is_alphanumeric() && char != '_');
    let mut found = Vec::new();
    for word in words.filter(|it| it.starts_with(char::is_uppercase)) {
        let holder = ["Arc", "Box", "Option", "Optional", "Mutex", "RwLock", "List", "String"];
        if !holder.contains(&word) && !found.iter().any(|it| it == word) {
            found.push(word.to_owned());
        }
    }
    found
}

/// A text without what stands in `<…>` or `[…]`.
pub(super) fn bare(text: &str) -> String {
    let mut depth = 0_usize;
    let outside = |char: &char| {
        match char {
            '<' | '[' => depth += 1,
            '>' | ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    text.chars().filter(outside).collect()
}

/// The beginning of an expression: a client is named there.
fn short(text: &str) -> &str {
    let end = (0..=text.len().min(240)).rev().find(|it| text.is_char_boundary(*it));
    &text[..end.unwrap_or(0)]
}
