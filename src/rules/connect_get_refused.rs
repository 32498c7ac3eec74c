use super::{BYTES, Context, Effect, Rule, example};
use crate::{
    schema::{Element, Idempotency},
    skew::Ends,
};

pub(super) static RULE: Rule = Rule {
    id: "connect-get-refused",
    title: "client may call by HTTP GET what the server serves by POST only",
    effect: Effect::CallFails,
    only_some: true,
    codecs: BYTES,
    lenient: false,
    explanation: "\
Connect serves a method by HTTP GET if its schema says `idempotency_level = NO_SIDE_EFFECTS`, and \
clients that are told to use GET do so for such methods. A server built from a schema that does not \
say so knows only POST. gRPC itself, and Connect by POST, are not affected.",
    symptom: "\
HTTP 405 from connect-go, which the client reports as `UNKNOWN` or `UNIMPLEMENTED`; from other \
servers 405, 415 or 501. Only for clients that use GET.",
    runtimes: &[],
    advice: "\
Let servers have the option before clients do, and take it away from clients first; or do not tell \
clients to use GET until then.",
    buf: &["RPC_SAME_IDEMPOTENCY_LEVEL"],
    example: example!("connect-get-refused"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Method(client), receiver: Element::Method(server) } = ends
    else {
        return None;
    };
    let streams = client.client_streaming || client.server_streaming;
    let [client, gets] = [client, server].map(|it| it.idempotency == Idempotency::NoSideEffects);
    (client && !gets && !streams)
        .then(|| "the client may send it by GET, which the server does not serve".to_owned())
}
