//! Whether something can be deployed, and in which order, as Markdown.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use super::{
    escape::markdown as plain,
    fleet::{
        also, blocks, ends, fine, heading, made, repair, shown, step, told, verdict, way,
        while_it_goes_on,
    },
};
use crate::{
    fleet::{Decision, Fleet, Trouble},
    plan::{Plan, Way},
};

/// What upgrades do to each environment.
///
/// # Errors
/// Those of `out`.
pub fn decisions(fleet: &Fleet, decisions: &[Decision], out: &mut dyn Write) -> io::Result<()> {
    for decision in decisions {
        writeln!(out, "## {}: {}\n", plain(&decision.environment), verdict(decision))?;
        for group in decision.encounters.chunk_by(|a, b| a.standing == b.standing) {
            let Some(heading) = heading(group[0].standing) else { continue };
            writeln!(out, "### {}\n", capital(heading))?;
            for it in group {
                let ends = plain(&ends(fleet, it.link, &it.client, &it.server));
                writeln!(out, "- {ends}{}", while_it_goes_on(it))?;
                if let Some(reason) = &it.met.reason {
                    writeln!(out, "  - {}", plain(reason))?;
                }
                list(shown(it), out)?;
                made(it).iter().try_for_each(|line| writeln!(out, "    - {}", plain(line)))?;
                if let Some(also) = also(it) {
                    writeln!(out, "  - {also}")?;
                }
            }
            writeln!(out)?;
        }
        writeln!(out, "{}.\n", capital(&fine(decision)))?;
    }
    Ok(())
}

/// Orders of upgrades, and repairs.
///
/// # Errors
/// Those of `out`.
pub fn plans(fleet: &Fleet, plans: &[Plan], out: &mut dyn Write) -> io::Result<()> {
    for plan in plans {
        writeln!(out, "## {}: {}\n", plain(&plan.environment), way(&plan.way))?;
        match &plan.way {
            Way::Nothing => (),
            Way::Steps(steps) => {
                for (at, it) in steps.iter().enumerate() {
                    writeln!(out, "{}. [ ] {}", at + 1, plain(&step(fleet, it)))?;
                }
                writeln!(out)?;
            }
            Way::None { blocked, .. } => {
                for it in blocked {
                    writeln!(out, "- {}", plain(&blocks(fleet, it)))?;
                    list(&it.new, out)?;
                }
                writeln!(out)?;
            }
        }
        if !plan.repairs.is_empty() {
            writeln!(out, "### Broken today\n")?;
        }
        for it in &plan.repairs {
            writeln!(out, "- {}", plain(&ends(fleet, it.link, &it.client, &it.server)))?;
            list(&it.troubles, out)?;
            writeln!(out, "  - {}", plain(&repair(fleet, it)))?;
        }
        if !plan.repairs.is_empty() {
            writeln!(out)?;
        }
    }
    Ok(())
}

fn list(troubles: &BTreeSet<Trouble>, out: &mut dyn Write) -> io::Result<()> {
    told(troubles).iter().try_for_each(|it| writeln!(out, "  - {}", plain(it)))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|it| it.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
