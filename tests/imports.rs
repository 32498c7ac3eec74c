//! What imports mean where nobody wrote down the import roots: every folder in `testdata/imports`
//! is a tree, and its `expected.txt` says which file each import is, and what each name.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use protoskew::{
    compile::{Compiled, Layout, Units, compile},
    imports::{Imports, Target},
    schema::{FieldType, FullName, Schema},
    tree::Tree,
};

mod support;

#[test]
fn every_tree_means_what_it_meant() {
    for folder in support::entries("testdata/imports") {
        let compiled = support::compiled(&folder);
        let imports = imports(&folder, &compiled);
        let missing = imports.matches(": not here").count();
        assert_eq!(compiled.missing_imports.len(), missing, "{}", folder.display());
        let told = imports + &names(&compiled);
        support::assert_golden(&folder.join("expected.txt"), &told);
    }
}

/// A root that somebody names is tried before any that is inferred, and may lie elsewhere.
#[test]
fn named_roots_come_first() {
    let paths = ["api/types.proto", "api/v1/service.proto", "legacy/types.proto"];
    for (roots, expected) in [
        (vec![], "api/types.proto"),
        (vec!["legacy"], "legacy/types.proto"),
        (vec!["nowhere", "legacy/"], "legacy/types.proto"),
        (vec!["api", "legacy"], "api/types.proto"),
    ] {
        let roots: Vec<String> = roots.into_iter().map(str::to_owned).collect();
        let imports = Imports::new(paths, &roots, Vec::new(), Vec::new());
        let target = imports.resolve("api/v1/service.proto", "types.proto");
        assert!(
            matches!(target, Target::File { path, .. } if path == expected),
            "{roots:?}: {target:?}"
        );
    }
}

/// Opaque names are all that two versions have of a type from elsewhere: the same name is the same
/// type, however it is written, and another name another one.
#[test]
fn opaque_names_are_equal_when_they_are_written_equally() {
    let field = |ty: &str| {
        let text = format!(
            "syntax = \"proto3\"; package acme.v1; import \"google/rpc/status.proto\";
             message Session {{ {ty} refusal = 1; }}"
        );
        let files = BTreeMap::from([("session.proto".to_owned(), text.into_bytes())]);
        let tree = Tree::memory("session", files);
        let compiled = compile(&tree, &Layout::default(), &Units::default());
        compiled.expect("it compiles").schema.messages["acme.v1.Session"].fields[&1].ty.clone()
    };
    let status = field("google.rpc.Status");
    assert_eq!(status, FieldType::Opaque(FullName::new("google.rpc.Status")));
    assert_eq!(status, field(".google.rpc.Status"));
    assert_ne!(status, field("google.rpc.Code"));
}

/// Every file with its imports, and what `Imports` takes them for.
fn imports(folder: &Path, compiled: &Compiled) -> String {
    let tree = Tree::folder(folder);
    let list = |ending: &str| tree.files(&|path| path.ends_with(ending)).expect("the folder reads");
    let paths: Vec<String> = list(".proto").into_iter().map(|file| file.path).collect();
    let go_modules = list("go.mod").into_iter().map(|file| go_module(folder, &file.path));
    let modules = list("buf.yaml").into_iter().flat_map(|file| buf_modules(folder, &file.path));
    let (modules, go_modules) = (modules.collect(), go_modules.collect());
    let imports = Imports::new(paths.iter().map(String::as_str), &[], modules, go_modules);
    let mut told = String::new();
    for file in &paths {
        writeln!(told, "{file}").ok();
        for import in written(&folder.join(file)) {
            let target = match imports.resolve(file, &import) {
                Target::File { path, .. } => path.to_owned(),
                Target::Guess(path) => match is_missing(compiled, file, &import) {
                    true => format!("not here, though {path} ends alike"),
                    false => format!("{path}, as it seems"),
                },
                Target::WellKnown(name) => format!("protobuf's own {name}"),
                Target::Missing => "not here".to_owned(),
            };
            writeln!(told, "  import {import}: {target}").ok();
        }
    }
    told
}

fn is_missing(compiled: &Compiled, file: &str, import: &str) -> bool {
    compiled.missing_imports.iter().any(|it| *it.file == *file && it.import == import)
}

/// What names refer to: in the schema, and in the copies that are kept apart from it.
fn names(Compiled { schema, copies, .. }: &Compiled) -> String {
    let mut told = format!("names\n{}", types(schema));
    for (root, copy) in copies {
        write!(told, "names in the copy {root}\n{}", types(copy)).ok();
    }
    told
}

/// Every field of a type that has a name, with the file that declares the type.
fn types(schema: &Schema) -> String {
    let mut told = String::new();
    let messages = schema.messages.values().filter(|it| schema.sites.judged(&it.name));
    for field in messages.flat_map(|it| it.fields.values()) {
        let (kind, name) = match &field.ty {
            FieldType::Scalar(_) => continue,
            FieldType::Message(name) => ("message", name),
            FieldType::Group(name) => ("group", name),
            FieldType::Enum(name) => ("enum", name),
            FieldType::Opaque(name) => ("opaque", name),
        };
        let file = schema.sites.file(name).map_or(String::new(), |it| format!(" of {}", it.path));
        writeln!(told, "  {}: {kind} {name}{file}", field.name).ok();
    }
    told
}

/// The names in the import statements of a file, each of which stands on a line of its own.
fn written(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("the file reads");
    let imports = text.lines().filter(|line| line.starts_with("import "));
    imports.map(|line| line.split('"').nth(1).expect("a name").to_owned()).collect()
}

/// The path of a Go module, and its folder.
fn go_module(folder: &Path, path: &str) -> (String, String) {
    let text = fs::read_to_string(folder.join(path)).expect("the file reads");
    let module = text.lines().find_map(|line| line.strip_prefix("module ")).expect("a module");
    let (folder, _) = path.rsplit_once('/').unwrap_or_default();
    (module.to_owned(), folder.to_owned())
}

/// The modules of a `buf.yaml` at the top, each of which stands on a line of its own.
fn buf_modules(folder: &Path, path: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(path)).expect("the file reads");
    let modules = text.lines().filter_map(|line| line.trim().strip_prefix("- path: "));
    modules.map(str::to_owned).collect()
}
