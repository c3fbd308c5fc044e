#!/usr/bin/env bash
# npm audit --json gives an empty error when the registry fails, and the reason beside it.
#
# Guess: error.summary of the JSON says why npm audit failed, as it does for a missing lockfile.
# Seen with npm 11.19.1: when the registry answers 503, error is { "summary": "", "detail": "" }, without a code; the
# reason is at the top level, in message and statusCode.
# What follows: programs that show error.summary show nothing in just the case in which a second try helps.
set -euo pipefail

folder="$(mktemp -d)"
cd "$folder"
cat > server.js <<'END'
const server = require("node:http").createServer((request, response) => response.writeHead(503).end("busy"));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
END
node server.js > port &
trap 'kill $!; rm -rf "$folder"' EXIT
until [ -s port ]; do sleep 0.1; done
mkdir tool sample
(cd tool && echo '{}' > package.json && npm install --silent --no-audit --no-fund npm@11.19.1)
cd sample
echo '{ "name": "sample", "version": "1.0.0", "dependencies": { "ms": "2.1.3" } }' > package.json
cat > package-lock.json <<'END'
{ "name": "sample", "version": "1.0.0", "lockfileVersion": 3, "packages": {
  "": { "name": "sample", "version": "1.0.0", "dependencies": { "ms": "2.1.3" } },
  "node_modules/ms": { "version": "2.1.3" } } }
END

audit() {
    node ../tool/node_modules/npm/bin/npm-cli.js audit --json --fetch-retries=0 --cache="$folder/cache" \
        --registry="http://127.0.0.1:$(cat ../port)/" > report.json 2> errors || true
    node -p 'const { error, statusCode, message } = JSON.parse(fs.readFileSync("report.json"));
        `error ${JSON.stringify(error)}, statusCode ${statusCode}, message ${message?.split(" - ")[0]}`'
}
busy="$(audit)"
rm package-lock.json
missing="$(audit)"
echo "registry fails:  $busy"
echo "no lockfile:     ${missing:0:110}"
[ "$busy" = 'error {"summary":"","detail":""}, statusCode 503, message 503 Service Unavailable' ] ||
    { echo "changed: when the registry fails"; exit 1; }
[[ "$missing" == *'"code":"ENOLOCK","summary":"This command requires'* ]] || { echo "changed: without a lockfile"; exit 1; }
