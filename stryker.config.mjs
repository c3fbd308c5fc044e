/** Mutation testing of the quality gates: weakening any one of them must make a test fail. */
export default {
    mutate: ["delivery/gates/**/*.ts"],
    plugins: ["@stryker-mutator/mocha-runner"],
    testRunner: "mocha",
    // The quick ones first, because the first failure ends a run; the matrix repeats what the others try.
    mochaOptions: {
        spec: [
            ...["list", "limits", "judgement", "admission", "deciding", "measured", "spoiled"].map(
                (name) => `test/delivery/gates/${name}.test.ts`,
            ),
            "test/delivery/attack/attack.test.ts",
        ],
        require: ["ts-node/register"],
    },
    coverageAnalysis: "perTest",
    // The two mutants that never end are found by time; a busy machine must not invent more.
    timeoutMS: 20_000,
    thresholds: { high: 100, low: 97, break: 95 },
    reporters: ["clear-text", "json", "html"],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    // Below the folder that git ignores.
    tempDirName: ".sandbox/mutation",
    jsonReporter: { fileName: ".sandbox/mutation.json" },
    htmlReporter: { fileName: ".sandbox/mutation.html" },
    ignorePatterns: [".sandbox", "build", "sandbox", "docs/*", "!docs/generate"],
};
