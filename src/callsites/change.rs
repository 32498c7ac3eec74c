//! Whether the sources of two versions may do something else about calls, without a search: from
//! the text of what changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{is_source, sources};
use crate::{
    error::Error,
    tree::{File, Oid, Tree},
};

/// Whether calls, handlers or refusals differ between two versions. Only files that changed are read,
/// and files that were moved count as changed.
///
/// # Errors
/// A tree cannot be listed, or a file cannot be read.
pub(super) fn differ(base: &Tree, head: &Tree) -> Result<bool, Error> {
    let [ours, theirs] = [base, head].map(|tree| sources::ids(tree, &is_source));
    let (ours, theirs) = (ours?, theirs?);
    if ours == theirs {
        return Ok(false);
    }
    let (old, new) = (changed(base, &ours, &theirs)?, changed(head, &theirs, &ours)?);
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    // What is called or declared differently may be RPCs.
    let mut candidates: HashSet<Name> = HashSet::new();
    for path in paths {
        let words = |tree, files: &BTreeMap<String, File>| match files.get(path) {
            Some(file) => words(tree, file),
            None => Ok(Words::default()),
        };
        let (ours, theirs) = (words(base, &old)?, words(head, &new)?);
        if ours.certain != theirs.certain {
            return Ok(true);
        }
        let words = ours.likely.keys().chain(theirs.likely.keys());
        let differ = words.filter(|it| ours.likely.get(*it) != theirs.likely.get(*it));
        candidates.extend(differ.cloned());
    }
    declares_any(base, head, &candidates)
}

type Ids = BTreeMap<String, Option<Oid>>;

/// The files of a tree whose text the other one does not have in the same place.
fn changed(tree: &Tree, own: &Ids, other: &Ids) -> Result<BTreeMap<String, File>, Error> {
    let differs = |path: &str| own.get(path) != other.get(path);
    let files = tree.files(&|path| is_source(path) && differs(path))?;
    Ok(files
        .into_iter()
        .filter(|it| it.target().is_none())
        .map(|it| (it.path.clone(), it))
        .collect())
}

/// What a file says, as far as it may be about RPCs.
#[derive(Default)]
struct Words {
    /// How often a server is registered, and a status or a type named `Unimplemented`.
    certain: BTreeMap<Vec<u8>, usize>,
    /// How often something is called or declared as an RPC is, by its name.
    likely: BTreeMap<Name, usize>,
}

/// What may be an RPC.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    /// As the schema spells it, which is so in Go.
    Exact(Vec<u8>),
    /// Without what languages do to it: `report_metrics` and `reportMetrics` are `reportmetrics`.
    Bare(Vec<u8>),
}

/// How the status is spelled.
const REFUSALS: [&[u8]; 3] = [b"Unimplemented", b"UNIMPLEMENTED", b"unimplemented"];

fn words(tree: &Tree, file: &File) -> Result<Words, Error> {
    let (_, text) = tree.read(file)?;
    let go = file.path.ends_with(".go");
    let mut words = Words::default();
    for refusal in &REFUSALS[..if go { 1 } else { REFUSALS.len() }] {
        let refusals = memchr::memmem::find_iter(&text, refusal).count();
        if refusals > 0 {
            words.certain.insert(refusal.to_vec(), refusals);
        }
    }
    for open in memchr::memchr_iter(b'(', &text) {
        let start = text[..open].iter().rposition(|it| !is_word(*it)).map_or(0, |it| it + 1);
        let word = &text[start..open];
        if registers(word) {
            *words.certain.entry(word.to_vec()).or_default() += 1;
            continue;
        }
        let name = match go {
            true if declares(&text[..start]) || takes_context(&text[open..]) => {
                Name::Exact(word.to_vec())
            }
            true => continue,
            false => Name::Bare(bare(word)),
        };
        if !word.is_empty() {
            *words.likely.entry(name).or_default() += 1;
        }
    }
    Ok(words)
}

fn bare(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|it| **it != b'_').map(u8::to_ascii_lowercase).collect()
}

/// What stands before the name makes it a method: `func (m *manager) `.
fn declares(before: &[u8]) -> bool {
    before.ends_with(b") ")
}

/// The first argument is a context, as that of every call is; by its name, as the text has no types.
fn takes_context(from: &[u8]) -> bool {
    let end = from.iter().position(|it| b",)\n".contains(it)).unwrap_or(from.len());
    let first = from[..end].to_ascii_lowercase();
    [&b"ctx"[..], b"context"].iter().any(|it| memchr::memmem::find(&first, it).is_some())
}

/// Functions that say who serves: `RegisterManagerServer`, `NewManagerHandler`, `addService`,
/// `add_ManagerServicer_to_server`.
fn registers(word: &[u8]) -> bool {
    word.starts_with(b"Register") && word.ends_with(b"Server")
        || word.starts_with(b"New") && word.ends_with(b"Handler")
        || word.ends_with(b"Servicer_to_server")
        || word.ends_with(b"ImplBase")
        || matches!(word, b"addService" | b"add_service")
}

/// Whether one of the names follows `rpc` in any `.proto` file, comments included: a name too many
/// does no harm.
fn declares_any(base: &Tree, head: &Tree, names: &HashSet<Name>) -> Result<bool, Error> {
    if names.is_empty() {
        return Ok(false);
    }
    let mut seen: HashSet<Oid> = HashSet::new();
    for tree in [base, head] {
        for file in tree.files(&|path| path.ends_with(".proto"))? {
            if file.id.is_some_and(|id| !seen.insert(id)) {
                continue;
            }
            // What cannot be read was said where the schema was.
            let Ok((_, text)) = tree.read(&file) else { continue };
            let mut named = memchr::memmem::find_iter(&text, b"rpc").map(|at| {
                let rest = text[at + 3..].trim_ascii_start();
                &rest[..rest.iter().position(|it| !is_word(*it)).unwrap_or(rest.len())]
            });
            let is_candidate = |it: &[u8]| {
                names.contains(&Name::Exact(it.to_vec())) || names.contains(&Name::Bare(bare(it)))
            };
            if named.any(is_candidate) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
