//! Why the tool could not answer. A finding is an answer, so it is not in here.

use std::{io, path::PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::excerpt::Excerpt;

/// A reason why there is no answer. Each names the thing, where it is, and what to do next.
#[derive(Debug, Diagnostic, Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error("`{}` is not in a git repository", path.display())]
    #[diagnostic(
        code(protoskew::not_a_repository),
        help("name a repository with `--repo DIR`, or compare folders: `protoskew check OLD NEW`")
    )]
    NotARepository { path: PathBuf },

    #[error("there is no folder `{}`", path.display())]
    #[diagnostic(
        code(protoskew::no_such_folder),
        help("`--repo` takes a git repository, or a folder in one")
    )]
    NoSuchFolder { path: PathBuf },

    #[error("`{}` is a bare repository: it has no working tree and no index", repo.display())]
    #[diagnostic(code(protoskew::bare_repository), help("name a revision instead of `{name}`"))]
    Bare { repo: PathBuf, name: String },

    #[error("cannot open the git repository at `{}`: {reason}", path.display())]
    #[diagnostic(code(protoskew::unreadable_repository), help("{help}"))]
    Repository { path: PathBuf, reason: String, help: String },

    #[error("no revision, folder or descriptor set is named `{name}` in `{}`", repo.display())]
    #[diagnostic(code(protoskew::unknown_revision), help("{help}"))]
    UnknownRevision { name: String, repo: PathBuf, help: String },

    #[error("`{name}` is both a {what} and a git revision")]
    #[diagnostic(
        code(protoskew::ambiguous_name),
        help("write `{path}` for the {what}, or `{revision}` for the revision")
    )]
    Ambiguous { name: String, what: &'static str, path: String, revision: String },

    #[error("`{path}` does not exist at `{version}`")]
    #[diagnostic(code(protoskew::unknown_path), help("{help}"))]
    NoSuchPath { version: String, path: String, help: String },

    #[error("`{name}` is {what}, and not a version that can be compared")]
    #[diagnostic(
        code(protoskew::not_a_source),
        help(
            "a version is a git revision, `REV:FOLDER`, `REPO@REV`, a folder, `:worktree`, \
             `:index`, or a descriptor set that ends in .binpb, .pb or .desc; to judge one file of \
             a version, add `--path FILE`"
        )
    )]
    NotASource { name: String, what: &'static str },

    #[error("`{pattern}` is no pattern of paths: {reason}")]
    #[diagnostic(
        code(protoskew::invalid_glob),
        help("a pattern is a folder, or a path with `*`, `**`, `?` or `{{a,b}}`: `cmd/**/*.go`")
    )]
    InvalidGlob { pattern: String, reason: String },

    #[error("`{name}` is a descriptor set, which holds no sources")]
    #[diagnostic(
        code(protoskew::no_sources),
        help(
            "name the sources, and the set as their schema: `protoskew calls REV --schema {name}`"
        )
    )]
    NoSources { name: String },

    #[error("`{}` is no manifest: {reason}", path.display())]
    #[diagnostic(
        code(protoskew::invalid_manifest),
        help("a manifest is what `protoskew calls --format json` prints")
    )]
    InvalidManifest { path: PathBuf, reason: String },

    #[error("there is nothing to compare with: {reason}")]
    #[diagnostic(code(protoskew::no_base), help("{help}"))]
    NoBase { reason: String, help: String },

    #[error("the {name} event in `{}` cannot be read: {reason}", file.display())]
    #[diagnostic(
        code(protoskew::unreadable_event),
        help(
            "GitHub writes this file for each run, and GITHUB_EVENT_PATH names it; elsewhere, \
             run `protoskew check BASE HEAD`"
        )
    )]
    Event { name: String, file: PathBuf, reason: String },

    #[error("no .proto file in `{version}`{under}")]
    #[diagnostic(
        code(protoskew::no_proto_files),
        help("an empty schema would break nothing, so this is not an answer; {help}")
    )]
    NoProtoFiles { version: String, under: String, help: String },

    #[error("`{version}` cannot be compiled")]
    #[diagnostic(code(protoskew::does_not_compile))]
    DoesNotCompile {
        version: String,
        #[related]
        causes: Vec<Error>,
    },

    #[error("and {count} more like these")]
    #[diagnostic(code(protoskew::more_errors))]
    More { count: usize },

    #[error(transparent)]
    #[diagnostic(transparent)]
    Proto(Box<Mistake>),

    #[error("{message} in `{file}`")]
    #[diagnostic(code(protoskew::invalid_proto))]
    ProtoNowhere { file: String, message: String },

    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<Misconfigured>),

    #[error("`{file}` is not UTF-8: byte {offset} begins no character")]
    #[diagnostic(
        code(protoskew::not_utf8),
        help("protobuf source files are UTF-8; convert it with `iconv -t UTF-8`")
    )]
    NotUtf8 { file: String, offset: usize },

    #[error("import cycle in `{version}`: {cycle}")]
    #[diagnostic(
        code(protoskew::import_cycle),
        help("no protobuf compiler accepts files that import each other; move what both need")
    )]
    ImportCycle { version: String, cycle: String },

    #[error("`{file}` is a symbolic link to `{target}`, and that is no .proto file: {reason}")]
    #[diagnostic(
        code(protoskew::not_proto),
        help("links are followed, and what they end at is read as protobuf; remove the link")
    )]
    NotProto { file: String, target: String, reason: String },

    #[error("`{file}` is a symbolic link to `{target}`, which is not in `{version}`")]
    #[diagnostic(
        code(protoskew::dangling_link),
        help("links are followed inside the tree only; name the folder that holds the target")
    )]
    DanglingLink { file: String, target: String, version: String },

    #[error("the contents of `{file}` (blob {blob}) are not in the repository")]
    #[diagnostic(
        code(protoskew::missing_blob),
        help(
            "a partial clone fetches file contents on demand, which this tool never does: \
             run `git fetch --refetch --no-filter`, or clone without `--filter`"
        )
    )]
    MissingBlob { file: String, blob: String },

    #[error("`{name}` is not a FileDescriptorSet: {reason}")]
    #[diagnostic(
        code(protoskew::invalid_descriptor_set),
        help("make one with `protoc --include_imports --include_source_info -o FILE …`")
    )]
    DescriptorSet { name: String, reason: String },

    #[error("no rule is named `{name}`")]
    #[diagnostic(code(protoskew::unknown_rule), help("{help}"))]
    UnknownRule { name: String, help: String },

    #[error("no service is named `{name}` in {versions}")]
    #[diagnostic(code(protoskew::unknown_service), help("{help}"))]
    UnknownService { name: String, versions: String, help: String },

    #[error("nothing in this text says that a gRPC call failed for want of a method")]
    #[diagnostic(
        code(protoskew::no_incident),
        help(
            "give the line with `UNIMPLEMENTED`, `unknown method`, `Method not found` or HTTP 404, \
             or the path of the call, `/package.Service/Method`"
        )
    )]
    NoIncident,

    #[error("`{release}` is compared with the releases before it, and `{oldest}` is not one")]
    #[diagnostic(
        code(protoskew::nothing_before),
        help("`--since RELEASE` names an older one; the first release has none before it")
    )]
    NothingBefore { release: String, oldest: String },

    #[error("no release is named `{name}`")]
    #[diagnostic(code(protoskew::unknown_release), help("{help}"))]
    UnknownRelease { name: String, help: String },

    #[error("the fleet has no {what} named `{name}`")]
    #[diagnostic(code(protoskew::unknown_component), help("{help}"))]
    UnknownComponent { what: &'static str, name: String, help: String },

    #[error("`{}` has no environment: nothing runs anywhere", path.display())]
    #[diagnostic(
        code(protoskew::empty_fleet),
        help("write an `[[environment]]` with a name and what is deployed there")
    )]
    EmptyFleet { path: PathBuf },

    #[error("no environment runs `{component}`{among}")]
    #[diagnostic(
        code(protoskew::not_deployed),
        help("list its versions under `deployed`; of one that is new, none: `{component} = []`")
    )]
    NotDeployed { component: String, among: String },

    #[error("nothing says which component to upgrade to which version")]
    #[diagnostic(code(protoskew::no_upgrade), help("{help}"))]
    NoUpgrade { help: String },

    #[error("`{file}` does not say which version of the schema it pins: `{after}` is not in it")]
    #[diagnostic(
        code(protoskew::not_pinned),
        help("the word after `pinned.after` is the version; `pins` can name it instead")
    )]
    NotPinned { file: String, after: String },

    #[error("nothing was found about `{name}`{rule}")]
    #[diagnostic(code(protoskew::no_finding), help("{help}"))]
    NoFinding { name: String, rule: String, help: String },

    #[error("`{pattern}`, given to `{option}`, is no pattern of names: {reason}")]
    #[diagnostic(
        code(protoskew::name_pattern),
        help("`*` stands for anything between two dots, `**` for anything")
    )]
    NamePattern { option: &'static str, pattern: String, reason: String },

    #[error("no command is named `{name}`")]
    #[diagnostic(code(protoskew::unknown_command), help("{help}"))]
    UnknownCommand { name: String, help: String },

    #[error("{what}")]
    #[diagnostic(code(protoskew::no_releases), help("{help}"))]
    NoReleases { what: String, help: String },

    #[error("`{pattern}` is not a regular expression: {reason}")]
    #[diagnostic(
        code(protoskew::invalid_pattern),
        help("patterns are those of Rust's `regex`; a tag is wanted if any part of it matches")
    )]
    TagPattern { pattern: String, reason: String },

    #[error("`{window}` is no window: {reason}")]
    #[diagnostic(
        code(protoskew::window),
        help(
            "write `--window=client=3,server=2`, or in protoskew.toml `[window]` with \
             `newer-client = 3` and `newer-server = 2`"
        )
    )]
    Window { window: String, reason: String },

    #[error("no release has an element named `{name}`")]
    #[diagnostic(code(protoskew::unknown_element), help("{help}"))]
    UnknownElement { name: String, help: String },

    #[error("`{path}` is unmerged in the index")]
    #[diagnostic(
        code(protoskew::unmerged),
        help("resolve the conflict and `git add {path}`, or compare `:worktree`")
    )]
    Unmerged { path: String },

    #[error("the git repository cannot be read: {0}")]
    #[diagnostic(
        code(protoskew::git),
        help("`git fsck` tells what is damaged; `git fetch --refetch` brings what is absent")
    )]
    Git(#[from] git2::Error),

    #[error("cannot read `{}`: {reason}", path.display())]
    #[diagnostic(code(protoskew::unreadable))]
    Unreadable { path: PathBuf, reason: io::Error },

    #[error("there is no fleet file `{}`", path.display())]
    #[diagnostic(
        code(protoskew::no_fleet),
        help(
            "write who serves and who calls what, and what runs where, or name the file with \
             `--fleet FILE`; `protoskew schema fleet` describes it, docs/fleet.md shows one"
        )
    )]
    NoFleet { path: PathBuf },

    #[error("there is a `{}` already", path.display())]
    #[diagnostic(
        code(protoskew::config_there),
        help("nothing was written; `protoskew schema config` describes what may stand in it")
    )]
    ConfigThere { path: PathBuf },

    #[error("cannot write `{}`: {reason}", path.display())]
    #[diagnostic(
        code(protoskew::unwritable),
        help("nothing was written; `--output` takes a file in a folder that exists")
    )]
    Unwritable { path: PathBuf, reason: String },

    #[error("there is a hook at `{}`, and it is not ours", path.display())]
    #[diagnostic(
        code(protoskew::hook_taken),
        help("nothing was written; have that hook run `{command}`, and fail if it fails")
    )]
    HookTaken { path: PathBuf, command: String },

    #[error("cannot write to stdout: {0}")]
    #[diagnostic(code(protoskew::stdout))]
    Stdout(io::Error),
}

