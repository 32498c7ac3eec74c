//! What the files of a package declare: types, functions, variables. The syntax tree is dropped
//! afterwards.

use std::{collections::HashMap, ops::Range, sync::Arc};

use tree_sitter::Node;

use super::{
    marks::{self, Marks},
    types::{Reader, Signature, Type},
};
use crate::callsites::syntax::{fields, line, named, text, visit};

/// A function: package, type of the receiver or nothing, name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FuncId {
    pub(super) package: Arc<str>,
    pub(super) receiver: Arc<str>,
    pub(super) name: Arc<str>,
}

/// What one file declares.
#[derive(Clone, Default)]
pub(super) struct Declarations {
    pub(super) types: Vec<TypeDecl>,
    pub(super) funcs: Vec<FuncDecl>,
    pub(super) vars: Vec<VarDecl>,
    /// Errors that stand for `UNIMPLEMENTED`: package and name.
    pub(super) sentinels: Vec<(Arc<str>, Arc<str>)>,
}

#[derive(Clone)]
pub(super) struct TypeDecl {
    pub(super) name: Arc<str>,
    pub(super) generics: Vec<Arc<str>>,
    pub(super) underlying: Type,
    pub(super) line: u32,
}

#[derive(Clone)]
pub(super) struct FuncDecl {
    pub(super) id: FuncId,
    /// The type parameters of the receiver, by the names that this method gives them.
    pub(super) receiver_params: Vec<Arc<str>>,
    pub(super) signature: Arc<Signature>,
    pub(super) line: u32,
    /// Where it is in its file.
    pub(super) span: Range<usize>,
    pub(super) marks: Marks,
    pub(super) makes: Option<Type>,
}

/// A package's variable or constant.
#[derive(Clone)]
pub(super) struct VarDecl {
    pub(super) name: Arc<str>,
    pub(super) ty: Option<Type>,
    /// Where its value is written in its file, and which of several results it takes.
    pub(super) value: Option<(Range<usize>, usize)>,
}

/// The imports of a file, by the names that it uses for them.
pub(super) type Imports = HashMap<Arc<str>, Arc<str>>;

/// Reads the imports. `name_of` says what a package calls itself.
pub(super) fn imports(
    root: Node<'_>,
    source: &[u8],
    name_of: &dyn Fn(&str) -> Arc<str>,
) -> Imports {
    let mut imports = Imports::new();
    for declaration in named(root).into_iter().filter(|it| it.kind() == "import_declaration") {
        let specs = named(declaration).into_iter().flat_map(|it| match it.kind() {
            "import_spec_list" => named(it),
            _ => vec![it],
        });
        for spec in specs {
            let Some(path) = spec.child_by_field_name("path") else { continue };
            let path = text(path, source).trim_matches(['"', '`']);
            let alias = spec.child_by_field_name("name").map(|it| text(it, source));
            match alias {
                Some("_" | ".") => continue,
                Some(alias) => imports.insert(alias.into(), path.into()),
                None => imports.insert(name_of(path), path.into()),
            };
        }
    }
    imports
}

/// Reads the declarations of a file.
pub(super) fn read(
    root: Node<'_>,
    source: &[u8],
    package: &Arc<str>,
    imports: &Imports,
) -> Declarations {
    let mut found = Declarations::default();
    for node in named(root) {
        let mut reader = Reader { source, package, imports, generics: Vec::new() };
        match node.kind() {
            "type_declaration" => {
                for spec in named(node) {
                    reader.generics.clear();
                    found.types.extend(type_spec(&mut reader, spec));
                }
            }
            "function_declaration" | "method_declaration" => {
                let sentinels = marks::sentinels(node, source).into_iter();
                found.sentinels.extend(sentinels.filter_map(|it| reader.resolve(it)));
                found.funcs.extend(function(&mut reader, node));
            }
            "var_declaration" | "const_declaration" => {
                let mut specs = Vec::new();
                for part in named(node) {
                    match part.kind() {
                        "var_spec_list" => specs.extend(named(part)),
                        _ => specs.push(part),
                    }
                }
                specs.into_iter().for_each(|spec| vars(&reader, spec, &mut found.vars));
            }
            _ => (),
        }
    }
    found
}

fn type_spec(reader: &mut Reader<'_>, spec: Node<'_>) -> Option<TypeDecl> {
    let name = text(spec.child_by_field_name("name")?, reader.source).into();
    let generics = reader.generics(spec).into_iter().map(|(name, _)| name).collect();
    let underlying = reader.read(spec.child_by_field_name("type")?);
    Some(TypeDecl { name, generics, underlying, line: line(spec) })
}

