//! What the program says of itself.

use crate::{repo::Place, support::entries};

#[test]
fn every_rule_is_listed_and_explained() {
    let place = Place::empty();
    let list = place.run("rules");
    list.answers();
    let rules: Vec<&str> =
        list.stdout.lines().filter_map(|it| it.split_whitespace().next()).collect();
    let fixtures = entries("testdata/rules");
    assert_eq!(rules.len(), fixtures.len());
    for fixture in fixtures {
        let rule = crate::support::name(&fixture);
        assert!(rules.contains(&rule), "{rule}");
        let page = place.run_with(&["explain", rule]);
        page.answers();
        assert!(page.stdout.starts_with(&format!("## {rule}\n")), "{}", page.stdout);
        // Its example, what it says of it, and what to do.
        for part in ["```diff\n", "- new client, old server:", "**What to do.**"] {
            assert!(page.stdout.contains(part), "{rule} has no {part:?}");
        }
    }
}

#[test]
fn a_rule_that_is_none_may_be_a_slip_of_the_pen() {
    let place = Place::empty();
    for (rule, said) in [
        ("rpc-unimplementd", "did you mean `rpc-unimplemented`"),
        ("RPC-UNIMPLEMENTED", "`protoskew rules` lists them"),
        ("", "`protoskew rules` lists them"),
    ] {
        let ran = place.run_with(&["explain", rule]);
        ran.gives_up(&[&format!("no rule is named `{rule}`"), said]);
    }
}

#[test]
fn every_shell_gets_a_script_that_knows_every_command() {
    let place = Place::empty();
    for (shell, mark) in [
        ("bash", "complete -F _protoskew"),
        ("zsh", "#compdef protoskew"),
        ("fish", "complete -c protoskew"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let ran = place.run_with(&["completions", shell]);
        ran.answers();
        for part in [mark, "check", "diff", "explain", "rules", "schema", "fail-on"] {
            assert!(ran.stdout.contains(part), "{shell} has no {part:?}");
        }
    }
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let place = Place::empty();
    for (line, mark) in [
        ("man", ".TH protoskew 1"),
        ("man check", ".TH protoskew-check 1"),
        ("man diff", ".TH protoskew-diff 1"),
        ("man explain", ".TH protoskew-explain 1"),
    ] {
        let ran = place.run(line);
        ran.answers();
        assert!(ran.stdout.contains(mark), "{line}: {}", ran.stdout);
    }
    place.run("man chek").gives_up(&["no command is named `chek`", "did you mean `check`"]);
    place.run("man unheard").gives_up(&["no command is named `unheard`", "there are check,"]);
}

#[test]
fn help_says_how_to_name_a_version_and_what_exit_codes_mean() {
    let place = Place::empty();
    let help = place.run("--help");
    help.answers();
    for part in ["REV:PATH", "REPO@REV", ":worktree", ":index", ".binpb", "Exit codes: 0"] {
        assert!(help.stdout.contains(part), "{part}");
    }
    let version = place.run("--version");
    assert_eq!(version.stdout, concat!("protoskew ", env!("CARGO_PKG_VERSION"), "\n"));
}
