//! What is written in `docs/` is what the program says of itself.

use std::path::Path;

use protoskew::{config, explain::explain, report::json, rules};

mod support;

#[test]
fn rules_page_is_fresh() {
    let pages = rules::ALL.iter().map(|rule| explain(rule).expect("the example compiles"));
    let page = format!("# Rules\n\n{}", Vec::from_iter(pages).join("\n"));
    support::assert_golden(Path::new("docs/rules.md"), &page);
}

#[test]
fn json_schemas_are_fresh() {
    support::assert_golden(Path::new("docs/check.schema.json"), &json::check_schema());
    support::assert_golden(Path::new("docs/calls.schema.json"), &json::calls_schema());
    support::assert_golden(Path::new("docs/diff.schema.json"), &json::diff_schema());
    support::assert_golden(Path::new("docs/matrix.schema.json"), &json::matrix_schema());
    support::assert_golden(Path::new("docs/since.schema.json"), &json::since_schema());
}

#[test]
fn the_schema_of_the_configuration_is_fresh() {
    let rules: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    support::assert_golden(Path::new("docs/config.schema.json"), &config::json_schema(&rules));
}
