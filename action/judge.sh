#!/usr/bin/env bash
# Puts the inputs into the arguments of `protoskew ci github`, or `protoskew checklist`. Works with the bash 3.2 of macOS.
set -euo pipefail

folder=$RUNNER_TEMP/protoskew
mkdir -p "$folder"
arguments=()
[ -z "$CONFIG" ] || arguments+=("--config=$CONFIG")
while IFS= read -r argument; do
  [ -z "$argument" ] || arguments+=("$argument")
done <<<"$ARGS"
case "$MODE" in
  check) ;;
  checklist)
    "$PROTOSKEW" checklist "--release=${HEAD:-${GITHUB_REF_NAME:-}}" \
      "--output=$folder/checklist.md" ${arguments[@]+"${arguments[@]}"}
    cat "$folder/checklist.md" >>"$GITHUB_STEP_SUMMARY"
    echo "checklist=$folder/checklist.md" >>"$GITHUB_OUTPUT"
    exit 0
    ;;
  *)
    echo "::error title=protoskew::the input 'mode' is neither 'check' nor 'checklist'"
    exit 2
    ;;
esac
arguments+=(--json "$folder/report.json" --sarif "$folder/report.sarif")
[ -z "$BASE" ] || arguments+=("--base=$BASE")
[ -z "$HEAD" ] || arguments+=("--head=$HEAD")
[ -z "$PAIRING" ] || arguments+=("--pairing=$PAIRING")
[ -z "$FAIL_ON" ] || arguments+=("--fail-on=$FAIL_ON")
exec "$PROTOSKEW" ci github "${arguments[@]}"