/// A mistake at a known place of a `.proto` file.
#[derive(Debug, Diagnostic, Error)]
#[error("{message}")]
#[diagnostic(code(protoskew::invalid_proto))]
pub struct Mistake {
    message: String,
    #[source_code]
    excerpt: Excerpt,
    #[label("{label}")]
    mark: miette::SourceSpan,
    label: String,
    #[help]
    help: Option<String>,
}

/// A mistake at a known place of a configuration file.
#[derive(Debug, Diagnostic, Error)]
#[error("{message}")]
#[diagnostic(code(protoskew::invalid_config))]
pub struct Misconfigured {
    message: String,
    #[source_code]
    excerpt: Excerpt,
    #[label("{label}")]
    mark: miette::SourceSpan,
    label: String,
    #[help]
    help: Option<String>,
}

impl Error {
    /// Where it is, as people can open it: `v2.17.0:rpc/manager.proto:12:3`.
    pub fn place(&self) -> Option<String> {
        let Excerpt { file, line, column, .. } = match self {
            Error::Proto(mistake) => &mistake.excerpt,
            Error::Config(mistake) => &mistake.excerpt,
            _ => return None,
        };
        Some(format!("{file}:{line}:{column}"))
    }

    /// The file that is wrong, as people can open it.
    pub fn file(&self) -> Option<&str> {
        match self {
            Error::Proto(mistake) => Some(&mistake.excerpt.file),
            Error::ProtoNowhere { file, .. }
            | Error::NotUtf8 { file, .. }
            | Error::NotProto { file, .. }
            | Error::DanglingLink { file, .. }
            | Error::MissingBlob { file, .. } => Some(file),
            _ => None,
        }
    }

