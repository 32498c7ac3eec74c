//! Files that import each other.

use super::load::Loaded;

/// The most files of a cycle that are named.
const SHOWN: usize = 10;

/// The first cycle among the imports that one of the files leads to which `from` is true of. Where
/// several files could be meant, a cycle only says that another was. Walks without recursion: a
/// chain of imports may be of any length.
pub(super) fn find(files: &[Loaded], from: &dyn Fn(&Loaded) -> bool) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; files.len()];
    for start in (0..files.len()).filter(|&start| from(&files[start])) {
        // The files on the way here, each with its next import to follow.
        let mut way = vec![(start, 0)];
        while let Some(&mut (file, ref mut next)) = way.last_mut() {
            states[file] = if states[file] == State::Done { State::Done } else { State::Open };
            let import = files[file].imports.get(*next).copied();
            *next += 1;
            let import = import.map(|link| link.filter(|it| it.sure).map(|it| it.file));
            match import {
                _ if states[file] == State::Done => {
                    way.pop();
                }
                None => {
                    states[file] = State::Done;
                    way.pop();
                }
                Some(Some(target)) if states[target] == State::Open => {
                    let from = way.iter().position(|&(it, _)| it == target).unwrap_or_default();
                    return Some(way[from..].iter().map(|&(it, _)| it).collect());
                }
                Some(Some(target)) if states[target] == State::New => way.push((target, 0)),
                Some(_) => (),
            }
        }
    }
    None
}

/// As `a.proto → b.proto → a.proto`.
pub(super) fn tell(files: &[Loaded], cycle: &[usize]) -> String {
    let names = cycle.iter().chain(cycle.first()).map(|&it| &*files[it].path);
    let mut names: Vec<&str> = names.collect();
    let more = format!("{} more", names.len().saturating_sub(SHOWN));
    if names.len() > SHOWN {
        names.splice(SHOWN / 2..names.len() - SHOWN / 2, [&*more]);
    }
    names.join(" → ")
}
