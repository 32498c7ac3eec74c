//! Who talks to whom. The only file that turns "base and head" into "sender and receiver".

use crate::{diff::Change, schema::Element};

/// Which of the two versions a program was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The older one.
    Base,
    /// The newer one.
    Head,
}

/// A client built from one version, calling a server built from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Pairing {
    pub client: Side,
    pub server: Side,
}

/// What is on its way from sender to receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// The call itself: the client picks a method, the server looks it up.
    Call,
    /// What the client sends.
    Request,
    /// What the server sends.
    Response,
}

/// How messages are written on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// protobuf's own format.
    Binary,
    /// ProtoJSON.
    Json,
}

/// One change, seen from the two ends of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Ends<'s> {
    SenderOnly(Element<'s>),
    ReceiverOnly(Element<'s>),
    Both { sender: Element<'s>, receiver: Element<'s> },
}

impl Pairing {
    /// The client was upgraded first.
    pub const NEWER_CLIENT: Pairing = Pairing { client: Side::Head, server: Side::Base };
    /// The server was upgraded first.
    pub const NEWER_SERVER: Pairing = Pairing { client: Side::Base, server: Side::Head };

    /// The end that a flow starts from: the client sends calls and requests, the server responses.
    pub fn sender(self, flow: Flow) -> Side {
        match flow {
            Flow::Call | Flow::Request => self.client,
            Flow::Response => self.server,
        }
    }
}

impl<'s> Change<'s> {
    /// The change as the two ends of a flow see it, when `sender` sends.
    pub fn ends(self, sender: Side) -> Ends<'s> {
        match (self, sender) {
            (Change::Added(it), Side::Head) | (Change::Removed(it), Side::Base) => {
                Ends::SenderOnly(it)
            }
            (Change::Added(it), Side::Base) | (Change::Removed(it), Side::Head) => {
                Ends::ReceiverOnly(it)
            }
            (Change::Modified { base, head }, Side::Base) => {
                Ends::Both { sender: base, receiver: head }
            }
            (Change::Modified { base, head }, Side::Head) => {
                Ends::Both { sender: head, receiver: base }
            }
        }
    }
}
