#!/usr/bin/env bash
# Puts the inputs into the arguments of `protoskew ci github`. Works with the bash 3.2 of macOS.
set -euo pipefail

folder=$RUNNER_TEMP/protoskew
mkdir -p "$folder"
arguments=(--json "$folder/report.json" --sarif "$folder/report.sarif")
[ -z "$BASE" ] || arguments+=("--base=$BASE")
[ -z "$HEAD" ] || arguments+=("--head=$HEAD")
[ -z "$PAIRING" ] || arguments+=("--pairing=$PAIRING")
[ -z "$FAIL_ON" ] || arguments+=("--fail-on=$FAIL_ON")
[ -z "$CONFIG" ] || arguments+=("--config=$CONFIG")
while IFS= read -r argument; do
  [ -z "$argument" ] || arguments+=("$argument")
done <<<"$ARGS"
exec "$PROTOSKEW" ci github "${arguments[@]}"
