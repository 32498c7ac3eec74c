//! Python: grpcio's stubs, and those of betterproto and grpclib.

use heck::ToSnakeCase as _;

use super::{
    Dialect, Syntax,
    handling::{Errors, Values},
    servers::{Register, Servers},
};
use crate::callsites::ServedStatus;

pub(super) fn dialect() -> Dialect {
    Dialect {
        grammars: vec![(".py", tree_sitter_python::LANGUAGE.into())],
        readable: |_| true,
        left_out,
        forms: |rpc| {
            let snake = rpc.to_snake_case();
            if snake == rpc { vec![snake] } else { vec![rpc.to_owned(), snake] }
        },
        tokens: |service| vec![format!("{service}Stub"), format!("{service}AsyncStub")],
        is_client: |_, _, _| true,
        servers: Servers {
            bases: |service| vec![format!("{service}Servicer"), format!("{service}Base")],
            is_base: |_, _, _| true,
            types: &[("class_definition", "name", &["superclasses"], "body")],
            registers: &[Register {
                name: ("add_", "Servicer_to_server"),
                words: |service| vec![format!("add_{service}Servicer_to_server")],
                service: None,
                server: 0,
            }],
            missing: ServedStatus::Inherited,
            plain: &["ABC", "Generic", "Protocol"],
        },
        syntax: Syntax {
            members: &[("attribute", "object", "attribute")],
            paths: &[],
            tokens: "",
            calls: &[("call", "function")],
            arguments: "arguments",
            transparent: &["await", "parenthesized_expression"],
            bindings: &[
                ("assignment", "left", "type", "right"),
                ("typed_parameter", "name", "type", "-"),
                ("typed_default_parameter", "name", "type", "value"),
                ("as_pattern", "alias", "-", "#0"),
                ("for_statement", "left", "-", "right"),
                ("keyword_argument", "name", "-", "value"),
            ],
            functions: &[("function_definition", "return_type")],
            receiver: "",
            results: &[("return_statement", "#0")],
            classes: &["class_definition"],
            closures: &[("lambda", "parameters")],
            only_tests: |_, _| false,
            gives: &[],
            untyped: true,
            aliases: &[("aliased_import", "name", "alias")],
            imports: &["import_statement", "import_from_statement"],
            errors: Errors {
                tries: &[("try_statement", &["except_clause", "except_group_clause"])],
                catches: &["BaseException", "Exception", "RpcError", "AioRpcError", "GRPCError"],
                throws: &["raise_statement"],
                propagates: &[],
                branches: &[
                    ("if_statement", "condition", "consequence"),
                    ("elif_clause", "condition", "consequence"),
                    ("case_clause", "#case_pattern", "consequence"),
                ],
                handlers: &[],
                by_value: Values::Thrown,
            },
        },
    }
}

fn left_out(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let generated = ["_pb2.py", "_pb2_grpc.py"].iter().any(|ending| file.ends_with(ending));
    let tests = file.starts_with("test_") || file.ends_with("_test.py") || file == "conftest.py";
    let hidden = |part: &str| matches!(part, "tests" | "test" | "site-packages" | ".venv" | "venv");
    generated || tests || path.split('/').any(hidden)
}
