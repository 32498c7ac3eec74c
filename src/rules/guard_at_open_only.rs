use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "guard-at-open-only",
    title: "client tests for UNIMPLEMENTED only where it opens a stream",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
The client means to cope with servers that lack the method: it tests for `UNIMPLEMENTED` where the \
stream is opened. In Go that call returns no error, whatever the server has. The status comes with \
the first `Recv`, where nobody tests for it, so the fallback is never reached.

It is said where the server lacks the method or refuses it, beside the finding that says so.",
    symptom: "\
Status `UNIMPLEMENTED` (12), with the first `Recv`, in a program that was written to cope with it.",
    runtimes: &[("grpc-go, connect-go", "the status comes with the first `Recv` or `Receive`")],
    advice: "Test for `UNIMPLEMENTED` where the stream is read.",
    buf: &[],
    example: example!("guard-at-open-only", sources),
    check,
};

fn check(ends: Ends<'_>, context: &Context<'_, '_>) -> Option<String> {
    let code = context.code?;
    let method = match ends {
        Ends::SenderOnly(Element::Method(method)) => method,
        Ends::Both { receiver: Element::Method(method), .. } if code.refuses_some() => method,
        _ => return None,
    };
    code.sites.iter().find(|it| it.opens_only.is_some())?;
    let path = method.name.path();
    Some(format!(
        "the client tests for UNIMPLEMENTED where it opens `{path}`, not where it reads it"
    ))
}
