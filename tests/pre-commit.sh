#!/usr/bin/env bash
# Runs the real pre-commit (https://pre-commit.com) against a scratch repository.
#
# pre-commit is the one on PATH, or one that is put into target/; without either, or without git,
# the script says that it did not run. It uses the program that cargo built last; given
# `SOURCE_HOOK=1` it also has pre-commit build the source hook, which takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
target=${CARGO_TARGET_DIR:-$top/target}

did_not_run() {
  echo "pre-commit.sh: did not run: $1"
  exit 0
}
command -v git >/dev/null || did_not_run "git is not installed"
pre_commit=$(command -v pre-commit || true)
if [ -z "$pre_commit" ]; then
  venv=$target/pre-commit
  # One that was moved, or whose python is gone, is made anew.
  "$venv/bin/pre-commit" --version >/dev/null 2>&1 || {
    python3 -m venv --clear "$venv" && "$venv/bin/pip" install --quiet pre-commit==4.7.0
  } >/dev/null 2>&1 || did_not_run "pre-commit is not installed, and cannot be"
  pre_commit=$venv/bin/pre-commit
fi
cargo build --quiet --locked
export PATH=$target/debug:$PATH

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Nobody's configuration, and nobody's cache, but for what cargo needs.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$scratch/home PRE_COMMIT_HOME=$scratch/cache GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=tester GIT_AUTHOR_EMAIL=tester@example.com
export GIT_COMMITTER_NAME=tester GIT_COMMITTER_EMAIL=tester@example.com
export NO_COLOR=1 PRE_COMMIT_COLOR=never
mkdir "$HOME"
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

# The hooks, as a repository that pre-commit can clone.
hooks=$scratch/hooks
mkdir "$hooks"
cp .pre-commit-hooks.yaml "$hooks"
if [ -n "${SOURCE_HOOK:-}" ]; then
  git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$hooks"
fi
git -C "$hooks" init --quiet --initial-branch main
git -C "$hooks" add --all
git -C "$hooks" commit --quiet --message hooks
rev=$(git -C "$hooks" rev-parse HEAD)

manager() {
  printf 'syntax = "proto3";\npackage acme.v1;\n\n// %s\nservice Manager {\n' "$1"
  shift
  printf '  rpc %s(Empty) returns (Empty);\n' "$@"
  printf '}\n\nmessage Empty {}\n'
}
count=0
passed() {
  count=$((count + 1))
  echo "ok $count - $1"
}
fail() {
  echo "not ok - $1"
  cat "$scratch/log"
  exit 1
}
passes() {
  local name=$1
  shift
  "$@" >"$scratch/log" 2>&1 || fail "$name"
  passed "$name"
}
refused() {
  local name=$1 said=$2
  shift 2
  ! "$@" >"$scratch/log" 2>&1 || fail "$name: it was let through"
  grep --quiet --fixed-strings -- "$said" "$scratch/log" || fail "$name: no '$said'"
  passed "$name"
}
said() {
  grep --quiet --fixed-strings -- "$2" "$scratch/log" || fail "$1: no '$2'"
  passed "$1"
}

try() {
  local id=$1 repo=$scratch/$1
  git init --quiet --initial-branch main "$repo"
  cd "$repo"
  git init --quiet --bare "$repo.git"
  git remote add origin "$repo.git"
  printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: %s\n' "$hooks" "$rev" "$id" \
    >.pre-commit-config.yaml
  manager "The first" Arrive Leave >manager.proto
  git add --all
  passes "$id: hooks are installed" \
    "$pre_commit" install --hook-type pre-commit --hook-type pre-push
  passes "$id: the first commit passes" git commit --message first
  passes "$id: the first push passes" git push --quiet --set-upstream origin main

  manager "Said better" Arrive Leave >manager.proto
  passes "$id: a harmless commit passes" git commit --all --message harmless
  said "$id: and was judged" "Passed"

  manager "Gone" Arrive >manager.proto
  refused "$id: a breaking commit is refused" "/acme.v1.Manager/Leave" \
    git commit --all --message breaking
  said "$id: and the reason is given" "rpc-unimplemented"
  git checkout --quiet HEAD -- manager.proto

  # What is staged counts, not what lies about.
  manager "Half" Arrive >manager.proto
  git add manager.proto
  manager "Half" Arrive Leave >manager.proto
  refused "$id: a breaking change in the index is refused" "/acme.v1.Manager/Leave" \
    git commit --message staged
  git reset --quiet --hard

  echo "Hello" >README
  git add README
  passes "$id: an unrelated commit passes" git commit --message unrelated
  said "$id: and nothing was run for it" "Skipped"

  manager "Past the hook" Arrive >manager.proto
  git commit --quiet --all --no-verify --message breaking
  refused "$id: a breaking push is refused" "/acme.v1.Manager/Leave" git push
  git reset --quiet --hard HEAD~1
  passes "$id: a harmless push passes" git push --quiet
  cd "$top"
}

try protoskew-system
if [ -n "${SOURCE_HOOK:-}" ]; then
  try protoskew
else
  echo "the source hook did not run: SOURCE_HOOK=1 has it built"
fi
echo "pre-commit.sh: $count passed, 0 failed"
