//! Generated Go packages, made up from the schema: whether they are in the tree or not, their
//! names are known.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use memchr::memmem;

use super::{
    index::Rpc,
    packages::{guessed_name, is_vendored},
    types::{Signature, Type},
};
use crate::callsites::{Resolution, Stub, sources::Source};

#[derive(Default)]
pub(super) struct Stubs {
    services: Vec<Service>,
    /// By package: the services whose code is in it.
    packages: HashMap<Arc<str>, Vec<usize>>,
    /// By package and name: the service whose client that is.
    clients: HashMap<(Arc<str>, Arc<str>), usize>,
    /// Packages of the tree with generated code, of these services or of others.
    generated: HashSet<Arc<str>>,
}

struct Service {
    /// Its calls are looked for. Others are known so that they are not taken for these.
    wanted: bool,
    /// `XClient` is that and `Client`.
    name: String,
    /// By their names in Go.
    methods: HashMap<Arc<str>, Method>,
}

struct Method {
    rpc: Arc<str>,
    request: Arc<str>,
    response: Arc<str>,
    streams: bool,
    client_streams: bool,
}

/// What a name in a generated package means.
pub(super) enum Generated {
    /// `NewXClient`: what it returns.
    Constructor(Type),
    /// `RegisterXServer` of grpc-go, `NewXHandler` of connect-go, with the place of the server
    /// among the arguments.
    Register { service: usize, argument: usize },
    /// `X_M_FullMethodName`.
    Path(Rpc),
}

