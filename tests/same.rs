//! What the normal form forgets: every folder in `testdata/same` holds one schema in two spellings.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use protoskew::{
    diff::diff,
    report::normal_form::text,
    schema::{Element, FullName, Schema},
};

mod support;

#[test]
fn two_spellings_are_one_schema() {
    for folder in support::entries("testdata/same") {
        let [a, b] = ["a", "b"].map(|side| support::compiled(folder.join(side)).schema);
        let differences = differences(&a, &b);
        assert!(differences.is_empty(), "{}:\n{differences}", folder.display());
        assert_eq!(diff(&a, &b), [], "{}", folder.display());
    }
}

/// Positions are not compared: moving a line changes nothing.
fn differences(a: &Schema, b: &Schema) -> String {
    let services = unequal([a, b], |it| &it.services, |it| Element::Service(it));
    let messages = unequal([a, b], |it| &it.messages, |it| Element::Message(it));
    let enums = unequal([a, b], |it| &it.enums, |it| Element::Enum(it));
    services + &messages + &enums
}

fn unequal<V: PartialEq>(
    schemas: [&Schema; 2],
    all: fn(&Schema) -> &BTreeMap<FullName, Arc<V>>,
    element: fn(&V) -> Element<'_>,
) -> String {
    let names: BTreeSet<&FullName> = schemas.into_iter().flat_map(|it| all(it).keys()).collect();
    let written = |schema, name| match all(schema).get(name) {
        Some(it) => text(element(it), schema),
        None => "nothing\n".to_owned(),
    };
    let [a, b] = schemas;
    let unequal = names.into_iter().filter(|name| all(a).get(*name) != all(b).get(*name));
    unequal.map(|name| format!("{}is not\n{}", written(a, name), written(b, name))).collect()
}
