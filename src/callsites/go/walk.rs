//! Walks the bodies of functions with scopes and types, and notes calls of RPCs and of functions
//! that matter.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use tree_sitter::Node;

use super::{
    World,
    decls::FuncId,
    index::Rpc,
    types::{Reader, Signature, Type},
};
use crate::callsites::syntax::{fields, named, text};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Rpc(Rpc),
    Function(FuncId),
}

/// A place where a target is called, or taken as a value.
#[derive(Clone)]
pub(super) struct Sighting<'t> {
    pub(super) target: Target,
    /// The name of the target.
    pub(super) name: Node<'t>,
    /// The call, if it is one.
    pub(super) call: Option<Node<'t>>,
    /// The declaration around it.
    pub(super) around: Node<'t>,
    /// The function of that declaration, if it is one.
    pub(super) function: Option<FuncId>,
}

pub(super) struct Walker<'w, 't> {
    pub(super) world: &'w World<'w>,
    pub(super) reader: Reader<'w>,
    /// Functions whose calls are noted.
    pub(super) wanted: &'w HashSet<FuncId>,
    /// Names in scope, innermost last.
    pub(super) scope: Vec<(&'w str, Type)>,
    /// What type parameters have to be.
    pub(super) bounds: HashMap<Arc<str>, Type>,
    pub(super) around: Option<Node<'t>>,
    function: Option<FuncId>,
    pub(super) sightings: Vec<Sighting<'t>>,
    /// Per RPC, what looks like its calls.
    pub(super) mentions: BTreeMap<(usize, Arc<str>), usize>,
    /// What is registered as a server.
    pub(super) registered: Vec<(usize, Type)>,
    /// How many values of variables are being worked out.
    pub(super) depth: usize,
}

impl<'w, 't> Walker<'w, 't> {
    pub(super) fn new(world: &'w World<'w>, file: usize, wanted: &'w HashSet<FuncId>) -> Self {
        let info = &world.files[file];
        Walker::of_text(world, file, &info.source.text, wanted)
    }

