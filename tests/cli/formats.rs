//! Reports for services and pages: they are in the form that they claim to be in, and what a schema
//! holds is text in them and nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use prost::Message as _;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use quick_xml::events::Event as Xml;
use serde_json::Value;

use crate::{
    fixtures::{FILE, descriptors, proto, two_versions},
    repo::{Mode, Place},
    run::{Ran, program},
};

const TELEPRESENCE: [&str; 2] = ["testdata/telepresence/v2.16.1", "testdata/telepresence/v2.17.0"];

/// The same report in another format, of versions in this repository.
fn report(format: &str) -> Ran {
    let [base, head] = TELEPRESENCE;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate::run::run(here, &["check", base, head, "--no-config", "--format", format])
}

fn official() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/schemas/sarif-2.1.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn assert_sarif(ran: &Ran) -> Value {
    let log = ran.json();
    let faults: Vec<String> = official().iter_errors(&log).map(|it| it.to_string()).collect();
    assert_eq!(faults, [""; 0], "{}", ran.stdout);
    log
}

#[test]
fn sarif_is_what_the_specification_says() {
    let log = assert_sarif(&report("sarif"));
    let runs = log["runs"].as_array().unwrap();
    let ids: Vec<&str> =
        runs.iter().map(|it| it["automationDetails"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["protoskew/newer-client/", "protoskew/newer-server/"]);
    let json = report("json").json();
    for run in runs {
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), protoskew::rules::ALL.len());
        for rule in rules {
            for text in [&rule["shortDescription"]["text"], &rule["fullDescription"]["text"]] {
                assert!(text.as_str().unwrap().chars().count() <= 1024, "{text}");
            }
        }
        let results = run["results"].as_array().unwrap();
        let mut fingerprints = BTreeSet::new();
        for result in results {
            let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
            let own = &result["partialFingerprints"]["primaryLocationLineHash"];
            assert!(fingerprints.insert(own.as_str().unwrap()), "{own} twice");
        }
    }
    let findings = |at: usize| json["verdicts"][at]["findings"].as_array().unwrap().len();
    let results = |at: usize| runs[at]["results"].as_array().unwrap().len();
    assert_eq!([findings(0), findings(1)], [results(0), results(1)]);
}

/// `base` in one commit, `head` in another, and what SARIF and GitHub say of the first finding.
fn anchored(base: &str, head: &str) -> (String, u64) {
    let place = Place::versions(FILE, &[base, head]);
    let log = assert_sarif(&place.run("check v1 v2 --format sarif"));
    let results =
        log["runs"].as_array().unwrap().iter().flat_map(|it| it["results"].as_array().unwrap());
    let loudest = results.max_by_key(|it| it["level"] == "error").unwrap();
    let shown = &loudest["locations"][0]["physicalLocation"];
    let (uri, line) = (&shown["artifactLocation"]["uri"], &shown["region"]["startLine"]);
    let (uri, line) = (uri.as_str().unwrap().to_owned(), line.as_u64().unwrap());
    let commands = place.run("check v1 v2 --format github");
    let said = format!("file={uri},line={line},");
    assert!(commands.stdout.contains(&said), "{said}: {}", commands.stdout);
    (uri, line)
}

#[test]
fn a_finding_is_shown_where_a_review_shows_it() {
    let file = FILE.to_owned();
    // Added: its own line.
    assert_eq!(anchored(&proto(1), &proto(2)), (file.clone(), 6));
    // Gone: the line before.
    assert_eq!(anchored(&proto(3), &proto(2)), (file.clone(), 6));
    // In place of another: there.
    let renamed = proto(3).replace("Call2", "Other");
    assert_eq!(anchored(&proto(3), &renamed), (file.clone(), 6));
    // The package has changed, and the service has not: the line of the package.
    let moved = proto(1).replace("acme.v1", "acme.v2");
    assert_eq!(anchored(&proto(1), &moved), (file.clone(), 2));
}

#[test]
fn what_is_in_a_folder_is_shown_where_it_is_in_the_repository() {
    let place = two_versions();
    for (base, head) in [("v1:api", "v2:api"), ("v1:api", ":worktree:api"), ("v1:api", "api")] {
        let ran = place.run(&format!("check {base} {head} --format github"));
        assert!(ran.stdout.starts_with("::error file=api/acme.proto,line=6,"), "{}", ran.stdout);
    }
}

