//! What is written in `docs/` is what the program says of itself.

use std::{collections::BTreeSet, fs, path::Path};

use protoskew::{
    compile::{Layout, Units, compile},
    config::{self, Config},
    explain::explain,
    fleet,
    policy::{Allow, Policy},
    report::json,
    rules,
    tree::Tree,
};

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

/// The blocks of a page in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(page).expect("the page is there");
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_has_to_pass_is_what_the_readme_says() {
    let script = fs::read_to_string(".ci/run").expect("the script is there");
    let commands = script.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    // The first two set up the shell.
    let commands: Vec<String> = commands.skip(2).map(|line| format!("$ {line}")).collect();
    let block = format!("{}\n", commands.join("\n"));
    assert!(blocks("README.md", "console").contains(&block), "{block}");
}

#[test]
fn the_configurations_in_the_docs_mean_something() {
    let examples = blocks("docs/config.md", "toml");
    assert!(examples.len() >= 6, "{examples:?}");
    for example in examples {
        let config = Config::parse("docs/config.md", example.clone().into_bytes());
        let policy = config.and_then(|config| Policy::of(&config));
        assert!(policy.is_ok(), "{:?} in\n{example}", policy.err());
    }
}

#[test]
fn the_comments_in_the_docs_allow_something() {
    for example in blocks("docs/config.md", "proto") {
        let text = format!(
            "syntax = \"proto3\"; package acme.v1;\n{example}\n\
             message Request {{}} message Response {{}} message Event {{}}"
        );
        let tree = Tree::memory("docs", [("a.proto".to_owned(), text.into_bytes())].into());
        let compiled = compile(&tree, &Layout::default(), &Units::default()).expect("it compiles");
        assert_eq!(compiled.remarks.len(), 2);
        for remark in compiled.remarks {
            let subject = remark.subject.expect("it stands at an element");
            let allow = Allow::of_comment(&subject, &remark.text, remark.site).expect("it is one");
            assert!(allow.until.is_some());
        }
    }
}

/// Every key of the file is in the table of its page, and no other is.
#[test]
fn every_key_has_a_row() {
    let schema: serde_json::Value =
        serde_json::from_str(&config::json_schema(&[])).expect("it is JSON");
    let definitions = schema["definitions"].as_object().expect("there are some").values();
    let keys = std::iter::once(&schema).chain(definitions);
    let keys = keys.filter_map(|it| it["properties"].as_object()).flat_map(|it| it.keys());
    let keys: BTreeSet<String> = keys.cloned().collect();
    let text = fs::read_to_string("docs/config.md").expect("the page is there");
    let (_, table) = text.split_once("| key | flag |").expect("there is a table");
    let (table, _) = table.split_once("\n\n").expect("it ends");
    let cells = table.lines().skip(2).filter_map(|row| row.split('|').nth(1));
    let named = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let named: BTreeSet<String> =
        named.map(|key| key.trim_matches(['[', ']']).to_owned()).collect();
    assert_eq!(named, keys);
}

#[test]
fn the_fleet_files_that_are_shown_are_read() {
    let page = fs::read_to_string("docs/fleet.md").unwrap();
    let examples = page.split("```toml\n").skip(1).filter_map(|it| it.split("```").next());
    let examples: Vec<&str> = examples.filter(|it| it.contains("[[component]]")).collect();
    assert!(examples.len() >= 2);
    for example in examples {
        let file = fleet::FleetFile::parse("fleet.toml", example.into()).unwrap();
        let fleet = fleet::Fleet::of(&file, None).unwrap();
        assert!(!fleet.links.is_empty() && !fleet.environments.is_empty(), "{example}");
    }
}

/// GitHub's anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[test]
fn the_links_between_pages_lead_somewhere() {
    let mut pages = vec!["README.md".into(), "ARCHITECTURE.md".into(), "CONTRIBUTING.md".into()];
    let docs = fs::read_dir("docs").unwrap().map(|it| it.unwrap().path());
    pages.extend(docs.filter(|it| it.extension().is_some_and(|it| it == "md")));
    let mut seen = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|it| it.split_once(')'));
        for (link, _) in links.filter(|(it, _)| !it.contains("://") && !it.contains(' ')) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                _ => page.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            seen += 1;
            if !place.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|it| it.starts_with('#'));
                let found = headings.any(|it| anchor(it.trim_start_matches('#')) == place);
                assert!(found, "{}: {link}", page.display());
            }
        }
    }
    assert!(seen > 20);
}
