//! What the sources of a client say of a finding.

use super::{
    calls::{served, site},
    shape::{Evidence, SearchState, Searched, Weight},
};
use crate::{check::Search, policy};

pub(super) fn searched(it: &Search) -> Searched {
    let (state, files, reason) = match it {
        Search::Idle => (SearchState::NotNeeded, None, None),
        Search::Done(files) => (SearchState::Searched, Some(*files), None),
        Search::Not(why) => (SearchState::NotSearched, None, Some(why.clone())),
    };
    Searched { state, files, reason }
}

pub(super) fn shape(it: &policy::Evidence) -> Evidence {
    Evidence {
        weight: weight(it.weight),
        sites: it.sites.iter().map(site).collect(),
        unresolved: it.unresolved,
        incomplete: it.incomplete,
        served: it.served.iter().map(served).collect(),
        before: it.before,
    }
}

pub(super) fn weight(it: policy::Weight) -> Weight {
    match it {
        policy::Weight::Uncalled => Weight::Uncalled,
        policy::Weight::Handled => Weight::Handled,
        policy::Weight::Unsure => Weight::Unsure,
        policy::Weight::Open => Weight::Open,
        policy::Weight::Unhandled => Weight::Unhandled,
    }
}
