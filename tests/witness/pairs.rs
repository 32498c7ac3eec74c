//! Schemas made at random: what is found is what messages suffer, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{RngSeed, TestCaseError},
};
use protoskew::{
    compile::{Layout, Units, compile},
    judge::{Comparison, Finding, Json, Settings, Spot},
    rules::Effect,
    schema::{self, FieldType, FullName, Message, Schema},
    skew::{Codec, Flow, Pairing, Side},
    tree::Tree,
    witness::{
        Prover,
        codec::{Record, json::Strictness},
        fill,
        harm::{Harm, Kind, Way, deliver},
        trials,
    },
};

const TYPES: [&str; 20] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
    "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes", "Open", "Closed", "Part",
    "Other", "Whole",
];
const KEYS: [&str; 4] = ["string", "int32", "bool", "uint64"];

/// A field of the message that travels, but for its number.
#[derive(Clone, Debug)]
struct Field {
    name: u8,
    ty: usize,
    label: Label,
    /// `utf8_validation = NONE`, `message_encoding = DELIMITED`: what there is for the type.
    other_form: bool,
    default: bool,
}

#[derive(Clone, Copy, Debug)]
enum Label {
    Implicit,
    Explicit,
    Required,
    Packed,
    Expanded,
    Oneof,
    Map(usize),
}

/// One version, as far as it is not fixed.
#[derive(Clone, Debug)]
struct Version {
    /// By number less one.
    fields: Vec<Option<Field>>,
    /// The names of the values of both enums, from 1.
    values: Vec<u8>,
}

fn field() -> impl Strategy<Value = Field> {
    let label = prop_oneof![
        Just(Label::Implicit),
        Just(Label::Explicit),
        Just(Label::Required),
        Just(Label::Packed),
        Just(Label::Expanded),
        Just(Label::Oneof),
        (0..KEYS.len()).prop_map(Label::Map),
    ];
    let parts = (0..4_u8, 0..TYPES.len(), label, any::<bool>(), any::<bool>());
    parts.prop_map(|(name, ty, label, other_form, default)| Field {
        name,
        ty,
        label,
        other_form,
        default,
    })
}

/// Two versions: of each number, what the second has is what the first has, or in part, or not.
fn versions() -> impl Strategy<Value = [Version; 2]> {
    let slot = (proptest::option::of(field()), proptest::option::of(field()), 0..6_u8);
    let slot = slot.prop_map(|(ours, theirs, how)| match (ours, theirs, how) {
        (Some(ours), _, 0) => [Some(ours.clone()), Some(ours)],
        (Some(ours), Some(theirs), 1) => {
            let ty = Field { ty: theirs.ty, ..ours.clone() };
            [Some(ours), Some(ty)]
        }
        (Some(ours), Some(theirs), 2) => {
            let label = Field { label: theirs.label, ..ours.clone() };
            [Some(ours), Some(label)]
        }
        (Some(ours), Some(theirs), 3) => {
            let name = Field { name: theirs.name, ..ours.clone() };
            [Some(ours), Some(name)]
        }
        (ours, theirs, _) => [ours, theirs],
    });
    // An enum of which nothing is known but zero never arrives where presence is implicit.
    let values = || vec(0..3_u8, 0..=2).prop_map(|it| [vec![0], it].concat());
    (vec(slot, 4), values(), values()).prop_map(|(slots, ours, theirs)| {
        let (base, head) = slots.into_iter().map(|[base, head]| (base, head)).unzip();
        [Version { fields: base, values: ours }, Version { fields: head, values: theirs }]
    })
}

