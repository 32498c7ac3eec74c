//! protoc, and what it makes of `testdata/protoc`.

// Each test file takes what it needs, and is a crate of its own.
#![allow(dead_code)]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use prost::Message as _;
use prost_types::FileDescriptorSet;
use protoskew::{
    compile::Compiled,
    schema::{FullName, Schema},
};

use crate::support;

const CORPUS: &str = "testdata/protoc";

/// One schema, read by protoc and by us.
pub(crate) struct Corpus {
    program: PathBuf,
    /// The set that protoc makes, with imports and places.
    pub(crate) bytes: Vec<u8>,
    /// The same, as prost has it.
    pub(crate) set: FileDescriptorSet,
    /// The sources, as we have them.
    pub(crate) ours: Compiled,
}

/// `None`, and a word about it on stderr, where there is no protoc to ask.
pub(crate) fn corpus() -> Option<&'static Corpus> {
    static KNOWN: LazyLock<Option<Corpus>> = LazyLock::new(|| match program() {
        Ok(program) => Some(Corpus::read(program)),
        Err(reason) => {
            // Past the test harness, which keeps to itself what passing tests print.
            writeln!(std::io::stderr(), "did not run against protoc: {reason}").ok();
            None
        }
    });
    KNOWN.as_ref()
}

/// The one that comes with a crate, where there is one for this platform and it runs.
fn program() -> Result<PathBuf, String> {
    let path = protoc_bin_vendored::protoc_bin_path().map_err(|err| err.to_string())?;
    let run = Command::new(&path).arg("--version").output();
    let run = run.map_err(|err| format!("{} does not run: {err}", path.display()))?;
    match run.status.success() {
        true => Ok(path),
        false => Err(format!("{} does not run: {}", path.display(), run.status)),
    }
}

impl Corpus {
    fn read(program: PathBuf) -> Corpus {
        let folder = tempfile::tempdir().expect("a folder");
        let set = folder.path().join("set.binpb");
        let files = walkdir::WalkDir::new(CORPUS).sort_by_file_name().into_iter();
        let files = files.map(|entry| entry.expect("it can be listed").into_path());
        let files = files.filter(|path| path.extension().is_some_and(|it| it == "proto"));
        let run = Command::new(&program)
            .arg(format!("--descriptor_set_out={}", set.display()))
            // Without what it strips, protoc refuses its own set for the style of the names in it.
            .args(["--include_imports", "--include_source_info", "--retain_options", "-I", CORPUS])
            .args(files)
            .output()
            .expect("protoc runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let bytes = fs::read(&set).expect("protoc wrote it");
        let set = FileDescriptorSet::decode(&*bytes).expect("protoc wrote it");
        Corpus { program, bytes, set, ours: support::compiled(CORPUS) }
    }

    /// Gives protoc something to turn from text into bytes or back.
    pub(crate) fn run(&self, set: &Path, way: &str, message: &FullName, input: &[u8]) -> Output {
        let mut run = Command::new(&self.program)
            .arg(format!("--descriptor_set_in={}", set.display()))
            .arg(format!("--{way}={message}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("protoc runs");
        run.stdin.take().expect("it is piped").write_all(input).expect("protoc reads");
        run.wait_with_output().expect("protoc ends")
    }
}

/// The text of a file of the corpus.
pub(crate) fn source(name: &str) -> String {
    fs::read_to_string(Path::new(CORPUS).join(name)).expect("the file reads")
}

/// A file of the corpus, and not one that protoc brought along.
pub(crate) fn in_corpus(name: &str) -> bool {
    Path::new(CORPUS).join(name).exists()
}

/// An element of the corpus.
pub(crate) fn is_ours(schema: &Schema, name: &FullName) -> bool {
    schema.sites.file(name).is_some_and(|file| in_corpus(&file.path))
}
