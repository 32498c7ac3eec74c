//! Whether something can be deployed, and in which order, for people.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use super::evidence::{About, Takes, said};
use crate::{
    excerpt::printable,
    fleet::{Answer, Decision, Encounter, Fleet, Standing, Trouble},
    plan::{Blocked, Least, Plan, Repair, Way},
    skew::Flow,
};

/// More troubles of two versions than these are counted, not listed; JSON lists all.
const SHOWN: usize = 8;

/// What upgrades do to each environment.
///
/// # Errors
/// Those of `out`.
pub fn decisions(fleet: &Fleet, decisions: &[Decision], out: &mut dyn Write) -> io::Result<()> {
    for decision in decisions {
        writeln!(out, "{}: {}", printable(&decision.environment), verdict(decision))?;
        for group in decision.encounters.chunk_by(|a, b| a.standing == b.standing) {
            let Some(heading) = heading(group[0].standing) else { continue };
            writeln!(out, "\n{heading}:")?;
            group.iter().try_for_each(|it| encounter(fleet, it, out))?;
        }
        writeln!(out, "\n{}\n", fine(decision))?;
    }
    Ok(())
}

/// An answer, in a sentence.
pub(super) fn verdict(decision: &Decision) -> &'static str {
    match decision.answer {
        Answer::Yes => "yes, nothing that works today breaks",
        Answer::No => "no, something that works today breaks",
        Answer::Unknown if decision.encounters.is_empty() => "unknown, nothing here meets it",
        Answer::Unknown => "unknown, nobody can say what happens between some versions",
    }
}

/// What the versions under it have in common; nothing is said of those that are fine.
pub(super) fn heading(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Broken => Some("breaks by the upgrade"),
        Standing::Unknown => Some("unknown after the upgrade"),
        Standing::AlreadyBroken => Some("broken already, and not by the upgrade"),
        Standing::AlreadyUnknown => Some("unknown already"),
        Standing::Repaired => Some("repaired by the upgrade"),
        Standing::Fine => None,
    }
}

/// How many versions meet without harm.
pub(super) fn fine(decision: &Decision) -> String {
    let fine = decision.encounters.iter().filter(|it| it.standing == Standing::Fine).count();
    match (fine, decision.encounters.len()) {
        (_, 0) => "no two components meet here".to_owned(),
        (fine, all) => format!("{fine} of {all} pairs of versions that meet are fine"),
    }
}

fn encounter(fleet: &Fleet, it: &Encounter, out: &mut dyn Write) -> io::Result<()> {
    let ends = ends(fleet, it.link, &it.client, &it.server);
    writeln!(out, "  {ends}{}", while_it_goes_on(it))?;
    if let Some(reason) = &it.met.reason {
        writeln!(out, "    {}", printable(reason))?;
    }
    list(shown(it), out)?;
    made(it).iter().try_for_each(|line| writeln!(out, "      {line}"))?;
    match also(it) {
        Some(text) => writeln!(out, "    {text}"),
        None => Ok(()),
    }
}

/// Of versions that an upgrade brings together, what breaks only then.
pub(super) fn shown(it: &Encounter) -> &BTreeSet<Trouble> {
    if it.standing == Standing::Broken { &it.new } else { &it.met.troubles }
}

/// Where the calls are made of what is shown, and how their callers take it.
pub(super) fn made(it: &Encounter) -> Vec<String> {
    let calls: BTreeSet<_> = shown(it).iter().map(|it| &it.call).collect();
    let own = it.met.evidence.iter().filter(|(call, _)| calls.contains(call));
    own.flat_map(|(_, evidence)| said(evidence, Takes::Unimplemented, About::Several)).collect()
}

/// What is not shown because it breaks today already.
pub(super) fn also(it: &Encounter) -> Option<String> {
    let rest: BTreeSet<Trouble> = it.met.troubles.difference(shown(it)).cloned().collect();
    match told(&rest).len() {
        0 => None,
        1 => Some("and 1 more that breaks today already".to_owned()),
        more => Some(format!("and {more} more that break today already")),
    }
}

/// The versions meet only before all is done.
pub(super) fn while_it_goes_on(it: &Encounter) -> &'static str {
    match (it.today, it.after) {
        (false, false) => ", while the upgrade goes on",
        _ => "",
    }
}

/// `agent v2 → manager v1`.
pub(super) fn ends(fleet: &Fleet, link: usize, client: &str, server: &str) -> String {
    let link = &fleet.links[link];
    let name =
        |component: usize, version| format!("{} {version}", fleet.components[component].name);
    printable(&format!("{} → {}", name(link.client, client), name(link.server, server)))
}

