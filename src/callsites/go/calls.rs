//! Calls: of functions, of what registers servers, and of RPCs by their paths.

use std::{collections::HashMap, sync::Arc};

use tree_sitter::Node;

use super::{
    index::{Rpc, named_function},
    stubs::Generated,
    types::{Reader, Signature, Type},
    walk::{Target, Walker},
};
use crate::callsites::{
    Resolution,
    stubs::call_path,
    syntax::{named, visit},
};

impl<'t> Walker<'_, 't> {
    /// The type of a call; what it calls is looked at.
    pub(super) fn call(&mut self, node: Node<'t>) -> Type {
        let child = |field: &str| node.child_by_field_name(field);
        let Some(function) = child("function") else { return Type::Unknown };
        let arguments = child("arguments").map(named).unwrap_or_default();
        if function.kind() == "identifier"
            && let Some(ty) = self.builtin(self.text(function), &arguments)
        {
            return ty;
        }
        let ty = match function.kind() {
            "selector_expression" => self.selector(function, Some(node)),
            "identifier" => self.called(function, node),
            _ => self.expr(function),
        };
        let types: Vec<Type> = arguments.iter().map(|it| self.expr(*it)).collect();
        let written = child("type_arguments").map(named).unwrap_or_default();
        let written: Vec<Type> = written.into_iter().map(|it| self.read(it)).collect();
        match ty {
            Type::Meta(ty) => (*ty).clone(),
            Type::Func(signature) => instantiate(&signature, &written, &types),
            Type::Named(it) => match self.world.index.resolve(&Type::Named(it)) {
                Type::Func(signature) => signature.result(),
                _ => Type::Unknown,
            },
            _ => written.last().cloned().unwrap_or(Type::Unknown),
        }
    }

    /// A function that is called by its mere name.
    fn called(&mut self, function: Node<'t>, call: Node<'t>) -> Type {
        let noted = self.sightings.len();
        let ty = self.identifier(function);
        if let Some(sighting) = self.sightings.get_mut(noted) {
            sighting.call = Some(call);
        }
        if let Some(name) = self.sightings.get(noted).is_none().then(|| self.text(function)) {
            let package = self.reader.package.clone();
            if let Some(Generated::Register { service, argument }) =
                self.world.index.stubs.generated(&package, name)
            {
                self.register(service, argument, call);
            }
        }
        ty
    }

    fn builtin(&mut self, name: &str, arguments: &[Node<'t>]) -> Option<Type> {
        if !matches!(name, "new" | "make" | "append" | "min" | "max")
            || self.scope.iter().any(|(known, _)| *known == name)
        {
            return None;
        }
        let mut types = arguments.iter().map(|it| self.expr(*it)).collect::<Vec<_>>().into_iter();
        Some(match types.next() {
            Some(Type::Meta(ty)) => (*ty).clone(),
            Some(ty) => ty,
            None => Type::Unknown,
        })
    }

    pub(super) fn register(&mut self, service: usize, argument: usize, call: Node<'t>) {
        let arguments = call.child_by_field_name("arguments").map(named).unwrap_or_default();
        let Some(server) = arguments.get(argument) else { return };
        // Its calls are noted when the arguments are walked.
        let (noted, mentions) = (self.sightings.len(), self.mentions.clone());
        let ty = self.expr(*server);
        self.sightings.truncate(noted);
        self.mentions = mentions;
        let ty = self.made(*server).unwrap_or(ty);
        self.registered.push((service, ty));
    }

    /// The type of what a function makes that says only which interface it returns.
    fn made(&self, value: Node<'t>) -> Option<Type> {
        let function = match value.kind() {
            "identifier" => return self.made(self.first_value(self.text(value), value)?),
            "call_expression" => value.child_by_field_name("function")?,
            _ => return None,
        };
        let Reader { package, imports, .. } = &self.reader;
        let index = &self.world.index;
        let id = named_function(index, package, imports, self.text(function))?;
        index.func(&id)?.makes.clone()
    }

    /// What a variable was declared with, in the declaration around a place where it is used.
    fn first_value(&self, name: &str, used: Node<'t>) -> Option<Node<'t>> {
        let mut found = None;
        visit(self.around?, &mut |node| {
            let first = |field: &str| node.child_by_field_name(field)?.named_child(0);
            if node.kind() == "short_var_declaration"
                && node.end_byte() <= used.start_byte()
                && first("left").is_some_and(|it| self.text(it) == name)
            {
                found = first("right");
            }
            true
        });
        found
    }

    /// A string that spells the path of a call.
    pub(super) fn path(&mut self, node: Node<'t>) {
        let text = self.text(node).trim_matches(['"', '`']);
        let Some((service, method)) = call_path(text.strip_prefix('/').unwrap_or(text)) else {
            return;
        };
        let stubs = self.world.stubs.iter();
        let service = stubs.enumerate().find(|(_, stub)| stub.service.as_str() == service);
        let Some((at, stub)) = service else { return };
        if let Some((method, _)) = stub.methods.get_key_value(method) {
            let (services, resolution) = (vec![at], Resolution::Named);
            self.named_path(Rpc { services, method: method.clone(), resolution }, node);
        }
    }

    /// What is handed to `Invoke` or `NewStream` is called; what is compared or kept is only
    /// mentioned.
    pub(super) fn named_path(&mut self, rpc: Rpc, node: Node<'t>) {
        let outer = |node: Node<'t>| node.parent();
        let whole = match outer(node) {
            Some(it) if it.kind() == "selector_expression" => it,
            _ => node,
        };
        let call = outer(whole).filter(|it| it.kind() == "argument_list").and_then(outer);
        let function = call.and_then(|it| it.child_by_field_name("function"));
        let function = function.map_or("", |it| self.text(it));
        if function.ends_with("Invoke") || function.ends_with("NewStream") {
            return self.note(Target::Rpc(rpc), node, call);
        }
        for service in rpc.services.into_iter().filter(|it| self.world.index.stubs.is_wanted(*it)) {
            *self.mentions.entry((service, rpc.method.clone())).or_default() += 1;
        }
    }
}

/// The result of a call, with type parameters as they are written or as the arguments have them.
fn instantiate(signature: &Signature, written: &[Type], arguments: &[Type]) -> Type {
    if signature.generics.is_empty() {
        return signature.result();
    }
    let names = signature.generics.iter().map(|(name, _)| name.clone());
    let mut bound: HashMap<Arc<str>, Type> = names.zip(written.iter().cloned()).collect();
    for (at, argument) in arguments.iter().enumerate() {
        let last = signature.params.len().saturating_sub(1);
        let Some((_, param)) = signature.params.get(at.min(last)) else { break };
        match param {
            Type::List(of) if signature.variadic && at >= last => of.unify(argument, &mut bound),
            param => param.unify(argument, &mut bound),
        }
    }
    signature.result().with(&bound)
}