    /// For a text that stands in for a part of a file.
    pub(super) fn of_text(
        world: &'w World<'w>,
        file: usize,
        source: &'w [u8],
        wanted: &'w HashSet<FuncId>,
    ) -> Self {
        let info = &world.files[file];
        let (package, imports) = (&info.package, &info.imports);
        let reader = Reader { source, package, imports, generics: Vec::new() };
        Walker {
            world,
            reader,
            wanted,
            scope: Vec::new(),
            bounds: HashMap::new(),
            around: None,
            function: None,
            sightings: Vec::new(),
            mentions: BTreeMap::new(),
            registered: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn text(&self, node: Node<'_>) -> &'w str {
        text(node, self.reader.source)
    }

    /// A whole file.
    pub(super) fn file(&mut self, root: Node<'t>) {
        for node in named(root) {
            self.around = Some(node);
            match node.kind() {
                "function_declaration" | "method_declaration" => self.declaration(node),
                "var_declaration" | "const_declaration" => {
                    self.function = None;
                    self.walk(node);
                }
                _ => (),
            }
            self.scope.clear();
        }
    }

    fn declaration(&mut self, node: Node<'t>) {
        let info = self.world.function_at(&self.reader, node);
        self.reader.generics.clear();
        self.bounds.clear();
        let Some((id, receiver_params)) = info else { return };
        self.reader.generics.extend(receiver_params);
        let generics = self.reader.generics(node);
        self.bounds.extend(generics);
        self.function = Some(id);
        if let Some(list) = node.child_by_field_name("receiver") {
            self.params(list);
        }
        self.body(node);
        self.reader.generics.clear();
    }

    /// The parameters, named results and body of a function.
    pub(super) fn body(&mut self, node: Node<'t>) {
        let mark = self.scope.len();
        for field in ["parameters", "result"] {
            if let Some(list) =
                node.child_by_field_name(field).filter(|it| it.kind() == "parameter_list")
            {
                self.params(list);
            }
        }
        if let Some(body) = node.child_by_field_name("body") {
            self.walk(body);
        }
        self.scope.truncate(mark);
    }

    fn params(&mut self, list: Node<'t>) {
        for param in named(list) {
            let ty = param.child_by_field_name("type").map_or(Type::Unknown, |it| self.read(it));
            let variadic = param.kind() == "variadic_parameter_declaration";
            let ty = if variadic { Type::List(Arc::new(ty)) } else { ty };
            for name in fields(param, "name") {
                self.declare(name, ty.clone());
            }
        }
    }

    pub(super) fn declare(&mut self, name: Node<'t>, ty: Type) {
        self.scope.push((self.text(name), ty));
    }

    /// The type that a piece of syntax writes; local types come first.
    pub(super) fn read(&self, node: Node<'_>) -> Type {
        let written = if node.kind() == "pointer_type" { node.named_child(0) } else { Some(node) };
        if let Some(written) = written.filter(|it| it.kind() == "type_identifier") {
            let name = self.text(written);
            let local = self.scope.iter().rev().find(|(known, _)| *known == name);
            if let Some((_, Type::Meta(local))) = local {
                return (**local).clone();
            }
        }
        self.reader.read(node)
    }

    /// A statement and all in it.
    pub(super) fn walk(&mut self, node: Node<'t>) {
        match node.kind() {
            "block"
            | "if_statement"
            | "for_statement"
            | "expression_switch_statement"
            | "select_statement"
            | "expression_case"
            | "default_case"
            | "communication_case" => {
                let mark = self.scope.len();
                self.children(node);
                self.scope.truncate(mark);
            }
            "type_switch_statement" => self.type_switch(node),
            "short_var_declaration" => self.assign(node, "left", "right"),
            "receive_statement" => self.receive(node),
            "assignment_statement" => self.children(node),
            "range_clause" => self.range(node),
            "var_spec" | "const_spec" => self.var(node),
            "type_spec" | "type_alias" => self.local_type(node),
            "function_declaration" | "method_declaration" => (),
            kind if is_expression(kind) => {
                self.expr(node);
            }
            _ => self.children(node),
        }
    }

    fn children(&mut self, node: Node<'t>) {
        for child in named(node) {
            self.walk(child);
        }
    }

    fn assign(&mut self, node: Node<'t>, left: &str, right: &str) {
        let list = |field: &str| node.child_by_field_name(field).map(named).unwrap_or_default();
        let (left, right) = (list(left), list(right));
        let types = self.values(&right, left.len());
        for (name, ty) in left.into_iter().zip(types) {
            if name.kind() == "identifier" {
                self.declare(name, ty);
            }
        }
    }

    /// The types that so many names get from some expressions.
    fn values(&mut self, right: &[Node<'t>], names: usize) -> Vec<Type> {
        let mut types: Vec<Type> = right.iter().map(|it| self.expr(*it)).collect();
        if let ([one], true) = (types.as_slice(), names > 1) {
            types = match one {
                Type::Tuple(of) => of.to_vec(),
                // A second result says whether there is a first.
                one => vec![one.clone()],
            };
        }
        types.resize(names.max(types.len()), Type::Unknown);
        types
    }

    fn receive(&mut self, node: Node<'t>) {
        let Some(right) = node.child_by_field_name("right") else { return };
        let ty = self.expr(right);
        let left = node.child_by_field_name("left").map(named).unwrap_or_default();
        for (at, name) in left.into_iter().enumerate() {
            if name.kind() == "identifier" {
                self.declare(name, if at == 0 { ty.clone() } else { Type::Unknown });
            }
        }
    }

    fn range(&mut self, node: Node<'t>) {
        let Some(right) = node.child_by_field_name("right") else { return };
        let ty = self.expr(right);
        let types = match self.world.index.resolve(&ty) {
            Type::List(of) => vec![Type::Unknown, (*of).clone()],
            Type::Chan(of) => vec![(*of).clone()],
            Type::Map(of) => vec![of.0.clone(), of.1.clone()],
            // Iterators: func(yield func(K, V) bool), iter.Seq2[K, V].
            Type::Func(of) => match of.params.first() {
                Some((_, Type::Func(of))) => of.params.iter().map(|it| it.1.clone()).collect(),
                _ => Vec::new(),
            },
            Type::Named(of) => of.args.clone(),
            _ => Vec::new(),
        };
        let left = node.child_by_field_name("left").map(named).unwrap_or_default();
        for (at, name) in left.into_iter().enumerate() {
            if name.kind() == "identifier" {
                self.declare(name, types.get(at).cloned().unwrap_or(Type::Unknown));
            }
        }
    }

    fn var(&mut self, node: Node<'t>) {
        let names = fields(node, "name");
        let values = node.child_by_field_name("value").map(named).unwrap_or_default();
        let types = self.values(&values, names.len());
        let written = node.child_by_field_name("type").map(|it| self.read(it));
        for (name, ty) in names.into_iter().zip(types) {
            self.declare(name, written.clone().unwrap_or(ty));
        }
    }

    fn local_type(&mut self, node: Node<'t>) {
        let field = |name: &str| node.child_by_field_name(name);
        let (Some(name), Some(ty)) = (field("name"), field("type")) else { return };
        let ty = self.read(ty);
        self.declare(name, Type::Meta(Arc::new(ty)));
    }

    fn type_switch(&mut self, node: Node<'t>) {
        let mark = self.scope.len();
        if let Some(initializer) = node.child_by_field_name("initializer") {
            self.walk(initializer);
        }
        let value = node.child_by_field_name("value").map_or(Type::Unknown, |it| self.expr(it));
        let alias = node.child_by_field_name("alias").map(named).unwrap_or_default();
        for case in
            named(node).into_iter().filter(|it| matches!(it.kind(), "type_case" | "default_case"))
        {
            let mark = self.scope.len();
            let types = fields(case, "type");
            let ty = match types.as_slice() {
                [one] => self.read(*one),
                _ => value.clone(),
            };
            for name in &alias {
                self.declare(*name, ty.clone());
            }
            for part in named(case).into_iter().filter(|it| !types.contains(it)) {
                self.walk(part);
            }
            self.scope.truncate(mark);
        }
        self.scope.truncate(mark);
    }

    /// Notes a target.
    pub(super) fn note(&mut self, target: Target, name: Node<'t>, call: Option<Node<'t>>) {
        let Some(around) = self.around else { return };
        let function = self.function.clone();
        self.sightings.push(Sighting { target, name, call, around, function });
    }

    /// A function literal: its own scope in the one around it.
    pub(super) fn literal(&mut self, node: Node<'t>) -> Type {
        self.body(node);
        let signature: Signature = self.reader.signature(node);
        Type::Func(Arc::new(signature))
    }
}

pub(super) fn is_expression(kind: &str) -> bool {
    kind.ends_with("_expression")
        || kind.ends_with("_literal")
        || matches!(kind, "identifier" | "true" | "false" | "nil" | "iota")
}
