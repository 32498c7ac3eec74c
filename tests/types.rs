//! What becomes of a value whose type is another at the other end: every ordered pair of types, and
//! of the ways to say how many there are. The tables are what protobuf.dev says, and, where it is
//! silent or generous, what the runtimes of C++, Java, Go and Python did when they were tried.

use std::{collections::BTreeMap, fmt::Write as _};

use protoskew::{
    compile::{Layout, Units, compile},
    judge::{Comparison, Finding, Json, Settings},
    rules::Effect,
    schema::Schema,
    skew::{Codec, Flow, Pairing},
    tree::Tree,
};

/// The types, in the order of the tables. `S` is a message and `G` the same between two tags; the
/// values of both enums are 0 and 1.
const TYPES: [&str; 19] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
    "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes", "Open", "Closed", "S", "G",
];

/// A row for the type that is sent, a column for the type that is read. The worst that happens:
/// nothing (`.`), the value is lost (`L`), read as another (`M`), or the message refused (`F`);
/// in small letters, where that is so of some values only.
///
/// `int32`, `int64`, `uint32`, `uint64`, `bool` and enums can be exchanged, as far as a value fits;
/// `sint32` and `sint64` among themselves; `fixed` and `sfixed` of one width. Wire types that differ
/// lose the value. Texts, bytes and messages are read as each other.
#[rustfmt::skip]
const BYTES: [&str; 19] = [
    ".LLLLLLLLMLMLLLLLLL", // double
    "L.LLLLLLMLMLLLLLLLL", // float
    "LL..mmMMLLLLmLL.lLL", // int32
    "LLm.mmMMLLLLmLLmlLL", // int64
    "LLm...MMLLLLmLLmlLL", // uint32
    "LLmmm.MMLLLLmLLmlLL", // uint64
    "LLMMMM..LLLLmLLMMLL", // sint32
    "LLMMMMm.LLLLmLLMMLL", // sint64
    "LMLLLLLL.LmLLLLLLLL", // fixed32
    "MLLLLLLLL.LmLLLLLLL", // fixed64
    "LMLLLLLLmL.LLLLLLLL", // sfixed32
    "MLLLLLLLLmL.LLLLLLL", // sfixed64
    "LL....MMLLLL.LL..LL", // bool
    "LLLLLLLLLLLLL..LLFL", // string
    "LLLLLLLLLLLLLf.LLfL", // bytes
    "LL....MMLLLL.LL.lLL", // Open
    "LL....MMLLLL.LL..LL", // Closed
    "LLLLLLLLLLLLLM.LL.L", // S
    "LLLLLLLLLLLLLLLLLL.", // G
];

/// The same in JSON. Integers are refused where they do not fit, and rounded by `double` and `float`;
/// 64-bit ones are strings. Enums are names; a text may be a name or a number by chance. Numbers,
/// `bool`, texts and objects are told apart.
#[rustfmt::skip]
const JSON: [&str; 19] = [
    ".fffffffffffFFFFFFF", // double
    "..ffffffffffFFFFFFF", // float
    ".m..ff..ff..FFF.fFF", // int32
    "mmf.fff.fff.F.MFFFF", // int64
    ".mf...f...f.FFFffFF", // uint32
    "mmfff.fff.ffF.MFFFF", // uint64
    ".m..ff..ff..FFF.fFF", // sint32
    "mmf.fff.fff.F.MFFFF", // sint64
    ".mf...f...f.FFFffFF", // fixed32
    "mmfff.fff.ffF.MFFFF", // fixed64
    ".m..ff..ff..FFF.fFF", // sfixed32
    "mmf.fff.fff.F.MFFFF", // sfixed64
    "FFFFFFFFFFFF.FFFFFF", // bool
    "ffffffffffffF.FffFF", // string
    "ffffffffffffFM.FFFF", // bytes
    "FFFFFFFFFFFFF.M..FF", // Open
    "FFFFFFFFFFFFF.M..FF", // Closed
    "FFFFFFFFFFFFFFFFF..", // S
    "FFFFFFFFFFFFFFFFF..", // G
];

/// How many values there are, by what is written around a type: without presence, with it, required,
/// a packed list, an expanded one, a case of a oneof, a map.
const MANY: [&str; 7] = ["implicit", "explicit", "required", "packed", "expanded", "oneof", "map"];

/// As above; `u` is a value that is not sent, though the receiver could tell it from an absent one.
///
/// A reader of a list takes a single value, and both forms; a packed list is no single value, and of
/// an expanded one the last is kept. A map is a list of messages.
const MANY_NUMBERS_IN_BYTES: [&str; 7] =
    [".uF..uL", "..F...L", "......L", "LLF..LF", "llF..lL", "..F...L", "LLFMML."];
const MANY_TEXTS_IN_BYTES: [&str; 7] =
    [".uF..uF", "..F...F", "......F", "llF..lF", "llF..lF", "..F...F", "MMFMMM."];
