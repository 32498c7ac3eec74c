//! Calls in the arguments of macros, which are no expressions yet: `select! { it = client.arrive(..) => .. }`.

use tree_sitter::Node;

use super::{
    facts::{Around, Facts, File, Seen},
    handling::Handled,
};
use crate::callsites::{Handling, syntax::named};

impl File<'_> {
    /// The calls right in a group of tokens. The groups in it are asked for their own.
    pub(super) fn tokens(&self, group: Node<'_>, around: &Around<'_>, facts: &mut Facts) {
        let mut cursor = group.walk();
        let tokens: Vec<Node<'_>> =
            group.children(&mut cursor).filter(|it| !it.is_extra()).collect();
        for at in 2..tokens.len().saturating_sub(1) {
            let (name, arguments) = (tokens[at], tokens[at + 1]);
            let called = arguments.kind() == group.kind() && self.text(arguments).starts_with('(');
            let is_member = called && self.text(tokens[at - 1]) == ".";
            if !is_member || self.terms.rpcs(self.text(name)).is_empty() {
                continue;
            }
            let receiver = self.before(&tokens[..at - 1]);
            let handling = self.after(&tokens[at + 2..]);
            let called = !named(arguments).is_empty();
            self.mentioned(name, receiver, called, Handled::of(handling), around, facts);
        }
    }

    /// The names of the chain in which tokens end.
    fn before(&self, tokens: &[Node<'_>]) -> Vec<Seen> {
        let mut chain = Vec::new();
        let mut rest = tokens;
        while let Some((last, before)) = rest.split_last() {
            rest = before;
            match self.text(*last) {
                "self" => {
                    chain.push(Seen::This);
                    break;
                }
                "?" | "." => continue,
                text if text.starts_with('(') => continue,
                text if last.kind() == "identifier" => {
                    chain.push(Seen::Name(text.to_owned()));
                    if rest.last().is_none_or(|it| self.text(*it) != ".") {
                        break;
                    }
                }
                _ => break,
            }
        }
        chain.reverse();
        chain
    }

    /// What becomes of an error, by the tokens behind a call.
    fn after(&self, tokens: &[Node<'_>]) -> Handling {
        let rest = match tokens {
            [dot, name, rest @ ..] if self.text(*dot) == "." && self.text(*name) == "await" => rest,
            rest => rest,
        };
        match rest.first().map(|it| self.text(*it)) {
            Some("?") => Handling::Propagates,
            _ => Handling::Unknown,
        }
    }
}
