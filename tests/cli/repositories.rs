//! Repositories that cannot answer: each is told from the others, and what to do is said.

use std::{fs, path::PathBuf};

use git2::{BranchType, Oid};

use crate::{
    fixtures::{FILE, methods, proto, two_versions},
    repo::{Mode, Place, entry},
};

#[test]
fn an_unknown_revision_is_told_with_what_may_have_been_meant() {
    let place = two_versions();
    place.tag("release-1.0.0");
    place.reference("refs/remotes/origin/feature");
    for (name, said) in [
        ("release-1.0", "did you mean `release-1.0.0`?"),
        ("origin/feture", "did you mean `origin/feature`?"),
        (":indx", "did you mean `:index`?"),
        ("unheard", "`git tag` and `git branch --all` list what there is"),
        ("v1..v2", "a range is two versions, with a space between: `v1 v2`"),
        ("v1...v2", "a range is two versions, with a space between: `v1 v2`"),
        ("../gone@v1", "`../gone` would be another repository, but is not a folder"),
        ("", "the name is empty; a variable may not have been set"),
    ] {
        let ran = place.run_with(&["check", "--", name, "v2"]);
        ran.gives_up(&["no revision, folder or descriptor set is named", name, said]);
        assert_eq!(ran.stdout, "", "{name}");
        place.run_with(&["diff", "--", "v1", name]).gives_up(&[said]);
    }
}

#[test]
fn an_unknown_revision_of_another_repository_is_looked_for_there() {
    let (here, there) = (Place::empty(), two_versions());
    there.tag("release-1.0.0");
    let folder = there.path().display();
    let ran = here.run(&format!("check {folder}@release-1 {folder}@v1"));
    let top = there.git().workdir().unwrap().display().to_string();
    let place = format!("is named `release-1` in `{top}`");
    ran.gives_up(&[&place, "did you mean `release-1.0.0`?"]);
}

#[test]
fn a_sub_path_that_is_not_there_is_told_with_one_that_is() {
    let place = two_versions();
    for (name, said) in [
        ("v1:ap", &["`ap` does not exist at `v1`", "did you mean `v1:api`?"][..]),
        ("v1:rpc/api", &["`rpc/api` does not exist at `v1`", "did you mean `v1:api`?"]),
        ("v1:unheard", &["`unheard` does not exist at `v1`", "`git ls-tree -rd v1` lists"]),
        (":worktree:ap", &["`ap` does not exist at `the working tree`", "begins at the top"]),
        (":index:ap", &["`ap` does not exist at `the index`", "begins at the top"]),
        ("v1:api/acme.proto", &["`v1:api/acme.proto` is a file", "--path FILE"]),
        (":worktree:api/acme.proto", &["`:worktree:api/acme.proto` is a file"]),
        (":index:api/acme.proto", &["`:index:api/acme.proto` is a file"]),
        ("api/acme.proto", &["`api/acme.proto` is a file", "--path FILE"]),
    ] {
        place.run_with(&["check", name, "v2"]).gives_up(said);
    }
}

#[test]
fn a_submodule_is_another_repository() {
    let place = two_versions();
    let commit = place.git().revparse_single("v1").unwrap().id();
    let mut index = place.git().index().unwrap();
    index.add(&entry(b"library", Mode::Submodule, commit)).unwrap();
    index.write().unwrap();
    place.commit();
    assert_eq!(methods(&place, "HEAD"), 2);
    place.run("check HEAD:library v1").gives_up(&["`HEAD:library` is a submodule", "`REPO@REV`"]);
}

/// The clone of somebody's CI: one commit, and a file that says so.
fn shallow() -> Place {
    let place = two_versions();
    let head = place.git().revparse_single("HEAD").unwrap().id();
    for tag in ["v1", "v2"] {
        place.git().tag_delete(tag).unwrap();
    }
    fs::write(place.git().path().join("shallow"), format!("{head}\n")).unwrap();
    place
}

const UNSHALLOW: [&str; 2] = ["`git fetch --unshallow --tags`", "`fetch-depth: 0`"];