    /// On one line, with its place.
    pub fn brief(&self) -> String {
        match self.place() {
            Some(place) => format!("{place}: {self}"),
            None => self.to_string(),
        }
    }

    /// The errors that this one sums up.
    pub fn causes(&self) -> &[Error] {
        match self {
            Error::DoesNotCompile { causes, .. } => causes,
            _ => &[],
        }
    }

    /// A mistake at the mark of the excerpt; `label` stands beneath it.
    pub fn proto(message: String, label: &str, excerpt: Excerpt, help: Option<String>) -> Error {
        let (mark, label) = (excerpt.mark(), label.to_owned());
        Error::Proto(Box::new(Mistake { message, excerpt, mark, label, help }))
    }
}

impl Error {
    /// A mistake in a configuration file, at the mark of the excerpt.
    pub fn config(message: String, label: &str, excerpt: Excerpt, help: Option<String>) -> Error {
        let (mark, label) = (excerpt.mark(), label.to_owned());
        Error::Config(Box::new(Misconfigured { message, excerpt, mark, label, help }))
    }
}

/// ``did you mean `x`?``, or nothing.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    one_of(near(word, known).into_iter().map(str::to_owned))
}

/// Those of the known words that `word` may be a slip of the pen for.
pub(crate) fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    similar::get_close_matches(word, &known, 3, 0.6)
}

/// ``did you mean `x` or `y`?``
pub(crate) fn one_of(names: impl Iterator<Item = String>) -> String {
    match names.collect::<Vec<String>>().as_slice() {
        [] => String::new(),
        names => format!("did you mean `{}`?", names.join("` or `")),
    }
}
