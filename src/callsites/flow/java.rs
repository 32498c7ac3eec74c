//! Java: grpc-java's stubs, and those of Vert.x.

use super::{
    Dialect, Syntax,
    handling::{Errors, Values},
    jvm,
};
use crate::callsites::Handling;

pub(super) fn dialect() -> Dialect {
    Dialect {
        grammars: vec![(".java", tree_sitter_java::LANGUAGE.into())],
        readable: |_| true,
        left_out: jvm::left_out,
        forms: jvm::forms,
        tokens: jvm::tokens,
        is_client: jvm::is_client,
        servers: jvm::servers(&[
            ("class_declaration", "name", &["superclass", "interfaces"], "body"),
            ("object_creation_expression", "-", &["type"], "#class_body"),
        ]),
        syntax: Syntax {
            members: &[
                ("method_invocation", "object", "name"),
                ("field_access", "object", "field"),
            ],
            paths: &[],
            tokens: "",
            calls: &[("object_creation_expression", "-")],
            arguments: "arguments",
            transparent: &["parenthesized_expression", "cast_expression"],
            bindings: &[
                ("variable_declarator", "name", "-", "value"),
                ("formal_parameter", "name", "type", "-"),
                ("enhanced_for_statement", "name", "type", "value"),
                ("resource", "name", "type", "value"),
                ("assignment_expression", "left", "-", "right"),
            ],
            functions: &[("method_declaration", "type"), ("constructor_declaration", "-")],
            receiver: "",
            results: &[("return_statement", "#0")],
            classes: &[
                "class_declaration",
                "interface_declaration",
                "enum_declaration",
                "record_declaration",
            ],
            closures: &[("lambda_expression", "parameters")],
            only_tests: |_, _| false,
            gives: &[],
            untyped: false,
            aliases: &[],
            imports: &["import_declaration", "package_declaration"],
            errors: Errors {
                tries: &[
                    ("try_statement", &["catch_clause"]),
                    ("try_with_resources_statement", &["catch_clause"]),
                ],
                catches: jvm::CATCHES,
                throws: &["throw_statement"],
                propagates: &[],
                branches: &[
                    ("if_statement", "condition", "consequence"),
                    ("switch_block_statement_group", "#switch_label", "-"),
                    ("switch_rule", "#switch_label", "#last"),
                    ("ternary_expression", "condition", "consequence"),
                ],
                handlers: &[
                    ("exceptionally", "", None),
                    ("exceptionallyCompose", "", None),
                    ("handle", "", None),
                    ("handleAsync", "", None),
                    ("onComplete", "", None),
                    ("onErrorResume", "", None),
                    ("onErrorReturn", "", Some(Handling::AnyErrorFallback)),
                    ("onFailure", "", None),
                    ("otherwise", "", None),
                    ("recover", "", None),
                    ("whenComplete", "", None),
                ],
                by_value: Values::Told,
            },
        },
    }
}
