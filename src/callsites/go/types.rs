//! Go's types, as far as they lead to a stub. Pointers are left out: methods are found through
//! them all the same.

use std::{collections::HashMap, sync::Arc};

use tree_sitter::Node;

use crate::callsites::syntax::{fields, named, text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Unknown,
    Named(Arc<Named>),
    /// A type parameter.
    Param(Arc<str>),
    /// A slice or an array.
    List(Arc<Type>),
    Chan(Arc<Type>),
    Map(Arc<(Type, Type)>),
    Func(Arc<Signature>),
    Struct(Arc<Struct>),
    Interface(Arc<Interface>),
    /// Several results.
    Tuple(Arc<[Type]>),
    /// An imported package, by its path.
    Package(Arc<str>),
    /// The type itself, where a value could stand.
    Meta(Arc<Type>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Empty for what every package knows.
    pub(super) package: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) args: Vec<Type>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Struct {
    pub(super) fields: Vec<(Arc<str>, Type)>,
    pub(super) embeds: Vec<(Arc<str>, Type)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) methods: Vec<(Arc<str>, Arc<Signature>)>,
    pub(super) embeds: Vec<Type>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    /// Type parameters and what they have to be.
    pub(super) generics: Vec<(Arc<str>, Type)>,
    pub(super) params: Vec<(Arc<str>, Type)>,
    pub(super) variadic: bool,
    pub(super) results: Vec<(Arc<str>, Type)>,
}

/// What the names in a file mean.
pub(super) struct Reader<'s> {
    pub(super) source: &'s [u8],
    pub(super) package: &'s Arc<str>,
    /// By the name that the file uses: the path.
    pub(super) imports: &'s HashMap<Arc<str>, Arc<str>>,
    pub(super) generics: Vec<Arc<str>>,
}

