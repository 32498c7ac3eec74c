//! The witness of a finding, in lines for people.

use crate::{
    excerpt::printable,
    skew::Flow,
    witness::{CallWitness, DataWitness, Part, Witness, Written, harm::Kind},
};

/// Longer parts of a witness are cut here; JSON has all of it.
const LINES: usize = 24;
/// Bytes of one part that are shown.
const BYTES: usize = 12;

/// Lines that a terminal shows and does not obey, not indented.
pub fn lines(witness: &Witness) -> Vec<String> {
    let lines = match witness {
        Witness::Data(data) => message(data),
        Witness::Call(call) => self::call(call),
    };
    lines.iter().map(|line| printable(line)).collect()
}

fn message(it: &DataWitness) -> Vec<String> {
    let (from, to, flow) = match it.flow {
        Flow::Response => ("server", "client", "a response"),
        Flow::Call | Flow::Request => ("client", "server", "a request"),
    };
    let mut lines = vec![format!("witness, in {flow} of {}:", it.call.path())];
    lines.extend(it.cut.iter().map(|cut| format!("  ({cut})")));
    lines.push(format!("  the {from} sends {}", it.sender));
    section(text(&it.sent, "with nothing set"), &mut lines);
    match &it.written {
        Written::Binary { bytes, parts } => {
            let count = bytes.len();
            lines.push(format!("  as {count} {}", if count == 1 { "byte" } else { "bytes" }));
            section(taken_apart(parts), &mut lines);
        }
        Written::Json(document) => {
            lines.push("  as".to_owned());
            section(text(document, ""), &mut lines);
        }
    }
    match &it.read {
        Ok(read) => {
            lines.push(format!("  the {to} reads {}", it.receiver));
            section(text(read, "with nothing set"), &mut lines);
        }
        Err(error) => lines.push(format!("  the {to} refuses it: {error}")),
    }
    if it.read.is_ok() {
        lines.push(format!("  so {}", it.harm));
    }
    if let Some(missing) = it.missing.as_ref().filter(|_| it.kind != Kind::Missing) {
        lines.push(format!(
            "  C++, Java and Go refuse it, for it lacks the required `{missing}`; Python reads it"
        ));
    }
    lines
}

fn section(mut part: Vec<String>, lines: &mut Vec<String>) {
    let more = part.len().saturating_sub(LINES);
    part.truncate(LINES);
    lines.extend(part.into_iter().map(|line| format!("    {line}")));
    if more > 0 {
        lines.push(format!("    … and {more} more lines"));
    }
}

fn text(text: &str, empty: &str) -> Vec<String> {
    match text.is_empty() {
        true => vec![format!("({empty})")],
        false => text.lines().map(str::to_owned).collect(),
    }
}

/// The bytes, and beside them what they are.
fn taken_apart(parts: &[Part]) -> Vec<String> {
    let rows: Vec<(String, String)> = parts
        .iter()
        .map(|it| {
            let indent = "  ".repeat(it.depth);
            let name = it.name.as_ref().map_or(String::new(), |name| format!(" {name}"));
            let Part { number, wire_type, value, .. } = it;
            let value = if value.is_empty() { String::new() } else { format!(" {value}") };
            (format!("{indent}{}", hex(&it.bytes)), format!("{number}{name}: {wire_type}{value}"))
        })
        .collect();
    let width = rows.iter().take(LINES).map(|(hex, _)| hex.chars().count()).max().unwrap_or(0);
    rows.into_iter().map(|(hex, says)| format!("{hex:width$}  {says}")).collect()
}

fn hex(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > BYTES { " …" } else { "" };
    shown.join(" ") + more
}

fn call(it: &CallWitness) -> Vec<String> {
    let mut lines = vec![format!("witness, {}:", it.path)];
    for case in &it.cases {
        lines.push(format!("  {}:", case.when));
        let width = case.shown.iter().map(|it| it.runtime.len()).max().unwrap_or(0);
        lines.extend(case.shown.iter().map(|it| {
            let message = match it.message.as_str() {
                "" => ", without a message".to_owned(),
                message => format!(": {message}"),
            };
            format!("    {:width$}  {}{message}", it.runtime, it.status)
        }));
    }
    lines.push(format!("  $ {}", it.command));
    lines
}
