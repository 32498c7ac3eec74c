//! The shape of a witness.

use super::shape::{CallWitness, Case, MessageWitness, Shown, WirePart, Witness};
use crate::witness as proof;

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
