#!/usr/bin/env bash
# coverage.py's XML report lists one of two files of the same name in two source folders, and counts the lines of both.
#
# Guess: the lines of an XML report add up to the totals at its top.
# Seen with coverage 7.17.4: for app/util.py and lib/util.py, measured with source = app, lib, the report has one class
# util.py; lines-valid has the lines of both. The command says nothing.
# What follows: services that show coverage by file show one file less; measure one common folder (source = .), or set
# source_pkgs.
# Source: coverage.py, coverage/xmlreport.py; coverage.py issues 1291 and 1508.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check coverage==7.17.4
mkdir app lib
printf 'A = 1\nB = 2\nC = 3\n' > app/util.py
printf 'D = 4\n' > lib/util.py
printf 'import app.util\nimport lib.util\n' > main.py

numbers() {
    printf '[run]\nsource = %s\n' "$1" > .coveragerc
    env/bin/coverage run main.py
    env/bin/coverage xml --quiet -o report.xml
    echo "$(grep --only-matching 'lines-valid="[0-9]*"' report.xml), $(grep --count 'name="util.py"' report.xml) util.py"
}
two="$(numbers app,lib)"
one="$(numbers .)"
echo "two sources: $two"
echo "one source:  $one"
[ "$two" = 'lines-valid="4", 1 util.py' ] || { echo "changed: with two sources"; exit 1; }
[ "$one" = 'lines-valid="6", 2 util.py' ] || { echo "changed: with one source"; exit 1; }
