use super::{BYTES, Context, Effect, Rule, example};
use crate::{schema::Element, skew::Ends};

pub(super) static RULE: Rule = Rule {
    id: "rpc-streaming-mismatch",
    title: "one end streams where the other takes exactly one message",
    effect: Effect::CallFails,
    only_some: false,
    codecs: BYTES,
    lenient: false,
    explanation: "\
A stream and a single message are framed alike, and nothing announces which it is; only the \
number of messages tells. So one message sent to a peer that streams is fine, and such a change \
is not reported for that pairing. The other way round, the peer that takes exactly one message \
meets none, or several, and what happens then differs between runtimes: from a normal answer, \
through data that is dropped without a word, to an error, to a call that never ends.

Messages are all that is judged here. A client that waits for an answer before it has sent \
everything still waits for ever if the server, from bidirectional to client streaming, now \
answers at the end.",
    symptom: "\
Where a client streams to a server that takes one request: with no message, `UNIMPLEMENTED` from \
C-core and `INTERNAL` from grpc-go, grpc-java and tonic; with two or more, C-core and tonic use \
the first and drop the rest, grpc-go and grpc-java answer `INTERNAL`.

Where a server streams to a client that takes one response: with no message, C-core returns \
nothing and no error, the others `INTERNAL`; with two or more, C-core waits until the deadline, \
grpc-go fails with `INTERNAL`, grpc-java with `INTERNAL` or `CANCELLED`, and tonic takes the \
first, once the stream has ended: on one that stays open it waits.",
    runtimes: &[
        ("C-core, no message from a client that streams", "`UNIMPLEMENTED`"),
        (
            "C-core, two messages from a client that streams",
            "the first is used, the rest is dropped",
        ),
        ("C-core, no message from a server that streams", "nothing, and no error"),
        ("C-core, two messages from a server that streams", "the client waits until its deadline"),
        (
            "grpc-go, grpc-java",
            "`INTERNAL`, whether there are too few or too many; grpc-java may say `CANCELLED`",
        ),
        ("tonic", "`INTERNAL` for no message; of several, the first is used"),
    ],
    advice: "\
Add a new method for the streaming form and keep the old one. Generated code changes with \
`stream` in every language in any case.",
    buf: &["RPC_SAME_CLIENT_STREAMING", "RPC_SAME_SERVER_STREAMING"],
    example: example!("rpc-streaming-mismatch"),
    check,
};

fn check(ends: Ends<'_>, _: &Context<'_, '_>) -> Option<String> {
    let Ends::Both { sender: Element::Method(client), receiver: Element::Method(server) } = ends
    else {
        return None;
    };
    let mut broken = Vec::new();
    if client.client_streaming && !server.client_streaming {
        broken.push("the client streams requests, the server takes exactly one");
    }
    if server.server_streaming && !client.server_streaming {
        broken.push("the server streams responses, the client takes exactly one");
    }
    (!broken.is_empty()).then(|| broken.join("; "))
}
