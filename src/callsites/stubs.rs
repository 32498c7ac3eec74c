//! What generators make of services: clients to look for, by the names that each language gives
//! them.

use std::{collections::BTreeMap, sync::Arc};

use crate::schema::{FullName, Schema};

/// A service whose calls are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// Its full name.
    pub service: FullName,
    /// The file that declares it; empty if only generated code was seen.
    pub file: Arc<str>,
    /// The import path of its Go code, and maybe `;` and the name of the package.
    pub go_package: Option<Arc<str>>,
    /// By name.
    pub methods: BTreeMap<Arc<str>, StubMethod>,
}

/// An RPC whose calls are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubMethod {
    /// The client may send any number of requests.
    pub client_streaming: bool,
    /// The server may send any number of responses.
    pub server_streaming: bool,
    /// The name of the request's type inside its package; `Outer_Inner` if it is nested.
    pub request: Arc<str>,
    /// That of the response's.
    pub response: Arc<str>,
}

impl Stub {
    /// The full name of one of its methods.
    pub(super) fn rpc(&self, method: &str) -> FullName {
        FullName::new(&format!("{}.{method}", self.service))
    }
}

impl StubMethod {
    /// Either end may send any number of messages.
    pub fn streams(&self) -> bool {
        self.client_streaming || self.server_streaming
    }
}

/// The stubs of all services of a schema.
pub fn stubs(schema: &Schema) -> Vec<Stub> {
    let stub = |service: &crate::schema::Service| {
        let file = schema.sites.file(&service.name);
        let methods = service.methods.values().map(|method| {
            let known = StubMethod {
                client_streaming: method.client_streaming,
                server_streaming: method.server_streaming,
                request: type_name(schema, &method.request),
                response: type_name(schema, &method.response),
            };
            (method.name.leaf().into(), known)
        });
        let go_package = file.and_then(|file| file.go_package.as_deref());
        Stub {
            service: service.name.clone(),
            file: file.map_or_else(|| "".into(), |file| file.path.clone()),
            go_package: go_package.filter(|it| is_import_path(it)).map(Arc::from),
            methods: methods.collect(),
        }
    };
    schema.services.values().map(|service| stub(service)).collect()
}

/// It is not a bare name or a relative path, which say nothing of where the code ends up.
fn is_import_path(go_package: &str) -> bool {
    let path = go_package.split(';').next().unwrap_or_default();
    path.contains('/') && !path.starts_with(['.', '/'])
}

/// What generators that know no nesting call a message.
fn type_name(schema: &Schema, message: &FullName) -> Arc<str> {
    let mut name = message.leaf().to_owned();
    let mut outer = message.parent();
    while let Some(message) = schema.messages.get(outer) {
        name = format!("{}_{name}", message.name.leaf());
        outer = message.name.parent();
    }
    name.into()
}

/// Service and method of `pkg.Service/Method`.
pub(super) fn call_path(path: &str) -> Option<(&str, &str)> {
    let (service, method) = path.split_once('/')?;
    let name = |text: &str| {
        let word = |char: char| char.is_ascii_alphanumeric() || char == '_';
        text.starts_with(|char: char| char.is_ascii_alphabetic()) && text.chars().all(word)
    };
    let full = service.contains('.') && service.split('.').all(name);
    (full && name(method)).then_some((service, method))
}
