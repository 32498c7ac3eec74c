//! Changes × flows × rules → findings.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    diff::{Change, diff},
    meet::{Carriers, Types, meetings},
    rules::{self, Context, Rule, Within},
    schema::{Element, FullName, Schema, Site},
    skew::{Codec, Ends, Flow, Pairing, Side},
};

/// What would go wrong for one pairing. Says what happens, not how loudly to report it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is a case of.
    pub rule: &'static Rule,
    /// What is on its way when it happens.
    pub flow: Flow,
    /// The element that the ends disagree about.
    pub subject: FullName,
    /// The sentence.
    pub message: String,
    /// The methods it happens to.
    pub calls: Arc<BTreeSet<FullName>>,
    /// How messages are written when it happens.
    pub codec: Codec,
    /// Where the types meet that it is about; none for a finding about a call.
    pub spots: Vec<Spot>,
    /// Where base has the element.
    pub base: Option<Site>,
    /// Where head has the element.
    pub head: Option<Site>,
}

/// A place where two types meet, and the part of them that the ends disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The message or enum that the sender has there.
    pub sender: FullName,
    /// The message or enum that the receiver has there.
    pub receiver: FullName,
    /// The number of the sender's field or enum value, if it has one.
    pub sent: Option<i64>,
    /// The number of the receiver's field or enum value, if it has one.
    pub read: Option<i64>,
}

/// Where messages are written in JSON, and how it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json {
    /// Every call may be made in JSON, not only those with an HTTP binding.
    pub everywhere: bool,
    /// Parsers pass over what they do not know. By default they refuse it.
    pub ignore_unknown: bool,
}

/// Two versions, and all in which they differ. Made once, then judged for each pairing.
pub struct Comparison<'s> {
    base: &'s Schema,
    head: &'s Schema,
    changes: Vec<(Change<'s>, Option<Types<'s>>, Carriers)>,
}

impl<'s> Comparison<'s> {
    /// Compares the calls by name, and the data of each call where it meets.
    pub fn new(base: &'s Schema, head: &'s Schema) -> Comparison<'s> {
        let calls = diff(base, head).into_iter().filter_map(|change| {
            let methods: BTreeSet<FullName> = match change.element() {
                Element::Service(service) => service.methods.keys().cloned().collect(),
                Element::Method(method) => BTreeSet::from([method.name.clone()]),
                _ => return None,
            };
            Some((change, None, BTreeMap::from([(Flow::Call, Arc::new(methods))])))
        });
        let mut changes: Vec<_> = calls.collect();
        let data = meetings(base, head).changes().into_iter();
        changes.extend(data.map(|(change, types, calls)| (change, Some(types), calls)));
        Comparison { base, head, changes }
    }

    /// Shows both ends of every change, in every flow that carries it, to every rule.
    pub fn judge(&self, pairing: Pairing, json: Json) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (change, types, carriers) in &self.changes {
            for (&flow, calls) in carriers.iter().filter(|(_, calls)| !calls.is_empty()) {
                let sender = pairing.sender(flow);
                let (from, to) = match sender {
                    Side::Base => (self.base, self.head),
                    Side::Head => (self.head, self.base),
                };
                let within = types.map(|types| Within::of(types, sender));
                // The commonest gateway passes over what it does not know.
                let ignore_unknown = json.ignore_unknown || !json.everywhere;
                let context = Context { flow, sender: from, receiver: to, within, ignore_unknown };
                let ends = change.ends(sender);
                for rule in rules::ALL {
                    let Some(message) = (rule.check)(ends, &context) else { continue };
                    let calls = match rule.codec {
                        Codec::Binary => calls.clone(),
                        Codec::Json => self.in_json(calls, flow, json),
                    };
                    if calls.is_empty() {
                        continue;
                    }
                    findings.push(Finding {
                        rule,
                        flow,
                        subject: change.element().name().clone(),
                        message,
                        calls,
                        codec: rule.codec,
                        spots: within.map(|within| Spot::of(within, ends)).into_iter().collect(),
                        base: change.base().and_then(|name| self.base.sites.get(name)),
                        head: change.head().and_then(|name| self.head.sites.get(name)),
                    });
                }
            }
        }
        one_per_cause(findings)
    }
}

