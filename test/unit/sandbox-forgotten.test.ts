import * as assert from "node:assert/strict";
import { forget } from "../../sandbox/forgotten";

describe("a state whose cloud has forgotten everything", () => {
    const key = "urn:pulumi:staging::relaypacs::aws:kms/key:Key::key";
    const secret = "urn:pulumi:staging::relaypacs::kubernetes:core/v1:Secret::secret";
    const stack = {
        version: 3,
        deployment: {
            manifest: {},
            resources: [
                { urn: "urn:provider", type: "pulumi:providers:aws", id: "1" },
                { urn: key, type: "aws:kms/key:Key", id: "2" },
                {
                    urn: secret,
                    type: "kubernetes:core/v1:Secret",
                    id: "3",
                    dependencies: ["urn:provider", key],
                    propertyDependencies: { metadata: [], stringData: [key] },
                },
            ],
        },
    };

    it("loses that cloud's resources, and nothing else", () => {
        assert.deepEqual(forget(stack, "aws"), {
            version: 3,
            deployment: {
                manifest: {},
                resources: [
                    stack.deployment.resources[0],
                    {
                        ...stack.deployment.resources[2],
                        dependencies: ["urn:provider"],
                        propertyDependencies: { metadata: [], stringData: [] },
                    },
                ],
            },
        });
    });

    it("stays as it is when there was nothing of that cloud", () => {
        assert.deepEqual(forget({ deployment: {} }, "aws"), { deployment: { resources: [] } });
    });
});
