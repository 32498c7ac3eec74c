//! Changes × flows × rules → findings.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    callsites::{CallSite, CallSites, Served},
    diff::{Change, diff},
    meet::{By, Meeting, Types, Walk},
    rules::{self, Code, Context, Rule, Use, Within},
    schema::{Element, Enum, FullName, Names, Schema, Site},
    skew::{Codec, Ends, Flow, Pairing, Side},
    wire::{
        ByName,
        binary::{is_packed, is_repeated},
    },
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
    /// That, and how else: where nobody asked for JSON, what happens in bytes and to a gateway too
    /// is said once.
    pub codecs: BTreeSet<Codec>,
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

/// What has to be known besides the two schemas, for no schema says it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where messages are written in JSON, and how it is read.
    pub json: Json,
    /// Full names of the messages that travel in `google.protobuf.Any`.
    pub any: Vec<Names>,
    /// Names of request fields that say what a call is meant to do, besides those that the rule
    /// `field-intent-ignored` knows.
    pub intents: Vec<Names>,
}

/// Two versions, and all in which they differ. Made once, then judged for each pairing.
pub struct Comparison<'s> {
    base: &'s Schema,
    head: &'s Schema,
    settings: &'s Settings,
    /// Services and methods, with the calls that they are.
    calls: Vec<(Change<'s>, Arc<BTreeSet<FullName>>)>,
    in_bytes: Vec<Meeting<'s>>,
    /// By which side sends.
    in_json: BTreeMap<Side, Vec<Meeting<'s>>>,
}

impl<'s> Comparison<'s> {
    /// Compares the calls by name, and the data of each call where it meets.
    pub fn new(base: &'s Schema, head: &'s Schema, settings: &'s Settings) -> Comparison<'s> {
        let calls = diff(base, head).into_iter().filter_map(|change| {
            let methods: BTreeSet<FullName> = match change.element() {
                Element::Service(service) => service.methods.keys().cloned().collect(),
                Element::Method(method) => BTreeSet::from([method.name.clone()]),
                _ => return None,
            };
            Some((change, Arc::new(methods)))
        });
        let walk = |by, known| Walk { base, head, by, any: &settings.any, known };
        let everywhere = settings.json.everywhere;
        // A gateway reads requests; nobody knows who reads its responses, and how.
        let bound = |flow, call: &FullName| everywhere || is_bound([base, head], flow, call);
        let (in_bytes, known) = walk(By::Number, None).meetings(&|_, _| true);
        let in_json = [Side::Base, Side::Head]
            .map(|side| (side, walk(By::Key(side), Some(&known)).meetings(&bound).0));
        Comparison {
            base,
            head,
            settings,
            calls: calls.collect(),
            in_bytes,
            in_json: in_json.into(),
        }
    }

    /// Shows both ends of every change, in every flow that carries it, to every rule.
    pub fn judge(&self, pairing: Pairing) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (change, calls) in self.calls.iter().filter(|(_, calls)| !calls.is_empty()) {
            let context = self.context(Flow::Call, Codec::Binary, pairing, None);
            self.show(*change, &context, calls, pairing, &mut findings);
        }
        for flow in [Flow::Request, Flow::Response] {
            let sender = pairing.sender(flow);
            for (codec, meetings) in
                [(Codec::Binary, &self.in_bytes), (Codec::Json, &self.in_json[&sender])]
            {
                for meeting in meetings {
                    let Some(calls) = meeting.carriers.get(&flow) else { continue };
                    let held = Held::of(meeting, sender);
                    if held.is_unread() {
                        continue;
                    }
                    let within = held.within(meeting);
                    let context = self.context(flow, codec, pairing, Some(within));
                    for change in &meeting.changes {
                        self.show(*change, &context, calls, pairing, &mut findings);
                    }
                }
            }
        }
        self.once_for_each_cause(findings)
    }