/// The version as source text, in edition 2023, which can say all of it.
fn source(version: &Version) -> String {
    let mut taken = [false; 4];
    let (mut plain, mut cases) = (String::new(), String::new());
    for (at, field) in version.fields.iter().enumerate() {
        let Some(field) = field else { continue };
        let name = match std::mem::replace(&mut taken[usize::from(field.name)], true) {
            false => format!("f{}", field.name),
            true => format!("g{at}"),
        };
        let line = line(field, &name, at + 1);
        match field.label {
            Label::Oneof => cases += &line,
            _ => plain += &line,
        }
    }
    let oneof = if cases.is_empty() { cases } else { format!("oneof choice {{\n{cases}}}\n") };
    let values = |prefix: &str| -> String {
        let names = version.values.iter().enumerate();
        let mut known = Vec::new();
        let lines = names.map(|(at, name)| {
            let name = if known.contains(name) { at as u8 + 7 } else { *name };
            known.push(name);
            format!("{prefix}_{name} = {};\n", at + 1)
        });
        lines.collect()
    };
    let (open, closed) = (values("O"), values("C"));
    format!(
        "edition = \"2023\";\npackage p;\n\
         service S {{ rpc Call(Whole) returns (Reply); }}\n\
         message Reply {{}}\n\
         message Part {{ int32 count = 1; Part part = 2; }}\n\
         message Other {{ string text = 1; fixed64 wide = 3; }}\n\
         enum Open {{\nO_ZERO = 0;\n{open}}}\n\
         enum Closed {{\noption features.enum_type = CLOSED;\nC_ZERO = 0;\n{closed}}}\n\
         message Whole {{\n{plain}{oneof}}}\n"
    )
}

fn line(field: &Field, name: &str, number: usize) -> String {
    let ty = TYPES[field.ty];
    let scalar = field.ty < 15;
    let message = field.ty >= 17;
    let packable = !message && !matches!(ty, "string" | "bytes");
    let mut options = Vec::new();
    let mut label = String::new();
    let mut spelled = ty.to_owned();
    match field.label {
        Label::Implicit if !message && ty != "Closed" => {
            options.push("features.field_presence = IMPLICIT".to_owned());
        }
        // A message that requires itself is never whole.
        Label::Required if ty == "Whole" => (),
        Label::Required => options.push("features.field_presence = LEGACY_REQUIRED".to_owned()),
        Label::Packed | Label::Expanded => {
            label = "repeated ".to_owned();
            if matches!(field.label, Label::Expanded) && packable {
                options.push("features.repeated_field_encoding = EXPANDED".to_owned());
            }
        }
        Label::Map(key) => spelled = format!("map<{}, {ty}>", KEYS[key]),
        Label::Implicit | Label::Explicit | Label::Oneof => (),
    }
    let map = matches!(field.label, Label::Map(_));
    if field.other_form && ty == "string" {
        options.push("features.utf8_validation = NONE".to_owned());
    }
    if field.other_form && message && !map {
        options.push("features.message_encoding = DELIMITED".to_owned());
    }
    if field.default && scalar && matches!(field.label, Label::Explicit) {
        let value = match ty {
            "string" | "bytes" => "\"d\"",
            "bool" => "true",
            _ => "3",
        };
        options.push(format!("default = {value}"));
    }
    let options =
        if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
    format!("{label}{spelled} {name} = {number}{options};\n")
}

fn compiled(text: &str) -> Schema {
    let files = BTreeMap::from([("p.proto".to_owned(), text.as_bytes().to_vec())]);
    let tree = Tree::memory("p", files);
    let compiled = compile(&tree, &Layout::default(), &Units::default());
    compiled.unwrap_or_else(|err| panic!("{:?}\n{text}", miette::Report::new(err))).schema
}