/// The receiver's type and the names of its type parameters.
fn receiver(reader: &Reader<'_>, node: Node<'_>) -> Option<(Arc<str>, Vec<Arc<str>>)> {
    let list = node.child_by_field_name("receiver")?;
    let mut ty = named(list).into_iter().next()?.child_by_field_name("type")?;
    while matches!(ty.kind(), "pointer_type" | "parenthesized_type") {
        ty = named(ty).into_iter().next()?;
    }
    if ty.kind() != "generic_type" {
        return Some((text(ty, reader.source).into(), Vec::new()));
    }
    let name = text(ty.child_by_field_name("type")?, reader.source).into();
    let params = ty.child_by_field_name("type_arguments").map(named).unwrap_or_default();
    Some((name, params.into_iter().map(|it| text(it, reader.source).into()).collect()))
}

/// The function that a declaration declares, and the type parameters of its receiver.
pub(super) fn identity(reader: &Reader<'_>, node: Node<'_>) -> Option<(FuncId, Vec<Arc<str>>)> {
    let name = text(node.child_by_field_name("name")?, reader.source).into();
    let (receiver, params) = match node.kind() {
        "method_declaration" => receiver(reader, node)?,
        _ => ("".into(), Vec::new()),
    };
    Some((FuncId { package: reader.package.clone(), receiver, name }, params))
}

fn function(reader: &mut Reader<'_>, node: Node<'_>) -> Option<FuncDecl> {
    let (id, receiver_params) = identity(reader, node)?;
    reader.generics.clear();
    reader.generics.extend(receiver_params.iter().cloned());
    let generics = reader.generics(node);
    let signature = Arc::new(Signature { generics, ..reader.signature(node) });
    let marks = node.child_by_field_name("body");
    let marks = marks.map(|body| marks::of(body, &signature, reader.source)).unwrap_or_default();
    let makes = node.child_by_field_name("body").filter(|_| returns_a_type(&signature));
    let makes = makes.and_then(|body| made(reader, body));
    let (line, span) = (line(node), node.byte_range());
    Some(FuncDecl { id, receiver_params, signature, line, span, marks, makes })
}

fn returns_a_type(signature: &Signature) -> bool {
    let first = signature.results.first();
    matches!(first, Some((_, Type::Named(it))) if !it.package.is_empty())
}

/// The type of the literal that a function returns, or of that which it keeps in the variable that
/// it returns. Nothing if there are several.
fn made(reader: &Reader<'_>, body: Node<'_>) -> Option<Type> {
    let mut variables: HashMap<&str, Type> = HashMap::new();
    let mut made: Vec<Type> = Vec::new();
    visit(body, &mut |node| {
        match node.kind() {
            "short_var_declaration" => {
                let side = |field: &str| node.child_by_field_name(field).and_then(first);
                let literal = side("right").and_then(|it| literal(reader, it));
                if let (Some(name), Some(ty)) = (side("left"), literal) {
                    variables.insert(text(name, reader.source), ty);
                }
            }
            "return_statement" => {
                let value = first(node).and_then(first);
                let kept = |it| variables.get(text(it, reader.source)).cloned();
                made.extend(value.and_then(|it| literal(reader, it).or_else(|| kept(it))));
            }
            _ => (),
        }
        node.kind() != "func_literal"
    });
    made.dedup();
    match made.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn first(list: Node<'_>) -> Option<Node<'_>> {
    named(list).into_iter().next()
}

/// The type of `T{...}` or `&T{...}`.
fn literal(reader: &Reader<'_>, value: Node<'_>) -> Option<Type> {
    let literal = match value.kind() {
        "unary_expression" => value.child_by_field_name("operand")?,
        _ => value,
    };
    let ty = literal.child_by_field_name("type").filter(|_| literal.kind() == "composite_literal");
    ty.map(|it| reader.read(it))
}

fn vars(reader: &Reader<'_>, spec: Node<'_>, found: &mut Vec<VarDecl>) {
    let ty = spec.child_by_field_name("type").map(|it| reader.read(it));
    let values = spec.child_by_field_name("value").map(named).unwrap_or_default();
    let names = fields(spec, "name");
    let single = values.len() == 1 && names.len() > 1;
    for (at, name) in names.into_iter().enumerate() {
        let value = match single {
            true => values.first().map(|value| (value.byte_range(), at)),
            false => values.get(at).map(|value| (value.byte_range(), 0)),
        };
        let name = text(name, reader.source).into();
        found.push(VarDecl { name, ty: ty.clone(), value });
    }
}
