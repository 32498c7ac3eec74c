//! Kotlin: the stubs of grpc-kotlin and grpc-java. Its grammar has hardly any fields.

use super::{
    Dialect, Syntax,
    handling::{Errors, Values},
    jvm,
};
use crate::callsites::Handling;

/// What makes a result of a call that throws.
const RESULT: &str = "runCatching";

pub(super) fn dialect() -> Dialect {
    let grammar = || tree_sitter_kotlin_ng::LANGUAGE.into();
    Dialect {
        grammars: vec![(".kt", grammar()), (".kts", grammar())],
        readable,
        left_out: jvm::left_out,
        forms: jvm::forms,
        tokens: jvm::tokens,
        is_client: jvm::is_client,
        servers: jvm::servers(&[
            ("class_declaration", "name", &["#delegation_specifiers"], "#class_body"),
            ("object_declaration", "name", &["#delegation_specifiers"], "#class_body"),
            ("object_literal", "-", &["#delegation_specifiers"], "#class_body"),
        ]),
        syntax: Syntax {
            members: &[("navigation_expression", "#0", "#last")],
            paths: &[],
            tokens: "",
            calls: &[("call_expression", "#0")],
            arguments: "#value_arguments|annotated_lambda",
            transparent: &[
                "parenthesized_expression",
                "unary_expression",
                "as_expression",
                "property_delegate",
            ],
            bindings: &[
                (
                    "property_declaration",
                    "#variable_declaration|multi_variable_declaration",
                    "#variable_declaration/#user_type|nullable_type",
                    "#last",
                ),
                ("class_parameter", "#identifier", "#user_type|nullable_type", "-"),
                ("parameter", "#identifier", "#user_type|nullable_type", "-"),
                ("assignment", "left", "-", "right"),
            ],
            functions: &[(
                "function_declaration",
                "#function_value_parameters/>user_type|nullable_type",
            )],
            receiver: "#user_type|nullable_type",
            results: &[("return_expression", "#0"), ("function_body", "#0")],
            classes: &["class_declaration", "object_declaration"],
            closures: &[("lambda_literal", "#lambda_parameters")],
            only_tests: |_, _| false,
            gives: &[],
            untyped: false,
            aliases: &[("import", "#qualified_identifier", "#identifier")],
            imports: &["import", "package_header"],
            errors: Errors {
                tries: &[("try_expression", &["catch_block"])],
                catches: jvm::CATCHES,
                throws: &["throw_expression"],
                propagates: &[],
                branches: &[
                    ("if_expression", "condition", "#1"),
                    ("when_entry", "condition", "#last"),
                ],
                handlers: &[
                    ("catch", "", None),
                    ("exceptionOrNull", RESULT, Some(Handling::Unknown)),
                    ("fold", RESULT, None),
                    ("getOrDefault", RESULT, Some(Handling::AnyErrorFallback)),
                    ("getOrElse", RESULT, None),
                    ("getOrNull", RESULT, Some(Handling::AnyErrorFallback)),
                    ("getOrThrow", RESULT, Some(Handling::Propagates)),
                    ("onFailure", RESULT, None),
                    ("recover", RESULT, None),
                    ("recoverCatching", RESULT, None),
                ],
                by_value: Values::Thrown,
            },
        },
    }
}

/// Comments nest. At each that does not end, the parser looks for its end up to that of the text.
fn readable(text: &[u8]) -> bool {
    const STEPS: usize = 64 << 20;
    let (mut open, mut rest) = (0_usize, text);
    while let Some(at) = memchr::memchr2(b'/', b'*', rest) {
        let mark = rest.get(at..at + 2).unwrap_or_default();
        match mark {
            b"/*" => open += 1,
            b"*/" => open = open.saturating_sub(1),
            _ => (),
        }
        rest = &rest[(at + if matches!(mark, b"/*" | b"*/") { 2 } else { 1 }).min(rest.len())..];
    }
    open.saturating_mul(text.len()) < STEPS
}
