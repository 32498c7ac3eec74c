//! What can be said of a function by its body alone: that it tests for `UNIMPLEMENTED`, that it
//! answers with it, that it looks at a version.

use tree_sitter::Node;

use super::types::{Signature, Type};
use crate::callsites::syntax::{line, named, text, visit};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// The line where it tests an error for `UNIMPLEMENTED`.
    pub(super) tests: Option<u32>,
    /// Where it tests, it ends without an error, or says yes.
    pub(super) copes: bool,
    pub(super) refuses: Refuses,
    /// It says whether a version or a capability is there.
    pub(super) gate: bool,
}

/// How often a function answers `UNIMPLEMENTED`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Refuses {
    #[default]
    Never,
    Sometimes,
    Always,
}

/// Names of the code, in grpc-go and connect-go, and of errors that stand for it.
pub(super) fn names_unimplemented(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"nimplemented").is_some()
}

pub(super) fn of(body: Node<'_>, signature: &Signature, source: &[u8]) -> Marks {
    let written = text(body, source);
    let mut marks = Marks { gate: is_gate(written, signature), ..Marks::default() };
    if !names_unimplemented(written) {
        return marks;
    }
    marks.refuses = refuses(body, source);
    if let Some(test) = tests(body, source).into_iter().next() {
        marks.tests = Some(line(test.at));
        let says = match signature.result() {
            Type::Named(it) => &*it.name == "bool",
            Type::Tuple(of) => of.is_empty(),
            _ => false,
        };
        marks.copes = says || test.branch.is_none_or(|branch| forgives(branch, source));
    }
    marks
}

/// What a function returns where it finds `UNIMPLEMENTED`, if that is an error with a name.
pub(super) fn sentinels<'s>(function: Node<'_>, source: &'s [u8]) -> Vec<&'s str> {
    if !names_unimplemented(text(function, source)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for branch in tests(function, source).into_iter().filter_map(|it| it.branch) {
        visit(branch, &mut |node| {
            if node.kind() == "return_statement" {
                let last = named(node).into_iter().flat_map(named).last();
                let named = last.filter(|it| {
                    matches!(it.kind(), "identifier" | "selector_expression")
                        && is_error(*it, source)
                });
                found.extend(named.map(|it| text(it, source)));
            }
            node.kind() != "func_literal"
        });
    }
    found
}

/// A bool that is made of versions.
fn is_gate(written: &str, signature: &Signature) -> bool {
    let bool_first = signature.results.first().is_some_and(
        |(_, ty)| matches!(ty, Type::Named(it) if &*it.name == "bool" && it.package.is_empty()),
    );
    let version = |ty: &Type| match ty {
        Type::Named(it) => {
            let package = it.package.to_ascii_lowercase();
            package.contains("semver") || package.ends_with("version")
        }
        _ => false,
    };
    let compares = [".GTE(", ".LTE(", ".GE(", ".LE(", ".LessThan(", ".AtLeast(", "semver.Compare("];
    bool_first
        && signature.results.len() == 1
        && (signature.params.iter().any(|(_, ty)| version(ty))
            || compares.iter().any(|it| written.contains(it)))
}

/// A condition that asks for `UNIMPLEMENTED`.
pub(super) struct Test<'t> {
    pub(super) at: Node<'t>,
    /// What is done if it is; nothing if that is what comes next.
    pub(super) branch: Option<Node<'t>>,
}

/// The most codes that one case may list; more is a table of what to retry.
pub(super) const CODES: usize = 3;

/// The tests below a node, in order.
pub(super) fn tests<'t>(node: Node<'t>, source: &[u8]) -> Vec<Test<'t>> {
    let mut found = Vec::new();
    visit(node, &mut |node| {
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "if_statement" => {
                let condition = field("condition").filter(|it| asks(*it, source));
                if let Some(condition) = condition {
                    let negative = is_negative(condition, source, &|it| asks(it, source));
                    let branch = if negative { field("alternative") } else { field("consequence") };
                    found.push(Test { at: condition, branch });
                }
            }
            "expression_case" => {
                let values = field("value").map(named).unwrap_or_default();
                let asked = values.iter().any(|it| asks(*it, source));
                if asked && values.len() <= CODES {
                    found.push(Test { at: node, branch: Some(node) });
                }
            }
            "return_statement" => {
                let compared = named(node)
                    .into_iter()
                    .flat_map(named)
                    .find(|it| it.kind() == "binary_expression" && asks(*it, source));
                found.extend(compared.map(|at| Test { at, branch: None }));
            }
            _ => (),
        }
        true
    });
    found
}

