//! What the words of a runtime tell of the server, and what to look at.

use super::Says;

const REGISTERED: &str = "Is the service registered in that process? Some servers register it only \
                          behind a flag, an edition or a port. `grpcurl HOST:PORT list` asks the \
                          server, if it has reflection.";
const BY_HAND: &str = "Does the handler return UNIMPLEMENTED itself, for a feature that is off or \
                       a platform that lacks it?";
const ROUTE: &str = "Did the call reach that server? A proxy, an ingress or a mesh may send the \
                     path elsewhere, or have no route for it.";
const RUNNING: &str = "Is the server that runs the release that you think? Its image, or the \
                       schema it pins, may be older than its version says.";
const BODY: &str = "The server's generated code has the method, and its base class answered: look \
                    for a handler that was not written, not overridden, or is on another class.";
const HTTP: &str = "What answered does not speak gRPC, or has nothing at that path: look at the \
                    port, at the prefix of the path, and at the routes of the proxy in front. A \
                    Connect or gRPC-Web server that lacks the service or method answers 404 too.";
const GATEWAY: &str = "The gateway has no route for this URL and verb: compare the request with \
                       the `google.api.http` bindings of the gateway's own release.";
const COMPRESSION: &str = "One end does not know how the other compresses. Send without \
                           compression, or register the compressor on both ends.";
const CARDINALITY: &str = "One end streams where the other does not: compare `stream` in both \
                           declarations with `protoskew check`.";
const PATH: &str = "The path has no service in it: it was built by hand, or a proxy rewrote it.";
const CODE: &str = "UNIMPLEMENTED is also the code for a compression that the server lacks, for a \
                    wrong number of messages, and for an HTTP 404 from a proxy.";

impl Says {
    /// In a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Says::Named => "a call, and not how it ended",
            Says::Unimplemented => "the status is UNIMPLEMENTED, and not why",
            Says::NotFound => "something answered HTTP 404, which clients read as UNIMPLEMENTED",
            Says::NoRoute => "the gateway has no route for this URL and verb",
            Says::NoService => "the server has no such service",
            Says::NoMethod => "the server has no such method",
            Says::NoBody => "the server's own schema has the method; nobody wrote its body",
            Says::Compression => "one end does not know how the other compresses",
            Says::Cardinality => "one end sent more messages, or fewer, than the other takes",
            Says::Malformed => "the path of the call is not /package.Service/Method",
        }
    }

    /// What to look at if the schema does not explain it.
    pub(super) fn look(self) -> Vec<&'static str> {
        match self {
            Says::NoMethod => vec![RUNNING, ROUTE, REGISTERED],
            Says::NoService => vec![REGISTERED, ROUTE, RUNNING],
            Says::NoBody => vec![BODY, BY_HAND],
            Says::NotFound => vec![HTTP, ROUTE, RUNNING],
            Says::NoRoute => vec![GATEWAY, ROUTE],
            Says::Compression => vec![COMPRESSION],
            Says::Cardinality => vec![CARDINALITY],
            Says::Malformed => vec![PATH],
            Says::Named | Says::Unimplemented => vec![REGISTERED, BY_HAND, ROUTE, RUNNING, CODE],
        }
    }
}
