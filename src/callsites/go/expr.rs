//! The types of expressions. Go states types at every boundary, so a small part of its rules does.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tree_sitter::Node;

use super::{
    decls::FuncId,
    index::Member,
    packages::is_standard,
    stubs::Generated,
    types::{Named, Signature, Type},
    walk::{Target, Walker},
};
use crate::callsites::syntax::{self, named};

/// How many variables may depend on one another for their types.
const VARIABLES: usize = 5;

impl<'t> Walker<'_, 't> {
    /// The type of an expression; every call in it is looked at, once.
    pub(super) fn expr(&mut self, node: Node<'t>) -> Type {
        let child = |field: &str| node.child_by_field_name(field);
        match node.kind() {
            "identifier" => self.identifier(node),
            "selector_expression" => self.selector(node, None),
            "call_expression" => self.call(node),
            "composite_literal" => {
                let ty = child("type").map_or(Type::Unknown, |it| self.read(it));
                if let Some(body) = child("body") {
                    self.elements(body);
                }
                ty
            }
            "func_literal" => self.literal(node),
            "unary_expression" => {
                let ty = child("operand").map_or(Type::Unknown, |it| self.expr(it));
                match child("operator").map(|it| self.text(it)) {
                    Some("<-") => self.world.index.resolve(&ty).element(),
                    Some("&" | "*") => ty,
                    _ => Type::Unknown,
                }
            }
            "index_expression" => self.index(node),
            "slice_expression" | "parenthesized_expression" => {
                let mut parts = named(node).into_iter();
                let ty = parts.next().map_or(Type::Unknown, |it| self.expr(it));
                parts.for_each(|it| drop(self.expr(it)));
                ty
            }
            "type_assertion_expression" | "type_conversion_expression" => {
                if let Some(operand) = child("operand") {
                    self.expr(operand);
                }
                child("type").map_or(Type::Unknown, |it| self.read(it))
            }
            "interpreted_string_literal" | "raw_string_literal" => {
                self.path(node);
                Type::Unknown
            }
            kind if kind.ends_with("_type") || kind == "type_instantiation_expression" => {
                Type::Meta(Arc::new(self.read(node)))
            }
            _ => {
                named(node).into_iter().for_each(|it| self.walk(it));
                Type::Unknown
            }
        }
    }

    /// What stands in the braces of a literal. Keys that are mere names are those of fields.
    fn elements(&mut self, body: Node<'t>) {
        for element in named(body) {
            match element.kind() {
                "keyed_element" => {
                    for (at, part) in named(element).into_iter().enumerate() {
                        let inner = part.named_child(0);
                        let name = inner.is_some_and(|it| it.kind() == "identifier");
                        if at > 0 || !name {
                            self.elements(part);
                        }
                    }
                }
                "literal_element" | "literal_value" => self.elements(element),
                _ => drop(self.expr(element)),
            }
        }
    }

    pub(super) fn identifier(&mut self, node: Node<'t>) -> Type {
        let name = self.text(node);
        if let Some((_, ty)) = self.scope.iter().rev().find(|(known, _)| *known == name) {
            return ty.clone();
        }
        let package = self.reader.package.clone();
        if let Some(ty) = self.package_member(&package, name, node, None) {
            return ty;
        }
        if let Some(path) = self.reader.imports.get(name) {
            return Type::Package(path.clone());
        }
        match self.reader.generics.iter().find(|it| ***it == *name) {
            Some(param) => Type::Meta(Arc::new(Type::Param(param.clone()))),
            None => Type::universe(name).map_or(Type::Unknown, |ty| Type::Meta(Arc::new(ty))),
        }
    }

    /// What a name means in a package.
    fn package_member(
        &mut self,
        package: &Arc<str>,
        name: &str,
        node: Node<'t>,
        call: Option<Node<'t>>,
    ) -> Option<Type> {
        let world = self.world;
        match world.index.stubs.generated(package, name) {
            Some(Generated::Constructor(client)) => {
                let signature =
                    Signature { results: vec![("".into(), client)], ..Signature::default() };
                return Some(Type::Func(Arc::new(signature)));
            }
            Some(Generated::Register { service, argument }) => {
                if let Some(call) = call {
                    self.register(service, argument, call);
                }
                return Some(Type::Unknown);
            }
            Some(Generated::Path(rpc)) => {
                self.named_path(rpc, node);
                return Some(Type::Unknown);
            }
            None => (),
        }
        let known = world.index.packages.get(package);
        if let Some(found) = known.and_then(|it| it.funcs.get(name)) {
            let id = FuncId { package: package.clone(), receiver: "".into(), name: name.into() };
            if self.wanted.contains(&id) {
                self.note(Target::Function(id), node, call);
            }
            return Some(Type::Func(found.signature.clone()));
        }
        if known.is_some_and(|it| it.types.contains_key(name)) || world.index.stubs.knows(package) {
            return Some(Type::Meta(Arc::new(Type::named(package, name))));
        }
        known.filter(|it| it.vars.contains_key(name))?;
        Some(self.variable(package, name))
    }

    /// The type of a package's variable, from what it is declared as or begins with.
    fn variable(&mut self, package: &Arc<str>, name: &str) -> Type {
        let world = self.world;
        let var = &world.index.packages[package].vars[name];
        if let Some(ty) = &var.ty {
            return ty.clone();
        }
        let Some((span, at)) = &var.value else { return Type::Unknown };
        if let Some(known) = world.variable(package, name) {
            return known;
        }
        if self.depth >= VARIABLES {
            return Type::Unknown;
        }
        let value = world.files[var.file].source.text.get(span.clone()).unwrap_or_default();
        let text = [b"package p\nvar _ = ", value].concat();
        let nothing = HashSet::new();
        let ty = world.parse(&text).map_or(Type::Unknown, |tree| {
            let mut walker = Walker::of_text(world, var.file, &text, &nothing);
            walker.depth = self.depth + 1;
            let mut value = None;
            syntax::visit(tree.root_node(), &mut |node| {
                if node.kind() == "var_spec" && value.is_none() {
                    value = node.child_by_field_name("value").and_then(|it| it.named_child(0));
                }
                value.is_none()
            });
            match value.map(|it| walker.expr(it)) {
                Some(Type::Tuple(of)) => of.get(*at).cloned().unwrap_or(Type::Unknown),
                Some(ty) if *at == 0 => ty,
                _ => Type::Unknown,
            }
        });
        world.remember(package, name, &ty);
        ty
    }

    /// `operand.field`, where `call` is the call of which it is the function.
    pub(super) fn selector(&mut self, node: Node<'t>, call: Option<Node<'t>>) -> Type {
        let child = |field: &str| node.child_by_field_name(field);
        let (Some(operand), Some(field)) = (child("operand"), child("field")) else {
            return Type::Unknown;
        };
        let name = self.text(field);
        let ty = match self.expr(operand) {
            Type::Package(path) => {
                let known = self.package_member(&path, name, field, call);
                return known.unwrap_or_else(|| match is_standard(&path) {
                    // Nothing of it calls an RPC: `net.DefaultResolver`.
                    true => Type::named(&path, name),
                    false => Type::Unknown,
                });
            }
            Type::Meta(ty) => (*ty).clone(),
            ty => ty,
        };
        let ty = match &ty {
            Type::Param(name) => self.bounds.get(name).cloned().unwrap_or(Type::Unknown),
            _ => ty,
        };
        match self.world.index.member(&ty, name) {
            Some(Member::Field(ty)) => ty,
            Some(Member::Method(id, signature)) => {
                if self.wanted.contains(&id) {
                    self.note(Target::Function(id), field, call);
                }
                Type::Func(signature)
            }
            Some(Member::Abstract(signature, interface)) => {
                // Any of the types that fit may be behind it.
                let named = self.wanted.iter().filter(|id| *id.name == *name);
                let index = &self.world.index;
                let behind: Vec<_> = named
                    .filter(|id| !id.receiver.is_empty())
                    .filter(|id| index.satisfies(id, &interface, &signature))
                    .cloned()
                    .collect();
                behind.into_iter().for_each(|id| self.note(Target::Function(id), field, call));
                Type::Func(signature)
            }
            Some(Member::Rpc(rpc)) => {
                self.note(Target::Rpc(rpc), field, call);
                let error = Type::named("", "error");
                let results = [Type::Unknown, error].map(|ty| ("".into(), ty)).to_vec();
                Type::Func(Arc::new(Signature { results, ..Signature::default() }))
            }
            None => self.unknown_member(&ty, name, call),
        }
    }

    /// A method of a container from outside most likely returns what the container is of.
    fn unknown_member(&mut self, ty: &Type, name: &str, call: Option<Node<'t>>) -> Type {
        if let Some(call) = call.filter(|_| self.world.index.is_open(ty)) {
            self.mention(ty, name, call);
        }
        match ty {
            Type::Named(it) if self.world.index.type_info(it).is_none() => {
                let Some(of) = it.args.last() else { return Type::Unknown };
                let results = vec![("".into(), of.clone())];
                Type::Func(Arc::new(Signature { results, ..Signature::default() }))
            }
            _ => Type::Unknown,
        }
    }

    fn index(&mut self, node: Node<'t>) -> Type {
        let child = |field: &str| node.child_by_field_name(field);
        let operand = child("operand").map_or(Type::Unknown, |it| self.expr(it));
        let argument = child("index").map_or(Type::Unknown, |it| self.expr(it));
        let argument = match argument {
            Type::Meta(ty) => (*ty).clone(),
            _ => Type::Unknown,
        };
        match operand {
            Type::Func(signature) if !signature.generics.is_empty() => {
                let first = signature.generics[0].0.clone();
                Type::Func(signature).with(&HashMap::from([(first, argument)]))
            }
            Type::Meta(ty) => match &*ty {
                Type::Named(it) => Type::Meta(Arc::new(Type::Named(Arc::new(Named {
                    package: it.package.clone(),
                    name: it.name.clone(),
                    args: vec![argument],
                })))),
                _ => Type::Unknown,
            },
            ty => self.world.index.resolve(&ty).element(),
        }
    }
}
