#!/usr/bin/env bash
# npm audit asks no registry and reports no vulnerability when .npmrc has offline=true.
#
# Guess: npm audit fails when it may not ask for advisories, as it does when the registry does not answer.
# Seen with npm 11.19.1: it ends with 0, and its report has auditReportVersion 2 and 0 vulnerabilities, as of a good
# audit; nothing in it says that nothing was asked. Without the setting, a registry that cannot be reached ends it with 1.
# What follows: a checked-in .npmrc can switch the audit off; pass --offline=false on the command line, which wins.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund npm@11.19.1
mkdir project
cd project
echo '{"name": "a", "version": "1.0.0", "dependencies": {"minimist": "0.0.8"}}' > package.json
npm install --silent --package-lock-only --no-audit --no-fund

# No registry answers at this address.
audit() {
    code=0
    ../node_modules/.bin/npm audit --json --fetch-retries=0 --registry=http://127.0.0.1:9 "$@" > out 2> /dev/null || code=$?
    echo "$code $(python3 -c 'import json; r = json.load(open("out")); print(r.get("auditReportVersion"), r.get("metadata", {}).get("vulnerabilities", {}).get("total"))')"
}

asked="$(audit)"
echo "offline=true" > .npmrc
offline="$(audit)"
overruled="$(audit --offline=false)"
echo "registry that does not answer: $asked; with offline=true: $offline; with --offline=false as well: $overruled"
[[ "$asked" == "1 None None" ]] || { echo "changed: npm audit without its registry"; exit 1; }
[[ "$offline" == "0 2 0" ]] || { echo "changed: npm audit with offline=true"; exit 1; }
[[ "$overruled" == "1 None None" ]] || { echo "changed: npm audit with --offline=false"; exit 1; }
