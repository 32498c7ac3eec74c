//! Names in sources: which files hold one, and patterns of them.

use std::{collections::HashSet, hash::BuildHasher};

use foldhash::fast::FixedState;

/// The identifiers of a file, as hashes: a file that holds a name is never missed, and one that
/// does not is seldom read for it.
pub(super) struct Names(Box<[u32]>);

/// A name, with `*` for any text: `*.Supports`, `errdefs.IsNotImplemented`.
pub(super) struct Pattern(String);

impl Names {
    pub(super) fn of(text: &[u8]) -> Names {
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
        let words = text.split(|byte| !word(byte)).filter(|it| !it.is_empty());
        let mut hashes: Vec<u32> = words.map(hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Names(hashes.into_boxed_slice())
    }

    /// One of the names is among them.
    pub(super) fn any(&self, names: &HashSet<&str>) -> bool {
        names.iter().any(|name| self.holds(name))
    }

    /// The name is among them.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.0.binary_search(&hash(name.as_bytes())).is_ok()
    }
}

fn hash(word: &[u8]) -> u32 {
    FixedState::with_seed(0).hash_one(word) as u32
}

impl Pattern {
    pub(super) fn new(text: &str) -> Pattern {
        Pattern(text.to_owned())
    }

    /// A name as it is written in a source.
    pub(super) fn matches(&self, name: &str) -> bool {
        let Some((before, after)) = self.0.split_once('*') else {
            return name == self.0 || name.ends_with(&format!(".{}", self.0));
        };
        name.len() >= before.len() + after.len()
            && name.starts_with(before)
            && name.ends_with(after)
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Pattern};

    #[test]
    fn names_are_whole_words() {
        let names = Names::of(b"client.ReportMetrics(ctx)");
        assert!(names.any(&["ReportMetrics"].into()));
        assert!(!names.any(&["Report"].into()));
    }

    #[test]
    fn patterns_have_one_star() {
        assert!(Pattern::new("*.Supports").matches("c.caps.Supports"));
        assert!(Pattern::new("errdefs.IsNotImplemented").matches("errdefs.IsNotImplemented"));
        assert!(!Pattern::new("*.Supports").matches("Support"));
    }
}
