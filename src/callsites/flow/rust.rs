//! Rust: tonic's clients.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

use tree_sitter::Node;

use super::{
    Dialect, Syntax,
    handling::{Errors, Values},
    servers::Servers,
};
use crate::callsites::{Handling, ServedStatus, syntax::text};

pub(super) fn dialect() -> Dialect {
    Dialect {
        grammars: vec![(".rs", tree_sitter_rust::LANGUAGE.into())],
        readable: |_| true,
        left_out,
        forms: |rpc| vec![rpc.to_snake_case()],
        // `KV` becomes `kv_client::KvClient`.
        tokens: |service| vec![format!("{}Client", service.to_upper_camel_case())],
        // Wrappers like to have the name of what they wrap: it takes the module to tell.
        is_client: |text, _, service| names(text, &format!("{}_client", service.to_snake_case())),
        servers: Servers {
            bases: |service| vec![service.to_upper_camel_case()],
            is_base: |text, _, service| names(text, &format!("{}_server", service.to_snake_case())),
            types: &[("impl_item", "type", &["trait"], "body")],
            registers: &[],
            // Nothing compiles without it, unless the generator was told to write defaults.
            missing: ServedStatus::Unresolved,
            plain: &[],
        },
        syntax: Syntax {
            members: &[("field_expression", "value", "field")],
            paths: &[("scoped_identifier", "path", "name")],
            tokens: "token_tree",
            calls: &[("call_expression", "function")],
            arguments: "arguments",
            transparent: &[
                "await_expression",
                "try_expression",
                "reference_expression",
                "parenthesized_expression",
                "unary_expression",
            ],
            bindings: &[
                ("let_declaration", "pattern", "type", "value"),
                ("let_condition", "pattern", "-", "value"),
                ("for_expression", "pattern", "-", "value"),
                ("parameter", "pattern", "type", "-"),
                ("field_declaration", "name", "type", "-"),
                ("field_initializer", "field", "-", "value"),
                ("assignment_expression", "left", "-", "right"),
                ("static_item", "name", "type", "value"),
            ],
            functions: &[
                ("function_item", "return_type"),
                ("function_signature_item", "return_type"),
            ],
            receiver: "",
            results: &[("return_expression", "#0"), ("function_item", "body/#last")],
            classes: &["struct_item", "enum_item", "impl_item", "trait_item"],
            closures: &[("closure_expression", "parameters")],
            only_tests,
            gives: &[],
            untyped: false,
            aliases: &[("use_as_clause", "path", "alias"), ("type_item", "type", "name")],
            imports: &["use_declaration"],
            errors: Errors {
                tries: &[],
                catches: &[],
                throws: &[],
                propagates: &["try_expression", "return_expression"],
                branches: &[
                    ("match_arm", "pattern", "value"),
                    ("if_expression", "condition", "consequence"),
                ],
                handlers: &[
                    ("expect", "", Some(Handling::Propagates)),
                    ("is_err", "", Some(Handling::AnyErrorFallback)),
                    ("is_ok", "", Some(Handling::AnyErrorFallback)),
                    ("map_err", "", Some(Handling::Translated)),
                    ("ok", "", Some(Handling::AnyErrorFallback)),
                    ("or_else", "", None),
                    ("unwrap", "", Some(Handling::Propagates)),
                    ("unwrap_or", "", Some(Handling::AnyErrorFallback)),
                    ("unwrap_or_default", "", Some(Handling::AnyErrorFallback)),
                    ("unwrap_or_else", "", None),
                ],
                by_value: Values::Returned,
            },
        },
    }
}

/// What stands behind `#[cfg(test)]` or `#[tokio::test]`.
fn only_tests(node: Node<'_>, source: &[u8]) -> bool {
    if !matches!(node.kind(), "mod_item" | "function_item" | "impl_item") {
        return false;
    }
    let mut before = node.prev_named_sibling();
    while let Some(attribute) = before.filter(|it| it.kind() == "attribute_item" || it.is_extra()) {
        let text: String = text(attribute, source).split_whitespace().collect();
        let words = |text: &str| text.contains("(test)") || text.contains("(test,");
        let cfg = text.starts_with("#[cfg(") && words(&text) && !text.contains("not(test");
        let test = text.ends_with("test]") || text.contains("test(");
        if attribute.kind() == "attribute_item" && (cfg || test) {
            return true;
        }
        before = attribute.prev_named_sibling();
    }
    false
}

fn left_out(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let folder = |part: &str| matches!(part, "tests" | "benches" | "target");
    matches!(file, "test.rs" | "tests.rs")
        || file.ends_with("_test.rs")
        || path.split('/').any(folder)
}

/// A module is among the words of a text.
fn names(text: &str, module: &str) -> bool {
    text.split(|it: char| !it.is_alphanumeric() && it != '_').any(|it| it == module)
}