impl Comparison<'_> {
    /// The calls that are made in JSON. A gateway reads the requests of calls with an HTTP binding
    /// whose body is the request; who reads its responses, and how, nobody knows but the user.
    fn in_json(
        &self,
        calls: &Arc<BTreeSet<FullName>>,
        flow: Flow,
        json: Json,
    ) -> Arc<BTreeSet<FullName>> {
        if json.everywhere {
            return calls.clone();
        }
        let bound = |call: &&FullName| {
            let methods = [self.base, self.head].map(|schema| schema.method(call));
            let mut bindings = methods.into_iter().flatten().flat_map(|method| &method.http);
            match flow {
                Flow::Call => bindings.next().is_some(),
                Flow::Request => bindings.any(|binding| binding.body == "*"),
                Flow::Response => false,
            }
        };
        Arc::new(calls.iter().filter(bound).cloned().collect())
    }
}

impl<'s> Within<'s> {
    fn of(types: Types<'s>, sender: Side) -> Within<'s> {
        match (types, sender) {
            (Types::Messages(sender, receiver), Side::Base)
            | (Types::Messages(receiver, sender), Side::Head) => {
                Within::Messages { sender, receiver }
            }
            (Types::Enums(sender, receiver), Side::Base)
            | (Types::Enums(receiver, sender), Side::Head) => Within::Enums { sender, receiver },
        }
    }
}

impl Spot {
    fn of(within: Within<'_>, ends: Ends<'_>) -> Spot {
        let (sender, receiver) = match within {
            Within::Messages { sender, receiver } => (&sender.name, &receiver.name),
            Within::Enums { sender, receiver } => (&sender.name, &receiver.name),
        };
        let number = |element: Element<'_>| match element {
            Element::Field(it) => Some(i64::from(it.number)),
            Element::EnumValue(it) => Some(i64::from(it.number)),
            _ => None,
        };
        let (sent, read) = match ends {
            Ends::SenderOnly(sent) => (number(sent), None),
            Ends::ReceiverOnly(read) => (None, number(read)),
            Ends::Both { sender, receiver } => (number(sender), number(receiver)),
        };
        Spot { sender: sender.clone(), receiver: receiver.clone(), sent, read }
    }
}

/// A type that meets several others says the same of each; it is said once, for all calls.
fn one_per_cause(findings: Vec<Finding>) -> Vec<Finding> {
    let mut causes: Vec<Finding> = Vec::new();
    let mut known: BTreeMap<(&str, Flow, FullName, String), usize> = BTreeMap::new();
    for finding in findings {
        let Finding { rule, flow, subject, message, .. } = &finding;
        match known.entry((rule.id, *flow, subject.clone(), message.clone())) {
            std::collections::btree_map::Entry::Occupied(at) => {
                causes[*at.get()].spots.extend(finding.spots.iter().cloned());
                let known = &mut causes[*at.get()].calls;
                if !Arc::ptr_eq(known, &finding.calls) {
                    Arc::make_mut(known).extend(finding.calls.iter().cloned());
                }
            }
            std::collections::btree_map::Entry::Vacant(at) => {
                at.insert(causes.len());
                causes.push(finding);
            }
        }
    }
    let place = |rule: &Rule| rules::ALL.iter().position(|it| it.id == rule.id);
    causes.sort_by(|a, b| {
        let key = |it: &Finding| (place(it.rule), it.subject.clone(), it.flow);
        key(a).cmp(&key(b))
    });
    causes
}

/// What would go wrong between a client and a server built from two versions, in bytes, and in JSON
/// where calls have HTTP bindings.
pub fn judge(base: &Schema, head: &Schema, pairing: Pairing) -> Vec<Finding> {
    Comparison::new(base, head).judge(pairing, Json::default())
}
