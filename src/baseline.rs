//! The file of known findings: its shape, read and written. Sorted, with one finding to a line, so
//! that a difference in git is one in findings.

use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    excerpt::{Excerpt, printable_json},
    policy::{Baseline, Fingerprint},
    skew::Pairing,
};

/// The newest form of the file that is known.
const FORMAT: u32 = 1;

#[derive(Deserialize)]
struct Form {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[allow(dead_code)]
    format: u32,
    findings: Vec<Known>,
}

/// The order of its keys is that of [`Fingerprint`].
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Known {
    pairing: Named,
    rule: String,
    subject: String,
}

/// A pairing, in the words of the JSON report.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Named {
    NewerClient,
    NewerServer,
    Explicit,
}

/// Reads what [`render`] wrote. `name` is how people can open it.
///
/// # Errors
/// It is no such file, or one of a newer form.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Baseline, Error> {
    let fault = |line: usize, column: usize, message: String| {
        let text = String::from_utf8_lossy(bytes);
        let excerpt = Excerpt::at_line(name.to_owned(), &text, line as u32, column as u32);
        let help = "`protoskew baseline` writes this file anew".to_owned();
        Error::config(message, "here", excerpt, Some(help))
    };
    let invalid = |err: serde_json::Error| {
        // The place is shown, not told.
        let told = err.to_string();
        let told = told.rsplit_once(" at line ").map_or(&*told, |(told, _)| told);
        let message = format!("this is no baseline: {told}");
        fault(err.line().max(1), err.column().max(1), message)
    };
    let Form { format } = serde_json::from_slice(bytes).map_err(invalid)?;
    if format > FORMAT {
        let message = format!("this baseline has form {format}, of a newer protoskew");
        return Err(fault(1, 1, message));
    }
    let File { findings, .. } = serde_json::from_slice(bytes).map_err(invalid)?;
    let known = findings.into_iter().map(|Known { pairing, rule, subject }| {
        let pairing = match pairing {
            Named::NewerClient => Some(Pairing::NEWER_CLIENT),
            Named::NewerServer => Some(Pairing::NEWER_SERVER),
            Named::Explicit => None,
        };
        Fingerprint { pairing, rule, subject }
    });
    Ok(known.collect())
}

/// The text of the file.
pub fn render(baseline: &Baseline) -> String {
    let line = |it: &Fingerprint| {
        let pairing = match it.pairing {
            Some(Pairing::NEWER_CLIENT) => Named::NewerClient,
            Some(_) => Named::NewerServer,
            None => Named::Explicit,
        };
        let known = Known { pairing, rule: it.rule.clone(), subject: it.subject.clone() };
        format!("    {}", printable_json(&serde_json::to_string(&known).unwrap_or_default()))
    };
    let lines: Vec<String> = baseline.iter().map(line).collect();
    let open = format!("{{\n  \"format\": {FORMAT},\n  \"findings\": [");
    match lines.as_slice() {
        [] => format!("{open}]\n}}\n"),
        lines => format!("{open}\n{}\n  ]\n}}\n", lines.join(",\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let of = |pairing, subject: &str| Fingerprint {
            pairing,
            rule: "field-unset".into(),
            subject: subject.into(),
        };
        let hostile = "a\"\u{1b}[31m\u{202e}\n.B";
        let all = [of(Some(Pairing::NEWER_SERVER), "a.B"), of(None, "a.B"), of(None, hostile)];
        for count in 0..=all.len() {
            let baseline: Baseline = all[..count].iter().cloned().collect();
            let text = render(&baseline);
            assert_eq!(parse("b", text.as_bytes()).expect("it is read"), baseline, "{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}']));
        }
    }

    #[test]
    fn what_is_none_is_said_to_be_none() {
        for (text, said) in [
            ("{\"format\": 2, \"new\": 1}", "b:1:1: this baseline has form 2"),
            ("{\"format\": 1}", "b:1:13: this is no baseline: missing field `findings`"),
            (
                "{\n\"format\": 1, \"findings\": [{}]}",
                "b:2:28: this is no baseline: missing field `pairing`",
            ),
            ("", "b:1:1: this is no baseline: EOF"),
            ("\u{fffd}", "b:1:1: this is no baseline"),
        ] {
            let error = parse("b", text.as_bytes()).expect_err("it is none");
            let told = format!("{}: {error}", error.place().unwrap_or_default());
            assert!(told.starts_with(said), "{text:?}: {told}");
        }
    }
}
