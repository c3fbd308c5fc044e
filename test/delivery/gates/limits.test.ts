import assert from "node:assert/strict";
import { limits, stricterLimits } from "../../../delivery/gates";
import { evidence, judge } from "./support/world";

describe("The gates' limits", () => {
    it("should be the specification's, unless stricter ones are configured", () => {
        assert.deepEqual(
            stricterLimits(),
            Object.fromEntries(Object.entries(limits).map(([name, one]) => [name, one.value])),
        );
        assert.equal(stricterLimits({ soakSeconds: 86_400 }).soakSeconds, 86_400);
        assert.equal(stricterLimits({ soakSeconds: 14_400 }).soakSeconds, 14_400);
        assert.equal(stricterLimits({ scanAgeHours: 24 }).scanAgeHours, 24);
        assert.equal(stricterLimits({ scanAgeHours: 0 }).scanAgeHours, 0);
        assert.equal(stricterLimits({ incidents: 1 }).soakSeconds, 14_400);
    });

    it("should have the specification's numbers, a direction and a reason", () => {
        assert.deepEqual(
            Object.fromEntries(Object.entries(limits).map(([name, one]) => [name, [one.value, one.stricter]])),
            {
                typeCoveragePercent: [90, "higher"],
                backendCoveragePercent: [90, "higher"],
                frontendCoveragePercent: [80, "higher"],
                unitTestSeconds: [300, "lower"],
                criticalPathSeconds: [600, "lower"],
                criticalPaths: [5, "higher"],
                reviewApprovals: [1, "higher"],
                healthSeconds: [1, "lower"],
                skippedTestPercent: [10, "lower"],
                coverageLines: [10, "higher"],
                smokeTests: [3, "higher"],
                soakSeconds: [14_400, "higher"],
                soakRequests: [1, "higher"],
                incidents: [2, "lower"],
                incidentDays: [7, "higher"],
                hotfixFiles: [1, "lower"],
                monitoringSeconds: [3600, "higher"],
                monitoringErrorPercent: [1, "lower"],
                monitoringUnhealthyPercent: [20, "lower"],
                pipelineAgeHours: [336, "lower"],
                scanAgeHours: [24, "lower"],
                scanDatabaseAgeHours: [48, "lower"],
                stagingAgeHours: [168, "lower"],
                approvalAgeHours: [24, "lower"],
                rollbackAgeHours: [336, "lower"],
                rollbackTestAgeHours: [2160, "lower"],
                incidentAgeHours: [1, "lower"],
                hotfixAgeHours: [24, "lower"],
                monitoringAgeHours: [24, "lower"],
                admissionAgeHours: [8760, "lower"],
                clockSkewSeconds: [60, "lower"],
            },
        );
        for (const [name, { why }] of Object.entries(limits)) assert.match(why, /^[A-Z].{20,}\.$/, name);
    });

    const looser: [string, unknown, string][] = [
        ["soakSeconds", 14_399, "14399; accepted: a number of at least 14400"],
        ["scanAgeHours", 25, "25; accepted: a number of at most 24 and at least 0"],
        ["scanAgeHours", -1, "-1; accepted: a number of at most 24 and at least 0"],
        ["scanAgeHours", "1", '"1"; accepted: a number of at most 24 and at least 0'],
        ["soakSeconds", Infinity, "null; accepted: a number of at least 14400"],
        ["healthSeconds", Number.NaN, "null; accepted: a number of at most 1 and at least 0"],
    ];
    for (const [name, value, problem] of looser) {
        it(`should refuse ${typeof value === "string" ? JSON.stringify(value) : String(value)} for ${name}`, () => {
            assert.throws(() => stricterLimits({ [name]: value }), {
                message: `Limit ${name} is ${problem}. Gates can only be made stricter.`,
            });
        });
    }

    it("should refuse an unknown name", () => {
        assert.throws(() => judge(evidence(), { limits: { soakHours: 5 } }), {
            message: `There is no limit "soakHours"; accepted: ${Object.keys(limits).join(", ")}.`,
        });
    });
});
