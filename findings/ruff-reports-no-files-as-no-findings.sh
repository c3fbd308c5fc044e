#!/usr/bin/env bash
# ruff check writes the same JSON, and ends with the same exit code, for no file at all as for files without findings.
#
# Guess: a wrong folder, or one without Python files, is an error, as it is for mypy.
# Seen with ruff 0.17.6: "[]" and exit code 0; that there was no file is only a warning on standard error. mypy 2.4.1 ends
# with 2 in the same folder. With a pyproject.toml in the folder, there is no warning either: --show-files lists it as the one
# file to check.
# What follows: count the files of Python in ruff check --show-files where an empty report counts for something.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ruff==0.17.6 mypy==2.4.1
mkdir none clean settings
printf '[project]\nname = "a"\nversion = "1"\n' > settings/pyproject.toml
echo 'text' > none/a.txt
echo 'SIZE = 1' > clean/a.py

run() {
    local code=0
    env/bin/ruff check --no-cache --output-format json "$1" 2> "$1.errors" || code=$?
    echo ", exit code $code"
}
none="$(run none)"
clean="$(run clean)"
echo "no file:  $none ($(head -1 none.errors))"
echo "one file: $clean"
[ "$none" = "$clean" ] || { echo "changed: they differ"; exit 1; }
grep --quiet 'No Python files found' none.errors || { cat none.errors; echo "changed: the warning"; exit 1; }
settings="$(run settings)"
listed="$(env/bin/ruff check --no-cache --show-files settings)"
echo "settings: $settings ($(wc --lines < settings.errors) lines on standard error), --show-files: $(basename "$listed")"
[ "$settings" = "$clean" ] || { echo "changed: they differ"; exit 1; }
if grep --quiet 'No Python files found' settings.errors; then echo "changed: a warning"; exit 1; fi
[ "$(basename "$listed")" = pyproject.toml ] || { echo "changed: what is listed"; exit 1; }
code=0
env/bin/mypy none > out 2>&1 || code=$?
echo "mypy:     $(head -1 out), exit code $code"
[ "$code" = 2 ] || { echo "changed: mypy's exit code"; exit 1; }