    fn context<'c>(
        &'c self,
        flow: Flow,
        codec: Codec,
        pairing: Pairing,
        within: Option<Within<'c, 's>>,
    ) -> Context<'c, 's> {
        let (sender, receiver) = match pairing.sender(flow) {
            Side::Base => (self.base, self.head),
            Side::Head => (self.head, self.base),
        };
        let Settings { json, intents, .. } = self.settings;
        // The commonest gateway passes over what it does not know.
        let ignore_unknown = json.ignore_unknown || !json.everywhere;
        let code = None;
        Context { flow, codec, sender, receiver, within, ignore_unknown, intents, code }
    }

    /// What every rule says of one change.
    fn show(
        &self,
        change: Change<'s>,
        context: &Context<'_, 's>,
        calls: &Arc<BTreeSet<FullName>>,
        pairing: Pairing,
        findings: &mut Vec<Finding>,
    ) {
        let Context { flow, codec, .. } = *context;
        let ends = change.ends(pairing.sender(flow));
        for rule in rules::ALL {
            // A call is made before there is anything to write.
            if flow != Flow::Call && !rule.codecs.contains(&codec) {
                continue;
            }
            let Some(message) = (rule.check)(ends, context) else { continue };
            // A call is no message: what the rule says of it, it says of one form.
            let codec = if flow == Flow::Call { rule.codecs[0] } else { codec };
            findings.push(Finding {
                rule,
                flow,
                subject: change.element().name().clone(),
                message,
                calls: calls.clone(),
                codec,
                codecs: BTreeSet::from([codec]),
                spots: context.within.iter().map(|within| Spot::of(within, ends)).collect(),
                base: change.base().and_then(|name| self.base.sites.get(name)),
                head: change.head().and_then(|name| self.head.sites.get(name)),
            });
        }
    }

    /// A type that meets several others says the same of each; it is said once, for all calls. And
    /// where nobody asked for JSON, it is not said of JSON what is true in bytes too.
    fn once_for_each_cause(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let causes = one_per_cause(findings);
        if self.settings.json.everywhere {
            return causes;
        }
        let key = |it: &Finding| (it.rule.id, it.flow, it.subject.clone());
        let (mut said, in_json): (Vec<Finding>, Vec<Finding>) =
            causes.into_iter().partition(|it| it.codec == Codec::Binary);
        let again: BTreeSet<_> = in_json.iter().map(key).collect();
        let known: BTreeSet<_> = said.iter().map(key).collect();
        for it in said.iter_mut().filter(|it| again.contains(&key(it))) {
            it.codecs.insert(Codec::Json);
        }
        said.extend(in_json.into_iter().filter(|it| !known.contains(&key(it))));
        said.sort_by_cached_key(order);
        said
    }
}

/// What the sources of one end say: its schema, and those of its calls and servers that count.
pub struct Sources<'s> {
    /// What the end was built from.
    pub schema: &'s Schema,
    /// Calls that its clients make.
    pub sites: Vec<&'s CallSite>,
    /// What the servers do that its programs register.
    pub served: Vec<&'s Served>,
}

impl<'s> Sources<'s> {
    /// All that was found counts.
    pub fn all(schema: &'s Schema, found: &'s CallSites) -> Sources<'s> {
        let served = found.served.iter().filter(|it| it.registered);
        Sources { schema, sites: found.sites.iter().collect(), served: served.collect() }
    }
}

/// Shows every call that the client's sources make to the rules that read sources.
pub fn judge_sources(base: &Sources<'_>, head: &Sources<'_>, pairing: Pairing) -> Vec<Finding> {
    let settings = Settings::default();
    let sides = |side| if side == Side::Base { base } else { head };
    let (client, server) = (sides(pairing.client), sides(pairing.server));
    let mut sites: BTreeMap<&FullName, Vec<&CallSite>> = BTreeMap::new();
    for site in &client.sites {
        sites.entry(&site.rpc).or_default().push(site);
    }
    let mut findings = Vec::new();
    for (call, sites) in sites {
        let Some(sent) = client.schema.method(call).map(Element::Method) else { continue };
        let ends = match server.schema.method(call).map(Element::Method) {
            Some(read) => Ends::Both { sender: sent, receiver: read },
            None => Ends::SenderOnly(sent),
        };
        let served: Vec<&Served> =
            server.served.iter().copied().filter(|it| it.rpc == *call).collect();
        let context = Context {
            flow: Flow::Call,
            codec: Codec::Binary,
            sender: client.schema,
            receiver: server.schema,
            within: None,
            ignore_unknown: settings.json.ignore_unknown,
            intents: &settings.intents,
            code: Some(Code { sites: &sites, served: &served }),
        };
        for rule in rules::ALL.iter().filter(|it| it.reads_sources()) {
            let Some(message) = (rule.check)(ends, &context) else { continue };
            findings.push(Finding {
                rule,
                flow: Flow::Call,
                subject: call.clone(),
                message,
                calls: Arc::new(BTreeSet::from([call.clone()])),
                codec: Codec::Binary,
                codecs: BTreeSet::from([Codec::Binary]),
                spots: Vec::new(),
                base: base.schema.sites.get(call),
                head: head.schema.sites.get(call),
            });
        }
    }
    findings
}

