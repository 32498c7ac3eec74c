//! A release checklist, as Markdown that can be committed and compared with the next.

use std::io::{self, Write};

use super::{
    escape::{markdown as plain, markdown_words},
    evidence::{About, Takes, said, taking},
    since::{few, run},
};
use crate::{
    checklist::{Call, Checklist, Guards, Item, Order, Wrong},
    history::{History, Run, runs},
    policy::Evidence,
};

/// More calls of one line than these are counted, not listed; JSON lists all.
const CALLS: usize = 5;

/// The whole page. It is the same whenever it is made from the same releases.
///
/// # Errors
/// Those of `out`.
pub fn render(list: &Checklist, history: &History, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { list, history, out };
    let name = plain(history.name(list.release));
    writeln!(page.out, "# Release checklist: {name}\n")?;
    let meets = page.meets();
    writeln!(page.out, "What {name} does when {meets}.\n")?;
    page.order()?;
    page.fallbacks()?;
    page.items(
        "What else breaks for its clients on older servers",
        "older servers",
        &list.client_breaks,
    )?;
    page.items(
        "Request fields and values that older servers ignore",
        "older servers",
        &list.ignored,
    )?;
    page.items(
        "What may go wrong for its clients on older servers",
        "older servers",
        &list.client_degrades,
    )?;
    page.removed()?;
    page.items(
        "What else breaks for older clients on its servers",
        "older clients",
        &list.server_breaks,
    )?;
    page.items(
        "What may go wrong for older clients on its servers",
        "older clients",
        &list.server_degrades,
    )?;
    page.guards()?;
    page.minimum()?;
    page.unknown()
}

/// Fields of one message of which the same is to be said.
fn together(a: &Item, b: &Item) -> bool {
    let key = |it: &Item| (it.rule, it.subject.parent().to_owned());
    key(a) == key(b) && a.rule == "field-ignored" && (&a.calls, &a.with) == (&b.calls, &b.with)
}

struct Page<'p> {
    list: &'p Checklist,
    history: &'p History,
    out: &'p mut dyn Write,
}

