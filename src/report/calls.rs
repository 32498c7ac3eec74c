//! What a scan of sources found, for people.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use crate::{
    callsites::{CallSite, CallSites, Served, ServedStatus, languages},
    excerpt::printable,
    schema::FullName,
};

/// How it may look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colours.
    pub color: bool,
}

/// All that was found about one service.
struct Section<'c> {
    service: &'c str,
    rpcs: BTreeMap<&'c FullName, Vec<&'c CallSite>>,
    served: Vec<&'c Served>,
}

fn sections(found: &CallSites) -> Vec<Section<'_>> {
    let services: BTreeSet<&str> = found.searched.iter().map(FullName::parent).collect();
    let section = |service| {
        let rpcs = found.searched.iter().filter(|rpc| rpc.parent() == service);
        let sites = |rpc: &FullName| found.sites.iter().filter(|it| it.rpc == *rpc).collect();
        let served = found.served.iter().filter(|it| it.rpc.parent() == service);
        Section {
            service,
            rpcs: rpcs.map(|rpc| (rpc, sites(rpc))).collect(),
            served: served.collect(),
        }
    };
    services.into_iter().map(section).collect()
}

impl Section<'_> {
    fn is_empty(&self) -> bool {
        self.served.is_empty() && self.rpcs.values().all(Vec::is_empty)
    }

    fn summary(&self) -> String {
        let calls: usize = self.rpcs.values().map(Vec::len).sum();
        let called = self.rpcs.values().filter(|sites| !sites.is_empty()).count();
        format!("{} of {called} of {}", count(calls, "call"), count(self.rpcs.len(), "RPC"))
    }

    /// RPCs without a call, by what is known of them.
    fn silent(&self, found: &CallSites) -> [Vec<String>; 2] {
        let mut never = Vec::new();
        let mut open = Vec::new();
        for (rpc, _) in self.rpcs.iter().filter(|(_, sites)| sites.is_empty()) {
            match found.unresolved.get(*rpc) {
                None => never.push(rpc.leaf().to_owned()),
                Some(mentions) => open.push(format!("{} ({mentions})", rpc.leaf())),
            }
        }
        [never, open]
    }
}

/// How a call is handled, in words.
fn handling(site: &CallSite) -> String {
    let mut text = site.handling.word().to_owned();
    if let Some(how) = &site.how {
        text = format!("{text} {how}");
    }
    let guards: Vec<String> = site
        .guards
        .iter()
        .map(|place| match place.file == site.place.file {
            true => format!("line {}", place.line),
            false => place.to_string(),
        })
        .collect();
    if !guards.is_empty() {
        text = format!("{text}: {}", guards.join(", "));
    }
    if let Some(place) = &site.opens_only {
        text =
            format!("{text}; the test at line {} sees only the opening of the stream", place.line);
    }
    text
}

/// That there was nothing to search is not that nothing was found.
fn searched(found: &CallSites) -> String {
    match found.files {
        0 => format!("nothing searched, for there are no sources of {}", languages()),
        files => format!("{} searched", count(files, "source file")),
    }
}

/// Lines for a terminal.
///
/// # Errors
/// Those of `out`.
pub fn human(name: &str, found: &CallSites, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (bold, plain) = if style.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    writeln!(out, "{}: {}", printable(name), searched(found))?;
    let sections = sections(found);
    let empty = sections.iter().filter(|it| it.is_empty()).count();
    for section in sections.iter().filter(|it| !it.is_empty()) {
        writeln!(out, "\n{bold}{}{plain}: {}", printable(section.service), section.summary())?;
        for (rpc, sites) in section.rpcs.iter().filter(|(_, sites)| !sites.is_empty()) {
            writeln!(out, "  {}", printable(rpc.leaf()))?;
            for site in sites {
                let place = printable(&site.place.to_string());
                let function = printable(&site.function);
                let words = printable(&handling(site));
                writeln!(out, "    {place} {function} · {} · {words}", site.resolution.word())?;
            }
        }
        let [never, open] = section.silent(found);
        if !never.is_empty() {
            writeln!(out, "  no call found: {}", printable(&never.join(", ")))?;
        }
        if !open.is_empty() {
            writeln!(
                out,
                "  no call found, but mentions that could not be resolved: {}",
                printable(&open.join(", "))
            )?;
        }
        serving(section, out)?;
    }
    if empty > 0 && found.files > 0 {
        writeln!(out, "\n{}: no call found, and no server", count(empty, "more service"))?;
    }
    let unresolved: usize = found.unresolved.values().sum();
    if unresolved > 0 {
        let of = count(found.unresolved.len(), "RPC");
        writeln!(out, "\ncould not resolve {} of {of}:", count(unresolved, "call-like mention"))?;
        for (rpc, mentions) in &found.unresolved {
            writeln!(out, "  {mentions} of {}", printable(rpc.as_str()))?;
        }
    }
    if !found.incomplete.is_empty() {
        writeln!(out, "\nincomplete:")?;
        for it in &found.incomplete {
            writeln!(out, "  {}: {}", printable(&it.file), printable(&it.reason))?;
        }
    }
    Ok(())
}

