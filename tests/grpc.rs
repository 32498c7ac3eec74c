//! What a runtime really does with a skewed call: a tonic server and a tonic client over loopback.
//!
//! Nothing is generated from a schema, so each end can be given its own idea of the same method.
//! What is claimed of tonic here was answered over a socket, and our verdicts are held against it.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    ops::RangeInclusive,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, BufMut};
use protoskew::{
    judge::judge,
    schema::{self, FileSites, FullName, Idempotency, Method, Schema, Sites},
    skew::Pairing,
};
use tokio::time::timeout;
use tonic::{
    Code, Extensions, Request, Response, Status, Streaming,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{BoxFuture, BoxStream, Service, http, http::uri::PathAndQuery, tokio_stream},
    metadata::{GRPC_CONTENT_TYPE, MetadataMap, MetadataValue},
    server::NamedService,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tower::service_fn;

use Kind::{Bidi, ClientStream, ServerStream, Unary};

/// OUR VERDICT, the one thing here that is not the runtime's: does this pair of ends break?
fn breaks(client: Kind, server: Kind) -> bool {
    let findings = judge(&version(server), &version(client), Pairing::NEWER_CLIENT);
    findings.iter().any(|it| it.rule.id == "rpc-streaming-mismatch")
}

/// Nothing but the method of [`TUNNEL`].
fn version(kind: Kind) -> Schema {
    let message = FullName::new("telepresence.manager.TunnelMessage");
    let method = Method {
        name: FullName::new("telepresence.manager.Manager.Tunnel"),
        request: message.clone(),
        response: message,
        client_streaming: kind.streams_requests(),
        server_streaming: kind.streams_replies(),
        http: Vec::new(),
        idempotency: Idempotency::Unknown,
    };
    let name = FullName::new(method.name.parent());
    let methods = BTreeMap::from([(method.name.clone(), method)]);
    let service = Arc::new(schema::Service { name: name.clone(), methods });
    // Only what stands in a file that is judged is judged.
    let file = FileSites {
        path: "manager.proto".into(),
        judged: true,
        roots: Vec::new(),
        places: Arc::default(),
        options: Arc::default(),
        go_package: None,
    };
    Schema {
        services: BTreeMap::from([(name.clone(), service)]),
        sites: Sites { files: BTreeMap::from([(name, Arc::new(file))]) },
        ..Schema::default()
    }
}

#[tokio::test]
async fn a_newer_client_gets_unimplemented_from_an_older_server() {
    soon(async {
        let older = serve([
            ("/telepresence.manager.Manager/ArriveAsClient", Unary),
            ("/telepresence.manager.Manager/Version", Unary),
        ])
        .await;
        for (path, expected) in [
            ("/telepresence.manager.Manager/ArriveAsClient", Ok(Traffic::new(1, 1))),
            ("/telepresence.manager.Manager/Version", Ok(Traffic::new(1, 1))),
            ("/telepresence.manager.Manager/ReportMetrics", Err(Code::Unimplemented)),
            ("/telepresence.manager.Manager/version", Err(Code::Unimplemented)),
            // From here on no code of ours is asked: tonic's router knows no such service.
            ("/telepresence.manager.v2.Manager/Version", Err(Code::Unimplemented)),
            ("/telepresence.agent.Agent/Version", Err(Code::Unimplemented)),
            ("/Manager/Version", Err(Code::Unimplemented)),
        ] {
            for client in Kind::ALL {
                let outcome = call(&older, client, path, &Traffic::new(1, 1)).await;
                assert_eq!(outcome, expected, "{client:?} client calls {path}");
            }
        }
    })
    .await;
}

const TUNNEL: &str = "/telepresence.manager.Manager/Tunnel";

/// A pair is harmless if everything that its ends may send arrives, whatever the count. Streams
/// end here, and equal kinds are tried as well: they show that this test itself loses nothing.
#[tokio::test]
async fn kinds_break_where_we_say_they_do() {
    soon(async {
        for server in Kind::ALL {
            let channel = serve([(TUNNEL, server)]).await;
            for client in Kind::ALL {
                let mut broken = Vec::new();
                for sent in all_that_may_be_sent(client, server) {
                    let outcome = call(&channel, client, TUNNEL, &sent).await;
                    if outcome.as_ref() != Ok(&sent) {
                        broken.push((sent, outcome));
                    }
                }
                assert_eq!(
                    breaks(client, server),
                    !broken.is_empty(),
                    "{client:?} client, {server:?} server; sent, and what came of it: {broken:?}"
                );
            }
        }
    })
    .await;
}

/// How they break: to an end that wants one message, none is an error, and tonic reads a surplus
/// to its end and drops it without a word. Other runtimes refuse the surplus or hang on it.
#[tokio::test]
async fn one_message_ends_refuse_none_and_drop_all_but_the_first() {
    soon(async {
        for (client, server, sent, expected) in [
            (ClientStream, Unary, Traffic::new(0, 1), Err(Code::Internal)),
            (ClientStream, Unary, Traffic::new(2, 1), Ok(Traffic::new(1, 1))),
            (Unary, ServerStream, Traffic::new(1, 0), Err(Code::Internal)),
            (Unary, ServerStream, Traffic::new(1, 2), Ok(Traffic::new(1, 1))),
            (ClientStream, ServerStream, Traffic::new(0, 2), Err(Code::Internal)),
            (ClientStream, ServerStream, Traffic::new(2, 2), Ok(Traffic::new(1, 1))),
        ] {
            let channel = serve([(TUNNEL, server)]).await;
            let outcome = call(&channel, client, TUNNEL, &sent).await;
            assert_eq!(outcome, expected, "{client:?} client, {server:?} server, sent {sent:?}");
        }
    })
    .await;
}

/// What one end takes a method to be.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Unary,
    ClientStream,
    ServerStream,
    Bidi,
}

