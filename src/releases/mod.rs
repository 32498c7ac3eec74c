//! Which tags of a repository are its releases, and their order.
//!
//! Projects tag as they please: several components side by side, candidates, test builds, a word
//! that every release bears, a tag that was a slip of the pen. What is taken is said, and what is
//! left out is counted, so that people can choose otherwise.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use regex::Regex;

use crate::{
    error::{Error, did_you_mean},
    tree::{Repo, Revision},
};

mod number;

pub use number::Number;

/// Which versions are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which tags or commits.
    pub from: From,
    /// Whether candidates and variants are releases too. Tags that a pattern names are, in any
    /// case.
    pub pre_releases: PreReleases,
}

/// Where releases come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The family of tags with the most releases, as far as they hold a schema.
    #[default]
    Tags,
    /// The tags that begin so, before their number: `api/v`.
    Prefix(String),
    /// The tags that match a regular expression, all of them.
    Pattern(String),
    /// The commits of a branch, each the first parent of the next, that changed a file.
    Branch(String),
}

/// What becomes of tags like `v1.0.0-rc.1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreReleases {
    /// They are left out, unless there is nothing else.
    #[default]
    Out,
    /// They are releases.
    In,
}

/// One release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its tag, and what it holds.
    pub revision: Revision,
    /// The release line it belongs to, `2.17`. Commits of a branch, and tags without a number,
    /// belong to none.
    pub line: Option<String>,
    /// Why its place in the order is doubtful.
    pub doubt: Option<Doubt>,
}

/// Why a number is likely to be a slip of the pen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// A release that has a higher number and was made before it.
    pub after: String,
}

/// The releases of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// In the order of versions; commits of a branch and tags without a number, by date.
    pub all: Vec<Release>,
    /// What was taken.
    pub taken: Taken,
    /// Other families of tags, by what stands before their numbers, and how many releases each
    /// has.
    pub others: BTreeMap<String, usize>,
    /// Candidates and variants that were left out.
    pub pre_releases: usize,
    /// The clone is shallow: there may be tags that it lacks.
    pub cut_off: bool,
}

/// What was taken for releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Taken {
    /// Tags that begin and end so: `v`, and nothing or `-beta`.
    Family { prefix: String, channel: String },
    /// Tags that match a pattern.
    Pattern(String),
    /// Commits of a branch.
    Branch(String),
    /// Nothing was asked for.
    #[default]
    Nothing,
}

/// Finds the releases.
///
/// # Errors
/// There are none, the pattern is no regular expression, or the repository cannot be read.
pub fn find(repo: &Repo, selection: &Selection) -> Result<Releases, Error> {
    let tags = || repo.tags();
    let found = match &selection.from {
        From::Tags => family(repo, tags()?, None, selection.pre_releases),
        From::Prefix(prefix) => family(repo, tags()?, Some(prefix), selection.pre_releases),
        From::Pattern(pattern) => matching(tags()?, pattern),
        From::Branch(branch) => {
            let mut commits = repo.first_parents(branch)?;
            commits.reverse();
            let release = |revision| Release { revision, line: None, doubt: None };
            let all = commits.into_iter().map(release).collect();
            Ok(Releases { all, taken: Taken::Branch(branch.clone()), ..Releases::default() })
        }
    };
    Ok(Releases { cut_off: repo.is_shallow(), ..found? })
}

/// A regular expression for the names of releases.
///
/// # Errors
/// It is none.
pub fn regex(pattern: &str) -> Result<Regex, Error> {
    Regex::new(pattern).map_err(|err| Error::TagPattern {
        pattern: pattern.to_owned(),
        reason: err.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
    })
}

fn matching(tags: Vec<Revision>, pattern: &str) -> Result<Releases, Error> {
    let regex = regex(pattern)?;
    let names: Vec<String> = tags.iter().map(|it| it.name.clone()).collect();
    let (taken, rest): (Vec<_>, Vec<_>) =
        tags.into_iter().partition(|tag| regex.is_match(&tag.name));
    if taken.is_empty() {
        let what = format!("no tag matches `{pattern}`");
        return Err(Error::NoReleases { what, help: tags_help(&names) });
    }
    let numbered = |tag: Revision| (Number::parse(&tag.name), tag);
    let numbered: Vec<_> = taken.into_iter().map(numbered).collect();
    let mut finals: BTreeMap<&str, usize> = BTreeMap::new();
    for number in numbered.iter().filter_map(|(number, _)| number.as_ref()) {
        *finals.entry(&number.suffix).or_default() += 1;
    }
    let channel = channel(&finals).to_owned();
    let settled = |(number, tag): (Option<Number>, Revision)| {
        (number.map(|number| number.without(&channel)), tag)
    };
    let all = ordered(numbered.into_iter().map(settled).collect());
    let others = families(rest.iter().filter_map(|tag| Number::parse(&tag.name)).collect());
    let others = others.into_iter().map(|(name, tags)| (name, tags.len())).collect();
    Ok(Releases { all, taken: Taken::Pattern(pattern.to_owned()), others, ..Releases::default() })
}

