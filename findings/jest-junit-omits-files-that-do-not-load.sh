#!/usr/bin/env bash
# jest-junit's report has no trace of a test file that could not be loaded, and no failure.
#
# Guess: a run that Jest ends with "Test Suites: 1 failed" and exit code 1 has a failure or an error in its JUnit report.
# Seen with jest 30.5.2 and jest-junit 17.0.0: by default the file is left out, with failures="0" and errors="0". Only the
# setting reportTestSuiteErrors lists it.
# What follows: set JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true, and keep Jest's exit code beside the report.
# Source: jest-junit, utils/buildJsonResults.js, noResults.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund jest@30.5.2 jest-junit@17.0.0
echo 'require("./nothing"); test("a", () => {});' > a.test.js
echo 'test("b", () => {});' > b.test.js

code=0
npx jest --ci --reporters=jest-junit > /dev/null 2>&1 || code=$?
echo "default: exit code $code, $(grep --only-matching '<testsuites [^>]*errors="[0-9]*"' junit.xml)"
[ "$code" = 1 ] || { echo "changed: Jest's exit code"; exit 1; }
grep --quiet 'tests="1" failures="0" errors="0"' junit.xml || { echo "changed: the counters"; exit 1; }
if grep --quiet 'a.test.js' junit.xml; then echo "changed: the file is in the report"; exit 1; fi

JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true npx jest --ci --reporters=jest-junit > /dev/null 2>&1 || true
grep --quiet 'a.test.js' junit.xml || { echo "changed: the setting does not list the file"; exit 1; }
echo "with reportTestSuiteErrors: the file is in the report"
