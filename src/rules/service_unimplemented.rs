use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "service-unimplemented",
    title: "client calls a service that the server does not have",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
A server dispatches on `/package.Service/Method` and nothing else. It has nothing registered \
under that package and service, so every call to it is refused before a line of user code runs. \
A new service does it to newer clients, a removed one to older clients, and a service whose \
package was renamed (`v1alpha2` to `v1`) to both.",
    symptom: "\
Status `UNIMPLEMENTED` (12). grpc-go says `unknown service S`, C-core `Method not found!`, \
grpc-java `Method not found: S/M`, tonic nothing; a gateway may answer 404.",
    runtimes: &[
        ("grpc-go", "`unknown service S`"),
        ("grpc-java", "`Method not found: S/M`"),
        ("C-core (C++, Python, Ruby, PHP)", "`Method not found!`"),
        ("tonic", "an empty message"),
        ("an HTTP gateway or proxy", "404, which gRPC clients take for `UNIMPLEMENTED`"),
    ],
    advice: "\
Ship the server first and keep serving the old name until the last client that calls it is out \
of support. A client that may meet older servers must take `UNIMPLEMENTED` for \"too old\".",
    buf: &["SERVICE_NO_DELETE", "FILE_SAME_PACKAGE"],
    example: example!("service-unimplemented"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::Service(service)) = ends else { return None };
    let elsewhere = context.service_elsewhere(service);
    Some(format!("the server has no service `{}`{elsewhere}", service.name))
}
