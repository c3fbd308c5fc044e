// The convention of the specification's section 2: <type>(<scope>): <subject>.
const types = ["feat", "fix", "docs", "style", "refactor", "test", "chore"];

// What GitHub, and git, write about a change that is taken back or made again: its whole title in quotes. commitlint's
// own ignores would let through any "Revert …", "fixup! …", "Merged PR 1: …" and bare versions.
const revert = new RegExp(`^(?:(?:Revert|Reapply) ")+(?:${types.join("|")})\\([^()]+\\)!?: .+"$`);

// Dependabot's titles have any length, with the names of packages and folders in them.
const bump = /^chore\(deps(?:-dev)?\): bump \S.*$/;

export default {
    extends: ["@commitlint/config-conventional"],
    defaultIgnores: false,
    ignores: [revert, bump].map((known) => (message) => known.test(message.split("\n", 1)[0])),
    rules: {
        "type-enum": [2, "always", types],
        "scope-empty": [2, "never"],
    },
};