#[test]
fn a_shallow_clone_is_told_how_to_get_the_rest() {
    let place = shallow();
    for line in ["check v1", "check v1 HEAD", "diff v1 HEAD", "check HEAD~1", "check v1:api"] {
        place.run(line).gives_up(&UNSHALLOW);
    }
    // A branch that shares no commit with the default one, as far as the clone can tell.
    let stranger = place.git().revparse_single("HEAD").unwrap().id();
    place.git().set_head("refs/heads/topic").unwrap();
    place.commit();
    assert_ne!(place.git().revparse_single("HEAD").unwrap().id(), stranger);
    let ran = place.run("check");
    ran.gives_up(&["`main` and HEAD have no commit in common"]);
    ran.gives_up(&UNSHALLOW);
}

#[test]
fn a_clone_without_tags_is_told_how_to_get_them() {
    let place = Place::versions(FILE, &[proto(1)]);
    place.git().tag_delete("v1").unwrap();
    let help = "`git fetch --tags` brings those of its remote";
    let ran = place.run("check v1");
    assert!(!ran.stderr.contains(help), "there is no remote: {}", ran.stderr);
    place.git().remote("origin", "https://example.com/acme.git").unwrap();
    place.run("check v1").gives_up(&["this clone has no tags", help]);
}

#[test]
fn where_there_is_no_repository_folders_can_be_compared() {
    let place = Place::empty();
    place.write("old/acme.proto", proto(1));
    place.write("new/acme.proto", proto(2));
    let said = ["is not in a git repository", "`--repo DIR`", "`protoskew check OLD NEW`"];
    for line in ["check", "check v1", "check v1 v2", "check old", "check :worktree :index"] {
        place.run(line).gives_up(&said);
    }
    let ran = place.run("check old new --pairing newer-server");
    ran.answers();
    place.run("check v1 v2 --repo gone").gives_up(&["there is no folder `gone`"]);
    place.run("check v1 v2 --repo old/acme.proto").gives_up(&["there is no folder"]);
}

#[test]
fn a_bare_repository_has_no_working_tree() {
    let place = Place::empty();
    git2::Repository::init_bare(place.path()).unwrap();
    for name in [":worktree", ":index", ":index:api"] {
        let help = format!("name a revision instead of `{name}`");
        place.run_with(&["check", name, name]).gives_up(&["is a bare repository", &help]);
    }
}

#[test]
fn a_repository_without_commits_says_so() {
    let place = Place::repository();
    let said = "the repository has no commit yet";
    place.run("check").gives_up(&["HEAD has no commit yet", "`protoskew check BASE HEAD`"]);
    for line in ["check v1", "check HEAD", "check main", "diff HEAD"] {
        place.run(line).gives_up(&["no revision, folder or descriptor set is named", said]);
    }
    for line in ["check :index :worktree", "check . ."] {
        place.run(line).gives_up(&["no .proto file in"]);
    }
}

#[test]
fn without_a_default_branch_the_base_has_to_be_named() {
    let place = two_versions();
    place.git().find_branch("main", BranchType::Local).unwrap().rename("topic", true).unwrap();
    place.run("check").gives_up(&["no default branch is known", "`protoskew check BASE`"]);
    assert_eq!(methods(&place, "topic"), 2);
}

#[test]
fn a_conflict_in_the_index_is_not_a_version() {
    let place = two_versions();
    let mut index = place.git().index().unwrap();
    let id = place.git().blob(proto(3).as_bytes()).unwrap();
    index.remove(FILE.as_ref(), 0).unwrap();
    for stage in 1..=3 {
        let mut entry = entry(FILE.as_bytes(), Mode::File, id);
        entry.flags = stage << 12;
        index.add(&entry).unwrap();
    }
    index.write().unwrap();
    let said = ["`api/acme.proto` is unmerged in the index", "`git add api/acme.proto`"];
    place.run("check v1 :index").gives_up(&said);
    assert_eq!(methods(&place, ":worktree"), 2);
    assert_eq!(methods(&place, "HEAD"), 2);
}