#[test]
fn a_file_that_is_gone_was_somewhere() {
    let place = Place::repository();
    place.write("a.proto", proto(1));
    place.write("b.proto", proto(1).replace("acme.v1", "acme.v2"));
    place.commit_all();
    place.tag("v1");
    fs::remove_file(place.path().join("b.proto")).unwrap();
    place.commit_all();
    let log = assert_sarif(&place.run("check v1 HEAD --format sarif"));
    let gone = &log["runs"][1]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(gone["artifactLocation"]["uri"], "b.proto");
    let issues = place.run("check v1 HEAD --format gitlab").json();
    assert_eq!(issues[0]["location"]["path"], "b.proto");
}

#[test]
fn what_is_unknown_is_no_success() {
    let place = two_versions();
    place.write("broken.proto", "message {}");
    let ran = place.run("check v1 --format sarif");
    assert_eq!(ran.code, 2);
    let log = assert_sarif(&ran);
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let ran = place.run("check v1 --format github");
    assert!(ran.stdout.starts_with("::error title=protoskew%3A unknown::"), "{}", ran.stdout);
    let ran = place.run("check v1 --format junit");
    assert_eq!(ran.stdout.matches("<error ").count(), 2, "{}", ran.stdout);
    for format in ["markdown", "html"] {
        let ran = place.run(&format!("check v1 --format {format}"));
        assert!(ran.stdout.contains("unknown"), "{}", ran.stdout);
    }
}

/// So many annotations GitHub shows of a step, of each kind.
#[test]
fn annotations_stay_within_their_budget() {
    let place = Place::versions(FILE, &[proto(1), proto(40)]);
    let ran = place.run("check v1 v2 --format github");
    let commands = ran.stdout.lines().filter(|line| line.starts_with("::error ")).count();
    assert_eq!(commands, 10);
    let said = "protoskew: 29 more findings are in the job summary, and not annotated";
    assert!(ran.stdout.lines().any(|line| line == said), "{}", ran.stdout);
}

#[test]
fn a_job_has_a_summary() {
    let place = Place::versions(FILE, &[proto(1), proto(2)]);
    let summary = place.path().join("summary.md");
    let run = || {
        let mut program = program(place.path());
        program.args(["check", "v1", "v2", "--format", "github"]);
        program.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap()
    };
    assert_eq!(run().status.code(), Some(1));
    let first = fs::read_to_string(&summary).unwrap();
    assert!(first.starts_with("## protoskew: breaks\n"), "{first}");
    assert_eq!(first, place.run("check v1 v2 --format markdown").stdout);
    run();
    assert_eq!(fs::read_to_string(&summary).unwrap(), first.repeat(2));
    // Others may have taken most of the room.
    fs::write(&summary, "x".repeat((1 << 20) - 400)).unwrap();
    run();
    let full = fs::read_to_string(&summary).unwrap();
    assert!(full.len() <= 1 << 20 && full.contains("**Cut off here**"), "{}", full.len());
}

#[test]
fn a_long_summary_is_cut_between_findings() {
    let place = Place::versions(FILE, &[proto(1), proto(20_000)]);
    let summary = place.path().join("summary.md");
    let mut program = program(place.path());
    program.args(["check", "v1", "v2", "--format", "github"]);
    program.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.len() <= 1 << 20 && text.len() > 1 << 19, "{}", text.len());
    let last = text.trim_end().lines().last().unwrap();
    assert!(last.starts_with("**Cut off here**: the rest, "), "{last}");
    let shown = text.lines().filter(|line| line.starts_with("- ")).count();
    assert!(last.contains(&format!("{} findings of it", 19_999 - shown)), "{last}");
}

#[test]
fn what_is_accepted_is_not_asked_for_again() {
    let place = two_versions();
    place.write(
        "protoskew.toml",
        "[[allow]]\nrule = \"rpc-unimplemented\"\nsubject = \"acme.v1.Manager.*\"\nreason = \"known\"\n",
    );
    let run = |format: &str| place.run(&format!("check v1 --format {format}")).stdout;
    assert!(!run("github").contains("::"));
    assert!(run("sarif").contains("\"results\": []"));
    assert_eq!(run("gitlab"), "[]\n");
    assert!(run("junit").contains("<skipped message=\"allowed: known\"/>"));
    for format in ["markdown", "html"] {
        assert!(run(format).contains("allowed") && run(format).contains("known"));
    }
}

