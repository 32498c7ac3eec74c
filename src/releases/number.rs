//! Version numbers as projects write them: `v1.2.3`, `api/v1.2`, `name-1.2.3.4`, `2024.01`,
//! `v0.18.2-beta.rc1`. Semantic Versioning says how to order most of it; what it does not allow
//! (two parts, four, leading zeros, `rc2` beside `rc10`) is read leniently and ordered in its way.

use std::{cmp::Ordering, sync::LazyLock};

use regex::Regex;
use semver::Prerelease;

/// A tag's name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// What stands before the number, with folders: `api/v`.
    pub family: String,
    /// The number, from the major part on.
    pub parts: Vec<u64>,
    /// What stands behind the number: `-beta.rc1`.
    pub suffix: String,
    stage: Stage,
}

/// What a suffix makes of a release, in the order in which they are made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Before it, or beside it: a candidate, or a variant of it.
    Pre(Prerelease),
    /// The release itself.
    Final,
    /// A repair of it, by its number.
    Post(u64),
}

/// Words for "this is the release".
const FINAL: [&str; 5] = ["ga", "final", "release", "stable", "incompatible"];
/// Words for a repair of a release.
const POST: [&str; 5] = ["hf", "hotfix", "patch", "post", "sp"];

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    // Letters right before a number belong to it only if it has a point, or they are a `v`.
    let pattern = r"(?x)^
        (?: | .*?[-_.@+] )
        (?: [vV]? (?<parts> [0-9]+ (?: [._][0-9]+ )* )
          | [A-Za-z]+? (?<pointed> [0-9]+ (?: _[0-9]+ )* [.][0-9]+ (?: [._][0-9]+ )* ) )
        (?<suffix> (?: [-+._~A-Za-z] .* )? )$";
    Regex::new(pattern).unwrap_or_else(|err| unreachable!("the pattern is written here: {err}"))
});

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?:-[0-9]{1,2}){1,2}$";
    Regex::new(pattern).unwrap_or_else(|err| unreachable!("the pattern is written here: {err}"))
});

impl Number {
    /// The number in the name of a tag, if there is one.
    pub fn parse(tag: &str) -> Option<Number> {
        let (folder, leaf) = tag.rfind('/').map_or(("", tag), |at| tag.split_at(at + 1));
        let found = TAG.captures(leaf)?;
        let parts = found.name("parts").or(found.name("pointed"))?;
        let (family, parts, suffix) = (&leaf[..parts.start()], parts.as_str(), &found["suffix"]);
        let mut parts = parts.split(['.', '_']).map(|it| it.parse().ok());
        let mut parts: Vec<u64> = parts.by_ref().collect::<Option<_>>()?;
        let mut suffix = suffix.to_owned();
        let year = parts.len() == 1 && (1990..2100).contains(&parts[0]);
        if year && DAY.is_match(&suffix) {
            parts.extend(suffix.split('-').filter_map(|it| it.parse::<u64>().ok()));
            suffix.clear();
        }
        let stage = Stage::of(&suffix);
        Some(Number { family: format!("{folder}{family}"), parts, suffix, stage })
    }

    /// The number with a suffix that marks every release of its project, and so says nothing:
    /// `v0.18.2-beta` of one that has never been anything else.
    pub(super) fn without(mut self, channel: &str) -> Number {
        if let Some(rest) = self.suffix.strip_prefix(channel) {
            self.stage = Stage::of(rest);
        }
        self
    }

    /// It is a release, and not a candidate for one or a variant of one.
    pub fn is_final(&self) -> bool {
        !matches!(self.stage, Stage::Pre(_))
    }

    /// The release line it belongs to: the first two parts.
    pub fn line(&self) -> String {
        let parts: Vec<String> = self.parts.iter().take(2).map(u64::to_string).collect();
        parts.join(".")
    }

    /// Which is the later version, whatever the tags are called: `v1.2` and `api/1.2.0` are one.
    pub fn precedence(&self, other: &Number) -> Ordering {
        let parts = self.significant().cmp(other.significant());
        parts.then_with(|| self.stage.cmp(&other.stage))
    }

    /// The parts without zeros at the end: 1.2 and 1.2.0 are one version.
    fn significant(&self) -> &[u64] {
        let zeros = self.parts.iter().rev().take_while(|it| **it == 0).count();
        &self.parts[..self.parts.len() - zeros]
    }
}

