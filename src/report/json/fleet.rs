//! Whether something can be deployed, and in which order, as JSON.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FORMAT, TOOL, evidence, flow, outcome,
    shape::{Evidence, Flow, Outcome, Tool},
};
use crate::{
    fleet::{self, Fleet, Trouble},
    plan,
};

/// What `protoskew can-i-deploy --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew can-i-deploy")]
pub(super) struct Decisions {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    /// The worst of all environments: no, then unknown, then yes.
    answer: Answer,
    environments: Vec<Environment>,
}

/// `yes`: nothing that works today breaks. `no`: something does. `unknown`: nobody can say.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Yes,
    No,
    Unknown,
}

#[derive(Serialize, JsonSchema)]
struct Environment {
    name: String,
    answer: Answer,
    /// Every two versions that meet today, while the upgrades go on, or after them.
    pairs: Vec<Pair>,
}

/// Two versions that meet.
#[derive(Serialize, JsonSchema)]
struct Pair {
    client: End,
    server: End,
    /// They meet before anything is upgraded.
    today: bool,
    /// They meet when everything is upgraded. Those that meet at neither time meet in between.
    after: bool,
    standing: Standing,
    outcome: Outcome,
    /// Why the outcome is unknown.
    reason: Option<String>,
    /// What breaks.
    troubles: Vec<OneTrouble>,
    /// What the sources say of calls that fail, if `--calls` had them searched.
    evidence: Vec<CallEvidence>,
}

/// What the client's sources say of a call that fails.
#[derive(Serialize, JsonSchema)]
struct CallEvidence {
    /// `/pkg.Service/Method`.
    call: String,
    evidence: Evidence,
}

/// A version of a component.
#[derive(Serialize, JsonSchema)]
struct End {
    component: String,
    version: String,
}

/// `broken`: the upgrade brings them together, and something breaks that works today. `unknown`:
/// it does, and nobody can say what happens. `already-broken`: it breaks today in the same way.
/// `already-unknown`: they meet today. `repaired`: it breaks today, and they do not meet any more.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    Broken,
    Unknown,
    AlreadyBroken,
    AlreadyUnknown,
    Repaired,
    Fine,
}

/// One thing that breaks, of one call.
#[derive(Serialize, JsonSchema)]
struct OneTrouble {
    /// `/pkg.Service/Method`.
    call: String,
    /// The id of the rule; `protoskew explain RULE` tells more.
    rule: &'static str,
    flow: Flow,
    /// The full name of the element that the two ends disagree about.
    subject: String,
    /// One sentence.
    message: String,
    /// It breaks nowhere today between these components.
    new: bool,
}

/// What `protoskew plan --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "protoskew plan")]
pub(super) struct Plans {
    /// The version of this shape.
    #[schemars(range(min = 1, max = 1))]
    format: u32,
    tool: Tool,
    environments: Vec<Planned>,
}

#[derive(Serialize, JsonSchema)]
struct Planned {
    name: String,
    way: Way,
    /// The order, if there is one.
    steps: Vec<Step>,
    /// If there is none: what each step would break if it came first.
    blocked: Vec<Blocked>,
    /// What breaks today, and what would repair it.
    repairs: Vec<Repair>,
}

/// `nothing` is to be done; there are `steps`; there is `none`; or it is `unknown` if there is one.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Way {
    Nothing,
    Steps,
    None,
    Unknown,
}

/// One component is upgraded, while nothing else is.
#[derive(Serialize, JsonSchema)]
struct Step {
    component: String,
    /// The versions that are replaced.
    from: Vec<String>,
    to: String,
    /// Nobody asked for this version: it is on the way.
    between: bool,
}

/// A step that cannot come first.
#[derive(Serialize, JsonSchema)]
struct Blocked {
    component: String,
    to: String,
    client: End,
    server: End,
    /// What breaks; empty if nobody can say what happens.
    troubles: Vec<OneTrouble>,
}

/// Two versions that meet today and break.
#[derive(Serialize, JsonSchema)]
struct Repair {
    client: End,
    server: End,
    troubles: Vec<OneTrouble>,
    /// The least upgrade of the server that repairs it and breaks nothing else.
    upgrade_server_to: Option<Least>,
    /// The least upgrade of the client that does.
    upgrade_client_to: Option<Least>,
    /// The least step back of the client that does.
    take_client_back_to: Option<Least>,
}

/// The nearest version that repairs something.
#[derive(Serialize, JsonSchema)]
struct Least {
    version: String,
    /// All releases that lie beyond it repair it too.
    and_beyond: bool,
}

/// For `protoskew can-i-deploy --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render_decisions(
    fleet: &Fleet,
    decisions: &[fleet::Decision],
    out: &mut dyn Write,
) -> io::Result<()> {
    let worst = decisions.iter().map(|it| it.answer).max().unwrap_or(fleet::Answer::Yes);
    let environment = |it: &fleet::Decision| Environment {
        name: it.environment.clone(),
        answer: answer(it.answer),
        pairs: it.encounters.iter().map(|it| pair(fleet, it)).collect(),
    };
    let environments = decisions.iter().map(environment).collect();
    let shape = Decisions { format: FORMAT, tool: TOOL, answer: answer(worst), environments };
    super::write(&shape, out)
}

