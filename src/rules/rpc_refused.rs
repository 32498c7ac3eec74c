use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "rpc-refused",
    title: "client calls an RPC that the server declares and refuses",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
Both schemas have the method, so neither shows that anything is wrong. The server's sources do: \
its handler always answers `UNIMPLEMENTED`, or nobody wrote one and the generated base type \
answers for it. It is said of calls that the client's sources make, and of types that a program \
of the server's version registers: if one of them answers, this rule is silent. A handler that \
refuses in some cases is a note.

It takes the sources of both ends, in the repositories of their versions, in a language that \
`protoskew calls` reads.",
    symptom: "\
Status `UNIMPLEMENTED` (12), with the text that the handler gives it. The base type that is \
generated for Go says `method M not implemented`.",
    runtimes: &[
        (
            "grpc-go",
            "the handler's own text; of the generated base type, `method M not implemented`",
        ),
        (
            "connect-go",
            "the handler's own text; of the generated base type, `S.M is not implemented`",
        ),
        (
            "grpc-java",
            "the handler's own text; of `SImplBase`, `Method S/M is unimplemented`, and of \
             grpc-kotlin's `SCoroutineImplBase`, `Method S.M is unimplemented`",
        ),
        ("grpcio", "the handler's own text; of `SServicer`, `Method not implemented!`"),
        (
            "tonic",
            "the handler's own text; a trait with default methods, which its generator writes if \
             told to, says `Not yet implemented`",
        ),
        (
            "grpc-js",
            "the handler's own text; for a method that the implementation lacks, `The server does \
             not implement the method /S/M`",
        ),
        (
            "connect-es",
            "the handler's own text; for a method that the implementation lacks, `S.M is not \
             implemented`",
        ),
    ],
    advice: "\
Write the handler, or take the call out of the client. A method that is to go is first no longer \
called, and refused only when the last client that calls it is out of support.",
    buf: &[],
    example: example!("rpc-refused", sources),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { receiver: Element::Method(method), .. } = ends else { return None };
    let code = context.code.filter(|it| !it.sites.is_empty() && it.refuses_some())?;
    let cases = if code.refuses() { "" } else { " in some cases" };
    Some(format!("the server declares `{}` and refuses it{cases}", method.name.path()))
}
