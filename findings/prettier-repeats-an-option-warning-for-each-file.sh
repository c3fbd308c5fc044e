#!/usr/bin/env bash
# prettier --check warns about an unknown option once for each file and more, in the form in which it names bad files.
#
# Guess: a mistake in .prettierrc is said once, and a line "[warn] …" of --check names a file that is not formatted.
# Seen with prettier 3.10.1: two good files under one .prettierrc with an unknown option give three or more lines
# "[warn] Ignored unknown option { fooBar: 1 }." before "All matched files use Prettier code style!", and exit code 0.
# What follows: a script that counts the lines with [warn] finds unformatted files where there are none.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund prettier@3.10.1
mkdir sample
echo '{ "fooBar": 1 }' > sample/.prettierrc
echo 'export const a = 1;' > sample/a.js
echo 'export const b = 1;' > sample/b.js

code=0
NO_COLOR=1 npx prettier --check sample > out 2>&1 || code=$?
cat out
[ "$code" = 0 ] || { echo "changed: the exit code"; exit 1; }
[ "$(grep --count --fixed-strings '[warn] Ignored unknown option { fooBar: 1 }.' out)" -ge 2 ] ||
    { echo "changed: the option is named once"; exit 1; }
tail -1 out | grep --quiet 'All matched files use Prettier code style!' || { echo "changed: the summary"; exit 1; }
