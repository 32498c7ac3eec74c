//! What the normal form forgets: every folder in `testdata/same` holds one schema in two spellings.

use std::{collections::BTreeMap, fmt::Debug};

use protoskew::{
    diff::diff,
    schema::{FullName, Schema},
};

mod support;

#[test]
fn two_spellings_are_one_schema() {
    for folder in support::entries("testdata/same") {
        let [a, b] = ["a", "b"].map(|side| support::compiled(folder.join(side)).schema);
        assert_eq!(differences(&a, &b), [""; 0], "{}", folder.display());
        assert_eq!(diff(&a, &b), [], "{}", folder.display());
    }
}

/// Positions are not compared: moving a line changes nothing.
fn differences(a: &Schema, b: &Schema) -> Vec<String> {
    let mut differences = unequal(&a.services, &b.services);
    differences.extend(unequal(&a.messages, &b.messages));
    differences.extend(unequal(&a.enums, &b.enums));
    differences
}

fn unequal<V: Debug + PartialEq>(
    a: &BTreeMap<FullName, V>,
    b: &BTreeMap<FullName, V>,
) -> Vec<String> {
    let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
    let unequal = names.filter(|name| a.get(*name) != b.get(*name));
    unequal.map(|name| format!("{:#?} is {:#?}", a.get(name), b.get(name))).collect()
}
