//! The words of the runtimes.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Clue, Says};

/// Words by which a runtime may be known, compiled.
pub(super) struct Pattern {
    runtime: Option<&'static str>,
    says: Says,
    regex: Regex,
}

/// Whose words, what they mean, and what they are. `<S>` stands for the name of a service, `<M>`
/// for that of a method.
type Text = (&'static str, Says, &'static str);

const GO: &str = "grpc-go";
const CORE: &str = "gRPC C-core (C++, Python, Ruby, PHP)";
const PYTHON: &str = "gRPC Python";
const JAVA: &str = "grpc-java";
const TONIC: &str = "tonic";
const NODE: &str = "grpc-js";
const CONNECT: &str = "Connect";
const DOTNET: &str = "grpc-dotnet";
const GATEWAY: &str = "grpc-gateway";
/// Several say so.
const ANY: &str = "";

const WORDS: [Text; 44] = [
    // server.go
    (GO, Says::NoMethod, r"unknown method <M> for service <S>"),
    (GO, Says::NoService, r"unknown service <S>"),
    (GO, Says::Malformed, r"malformed method name: "),
    // What protoc-gen-go-grpc writes into Unimplemented…Server.
    (GO, Says::NoBody, r"\bmethod <M> not implemented\b"),
    (GO, Says::Compression, r"Decompressor is not installed for grpc-encoding"),
    // internal/transport/http2_client.go; older ones wrote the second.
    (GO, Says::NotFound, r"unexpected HTTP status code received from server: 404\b"),
    (GO, Says::NotFound, r"transport: received the unexpected [^;]*404"),
    (GO, Says::Unimplemented, r"rpc error: code = Unimplemented desc ="),
    // The server of C++ and the servers on top of C-core.
    (CORE, Says::NoMethod, r"\bMethod not found!"),
    // The base class that protoc writes for Python.
    (PYTHON, Says::NoBody, r"\bMethod not implemented!"),
    (CORE, Says::NotFound, r"Received http2 header with status: 404\b"),
    (CORE, Says::Cardinality, r"requires exactly one request message"),
    (CORE, Says::Unimplemented, r#"\bgrpc_status"?\s*:\s*12\b"#),
    (PYTHON, Says::Unimplemented, r"\bStatusCode\.UNIMPLEMENTED\b"),
    // core/…/ServerImpl.java, and the base class in stub/…/ServerCalls.java.
    (JAVA, Says::NoMethod, r"\bMethod not found: /?<S>/<M>"),
    (JAVA, Says::NoBody, r"\bMethod <S>/<M> is unimplemented\b"),
    (JAVA, Says::Compression, r"Can't find decompressor for \S"),
    (JAVA, Says::NotFound, r"\bHTTP status code 404\b"),
    (JAVA, Says::Unimplemented, r"StatusRuntimeException: UNIMPLEMENTED\b"),
    // tonic/src/status.rs, before and after 0.13; the trailing words of `Display`.
    (TONIC, Says::Unimplemented, r"\bstatus: Unimplemented\b"),
    (TONIC, Says::Unimplemented, r"code: '?Operation is not implemented or not supported"),
    (TONIC, Says::Unimplemented, r"\bStatus \{ code: Unimplemented\b"),
    (TONIC, Says::NotFound, r"mapped from HTTP status code 404\b"),
    (TONIC, Says::Compression, r"Content is compressed with `[^`]*` which isn't supported"),
    // What tonic-build writes with `generate_default_stubs`.
    (TONIC, Says::NoBody, r#"Unimplemented.*\bmessage: "Not yet implemented""#),
    (TONIC, Says::NoBody, r#"not implemented or not supported.*message: "Not yet implemented""#),
    // packages/grpc-js/src/server.ts; the native package before it wrote the second.
    (NODE, Says::NoMethod, r"The server does not implement the method /?<S>/<M>"),
    (NODE, Says::NoMethod, r"RPC method not implemented: /?<S>/<M>"),
    (NODE, Says::NotFound, r"\bReceived HTTP status code 404\b"),
    (NODE, Says::Compression, r"Received message compressed with unsupported encoding"),
    (NODE, Says::Cardinality, r"UNIMPLEMENTED: Too many responses received"),
    (NODE, Says::Unimplemented, r"\b12 UNIMPLEMENTED\b"),
    // What protoc-gen-connect-go writes into Unimplemented…Handler.
    (CONNECT, Says::NoBody, r"\b<S>\.<M> is not implemented\b"),
    (CONNECT, Says::Compression, r#"unknown compression "[^"]*": supported encodings are"#),
    (CONNECT, Says::Cardinality, r"unary (?:request|response) has (?:zero|multiple) messages"),
    // The status line of the answer, from a server that speaks HTTP and not this service.
    (CONNECT, Says::NotFound, r"\bunimplemented: (?:HTTP status )?404\b"),
    (CONNECT, Says::NotFound, r"\[unimplemented\] HTTP 404\b"),
    (CONNECT, Says::Unimplemented, r"(?:\[unimplemented\]|\bunimplemented:) "),
    // What its server logs, and what its client throws.
    (DOTNET, Says::NoService, r"Service '<S>' is unimplemented\."),
    (DOTNET, Says::NoMethod, r"Method '<M>' is unimplemented\."),
    (DOTNET, Says::NoService, r"\bService is unimplemented\."),
    (DOTNET, Says::NoMethod, r"\bMethod is unimplemented\."),
    (DOTNET, Says::NotFound, r"Bad gRPC response\. HTTP status code: 404\b"),
    (DOTNET, Says::Compression, r"Unsupported grpc-encoding value '"),
];

/// In these, order matters less than that nothing else is taken for them.
const MORE: [Text; 7] = [
    (DOTNET, Says::Unimplemented, r#"Status\(StatusCode="?Unimplemented"#),
    // runtime/errors.go: routing errors have the text of the HTTP status.
    (GATEWAY, Says::NoRoute, r#""code"\s*:\s*5\s*,\s*"message"\s*:\s*"Not Found""#),
    (GATEWAY, Says::NoRoute, r#""code"\s*:\s*12\s*,\s*"message"\s*:\s*"Method Not Allowed""#),
    (ANY, Says::Unimplemented, r#"\bgrpc[-_.]status(?:_code|-code)?"?\s*[:=]\s*"?12\b"#),
    (ANY, Says::Unimplemented, r#"\b(?:grpc\.)?code"?\s*[:=]\s*"?(?:12\b|[Uu]nimplemented\b)"#),
    (ANY, Says::Unimplemented, r"\b(?:UNIMPLEMENTED|Unimplemented)\b"),
    (ANY, Says::Unimplemented, r"\bunimplemented \(12\)"),
];

/// All of them.
pub(super) static TEXTS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    WORDS
        .iter()
        .chain(&MORE)
        .map(|&(runtime, says, text)| Pattern::new(runtime, says, text))
        .collect()
});

/// Where a call may be named without a word on how it ended.
pub(super) struct Names {
    /// The path of a request.
    pub(super) path: Pattern,
    /// A field of a structured log, as gRPC's middlewares and OpenTelemetry name it.
    pub(super) service: Pattern,
    /// Likewise.
    pub(super) method: Pattern,
}

pub(super) static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let named = |text| Pattern::new(ANY, Says::Named, text);
    Names {
        path: named(r"/<S>/<M>(?:[^A-Za-z0-9_./-]|$)"),
        service: named(r#"\b(?:grpc|rpc)[._]service"?\s*[:=]\s*"?<S>"#),
        method: named(r#"\b(?:grpc|rpc)[._]method"?\s*[:=]\s*"?<M>\b"#),
    }
});

/// A sign that a call failed in one of these ways: a status, a number, a word.
pub(super) static FAILURES: LazyLock<Regex> = LazyLock::new(|| {
    build(
        r"(?i)unimplemented|not implemented|not found|unknown (?:method|service)|does not implement|\b(?:404|405|501)\b|status\D{0,8}12\b|code\D{0,4}12\b",
    )
});

impl Pattern {
    fn new(runtime: &'static str, says: Says, text: &str) -> Pattern {
        const NAME: &str = "[A-Za-z_][A-Za-z0-9_]*";
        let service = format!(r"(?<service>{NAME}(?:\.{NAME})*)");
        let method = format!("(?<method>{NAME})");
        let regex = build(&text.replace("<S>", &service).replace("<M>", &method));
        Pattern { runtime: (!runtime.is_empty()).then_some(runtime), says, regex }
    }

    /// Every place where the words stand.
    pub(super) fn find<'t>(&'t self, line: &'t str) -> impl Iterator<Item = Clue> + 't {
        let name = |found: &Captures<'_>, name| found.name(name).map(|it| it.as_str().to_owned());
        let clues = self.regex.captures_iter(line).map(move |found| Clue {
            runtime: self.runtime,
            says: self.says,
            service: name(&found, "service"),
            method: name(&found, "method"),
            words: found[0].trim().to_owned(),
        });
        // "The method is not implemented" names none.
        clues.filter(|it| !matches!(it.method.as_deref(), Some("is" | "was")))
    }
}

fn build(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|_| unreachable!("a test builds each of them"))
}
