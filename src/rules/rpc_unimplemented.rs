use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "rpc-unimplemented",
    title: "client calls an RPC that the server does not have",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
The client's stub has the method, so the call compiles and is sent. The server has no handler \
under that path and answers `UNIMPLEMENTED` before it looks at the request.

A method added in this release fails for a new client that reaches an old server. A method \
removed in this release fails for an old client that reaches the new server.",
    symptom: "\
Status `UNIMPLEMENTED` (12). grpc-go says `unknown method M for service S`, C-core `Method not \
found!`, grpc-java `Method not found: S/M`, tonic nothing; a gateway may answer 404. In Go, a \
streaming call returns no error when it is opened; the status comes with the first `Recv`.",
    runtimes: &[
        ("grpc-go", "`unknown method M for service S`; of a stream, with the first `Recv`"),
        ("grpc-java", "`Method not found: S/M`"),
        ("C-core (C++, Python, Ruby, PHP)", "`Method not found!`"),
        ("tonic", "an empty message"),
        ("an HTTP gateway or proxy", "404, which gRPC clients take for `UNIMPLEMENTED`"),
    ],
    advice: "\
Make the caller treat `UNIMPLEMENTED` as \"this server is too old\" and fall back, or ship the \
server first and let clients follow once no older server is left. Remove a method only after the \
last client that calls it is out of support.",
    buf: &["RPC_NO_DELETE"],
    example: example!("rpc-unimplemented"),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::SenderOnly(Element::Method(method)) = ends else { return None };
    let elsewhere = context.elsewhere(method);
    Some(format!("the server has no `{}`{elsewhere}", method.name.path()))
}
