//! Which version of the peer a gate asks for, where it says so in numbers.

use std::sync::LazyLock;

use regex::Regex;

use super::World;
use crate::callsites::CallSite;

/// A version in quotes: `semver.MustParse("2.4.5")`.
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| written(r#"["`]v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?["`]"#));

/// `v.Major > 2 || v.Major == 2 && v.Minor > 7`.
static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    written(
        r"Major(?:\(\))?\s*>\s*([0-9]+)\s*\|\|\s*\(?[\w.]+\.Major(?:\(\))?\s*==\s*([0-9]+)\s*&&\s*[\w.]+\.Minor(?:\(\))?\s*(>=?)\s*([0-9]+)",
    )
});

fn written(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|err| unreachable!("the pattern is written here: {err}"))
}

/// The first version of the peer with which a gated call is made: of the function that the gate
/// calls, or of the comparison on its line.
pub(super) fn since(world: &World<'_>, site: &CallSite) -> Option<String> {
    let how = site.how.as_deref()?;
    // What is called unless the peer is new enough is not what the version brought.
    let (name, _) = how.strip_prefix("by ").map(|it| it.split_once(", ").unwrap_or((it, "")))?;
    let gate = site.guards.first()?;
    let file = world.files.iter().find(|it| it.source.path == gate.file)?;
    let line = file.source.text.split(|byte| *byte == b'\n').nth(gate.line as usize - 1)?;
    first(&String::from_utf8_lossy(line)).or_else(|| {
        let (_, leaf) = name.rsplit_once('.').unwrap_or(("", name));
        let mut all = world.index.packages.values().filter_map(|it| it.funcs.get(leaf));
        let info = all.next().filter(|it| it.marks.gate)?;
        // Two of one name may ask for two versions.
        if all.next().is_some() {
            return None;
        }
        let body = world.files[info.file].source.text.get(info.span.clone())?;
        first(&String::from_utf8_lossy(body))
    })
}

/// The version from which on a condition says that the peer has it.
fn first(text: &str) -> Option<String> {
    if let Some(found) = PARTS.captures(text) {
        let number = |at: usize| found[at].parse::<u64>().ok();
        let (above, major, minor) = (number(1)?, number(2)?, number(4)?);
        let minor = if &found[3] == ">" { minor.checked_add(1)? } else { minor };
        return (above == major).then(|| format!("{major}.{minor}.0"));
    }
    let mut all = QUOTED.captures_iter(text);
    let found = all.next().filter(|_| all.next().is_none())?;
    let part = |at: usize| found.get(at).map_or(Some(0), |it| it.as_str().parse::<u64>().ok());
    let (major, minor, patch) = (part(1)?, part(2)?, part(3)?);
    let has = |words: &[&str]| words.iter().any(|it| text.contains(it));
    // `x < 2.8.0` and `x >= 2.8.0` have the same border; `<=` and `>` lie one behind it.
    if has(&[".GE(", ".GTE(", ".LT(", ".LessThan(", ".AtLeast(", ">= 0", "< 0"]) {
        return Some(format!("{major}.{minor}.{patch}"));
    }
    has(&[".GT(", ".GreaterThan(", ".LE(", ".LTE(", "> 0", "<= 0"])
        .then(|| format!("{major}.{minor}.{}", patch + 1))
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_version_is_that_from_which_on_a_gate_is_open() {
        for (text, version) in [
            ("return v.Major > 2 || v.Major == 2 && v.Minor > 7", Some("2.8.0")),
            ("return v.Major > 2 || (v.Major == 2 && v.Minor >= 7)", Some("2.7.0")),
            ("return v.Major() > 1 || v.Major() == 1 && v.Minor() >= 4", Some("1.4.0")),
            ("return v.Major > 3 || v.Major == 2 && v.Minor > 7", None),
            ("if ver.GE(semver.MustParse(\"2.1.5\")) {", Some("2.1.5")),
            ("if ver.LE(semver.MustParse(\"2.4.4\")) {", Some("2.4.5")),
            ("if ver.LT(semver.MustParse(\"v2.4\")) {", Some("2.4.0")),
            ("if semver.Compare(v, \"v1.2.0\") >= 0 {", Some("1.2.0")),
            ("if ver.EQ(semver.MustParse(\"2.1.5\")) {", None),
            ("return ver.GE(a(\"1.0.0\")) && ver.LT(a(\"2.0.0\"))", None),
            ("if caps.Supports(x) {", None),
        ] {
            assert_eq!(first(text).as_deref(), version, "{text}");
        }
    }
}
