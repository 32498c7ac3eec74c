//! Syntax trees, whatever the language.

use tree_sitter::{Language, Node, Parser, Tree};

/// How deep a tree may be that is read recursively, on threads with [`STACK`] bytes of stack.
const DEPTH: usize = 1000;

/// Enough for that depth, in builds without optimisation too.
pub(super) const STACK: usize = 64 << 20;

/// What can be said of a syntax tree at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// All of it parsed.
    Whole,
    /// Something on that line did not; the rest can be read.
    Broken {
        /// From 1.
        line: u32,
    },
    /// It must not be read.
    TooDeep,
}

/// Parses a source.
pub(super) fn parse(language: &Language, text: &[u8]) -> Option<(Tree, Checked)> {
    let tree = tree(language, text)?;
    let checked = check(&tree);
    Some((tree, checked))
}

/// Parses a source that was checked before.
pub(super) fn tree(language: &Language, text: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    parser.parse(text, None)
}

fn check(tree: &Tree) -> Checked {
    let mut cursor = tree.walk();
    let mut broken = None;
    loop {
        let node = cursor.node();
        if broken.is_none() && (node.is_error() || node.is_missing()) {
            broken = Some(line(node));
        }
        if cursor.depth() as usize > DEPTH {
            return Checked::TooDeep;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return broken.map_or(Checked::Whole, |line| Checked::Broken { line });
            }
        }
    }
}

/// The line of a node, from 1.
pub(super) fn line(node: Node<'_>) -> u32 {
    node.start_position().row as u32 + 1
}

/// The source of a node; nothing where that is not UTF-8.
pub(super) fn text<'s>(node: Node<'_>, source: &'s [u8]) -> &'s str {
    source.get(node.byte_range()).and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default()
}

/// The children that are not punctuation or comments.
pub(super) fn named<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|it| !it.is_extra()).collect()
}

/// A part of a node, by the steps that lead to it: the name of a field, or, for grammars that leave
/// their children nameless, `#` and a number from 0, `last`, or the kinds of which it is the first
/// child (`#user_type|nullable_type`), or, after `>`, the kinds of its next sibling.
pub(super) fn part<'t>(node: Node<'t>, path: &str) -> Option<Node<'t>> {
    path.split('/').try_fold(node, |node, step| {
        if let Some(kinds) = step.strip_prefix('>') {
            let next = node.next_named_sibling()?;
            return kinds.split('|').any(|kind| kind == next.kind()).then_some(next);
        }
        let Some(kinds) = step.strip_prefix('#') else { return node.child_by_field_name(step) };
        let mut cursor = node.walk();
        let mut children = node.named_children(&mut cursor).filter(|it| !it.is_extra());
        match kinds.parse() {
            Ok(at) => children.nth(at),
            Err(_) if kinds == "last" => children.last(),
            Err(_) => children.find(|it| kinds.split('|').any(|kind| kind == it.kind())),
        }
    })
}

/// The children in a field.
pub(super) fn fields<'t>(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    let children = node.children_by_field_name(field, &mut cursor);
    children.filter(|it| it.is_named() && !it.is_extra()).collect()
}

/// A node and what is around it, from the root to the node itself.
pub(super) fn path_to<'t>(root: Node<'t>, node: Node<'t>) -> Vec<Node<'t>> {
    let mut path = vec![root];
    let mut at = root;
    while at != node {
        let Some(next) = at.child_with_descendant(node) else { break };
        at = next;
        path.push(at);
    }
    path
}

/// Visits a node and all below it, parents first; what is below a node for which `enter` is false
/// is left out.
pub(super) fn visit<'t>(node: Node<'t>, enter: &mut dyn FnMut(Node<'t>) -> bool) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if enter(node) {
            let mut cursor = node.walk();
            let children: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
            open.extend(children.into_iter().rev());
        }
    }
}
