//! What is written in `docs/` is what the program says of itself.

use std::path::Path;

use protoskew::{config, explain::explain, fleet, report::json, rules};

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
    support::assert_golden(Path::new("docs/explain.schema.json"), &json::explain_schema());
    support::assert_golden(Path::new("docs/checklist.schema.json"), &json::checklist_schema());
    support::assert_golden(Path::new("docs/plan.schema.json"), &json::plan_schema());
    let can_i_deploy = json::can_i_deploy_schema();
    support::assert_golden(Path::new("docs/can-i-deploy.schema.json"), &can_i_deploy);
    support::assert_golden(Path::new("docs/fleet.schema.json"), &fleet::json_schema());
}

#[test]
fn the_schema_of_the_configuration_is_fresh() {
    let rules: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    support::assert_golden(Path::new("docs/config.schema.json"), &config::json_schema(&rules));
}

#[test]
fn the_fleet_files_that_are_shown_are_read() {
    let pages = ["docs/fleet.md", "README.md"].map(|it| std::fs::read_to_string(it).unwrap());
    let examples = pages.iter().flat_map(|page| page.split("```toml\n").skip(1));
    let examples = examples.filter_map(|it| it.split("```").next());
    let examples: Vec<&str> = examples.filter(|it| it.contains("[[component]]")).collect();
    assert!(examples.len() >= 3);
    for example in examples {
        let file = fleet::FleetFile::parse("fleet.toml", example.into()).unwrap();
        let fleet = fleet::Fleet::of(&file, None).unwrap();
        assert!(!fleet.links.is_empty() && !fleet.environments.is_empty(), "{example}");
    }
}