/// In JSON a list is a list, and a map an object.
const MANY_IN_JSON: [&str; 7] =
    [".uFFFuF", "..FFF.F", "...FF.F", "FFF..FF", "FFF..FF", "..FFF.F", "FFFFFF."];

#[test]
fn every_pair_of_types_is_judged_as_runtimes_read_it() {
    let fields = TYPES.map(|ty| match ty {
        "Open" | "Closed" => format!("Of{ty}.{ty} f = 1;"),
        "G" => "S f = 1 [features.message_encoding = DELIMITED];".to_owned(),
        ty => format!("{ty} f = 1;"),
    });
    assert_eq!(table(&TYPES, &fields, Codec::Binary), BYTES.join("\n"));
    assert_eq!(table(&TYPES, &fields, Codec::Json), JSON.join("\n"));
}

#[test]
fn every_pair_of_cardinalities_is_judged_as_runtimes_read_it() {
    for (ty, in_bytes) in [("int32", MANY_NUMBERS_IN_BYTES), ("string", MANY_TEXTS_IN_BYTES)] {
        let fields = MANY.map(|many| field(ty, many));
        assert_eq!(table(&MANY, &fields, Codec::Binary), in_bytes.join("\n"), "{ty}");
        assert_eq!(table(&MANY, &fields, Codec::Json), MANY_IN_JSON.join("\n"), "{ty}");
    }
}

fn field(ty: &str, many: &str) -> String {
    match many {
        "implicit" => format!("{ty} f = 1 [features.field_presence = IMPLICIT];"),
        "required" => format!("{ty} f = 1 [features.field_presence = LEGACY_REQUIRED];"),
        "packed" => format!("repeated {ty} f = 1;"),
        // Texts are never packed.
        "expanded" if ty == "string" => format!("repeated {ty} f = 1;"),
        "expanded" => format!("repeated {ty} f = 1 [features.repeated_field_encoding = EXPANDED];"),
        "oneof" => format!("oneof choice {{ {ty} f = 1; }}"),
        "map" => format!("map<string, {ty}> f = 1;"),
        _ => format!("{ty} f = 1;"),
    }
}

/// One call for each pair: the client sends the one, the server reads the other.
fn table(names: &[&str], fields: &[String], codec: Codec) -> String {
    let pairs: Vec<(usize, usize)> = (0..fields.len())
        .flat_map(|sent| (0..fields.len()).map(move |read| (sent, read)))
        .collect();
    let client = schema(&pairs.iter().map(|(sent, _)| &*fields[*sent]).collect::<Vec<_>>());
    let server = schema(&pairs.iter().map(|(_, read)| &*fields[*read]).collect::<Vec<_>>());
    let json = Json { everywhere: true, ignore_unknown: false };
    let settings = Settings { json, ..Settings::default() };
    let findings = Comparison::new(&server, &client, &settings).judge(Pairing::NEWER_CLIENT);
    let mut worst: BTreeMap<&str, char> = BTreeMap::new();
    for it in findings.iter().filter(|it| it.codec == codec && it.flow == Flow::Request) {
        for call in it.calls.iter() {
            let worst = worst.entry(call.leaf()).or_insert('.');
            *worst = (*worst).max_by_harm(letter(it));
        }
    }
    let rows = (0..names.len()).map(|sent| {
        let cells = (0..names.len()).map(|read| {
            let call = format!("C{}", sent * names.len() + read);
            worst.get(call.as_str()).copied().unwrap_or('.')
        });
        cells.collect::<String>()
    });
    rows.collect::<Vec<_>>().join("\n")
}

trait Harm {
    fn max_by_harm(self, other: char) -> char;
}

impl Harm for char {
    fn max_by_harm(self, other: char) -> char {
        let harm = |it: char| ".ulLmMfF".find(it);
        if harm(self) < harm(other) { other } else { self }
    }
}

fn letter(finding: &Finding) -> char {
    let letter = match finding.rule.effect {
        Effect::CallFails => 'F',
        Effect::Misread => 'M',
        Effect::Lost => 'L',
        Effect::Ignored => 'I',
        Effect::Unset => 'u',
    };
    if finding.rule.only_some { letter.to_ascii_lowercase() } else { letter }
}

fn schema(fields: &[&str]) -> Schema {
    let mut text = "edition = \"2023\";
        message OfOpen { enum Open { A = 0; B = 1; } }
        message OfClosed {
          enum Closed { option features.enum_type = CLOSED; A = 0; B = 1; }
        }
        message S { int32 number = 1; }
        message Done {}
        service Calls {"
        .to_owned();
    for at in 0..fields.len() {
        write!(text, "rpc C{at}(M{at}) returns (Done);").ok();
    }
    text.push('}');
    for (at, field) in fields.iter().enumerate() {
        write!(text, "message M{at} {{ {field} }}").ok();
    }
    let files = BTreeMap::from([("types.proto".to_owned(), text.into_bytes())]);
    let tree = Tree::memory("types", files);
    compile(&tree, &Layout::default(), &Units::default()).expect("it compiles").schema
}
