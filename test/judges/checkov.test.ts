import * as assert from "node:assert/strict";
import { reported } from "./checkov";

const report = (type: string, resources: readonly string[], summary: object = {}) => ({
    check_type: type,
    summary: { passed: 3, failed: resources.length, parsing_errors: 0, ...summary },
    results: {
        failed_checks: resources.map((resource) => ({ check_id: "CKV_1", check_name: "Ensure it", resource })),
    },
});
const read = (...reports: object[]) => reported(JSON.stringify(reports));

describe("checkov's report", () => {
    it("should give each failure once, and the number of checks that pass", () => {
        const failed = (resource: string) => ({ check: "CKV_1", title: "Ensure it", resource });
        assert.deepEqual(read(report("kubernetes", ["a", "a"]), report("terraform_plan", ["b"])), {
            failures: [failed("a"), failed("b")],
            passed: 6,
        });
    });

    it("should be refused when a framework was not judged, or not as a whole", () => {
        const kubernetes = report("kubernetes", []);
        const nothing = { message: "checkov has judged nothing of terraform_plan." };
        // What checkov prints when it finds nothing to judge.
        assert.throws(() => reported('{"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0}'), {
            message: "checkov has judged nothing of kubernetes.",
        });
        assert.throws(() => reported(JSON.stringify(kubernetes)), nothing);
        assert.throws(() => read(kubernetes, report("terraform_plan", [], { passed: 0 })), nothing);
        assert.throws(() => read(kubernetes, report("terraform_plan", [], { parsing_errors: 1 })), {
            message: "checkov can't read a file of terraform_plan.",
        });
    });
});
