//! Reading what a change reaches finds what reading everything finds.

use proptest::prelude::*;
use protoskew::{
    check::{Pair, check},
    compile::{Layout, Scope, Units},
    judge::{Json, Settings},
    policy::Policy,
    tree::{Content, Source, Top, Tree},
    version::load,
};

#[path = "support/findings.rs"]
mod findings;
#[path = "support/history.rs"]
mod history;

use findings::{anywhere, difference, lines};
use history::{History, copied, histories};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_a_change_reaches_is_all_that_is_found(history in histories()) {
        let [whole, changed] = [Scope::Whole, Scope::Changed].map(|scope| found(&history, scope));
        prop_assert!(whole == changed, "{}", difference(&whole, &changed));
    }

    #[test]
    fn and_so_it_is_with_copies(history in histories(), of in any::<u8>()) {
        let history = copied(history, of);
        let [whole, changed] = [Scope::Whole, Scope::Changed].map(|scope| found(&history, scope));
        let same = anywhere(&whole) == anywhere(&changed);
        prop_assert!(same, "{}\n{history:?}", difference(&whole, &changed));
    }
}

/// A line for each finding of each pairing of neighbours.
fn found(history: &History, scope: Scope) -> Vec<String> {
    let sources = history.versions.iter().enumerate().map(|(at, files)| {
        let files = files.iter().map(|(path, file)| (path.clone(), file.text().into_bytes()));
        let name = format!("v{at}");
        let content = Content::Files(Tree::memory(&name, files.collect()));
        Source { content, name, commit: None, top: Top::default() }
    });
    let layout = Layout { paths: history.paths.clone(), scope, ..Layout::default() };
    let versions = load(sources.collect(), &layout, &Units::default());
    let pairs = (1..versions.len()).flat_map(|head| Pair::both(head - 1, head));
    let json = Json { everywhere: true, ..Json::default() };
    let settings = Settings { json, ..Settings::default() };
    let policy = Policy { settings, keep_going: true, ..Policy::default() };
    lines(&check(&versions, &pairs.collect::<Vec<_>>(), &policy))
}
