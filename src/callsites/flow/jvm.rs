//! What Java and Kotlin share: the names that generators give to clients and servers.

use super::servers::{Servers, Shape};
use crate::callsites::ServedStatus;

/// Types that catch the status of a call.
pub(super) const CATCHES: &[&str] = &[
    "Throwable",
    "Exception",
    "RuntimeException",
    "StatusRuntimeException",
    "StatusException",
    "ExecutionException",
    "CompletionException",
];

/// What grpc-java, grpc-kotlin and Vert.x call an RPC.
pub(super) fn forms(rpc: &str) -> Vec<String> {
    let name = lower_first(rpc);
    let handler = format!("{name}WithHandler");
    vec![name, handler]
}

/// What gives away a client.
pub(super) fn tokens(service: &str) -> Vec<String> {
    const KINDS: [&str; 6] =
        ["Stub", "BlockingStub", "BlockingV2Stub", "FutureStub", "VertxStub", "CoroutineStub"];
    let mut tokens: Vec<String> = KINDS.iter().map(|it| format!("{service}{it}")).collect();
    tokens.extend([
        format!("{service}Grpc"),
        format!("Vertx{service}Grpc"),
        format!("{service}GrpcKt"),
    ]);
    tokens
}

/// `SGrpc` holds stubs, servers and descriptors.
pub(super) fn is_client(text: &str, token: &str, _: &str) -> bool {
    let holder = token.ends_with("Grpc") || token.ends_with("GrpcKt");
    !holder || (text.contains("new") && text.contains("Stub")) && !text.contains("import ")
}

/// What servers extend, or implement: `SGrpc.AsyncService`.
pub(super) fn servers(types: &'static [Shape]) -> Servers {
    Servers {
        bases: |service| {
            ["ImplBase", "CoroutineImplBase", "VertxImplBase", "Grpc"]
                .iter()
                .map(|it| format!("{service}{it}"))
                .collect()
        },
        is_base: |text, token, _| !token.ends_with("Grpc") || text.contains("AsyncService"),
        types,
        registers: &[],
        missing: ServedStatus::Inherited,
        plain: &["AsyncService"],
    }
}

/// A file that only tests need, or that was built.
pub(super) fn left_out(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    let folder = |part: &str| {
        matches!(part, "test" | "tests" | "testFixtures" | "androidTest" | "build" | "generated")
            // The tests of one platform: `jvmTest`, `commonTest`.
            || part.ends_with("Test")
    };
    let made = ["Grpc", "GrpcKt", "Test", "Tests"].iter().any(|it| stem.ends_with(it));
    let (folders, _) = path.rsplit_once('/').unwrap_or_default();
    made || folders.split('/').any(folder)
}

/// As protoc-gen-grpc-java begins the names of methods.
fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