/// The request of a call is the body of an HTTP binding, which a gateway reads.
fn is_bound(schemas: [&Schema; 2], flow: Flow, call: &FullName) -> bool {
    let methods = schemas.into_iter().filter_map(|schema| schema.method(call));
    let mut bindings = methods.flat_map(|method| &method.http);
    flow == Flow::Request && bindings.any(|binding| binding.body == "*")
}

/// What rules ask about the two types of a meeting, seen from the sender.
enum Held<'s> {
    Messages { sender: ByName<'s>, receiver: ByName<'s> },
    Enums { sender: &'s Enum, receiver: &'s Enum, uses: Vec<Use<'s>> },
}

impl<'s> Held<'s> {
    fn of(meeting: &Meeting<'s>, sender: Side) -> Held<'s> {
        match (meeting.types, sender) {
            (Types::Messages(sender, receiver), Side::Base)
            | (Types::Messages(receiver, sender), Side::Head) => {
                Held::Messages { sender: ByName::of(sender), receiver: ByName::of(receiver) }
            }
            (Types::Enums(from, to), Side::Base) | (Types::Enums(to, from), Side::Head) => {
                let uses = meeting.uses.iter().map(|it| {
                    let [sent, read] = match sender {
                        Side::Base => [it.base, it.head],
                        Side::Head => [it.head, it.base],
                    };
                    Use { sent, read, in_map: it.in_map }
                });
                // A packed list is read by lists alone: what is in it does not arrive elsewhere.
                let read = |it: &Use<'_>| !is_packed(it.sent) || is_repeated(it.read);
                Held::Enums { sender: from, receiver: to, uses: uses.filter(read).collect() }
            }
        }
    }

    /// The receiver reads neither of the enums from the fields in which they meet.
    fn is_unread(&self) -> bool {
        matches!(self, Held::Enums { uses, .. } if uses.is_empty())
    }

    fn within<'c>(&'c self, meeting: &'c Meeting<'s>) -> Within<'c, 's> {
        match self {
            Held::Messages { sender, receiver } => {
                Within::Messages { sender, receiver, replaced: &meeting.replaced }
            }
            Held::Enums { sender, receiver, uses } => Within::Enums { sender, receiver, uses },
        }
    }
}

impl Spot {
    fn of(within: &Within<'_, '_>, ends: Ends<'_>) -> Spot {
        let (sender, receiver) = match within {
            Within::Messages { sender, receiver, .. } => {
                (&sender.message.name, &receiver.message.name)
            }
            Within::Enums { sender, receiver, .. } => (&sender.name, &receiver.name),
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

/// What is said of one element, whichever types met there, said once for all calls.
fn one_per_cause(findings: Vec<Finding>) -> Vec<Finding> {
    let mut causes: Vec<Finding> = Vec::new();
    let mut known: BTreeMap<(&str, Codec, Flow, FullName, String), usize> = BTreeMap::new();
    for finding in findings {
        let Finding { rule, codec, flow, subject, message, .. } = &finding;
        match known.entry((rule.id, *codec, *flow, subject.clone(), message.clone())) {
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
    causes.sort_by_cached_key(order);
    causes
}

/// As rules are listed; then by name.
fn order(it: &Finding) -> (Option<usize>, FullName, Flow, Codec) {
    let place = rules::ALL.iter().position(|rule| rule.id == it.rule.id);
    (place, it.subject.clone(), it.flow, it.codec)
}

/// What would go wrong between a client and a server built from two versions, in bytes, and in JSON
/// where calls have HTTP bindings.
pub fn judge(base: &Schema, head: &Schema, pairing: Pairing) -> Vec<Finding> {
    Comparison::new(base, head, &Settings::default()).judge(pairing)
}