fn family(
    repo: &Repo,
    tags: Vec<Revision>,
    wanted: Option<&str>,
    pre_releases: PreReleases,
) -> Result<Releases, Error> {
    let names: Vec<String> = tags.iter().map(|it| it.name.clone()).collect();
    let mut families: BTreeMap<String, Vec<(Number, Revision)>> = BTreeMap::new();
    for tag in tags {
        let Some(number) = Number::parse(&tag.name) else { continue };
        families.entry(number.family.clone()).or_default().push((number, tag));
    }
    let mut counted: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (prefix, tags) in &families {
        let mut suffixes: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, _) in tags {
            *suffixes.entry(&number.suffix).or_default() += 1;
        }
        let channel = channel(&suffixes).to_owned();
        let finals = tags.iter().filter(|(number, _)| number.clone().without(&channel).is_final());
        counted.insert(prefix.clone(), (finals.count(), channel));
    }
    let chosen = match wanted {
        Some(wanted) => named(wanted, &counted, &names)?,
        None => {
            let holds = |prefix: &str| families.get(prefix).is_some_and(|it| holds(repo, it));
            main(&counted, &holds).ok_or_else(|| Error::NoReleases {
                what: "no tag holds a version number".to_owned(),
                help: tags_help(&names),
            })?
        }
    };
    let (_, channel) = counted.remove(&chosen).unwrap_or_default();
    let tags = families.remove(&chosen).unwrap_or_default();
    let tags = tags.into_iter().map(|(number, tag)| (number.without(&channel), tag));
    let (finals, others): (Vec<_>, Vec<_>) = tags.partition(|(number, _)| number.is_final());
    let all_in = pre_releases == PreReleases::In || finals.is_empty();
    let left_out = if all_in { 0 } else { others.len() };
    let taken = finals.into_iter().chain(others.into_iter().filter(|_| all_in));
    let all = ordered(taken.map(|(number, tag)| (Some(number), tag)).collect());
    Ok(Releases {
        all,
        taken: Taken::Family { prefix: chosen, channel },
        others: counted.into_iter().map(|(prefix, (count, _))| (prefix, count)).collect(),
        pre_releases: left_out,
        cut_off: false,
    })
}

/// The suffix that stands for "this is the release": none, unless hardly a release goes without
/// one and the same.
fn channel<'s>(suffixes: &BTreeMap<&'s str, usize>) -> &'s str {
    let count = |suffix: &str| suffixes.get(suffix).copied().unwrap_or_default();
    let marks = suffixes.iter().filter(|(suffix, _)| {
        !suffix.is_empty() && !suffix.contains(|char: char| char.is_ascii_digit() || char == '+')
    });
    let most = marks.max_by_key(|(suffix, count)| (**count, std::cmp::Reverse(suffix.len())));
    match most {
        Some((suffix, most)) if *most > 1 && *most > 10 * count("") => suffix,
        _ => "",
    }
}

/// The family with the most releases, of those whose newest holds a schema; of equals, the one that
/// is written with the least. Plain numbers are those of the project as a whole: they win if they
/// are nearly as many.
fn main(
    families: &BTreeMap<String, (usize, String)>,
    holds: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut all: Vec<(&str, usize)> =
        families.iter().map(|(prefix, (finals, _))| (prefix.as_str(), *finals)).collect();
    all.sort_by_key(|(prefix, finals)| (std::cmp::Reverse(*finals), prefix.len()));
    let top = all.iter().position(|(prefix, _)| holds(prefix)).unwrap_or_default();
    let (first, most) = *all.get(top)?;
    let near = all[top..].iter().filter(|(_, finals)| finals * 10 >= most * 9);
    let mut plain = near.filter(|(prefix, _)| ["", "v"].contains(prefix));
    let plain = plain.find(|(prefix, _)| *prefix == first || holds(prefix));
    Some(plain.map_or(first, |(prefix, _)| prefix).to_owned())
}

