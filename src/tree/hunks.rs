//! What differs between two texts, by line, as git sees it.

use std::ops::Range;

use git2::{DiffOptions, Patch};

/// Lines of the older text, from 1, and those of the newer that stand in their place. One of the
/// two may be empty; it then begins where its lines would be.
pub type Hunk = [Range<u32>; 2];

/// The hunks between two texts. Of what git takes for binary there are none.
pub fn hunks(base: &[u8], head: &[u8]) -> Vec<Hunk> {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).force_text(true);
    let Ok(patch) = Patch::from_buffers(base, None, head, None, Some(&mut options)) else {
        return Vec::new();
    };
    let hunk = |at| {
        let (it, _) = patch.hunk(at).ok()?;
        // Of no lines, git names the one before.
        let lines = |start: u32, count: u32| {
            let start = if count == 0 { start + 1 } else { start };
            start..start + count
        };
        Some([lines(it.old_start(), it.old_lines()), lines(it.new_start(), it.new_lines())])
    };
    (0..patch.num_hunks()).filter_map(hunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_in_the_place_of_others() {
        let base = b"a\nb\nc\nd\ne\n";
        for (head, expected) in [
            (&b"a\nb\nc\nd\ne\n"[..], vec![]),
            (b"a\nc\nd\ne\n", vec![[2..3, 2..2]]),
            (b"a\nb\nX\nY\nc\nd\ne\n", vec![[3..3, 3..5]]),
            (b"a\nX\nc\nd\n", vec![[2..3, 2..3], [5..6, 5..5]]),
            (b"", vec![[1..6, 1..1]]),
        ] {
            assert_eq!(hunks(base, head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