const PAIRINGS: [Pairing; 2] = [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER];

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(33),
        // A failure prints the schemas; those go into a fixture.
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_found_is_what_messages_suffer(versions in versions()) {
        let texts = versions.each_ref().map(source);
        let [base, head] = texts.each_ref().map(|text| compiled(text));
        prop_assume!(!entries_meet_messages(&base, &head));
        for ignore_unknown in [false, true] {
            let json = Json { everywhere: true, ignore_unknown };
            let settings = Settings { json, ..Settings::default() };
            let comparison = Comparison::new(&base, &head, &settings);
            for pairing in PAIRINGS {
                let findings = comparison.judge(pairing);
                let prover = Prover::new(&base, &head, pairing, &settings, findings.iter());
                let context = || {
                    let said = findings.iter().filter(|it| it.flow == Flow::Request).map(|it| {
                        format!("{} {:?} {}: {}", it.rule.id, it.codec, it.subject, it.message)
                    });
                    let said = said.collect::<Vec<_>>().join("\n");
                    format!("{pairing:?} {json:?}\n{said}\n{}\nto\n{}", texts[0], texts[1])
                };
                for it in &findings {
                    prop_assert!(
                        prover.prove(it).is_some() || is_hidden(it, &findings),
                        "no message shows {} {:?} of {}: {}\n{}",
                        it.rule.id, it.codec, it.subject, it.message, context()
                    );
                }
                let (sender, receiver) = match pairing.sender(Flow::Request) {
                    Side::Base => (&base, &head),
                    Side::Head => (&head, &base),
                };
                let strictness = match ignore_unknown {
                    false => Strictness::Refuse,
                    true => Strictness::Ignore,
                };
                for codec in [Codec::Binary, Codec::Json] {
                    let way = Way { sender, receiver, codec, strictness };
                    suffered(way, &findings).map_err(|it| {
                        TestCaseError::fail(format!("{it}\n{}", context()))
                    })?;
                }
            }
        }
    }
}

/// Every harm that a message suffers is one that was found.
fn suffered(way: Way<'_>, findings: &[Finding]) -> Result<(), String> {
    let [from, to] = [way.sender, way.receiver].map(|it| &*it.messages["p.Whole"]);
    let all = from.fields.keys().chain(to.fields.keys()).map(|it| i64::from(*it)).collect();
    let mut least = Record::default();
    fill(way, &mut least, from, to);
    let always = deliver(way, (from, to), &least).harms;
    let told = |harm: &Harm, numbers: &BTreeSet<i64>, record: &Record| {
        let trial = Trial { way, from, to, numbers, harm };
        if findings.iter().any(|it| trial.is_told_by(it)) {
            return Ok(());
        }
        let (Harm { kind, types, sent, read, says }, codec) = (harm, way.codec);
        Err(format!(
            "{codec:?} suffers {kind:?} in {} {sent:?} {read:?}: {says}\n{record:?}",
            types.0
        ))
    };
    for harm in &always {
        told(harm, &all, &least)?;
    }
    for (sent, read) in subjects(from, to) {
        let mut plain = least.clone();
        if let Some(sent) = sent {
            plain.fields.remove(&u32::try_from(sent).expect("a number"));
        }
        let refused = deliver(way, (from, to), &plain).read.is_err();
        for mut record in trials(way, (from, to), sent, read) {
            let set = record.fields.keys().map(|it| i64::from(*it));
            let numbers = set.chain(sent).chain(read).collect();
            fill(way, &mut record, from, to);
            for harm in deliver(way, (from, to), &record).harms {
                // The same is refused without the field, and harmed without it.
                let same = refused && harm.kind == Kind::Refused;
                if !same && !always.contains(&harm) {
                    told(&harm, &numbers, &record)?;
                }
            }
        }
    }
    Ok(())
}

/// Every entry of a map is refused for its key or its value, and what else becomes of entries no
/// message shows.
fn is_hidden(finding: &Finding, findings: &[Finding]) -> bool {
    let entry = |spot: &&Spot| spot.sender.leaf().ends_with("Entry");
    findings.iter().any(|other| {
        let refused = other.rule.effect == Effect::CallFails && !other.rule.only_some;
        let other_field = (other.codec, other.flow) == (finding.codec, finding.flow)
            && other.subject != finding.subject;
        refused && other_field && other.spots.iter().any(|it| entry(&it))
    })
}

/// A map stands where the other version has a message that is no entry. What comes of it is for each
/// entry to say: some are such a message too, by chance.
fn entries_meet_messages(base: &Schema, head: &Schema) -> bool {
    let [base, head] = [base, head].map(|it| &it.messages["p.Whole"]);
    let message = |it: &schema::Field| matches!(it.ty, FieldType::Message(_) | FieldType::Group(_));
    base.fields.values().any(|ours| {
        let same =
            |it: &&schema::Field| it.number == ours.number || it.name.leaf() == ours.name.leaf();
        let met = head.fields.values().filter(same);
        met.into_iter().any(|it| it.map != ours.map && message(it) && message(ours))
    })
}

