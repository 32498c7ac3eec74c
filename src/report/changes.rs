//! The facts between two versions, for people: each changed definition as a unified diff of its
//! normal form.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use similar::TextDiff;

use super::normal_form;
use crate::{
    diff::Change,
    excerpt::printable,
    schema::{Element, FullName, Schema},
};

/// The changes between two schemas.
pub struct Facts<'s> {
    /// The older one.
    pub base: &'s Schema,
    /// The newer one.
    pub head: &'s Schema,
    /// What differs.
    pub changes: Vec<Change<'s>>,
}

/// Every change, grouped by the service, message or enum it is in; then how many there are.
/// `versions` are the names of base and head.
///
/// # Errors
/// Those of `out`.
pub fn render(versions: [&str; 2], facts: &[Facts<'_>], out: &mut dyn Write) -> io::Result<()> {
    for Facts { base, head, changes } in facts {
        render_changes((versions[0], base), (versions[1], head), changes, out)?;
    }
    let changes: Vec<&Change<'_>> = facts.iter().flat_map(|it| &it.changes).collect();
    let count = |wanted: fn(&Change<'_>) -> bool| changes.iter().filter(|it| wanted(it)).count();
    let [added, removed, modified] = [
        count(|it| matches!(it, Change::Added(_))),
        count(|it| matches!(it, Change::Removed(_))),
        count(|it| matches!(it, Change::Modified { .. })),
    ];
    let [base, head] = versions.map(printable);
    writeln!(out, "{base} → {head}: {added} added, {removed} removed, {modified} modified")
}

fn render_changes(
    base: (&str, &Schema),
    head: (&str, &Schema),
    changes: &[Change<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut definitions: Vec<(FullName, Vec<&Change<'_>>)> = Vec::new();
    let mut known: BTreeMap<FullName, usize> = BTreeMap::new();
    for change in changes {
        let name = definition(change.element(), [base.1, head.1]);
        let at = *known.entry(name.clone()).or_insert_with(|| {
            definitions.push((name, Vec::new()));
            definitions.len() - 1
        });
        definitions[at].1.push(change);
    }
    for (name, changes) in &definitions {
        for change in changes {
            let word = match change {
                Change::Added(_) => "added",
                Change::Removed(_) => "removed",
                Change::Modified { .. } => "modified",
            };
            let element = change.element();
            write!(out, "{word} {} {}", element.kind(), element.name())?;
            let sites = [(change.base(), base), (change.head(), head)];
            for (name, (version, schema)) in sites {
                if let Some(site) = name.and_then(|name| schema.sites.get(name)) {
                    let file = printable(&site.file);
                    let version = printable(version);
                    write!(out, "\n  {version}: {file}:{}:{}", site.line, site.column)?;
                }
            }
            writeln!(out)?;
        }
        let [old, new] = [base.1, head.1].map(|schema| normal_text(schema, name));
        let diff = TextDiff::from_lines(&old, &new);
        writeln!(out, "{}", printable_lines(&diff.unified_diff().context_radius(2).to_string()))?;
    }
    Ok(())
}

/// The service, message or enum that an element is, or is in. An extension is in what it extends.
fn definition(element: Element<'_>, schemas: [&Schema; 2]) -> FullName {
    let Element::Field(field) = element else {
        return match element {
            Element::Method(it) => FullName::new(it.name.parent()),
            Element::EnumValue(it) => FullName::new(it.name.parent()),
            it => it.name().clone(),
        };
    };
    let holds = |schema: &&Schema| {
        let message = schema.messages.get(field.name.parent());
        message.is_some_and(|it| it.fields.get(&field.number).is_some_and(|it| it == field))
    };
    if schemas.iter().any(holds) {
        return FullName::new(field.name.parent());
    }
    let all = schemas.iter().flat_map(|schema| schema.messages.values());
    let extended = all.into_iter().find(|it| it.fields.get(&field.number) == Some(field));
    extended.map_or_else(|| FullName::new(field.name.parent()), |it| it.name.clone())
}

fn normal_text(schema: &Schema, name: &FullName) -> String {
    let service = schema.services.get(name).map(|it| Element::Service(it));
    let message = || schema.messages.get(name).map(|it| Element::Message(it));
    let item = || schema.enums.get(name).map(|it| Element::Enum(it));
    service
        .or_else(message)
        .or_else(item)
        .map(|it| normal_form::text(it, schema))
        .unwrap_or_default()
}

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| printable(line) + "\n").collect()
}
