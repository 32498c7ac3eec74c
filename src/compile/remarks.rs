//! Comments that are meant for this program: `// protoskew:allow RULE REASON` at an element. What
//! they say is not for this room; which element they stand at is.

use std::{collections::HashMap, sync::Arc};

use memchr::memmem;
use prost_types::FileDescriptorProto;

use super::load::Loaded;
use crate::schema::{FullName, Site};

/// How such a comment begins.
const MARK: &str = "protoskew:allow";

/// A comment that allows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The element that it stands at, if it does at any.
    pub subject: Option<FullName>,
    /// What follows `protoskew:allow` on its line.
    pub text: String,
    /// Where the element is, or whatever it stands at.
    pub site: Option<Site>,
}

/// Such comments of one file, by the path of what they stand at.
#[derive(Default)]
pub(super) struct Comments<'f>(HashMap<&'f [i32], Comment<'f>>);

struct Comment<'f> {
    attached: Vec<&'f str>,
    detached: Vec<&'f str>,
    line: u32,
    /// An element has taken those that are attached.
    taken: bool,
}

/// As [`Remark`], of a file that does not know its own path.
#[derive(Debug)]
pub(crate) struct Unplaced {
    pub(super) subject: Option<FullName>,
    pub(super) text: String,
    /// Line and column; zero where they are not known.
    pub(super) place: (u32, u32),
}

impl<'f> Comments<'f> {
    pub(super) fn of(file: &'f FileDescriptorProto) -> Comments<'f> {
        let mut found = Comments::default();
        let mark = memmem::Finder::new(MARK);
        for it in file.source_code_info.iter().flat_map(|info| &info.location) {
            let holds = |text: &&str| mark.find(text.as_bytes()).is_some();
            let attached = [&it.leading_comments, &it.trailing_comments].into_iter().flatten();
            let attached: Vec<&str> = attached.map(String::as_str).filter(holds).collect();
            let detached = it.leading_detached_comments.iter().map(String::as_str);
            let detached: Vec<&str> = detached.filter(holds).collect();
            if attached.is_empty() && detached.is_empty() {
                continue;
            }
            let line = it.span.first().map_or(0, |line| *line as u32 + 1);
            found.0.insert(&it.path, Comment { attached, detached, line, taken: false });
        }
        found
    }

    /// What is said at an element.
    pub(super) fn take(
        &mut self,
        path: &[i32],
        name: &FullName,
        place: (u32, u32),
    ) -> Vec<Unplaced> {
        let Some(comment) = self.0.get_mut(path) else { return Vec::new() };
        comment.taken = true;
        let texts = comment.attached.iter().flat_map(|comment| texts(comment));
        texts.map(|text| Unplaced { subject: Some(name.clone()), text, place }).collect()
    }

    /// What no element has taken.
    pub(super) fn rest(self) -> Vec<Unplaced> {
        let left = self.0.into_values().flat_map(|it| {
            let attached = if it.taken { Vec::new() } else { it.attached };
            let place = (it.line, u32::from(it.line > 0));
            let texts: Vec<String> =
                attached.into_iter().chain(it.detached).flat_map(texts).collect();
            texts.into_iter().map(move |text| Unplaced { subject: None, text, place })
        });
        let mut left: Vec<Unplaced> = left.collect();
        left.sort_by(|a, b| (a.place, &a.text).cmp(&(b.place, &b.text)));
        left
    }
}

/// What follows the mark, on each line that begins with it.
fn texts(comment: &str) -> Vec<String> {
    let lines = comment.lines().map(|line| line.trim_start().trim_start_matches(['*', '/', ' ']));
    lines.filter_map(|line| Some(line.strip_prefix(MARK)?.to_owned())).collect()
}

/// Those of the files that are judged.
pub(super) fn remarks(files: &[Loaded]) -> Vec<Remark> {
    let judged = files.iter().filter(|file| file.judged);
    let all = judged.flat_map(|file| {
        file.unit.remarks.iter().map(|it| {
            let (line, column) = it.place;
            let file: Arc<str> = file.path.clone();
            let site = (line > 0).then_some(Site { file, line, column });
            Remark { subject: it.subject.clone(), text: it.text.clone(), site }
        })
    });
    let mut all: Vec<Remark> = all.collect();
    all.sort_by(|a, b| (&a.site, &a.subject).cmp(&(&b.site, &b.subject)));
    all
}
