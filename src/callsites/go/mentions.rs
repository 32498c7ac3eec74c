//! Calls that may be those of an RPC, on values whose methods cannot be seen.

use tree_sitter::Node;

use super::{packages::is_standard, types::Type, walk::Walker};
use crate::callsites::syntax::named;

/// Names of methods that stores, clients of clusters and processes have just as well.
const EVERYDAY: [&str; 42] = [
    "Add",
    "Apply",
    "Cancel",
    "Check",
    "Close",
    "Commit",
    "Create",
    "Delete",
    "Do",
    "Exec",
    "Get",
    "Info",
    "Init",
    "Invoke",
    "Kill",
    "List",
    "Load",
    "Open",
    "Patch",
    "Ping",
    "Publish",
    "Pull",
    "Push",
    "Put",
    "Query",
    "Read",
    "Remove",
    "Run",
    "Send",
    "Set",
    "Start",
    "Stat",
    "Status",
    "Stop",
    "Subscribe",
    "Sync",
    "Update",
    "Version",
    "View",
    "Wait",
    "Watch",
    "Write",
];

impl<'t> Walker<'_, 't> {
    /// Counts a call of something that goes by the name of an RPC, if it could be one: it takes a
    /// context, what may be the request, and nothing else but options. What wraps a client may take
    /// the request in another form; by everyday names, such as `Get`, many other things go.
    pub(super) fn mention(&mut self, ty: &Type, name: &str, call: Node<'t>) {
        let arguments = call.child_by_field_name("arguments").map(named).unwrap_or_default();
        let context = arguments.first().is_some_and(|it| self.may_be_context(*it));
        let world = self.world;
        let near = &world.uses[self.reader.package];
        for (service, rpc, request) in world.index.stubs.named(name) {
            let wraps = context && !EVERYDAY.contains(&name);
            let here = context || *ty == Type::Unknown && near.contains(&service);
            if wraps || here && self.may_be(&arguments, request.as_deref()) {
                *self.mentions.entry((service, rpc)).or_default() += 1;
            }
        }
    }

    fn may_be(&mut self, arguments: &[Node<'t>], request: Option<&str>) -> bool {
        let least = if request.is_some() { 2 } else { 1 };
        let mut options = arguments.iter().skip(least);
        arguments.len() >= least
            && request.is_none_or(|name| self.may_be_request(arguments[1], name))
            && options.all(|it| self.may_be_option(*it))
    }

    /// By its type, if it is a variable with one; otherwise by how it is written.
    fn may_be_context(&self, node: Node<'t>) -> bool {
        let written = self.text(node);
        let known = self.scope.iter().rev().find(|(known, _)| *known == written);
        match known {
            Some((_, Type::Named(it))) if it.package.is_empty() => false,
            Some((_, Type::Named(it))) if is_standard(&it.package) => &*it.name == "Context",
            _ => {
                let written = written.to_ascii_lowercase();
                written.contains("ctx") || written.contains("context")
            }
        }
    }

    fn may_be_request(&mut self, node: Node<'t>, request: &str) -> bool {
        // A request is handed over by pointer, or `nil` in its place.
        if node.kind().ends_with("_literal") {
            return false;
        }
        let ty = self.glance(node);
        let underlying = self.world.index.resolve(&ty);
        let fits = |ty: &Type| match ty {
            Type::Named(it) => {
                let wrapped = &*it.name == "Request" && it.package.ends_with("connect");
                wrapped || *it.name == *request
            }
            Type::Unknown | Type::Param(_) => true,
            _ => false,
        };
        request.is_empty() || fits(&ty) || fits(&underlying)
    }

    fn may_be_option(&mut self, node: Node<'t>) -> bool {
        match self.glance(node) {
            Type::Named(it) => it.name.ends_with("CallOption"),
            Type::List(_) | Type::Unknown | Type::Param(_) => !node.kind().ends_with("_literal"),
            _ => false,
        }
    }

    /// The type of an expression, as far as it calls nothing: what is in it is walked elsewhere.
    fn glance(&mut self, node: Node<'t>) -> Type {
        let inner = match node.kind() {
            "unary_expression" => node.child_by_field_name("operand").unwrap_or(node),
            _ => node,
        };
        match inner.kind() {
            "identifier" if self.text(inner) == "nil" => Type::Unknown,
            "composite_literal" => {
                inner.child_by_field_name("type").map_or(Type::Unknown, |it| self.read(it))
            }
            "identifier" | "selector_expression" => {
                let (noted, mentions) = (self.sightings.len(), self.mentions.clone());
                let ty = self.expr(inner);
                self.sightings.truncate(noted);
                self.mentions = mentions;
                ty
            }
            _ => Type::Unknown,
        }
    }
}