/// The newest of these tags has a `.proto` file.
fn holds(repo: &Repo, tags: &[(Number, Revision)]) -> bool {
    let newest = tags
        .iter()
        .max_by(|(a, _), (b, _)| a.is_final().cmp(&b.is_final()).then_with(|| a.precedence(b)));
    let files = |tag: &Revision| repo.tree(tag).files(&|path| path.ends_with(".proto"));
    newest.is_some_and(|(_, tag)| files(tag).is_ok_and(|it| !it.is_empty()))
}

/// The family that a person means by a prefix: the `v` before the number may be left out.
fn named(
    wanted: &str,
    families: &BTreeMap<String, (usize, String)>,
    names: &[String],
) -> Result<String, Error> {
    let forms =
        [wanted.to_owned(), format!("{wanted}v"), format!("{wanted}/v"), format!("{wanted}-")];
    if let Some(found) = forms.into_iter().find(|it| families.contains_key(it)) {
        return Ok(found);
    }
    let near = did_you_mean(wanted, families.keys().map(String::as_str));
    let help = if near.is_empty() { tags_help(names) } else { near };
    Err(Error::NoReleases { what: format!("no tag is `{wanted}` and a version number"), help })
}

fn families(numbers: Vec<Number>) -> BTreeMap<String, Vec<Number>> {
    let mut families: BTreeMap<String, Vec<Number>> = BTreeMap::new();
    for number in numbers {
        families.entry(number.family.clone()).or_default().push(number);
    }
    families
}

fn tags_help(names: &[String]) -> String {
    match names {
        [] => "there are no tags: run `git fetch --tags`, or in GitHub Actions give \
               actions/checkout `fetch-depth: 0`; `--first-parent` takes commits instead"
            .to_owned(),
        names => {
            let shown = names.iter().take(3).map(String::as_str);
            let shown = shown.collect::<Vec<&str>>().join("`, `");
            format!("there are {} tags, such as `{shown}`; `--tags REGEX` names some", names.len())
        }
    }
}

fn ordered(mut tags: Vec<(Option<Number>, Revision)>) -> Vec<Release> {
    tags.sort_by(|(a, one), (b, other)| {
        let by_number = match (a, b) {
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => a.is_none().cmp(&b.is_none()).then(one.time.cmp(&other.time)),
        };
        by_number.then_with(|| one.name.cmp(&other.name))
    });
    let lines: Vec<Option<String>> =
        tags.iter().map(|(number, _)| number.as_ref().map(Number::line)).collect();
    let releases = tags.into_iter().zip(lines).map(|((_, revision), line)| Release {
        revision,
        line,
        doubt: None,
    });
    let mut releases: Vec<Release> = releases.collect();
    doubt(&mut releases);
    releases
}

/// Marks tags that sort before all others and were made after releases of higher lines: `v0.0.1`,
/// put on a project that was at 2.4. A patch of an older line is none of these, for its line was
/// opened in its time.
fn doubt(releases: &mut [Release]) {
    const DAY: i64 = 24 * 60 * 60;
    for at in 0..releases.len() {
        let (own, line) = (releases[at].revision.time, releases[at].line.clone());
        let earlier = releases[at + 1..]
            .iter()
            .filter(|it| it.line != line && it.line.is_some() && it.revision.time + DAY < own);
        let lines: BTreeSet<&Option<String>> = earlier.clone().map(|it| &it.line).collect();
        // One line may have been opened out of turn.
        let Some(after) = earlier.max_by_key(|it| it.revision.time).filter(|_| lines.len() > 1)
        else {
            return;
        };
        releases[at].doubt = Some(Doubt { after: after.revision.name.clone() });
    }
}

/// Per release: the number of its line, from the oldest. Releases without a line make one each.
pub fn lines(releases: &[Release]) -> Vec<usize> {
    let mut lines: Vec<usize> = Vec::with_capacity(releases.len());
    for (at, release) in releases.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &releases[at].line);
        let same = release.line.is_some() && before == Some(&release.line);
        lines.push(lines.last().map_or(0, |last| last + usize::from(!same)));
    }
    lines
}

impl Releases {
    /// Those that were made later than one that sorts after them, of another line: the order of
    /// versions is not that in which they were made.
    pub fn out_of_date_order(&self) -> usize {
        let mut earliest = i64::MAX;
        let late = self.all.iter().rev().filter(|it| {
            let late = it.revision.time > earliest;
            earliest = earliest.min(it.revision.time);
            late
        });
        late.count()
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Taken::Family { prefix, channel } => write!(f, "tags like `{prefix}1.2.3{channel}`"),
            Taken::Pattern(pattern) => write!(f, "tags that match `{pattern}`"),
            Taken::Branch(branch) => write!(f, "commits of `{branch}`"),
            Taken::Nothing => write!(f, "nothing"),
        }
    }
}
