#!/usr/bin/env bash
# playwright merge-reports merges one of two shards without a word, and ends with 0 when tests failed.
#
# Guess: each blob names its shard and their number, so a merge fails, or says in its report, when one is missing; and it
# ends as the tests did.
# Seen with @playwright/test 1.65.1: of --shard=1/2 and --shard=2/2, the second with a failing test, the merge of the first
# alone ends with 0, and its JSON has shard null, no arguments and the passed test only. The merge of both ends with 0, too.
# What follows: a merged report is no evidence that all tests ran; run them in one command, or keep each shard's report.
# Source: playwright, packages/playwright/src/reporters/merge.ts.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --silent --no-audit --no-fund @playwright/test@1.65.1
echo 'const { test } = require("@playwright/test"); test("passes", () => {});' > a.spec.js
echo 'const { test, expect } = require("@playwright/test"); test("fails", () => { expect(1).toBe(2); });' > b.spec.js

codes=()
mkdir all first
for shard in 1 2; do
  code=0
  npx playwright test --shard="$shard/2" --reporter=blob > /dev/null 2>&1 || code=$?
  codes+=("$code")
  cp blob-report/*.zip all/
  [ "$shard" = 2 ] || cp blob-report/*.zip first/
done
merge() {
  code=0
  npx playwright merge-reports --reporter=json "$1" > "$1.json" 2> /dev/null || code=$?
  node -e '
    const { config, stats } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    console.log(`exit code ${process.argv[2]}, shard ${JSON.stringify(config.shard)}, ${(config.argv ?? []).length} arguments, ${stats.expected} passed, ${stats.unexpected} failed`);
  ' "$1.json" "$code"
}
first="$(merge first)"
all="$(merge all)"
echo "shards ended with ${codes[*]}; the first alone: $first; both: $all"
[ "${codes[*]}" = "0 1" ] || { echo "changed: the shards"; exit 1; }
[ "$first" = "exit code 0, shard null, 0 arguments, 1 passed, 0 failed" ] || { echo "changed: the merge of one"; exit 1; }
[ "$all" = "exit code 0, shard null, 0 arguments, 1 passed, 1 failed" ] || { echo "changed: the merge of both"; exit 1; }
