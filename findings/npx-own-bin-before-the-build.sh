#!/usr/bin/env bash
# npx of a project's own bin, called once before the build has made the file, goes on failing after the build.
#
# Guess: `npx NAME` looks the file up at each call, so it works as soon as the build has made what "bin" names.
# Seen with npm 11.19.1: the first call links the project into npx's cache without the missing file, and each later call
# takes that link: "sh: 1: NAME: not found". npm 10.8.2 works after the build.
# What follows: name a file in "bin" that is in version control and starts what the build makes; or make the command a
# workspace of the project, which `npm install` links into node_modules/.bin.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir tools
(cd tools && echo '{}' > package.json && npm install --silent --no-audit --no-fund old@npm:npm@10.8.2 new@npm:npm@11.19.1)

attempt() {
    local cli="$folder/tools/node_modules/$1/bin/npx-cli.js"
    mkdir "$folder/$1"
    cd "$folder/$1"
    export npm_config_cache="$folder/cache-$1"
    echo '{ "name": "sample-greeting", "version": "1.0.0", "bin": { "sample-greeting": "build/main.js" } }' > package.json
    node "$cli" --yes sample-greeting > before.txt 2>&1 && return 2
    mkdir build
    printf '#!/usr/bin/env node\nconsole.log("hello");\n' > build/main.js
    node "$cli" --yes sample-greeting > after.txt 2>&1
}

(attempt old) || { cat old/after.txt; echo "changed: npm 10.8.2 fails after the build"; exit 1; }
echo "npm 10.8.2, after the build: $(cat old/after.txt)"
(attempt new) && { echo "changed: npm 11.19.1 works after the build"; exit 1; }
grep --quiet "not found" new/after.txt || { cat new/after.txt; exit 1; }
echo "npm 11.19.1, after the build: $(grep --max-count 1 "not found" new/after.txt)"