const UNIVERSE: [&str; 22] = [
    "any",
    "bool",
    "byte",
    "comparable",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

impl Type {
    pub(super) fn named(package: &str, name: &str) -> Type {
        let (package, name) = (package.into(), name.into());
        Type::Named(Arc::new(Named { package, name, args: Vec::new() }))
    }

    /// One of those that every package knows.
    pub(super) fn universe(name: &str) -> Option<Type> {
        UNIVERSE.contains(&name).then(|| Type::named("", name))
    }

    /// What one value of it holds, where it is ranged over or indexed.
    pub(super) fn element(&self) -> Type {
        match self {
            Type::List(of) | Type::Chan(of) => (**of).clone(),
            Type::Map(of) => of.1.clone(),
            _ => Type::Unknown,
        }
    }

    /// It and another may be the same, as far as both are known.
    pub(super) fn may_be(&self, other: &Type) -> bool {
        let open = |ty: &Type| matches!(ty, Type::Unknown | Type::Param(_));
        match (self, other) {
            (one, other) if open(one) || open(other) => true,
            (Type::Named(one), Type::Named(other)) => one.name == other.name,
            (Type::List(one), Type::List(other)) | (Type::Chan(one), Type::Chan(other)) => {
                one.may_be(other)
            }
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }

    /// With type parameters replaced.
    pub(super) fn with(&self, bound: &HashMap<Arc<str>, Type>) -> Type {
        if bound.is_empty() {
            return self.clone();
        }
        let pairs = |list: &[(Arc<str>, Type)]| -> Vec<(Arc<str>, Type)> {
            list.iter().map(|(name, ty)| (name.clone(), ty.with(bound))).collect()
        };
        match self {
            Type::Param(name) => bound.get(name).cloned().unwrap_or_else(|| self.clone()),
            Type::Named(it) if !it.args.is_empty() => {
                let args = it.args.iter().map(|arg| arg.with(bound)).collect();
                let (package, name) = (it.package.clone(), it.name.clone());
                Type::Named(Arc::new(Named { package, name, args }))
            }
            Type::List(of) => Type::List(Arc::new(of.with(bound))),
            Type::Chan(of) => Type::Chan(Arc::new(of.with(bound))),
            Type::Map(of) => Type::Map(Arc::new((of.0.with(bound), of.1.with(bound)))),
            Type::Tuple(of) => Type::Tuple(of.iter().map(|ty| ty.with(bound)).collect()),
            Type::Func(of) => Type::Func(Arc::new(of.with(bound))),
            Type::Struct(of) => Type::Struct(Arc::new(Struct {
                fields: pairs(&of.fields),
                embeds: pairs(&of.embeds),
            })),
            Type::Interface(of) => Type::Interface(Arc::new(Interface {
                methods: of
                    .methods
                    .iter()
                    .map(|(name, signature)| (name.clone(), Arc::new(signature.with(bound))))
                    .collect(),
                embeds: of.embeds.iter().map(|ty| ty.with(bound)).collect(),
            })),
            Type::Meta(of) => Type::Meta(Arc::new(of.with(bound))),
            _ => self.clone(),
        }
    }

    /// Finds out type parameters: where this has one, what `other` has in its place.
    pub(super) fn unify(&self, other: &Type, bound: &mut HashMap<Arc<str>, Type>) {
        match (self, other) {
            (Type::Param(name), other) if *other != Type::Unknown => {
                bound.entry(name.clone()).or_insert_with(|| other.clone());
            }
            (Type::List(own), Type::List(other)) | (Type::Chan(own), Type::Chan(other)) => {
                own.unify(other, bound);
            }
            (Type::Map(own), Type::Map(other)) => {
                own.0.unify(&other.0, bound);
                own.1.unify(&other.1, bound);
            }
            (Type::Named(own), Type::Named(other)) if own.name == other.name => {
                for (own, other) in own.args.iter().zip(&other.args) {
                    own.unify(other, bound);
                }
            }
            (Type::Func(own), Type::Func(other)) => {
                let both = own.params.iter().zip(&other.params);
                let both = both.chain(own.results.iter().zip(&other.results));
                for ((_, own), (_, other)) in both {
                    own.unify(other, bound);
                }
            }
            _ => (),
        }
    }
}

impl Signature {
    /// The type of a call.
    pub(super) fn result(&self) -> Type {
        match self.results.as_slice() {
            [] => Type::Tuple([].into()),
            [(_, one)] => one.clone(),
            all => Type::Tuple(all.iter().map(|(_, ty)| ty.clone()).collect()),
        }
    }

    fn with(&self, bound: &HashMap<Arc<str>, Type>) -> Signature {
        let pairs = |list: &[(Arc<str>, Type)]| -> Vec<(Arc<str>, Type)> {
            list.iter().map(|(name, ty)| (name.clone(), ty.with(bound))).collect()
        };
        let (params, results) = (pairs(&self.params), pairs(&self.results));
        Signature { generics: Vec::new(), params, variadic: self.variadic, results }
    }
}

impl Reader<'_> {
    fn text(&self, node: Node<'_>) -> &str {
        text(node, self.source)
    }

    /// The package and the name that `pkg.name` or `name` mean.
    pub(super) fn resolve(&self, written: &str) -> Option<(Arc<str>, Arc<str>)> {
        match written.rsplit_once('.') {
            None => Some((self.package.clone(), written.into())),
            Some((alias, name)) => Some((self.imports.get(alias)?.clone(), name.into())),
        }
    }

    /// The type that a piece of syntax writes.
    pub(super) fn read(&self, node: Node<'_>) -> Type {
        let child = |field: &str| node.child_by_field_name(field);
        let read = |field: &str| child(field).map_or(Type::Unknown, |it| self.read(it));
        match node.kind() {
            "type_identifier" | "identifier" => self.name(self.text(node)),
            "qualified_type" => {
                let package = child("package").and_then(|it| self.imports.get(self.text(it)));
                let name = child("name").map_or("", |it| self.text(it));
                package.map_or(Type::Unknown, |package| Type::named(package, name))
            }
            "generic_type" => {
                let Type::Named(base) = read("type") else { return Type::Unknown };
                let args = child("type_arguments").map(named).unwrap_or_default();
                let args = args.into_iter().map(|it| self.read(it)).collect();
                let (package, name) = (base.package.clone(), base.name.clone());
                Type::Named(Arc::new(Named { package, name, args }))
            }
            "pointer_type" | "parenthesized_type" | "type_elem" | "type_constraint" => {
                // Of a union, nobody knows which.
                match named(node).as_slice() {
                    [one] => self.read(*one),
                    _ => Type::Unknown,
                }
            }
            "slice_type" | "array_type" | "implicit_length_array_type" => {
                Type::List(Arc::new(read("element")))
            }
            "channel_type" => Type::Chan(Arc::new(read("value"))),
            "map_type" => Type::Map(Arc::new((read("key"), read("value")))),
            "function_type" => Type::Func(Arc::new(self.signature(node))),
            "struct_type" => Type::Struct(Arc::new(self.structure(node))),
            "interface_type" => Type::Interface(Arc::new(self.interface(node))),
            _ => Type::Unknown,
        }
    }

    fn name(&self, name: &str) -> Type {
        if let Some(param) = self.generics.iter().find(|param| &***param == name) {
            return Type::Param(param.clone());
        }
        Type::universe(name).unwrap_or_else(|| Type::named(self.package, name))
    }

    /// Parameters and results of a function, a method or a function type.
    pub(super) fn signature(&self, node: Node<'_>) -> Signature {
        let (params, variadic) =
            node.child_by_field_name("parameters").map(|it| self.params(it)).unwrap_or_default();
        let results = match node.child_by_field_name("result") {
            None => Vec::new(),
            Some(list) if list.kind() == "parameter_list" => self.params(list).0,
            Some(one) => vec![("".into(), self.read(one))],
        };
        Signature { generics: Vec::new(), params, variadic, results }
    }

    fn params(&self, list: Node<'_>) -> (Vec<(Arc<str>, Type)>, bool) {
        let mut params = Vec::new();
        let mut variadic = false;
        for param in named(list) {
            let mut ty =
                param.child_by_field_name("type").map_or(Type::Unknown, |it| self.read(it));
            if param.kind() == "variadic_parameter_declaration" {
                ty = Type::List(Arc::new(ty));
                variadic = true;
            }
            let names = fields(param, "name");
            if names.is_empty() {
                params.push(("".into(), ty));
                continue;
            }
            params.extend(names.into_iter().map(|it| (self.text(it).into(), ty.clone())));
        }
        (params, variadic)
    }

    /// Type parameters, and what they have to be.
    pub(super) fn generics(&mut self, node: Node<'_>) -> Vec<(Arc<str>, Type)> {
        let Some(list) = node.child_by_field_name("type_parameters") else { return Vec::new() };
        let declarations = named(list);
        for declaration in &declarations {
            for name in fields(*declaration, "name") {
                let name = self.text(name).into();
                self.generics.push(name);
            }
        }
        let mut generics = Vec::new();
        for declaration in declarations {
            let bound = declaration.child_by_field_name("type");
            let bound = bound.map_or(Type::Unknown, |it| self.read(it));
            let names = fields(declaration, "name").into_iter();
            generics.extend(names.map(|it| (self.text(it).into(), bound.clone())));
        }
        generics
    }

    fn structure(&self, node: Node<'_>) -> Struct {
        let mut found = Struct::default();
        let declarations = named(node).into_iter().flat_map(named);
        for field in declarations.filter(|it| it.kind() == "field_declaration") {
            let ty = field.child_by_field_name("type").map_or(Type::Unknown, |it| self.read(it));
            let names = fields(field, "name");
            if names.is_empty() {
                let name = match &ty {
                    Type::Named(it) => it.name.clone(),
                    Type::Param(name) => name.clone(),
                    _ => continue,
                };
                found.embeds.push((name, ty));
                continue;
            }
            let names = names.into_iter().map(|it| (self.text(it).into(), ty.clone()));
            found.fields.extend(names);
        }
        found
    }

    fn interface(&self, node: Node<'_>) -> Interface {
        let mut found = Interface::default();
        for part in named(node) {
            match part.kind() {
                "method_elem" | "method_spec" => {
                    let name = part.child_by_field_name("name").map_or("", |it| self.text(it));
                    found.methods.push((name.into(), Arc::new(self.signature(part))));
                }
                _ => match self.read(part) {
                    Type::Unknown => (),
                    embedded => found.embeds.push(embedded),
                },
            }
        }
        found
    }
}
