#!/usr/bin/env bash
# Fetches what the comparison needs and a shallow checkout lacks, and no more. What cannot be had
# is said when it is missed. Works with the bash 3.2 of macOS.
set -euo pipefail

wanted=(${BASE:+--base="$BASE"})
[ "$MODE" != checklist ] || wanted=(--releases)
before=
while true; do
  arguments=()
  while IFS= read -r argument; do
    arguments+=("${argument%$'\r'}")
  done < <("$PROTOSKEW" ci github --missing ${wanted[@]+"${wanted[@]}"})
  [ ${#arguments[@]} -gt 0 ] || exit 0
  # What one fetch did not bring, another will not.
  [ "${arguments[*]}" != "$before" ] || exit 0
  before=${arguments[*]}
  echo "git fetch ${arguments[*]}"
  git fetch "${arguments[@]}" || exit 0
done