/// For `protoskew plan --format json`.
///
/// # Errors
/// Those of `out`.
pub fn render_plans(fleet: &Fleet, plans: &[plan::Plan], out: &mut dyn Write) -> io::Result<()> {
    let environments = plans.iter().map(|it| planned(fleet, it)).collect();
    super::write(&Plans { format: FORMAT, tool: TOOL, environments }, out)
}

/// The JSON Schema of [`render_decisions`].
pub fn can_i_deploy_schema() -> String {
    super::pretty(&super::generator().into_root_schema_for::<Decisions>())
}

/// The JSON Schema of [`render_plans`].
pub fn plan_schema() -> String {
    super::pretty(&super::generator().into_root_schema_for::<Plans>())
}

fn pair(fleet: &Fleet, it: &fleet::Encounter) -> Pair {
    let (client, server) = ends(fleet, it.link, &it.client, &it.server);
    Pair {
        client,
        server,
        today: it.today,
        after: it.after,
        standing: standing(it.standing),
        outcome: outcome(it.met.outcome),
        reason: it.met.reason.clone(),
        troubles: troubles(&it.met.troubles, &|trouble| it.new.contains(trouble)),
        evidence: it
            .met
            .evidence
            .iter()
            .map(|(call, it)| CallEvidence { call: call.path(), evidence: evidence::shape(it) })
            .collect(),
    }
}

fn ends(fleet: &Fleet, link: usize, client: &str, server: &str) -> (End, End) {
    let link = &fleet.links[link];
    let end = |component: usize, version: &str| End {
        component: fleet.components[component].name.clone(),
        version: version.to_owned(),
    };
    (end(link.client, client), end(link.server, server))
}

fn troubles(all: &BTreeSet<Trouble>, new: &dyn Fn(&Trouble) -> bool) -> Vec<OneTrouble> {
    let one = |it: &Trouble| OneTrouble {
        call: it.call.path(),
        rule: it.rule,
        flow: flow(it.flow),
        subject: it.subject.to_string(),
        message: it.message.clone(),
        new: new(it),
    };
    all.iter().map(one).collect()
}

fn planned(fleet: &Fleet, it: &plan::Plan) -> Planned {
    let name = |component: usize| fleet.components[component].name.clone();
    let (way, steps, blocked): (Way, &[plan::Step], &[plan::Blocked]) = match &it.way {
        plan::Way::Nothing => (Way::Nothing, &[], &[]),
        plan::Way::Steps(steps) => (Way::Steps, steps, &[]),
        plan::Way::None { blocked, cut_off } => {
            let unknown = *cut_off || blocked.iter().any(|it| it.new.is_empty());
            (if unknown { Way::Unknown } else { Way::None }, &[], blocked)
        }
    };
    let steps = steps.iter().map(|it| Step {
        component: name(it.component),
        from: it.from.iter().cloned().collect(),
        to: it.to.clone(),
        between: it.between,
    });
    let blocked = blocked.iter().map(|it| {
        let (client, server) = ends(fleet, it.link, &it.client, &it.server);
        let (component, to) = (name(it.component), it.to.clone());
        Blocked { component, to, client, server, troubles: troubles(&it.new, &|_| true) }
    });
    let repairs = it.repairs.iter().map(|it| {
        let (client, server) = ends(fleet, it.link, &it.client, &it.server);
        Repair {
            client,
            server,
            troubles: troubles(&it.troubles, &|_| false),
            upgrade_server_to: it.server_to.as_ref().map(least),
            upgrade_client_to: it.client_to.as_ref().map(least),
            take_client_back_to: it.client_back_to.as_ref().map(least),
        }
    });
    let (steps, blocked, repairs) = (steps.collect(), blocked.collect(), repairs.collect());
    Planned { name: it.environment.clone(), way, steps, blocked, repairs }
}

fn least(it: &plan::Least) -> Least {
    Least { version: it.version.clone(), and_beyond: it.and_beyond }
}

fn answer(it: fleet::Answer) -> Answer {
    match it {
        fleet::Answer::Yes => Answer::Yes,
        fleet::Answer::No => Answer::No,
        fleet::Answer::Unknown => Answer::Unknown,
    }
}

fn standing(it: fleet::Standing) -> Standing {
    match it {
        fleet::Standing::Broken => Standing::Broken,
        fleet::Standing::Unknown => Standing::Unknown,
        fleet::Standing::AlreadyBroken => Standing::AlreadyBroken,
        fleet::Standing::AlreadyUnknown => Standing::AlreadyUnknown,
        fleet::Standing::Repaired => Standing::Repaired,
        fleet::Standing::Fine => Standing::Fine,
    }
}
