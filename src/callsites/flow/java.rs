//! Java: grpc-java's stubs, and those of Vert.x.

use super::{
    Dialect, Syntax,
    handling::{Errors, Values},
};

pub(super) fn dialect() -> Dialect {
    Dialect {
        grammars: vec![(".java", tree_sitter_java::LANGUAGE.into())],
        left_out,
        forms: |rpc| {
            let name = lower_first(rpc);
            let handler = format!("{name}WithHandler");
            vec![name, handler]
        },
        tokens: |service| {
            let kinds = [
                "Stub",
                "BlockingStub",
                "BlockingV2Stub",
                "FutureStub",
                "VertxStub",
                "CoroutineStub",
            ];
            let mut tokens: Vec<String> = kinds.iter().map(|it| format!("{service}{it}")).collect();
            tokens.extend([
                format!("{service}Grpc"),
                format!("Vertx{service}Grpc"),
                format!("{service}GrpcKt"),
            ]);
            tokens
        },
        // `SGrpc` holds stubs, servers and descriptors.
        is_client: |text, token, _| {
            let holder = token.ends_with("Grpc") || token.ends_with("GrpcKt");
            !holder || (text.contains("new") && text.contains("Stub")) && !text.contains("import ")
        },
        syntax: Syntax {
            members: &[
                ("method_invocation", "object", "name"),
                ("field_access", "object", "field"),
            ],
            calls: &[("object_creation_expression", "-")],
            transparent: &["parenthesized_expression", "cast_expression"],
            bindings: &[
                ("variable_declarator", "name", "-", "value"),
                ("formal_parameter", "name", "type", "-"),
                ("assignment_expression", "left", "-", "right"),
            ],
            functions: &[("method_declaration", "type"), ("constructor_declaration", "-")],
            classes: &[
                "class_declaration",
                "interface_declaration",
                "enum_declaration",
                "record_declaration",
            ],
            aliases: &[],
            imports: &[],
            errors: Errors {
                tries: &[
                    ("try_statement", &["catch_clause"]),
                    ("try_with_resources_statement", &["catch_clause"]),
                ],
                throws: &["throw_statement"],
                propagates: &[],
                matches: &[],
                by_value: Values::Thrown,
            },
        },
    }
}

fn left_out(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let folder =
        |part: &str| matches!(part, "test" | "tests" | "testFixtures" | "build" | "generated");
    file.ends_with("Grpc.java") || file.ends_with("Test.java") || path.split('/').any(folder)
}

/// As protoc-gen-grpc-java begins the names of methods.
pub(super) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