fn list(troubles: &BTreeSet<Trouble>, out: &mut dyn Write) -> io::Result<()> {
    let told = told(troubles);
    told.iter().take(SHOWN).try_for_each(|it| writeln!(out, "    {it}"))?;
    match told.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more"),
    }
}

/// Each cause once, with the calls it hits.
pub(super) fn told(troubles: &BTreeSet<Trouble>) -> Vec<String> {
    // Calls that fail come first.
    let mut causes: BTreeMap<(Flow, &str, &str, &str), Vec<&Trouble>> = BTreeMap::new();
    for it in troubles {
        causes.entry((it.flow, it.rule, it.subject.as_str(), &it.message)).or_default().push(it);
    }
    let told = causes.into_iter().map(|((_, rule, subject, message), hits)| {
        let calls: Vec<String> = hits.iter().take(3).map(|it| it.call.path()).collect();
        let more = match hits.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match hits[0].flow {
            Flow::Call => format!("{rule}: {message}"),
            Flow::Request => format!(
                "{rule}: {subject}: {message}; in the request of {}{more}",
                calls.join(", ")
            ),
            Flow::Response => format!(
                "{rule}: {subject}: {message}; in the response of {}{more}",
                calls.join(", ")
            ),
        }
    });
    told.map(|it| printable(&it)).collect()
}

/// Orders of upgrades, and repairs.
///
/// # Errors
/// Those of `out`.
pub fn plans(fleet: &Fleet, plans: &[Plan], out: &mut dyn Write) -> io::Result<()> {
    for plan in plans {
        writeln!(out, "{}: {}", printable(&plan.environment), way(&plan.way))?;
        match &plan.way {
            Way::Nothing => (),
            Way::Steps(steps) => {
                for (at, it) in steps.iter().enumerate() {
                    writeln!(out, "  {}. {}", at + 1, step(fleet, it))?;
                }
            }
            Way::None { blocked, .. } => {
                for it in blocked {
                    writeln!(out, "  {}", blocks(fleet, it))?;
                    list(&it.new, out)?;
                }
            }
        }
        for it in &plan.repairs {
            writeln!(out, "\nbroken today: {}", ends(fleet, it.link, &it.client, &it.server))?;
            list(&it.troubles, out)?;
            writeln!(out, "  {}", repair(fleet, it))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// How to get there, in a sentence.
pub(super) fn way(way: &Way) -> &'static str {
    match way {
        Way::Nothing => "nothing is to be upgraded",
        Way::Steps(_) => "in this order nothing that works breaks",
        Way::None { cut_off: true, .. } => "unknown, there are more ways than were looked at",
        Way::None { blocked, .. } if blocked.iter().any(|it| it.new.is_empty()) => {
            "unknown, no order is known to be safe"
        }
        Way::None { .. } => "no order is safe, and no release in between makes one so",
    }
}

/// A step, in a sentence.
pub(super) fn step(fleet: &Fleet, it: &crate::plan::Step) -> String {
    let from = it.from.iter().map(String::as_str).collect::<Vec<&str>>().join(" and ");
    let from = if from.is_empty() { String::new() } else { format!(" from {from}") };
    let between = if it.between { ", a release in between" } else { "" };
    printable(&format!("{}{from} to {}{between}", fleet.components[it.component].name, it.to))
}

/// What a step that comes first would do.
pub(super) fn blocks(fleet: &Fleet, it: &Blocked) -> String {
    let name = printable(&format!("{} to {}", fleet.components[it.component].name, it.to));
    let verb = if it.new.is_empty() { "is unknown for" } else { "breaks" };
    format!("{name} {verb} {}", ends(fleet, it.link, &it.client, &it.server))
}

/// What repairs two versions.
pub(super) fn repair(fleet: &Fleet, it: &Repair) -> String {
    let link = &fleet.links[it.link];
    let [client, server] = [link.client, link.server].map(|it| fleet.components[it].name.as_str());
    let to = |to: &Option<Least>, beyond: &str| {
        let Least { version, and_beyond } = to.as_ref()?;
        Some(if *and_beyond { format!("{version} or {beyond}") } else { version.clone() })
    };
    let up = |name: &str, least| Some(format!("bring the {name} to {}", to(least, "newer")?));
    let back = to(&it.client_back_to, "older");
    let back = back.map(|to| format!("take the {client} back to {to}"));
    let ways = [up(server, &it.server_to), up(client, &it.client_to), back];
    let ways: Vec<String> = ways.into_iter().flatten().collect();
    let text = match ways.as_slice() {
        [] => "no other release of either repairs it".to_owned(),
        [only] => format!("repair: {only}"),
        [first, others @ ..] => format!("repair: {first}; or {}", others.join("; or ")),
    };
    printable(&text)
}
