import * as assert from "node:assert/strict";
import { judge } from "./decisions";

const failure = (check: string, resource: string) => ({ check, resource, title: `Ensure ${check}` });
const probe = failure("CKV_K8S_8", "Deployment.relaypacs-prod.backend");
const decision = { check: probe.check, resources: ["Deployment.relaypacs-*.backend"], reason: "No address for it." };

describe("What is decided about outside judges' findings", () => {
    it("should cover a failure of its check on a resource that it names", () => {
        assert.deepEqual(judge([probe], [decision]), {
            decided: [{ decision, failures: [probe] }],
            undecided: [],
            outdated: [],
        });
    });

    it("should cover no other check, and no other resource", () => {
        const others = [
            failure("CKV_K8S_9", probe.resource),
            failure(probe.check, "Deployment.relaypacs-prod.frontend"),
            failure(probe.check, `a ${probe.resource}`),
            failure(probe.check, `${probe.resource}-2`),
            failure(probe.check, probe.resource.replaceAll(".", "-")),
        ];
        assert.deepEqual(judge([probe, ...others], [decision]).undecided, others);
    });

    it("should be outdated resource by resource", () => {
        const both = { ...decision, resources: [...decision.resources, "Deployment.*.frontend"] };
        assert.deepEqual(judge([probe], [both]).outdated, [
            "CKV_K8S_8 no longer fails for Deployment.*.frontend: delete the decision.",
        ]);
        assert.deepEqual(judge([], [decision]).outdated, [
            "CKV_K8S_8 no longer fails for Deployment.relaypacs-*.backend: delete the decision.",
        ]);
    });
});
