//! Which line of the head shows a finding. A review shows a remark only at a line that the change
//! added or edited, and what is gone has no line at all.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use crate::{
    policy::Entry,
    schema::{FullName, Site, Sites},
};

/// By file of the head: the lines that are new there, and the lines of the base in whose place they
/// stand. Lines count from 1; of lines that are only gone, the new ones are none.
pub type Hunks = BTreeMap<Arc<str>, Vec<[Range<u32>; 2]>>;

/// The line at which to show a finding: that of its element if it is new; else the new line next to
/// it; else where what is gone stood, or what held it. `None` if the head has nothing of it.
pub fn anchor(entry: &Entry, head: &Sites, hunks: &Hunks) -> Option<Site> {
    let finding = &entry.finding;
    match (&finding.head, &finding.base) {
        (Some(own), _) => Some(beside(own, hunks)),
        (None, Some(gone)) => {
            instead(gone, hunks).or_else(|| around(&finding.subject, head, hunks))
        }
        (None, None) => around(&finding.subject, head, hunks),
    }
}

/// The new line next to a line, or the line itself if nothing in its file is new.
fn beside(site: &Site, hunks: &Hunks) -> Site {
    let new = hunks.get(&site.file).into_iter().flatten().map(|[_, new]| new);
    let distance = |new: &&Range<u32>| match site.line {
        line if line < new.start => new.start - line,
        line => line.saturating_sub(new.end - 1),
    };
    let nearest = new.filter(|new| !new.is_empty()).min_by_key(distance);
    match nearest {
        None => site.clone(),
        Some(new) if new.contains(&site.line) => site.clone(),
        Some(new) => at(site, if site.line < new.start { new.start } else { new.end - 1 }),
    }
}

/// Where a line of the base would be.
fn instead(gone: &Site, hunks: &Hunks) -> Option<Site> {
    let all = hunks.get(&gone.file)?;
    let hunk = all.iter().find(|[old, _]| old.contains(&gone.line));
    match hunk {
        Some([_, new]) if !new.is_empty() => Some(at(gone, new.start)),
        // The line before what is gone: the next may be past the end.
        Some([_, new]) => Some(at(gone, new.start.saturating_sub(1).max(1))),
        // The line is still there, and the element is not, or is another's.
        None => {
            let before = all.iter().rev().find(|[old, _]| old.end <= gone.line);
            let moved = before.map_or(gone.line, |[old, new]| gone.line - old.end + new.end);
            Some(beside(&at(gone, moved), hunks))
        }
    }
}

/// The nearest of what held an element that is still there.
fn around(subject: &FullName, head: &Sites, hunks: &Hunks) -> Option<Site> {
    let mut name = subject.clone();
    while !name.parent().is_empty() {
        name = FullName::new(name.parent());
        if let Some(site) = head.get(&name) {
            return Some(beside(&site, hunks));
        }
    }
    None
}

fn at(site: &Site, line: u32) -> Site {
    Site { file: site.file.clone(), line, column: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_where_a_review_shows_it() {
        let site = |line| Site { file: "a".into(), line, column: 3 };
        // Line 2 edited, lines 5 and 6 gone, a line new after 8.
        let hunks = Hunks::from([("a".into(), vec![[2..3, 2..3], [5..7, 5..5], [9..9, 7..8]])]);
        let lines = |shown: &dyn Fn(u32) -> Option<u32>| (1..10).map(shown).collect::<Vec<_>>();
        let own = lines(&|line| Some(beside(&site(line), &hunks).line));
        assert_eq!(own, [2, 2, 2, 2, 7, 7, 7, 7, 7].map(Some));
        let gone = lines(&|line| instead(&site(line), &hunks).map(|it| it.line));
        assert_eq!(gone, [2, 2, 2, 2, 4, 4, 7, 7, 7].map(Some));
        let deleted = Hunks::from([("a".into(), vec![[5..7, 5..5]])]);
        assert_eq!(beside(&site(9), &deleted), site(9));
        assert_eq!(instead(&Site { file: "b".into(), ..site(1) }, &deleted), None);
    }
}
