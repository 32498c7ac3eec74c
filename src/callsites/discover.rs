//! Services that only generated code shows: those of other people, whose `.proto` files are not in
//! the tree.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use memchr::memmem;

use super::stubs::{Stub, StubMethod, call_path};
use crate::{error::Error, schema::FullName, tree::Tree};

/// What generators for Go, Python, JavaScript and Java call their files.
const GENERATED: [&str; 6] =
    [".pb.go", ".connect.go", "_pb2_grpc.py", "_grpc_pb.js", "_grpc_pb.d.ts", "Grpc.java"];

/// The stubs that generated code of a tree shows by the paths of its calls (`/pkg.Service/Method`).
/// What it does not show of a method is taken for unary.
///
/// # Errors
/// The tree cannot be listed.
pub fn discover(tree: &Tree) -> Result<Vec<Stub>, Error> {
    let generated = |path: &str| GENERATED.iter().any(|ending| path.ends_with(ending));
    let mut found: BTreeMap<FullName, BTreeMap<Arc<str>, StubMethod>> = BTreeMap::new();
    for file in tree.files(&generated)? {
        let Ok((_, bytes)) = tree.read(&file) else { continue };
        for (service, methods) in paths(&bytes) {
            let shapes = shapes(&bytes, service);
            let known = found.entry(FullName::new(service)).or_default();
            for method in methods {
                let shape = shapes.get(method).cloned();
                match known.get_mut(method) {
                    Some(known) if known.request.is_empty() => {
                        *known = shape.unwrap_or_else(|| known.clone());
                    }
                    Some(_) => (),
                    None => drop(known.insert(method.into(), shape.unwrap_or_else(unary))),
                }
            }
        }
    }
    let stub = |(service, methods)| Stub { service, file: "".into(), go_package: None, methods };
    Ok(found.into_iter().map(stub).collect())
}

fn unary() -> StubMethod {
    StubMethod {
        client_streaming: false,
        server_streaming: false,
        request: "".into(),
        response: "".into(),
    }
}

/// The methods of each service whose paths stand in quotes.
fn paths(text: &[u8]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for quote in [b'"', b'\''] {
        for at in memmem::find_iter(text, &[quote, b'/']) {
            let rest = &text[at + 2..];
            let Some(end) = memchr::memchr(quote, &rest[..rest.len().min(400)]) else {
                continue;
            };
            let path = std::str::from_utf8(&rest[..end]).ok();
            if let Some((service, method)) = path.and_then(call_path) {
                found.entry(service).or_default().insert(method);
            }
        }
    }
    found
}

/// What Go's client of a service says of its methods:
/// `Check(ctx context.Context, in *Request, opts ...grpc.CallOption) (*Response, error)`.
fn shapes<'t>(text: &'t [u8], service: &str) -> BTreeMap<&'t str, StubMethod> {
    let leaf = service.rsplit('.').next().unwrap_or(service);
    let head = format!("type {leaf}Client interface {{");
    let Some(at) = memmem::find(text, head.as_bytes()) else { return BTreeMap::new() };
    let body = &text[at + head.len()..];
    let body = &body[..memmem::find(body, b"\n}").unwrap_or(body.len())];
    let lines = std::str::from_utf8(body).unwrap_or_default().lines();
    lines.filter_map(|line| shape(line.trim())).collect()
}

fn shape(line: &str) -> Option<(&str, StubMethod)> {
    let (name, rest) = line.split_once('(')?;
    let (params, results) = rest.split_once(") (")?;
    let result = results.split([',', ')']).next()?;
    let leaf = |text: &str| {
        let end = text.rfind(|char: char| !char.is_alphanumeric() && char != '_');
        Arc::<str>::from(&text[end.map_or(0, |at| at + 1)..])
    };
    let request = params.split(", ").find_map(|it| it.strip_prefix("in *"));
    let response = result.strip_prefix('*');
    let method = StubMethod {
        client_streaming: request.is_none(),
        // One that takes no request and returns a stream may have many responses as well.
        server_streaming: response.is_none(),
        request: request.map_or_else(|| "".into(), leaf),
        response: response.map_or_else(|| "".into(), leaf),
    };
    // Of connect-go's, `Check(context.Context, *connect.Request[v1.Check])`, nothing is taken.
    params.starts_with("ctx context.Context").then_some((name, method))
}

#[cfg(test)]
mod tests {
    use super::{paths, shapes};

    const HEALTH: &str = "const Health_Check_FullMethodName = \"/grpc.health.v1.Health/Check\"
const Health_Watch_FullMethodName = \"/grpc.health.v1.Health/Watch\"
// A comment
type HealthClient interface {
\tCheck(ctx context.Context, in *HealthCheckRequest, opts ...grpc.CallOption) (*v1.Answer, error)
\t// It answers again and again.
\tWatch(ctx context.Context, in *HealthCheckRequest, opts ...grpc.CallOption) (grpc.ServerStreamingClient[Answer], error)
\tTalk(ctx context.Context, opts ...grpc.CallOption) (Health_TalkClient, error)
}
";

    #[test]
    fn generated_clients_say_what_their_methods_take() {
        let methods = &paths(HEALTH.as_bytes())["grpc.health.v1.Health"];
        assert_eq!(methods.iter().copied().collect::<Vec<_>>(), ["Check", "Watch"]);
        let shapes = shapes(HEALTH.as_bytes(), "grpc.health.v1.Health");
        let streams = |name: &str| {
            let it = &shapes[name];
            (it.client_streaming, it.server_streaming, &*it.request, &*it.response)
        };
        assert_eq!(streams("Check"), (false, false, "HealthCheckRequest", "Answer"));
        assert_eq!(streams("Watch"), (false, true, "HealthCheckRequest", ""));
        assert_eq!(streams("Talk"), (true, true, "", ""));
    }
}
