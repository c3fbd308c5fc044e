#!/usr/bin/env bash
# From pytest-rerunfailures 16.6 to 16.6.1, a JUnit report has one test case per attempt, none of them a failure.
#
# Guess: a patch release of a plugin does not change how many test cases a report has.
# Seen with pytest 9.2.0: a test that passes at its second attempt is one case with 16.6, and two equal cases, both without
# a failure, with 16.6.1. The suite still says tests="1".
# What follows: tools that ask for distinct names refuse the newer report; those that add up cases count a test twice.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > test_sample.py <<'END'
calls = []

def test_flaky():
    calls.append(1)
    assert len(calls) > 1
END

attempts() {
    python3 -m venv "env-$1"
    "env-$1/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 "pytest-rerunfailures==$1"
    "env-$1/bin/pytest" --quiet --reruns=2 --junitxml="report-$1.xml" > out || { cat out; exit 1; }
    grep --only-matching '<testcase ' "report-$1.xml" | wc --lines
}
before="$(attempts 16.6)"
after="$(attempts 16.6.1)"
echo "cases of one test with one rerun: $before with 16.6, $after with 16.6.1"
[ "$before" = 1 ] && [ "$after" = 2 ] || { echo "changed"; exit 1; }
grep --quiet ' tests="1"' report-16.6.1.xml || { echo "changed: the counter"; exit 1; }
if grep --quiet '<failure' report-16.6.1.xml; then echo "changed: an attempt is a failure"; exit 1; fi
