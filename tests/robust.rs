//! Whatever a file holds, there is an answer. `fuzz/` asks for longer.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use proptest::{collection::vec, prelude::*, test_runner::RngSeed};
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};
use protoskew::{
    compile::{Input, Layout, Scope, Units, compile_all, inside},
    judge::judge,
    skew::Pairing,
    tree::Tree,
};

#[allow(unreachable_pub)]
#[path = "../fuzz/src/lib.rs"]
mod fuzz;
#[path = "support/slips.rs"]
mod slips;

use slips::{slip, slips};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        // The same inputs in every run: a change is judged by what it changed.
        rng_seed: RngSeed::Fixed(20_240_229),
        ..ProptestConfig::default()
    })]

    #[test]
    fn bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::prepass(&bytes);
        fuzz::compile(&bytes);
        fuzz::descriptors(&bytes);
    }

    #[test]
    fn words_in_any_order_are_read_or_refused(words in vec(word(), 0..60)) {
        let text = words.concat();
        fuzz::prepass(text.as_bytes());
        fuzz::compile(text.as_bytes());
    }

    #[test]
    fn files_with_slips_are_read_or_refused(text in mutated()) {
        fuzz::prepass(text.as_bytes());
        fuzz::compile(text.as_bytes());
    }

    #[test]
    fn sets_with_slips_are_read_or_refused(bytes in mutated_set()) {
        fuzz::descriptors(&bytes);
    }
}

/// What means something to those who read a file, each with what is between words.
fn word() -> impl Strategy<Value = String> {
    const WORDS: [&str; 70] = [
        "edition",
        "\"2023\"",
        "\"2024\"",
        "syntax",
        "\"proto2\"",
        "\"proto3\"",
        "package",
        "import",
        "public",
        "option",
        "\"a.proto\"",
        "message",
        "enum",
        "service",
        "rpc",
        "returns",
        "stream",
        "extend",
        "extensions",
        "reserved",
        "oneof",
        "map",
        "group",
        "optional",
        "repeated",
        "required",
        "export",
        "local",
        "default",
        "features",
        "field_presence",
        "IMPLICIT",
        "DELIMITED",
        "message_encoding",
        "json_name",
        "packed",
        "declaration",
        "to",
        "max",
        "inf",
        "nan",
        "A",
        "a",
        "int32",
        "string",
        "0",
        "1",
        "536870912",
        "0x7fffffff",
        "18446744073709551616",
        "1e400",
        "-",
        "=",
        ";",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        ",",
        ".",
        ":",
        "\"",
        "'",
        "\"\\x\"",
        "/*",
        "*/",
    ];
    const BETWEEN: [&str; 8] = [" ", "\n", "", "\t", "/**/", "//\n", "é", "\u{feff}"];
    (0..WORDS.len(), prop_oneof![6 => Just(0), 2 => 1..BETWEEN.len()])
        .prop_map(|(word, between)| format!("{}{}", WORDS[word], BETWEEN[between]))
}

/// The files that protoc's tests are made of.
fn corpus() -> Vec<String> {
    let files = walkdir::WalkDir::new("testdata/protoc").sort_by_file_name().into_iter();
    let files = files.map(|entry| entry.expect("it can be listed").into_path());
    let files = files.filter(|path| path.extension().is_some_and(|it| it == "proto"));
    files.map(|path| fs::read_to_string(path).expect("it can be read")).collect()
}

fn mutated() -> impl Strategy<Value = String> {
    let files = corpus();
    (0..files.len(), slips(word())).prop_map(move |(file, slips)| {
        let mut chars: Vec<char> = files[file].chars().collect();
        slip(&mut chars, slips, |word| word.chars().collect());
        chars.into_iter().collect()
    })
}

fn mutated_set() -> impl Strategy<Value = Vec<u8>> {
    let files = corpus();
    let files: Vec<FileDescriptorProto> =
        files.iter().map(|file| inside::descriptor(file).expect("it is in order")).collect();
    (0..files.len(), slips(word())).prop_map(move |(file, slips)| {
        let mut bytes = FileDescriptorSet { file: vec![files[file].clone()] }.encode_to_vec();
        slip(&mut bytes, slips, |word| word.as_bytes().to_vec());
        bytes
    })
}

/// Whatever is cut off, and wherever a character stands that is no letter.
#[test]
fn half_a_file_is_read_or_refused() {
    for file in corpus() {
        for (at, char) in file.char_indices().step_by(31) {
            let half = &file[..at];
            fuzz::prepass(half.as_bytes());
            let with = format!("{half}世{}", &file[at + char.len_utf8()..]);
            fuzz::prepass(with.as_bytes());
        }
    }
}

/// What has little room for its stack, so that depth in a file would end it.
fn with_little_stack(run: impl FnOnce() + Send) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(1 << 20).build();
    pool.expect("threads").install(run);
}

