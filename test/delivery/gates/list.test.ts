import assert from "node:assert/strict";
import { gates } from "../../../delivery/gates";
import { hotfix, ids, merge, production, staging } from "./support/tables";

describe("The list of gates", () => {
    it("should be the specification's tables, in their order", () => {
        assert.deepEqual(
            gates.map((one) => [one.id, one.section, one.title, one.threshold]),
            [...merge, ...staging, ...production, ...hotfix],
        );
        const stages = { merge, staging, production, hotfix };
        for (const [stage, rows] of Object.entries(stages)) {
            assert.deepEqual(
                gates.filter((one) => one.stage === stage).map((one) => one.id),
                ids(rows),
            );
        }
    });

    it("should warn by incidents and by the size of a hotfix, and block by every other gate", () => {
        const warning = gates.filter((one) => one.level === "warning").map((one) => one.id);
        assert.deepEqual(warning, ["incident-count", "hotfix-size"]);
        assert.ok(gates.every((one) => one.level === "warning" || one.level === "blocking"));
    });

    it("should need the evidence that each threshold is about", () => {
        assert.deepEqual(Object.fromEntries(gates.map((one) => [one.id, one.needs])), {
            "code-lint": ["lint-backend", "lint-frontend"],
            "type-coverage": ["type-coverage-backend", "type-coverage-frontend"],
            "unit-tests": ["unit-backend", "unit-frontend"],
            "unit-coverage-backend": ["coverage-backend"],
            "unit-coverage-frontend": ["coverage-frontend"],
            "unit-test-duration": ["unit-backend", "unit-frontend"],
            "integration-tests": ["integration"],
            "end-to-end-tests": ["e2e-critical"],
            "end-to-end-duration": ["e2e-critical"],
            "critical-vulnerabilities": ["trivy", "npm-audit", "python-audit"],
            "high-vulnerabilities": ["trivy", "npm-audit", "python-audit"],
            "static-analysis": ["bandit", "eslint-security"],
            "code-review": ["code-review"],
            "build-success": ["build", "provenance"],
            "migration-status": ["migration-staging"],
            "staging-deployment": ["staging-deployment"],
            "smoke-tests": ["smoke", "staging-deployment"],
            "health-response": ["smoke"],
            "server-errors": ["smoke"],
            "staging-soak": ["soak", "staging-deployment"],
            "human-approval": ["approval", "code-review"],
            "rollback-plan": ["rollback-plan", "migration-staging"],
            "incident-count": ["incidents"],
            "hotfix-incident": ["hotfix", "incidents"],
            "hotfix-test": ["hotfix"],
            "hotfix-rollback": ["hotfix", "rollback-plan"],
            "hotfix-approval": ["approval", "code-review"],
            "hotfix-size": ["hotfix"],
            "hotfix-watch": ["hotfix"],
            "hotfix-monitoring": ["monitoring"],
        });
    });
});