#[test]
fn junit_fails_for_what_the_exit_code_fails_for() {
    let place = two_versions();
    for (fail_on, failures) in [("error", 0), ("warning", 1), ("note", 1)] {
        place.write("c.toml", "levels.rpc-unimplemented = \"warning\"\n");
        let line = format!("check v1 --config c.toml --format junit --fail-on {fail_on}");
        let ran = place.run(&line);
        assert_eq!(ran.code, i32::from(failures > 0));
        assert_eq!(ran.stdout.matches("<failure ").count(), failures, "{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("failures=\"{failures}\"")));
    }
}

/// What may mean something to one format or another.
const EVIL: [&str; 9] = [
    "\n::error::pwned",
    "\r\n::set-output name=x::y",
    "%0A::error::pwned,file=x",
    "</code><script>alert(1)</script>",
    "`** | [x](https://evil.example) | <img src=x onerror=alert(1)> @everyone #1",
    "\" onload='x' &amp; &#60;",
    "]]><!-- --><error/>\u{ffff}",
    "\u{1b}[31m\u{9b}31m\u{202e}\u{7}",
    "\n# heading\n- [ ] item\n```\n{0} [link](1)",
];

/// Versions whose paths, keys, defaults and reasons are hostile. `true` where all can be read.
fn hostile(evil: &str) -> Vec<(Place, bool)> {
    let escaped: String = evil.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let empty = "syntax = \"proto2\"; package acme.v1; message M {}
                 service Manager { rpc Call(M) returns (M); }";
    let comment = evil.replace(['\n', '\r'], " ").replace("*/", "");
    let text = format!(
        "syntax = \"proto2\"; package acme.v1; /* {comment} */ message M {{
           optional string a = 1 [json_name = \"{escaped}\", default = \"{escaped}\"]; /* {comment} */
         }}
         service Manager {{ rpc Call(M) returns (M); rpc Other(M) returns (M); }}"
    );
    let changed =
        text.replace("default = \"", "default = \"x").replace("json_name = \"", "json_name = \"x");
    let path = format!("{}/a.proto", evil.replace('/', "_"));
    let in_git = Place::repository();
    for (tag, text) in [("v1", empty), ("v2", &text), ("v3", &changed)] {
        in_git.stage(&path, Mode::File, text);
        in_git.commit();
        in_git.tag(tag);
    }
    in_git.write(
        "allow.toml",
        "[[allow]]\nrule = \"rpc-unimplemented\"\nsubject = \"acme.**\"\nreason = \"REASON\"\n"
            .replace(
                "REASON",
                &evil.replace(['"', '\\', '\n', '\r'], " ").replace(|it: char| it.is_control(), ""),
            ),
    );
    let set = Place::empty();
    set.write("old.binpb", descriptors(1).encode_to_vec());
    let mut named = descriptors(2);
    named.file[0].service[0].name = Some(evil.to_owned());
    named.file[0].name = Some(evil.to_owned());
    set.write("new.binpb", named.encode_to_vec());
    vec![(in_git, true), (set, false)]
}

/// Every format, of every hostile place.
fn each_hostile(format: &str, check: &dyn Fn(&Ran)) {
    // Some at once: it is the same program that reads them.
    for evil in EVIL.chunks(3).map(|some| some.concat()) {
        for (place, readable) in hostile(&evil) {
            let lines: &[&str] = match readable {
                true => &[
                    "check v1 v2",
                    "check v2 v3 --codec json --witness",
                    "check v2 v1",
                    "check v1 v2 --config allow.toml",
                ],
                false => &["check old.binpb new.binpb"],
            };
            for line in lines {
                let ran = place.run(
                    &format!("{line} --no-config --format {format}")
                        .replace("allow.toml --no-config", "allow.toml"),
                );
                assert_eq!(ran.code == 2, !readable, "{evil:?} {line}: {ran:#?}");
                check(&ran);
            }
        }
    }
}

#[test]
fn no_text_is_a_workflow_command() {
    each_hostile("github", &|ran| {
        for line in ran.stdout.lines() {
            let Some(command) = line.strip_prefix("::") else {
                assert!(line.starts_with("protoskew: "), "{line}");
                continue;
            };
            let (head, _) = command.split_once("::").unwrap();
            let (kind, properties) = head.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&kind), "{line}");
            let keys = properties.split(',').map(|it| it.split_once('=').unwrap().0);
            for key in keys {
                assert!(["file", "line", "col", "title"].contains(&key), "{line}");
            }
        }
    });
}

