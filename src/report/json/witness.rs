//! The shape of a witness.

use schemars::JsonSchema;
use serde::Serialize;

use crate::witness as proof;

/// What proves a finding.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Witness {
    /// A message, and what becomes of it.
    Message(Box<MessageWitness>),
    /// A call that fails, whatever it carries.
    Call(CallWitness),
}

/// A message that the sender writes, and what the receiver makes of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessageWitness {
    /// The method that carries it, as gRPC writes it.
    pub(super) call: String,
    /// The full name of its type, to the sender.
    pub(super) sender_type: String,
    /// The full name of its type, to the receiver.
    pub(super) receiver_type: String,
    /// The message in protobuf's text format.
    pub(super) sent: String,
    /// The message on the wire, in hexadecimal digits; null in JSON.
    pub(super) bytes: Option<String>,
    /// The bytes taken apart, in order; null in JSON.
    pub(super) wire: Option<Vec<WirePart>>,
    /// The message in ProtoJSON; null in bytes.
    pub(super) document: Option<String>,
    /// What the receiver reads, in protobuf's text format; unknown fields stand under their
    /// numbers. Null if it refuses the message.
    pub(super) read: Option<String>,
    /// Why the receiver refuses the message.
    pub(super) error: Option<String>,
    /// A required field that is missing, with the way to it: C++, Java and Go refuse the message
    /// for it, Python reads it.
    pub(super) missing: Option<String>,
    /// What to look at.
    pub(super) harm: String,
    /// What was left out of the message, if it would be too large otherwise.
    pub(super) cut: Option<String>,
}

/// A tag and what follows it.
#[derive(Serialize, JsonSchema)]
pub(super) struct WirePart {
    /// How many messages it is in.
    pub(super) depth: usize,
    /// The field number.
    pub(super) number: u32,
    /// The sender's name of the field.
    pub(super) field: Option<String>,
    /// `varint`, `fixed64`, `length`, `group`, `end`, `fixed32`.
    pub(super) wire_type: &'static str,
    /// In hexadecimal digits: tag, length and value; of a message that is taken apart in the parts
    /// that follow, tag and length.
    pub(super) bytes: String,
    /// The value, as the wire has it.
    pub(super) value: String,
}

/// What the runtimes show of a call that fails.
#[derive(Serialize, JsonSchema)]
pub(super) struct CallWitness {
    /// The path of the call, or the verb and path of an HTTP binding.
    pub(super) path: String,
    /// What happens, by what it depends on.
    pub(super) cases: Vec<Case>,
    /// A command that shows it.
    pub(super) command: String,
}

/// What the runtimes show in one case.
#[derive(Serialize, JsonSchema)]
pub(super) struct Case {
    /// When it happens.
    pub(super) when: String,
    pub(super) shown: Vec<Shown>,
}

/// What one runtime shows.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    pub(super) runtime: String,
    /// The status.
    pub(super) status: String,
    /// The text that comes with it.
    pub(super) message: String,
}

pub(super) fn shape(it: &proof::Witness) -> Witness {
    match it {
        proof::Witness::Data(it) => Witness::Message(Box::new(message(it))),
        proof::Witness::Call(it) => Witness::Call(call(it)),
    }
}

fn message(it: &proof::DataWitness) -> MessageWitness {
    let (bytes, wire, document) = match &it.written {
        proof::Written::Binary { bytes, parts } => {
            (Some(hex(bytes)), Some(parts.iter().map(part).collect()), None)
        }
        proof::Written::Json(document) => (None, None, Some(document.clone())),
    };
    MessageWitness {
        call: it.call.path(),
        sender_type: it.sender.to_string(),
        receiver_type: it.receiver.to_string(),
        sent: it.sent.clone(),
        bytes,
        wire,
        document,
        read: it.read.as_ref().ok().cloned(),
        error: it.read.as_ref().err().cloned(),
        missing: it.missing.clone(),
        harm: it.harm.clone(),
        cut: it.cut.clone(),
    }
}

fn part(it: &proof::Part) -> WirePart {
    WirePart {
        depth: it.depth,
        number: it.number,
        field: it.name.clone(),
        wire_type: it.wire_type,
        bytes: hex(&it.bytes),
        value: it.value.clone(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn call(it: &proof::CallWitness) -> CallWitness {
    let shown = |it: &proof::Shown| Shown {
        runtime: it.runtime.to_owned(),
        status: it.status.to_owned(),
        message: it.message.clone(),
    };
    let case = |it: &proof::Case| Case {
        when: it.when.to_owned(),
        shown: it.shown.iter().map(shown).collect(),
    };
    CallWitness {
        path: it.path.clone(),
        cases: it.cases.iter().map(case).collect(),
        command: it.command.clone(),
    }
}
