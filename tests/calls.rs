//! Calls, found in the sources under `testdata/calls`.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use protoskew::{
    callsites::{
        CallSites, Declared, Globs, Handling, Ignored, Manifest, Options, Resolution, Stops,
        StubAlias, discover, find_packages, scan, stubs,
    },
    compile::{Layout, Units, compile},
    report::{calls, json},
    tree::Tree,
};

fn scanned(folder: impl AsRef<Path>, options: &Options) -> CallSites {
    let stubs = stubs(&support::compiled(&folder).schema);
    scan(&Tree::folder(folder.as_ref()), &stubs, options).expect("it can be listed")
}

fn saying(manifest: Manifest) -> Options {
    Options { manifest, ..Options::default() }
}

#[test]
fn every_tree_says_what_it_said() {
    for folder in support::entries("testdata/calls") {
        let found = scanned(&folder, &Options::default());
        let mut text = Vec::new();
        let name = support::name(&folder);
        calls::human(name, &found, calls::Style::default(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        support::assert_golden(&folder.join("expected.txt"), &text);
    }
}

#[test]
fn where_nothing_was_searched_nothing_was_missed() {
    let found = scanned("testdata/calls/none", &Options::default());
    let mut text = Vec::new();
    calls::markdown("none", &found, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("nothing searched, for there are no sources of "), "{text}");
    assert!(!text.contains("no call found"), "{text}");
}

#[test]
fn only_calls_in_the_files_of_a_client_count() {
    let only = |pattern: &str| {
        let paths = Globs::new(&[pattern.to_owned()]).expect("it is a pattern");
        scanned("testdata/calls/go", &Options { paths, ..Options::default() })
    };
    let all = scanned("testdata/calls/go", &Options::default());
    assert_eq!(only("cmd").sites, all.sites);
    assert_eq!(
        only("cmd/*/f*.go").sites.len(),
        all.sites.iter().filter(|it| it.place.file.contains("forms")).count()
    );
    let server = only("cmd/server");
    assert!(server.sites.is_empty());
    assert_eq!(server.served, all.served);
    assert!(Globs::new(&["a[".to_owned()]).is_err());
}

#[test]
fn a_scan_is_a_manifest() {
    let found = scanned("testdata/calls/go", &Options::default());
    let mut text = Vec::new();
    json::render_calls(&found, &mut text).expect("memory takes it");
    let text = String::from_utf8(text).expect("it is text");
    let manifest = Manifest::from_json("calls.json", &text).expect("it is one");
    // Where the sources are, nothing is new.
    let again = scanned("testdata/calls/go", &saying(manifest.clone()));
    let bare = |found: &CallSites| {
        found
            .sites
            .iter()
            .map(|it| (it.place.clone(), it.rpc.clone(), it.handling))
            .collect::<Vec<_>>()
    };
    assert_eq!(bare(&again), bare(&found));
    // Where they are not, all of it is.
    let declared = scanned("testdata/calls/broken", &saying(manifest));
    let declared = declared.sites.iter().filter(|it| it.published.is_some());
    let known = found
        .sites
        .iter()
        .filter(|it| matches!(it.rpc.as_str(), "fleet.v1.Fleet.Arrive" | "fleet.v1.Fleet.Depart"));
    assert_eq!(declared.count(), known.count());
    assert!(Manifest::from_json("calls.json", "{}").is_err());
    assert!(
        Manifest::from_json("calls.json", &text.replacen("\"format\": 1", "\"format\": 2", 1))
            .is_err()
    );
}

#[test]
fn what_is_said_by_hand_counts() {
    let report = Declared {
        service: "fleet.v1.Fleet".into(),
        rpc: "Report".into(),
        file: Some("cmd/client/handling.go".into()),
        line: 0,
        function: String::new(),
        handling: Some(Handling::TestsUnimplemented),
        at: None,
        stops: Stops::default(),
        resolution: Resolution::Declared,
        opens_only: None,
        some_callers: false,
        published: None,
        reason: "an interceptor does".into(),
    };
    let never = Declared { rpc: "Never".into(), file: None, handling: None, ..report.clone() };
    let files = Globs::new(&["cmd/client/forms.go".to_owned()]).expect("it is a pattern");
    let ignored = Ignored {
        service: "*".into(),
        rpc: "Arrive".into(),
        files,
        reason: "a demonstration".into(),
    };
    let manifest = Manifest {
        calls: vec![report, never],
        ignored: vec![ignored],
        gate_predicates: vec!["retries".into()],
        ..Manifest::default()
    };
    let found = scanned("testdata/calls/go", &saying(manifest));
    let of = |rpc: &str| found.sites.iter().filter(|it| it.rpc.leaf() == rpc).collect::<Vec<_>>();
    assert!(of("Arrive").is_empty());
    assert_eq!(of("Never").len(), 1);
    assert_eq!(of("Never")[0].resolution, Resolution::Declared);
    let here = of("Report").into_iter().filter(|it| &*it.place.file == "cmd/client/handling.go");
    assert!(here.into_iter().all(|it| it.handling == Handling::TestsUnimplemented));
}

/// Types that programs register are told from those that they do not.
#[test]
fn servers_that_nobody_registers_are_parts() {
    let found = scanned("testdata/calls/served", &Options::default());
    let of = |registered: bool| -> BTreeSet<String> {
        let rows = found.served.iter().filter(|it| it.registered == registered);
        rows.map(|it| format!("{} in {}", it.by, it.place.file)).collect()
    };
    assert_eq!(of(false), ["Counted in java/Counted.java".to_owned()].into());
    for registered in ["Fleet in python/server.py", "Main in java/Main.java"] {
        assert!(of(true).contains(registered), "{registered} is not among {:?}", of(true));
    }
}

/// Sources that nobody wrote by hand, or that are not done: each is named, and the call in the file
/// beside them is found.
#[test]
fn a_wrapper_that_is_declared_is_a_client() {
    let alias = |ty: &str| StubAlias { ty: ty.to_owned(), service: "fleet.v1.Fleet".to_owned() };
    let stub_aliases = vec![alias("acme::Connection"), alias("acme::grpc::Fleet")];
    let manifest = Manifest { stub_aliases, ..Manifest::default() };
    let none = scanned("testdata/calls/wrapped", &Options::default());
    assert!(none.sites.is_empty());
    // What nobody could resolve is no proof that nothing is called.
    assert_eq!(none.unresolved.values().sum::<usize>(), 2);
    let found = scanned("testdata/calls/wrapped", &saying(manifest));
    let sites: Vec<(&str, u32, Resolution)> =
        found.sites.iter().map(|it| (it.rpc.leaf(), it.place.line, it.resolution)).collect();
    let resolved = Resolution::Resolved;
    assert_eq!(sites, [("ReportAgentMetrics", 8, resolved), ("ReportAgentMetrics", 13, resolved)]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let schema = "syntax = \"proto3\";\npackage p.v1;\noption go_package = \"example.com/p;p\";\n\
                  service S { rpc Do(M) returns (M); }\nmessage M {}\n";
    let call = "package main\nimport \"example.com/p\"\n\
                func run(c p.SClient) { c.Do(nil, nil) }\n";
    let deep = |before: &str, open: &str, close: &str| {
        format!("{before}{}1{}\n", open.repeat(100_000), close.repeat(100_000)).into_bytes()
    };
    let go = "package main\nfunc SClient() int { return Do.";
    let mut files: BTreeMap<String, Vec<u8>> = [
        ("deep.go", deep(go, "(", ")")),
        ("blocks.go", deep("package main\nfunc SClient() { c.Do(", "func() {", "}")),
        ("deep.py", deep("SStub = Do.", "(", ")")),
        ("deep.java", deep("class SBlockingStub { int do_ = S.do", "(", ")")),
        ("deep.kt", deep("val s: SCoroutineStub = S.do", "(", ")")),
        ("lambdas.kt", deep("val s: SCoroutineStub = S.do", "{", "}")),
        ("text.kt", deep("val s: SCoroutineStub = S.do(", "\"${", "}\"")),
        ("comments.kt", deep("val s: SCoroutineStub = S.do(", "/*", "")),
        ("binary.kt", b"package p\0\0SCoroutineStub do".to_vec()),
        ("half.kt", b"class A(val s: SCoroutineStub) { fun run() { s.do(".to_vec()),
        ("deep.rs", deep("fn s() -> SClient { x.r#do", "(", ")")),
        ("deep.ts", deep("const S = SClient.do", "(", ")")),
        ("binary.go", b"package main\0\0SClient Do".to_vec()),
        ("half.go", call.as_bytes()[..call.len() - 8].to_vec()),
        ("merge.go", call.replace("c.Do", "<<<<<<< ours\n=======\nc.Do").into_bytes()),
        ("template.go", b"package {{ .Name }}\n{{ range .Do }}func {{ .SClient }}() {}\n".to_vec()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .into();
    let named: Vec<String> = files.keys().cloned().collect();
    files.insert("latin.go".to_owned(), [call.as_bytes(), b"// caf\xe9\n"].concat());
    files.insert("p.proto".to_owned(), schema.as_bytes().to_vec());
    let tree = Tree::memory("hostile", files);
    let units = protoskew::compile::Units::default();
    let layout = protoskew::compile::Layout::default();
    let compiled = protoskew::compile::compile(&tree, &layout, &units).expect("it is a schema");
    let found = scan(&tree, &stubs(&compiled.schema), &Options::default()).expect("it is listed");
    let told: Vec<&str> = found.incomplete.iter().map(|it| &*it.file).collect();
    for name in &named {
        assert!(told.contains(&name.as_str()), "{name} is not among {told:?}");
    }
    assert!(found.sites.iter().any(|it| &*it.place.file == "latin.go"), "{:?}", found.sites);
}

/// What one tree declares is nothing in another, though a file of both is the same.
#[test]
fn scans_that_share_what_they_read_find_what_each_finds_alone() {
    let shared = Options::default();
    let folders = support::entries("testdata/calls");
    for folder in &folders {
        let alone = Options::default();
        let expected = scanned(folder, &alone);
        for _ in 0..3 {
            assert_eq!(scanned(folder, &shared), expected);
        }
        // Only the last scans are remembered.
        assert_eq!(format!("{:?}", shared.shared), format!("{:?}", alone.shared));
    }
    // A file that is in two packages, and imports one that calls itself something else.
    let client = "package client\nimport (\n\t\"context\"\n\t\"example.com/api/v1\"\n)\n\
                  func run(ctx context.Context, c acme.ManagerClient) error {\n\
                  \t_, err := c.Arrive(ctx, nil)\n\treturn err\n}\n";
    let schema = |package: &str| {
        format!(
            "syntax = \"proto3\"; package acme.v1; option go_package = \"example.com/api/v1;{package}\";
             service Manager {{ rpc Arrive(A) returns (A); }} message A {{}}"
        )
    };
    for package in ["other", "acme", "other"] {
        let files = [
            ("go.mod".to_owned(), b"module example.com\n".to_vec()),
            ("api/manager.proto".to_owned(), schema(package).into_bytes()),
            ("client/run.go".to_owned(), client.as_bytes().to_vec()),
        ];
        let tree = Tree::memory(package, files.into());
        let compiled = compile(&tree, &Layout::default(), &Units::default()).unwrap();
        let stubs = stubs(&compiled.schema);
        let [one, other] =
            [&shared, &Options::default()].map(|it| scan(&tree, &stubs, it).unwrap());
        assert_eq!(one, other, "{package}");
        assert_eq!(one.sites.len(), usize::from(package == "acme"), "{package}");
    }
}

/// The health service comes as generated code, and so does one that nobody calls.
#[test]
fn services_of_others_are_found_where_they_are_called() {
    let generated = |service: &str| {
        format!(
            "package health\nconst X = \"/grpc.health.v1.{service}/Watch\"\n\
             type {service}Client interface {{\n\
             \tWatch(ctx context.Context, in *Ask, opts ...grpc.CallOption) (Health_WatchClient, error)\n\
             }}\n"
        )
    };
    let client = "package client\nimport \"google.golang.org/grpc/health\"\n\
                  func run(conn grpc.ClientConnInterface) error {\n\
                  \tstream, err := health.NewHealthClient(conn).Watch(ctx, nil)\n\
                  \tif err != nil {\n\t\treturn err\n\t}\n\
                  \tif _, err := stream.Recv(); status.Code(err) != codes.Unimplemented {\n\
                  \t\treturn err\n\t}\n\treturn nil\n}\n";
    let own =
        "syntax = \"proto3\"; package p.v1; service S { rpc Do(M) returns (M); } message M {}";
    let folder = "vendor/google.golang.org/grpc/health";
    let files = [
        ("go.mod".to_owned(), b"module example.com\n".to_vec()),
        ("p.proto".to_owned(), own.as_bytes().to_vec()),
        ("client/run.go".to_owned(), client.as_bytes().to_vec()),
        (format!("{folder}/health_grpc.pb.go"), generated("Health").into_bytes()),
        (format!("{folder}/other_grpc.pb.go"), generated("Other").into_bytes()),
    ];
    let tree = Tree::memory("services of others", files.into());
    let compiled = compile(&tree, &Layout::default(), &Units::default()).expect("it is a schema");
    let others = discover(&tree).expect("it can be listed");
    let all: Vec<_> = stubs(&compiled.schema).into_iter().chain(others).collect();
    let found = scan(&tree, &all, &Options::default()).expect("it can be listed");
    let searched: Vec<&str> = found.searched.iter().map(|it| it.as_str()).collect();
    assert_eq!(searched, ["grpc.health.v1.Health.Watch", "p.v1.S.Do"]);
    assert_eq!(found.sites.len(), 1);
    assert_eq!(found.sites[0].how.as_deref(), Some("where the stream is read"));
}

/// Protocols of one repository, and a client in another: only the generated code says what the
/// package is called.
#[test]
fn generated_code_beside_a_schema_says_where_its_clients_are() {
    let generated = "package pdpb\nconst X = \"/pdpb.PD/Ask\"\ntype PDClient interface {\n}\n";
    let schema =
        "syntax = \"proto3\"; package pdpb; service PD { rpc Ask(M) returns (M); } message M {}";
    let protocols = Tree::memory(
        "protocols",
        [
            ("go.mod".to_owned(), b"module example.com/kvproto\n".to_vec()),
            ("pkg/pdpb/pdpb.pb.go".to_owned(), generated.as_bytes().to_vec()),
            ("proto/pdpb.proto".to_owned(), schema.as_bytes().to_vec()),
        ]
        .into(),
    );
    let client = "package client\nimport \"example.com/kvproto/pkg/pdpb\"\n\
                  func ask(c pdpb.PDClient) { c.Ask(nil, nil) }\n";
    let program =
        Tree::memory("program", [("client/ask.go".to_owned(), client.as_bytes().to_vec())].into());
    let compiled =
        compile(&protocols, &Layout::default(), &Units::default()).expect("it is a schema");
    let mut stubs = stubs(&compiled.schema);
    find_packages(&protocols, &mut stubs).expect("it can be listed");
    assert_eq!(stubs[0].go_package.as_deref(), Some("example.com/kvproto/pkg/pdpb;pdpb"));
    let found = scan(&program, &stubs, &Options::default()).expect("it can be listed");
    assert_eq!(found.sites.len(), 1);
}
