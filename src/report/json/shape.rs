//! The shape of the JSON, as types: the JSON Schema is made from them, so their comments are its
//! descriptions.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    calls::{CallSite, Served},
    witness::Witness,
};

/// What `protoskew check --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew check")]
pub(super) struct Report {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    pub(super) format: u32,
    pub(super) tool: Tool,
    /// The versions that were compared.
    pub(super) versions: Vec<Version>,
    /// One for each pairing.
    pub(super) verdicts: Vec<Verdict>,
    /// What was accepted in vain.
    pub(super) stale: Vec<Stale>,
}

/// What `protoskew diff --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew diff")]
pub(super) struct Diff {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    pub(super) format: u32,
    pub(super) tool: Tool,
    pub(super) base: Source,
    pub(super) head: Source,
    /// Services first, then messages, then enums, each by name.
    pub(super) changes: Vec<Difference>,
}

/// The program that made this.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// One version of a schema, by name.
#[derive(Serialize, JsonSchema)]
pub(super) struct Source {
    /// As it was asked for.
    pub(super) name: String,
    /// The commit, if it is one.
    pub(super) commit: Option<String>,
}

/// One version of a schema. The counts are null if it could not be read.
#[derive(Serialize, JsonSchema)]
pub(super) struct Version {
    /// As it was asked for.
    pub(super) name: String,
    /// The commit, if it is one.
    pub(super) commit: Option<String>,
    /// The `.proto` files that are judged.
    pub(super) files: Option<usize>,
    /// Their services; null if files were left out.
    pub(super) services: Option<usize>,
    /// The methods of those; null as `services` is.
    pub(super) methods: Option<usize>,
    /// The files that were read: those of `files` that changed, that the change reaches, and what
    /// these import; of few files, all.
    pub(super) read: Option<usize>,
    /// Files with mistakes that are in both versions, and that the change neither reaches nor
    /// needs, among those that were read. They are left alone.
    pub(super) broken: Option<usize>,
    /// Imports of the files that were read that are not in the version. Types from there are compared by name.
    pub(super) missing_imports: Option<usize>,
    /// Declarations of names that another file declares in another way. Each such copy is judged
    /// against its own older self.
    pub(super) duplicates: Option<usize>,
}

/// What happens when one version calls another.
#[derive(Serialize, JsonSchema)]
pub(super) struct Verdict {
    /// The name of the client's version.
    pub(super) client: String,
    /// The name of the server's version.
    pub(super) server: String,
    pub(super) pairing: Pairing,
    pub(super) outcome: Outcome,
    /// Why the outcome is unknown.
    pub(super) reason: Option<String>,
    /// Whether the client's sources were searched.
    pub(super) calls_searched: Searched,
    /// Whether the server's sources were searched.
    pub(super) servers_searched: Searched,
    pub(super) findings: Vec<Finding>,
}

/// Which end was upgraded first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pairing {
    NewerClient,
    NewerServer,
    /// The user named client and server.
    Explicit,
}

/// `breaks` with any finding of level error, `degrades` with any warning, `unknown` if a side could
/// not be read, else `ok`. Findings that are allowed do not count.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Breaks,
    Degrades,
    Ok,
    Unknown,
}

/// One thing that goes wrong.
#[derive(Serialize, JsonSchema)]
pub(super) struct Finding {
    /// The id of the rule; `protoskew explain RULE` tells more.
    pub(super) rule: &'static str,
    pub(super) effect: Effect,
    pub(super) level: Level,
    pub(super) flow: Flow,
    pub(super) codec: Codec,
    /// The forms in which it happens: `codec`, and `json` beside `binary` where a gateway that
    /// reads the request in ProtoJSON meets the same. With `--codec json`, each form has a finding
    /// of its own.
    pub(super) codecs: Vec<Codec>,
    /// The full name of the element that the two ends disagree about.
    pub(super) subject: String,
    /// One sentence.
    pub(super) message: String,
    /// The methods it happens to, as gRPC writes them: `/pkg.Service/Method`.
    pub(super) calls: Vec<String>,
    /// Where the base has the element. Of an explicit pairing, the base is the server.
    pub(super) base: Option<Site>,
    /// Where the head has the element. Of an explicit pairing, the head is the client.
    pub(super) head: Option<Site>,
    /// Set if somebody has accepted the finding.
    pub(super) allowed: Option<Allowed>,
    /// What the client's sources say of it; null if they were not searched for its calls.
    pub(super) evidence: Option<Evidence>,
    /// The releases that it hits, if `--window` asked for many.
    pub(super) releases: Option<Span>,
    /// Its proof, if `--witness` asked for it and there is one.
    pub(super) witness: Option<Witness>,
}

