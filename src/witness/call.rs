//! The proof of a finding about a call: what each runtime shows, and how to see it.
//!
//! Sources: the runtimes themselves, tried (C-core 1.85) or read (grpc-go, grpc-java, tonic).

use crate::{
    judge::Finding,
    schema::{FullName, Method, Schema, Service},
};

/// A call that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallWitness {
    /// What is called: a path of gRPC, or the verb and path of an HTTP binding.
    pub path: String,
    /// What happens, by what it depends on.
    pub cases: Vec<Case>,
    /// A command that shows it on a server of the receiver's version.
    pub command: String,
}

/// What the runtimes show in one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// When it happens.
    pub when: &'static str,
    /// By the runtime that takes the call or the message.
    pub shown: Vec<Shown>,
}

/// What one runtime shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// `grpc-go`, …
    pub runtime: &'static str,
    /// The status as gRPC writes it, or a word for what happens without one.
    pub status: &'static str,
    /// The text that comes with the status and stands in logs.
    pub message: String,
}

/// The proof, for the rules that are about calls.
pub(super) fn prove(finding: &Finding, sender: &Schema, receiver: &Schema) -> Option<CallWitness> {
    let call = finding.calls.first()?;
    let (theirs, ours) = (sender.method(call), receiver.method(call));
    match (finding.rule.id, theirs, ours) {
        (
            "service-unimplemented" | "rpc-unimplemented" | "guard-at-open-only",
            Some(method),
            None,
        ) => Some(unimplemented(method, sender, receiver)),
        ("rpc-refused" | "guard-at-open-only", Some(method), Some(_)) => {
            Some(refused(method, sender))
        }
        ("rpc-streaming-mismatch", Some(client), Some(server)) => {
            Some(streaming(client, server, sender))
        }
        ("http-binding-missing", Some(client), Some(server)) => unbound(client, server),
        ("connect-get-refused", Some(client), Some(_)) => Some(by_get(client)),
        _ => None,
    }
}

fn unimplemented(method: &Method, sender: &Schema, receiver: &Schema) -> CallWitness {
    let (service, leaf) = (method.name.parent(), method.name.leaf());
    let served: Option<&Service> = receiver.services.get(service).map(|it| &**it);
    let go = match served {
        Some(_) => format!("unknown method {leaf} for service {service}"),
        None => format!("unknown service {service}"),
    };
    let status = "UNIMPLEMENTED";
    let shown = |runtime, message| Shown { runtime, status, message };
    let when = match method.client_streaming || method.server_streaming {
        false => "the client calls it",
        true => "the client calls it; in Go, the status comes with the first Recv",
    };
    let shown = vec![
        shown("grpc-go", go),
        shown("grpc-java", format!("Method not found: {service}/{leaf}")),
        shown("C-core, Python", "Method not found!".to_owned()),
        shown("tonic", String::new()),
    ];
    CallWitness {
        path: method.name.path(),
        cases: vec![Case { when, shown }],
        command: grpcurl(method, sender, "'{}'"),
    }
}

/// What generated code answers for a method that nobody wrote. A refusal by hand has its own text.
fn refused(method: &Method, sender: &Schema) -> CallWitness {
    let (service, leaf) = (method.name.parent(), method.name.leaf());
    let shown = |runtime, message| Shown { runtime, status: "UNIMPLEMENTED", message };
    let generated = vec![
        shown("grpc-go", format!("method {leaf} not implemented")),
        shown("connect-go", format!("{service}.{leaf} is not implemented")),
        shown("grpc-java", format!("Method {service}/{leaf} is unimplemented")),
        shown("Python", "Method not implemented!".to_owned()),
    ];
    CallWitness {
        path: method.name.path(),
        cases: vec![Case {
            when: "the client calls it, and the server leaves it to what was generated",
            shown: generated,
        }],
        command: grpcurl(method, sender, "'{}'"),
    }
}