/// Every field of the sender, and those that only the receiver has.
fn subjects(from: &Message, to: &Message) -> Vec<(Option<i64>, Option<i64>)> {
    let sent = from.fields.keys().map(|it| (Some(i64::from(*it)), None));
    let read = to.fields.keys().filter(|it| !from.fields.contains_key(it));
    sent.chain(read.map(|it| (None, Some(i64::from(*it))))).collect()
}

/// A message that came to harm.
struct Trial<'t> {
    way: Way<'t>,
    from: &'t Message,
    to: &'t Message,
    /// The fields that it is about.
    numbers: &'t BTreeSet<i64>,
    harm: &'t Harm,
}

impl Trial<'_> {
    /// The finding speaks of that harm, or of a worse one in the same field.
    fn is_told_by(&self, finding: &Finding) -> bool {
        // What has another name may be the same thing.
        if matches!(self.harm.kind, Kind::FieldRenamed | Kind::EnumRenamed) {
            return true;
        }
        // A field that moved is one field, and it is said at the sender's number.
        if finding.rule.id == "field-renumbered" && self.harm.kind == Kind::NeverSent {
            let name = |message: &Message, number: Option<i64>| {
                let field = message.fields.get(&u32::try_from(number?).ok()?)?;
                Some(field.name.leaf().to_owned())
            };
            let read = name(self.to, self.harm.read);
            if finding.spots.iter().any(|it| name(self.from, it.sent) == read) {
                return true;
            }
        }
        // What cannot stand together is said once, at one of the fields.
        if ["oneof-clobbered", "json-oneof-rejected"].contains(&finding.rule.id)
            && [Kind::Cleared, Kind::Refused].contains(&self.harm.kind)
        {
            return finding.codec == self.way.codec;
        }
        // Once a value never arrives as it was sent, what else becomes of it is not said again.
        let spoiled = rank(finding.rule.effect) <= 1 && !finding.rule.only_some;
        let bad_enough = rank(finding.rule.effect) <= rank(self.harm.kind.effect());
        finding.codec == self.way.codec
            && (bad_enough || spoiled)
            && finding.spots.iter().any(|it| self.is_at(it))
    }

    fn is_at(&self, spot: &Spot) -> bool {
        let Harm { types, sent, read, .. } = self.harm;
        let about = |number: Option<i64>| number.is_some_and(|it| self.numbers.contains(&it));
        let same = |a: Option<i64>, b: Option<i64>| a.is_some() && a == b;
        let there = (&spot.sender, &spot.receiver) == (&types.0, &types.1)
            && (same(spot.sent, *sent) || same(spot.read, *read));
        let here = spot.sender == self.from.name && (about(spot.sent) || about(spot.read));
        // The whole message is refused for what is in a field, or a field is gone for it.
        let mut fields = self.from.fields.values();
        let within = fields.any(|it| {
            about(Some(it.number.into())) && holds(self.way.sender, &it.ty, &spot.sender, 3)
        });
        there || here || within && types.0 == self.from.name
    }
}

/// How bad it is. A value that arrives as another is as bad as one that does not arrive, and what
/// may be either is said once.
fn rank(effect: Effect) -> u8 {
    match effect {
        Effect::CallFails => 0,
        Effect::Misread | Effect::Lost => 1,
        Effect::Ignored => 2,
        Effect::Unset => 3,
    }
}

/// The type is that of a field, or of a field in it: messages that are tried are not deeper.
fn holds(schema: &Schema, ty: &FieldType, name: &FullName, deep: usize) -> bool {
    match ty {
        FieldType::Enum(it) => it == name,
        FieldType::Message(it) | FieldType::Group(it) => {
            let mut inner = schema.messages[it].fields.values().filter(|_| deep > 0);
            it == name || inner.any(|it| holds(schema, &it.ty, name, deep - 1))
        }
        FieldType::Scalar(_) | FieldType::Opaque(_) => false,
    }
}