/// Whether sources were searched.
#[derive(Serialize, JsonSchema)]
pub(super) struct Searched {
    pub(super) state: SearchState,
    /// How many source files were searched.
    pub(super) files: Option<usize>,
    /// Why they were not.
    pub(super) reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SearchState {
    /// No call fails, or somebody has accepted that; and the sources of servers are the same.
    NotNeeded,
    Searched,
    NotSearched,
}

/// What the client's sources say of a finding about calls that fail. It lowers the level and never
/// raises it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Evidence {
    pub(super) weight: Weight,
    /// Where the calls are made.
    pub(super) sites: Vec<CallSite>,
    /// Mentions that look like calls and could not be resolved.
    pub(super) unresolved: usize,
    /// Source files that could not be read, or not all of them.
    pub(super) incomplete: usize,
    /// What servers do about the calls; empty unless the finding is about that.
    pub(super) served: Vec<Served>,
    /// The same happens between two programs of the base, so no upgrade brings it: at most a
    /// warning.
    pub(super) before: bool,
}

/// What the sources come to; of several calls, the last of these that holds for one.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Weight {
    /// The sources hold a client of the service that does not make the call: at most a note.
    Uncalled,
    /// Everybody who makes the call copes with `UNIMPLEMENTED`: at most a note.
    Handled,
    /// It may be called where nobody copes, but that is not certain: at most a warning.
    Unsure,
    /// No call was found, and that says nothing: the level stays.
    Open,
    /// The call is made, and no handling was found: the level stays.
    Unhandled,
}

/// Some of many releases.
#[derive(Serialize, JsonSchema)]
pub(super) struct Span {
    /// The oldest, in the order of versions.
    pub(super) oldest: String,
    /// The newest.
    pub(super) newest: String,
    /// How many there are.
    pub(super) count: usize,
}

/// What a running program sees.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Effect {
    CallFails,
    Misread,
    Lost,
    Ignored,
    Unset,
}

/// How loudly it is reported.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Level {
    Off,
    Note,
    Warning,
    Error,
}

/// What is on its way when it happens.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Flow {
    Call,
    Request,
    Response,
}

/// How messages are written on the way.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Codec {
    Binary,
    Json,
}

/// A place in a `.proto` file, line and column from 1.
#[derive(Serialize, JsonSchema)]
pub(super) struct Site {
    /// From the top of the version's tree.
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// Why a finding is accepted.
#[derive(Serialize, JsonSchema)]
pub(super) struct Allowed {
    pub(super) reason: String,
    pub(super) by: Origin,
}

/// Where somebody has accepted a finding.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Origin {
    /// In the configuration file.
    Config,
    /// In a comment at the element.
    Comment,
    /// In the baseline.
    Baseline,
}

/// Something accepted that does no good.
#[derive(Serialize, JsonSchema)]
pub(super) struct Stale {
    /// The id of the rule; empty of a comment that cannot be read.
    pub(super) rule: String,
    /// The full name of the element, or a pattern for some.
    pub(super) subject: String,
    /// Why it was accepted.
    pub(super) reason: String,
    pub(super) by: Origin,
    pub(super) why: Why,
    /// It counts for the exit code as a finding of this level does.
    pub(super) level: Level,
    /// One sentence.
    pub(super) message: String,
    /// Where it is written: from the top of the repository; of a comment, from the top of the
    /// version.
    pub(super) at: Option<Site>,
}

/// What is wrong with something accepted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Why {
    /// Its end has come, so it holds no longer.
    Expired,
    /// It ends with a release, and which release the versions are of is not known.
    Undecided,
    /// It means nothing.
    Invalid,
    /// No finding is like it.
    Unmatched,
}

/// One difference.
#[derive(Serialize, JsonSchema)]
pub(super) struct Difference {
    pub(super) change: ChangeKind,
    pub(super) kind: Kind,
    /// The full name of the element.
    pub(super) name: String,
    /// Where the base has it.
    pub(super) base: Option<Site>,
    /// Where the head has it.
    pub(super) head: Option<Site>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ChangeKind {
    Added,
    Removed,
    Modified,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Service,
    Method,
    Message,
    Field,
    Enum,
    EnumValue,
}
