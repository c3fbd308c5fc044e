import { reporters, type MochaOptions, type Runner } from "mocha";

/** Mocha's list of tests, closed by one line that any continuous integration can read: "12 passed, 0 failed". */
export = class extends reporters.Spec {
    constructor(runner: Runner, options: MochaOptions) {
        super(runner, options);
        runner.once("end", () => {
            const { passes, failures, pending } = this.stats;
            process.stdout.write(`\n${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}\n`);
        });
    }
};
