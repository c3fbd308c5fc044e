#!/usr/bin/env bash
# A pytest run that ended with 0 has failures in its JUnit report, when a subtest failed before its test was rerun.
#
# Guess: a report of a run that ended with 0 counts no failure. An attempt that is rerun lists none, after all.
# Seen with pytest 9.2.0 and pytest-rerunfailures 16.7: a test with one subtest fails at first and passes when it is rerun.
# pytest prints "1 passed" and ends with 0; its report has failures="1", and a <failure> in the first attempt.
# What follows: what reads the report alone calls a good run failed. The last attempt decides, and the exit code.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-rerunfailures==16.7
cat > test_sample.py <<'END'
calls = []

def test_sizes(subtests):
    calls.append(1)
    with subtests.test(size=1):
        assert len(calls) > 1
END

code=0
env/bin/pytest --quiet --reruns=2 --junitxml=report.xml > out || code=$?
failures="$(grep --only-matching ' failures="[0-9]*"' report.xml)"
echo "exit code $code,$failures; $(tail -n 1 out)"
[ "$code" = 0 ] || { echo "changed: the run"; exit 1; }
[ "$failures" = ' failures="1"' ] || { echo "changed: the counter"; exit 1; }
[ "$(grep --only-matching '<testcase ' report.xml | wc --lines)" = 2 ] || { echo "changed: the attempts"; exit 1; }
grep --quiet '<failure ' report.xml || { echo "changed: the first attempt"; exit 1; }