impl Kind {
    const ALL: [Self; 4] = [Unary, ClientStream, ServerStream, Bidi];

    fn streams_requests(self) -> bool {
        matches!(self, ClientStream | Bidi)
    }

    fn streams_replies(self) -> bool {
        matches!(self, ServerStream | Bidi)
    }
}

/// The messages of one call by their numbers: sent, or those of them that arrived.
#[derive(Debug, PartialEq)]
struct Traffic {
    requests: Vec<u8>,
    replies: Vec<u8>,
}

impl Traffic {
    fn new(requests: u8, replies: u8) -> Self {
        Self { requests: (1..=requests).collect(), replies: (1..=replies).collect() }
    }
}

/// The kind that the sender knows decides: the client's for requests, the server's for replies.
fn all_that_may_be_sent(client: Kind, server: Kind) -> impl Iterator<Item = Traffic> {
    counts(client.streams_requests()).flat_map(move |requests| {
        counts(server.streams_replies()).map(move |replies| Traffic::new(requests, replies))
    })
}

fn counts(streams: bool) -> RangeInclusive<u8> {
    if streams { 0..=2 } else { 1..=1 }
}

/// Some runtimes wait for ever on a mismatch; a build must not.
async fn soon(test: impl Future<Output = ()>) {
    timeout(Duration::from_secs(10), test).await.expect("it ends within ten seconds");
}