#[test]
fn no_text_is_markdown() {
    each_hostile("markdown", &|ran| {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
        let (mut cells, mut code) = (0, false);
        for event in Parser::new_ext(&ran.stdout, options) {
            match event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::TaskListMarker(_) => {
                    panic!("{event:?} in {}", ran.stdout)
                }
                // A witness, whose lines are what they are.
                Event::Start(Tag::CodeBlock(kind)) => {
                    let ours = CodeBlockKind::Fenced("text".into());
                    assert_eq!(kind, ours, "{}", ran.stdout);
                    code = true;
                }
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Start(Tag::TableCell) => cells += 1,
                Event::Html(text) | Event::InlineHtml(text) => {
                    let ours = ["<!-- -->", "<details>", "<summary>", "</summary>", "</details>"];
                    let rest =
                        ours.iter().fold(text.to_string(), |text, tag| text.replace(tag, ""));
                    assert_eq!(rest.trim().replace("What to do", ""), "", "{}", ran.stdout);
                }
                Event::Text(text) if !code => {
                    assert!(!text.contains("@everyone"), "{}", ran.stdout);
                }
                _ => (),
            }
        }
        assert_eq!(cells, 12, "{}", ran.stdout);
        let headings = ran.stdout.lines().filter(|line| line.starts_with('#'));
        for line in headings {
            let ours = line.starts_with("## protoskew: ")
                || line.contains(" client → ")
                || line == "### Not seen"
                || line == "### Allowed in vain";
            assert!(ours, "{line}");
        }
    });
}

#[test]
fn no_text_is_html() {
    each_hostile("html", &|ran| {
        let (_, body) = ran.stdout.split_once("<body>").unwrap();
        for tag in body.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap();
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            let known = [
                "main", "h1", "h2", "span", "div", "table", "thead", "tbody", "tr", "th", "td",
                "code", "a", "section", "p", "details", "summary", "ul", "li", "pre", "mark",
                "strong", "footer", "body", "html",
            ];
            assert!(known.contains(&name), "<{tag}> in {}", ran.stdout);
            let attributes = tag.split_once(' ').map_or("", |(_, rest)| rest);
            for word in attributes.split(' ').filter(|it| it.contains('=')) {
                let key = word.split('=').next().unwrap();
                assert!(["class", "id", "href", "scope", "tabindex"].contains(&key), "<{tag}>");
            }
        }
    });
}

#[test]
fn no_text_is_xml() {
    each_hostile("junit", &|ran| {
        let mut reader = quick_xml::Reader::from_str(&ran.stdout);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().unwrap_or_else(|err| panic!("{err}: {}", ran.stdout)) {
                Xml::Eof => break,
                Xml::Start(tag) | Xml::Empty(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    let known = [
                        "testsuites",
                        "testsuite",
                        "testcase",
                        "failure",
                        "error",
                        "skipped",
                        "system-out",
                    ];
                    assert!(known.contains(&&*name), "{name}");
                    for attribute in tag.attributes() {
                        attribute.unwrap();
                    }
                }
                Xml::Comment(_) | Xml::CData(_) | Xml::PI(_) | Xml::DocType(_) => {
                    panic!("{}", ran.stdout)
                }
                _ => (),
            }
        }
        assert!(!ran.stdout.contains('\u{ffff}'));
    });
}

#[test]
fn no_text_is_json() {
    each_hostile("sarif", &|ran| {
        assert_sarif(ran);
    });
    each_hostile("gitlab", &|ran| assert!(ran.json().is_array()));
    each_hostile("json", &|ran| assert!(ran.json().is_object()));
    each_hostile("human", &|_| ());
}

/// A page must not ask anybody for anything.
#[test]
fn a_page_needs_nothing_but_itself() {
    let page = report("html").stdout;
    for needed in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(needed), "{needed}");
    }
    assert!(page.contains("Content-Security-Policy"));
    let count = |mark: &str| page.matches(mark).count();
    for tag in ["details", "section", "table", "ul", "li", "p", "pre", "code", "span", "main"] {
        let open = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
        assert_eq!(open, count(&format!("</{tag}>")), "{tag}");
    }
}
