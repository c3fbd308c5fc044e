#!/usr/bin/env bash
# Vitest fails a run for an unhandled error, and writes a JUnit report without any failure.
#
# Guess: what makes Vitest end with 1 is in its reports.
# Seen with vitest 4.1.11 and 3.2.4: "Vitest caught 1 unhandled error during the test run. This might cause false positive
# tests", exit code 1, and in the report two tests, failures="0" errors="0". Vitest 5 lists the error as a suite of its own.
# What follows: keep the exit code beside the report.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

for version in 4.1.11 3.2.4; do
    mkdir "$version"
    (
        cd "$version"
        echo '{ "private": true, "type": "module" }' > package.json
        npm install --silent --no-audit --no-fund "vitest@$version"
        cat > sample.test.js <<'END'
import { test } from "vitest";
test("starts something", () => { setTimeout(() => { throw new Error("late"); }, 0); });
test("waits", () => new Promise((resolve) => setTimeout(resolve, 100)));
END
        code=0
        NO_COLOR=1 npx vitest run --reporter=junit --outputFile=report.xml > out 2>&1 || code=$?
        counters="$(grep --only-matching '<testsuites [^>]*errors="[0-9]*"' report.xml)"
        echo "vitest $version: exit code $code, $counters"
        [ "$code" = 1 ] || { cat out; echo "changed: the exit code"; exit 1; }
        [[ "$counters" == *'tests="2" failures="0" errors="0"' ]] || { echo "changed: the report"; exit 1; }
    )
done
