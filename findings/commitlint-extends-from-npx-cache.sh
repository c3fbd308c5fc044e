#!/usr/bin/env bash
# commitlint takes what a configuration extends from packages that npx has left in npm's cache, whatever ran them.
#
# Guess: a configuration that extends a package which is installed neither beside it nor globally fails on every machine.
# Seen with @commitlint/cli 20.5.0: it fails on a fresh machine only. After any run of npx that fetched the package, also
# another version and for another project, it is found in <npm cache>/_npx, and the newest folder there wins.
# What follows: a pipeline that passes on a used machine can fail on a clean one; install what a configuration extends.
# Source: @commitlint/resolve-extends, lib/index.js, resolveFromNpxCache.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir tool project
(cd tool && echo '{}' > package.json && npm install --silent --no-audit --no-fund @commitlint/cli@20.5.0)
echo 'module.exports = { extends: ["@commitlint/config-conventional"] };' > project/commitlint.config.cjs

export npm_config_cache="$folder/cache"
commitlint() { (cd project && echo "feat(x): add a thing" | node ../tool/node_modules/@commitlint/cli/cli.js > ../out 2>&1); }

commitlint && { echo "changed: it passes without the package"; exit 1; }
grep --quiet 'Cannot find module "@commitlint/config-conventional"' out || { cat out; exit 1; }
echo "fresh cache: $(grep --max-count 1 --only-matching 'Cannot find module[^.]*' out)"

# What `npx --package @commitlint/config-conventional@19.8.1 …` of any other project leaves behind.
npx --yes --package @commitlint/config-conventional@19.8.1 -- node --version > /dev/null
commitlint || { cat out; echo "changed: it no longer searches npx's cache"; exit 1; }
echo "after another project's npx: passes, by config-conventional of another major version"