impl Stubs {
    /// The packages of stubs, by `go_package`, and by generated files in the tree, which may have
    /// been made with another.
    pub(super) fn new(
        stubs: &[Stub],
        wanted: &dyn Fn(&Stub) -> bool,
        generated: &[(Arc<str>, &Source)],
    ) -> Stubs {
        let mut made = Stubs::default();
        for (at, stub) in stubs.iter().enumerate() {
            made.services.push(service(stub, wanted(stub)));
            if let Some((path, name)) = stub.go_package.as_deref().map(split) {
                made.package(at, &path.into(), name);
            }
        }
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, service) in made.services.iter().enumerate() {
            by_name.entry(service.name.clone()).or_default().push(at);
        }
        for (package, source) in generated {
            if !is_vendored(&source.path) {
                made.generated.insert(package.clone());
            }
            for client in clients(&source.text) {
                for &at in by_name.get(client).into_iter().flatten() {
                    if is_made_from(&source.text, &stubs[at]) {
                        made.package(at, package, guessed_name(package));
                    }
                }
            }
        }
        made
    }

    fn package(&mut self, service: usize, package: &Arc<str>, name: &str) {
        let plain = package.strip_suffix("connect").and_then(|rest| rest.rsplit_once('/'));
        let connect: Arc<str> = match plain {
            // Its generated code was found, and is connect's own package already.
            Some((above, last)) if above.rsplit('/').next() == Some(last) => package.clone(),
            _ => format!("{package}/{name}connect").into(),
        };
        for package in [package.clone(), connect] {
            let client = format!("{}Client", self.services[service].name);
            self.clients.insert((package.clone(), client.into()), service);
            let known = self.packages.entry(package).or_default();
            if !known.contains(&service) {
                known.push(service);
            }
        }
    }

    /// A type that stands for the client of a service.
    pub(super) fn alias(&mut self, service: usize, package: &str, name: &str) {
        self.clients.insert((package.into(), name.into()), service);
        self.packages.entry(package.into()).or_default();
    }

    pub(super) fn knows(&self, package: &str) -> bool {
        self.packages.contains_key(package)
    }

    /// All types of a package are generated, or declared in the tree.
    pub(super) fn is_generated(&self, package: &str) -> bool {
        self.generated.contains(package) || self.services(package).next().is_some()
    }

    /// What a method of a type in a generated package is.
    pub(super) fn rpc(&self, package: &Arc<str>, ty: &Arc<str>, method: &str) -> Option<Rpc> {
        let here = self.packages.get(package)?;
        if let Some(&service) = self.clients.get(&(package.clone(), ty.clone())) {
            let method = self.services[service].methods.get(method)?.rpc.clone();
            return Some(Rpc { services: vec![service], method, resolution: Resolution::Resolved });
        }
        // `XPluginClient` and the like, which other generators make.
        if !ty.ends_with("Client") {
            return None;
        }
        let likely = here.iter().copied().filter(|&it| ty.contains(&self.services[it].name));
        let service = likely.max_by_key(|&it| self.services[it].name.len())?;
        let method = self.services[service].methods.get(method)?.rpc.clone();
        Some(Rpc { services: vec![service], method, resolution: Resolution::Likely })
    }

    /// What a function or constant of a generated package is.
    pub(super) fn generated(&self, package: &Arc<str>, name: &str) -> Option<Generated> {
        let here = self.packages.get(package)?;
        here.iter().find_map(|&at| {
            let Service { name: service, methods, .. } = &self.services[at];
            if let Some(rest) = name.strip_prefix("New") {
                let client = format!("{service}Client");
                if rest == client {
                    return Some(Generated::Constructor(Type::named(package, &client)));
                }
                let handler = rest.strip_suffix("Handler") == Some(service);
                return handler.then_some(Generated::Register { service: at, argument: 0 });
            }
            if let Some(rest) = name.strip_prefix("Register") {
                let server = rest.strip_suffix("Server") == Some(service);
                return server.then_some(Generated::Register { service: at, argument: 1 });
            }
            let rest = name.strip_prefix(service.as_str())?;
            // `XPluginServer(server)`, which other generators make.
            if rest.ends_with("Server") && rest != "Server" && !self.is_server(here, name) {
                return Some(Generated::Register { service: at, argument: 0 });
            }
            let method = rest.strip_prefix('_').and_then(|it| it.strip_suffix("_FullMethodName"));
            let method = method.or_else(|| rest.strip_suffix("Procedure"))?;
            let method = methods.get(method)?.rpc.clone();
            let resolution = Resolution::Named;
            Some(Generated::Path(Rpc { services: vec![at], method, resolution }))
        })
    }

    /// The interface that the server of one of these services implements, or one of its streams.
    fn is_server(&self, here: &[usize], name: &str) -> bool {
        let bare = name.strip_suffix("Server").unwrap_or(name);
        name.contains('_') || here.iter().any(|&it| self.services[it].name == bare)
    }

    /// The services that have a method of this form.
    pub(super) fn fitting(&self, name: &str, signature: &Signature) -> Vec<usize> {
        (0..self.services.len()).filter(|&it| self.fits(it, name, signature)).collect()
    }

    /// A service's client has the method, with these parameters and results.
    pub(super) fn fits(&self, service: usize, name: &str, signature: &Signature) -> bool {
        let Some(method) = self.services[service].methods.get(name) else { return false };
        let options = |ty: &Type| match ty {
            Type::List(of) => matches!(&**of, Type::Named(it) if &*it.name == "CallOption"),
            _ => false,
        };
        let params = &signature.params;
        let grpc = signature.variadic && params.last().is_some_and(|(_, ty)| options(ty));
        let takes = |ty: Option<&(Arc<str>, Type)>, name: &str| match ty {
            Some((_, Type::Named(it))) => name.is_empty() || *it.name == *name,
            _ => false,
        };
        let request = method.client_streams || takes(params.get(1), &method.request);
        let response = match signature.results.first() {
            // `X_MClient`, or `grpc.ServerStreamingClient[M]`.
            Some((_, Type::Named(it))) if method.streams => {
                *it.name == *format!("{}_{name}Client", self.services[service].name)
                    || it.name.ends_with("StreamingClient")
            }
            first => !method.streams && takes(first, &method.response),
        };
        grpc && request && response
    }

    /// A server's method for an RPC has these parameters.
    pub(super) fn serves(&self, service: usize, name: &str, signature: &Signature) -> bool {
        let Some(method) = self.services[service].methods.get(name) else { return false };
        // A stream brings its context along.
        let request = if method.streams { 0 } else { 1 };
        let named = |ty: &Type| match ty {
            Type::Named(it) => method.client_streams || *it.name == *method.request,
            _ => false,
        };
        !signature.variadic && signature.params.get(request).is_some_and(|(_, ty)| named(ty))
    }

    /// The RPC of a Go method.
    pub(super) fn rpc_name(&self, service: usize, name: &str) -> Option<Arc<str>> {
        Some(self.services[service].methods.get(name)?.rpc.clone())
    }

    /// Services with a method of that name in Go, and the name of the type that its
    /// calls take beside a context and options: it may be empty, and is not there if requests are
    /// streamed.
    pub(super) fn named(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (usize, Arc<str>, Option<Arc<str>>)> {
        let wanted = self.services.iter().enumerate().filter(|(_, service)| service.wanted);
        wanted.filter_map(move |(at, service)| {
            let method = service.methods.get(name)?;
            let request = (!method.client_streams).then(|| method.request.clone());
            Some((at, method.rpc.clone(), request))
        })
    }

    /// The names that files hold in which there is something to find: of RPCs that are looked for,
    /// of functions that register servers, of constants that hold paths.
    pub(super) fn telling_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for Service { name: service, methods, .. } in self.services.iter().filter(|it| it.wanted) {
            names.extend([format!("Register{service}Server"), format!("New{service}Handler")]);
            for method in methods.keys() {
                names.push(method.to_string());
                names.push(format!("{service}_{method}_FullMethodName"));
                names.push(format!("{service}{method}Procedure"));
            }
        }
        names
    }

    /// Its calls are looked for.
    pub(super) fn is_wanted(&self, service: usize) -> bool {
        self.services[service].wanted
    }

    /// The services whose code is in a package.
    pub(super) fn services(&self, package: &str) -> impl Iterator<Item = usize> {
        self.packages.get(package).into_iter().flatten().copied()
    }

    /// The Go names of a service's RPCs, with the RPCs.
    pub(super) fn methods(&self, service: usize) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.services[service].methods.iter().map(|(name, method)| (name, &method.rpc))
    }

    /// The service that a type stands for which servers embed: `UnimplementedXServer`,
    /// `UnsafeXServer`, `XServer`, `UnimplementedXHandler`, `XHandler`.
    pub(super) fn server(&self, package: &Arc<str>, name: &str) -> Option<usize> {
        let here = self.packages.get(package)?;
        let bare = name.strip_prefix("Unimplemented").or_else(|| name.strip_prefix("Unsafe"));
        let bare = bare.unwrap_or(name);
        let bare = bare.strip_suffix("Server").or_else(|| bare.strip_suffix("Handler"))?;
        here.iter().copied().find(|&it| self.services[it].name == bare)
    }
}