/// A condition is that something is not so: the part of it that asks for that.
pub(super) fn is_negative<'t>(
    condition: Node<'t>,
    source: &[u8],
    asks: &dyn Fn(Node<'t>) -> bool,
) -> bool {
    let of = |part: Node<'t>| is_negative(part, source, asks);
    let operator = condition.child_by_field_name("operator").map(|it| text(it, source));
    match (condition.kind(), operator) {
        ("parenthesized_expression", _) => condition.named_child(0).is_some_and(of),
        ("unary_expression", Some("!")) => !condition.named_child(0).is_some_and(of),
        ("binary_expression", Some("&&" | "||")) => {
            named(condition).into_iter().find(|it| asks(*it)).is_some_and(of)
        }
        (_, operator) => operator == Some("!="),
    }
}

/// The code is compared with, and not answered with.
fn asks(condition: Node<'_>, source: &[u8]) -> bool {
    let mut asked = false;
    visit(condition, &mut |node| {
        if node.kind() == "func_literal" {
            return false;
        }
        if matches!(node.kind(), "identifier" | "field_identifier" | "type_identifier") {
            asked |= names_unimplemented(text(node, source));
        }
        true
    });
    asked
}

/// A block returns nothing that speaks of an error, or makes the error go away.
fn forgives(block: Node<'_>, source: &[u8]) -> bool {
    let (mut forgives, mut sets) = (false, false);
    visit(block, &mut |node| {
        let nil = |node: Option<Node<'_>>| {
            node.map(named).unwrap_or_default().iter().all(|it| text(*it, source) == "nil")
        };
        match node.kind() {
            "return_statement" => match node.named_child(0) {
                None => forgives |= !sets,
                values => {
                    let last = values.map(named).unwrap_or_default().into_iter().last();
                    forgives |= last.is_some_and(|it| matches!(text(it, source), "nil" | "true"));
                }
            },
            "assignment_statement" => {
                sets = true;
                forgives |= nil(node.child_by_field_name("right"));
            }
            _ => (),
        }
        node.kind() != "func_literal"
    });
    forgives
}

/// An expression that is an error by its name, or by the function that makes it.
pub(super) fn is_error(value: Node<'_>, source: &[u8]) -> bool {
    let name = match value.kind() {
        "call_expression" => {
            let function = value.child_by_field_name("function");
            let name = function.map_or("", |it| text(it, source));
            const MAKERS: [&str; 8] = [
                "fmt.Errorf",
                "errors.",
                "status.",
                "errdefs.",
                "connect.NewError",
                "trace.",
                "xerrors.",
                "multierr.",
            ];
            return MAKERS.iter().any(|maker| name.starts_with(maker))
                || name
                    .rsplit('.')
                    .next()
                    .is_some_and(|it| it.to_ascii_lowercase().contains("err"));
        }
        "identifier" => text(value, source),
        "selector_expression" => {
            value.child_by_field_name("field").map_or("", |it| text(it, source))
        }
        "unary_expression" | "composite_literal" => text(value, source),
        _ => "",
    };
    let lower = name.to_ascii_lowercase();
    lower.starts_with("err") || lower.ends_with("err") || lower.contains("error")
}

fn refuses(body: Node<'_>, source: &[u8]) -> Refuses {
    let (mut refusing, mut other) = (0, 0);
    visit(body, &mut |node| {
        if node.kind() == "return_statement" {
            match answers(node, source) {
                true => refusing += 1,
                false => other += 1,
            }
        }
        node.kind() != "func_literal"
    });
    match (refusing, other) {
        (0, _) => Refuses::Never,
        (_, 0) => Refuses::Always,
        _ => Refuses::Sometimes,
    }
}

/// A `return` makes an error of the code, or names one that stands for it.
fn answers(statement: Node<'_>, source: &[u8]) -> bool {
    let values = named(statement).into_iter().flat_map(named);
    values.last().is_some_and(|value| {
        let mut found = false;
        visit(value, &mut |node| {
            let leaf = matches!(node.kind(), "identifier" | "field_identifier");
            found |= leaf && names_unimplemented(text(node, source));
            node.kind() != "func_literal" && node.kind() != "binary_expression"
        });
        found
    })
}