fn serving(section: &Section<'_>, out: &mut dyn Write) -> io::Result<()> {
    let types: BTreeSet<&str> = section.served.iter().map(|it| it.by.as_str()).collect();
    for by in types {
        let own: Vec<&&Served> = section.served.iter().filter(|it| it.by == by).collect();
        let implemented = own.iter().filter(|it| it.status == ServedStatus::Implemented).count();
        let by = if by.is_empty() { "a value that cannot be seen" } else { by };
        writeln!(out, "  served by {}: {implemented} of {}", printable(by), own.len())?;
        for it in own.iter().filter(|it| it.status != ServedStatus::Implemented) {
            let place =
                if it.place.line == 0 { String::new() } else { format!(" at {}", it.place) };
            writeln!(
                out,
                "    {}: {}{}",
                printable(it.rpc.leaf()),
                it.status.word(),
                printable(&place)
            )?;
        }
    }
    Ok(())
}

/// A table for each service.
///
/// # Errors
/// Those of `out`.
pub fn markdown(name: &str, found: &CallSites, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Calls in {}\n", cell(name))?;
    writeln!(out, "{}.", searched(found))?;
    for section in sections(found).iter().filter(|it| !it.is_empty()) {
        writeln!(out, "\n## {}\n\n{}.\n", cell(section.service), section.summary())?;
        writeln!(out, "| RPC | call | function | resolution | `UNIMPLEMENTED` |")?;
        writeln!(out, "| --- | --- | --- | --- | --- |")?;
        for (rpc, sites) in &section.rpcs {
            if sites.is_empty() {
                let open = found.unresolved.get(*rpc);
                let open = open.map(|it| format!("could not resolve {}", count(*it, "mention")));
                let said = open.unwrap_or_else(|| "no call found".to_owned());
                writeln!(out, "| {} | {said} | | | |", cell(rpc.leaf()))?;
            }
            for site in sites {
                let (place, function) = (cell(&site.place.to_string()), cell(&site.function));
                let (resolution, words) = (site.resolution.word(), cell(&handling(site)));
                writeln!(
                    out,
                    "| {} | {place} | {function} | {resolution} | {words} |",
                    cell(rpc.leaf())
                )?;
            }
        }
        if !section.served.is_empty() {
            writeln!(out, "\n| RPC | served by | status | at |\n| --- | --- | --- | --- |")?;
        }
        for it in &section.served {
            let place = if it.place.line == 0 { String::new() } else { it.place.to_string() };
            let (rpc, by, status) = (cell(it.rpc.leaf()), cell(&it.by), it.status.word());
            writeln!(out, "| {rpc} | {by} | {status} | {} |", cell(&place))?;
        }
    }
    if !found.incomplete.is_empty() {
        writeln!(out, "\n## Incomplete\n")?;
        for it in &found.incomplete {
            writeln!(out, "- {}: {}", cell(&it.file), cell(&it.reason))?;
        }
    }
    Ok(())
}

/// Text that a table holds and Markdown does not obey.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in printable(text).chars() {
        if matches!(char, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~') {
            safe.push('\\');
        }
        match char {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            char => safe.push(char),
        }
    }
    safe
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
