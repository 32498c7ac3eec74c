#!/usr/bin/env bash
# Finds a protoskew, downloads that of the release and verifies it, or builds it from this source,
# and says where it is. Works with the bash 3.2 of macOS.
set -euo pipefail

found() {
  echo "binary=$1" >>"$GITHUB_OUTPUT"
  echo "$2: $("$1" --version)"
  exit 0
}
fail() {
  echo "::error title=protoskew::$1"
  exit 1
}

if [ -n "$BINARY" ]; then
  path=$(command -v -- "$BINARY") || fail "the input 'binary' names no program"
  found "$path" "as named"
fi

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) target= ;;
esac
folder=$RUNNER_TEMP/protoskew
mkdir -p "$folder"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ACTION_PATH/Cargo.toml" | head -n 1)
exe=
[ "$RUNNER_OS" != Windows ] || exe=.exe

download() {
  curl --fail --silent --show-error --location --retry 3 --max-time 300 \
    --output "$folder/$1" "$RELEASES/v$version/$1"
}
checksum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum --algorithm 256 "$1"; fi |
    cut -d ' ' -f 1
}
# A tag is that of a release; a commit may be, and the release says so. Any other source has no
# binary of its own.
is_released() {
  case "$ACTION_REF" in
    v[0-9]*) return 0 ;;
  esac
  [ ${#ACTION_REF} -eq 40 ] && download COMMIT && [ "$(cat "$folder/COMMIT")" = "$ACTION_REF" ]
}

if [ -n "$target" ] && is_released; then
  archive=protoskew-$target.tar.gz
  if download SHA256SUMS && download "$archive"; then
    expected=$(awk -v name="$archive" '$2 == name { print $1 }' "$folder/SHA256SUMS")
    actual=$(checksum "$folder/$archive")
    [ -n "$expected" ] || fail "SHA256SUMS of v$version does not list $archive"
    [ "$expected" = "$actual" ] || fail "$archive of v$version has the checksum $actual, and not $expected"
    tar -xzf "$folder/$archive" -C "$folder"
    found "$folder/protoskew$exe" "v$version, downloaded"
  fi
  echo "protoskew v$version could not be downloaded for $target"
fi

command -v cargo >/dev/null ||
  fail "there is no binary for this platform or source, and no cargo to build one; see the input 'binary'"
cargo install --locked --quiet --path "$ACTION_PATH" --root "$folder" --force
found "$folder/bin/protoskew$exe" "built from source"