type Row = (&'static str, &'static str, &'static str);

/// A server that takes one request meets a client that streams.
const NO_REQUEST: [Row; 4] = [
    ("grpc-go", "INTERNAL", "received no request message"),
    ("grpc-java", "INTERNAL", "Half-closed without a request"),
    ("C-core, Python", "UNIMPLEMENTED", "requires exactly one request message"),
    ("tonic", "INTERNAL", "Missing request message."),
];
const MANY_REQUESTS: [Row; 4] = [
    ("grpc-go", "INTERNAL", "multiple request messages"),
    ("grpc-java", "INTERNAL", "Too many requests"),
    ("C-core, Python", "OK", "the first is used, the others are dropped"),
    ("tonic", "OK", "the first is used, the others are dropped"),
];
/// A client that takes one response meets a server that streams.
const NO_RESPONSE: [Row; 4] = [
    ("grpc-go", "INTERNAL", "received no response message"),
    ("grpc-java", "INTERNAL", "No value received for unary call"),
    ("C-core, Python", "OK", "the response is nothing, without an error"),
    ("tonic", "INTERNAL", "Missing response message."),
];
const MANY_RESPONSES: [Row; 4] = [
    ("grpc-go", "INTERNAL", "expected EOF"),
    ("grpc-java", "INTERNAL", "blocking stubs; CANCELLED from others"),
    ("C-core, Python", "no status", "the call waits until its deadline"),
    ("tonic", "OK", "the first is used, once the stream has ended"),
];

fn streaming(client: &Method, server: &Method, sender: &Schema) -> CallWitness {
    let case = |when, rows: [Row; 4]| {
        let shown = rows.map(|(runtime, status, message)| {
            let message = message.to_owned();
            Shown { runtime, status, message }
        });
        Case { when, shown: shown.into() }
    };
    let mut cases = Vec::new();
    if client.client_streaming && !server.client_streaming {
        cases.push(case("the client sends no request; by the server", NO_REQUEST));
        cases.push(case("the client sends two requests or more; by the server", MANY_REQUESTS));
    }
    if server.server_streaming && !client.server_streaming {
        cases.push(case("the server sends no response; by the client", NO_RESPONSE));
        cases.push(case("the server sends two responses or more; by the client", MANY_RESPONSES));
    }
    let data = if client.client_streaming { "'{} {}'" } else { "'{}'" };
    CallWitness { path: client.name.path(), cases, command: grpcurl(client, sender, data) }
}

fn unbound(client: &Method, server: &Method) -> Option<CallWitness> {
    let binding = client.http.iter().find(|it| !server.http.contains(it))?;
    let path = format!("{} {}", binding.verb, binding.path);
    let known = server.http.iter().any(|it| it.verb == binding.verb && it.path == binding.path);
    let (status, message) = match known {
        true => ("400", "or a field that stays unset: the path is there, with another body"),
        false => ("404", "or 405, if another verb has the path"),
    };
    let shown = vec![Shown { runtime: "gateway", status, message: message.to_owned() }];
    let data = if binding.body.is_empty() { "" } else { " -d '{}'" };
    let url = quoted(&format!("http://localhost:8080{}", binding.path));
    Some(CallWitness {
        path,
        cases: vec![Case { when: "a REST client calls it", shown }],
        command: format!("curl -i -X {}{data} {url}", quoted(&binding.verb)),
    })
}

fn by_get(client: &Method) -> CallWitness {
    let shown = |runtime, status: &'static str, message: &str| Shown {
        runtime,
        status,
        message: message.to_owned(),
    };
    let path = client.name.path();
    let shown = vec![
        shown("connect-go", "405", "which the client reports as UNKNOWN or UNIMPLEMENTED"),
        shown("others", "405", "or 415, or 501"),
    ];
    let query = "connect=v1&encoding=json&message=%7B%7D";
    CallWitness {
        command: format!("curl -i {}", quoted(&format!("http://localhost:8080{path}?{query}"))),
        path: format!("GET {path}"),
        cases: vec![Case { when: "a client of Connect that uses GET calls it", shown }],
    }
}

/// With the client's own schema, or grpcurl asks the server for its. To be run at the top of the
/// client's tree.
fn grpcurl(method: &Method, sender: &Schema, data: &str) -> String {
    let schema = sender.sites.file(&service(&method.name)).map_or(String::new(), |file| {
        let under = |root: &&String| file.path.strip_prefix(&***root)?.strip_prefix('/');
        let name = file.roots.iter().filter(|it| !it.is_empty()).find_map(|it| under(&it));
        let top = name.is_none() || file.roots.iter().any(String::is_empty);
        let roots = file.roots.iter().filter(|it| !it.is_empty()).map(String::as_str);
        let roots = top.then_some(".").into_iter().chain(roots);
        let roots: String = roots.map(|it| format!(" -import-path {}", quoted(it))).collect();
        format!("{roots} -proto {}", quoted(name.unwrap_or(&file.path)))
    });
    let (service, leaf) = (method.name.parent(), method.name.leaf());
    format!("grpcurl -plaintext{schema} -d {data} localhost:8080 {service}/{leaf}")
}

fn service(method: &FullName) -> FullName {
    FullName::new(method.parent())
}

/// One word of a shell's command line.
fn quoted(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "/._-:=".contains(it);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