#[test]
fn depth_in_a_file_costs_no_stack() {
    let deep = |open: &str, close: &str| open.repeat(20_000) + &close.repeat(20_000);
    let sources = [
        deep("message A {", "}"),
        deep("{", "}"),
        deep("extend A { optional group A = 1 {", "}}"),
        deep("message A { oneof a { group A = 1 {", "}}}"),
        deep("/*", "*/"),
        format!("message A {{ int32 a = 1 {}; }}", deep("[", "]")),
        format!("message A {{ {}B b = 1; }}", deep("a.", "")),
        format!("option {} = 1;", deep("(", ")")),
        format!("option x = {}1;", deep("-", "")),
        format!("option x = {};", deep("\"a\" ", "")),
        format!("option (x) = {};", deep("{a ", "}")),
        format!("option (x) = {{ {} }};", deep("a <", ">")),
        format!("option (x) = {{ a: {} }};", deep("[", "]")),
        format!("option (x){} = 1;", deep(".a", "")),
        format!("option (x){} = 1;", deep(".(a)", "")),
        format!("option features = {};", deep("{a ", "}")),
        format!("edition = {};", deep("\"2\"", "")),
    ];
    for source in sources {
        let file = format!("edition = \"2023\"; package a; message M {{}} {source}");
        with_little_stack(|| fuzz::compile(file.as_bytes()));
    }
}

#[test]
fn depth_of_a_descriptor_costs_no_stack() {
    let mut message = DescriptorProto { name: Some("A".into()), ..DescriptorProto::default() };
    for _ in 0..500 {
        let name = message.name.clone();
        message = DescriptorProto { name, nested_type: vec![message], ..Default::default() };
    }
    let name = Some("a.proto".into());
    let file = FileDescriptorProto { name, message_type: vec![message], ..Default::default() };
    let bytes = FileDescriptorSet { file: vec![file] }.encode_to_vec();
    with_little_stack(|| fuzz::descriptors(&bytes));
}

/// Each imports the next, and the last is another one in each version; so are the types.
#[test]
fn no_chain_is_too_long() {
    const LENGTH: usize = 10_000;
    let files = |last: &str| {
        let files = (0..LENGTH).map(|at| {
            let next = at + 1;
            let import =
                if next < LENGTH { format!("import \"{next}.proto\";") } else { String::new() };
            let field = if next < LENGTH { format!("M{next} next = 1;") } else { last.to_owned() };
            let text = format!("syntax = \"proto3\"; {import} message M{at} {{ {field} }}");
            (format!("{at}.proto"), text.into_bytes())
        });
        let mut files: BTreeMap<String, Vec<u8>> = files.collect();
        let service =
            b"syntax = \"proto3\"; import \"0.proto\"; service S { rpc R(M0) returns (M0); }";
        files.insert("s.proto".into(), service.to_vec());
        Tree::memory("chain", files)
    };
    with_little_stack(|| {
        let trees = [files("int32 last = 1;"), files("string last = 1;")];
        let layout = Layout { scope: Scope::Changed, ..Layout::default() };
        let compiled = compile_all(&trees.each_ref().map(Input::Tree), &layout, &Units::default());
        let [base, head] = [0, 1].map(|at| &compiled[at].as_ref().expect("all is in order").schema);
        let findings = judge(base, head, Pairing::NEWER_CLIENT);
        let subjects: BTreeSet<&str> = findings.iter().map(|it| it.subject.as_str()).collect();
        assert_eq!(subjects, BTreeSet::from(["M9999.last"]));
    });
}

/// Nothing is asserted of the time it takes; what takes for ever ends no test.
#[test]
fn nothing_is_too_much() {
    let times = |count: usize, part: fn(usize) -> String| (1..=count).map(part).collect::<String>();
    let many = |part| times(4_000, part);
    let proto3 = [
        times(16_000, |n| format!("option (o{n}) = {{ a: {n} b {{ c: \"d\" }} }};\n")),
        times(16_000, |_| "message { int32 }\n".into()),
        format!("message A {{ {} }}", many(|n| format!("int32 f{n} = {n} [(o{n}) = \"v\"];\n"))),
        many(|_| "message A {}\n".into()),
        format!("message A {{ {} }}", many(|n| format!("T{n} f{n} = {n};\n"))),
        format!("message A {{ {} }}", many(|_| "int32 f = 1;\n".into())),
        format!("enum E {{ option allow_alias = true; {} }}", many(|n| format!("V{n} = 0;\n"))),
        format!("service T {{ {} }}", many(|n| format!("rpc R{n}(M) returns (M);\n"))),
        format!("message {} {{}}", "A".repeat(1_000_000)),
        format!("message A {{ {} a = 1; }}", "A".repeat(1_000_000)),
        format!("/* {}", "a".repeat(1_000_000)),
        many(|_| "// import\n".into()),
    ];
    let editions = [
        format!("message A {{ {} }}", many(|n| format!("reserved n{n};\n"))),
        many(|n| format!("message A{n} {{ reserved n; }}\n")),
        format!("message A {{ {} }}", many(|n| format!("float f{n} = {n} [default = -inf];\n"))),
        format!(
            "message A {{ {} }}",
            many(|n| format!("map<int32, string> f{n} = {n} [features.utf8_validation = NONE];\n"))
        ),
    ];
    let package = format!("package {}a; message A {{ A a = 1; }}", "a.".repeat(100_000));
    // Few bytes, and yet 800 MB of full names.
    let around = format!("message {} {{", "A".repeat(2_000)).repeat(20);
    let names = format!(
        "{around} {} {}",
        times(20_000, |n| format!("int32 f{n} = {n};\n")),
        "}".repeat(20)
    );
    let proto3 = proto3.map(|it| format!("syntax = \"proto3\"; package a; message M {{}} {it}"));
    let editions = editions.map(|it| format!("edition = \"2023\"; package a; message M {{}} {it}"));
    let others = [package, names].map(|it| format!("syntax = \"proto3\"; {it}"));
    for source in proto3.into_iter().chain(editions).chain(others) {
        fuzz::compile(source.as_bytes());
    }
}
