//! A release checklist, as JSON.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FORMAT, TOOL,
    calls::{CallSite, site},
    evidence,
    shape::{Evidence, Tool},
};
use crate::{
    checklist,
    history::{History, Run},
    schema::FullName,
};

/// What `protoskew checklist --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew checklist")]
pub(super) struct Checklist {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// The release that goes out.
    release: String,
    /// The earlier releases that it may meet.
    supported: Vec<String>,
    /// Those of them whose servers its clients may meet.
    servers: Vec<String>,
    /// Those of them whose clients its servers may meet.
    clients: Vec<String>,
    order: Order,
    /// Calls of its clients that earlier servers do not have.
    fallbacks: Vec<Call>,
    /// Calls of earlier clients that its servers do not have.
    removed: Vec<Call>,
    /// What else breaks for its clients on earlier servers.
    client_breaks: Vec<Item>,
    /// What else breaks for earlier clients on its servers.
    server_breaks: Vec<Item>,
    /// Request fields and values that its clients send and that earlier servers ignore.
    ignored: Vec<Item>,
    /// What else may go wrong, for some values, for its clients on earlier servers.
    client_degrades: Vec<Item>,
    /// What may go wrong, for some values, for earlier clients on its servers.
    server_degrades: Vec<Item>,
    /// Guards of its calls that every server that it may meet makes needless.
    dead_guards: Vec<DeadGuard>,
    /// Gates of its calls that ask for another version than the one that brought the call.
    late_gates: Vec<LateGate>,
    /// Releases of which nobody can say what happens.
    unknown: Vec<Unknown>,
}

/// Which end to upgrade first; `none` if no order is safe.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Any,
    ServersFirst,
    ClientsFirst,
    None,
    Unknown,
}

/// A call that some releases do not have.
#[derive(Serialize, JsonSchema)]
struct Call {
    /// `/pkg.Service/Method`.
    call: String,
    /// Runs of releases that declare it, first and last, up to the one that goes out.
    declared: Vec<[String; 2]>,
    /// Runs of supported releases that it fails with, first and last.
    with: Vec<[String; 2]>,
    /// What the sources of the release say of its own calls; null if they were not searched.
    evidence: Option<Evidence>,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
struct Item {
    /// The id of the rule; `protoskew explain RULE` tells more.
    rule: &'static str,
    /// The full name of the element that the two ends disagree about.
    subject: String,
    /// One sentence.
    message: String,
    /// The calls it happens to, as `/pkg.Service/Method`.
    calls: Vec<String>,
    /// Runs of supported releases that it happens with, first and last.
    with: Vec<[String; 2]>,
}

/// A guard that can go.
#[derive(Serialize, JsonSchema)]
struct DeadGuard {
    site: CallSite,
    /// The oldest server that it may meet, which has the call.
    since: String,
}

/// A gate that asks for the wrong version.
#[derive(Serialize, JsonSchema)]
struct LateGate {
    site: CallSite,
    /// The version that it asks for.
    asks: String,
    /// Runs of releases, first and last, that it is wrong about.
    between: Vec<[String; 2]>,
    wrong: Wrong,
}

/// `late`: they have the call, and it is not made. `early`: they lack it, and it is made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Wrong {
    Late,
    Early,
}

/// A release that could not be judged.
#[derive(Serialize, JsonSchema)]
struct Unknown {
    release: String,
    reason: String,
}

/// For `protoskew checklist --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render_checklist(
    list: &checklist::Checklist,
    history: &History,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = |release: usize| history.name(release).to_owned();
    let names = |releases: &[usize]| releases.iter().map(|it| name(*it)).collect();
    let runs = |runs: &[Run]| runs.iter().map(|it| [name(it.first), name(it.last)]).collect();
    let calls = |calls: &[checklist::Call]| {
        let call = |it: &checklist::Call| Call {
            call: it.name.path(),
            declared: runs(&it.had),
            with: runs(&it.with),
            evidence: it.evidence.as_ref().map(evidence::shape),
        };
        calls.iter().map(call).collect()
    };
    let items = |items: &[checklist::Item]| {
        let item = |it: &checklist::Item| Item {
            rule: it.rule,
            subject: it.subject.to_string(),
            message: it.message.clone(),
            calls: it.calls.iter().map(FullName::path).collect(),
            with: runs(&it.with),
        };
        items.iter().map(item).collect()
    };
    let unknown = list.unknown.iter();
    let checklist::Guards { dead, late } = &list.guards;
    let dead_guards =
        dead.iter().map(|it| DeadGuard { site: site(&it.site), since: name(it.since) }).collect();
    let late_gate = |it: &checklist::LateGate| LateGate {
        site: site(&it.site),
        asks: it.asks.clone(),
        between: runs(&it.between),
        wrong: match it.wrong {
            checklist::Wrong::Late => Wrong::Late,
            checklist::Wrong::Early => Wrong::Early,
        },
    };
    let late_gates = late.iter().map(late_gate).collect();
    let shape = Checklist {
        format: FORMAT,
        tool: TOOL,
        release: name(list.release),
        supported: names(&list.supported),
        servers: names(&list.servers),
        clients: names(&list.clients),
        order: order(list.order),
        fallbacks: calls(&list.fallbacks),
        removed: calls(&list.removed),
        client_breaks: items(&list.client_breaks),
        server_breaks: items(&list.server_breaks),
        ignored: items(&list.ignored),
        client_degrades: items(&list.client_degrades),
        server_degrades: items(&list.server_degrades),
        dead_guards,
        late_gates,
        unknown: unknown
            .map(|(release, reason)| Unknown { release: name(*release), reason: reason.clone() })
            .collect(),
    };
    super::write(&shape, out)
}

/// The JSON Schema of [`render_checklist`].
pub fn checklist_schema() -> String {
    super::pretty(&super::generator().into_root_schema_for::<Checklist>())
}

fn order(it: checklist::Order) -> Order {
    match it {
        checklist::Order::Any => Order::Any,
        checklist::Order::ServersFirst => Order::ServersFirst,
        checklist::Order::ClientsFirst => Order::ClientsFirst,
        checklist::Order::None => Order::None,
        checklist::Order::Unknown => Order::Unknown,
    }
}
