//! Outlines on disk, so that the second run in a large repository need not read every file to find
//! out which of them a change can reach.
//!
//! An outline depends on the contents of one file and on nothing else, and contents have a name in
//! git, so what is kept never goes stale. The file ends in a checksum: if that is wrong, or the
//! file is of another format, it is as if there were none. It is replaced in one step, so runs that
//! go on at once each read a whole one. If it cannot be written, the next run is slower.

use std::{
    collections::{BTreeSet, HashMap},
    io::Write as _,
    path::Path,
    sync::Arc,
};

use super::outline::Outline;
use crate::tree::Oid;

pub(super) type Outlines = HashMap<Oid, Arc<Outline>>;

const FORMAT: &str = "protoskew outlines 2";
/// Beyond this many, those that the run did not use are dropped.
const MOST: usize = 200_000;
/// Fewer are read again in less time than it takes to keep them.
const WORTH: usize = 256;

/// What an earlier run left; nothing if that is not whole.
pub(super) fn read(path: &Path) -> Outlines {
    std::fs::read(path).ok().and_then(|bytes| parse(&bytes)).unwrap_or_default()
}

fn parse(bytes: &[u8]) -> Option<Outlines> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    if checksum(body)? != sum {
        return None;
    }
    let mut lines = body.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    lines
        .map(|line| {
            let [id, extends, imports, calls] =
                line.split('\t').collect::<Vec<_>>().try_into().ok()?;
            let set = |text: &str| -> BTreeSet<String> {
                text.split('\u{1f}').filter(|it| !it.is_empty()).map(str::to_owned).collect()
            };
            let (imports, calls) = (set(imports), set(calls));
            let outline = Outline { imports, calls, extends: extends == "extends" };
            Some((Oid::from_str(id).ok()?, Arc::new(outline)))
        })
        .collect()
}

/// Keeps what is known for the next run. `new` is how many of the outlines that is not there yet.
pub(super) fn write(path: &Path, outlines: &Outlines, new: usize) {
    if new < WORTH || outlines.len() > MOST {
        return;
    }
    let mut lines: Vec<String> = outlines
        .iter()
        .filter(|(_, outline)| {
            // Text that would be taken for the format's own signs is read again next time.
            let mut texts = outline.imports.iter().chain(&outline.calls);
            !texts.any(|text| text.contains(|char: char| char.is_control()))
        })
        .map(|(id, outline)| {
            let Outline { imports, calls, extends } = outline.as_ref();
            let extends = if *extends { "extends" } else { "" };
            let join = |set: &BTreeSet<String>| {
                set.iter().map(String::as_str).collect::<Vec<_>>().join("\u{1f}")
            };
            format!("{id}\t{extends}\t{}\t{}", join(imports), join(calls))
        })
        .collect();
    lines.sort_unstable();
    let body = format!("{FORMAT}\n{}", lines.join("\n"));
    let (Some(sum), Some(folder)) = (checksum(&body), path.parent()) else { return };
    let store = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(body.as_bytes())?;
        file.write_all(format!("\n{sum}\n").as_bytes())?;
        file.persist(path).map_err(|err| err.error)?;
        Ok(())
    };
    // A cache that cannot be written is none.
    store().ok();
}

fn checksum(body: &str) -> Option<String> {
    Some(Oid::hash_object(git2::ObjectType::Blob, body.as_bytes()).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlines() -> Outlines {
        let outline = |n: usize| Outline {
            imports: BTreeSet::from([format!("a/{n}.proto"), "b.proto".into()]),
            calls: if n == 0 { BTreeSet::new() } else { BTreeSet::from(["Arrive".into()]) },
            extends: n == 1,
        };
        let id = |n: usize| Oid::hash_object(git2::ObjectType::Blob, &[n as u8, 1]).unwrap();
        (0..WORTH).map(|n| (id(n), Arc::new(outline(n)))).collect()
    }

    #[test]
    fn what_is_kept_is_read_again_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below").join("outlines");
        assert!(read(&path).is_empty());
        write(&path, &outlines(), WORTH);
        assert_eq!(read(&path), outlines());
        let whole = std::fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 2] {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            std::fs::write(&path, &broken).unwrap();
            assert!(read(&path).is_empty(), "a flipped bit at {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(read(&path).is_empty(), "cut at {at}");
        }
    }

    #[test]
    fn little_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outlines");
        write(&path, &outlines(), WORTH - 1);
        assert!(!path.exists());
    }
}
