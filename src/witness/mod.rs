//! The proof of a finding: the smallest message that shows it, what is on the wire, and what the
//! receiver reads; of a call, what each runtime shows.
//!
//! No rule says how it is proved. Small messages are tried until one comes to the harm that the
//! finding speaks of; if none does, the finding is not true, and tests see to that.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    judge::{Finding, Settings},
    schema::{FullName, Schema},
    skew::{Codec, Flow, Pairing, Side},
};

mod call;
pub mod codec;
pub mod harm;
mod proving;
mod routes;
mod trials;
pub mod values;

pub use call::{CallWitness, Case, Shown};
pub use codec::dump::Part;
pub use trials::{fill, kinds, trials};

use codec::json::Strictness;
use harm::{Kind, Way};
use proving::Proving;
use routes::Routes;

/// What proves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A message, and what becomes of it.
    Data(Box<DataWitness>),
    /// A call that fails, whatever it carries.
    Call(CallWitness),
}

/// A message that was sent, and what the receiver makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataWitness {
    /// The call that carries it.
    pub call: FullName,
    /// What is on its way.
    pub flow: Flow,
    /// The type of the message, to the sender.
    pub sender: FullName,
    /// The type of the message, to the receiver.
    pub receiver: FullName,
    /// The message in protobuf's text format.
    pub sent: String,
    /// What is on the wire.
    pub written: Written,
    /// What the receiver reads in protobuf's text format, or why it refuses.
    pub read: Result<String, String>,
    /// The way to a required field that is missing, for which C++, Java and Go refuse what others
    /// read.
    pub missing: Option<String>,
    /// The kind of harm that is to be seen.
    pub kind: Kind,
    /// What is to be seen, in words.
    pub harm: String,
    /// What was left out, in words.
    pub cut: Option<String>,
}

/// A message on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Written {
    /// Bytes, as a whole and taken apart.
    Binary { bytes: Vec<u8>, parts: Vec<Part> },
    /// A document of ProtoJSON.
    Json(String),
}

/// Finds proofs for findings of one pairing.
pub struct Prover<'s> {
    base: &'s Schema,
    head: &'s Schema,
    pairing: Pairing,
    strictness: Strictness,
    routes: BTreeMap<(Flow, Codec), Routes<'s>>,
}

impl<'s> Prover<'s> {
    /// Looks up the ways to all types that meet on the calls of some findings.
    pub fn new<'f>(
        base: &'s Schema,
        head: &'s Schema,
        pairing: Pairing,
        settings: &Settings,
        findings: impl Iterator<Item = &'f Finding>,
    ) -> Prover<'s> {
        let json = settings.json;
        // As `judge` has it: the commonest gateway passes over what it does not know.
        let lenient = json.ignore_unknown || !json.everywhere;
        let strictness = if lenient { Strictness::Ignore } else { Strictness::Refuse };
        let mut calls: BTreeMap<(Flow, Codec), BTreeSet<&FullName>> = BTreeMap::new();
        for it in findings.filter(|it| it.flow != Flow::Call) {
            calls.entry((it.flow, it.codec)).or_default().extend(it.calls.iter());
        }
        let mut prover = Prover { base, head, pairing, strictness, routes: BTreeMap::new() };
        for ((flow, codec), calls) in calls {
            let way = prover.way(flow, codec);
            // The names as the schema holds them, which outlive the findings.
            let methods = way.sender.methods().map(|it| &it.name);
            let routes =
                Routes::new(way, flow, &settings.any, methods.filter(|it| calls.contains(it)));
            prover.routes.insert((flow, codec), routes);
        }
        prover
    }

    /// From whom to whom a flow goes.
    fn way(&self, flow: Flow, codec: Codec) -> Way<'s> {
        let (sender, receiver) = match self.pairing.sender(flow) {
            Side::Base => (self.base, self.head),
            Side::Head => (self.head, self.base),
        };
        Way { sender, receiver, codec, strictness: self.strictness }
    }

    /// The proof of a finding. `None` if there is nothing to show: what it is about is not among
    /// the files of the versions, or it is not true.
    pub fn prove(&self, finding: &Finding) -> Option<Witness> {
        let way = self.way(finding.flow, finding.codec);
        if finding.flow == Flow::Call {
            return call::prove(finding, way.sender, way.receiver).map(Witness::Call);
        }
        let routes = self.routes.get(&(finding.flow, finding.codec))?;
        let proving = Proving { way, routes, finding };
        let proof = finding.spots.iter().find_map(|spot| proving.spot(spot))?;
        Some(Witness::Data(Box::new(proof)))
    }
}
