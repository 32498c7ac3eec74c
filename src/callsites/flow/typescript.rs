//! TypeScript and JavaScript: connect-es and grpc-js.

use super::{
    Dialect, Syntax,
    handling::{Errors, Values},
    servers::{Register, Servers},
};
use crate::callsites::ServedStatus;

pub(super) fn dialect() -> Dialect {
    let script = tree_sitter_typescript::LANGUAGE_TYPESCRIPT;
    let markup = tree_sitter_typescript::LANGUAGE_TSX;
    Dialect {
        grammars: vec![
            (".tsx", markup.into()),
            (".jsx", markup.into()),
            (".ts", script.into()),
            (".mts", script.into()),
            (".cts", script.into()),
            (".js", markup.into()),
            (".mjs", markup.into()),
            (".cjs", markup.into()),
        ],
        readable: |_| true,
        left_out,
        forms: |rpc| {
            let mut chars = rpc.chars();
            let first = chars.next().into_iter().flat_map(char::to_lowercase);
            let lower: String = first.chain(chars).collect();
            if lower == rpc { vec![lower] } else { vec![lower, rpc.to_owned()] }
        },
        tokens: |service| vec![service.to_owned(), format!("{service}Client")],
        is_client: |text, token, service| {
            if token != service {
                return !text.contains("import ");
            }
            makes_client(text)
                || text.contains(&format!("typeof {service}"))
                || (text.trim_start().starts_with("new ") && text.contains(&format!("{service}(")))
        },
        servers: Servers {
            bases: |service| {
                vec![service.to_owned(), format!("{service}Server"), format!("I{service}Server")]
            },
            is_base: |text, token, service| match token == service {
                true => {
                    text.contains("ServiceImpl<") && text.contains(&format!("typeof {service}"))
                }
                false => !text.is_empty(),
            },
            types: &[
                ("class_declaration", "name", &["#class_heritage"], "body"),
                ("variable_declarator", "name", &["type", "value/#generic_type"], "value/#object"),
                ("variable_declarator", "name", &["type"], "value"),
            ],
            registers: &[
                Register { name: ("service", ""), words: registered, service: Some(0), server: 1 },
                Register {
                    name: ("addService", ""),
                    words: registered,
                    service: Some(0),
                    server: 1,
                },
            ],
            missing: ServedStatus::Inherited,
            plain: &[],
        },
        syntax: Syntax {
            members: &[("member_expression", "object", "property")],
            paths: &[],
            tokens: "",
            calls: &[("call_expression", "function"), ("new_expression", "constructor")],
            arguments: "arguments",
            transparent: &[
                "await_expression",
                "parenthesized_expression",
                "non_null_expression",
                "as_expression",
            ],
            bindings: &[
                ("variable_declarator", "name", "type", "value"),
                ("public_field_definition", "name", "type", "value"),
                ("property_signature", "name", "type", "-"),
                ("required_parameter", "pattern", "type", "value"),
                ("optional_parameter", "pattern", "type", "value"),
                ("assignment_expression", "left", "-", "right"),
                ("pair", "key", "-", "value"),
            ],
            functions: &[
                ("function_declaration", "return_type"),
                ("method_definition", "return_type"),
                ("generator_function_declaration", "return_type"),
            ],
            receiver: "",
            results: &[("return_statement", "#0")],
            classes: &["class_declaration", "abstract_class_declaration"],
            closures: &[("arrow_function", "parameters"), ("function_expression", "parameters")],
            only_tests: |_, _| false,
            gives: &["inject", "useContext", "getContext", "use"],
            untyped: true,
            aliases: &[],
            imports: &["import_statement"],
            errors: Errors {
                tries: &[("try_statement", &["catch_clause"])],
                catches: &[],
                throws: &["throw_statement"],
                propagates: &[],
                branches: &[
                    ("if_statement", "condition", "consequence"),
                    ("switch_case", "value", "-"),
                    ("ternary_expression", "condition", "consequence"),
                ],
                handlers: &[("catch", "", None), ("catchError", "", None)],
                by_value: Values::Told,
            },
        },
    }
}

/// A function is called that by its name makes a client: `createClient(Fleet, …)`, and what people
/// call their own.
fn makes_client(text: &str) -> bool {
    let word = |it: char| it.is_alphanumeric() || it == '_';
    text.split("lient").skip(1).any(|rest| rest.trim_start_matches(word).starts_with(['(', '<']))
}

fn left_out(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem: Vec<&str> = file.split('.').collect();
    let test = |part: &str| {
        matches!(part, "test" | "spec" | "cy") || part.ends_with("-test") || part.ends_with("_test")
    };
    let tests = stem.iter().any(|part| test(part));
    let generated =
        ["_pb.ts", "_pb.js", "_pb.d.ts", "_connect.ts", "_connect.js", ".min.js", ".d.ts"];
    let folder = |part: &str| {
        matches!(part, "node_modules" | "dist" | "gen" | "vendor")
            || matches!(part, "__tests__" | "__mocks__" | "test" | "tests" | "e2e")
    };
    tests || generated.iter().any(|it| file.ends_with(it)) || path.split('/').any(folder)
}

/// connect-es names the service, grpc-js `S.service`, `SService` or `SService.service`.
fn registered(service: &str) -> Vec<String> {
    vec![service.to_owned(), format!("{service}Service")]
}
