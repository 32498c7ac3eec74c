//! One function, or one file, in which the fate of calls is looked at.

use std::{ops::Range, sync::Arc};

use tree_sitter::Node;

use super::{
    World,
    decls::Imports,
    gates::Exits,
    index::{FuncInfo, named_function},
    marks::Marks,
    types::Type,
};
use crate::callsites::{
    Place,
    syntax::{line, named, text, visit},
};

pub(super) struct Scene<'s, 'w> {
    pub(super) world: &'s World<'w>,
    pub(super) source: &'s [u8],
    pub(super) package: &'s Arc<str>,
    pub(super) imports: &'s Imports,
    pub(super) path: &'s Arc<str>,
    /// What to add to the lines of the source to have those of the file.
    pub(super) offset: i64,
    /// What was found out for other calls of the tree.
    pub(super) exits: &'s Exits,
    /// The bytes of the call that is looked at.
    pub(super) site: Range<usize>,
}

/// Where the status of a stream arrives, in grpc-go and connect-go.
const READS: [&str; 6] = ["Recv", "RecvMsg", "CloseAndRecv", "Receive", "CloseAndReceive", "Err"];

impl<'s, 'w> Scene<'s, 'w> {
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        text(node, self.source)
    }

    pub(super) fn line(&self, node: Node<'_>) -> u32 {
        line_in(node, self.offset)
    }

    pub(super) fn place(&self, line: u32) -> Place {
        Place { file: self.path.clone(), line }
    }

    /// The call that is looked at is in there.
    pub(super) fn is_site(&self, node: Node<'_>) -> bool {
        let range = node.byte_range();
        range.start <= self.site.start && self.site.end <= range.end
    }

    /// The condition asks whether an error is `UNIMPLEMENTED`: by the code, or by a function that
    /// does.
    pub(super) fn asks(&self, condition: Node<'_>) -> bool {
        let mut asked = false;
        visit(condition, &mut |node| {
            match node.kind() {
                "func_literal" => return false,
                "identifier" | "field_identifier" | "type_identifier" => {
                    let name = self.text(node);
                    asked |= marks_name(name) || self.is_sentinel(name);
                }
                "selector_expression" => asked |= self.is_sentinel(self.text(node)),
                "call_expression" => {
                    let function = node.child_by_field_name("function");
                    let name = function.map_or("", |it| self.text(it));
                    let known = self.tester(name);
                    asked |= known.is_some_and(|(marks, _)| marks.copes)
                        || self.world.predicates.iter().any(|it| it.matches(name));
                }
                _ => (),
            }
            !asked
        });
        asked
    }

    /// An error that functions return in place of `UNIMPLEMENTED`.
    fn is_sentinel(&self, written: &str) -> bool {
        let (package, name) = match written.rsplit_once('.') {
            None => (Some(self.package), written),
            Some((alias, name)) => (self.imports.get(alias), name),
        };
        let known = &self.world.sentinels;
        !known.is_empty() && package.is_some_and(|it| known.contains(&(it.clone(), name.into())))
    }

    /// What is known of the function that a name means, which tests its argument.
    pub(super) fn tester(&self, written: &str) -> Option<(Marks, Place)> {
        let info = self.function(written)?;
        let line = info.marks.tests?;
        let file = self.world.files[info.file].source.path.clone();
        Some((info.marks, Place { file, line }))
    }

    /// The function that a name means: one of a package, or the only method of that name in this
    /// one.
    pub(super) fn function(&self, written: &str) -> Option<&'s FuncInfo> {
        let index = &self.world.index;
        if let Some(id) = named_function(index, self.package, self.imports, written) {
            return index.func(&id);
        }
        let (_, name) = written.rsplit_once('.')?;
        let types = index.packages.get(self.package)?.types.values();
        let mut methods = types.filter_map(|ty| ty.methods.get(name));
        let only = methods.next()?;
        methods.next().is_none().then_some(only)
    }

    /// The calls `name.Recv()` and the like that begin within some bytes below a node.
    pub(super) fn stream_calls<'t>(
        &self,
        node: Node<'t>,
        name: &str,
        within: Range<usize>,
    ) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        visit(node, &mut |node| {
            if node.end_byte() <= within.start || node.start_byte() >= within.end {
                return false;
            }
            let function = node.child_by_field_name("function");
            let function = function.filter(|_| node.kind() == "call_expression");
            let (receiver, method) =
                function.and_then(|it| self.text(it).rsplit_once('.')).unwrap_or_default();
            let begins = within.contains(&node.start_byte());
            if begins && receiver == name && READS.contains(&method) {
                found.push(node);
            }
            true
        });
        found
    }

    /// The calls below a node of a function that a variable holds.
    pub(super) fn calls_of<'t>(&self, node: Node<'t>, name: &str) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        visit(node, &mut |node| {
            let function = node.child_by_field_name("function");
            let function = function.filter(|_| node.kind() == "call_expression");
            found.extend(function.filter(|it| self.text(*it) == name).map(|_| node));
            true
        });
        found
    }

    /// The fields that a variable is kept in: `s.stream = name`, or the variable is one.
    pub(super) fn fields_that_keep(&self, node: Node<'_>, name: &'s str) -> Vec<&'s str> {
        if let Some((_, field)) = name.rsplit_once('.') {
            return vec![field];
        }
        let mut found = Vec::new();
        visit(node, &mut |node| {
            let part = |name: &str| node.child_by_field_name(name).map_or("", |it| self.text(it));
            let kept = match node.kind() {
                "assignment_statement" if part("right") == name => part("left").rsplit_once('.'),
                "keyed_element" => self.text(node).split_once(':').and_then(|(field, value)| {
                    (value.trim() == name).then_some(("", field.trim()))
                }),
                _ => None,
            };
            found.extend(kept.map(|(_, field)| field));
            true
        });
        found
    }

    /// The methods of the types in this package that have a field, or embed something by that name.
    pub(super) fn methods_with(&self, field: &str) -> Vec<&'s FuncInfo> {
        let Some(package) = self.world.index.packages.get(self.package) else { return Vec::new() };
        let has = |ty: &Type| match ty {
            Type::Struct(it) => {
                it.fields.iter().chain(&it.embeds).any(|(name, _)| **name == *field)
            }
            _ => false,
        };
        let types = package.types.values().filter(|it| it.underlying.iter().any(has));
        let mut methods: Vec<&FuncInfo> = types.flat_map(|it| it.methods.values()).collect();
        methods.sort_by_key(|it| (it.file, it.line));
        methods
    }

    /// Looks into another function.
    pub(super) fn inside<T>(
        &self,
        info: &FuncInfo,
        look: &dyn Fn(&Scene<'_, 'w>, Node<'_>) -> Option<T>,
    ) -> Option<T> {
        let file = &self.world.files[info.file];
        let text = [b"package p\n", file.source.text.get(info.span.clone())?].concat();
        let tree = self.world.parse(&text)?;
        let declaration = named(tree.root_node()).into_iter().nth(1)?;
        let exits = Exits::default();
        let inner = Scene {
            world: self.world,
            source: &text,
            package: &file.package,
            imports: &file.imports,
            path: &file.source.path,
            offset: i64::from(info.line) - 2,
            exits: &exits,
            site: 0..0,
        };
        look(&inner, declaration)
    }

    /// Where, behind the last node of a path, a variable is set again whatever happens: the byte, or
    /// the last there is.
    pub(super) fn replaced(&self, path: &[Node<'_>], name: &str) -> usize {
        let lists = path.windows(2).filter(|pair| pair[0].kind() == "statement_list");
        let next = lists.rev().find_map(|pair| {
            let behind = named(pair[0]).into_iter();
            let mut behind = behind.skip_while(|it| it.start_byte() < pair[1].end_byte());
            behind.find(|it| self.sets(*it, name))
        });
        next.map_or(usize::MAX, |it| it.start_byte())
    }

    /// A statement sets a variable.
    pub(super) fn sets(&self, statement: Node<'_>, name: &str) -> bool {
        let sets = matches!(statement.kind(), "short_var_declaration" | "assignment_statement");
        let left = statement.child_by_field_name("left").filter(|_| sets);
        left.is_some_and(|it| named(it).iter().any(|it| self.text(*it) == name))
    }

    /// The calls below a node that are handed a variable, and its place among the arguments.
    pub(super) fn handed<'t>(&self, node: Node<'t>, name: &str) -> Vec<(Node<'t>, usize)> {
        let mut found = Vec::new();
        visit(node, &mut |node| {
            if node.kind() == "call_expression"
                && let Some(arguments) = node.child_by_field_name("arguments")
            {
                let at = named(arguments).iter().position(|it| self.text(*it) == name);
                found.extend(at.map(|at| (node, at)));
            }
            true
        });
        found
    }
}

/// Names that stand for the code, or for an error that means the same.
fn marks_name(name: &str) -> bool {
    super::marks::names_unimplemented(name) || name.contains("NotImplemented")
}

/// The line of a node in its file.
fn line_in(node: Node<'_>, offset: i64) -> u32 {
    u32::try_from(i64::from(line(node)) + offset).unwrap_or(1)
}
