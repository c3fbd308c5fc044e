#!/usr/bin/env bash
# pytest's JUnit report counts each subtest that passed as a test, but has no test case for it.
#
# Guess: tests of a suite is the number of its test cases.
# Seen with pytest 9.2.0: two tests, one with three subtests, give tests="5" and two cases. unittest's self.subTest does
# the same.
# What follows: a check that compares the counter with the cases, to find a report that was cut, refuses good runs.
# Source: pytest, src/_pytest/junitxml.py; pytest issue 13876.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0
cat > test_sample.py <<'END'
def test_sizes(subtests):
    for size in range(3):
        with subtests.test(size=size):
            assert size >= 0

def test_plain():
    pass
END

env/bin/pytest --quiet --junitxml=report.xml > out || { cat out; exit 1; }
counted="$(grep --only-matching ' tests="[0-9]*"' report.xml)"
listed="$(grep --only-matching '<testcase ' report.xml | wc --lines)"
echo "counted:$counted, listed: $listed cases"
[ "$counted" = ' tests="5"' ] && [ "$listed" = 2 ] || { echo "changed"; exit 1; }