impl Page<'_> {
    /// Whom it may meet: one set of releases, unless a window says otherwise of servers.
    fn meets(&self) -> String {
        let Checklist { supported, servers, clients, .. } = self.list;
        let named = |releases: &[usize]| self.runs(&runs(releases.iter().copied()));
        match (servers.as_slice(), clients.as_slice()) {
            (servers, clients) if servers == clients => format!("it meets {}", named(supported)),
            (servers, []) => format!("its clients meet servers of {}", named(servers)),
            ([], clients) => format!("its servers meet clients of {}", named(clients)),
            (servers, clients) => format!(
                "its clients meet servers of {}, and its servers clients of {}",
                named(servers),
                named(clients)
            ),
        }
    }

    fn order(&mut self) -> io::Result<()> {
        let text = match self.list.order {
            Order::Any => "Any order: nothing breaks, whichever end is upgraded first.",
            Order::ServersFirst => "Servers first: its clients break on older servers.",
            Order::ClientsFirst => "Clients first: older clients break on its servers.",
            Order::None => {
                "No order is safe: its clients break on older servers, and older clients on its \
                 servers. Give one end a fallback, or put a release in between that has both."
            }
            Order::Unknown => "Unknown: some releases could not be read; see the end.",
        };
        writeln!(self.out, "## Order of upgrade\n\n- [ ] {text}\n")
    }

    fn fallbacks(&mut self) -> io::Result<()> {
        writeln!(self.out, "## Calls that need a fallback\n")?;
        if self.list.fallbacks.is_empty() {
            return writeln!(self.out, "None.\n");
        }
        writeln!(self.out, "Older servers answer them with UNIMPLEMENTED.\n")?;
        for call in &self.list.fallbacks {
            let (path, needs, with) = (call.name.path(), self.needs(call), self.runs(&call.with));
            // Whoever makes it copes already, or nobody does.
            let settled = call.evidence.as_ref().is_some_and(Evidence::settles);
            let done = if settled { 'x' } else { ' ' };
            writeln!(self.out, "- [{done}] `{path}`: server {needs}; not in {with}")?;
            if let Some(evidence) = &call.evidence {
                for line in said(evidence, Takes::Unimplemented, About::One) {
                    writeln!(self.out, "  - {}", markdown_words(&line))?;
                }
            }
        }
        if let Some(why) = &self.list.not_searched {
            writeln!(self.out, "\nCall sites: not searched: {}.", plain(why))?;
        }
        writeln!(self.out)
    }

    fn removed(&mut self) -> io::Result<()> {
        writeln!(self.out, "## Calls that are removed\n")?;
        if self.list.removed.is_empty() {
            return writeln!(self.out, "None.\n");
        }
        writeln!(self.out, "Older clients that still make them get UNIMPLEMENTED.\n")?;
        for Call { name, with, .. } in &self.list.removed {
            let with = self.runs(with);
            writeln!(self.out, "- [ ] `{}`: clients of {with} may make it", name.path())?;
        }
        writeln!(self.out)
    }

    fn items(&mut self, heading: &str, whom: &str, items: &[Item]) -> io::Result<()> {
        writeln!(self.out, "## {heading}\n")?;
        if items.is_empty() {
            return writeln!(self.out, "None.\n");
        }
        for group in items.chunk_by(together) {
            let it = &group[0];
            let calls: Vec<String> =
                it.calls.iter().take(CALLS).map(|it| format!("`{}`", it.path())).collect();
            let more = match it.calls.len().saturating_sub(CALLS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (calls, with) = (calls.join(", "), self.runs(&it.with));
            let what = match group {
                [only] => format!("`{}`: {}", only.subject, plain(&only.message)),
                several => {
                    let leaf = |it: &Item| format!("`{}`", it.subject.leaf());
                    let leaves = several.iter().map(leaf).collect::<Vec<String>>().join(", ");
                    format!("of `{}`: {leaves}", it.subject.parent())
                }
            };
            writeln!(self.out, "- [ ] {what} ({}); in {calls}{more}; {whom}: {with}", it.rule)?;
        }
        writeln!(self.out)
    }

    /// What the sources of the release do about servers that are gone, or not as old as they think.
    fn guards(&mut self) -> io::Result<()> {
        let Guards { dead, late } = &self.list.guards;
        if dead.is_empty() && late.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "## Guards to look at\n")?;
        for it in dead {
            let (path, since) = (it.site.rpc.path(), plain(self.history.name(it.since)));
            let line = taking("called", &it.site);
            writeln!(
                self.out,
                "- [ ] `{path}`: every server from {since} on has it, so the guard can go (dead-guard)\n  - {}",
                markdown_words(&line)
            )?;
        }
        for it in late {
            let (path, asks, between) =
                (it.site.rpc.path(), plain(&it.asks), self.runs(&it.between));
            let what = match it.wrong {
                Wrong::Late => format!("servers of {between} have it, too"),
                Wrong::Early => format!("servers of {between} do not have it"),
            };
            let line = taking("called", &it.site);
            writeln!(
                self.out,
                "- [ ] `{path}`: its gate asks for {asks}, and {what} (late-gate)\n  - {}",
                markdown_words(&line)
            )?;
        }
        writeln!(self.out)
    }

    /// What the fallbacks say, as a table for release notes.
    fn minimum(&mut self) -> io::Result<()> {
        writeln!(self.out, "## Minimum versions\n")?;
        if self.list.fallbacks.is_empty() {
            return writeln!(self.out, "Every call is served by all of them.\n");
        }
        writeln!(self.out, "| call | server |\n| --- | --- |")?;
        for call in &self.list.fallbacks {
            writeln!(self.out, "| `{}` | {} |", call.name.path(), self.needs(call))?;
        }
        writeln!(self.out)
    }

    fn unknown(&mut self) -> io::Result<()> {
        if self.list.unknown.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "## Unknown\n")?;
        for (release, reason) in &self.list.unknown {
            let name = plain(self.history.name(*release));
            writeln!(self.out, "- [ ] {name}: {}", plain(reason))?;
        }
        writeln!(self.out)
    }

    /// `≥ v2.8.2, or v2.8.0`: what a server has to be for the call.
    fn needs(&self, call: &Call) -> String {
        let Some((last, earlier)) = call.had.split_last() else { return "unknown".to_owned() };
        let earlier = if earlier.is_empty() { String::new() } else { self.runs(earlier) };
        let earlier = if earlier.is_empty() { earlier } else { format!(", or {earlier}") };
        format!("≥ {}{earlier}", plain(self.history.name(last.first)))
    }

    fn runs(&self, runs: &[Run]) -> String {
        let all: Vec<String> = runs.iter().map(|it| run(self.history, *it)).collect();
        plain(&few(&all, ", "))
    }
}
