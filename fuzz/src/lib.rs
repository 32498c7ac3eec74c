//! What must hold of every input. Fuzz targets call this, and so do tests, on less.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};
use protoskew::{
    compile::{Compiled, Input, Layout, Scope, Units, compile_all, inside},
    error::Error,
    judge::judge,
    skew::Pairing,
    tree::Tree,
};

/// A source that is made ready for the parser is as long as it was, but for the line that is said
/// to be longer, and every line begins where it did.
pub fn prepass(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes);
    if let Some((text, by)) = inside::prepared(&source) {
        assert!(by <= 6, "longer by {by}");
        assert_eq!(text.len(), source.len() + by);
        let breaks = |text: &str| text.bytes().filter(|&byte| byte == b'\n').count();
        assert_eq!(breaks(&text), breaks(&source));
        let longer = text.split('\n').zip(source.split('\n')).filter(|(a, b)| a.len() != b.len());
        assert_eq!(longer.count(), usize::from(by > 0));
    }
    // What is seen at a glance is all that is there.
    if let Ok(file) = inside::descriptor(&source) {
        let (imports, calls) = inside::outline(&source);
        let plain = |name: &&String| !name.contains(['"', '\'']) && !source.contains('\\');
        for import in file.dependency.iter().filter(plain) {
            assert!(imports.contains(import), "{import} is not among {imports:?}");
        }
        for service in &file.service {
            let methods = service.method.iter().map(|it| it.name());
            for name in methods.chain([service.name()]) {
                assert!(calls.contains(name), "{name} is not among {calls:?}");
            }
        }
    }
}

/// Two versions of a file, on both sides of a line of three dashes, are compiled and judged, or it
/// is said why not.
pub fn compile(bytes: &[u8]) {
    const LINE: &[u8] = b"\n---\n";
    let at = bytes.windows(LINE.len()).position(|it| it == LINE);
    let (base, head) = match at {
        Some(at) => (&bytes[..at], &bytes[at + LINE.len()..]),
        None => (bytes, OTHER),
    };
    let trees = [base, head].map(|file| {
        let files = [("dir/a.proto", file), ("b.proto", USER)];
        let files = files.map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
        Tree::memory("fuzz", BTreeMap::from(files))
    });
    for scope in [Scope::Whole, Scope::Changed] {
        let layout = Layout { scope, strict_imports: true, ..Layout::default() };
        let compiled = compile_all(&trees.each_ref().map(Input::Tree), &layout, &Units::default());
        if scope == Scope::Whole {
            compiled.iter().flatten().zip([base, head]).for_each(|(it, file)| places(it, file));
        }
        judged(compiled);
    }
}

/// A file like many, and one that imports what is made up.
const OTHER: &[u8] = b"syntax = \"proto3\"; package a; message A { int32 b = 1; A c = 2; }";
const USER: &[u8] =
    b"syntax = \"proto2\"; import \"a.proto\"; package a; message B { optional A a = 1; }
    extend A { optional string x = 100; } service S { rpc R(A) returns (stream B); }";

/// A descriptor set is read, and judged against a small one, or it is said why not.
pub fn descriptors(bytes: &[u8]) {
    let small = small_set();
    let inputs = [("given", bytes), ("small", &small)];
    let inputs = inputs.map(|(name, bytes)| Input::Descriptors { name, bytes });
    let compiled = compile_all(&inputs, &Layout::default(), &Units::default());
    assert!(compiled[1].is_ok(), "the small one is in order");
    judged(compiled);
}

/// `package a; message A { optional A a = 1; } service S { rpc R(A) returns (A); }`
fn small_set() -> Vec<u8> {
    let text = |text: &str| Some(text.to_owned());
    let field = FieldDescriptorProto {
        name: text("a"),
        number: Some(1),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Message.into()),
        type_name: text(".a.A"),
        ..FieldDescriptorProto::default()
    };
    let message =
        DescriptorProto { name: text("A"), field: vec![field], ..DescriptorProto::default() };
    let method = MethodDescriptorProto {
        name: text("R"),
        input_type: text(".a.A"),
        output_type: text(".a.A"),
        ..MethodDescriptorProto::default()
    };
    let service = ServiceDescriptorProto { name: text("S"), method: vec![method], options: None };
    let file = FileDescriptorProto {
        name: text("a.proto"),
        package: text("a"),
        message_type: vec![message],
        service: vec![service],
        ..FileDescriptorProto::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

/// Places are in the file.
fn places(compiled: &Compiled, file: &[u8]) {
    let Ok(text) = std::str::from_utf8(file) else { return };
    let lines: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    // Each name has the sites of its whole file.
    let sites = compiled.schema.sites.files.values().find(|it| &*it.path == "dir/a.proto");
    if let Some(sites) = sites {
        for (name, &(line, column)) in sites.places.iter().filter(|(_, (line, _))| *line > 0) {
            let length = lines.get(line as usize - 1).copied();
            let fits = length.is_some_and(|length| (1..=length + 1).contains(&(column as usize)));
            assert!(fits, "{name} is at {line}:{column}, and that line has {length:?}");
        }
    }
}

fn judged(compiled: Vec<Result<Compiled, Error>>) {
    let mut read = Vec::new();
    for compiled in compiled {
        match compiled {
            Ok(mut compiled) => {
                compiled.problems.drain(..).for_each(said);
                read.push(compiled);
            }
            Err(error) => said(error),
        }
    }
    if let [base, head] = read.as_slice() {
        for pairing in [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER] {
            for finding in judge(&base.schema, &head.schema, pairing) {
                assert!(!finding.message.is_empty());
            }
        }
    }
}

/// With the lines that it quotes.
fn said(error: Error) {
    let text = format!("{:?}", miette::Report::new(error));
    assert!(text.len() < 100_000, "{} bytes", text.len());
}
