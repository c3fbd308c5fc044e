#!/usr/bin/env bash
# prettier --check of a folder in which it has no file to check says "All matched files use Prettier code style!".
#
# Guess: a folder without a supported file is an error, as a pattern without a match is.
# Seen with prettier 3.10.1: exit code 0 and the sentence of a good run, for a folder with files that have no parser. For a
# folder that does not exist, exit code 2.
# What follows: a check of the wrong folder is always green; name a file that must exist beside it.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund prettier@3.10.1
mkdir notes
echo 'text' > notes/a.unknown

check() {
    local code=0
    NO_COLOR=1 npx prettier --check "$1" > out 2>&1 || code=$?
    echo "exit code $code: $(tail -1 out)"
}
nothing="$(check notes)"
missing="$(check nowhere)"
echo "no file to check: $nothing"
echo "no such folder:   $missing"
[ "$nothing" = "exit code 0: All matched files use Prettier code style!" ] || { echo "changed: without files"; exit 1; }
[[ "$missing" == "exit code 2: "* ]] || { echo "changed: without the folder"; exit 1; }