/// The import path and the name of a `go_package`.
pub(super) fn split(go_package: &str) -> (&str, &str) {
    go_package.split_once(';').unwrap_or((go_package, guessed_name(go_package)))
}

fn service(stub: &Stub, wanted: bool) -> Service {
    let methods = stub.methods.iter().map(|(rpc, method)| {
        let known = Method {
            rpc: rpc.clone(),
            request: camel_case(&method.request).into(),
            response: camel_case(&method.response).into(),
            streams: method.streams(),
            client_streams: method.client_streaming,
        };
        (camel_case(rpc).into(), known)
    });
    let name = camel_case(stub.service.leaf());
    Service { wanted, name, methods: methods.collect() }
}

/// The services whose clients a generated file declares: `type XClient interface`.
fn clients(text: &[u8]) -> impl Iterator<Item = &str> {
    memmem::find_iter(text, b"Client interface {").filter_map(|end| {
        let line = memchr::memrchr(b'\n', &text[..end]).map_or(0, |at| at + 1);
        std::str::from_utf8(&text[line..end]).ok()?.strip_prefix("type ")
    })
}

/// A generated file declares the client of a service.
pub(super) fn declares(text: &[u8], stub: &Stub) -> bool {
    let name = camel_case(stub.service.leaf());
    clients(text).any(|it| it == name) && is_made_from(text, stub)
}

/// The file speaks of a service by its full name.
fn is_made_from(text: &[u8], stub: &Stub) -> bool {
    let holds = |what: &str| memmem::find(text, what.as_bytes()).is_some();
    holds(&format!("\"{}\"", stub.service)) || holds(&format!("/{}/", stub.service))
}

/// A name as protoc-gen-go writes it (`strs.GoCamelCase`).
fn camel_case(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut camel = String::with_capacity(name.len());
    let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'.' if lower(at + 1) => (),
            b'.' => camel.push('_'),
            b'_' if at == 0 || bytes[at - 1] == b'.' => camel.push('X'),
            b'_' if lower(at + 1) => (),
            byte if byte.is_ascii_digit() => camel.push(char::from(byte)),
            byte => {
                camel.push(char::from(byte.to_ascii_uppercase()));
                while lower(at + 1) {
                    at += 1;
                    camel.push(char::from(bytes[at]));
                }
            }
        }
        at += 1;
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn names_are_those_of_the_generator() {
        for (name, go) in [
            ("Arrive", "Arrive"),
            ("get_user", "GetUser"),
            ("_private", "XPrivate"),
            ("GetHTTPRoute", "GetHTTPRoute"),
            ("a1_b", "A1B"),
            ("Outer_Inner", "Outer_Inner"),
        ] {
            assert_eq!(camel_case(name), go);
        }
    }
}