#[test]
fn an_intended_file_is_not_staged() {
    let place = two_versions();
    let mut index = place.git().index().unwrap();
    let mut entry = entry(b"api/new.proto", Mode::File, place.git().blob(b"").unwrap());
    entry.flags_extended = 1 << 13;
    index.add(&entry).unwrap();
    index.write().unwrap();
    let report = place.run("check :index :index --format json").json();
    assert_eq!(report["versions"][0]["files"], 1);
}

/// As in a partial clone, or after a disk failed.
#[test]
fn an_object_that_is_absent_is_named() {
    let blob = |place: &Place| place.git().revparse_single("v1:api/acme.proto").unwrap().id();
    let tree = |place: &Place| place.git().revparse_single("v1:api").unwrap().id();
    let place = two_versions();
    let id = blob(&place);
    fs::remove_file(object(&place, id)).unwrap();
    let said = ["the contents of `v1:api/acme.proto`", &id.to_string(), "`git fetch --refetch"];
    place.run("check v1 v2").gives_up(&said);
    assert_eq!(methods(&place, "v2"), 2);

    let place = two_versions();
    fs::remove_file(object(&place, tree(&place))).unwrap();
    place.run("check v1 v2").gives_up(&["the git repository cannot be read", "`git fsck`"]);

    let place = two_versions();
    let path = object(&place, blob(&place));
    fs::remove_file(&path).unwrap();
    fs::write(path, "damaged").unwrap();
    place.run("check v1 v2").gives_up(&["the contents of `v1:api/acme.proto`"]);
}

/// Where git keeps a loose object.
fn object(place: &Place, id: Oid) -> PathBuf {
    let id = id.to_string();
    place.git().path().join("objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn a_damaged_repository_is_told_from_none() {
    let place = two_versions();
    fs::write(place.git().path().join("config"), "[core\n").unwrap();
    place.run("check v1 v2").gives_up(&["cannot open the git repository", "configuration"]);
    let config = "[core]\n\trepositoryformatversion = 99\n";
    fs::write(place.git().path().join("config"), config).unwrap();
    place.run("check v1 v2").gives_up(&["cannot open the git repository", "`git archive`"]);
}

#[test]
fn a_name_that_leads_nowhere_is_told_from_one_that_is_not_there() {
    let place = two_versions();
    let folder = place.git().path().join("refs/tags");
    fs::write(folder.join("gone"), format!("{}\n", "1".repeat(40))).unwrap();
    place.run("check gone v2").gives_up(&["`gone`", "`git fsck`"]);
}

#[test]
fn a_folder_whose_name_is_not_utf8_hides_nothing() {
    let place = two_versions();
    let mut index = place.git().index().unwrap();
    let id = place.git().blob(proto(1).replace("acme.v1", "acme.v2").as_bytes()).unwrap();
    for path in [&b"caf\xe9/a.txt"[..], b"caf\xe9/b.proto", b"zebra/acme.proto"] {
        index.add(&entry(path, Mode::File, id)).unwrap();
    }
    index.write().unwrap();
    place.commit();
    for source in ["HEAD", ":index"] {
        let ran = place.run_with(&["check", source, source, "--format", "json"]);
        assert_eq!(ran.json()["versions"][0]["files"], 3, "{source}");
    }
}

#[test]
fn folders_may_be_nested_deeply() {
    let place = two_versions();
    let git = place.git();
    let mut tree = git.revparse_single("v1").unwrap().peel_to_tree().unwrap().id();
    for _ in 0..300 {
        let mut folder = git.treebuilder(None).unwrap();
        folder.insert("d", tree, 0o040_000).unwrap();
        tree = folder.write().unwrap();
    }
    assert_eq!(methods(&place, &tree.to_string()), 1);
    place.run(&format!("check {tree}:gone v1")).gives_up(&["`gone` does not exist"]);
}

#[test]
fn an_unborn_branch_has_no_merge_base() {
    let place = two_versions();
    place.git().set_head("refs/heads/unborn").unwrap();
    place.run("check").gives_up(&["HEAD has no commit yet", "`protoskew check BASE HEAD`"]);
}
