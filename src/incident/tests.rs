use super::*;

/// What is recognised, as `says service/method`.
fn told(text: &str) -> Vec<String> {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "?".into());
    let told = |it: &Clue| format!("{:?} {}/{}", it.says, name(&it.service), name(&it.method));
    recognise(text, &|service| service == "lnrpc.lower").iter().map(told).collect()
}

#[test]
fn every_pattern_is_a_regular_expression_and_the_words_of_runtimes_are_known() {
    for (text, expected) in [
        // grpc-go
        (
            "rpc error: code = Unimplemented desc = unknown method ReportMetrics for service telepresence.manager.Manager",
            "NoMethod telepresence.manager.Manager/ReportMetrics",
        ),
        (
            "rpc error: code = Unimplemented desc = unknown service acme.v1.Users",
            "NoService acme.v1.Users/?",
        ),
        ("rpc error: code = Unimplemented desc = method Get not implemented", "NoBody ?/Get"),
        ("rpc error: code = Unimplemented desc = ", "Unimplemented ?/?"),
        (r#"rpc error: code = Unimplemented desc = malformed method name: "Get""#, "Malformed ?/?"),
        (
            r#"rpc error: code = Unimplemented desc = grpc: Decompressor is not installed for grpc-encoding "zstd""#,
            "Compression ?/?",
        ),
        (
            "rpc error: code = Unimplemented desc = unexpected HTTP status code received from server: 404 (Not Found); transport: received unexpected content-type \"text/html\"",
            "NotFound ?/?",
        ),
        // C-core
        (
            "<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNIMPLEMENTED\n\tdetails = \"Method not found!\"\n\tdebug_error_string = \"UNKNOWN:Error received from peer  {grpc_message:\"Method not found!\", grpc_status:12, created_time:\"2024-08-14T16:38:09\"}\"\n>",
            "NoMethod ?/?",
        ),
        ("\tdetails = \"Method not implemented!\"", "NoBody ?/?"),
        (
            "debug_error_string = \"UNKNOWN: {grpc_message:\"\", grpc_status:12}\"",
            "Unimplemented ?/?",
        ),
        ("details = \"Received http2 header with status: 404\"", "NotFound ?/?"),
        // grpc-java
        (
            "io.grpc.StatusRuntimeException: UNIMPLEMENTED: Method not found: acme.v1.Users/Get",
            "NoMethod acme.v1.Users/Get",
        ),
        (
            "Caused by: io.grpc.StatusRuntimeException: UNIMPLEMENTED: Method acme.v1.Users/Get is unimplemented",
            "NoBody acme.v1.Users/Get",
        ),
        ("UNIMPLEMENTED: HTTP status code 404\ninvalid content-type: text/plain", "NotFound ?/?"),
        // tonic
        (
            r#"status: Unimplemented, message: "", details: [], metadata: MetadataMap { headers: {} }"#,
            "Unimplemented ?/?",
        ),
        ("code: 'Operation is not implemented or not supported'", "Unimplemented ?/?"),
        (r#"Status { code: Unimplemented, source: None }"#, "Unimplemented ?/?"),
        (
            r#"code: 'Operation is not implemented or not supported', message: "grpc-status header missing, mapped from HTTP status code 404""#,
            "NotFound ?/?",
        ),
        (r#"status: Unimplemented, message: "Not yet implemented", details: []"#, "NoBody ?/?"),
        // grpc-js
        (
            "Error: 12 UNIMPLEMENTED: The server does not implement the method /acme.v1.Users/Get",
            "NoMethod acme.v1.Users/Get",
        ),
        ("Error: 12 UNIMPLEMENTED: Received HTTP status code 404", "NotFound ?/?"),
        // Connect
        ("unimplemented: 404 Not Found", "NotFound ?/?"),
        ("unimplemented: HTTP status 404 Not Found", "NotFound ?/?"),
        ("ConnectError: [unimplemented] HTTP 404", "NotFound ?/?"),
        ("unimplemented: acme.v1.Users.Get is not implemented", "NoBody acme.v1.Users/Get"),
        // grpc-dotnet
        (
            r#"Grpc.Core.RpcException: Status(StatusCode="Unimplemented", Detail="Service is unimplemented.")"#,
            "NoService ?/?",
        ),
        (
            r#"Status(StatusCode="Unimplemented", Detail="Method is unimplemented.")"#,
            "NoMethod ?/?",
        ),
        ("Service 'acme.v1.Users' is unimplemented.", "NoService acme.v1.Users/?"),
        (
            r#"Status(StatusCode="Unimplemented", Detail="Bad gRPC response. HTTP status code: 404")"#,
            "NotFound ?/?",
        ),
        // Gateways
        (r#"{"code":5,"message":"Not Found","details":[]}"#, "NoRoute ?/?"),
        (r#"{"code":12, "message":"Method Not Allowed", "details":[]}"#, "NoRoute ?/?"),
        // Fields and paths
        (
            r#"{"grpc.code":"Unimplemented","grpc.method":"Get","grpc.service":"acme.v1.Users"}"#,
            "Unimplemented acme.v1.Users/Get",
        ),
        (
            r#"[2026-01-01T00:00:00Z] "POST /acme.v1.Users/Get HTTP/2" 200 - via_upstream grpc-status=12"#,
            "Unimplemented acme.v1.Users/Get",
        ),
        ("POST /lnrpc.lower/get 404", "Named lnrpc.lower/get"),
        ("/acme.v1.Users/Get", "Named acme.v1.Users/Get"),
        // grpcurl
        (
            "ERROR:\n  Code: Unimplemented\n  Message: unknown service acme.v1.Users",
            "NoService acme.v1.Users/?",
        ),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
}

#[test]
fn words_are_found_inside_of_other_logs() {
    let expected = ["NoMethod acme.v1.Users/Get"];
    for text in [
        r#"{"level":"error","msg":"call: rpc error: code = Unimplemented desc = unknown method Get for service acme.v1.Users"}"#,
        r#"{"log":"{\"msg\":\"rpc error: code = Unimplemented desc = unknown method Get for service acme.v1.Users\"}\n"}"#,
        r#"time=2026-01-01 level=error err="rpc error: code = Unimplemented desc = \"unknown method Get for service acme.v1.Users\"""#,
        "\u{1b}[31mERROR\u{1b}[0m unknown method \u{1b}[1mGet\u{1b}[0m for service acme.v1.Users",
        "grpc-message: unknown%20method%20Get%20for%20service%20acme.v1.Users",
        "E0101 client.go:12] unknown method Get for service acme.v1.Users\r\n",
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn of_a_long_log_each_call_is_told_once() {
    let mut text = "GET /healthz 200\n/acme.v1.Users/List ok\n".repeat(50);
    for _ in 0..3 {
        text +=
            "rpc error: code = Unimplemented desc = unknown method Get for service acme.v1.Users\n";
        text += "UNIMPLEMENTED: Method not found: acme.v1.Users/Put\n";
        text += "unknown service acme.v1.Users\n";
    }
    let expected = ["NoMethod acme.v1.Users/Get", "NoMethod acme.v1.Users/Put"];
    assert_eq!(told(&text), expected);
}

#[test]
fn what_is_no_incident_is_none() {
    for text in [
        "",
        "\u{1b}",
        "connection refused",
        "open /usr/lib/Foo: no such file",
        "rpc error: code = Unavailable desc = connection refused",
        "at main (/go/pkg/mod/github.com/x/y.go:12)",
    ] {
        assert_eq!(told(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn any_text_is_read_in_time() {
    for text in [
        "a.".repeat(1 << 16),
        "/A.B/C ".repeat(1 << 16),
        "\\u".repeat(1 << 15),
        "\u{1b}[".repeat(1 << 15),
        "unknown method A for service ".repeat(1 << 13),
        "\u{0}\u{fffd}\u{202e}".repeat(1 << 15),
        "%20".repeat(1 << 15),
    ] {
        recognise(&text, &|_| true);
    }
}
