// The convention of the specification's section 2: <type>(<scope>): <subject>.
export default {
    extends: ["@commitlint/config-conventional"],
    rules: {
        "type-enum": [2, "always", ["feat", "fix", "docs", "style", "refactor", "test", "chore"]],
        "scope-empty": [2, "never"],
    },
};