/// A channel to a new server on a port of its own; the server ends with the test's runtime.
async fn serve<const N: usize>(methods: [(&'static str, Kind); N]) -> Channel {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = incoming.local_addr().expect("the port is bound");
    let manager = Manager(BTreeMap::from(methods));
    tokio::spawn(Server::builder().add_service(manager).serve_with_incoming(incoming));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("a valid address");
    endpoint.connect().await.expect("the server listens")
}

/// What arrived of a call, or the code that the client got instead.
type Outcome = Result<Traffic, Code>;

/// Calls as a client does that was generated for a method of this kind.
async fn call(channel: &Channel, client: Kind, path: &'static str, sent: &Traffic) -> Outcome {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.expect("the channel is open");
    let path = PathAndQuery::from_static(path);
    let one = request(&sent.replies, vec![1]);
    let many = request(&sent.replies, tokio_stream::iter(messages(sent.requests.clone())));
    let arrived = match client {
        Unary => grpc.unary(one, path, Raw).await.map(one_reply),
        ClientStream => grpc.client_streaming(many, path, Raw).await.map(one_reply),
        ServerStream => all_replies(grpc.server_streaming(one, path, Raw).await).await,
        Bidi => all_replies(grpc.streaming(many, path, Raw).await).await,
    };
    arrived.map_err(|status| status.code())
}

fn one_reply(reply: Response<Message>) -> Traffic {
    Traffic { requests: noted(reply.metadata()), replies: reply.into_inner() }
}

async fn all_replies(reply: Reply<Streaming<Message>>) -> Result<Traffic, Status> {
    let reply = reply?;
    Ok(Traffic { requests: noted(reply.metadata()), replies: all(reply.into_inner()).await? })
}

/// A server built from one version of the schema: the paths it knows, and of what kind they are.
#[derive(Clone)]
struct Manager(BTreeMap<&'static str, Kind>);

impl NamedService for Manager {
    const NAME: &str = "telepresence.manager.Manager";
}

impl Service<http::Request<Body>> for Manager {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: http::Request<Body>) -> Self::Future {
        let kind = self.0.get(call.uri().path()).copied();
        Box::pin(async move { Ok(answer(kind, call).await) })
    }
}

/// The `match` of a generated server. Only the path chose the arm: no request tells its kind.
async fn answer(kind: Option<Kind>, call: http::Request<Body>) -> http::Response<Body> {
    let mut grpc = tonic::server::Grpc::new(Raw);
    match kind {
        Some(Unary) => grpc.unary(service_fn(unary), call).await,
        Some(ClientStream) => grpc.client_streaming(service_fn(client_stream), call).await,
        Some(ServerStream) => grpc.server_streaming(service_fn(server_stream), call).await,
        Some(Bidi) => grpc.streaming(service_fn(bidi), call).await,
        None => unknown_method(),
    }
}

/// What tonic-build 0.14 writes in the last arm.
fn unknown_method() -> http::Response<Body> {
    let mut response = http::Response::new(Body::default());
    let headers = response.headers_mut();
    headers.insert(Status::GRPC_STATUS, (Code::Unimplemented as i32).into());
    headers.insert(http::header::CONTENT_TYPE, GRPC_CONTENT_TYPE);
    response
}

type Reply<T> = Result<Response<T>, Status>;

async fn unary(call: Request<Message>) -> Reply<Message> {
    Ok(response(call.get_ref(), vec![1]))
}

async fn client_stream(call: Request<Streaming<Message>>) -> Reply<Message> {
    Ok(response(&all(call.into_inner()).await?, vec![1]))
}

async fn server_stream(call: Request<Message>) -> Reply<BoxStream<Message>> {
    Ok(response(call.get_ref(), replies(call.metadata())))
}

async fn bidi(call: Request<Streaming<Message>>) -> Reply<BoxStream<Message>> {
    let replies = replies(call.metadata());
    Ok(response(&all(call.into_inner()).await?, replies))
}

fn replies(wanted: &MetadataMap) -> BoxStream<Message> {
    Box::pin(tokio_stream::iter(messages(noted(wanted)).map(Ok)))
}

/// One byte, its number, so that a lost message can be told from one that arrived.
type Message = Vec<u8>;

fn messages(numbers: Vec<u8>) -> impl Iterator<Item = Message> {
    numbers.into_iter().map(|number| vec![number])
}

async fn all(mut stream: Streaming<Message>) -> Result<Vec<u8>, Status> {
    let mut numbers = Vec::new();
    while let Some(message) = stream.message().await? {
        numbers.extend(message);
    }
    Ok(numbers)
}

/// A header beside the messages, because those may be lost. It tells the server which replies to
/// send, and the client which requests were seen.
const NOTE: &str = "note-bin";

fn request<T>(wanted: &[u8], body: T) -> Request<T> {
    Request::from_parts(note(wanted), Extensions::default(), body)
}

fn response<T>(seen: &[u8], body: T) -> Response<T> {
    Response::from_parts(note(seen), body, Extensions::default())
}

fn note(numbers: &[u8]) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    metadata.insert_bin(NOTE, MetadataValue::from_bytes(numbers));
    metadata
}

fn noted(metadata: &MetadataMap) -> Vec<u8> {
    let note = metadata.get_bin(NOTE).expect("both ends write a note");
    note.to_bytes().expect("it is valid base64").to_vec()
}

/// Messages as they are; the framing is tonic's.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Message;
    type Decode = Message;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Message;
    type Error = Status;

    fn encode(&mut self, message: Message, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Message;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Message>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}
