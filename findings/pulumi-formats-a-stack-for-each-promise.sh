#!/usr/bin/env bash
# @pulumi/pulumi formats a stack trace for each promise of its runtime, also when nothing will print it.
#
# Guess: the stack traces for PULUMI_DEBUG_PROMISE_LEAKS are made only with that variable.
# Seen with @pulumi/pulumi 3.259.0: debuggablePromise reads `new Error().stack` always, which formats it. One resource with
# five inputs costs about thirty. Node.js formats quickly, but whatever sets Error.prepareStackTrace is called each time:
# ts-node, by source-map-support, looks every frame up in a source map, a third of the CPU time of a program with 200
# resources.
# What follows: programs that run through a source map translator should leave these traces alone.
# Source: @pulumi/pulumi, runtime/debuggable.js.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @pulumi/pulumi@3.259.0
cat > program.js <<'END'
const pulumi = require("@pulumi/pulumi");
let formatted = 0;
Error.prepareStackTrace = (error, frames) => {
    if (frames[0]?.getFunctionName() === "debuggablePromise") formatted += 1;
    return error.message;
};
class Example extends pulumi.CustomResource {
    constructor(name) {
        super("example:index:Example", name, { a: 1, b: 2, c: 3, d: 4, e: 5 });
    }
}
(async () => {
    await pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: "1", state: inputs }), call: () => ({}) });
    const before = formatted;
    new Example("one");
    await pulumi.runtime.waitForRPCs?.();
    console.log(formatted - before);
    process.exit(0);
})();
END
count="$(env --unset PULUMI_DEBUG_PROMISE_LEAKS node program.js)"
echo "stack traces formatted for one resource, without PULUMI_DEBUG_PROMISE_LEAKS: $count"
[ "$count" -gt 0 ] || { echo "changed: none is formatted any more"; exit 1; }