impl Ord for Number {
    /// In the order of versions. Equal ones are then told apart by their names, so that the order
    /// is the same in every run.
    fn cmp(&self, other: &Number) -> Ordering {
        self.precedence(other)
            .then_with(|| (&self.family, &self.suffix).cmp(&(&other.family, &other.suffix)))
            .then_with(|| self.parts.cmp(&other.parts))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Stage {
    fn of(suffix: &str) -> Stage {
        // What is behind a plus is the build.
        let suffix = suffix.split('+').next().unwrap_or_default();
        let words = identifiers(suffix);
        let Some(first) = words.first() else { return Stage::Final };
        let number = || words.get(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        match first.to_ascii_lowercase().as_str() {
            word if words.len() == 1 && FINAL.contains(&word) => Stage::Final,
            word if POST.contains(&word) => Stage::Post(number()),
            // What is left is letters and numbers without leading zeros, which semver takes.
            _ => Stage::Pre(Prerelease::new(&words.join(".")).unwrap_or(Prerelease::EMPTY)),
        }
    }
}

/// The words and numbers of a suffix: `rc`, `10` for `-rc10`.
fn identifiers(suffix: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for char in suffix.chars() {
        let kind = match char {
            '0'..='9' => Some(true),
            'a'..='z' | 'A'..='Z' => Some(false),
            _ => None,
        };
        match (kind, words.last_mut()) {
            (Some(_), Some(word)) if kind == last => word.push(char),
            (Some(_), _) => words.push(char.to_string()),
            (None, _) => (),
        }
        last = kind;
    }
    let plain = |word: String| match word.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest if word.starts_with('0') => rest.to_owned(),
        _ => word,
    };
    words.into_iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(tag: &str) -> Option<(String, Vec<u64>, String)> {
        Number::parse(tag).map(|it| (it.family, it.parts, it.suffix))
    }

    #[test]
    fn numbers_are_found_in_the_names_that_projects_use() {
        let cases: &[(&str, &str, &[u64], &str)] = &[
            ("v1.2.3", "v", &[1, 2, 3], ""),
            ("1.2.3", "", &[1, 2, 3], ""),
            ("api/v1.2.3", "api/v", &[1, 2, 3], ""),
            ("apache-arrow-17.0.0", "apache-arrow-", &[17, 0, 0], ""),
            ("r-17.0.0.1-cran", "r-", &[17, 0, 0, 1], "-cran"),
            ("v0.18.2-beta.rc1", "v", &[0, 18, 2], "-beta.rc1"),
            ("v3.0.0rc2", "v", &[3, 0, 0], "rc2"),
            ("v21", "v", &[21], ""),
            ("2024.01", "", &[2024, 1], ""),
            ("2024-01-15", "", &[2024, 1, 15], ""),
            ("release_1_2_3", "release_", &[1, 2, 3], ""),
            ("go1.20", "go", &[1, 20], ""),
            ("k8s-1.2.3", "k8s-", &[1, 2, 3], ""),
            ("a/08-wasm/v0.1.0+ibc-go-v7.3", "a/08-wasm/v", &[0, 1, 0], "+ibc-go-v7.3"),
        ];
        for (tag, family, number, suffix) in cases {
            let expected = (family.to_string(), number.to_vec(), suffix.to_string());
            assert_eq!(parts(tag), Some(expected), "{tag}");
        }
        for tag in ["stable", "rc3", "ics23-beta", "v", "", "nightly", "99999999999999999999.1"] {
            assert_eq!(parts(tag), None, "{tag}");
        }
    }

    #[test]
    fn versions_are_in_the_order_in_which_they_are_made() {
        let ordered = [
            "v1.0.0-alpha.1",
            "v1.0.0-beta2",
            "v1.0.0-rc.2",
            "v1.0.0-rc10",
            "v1.0",
            "v1.0.0-hf1",
            "v1.0.0.1",
            "v1.2.0",
            "v1.10.0-rc01",
            "v1.10.0",
            "v2.0.0-GA",
        ];
        let numbers: Vec<Number> = ordered.iter().map(|it| Number::parse(it).unwrap()).collect();
        assert!(numbers.is_sorted(), "{numbers:#?}");
        let finals = numbers.iter().filter(|it| it.is_final()).count();
        assert_eq!(finals, 6);
    }

    #[test]
    fn a_word_that_every_release_has_says_nothing() {
        let number = |tag| Number::parse(tag).unwrap().without("-beta");
        assert!(number("v0.18.2-beta").is_final());
        assert!(!number("v0.18.2-beta.rc1").is_final());
        assert!(number("v0.18.2-beta.rc1") < number("v0.18.2-beta"));
    }
}
