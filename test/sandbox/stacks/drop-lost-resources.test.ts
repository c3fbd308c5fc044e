import * as assert from "node:assert/strict";
import { dropLostResources } from "../../../sandbox/stacks/drop-lost-resources";

describe("A state whose cloud has lost everything", () => {
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

    it("should lose that cloud's resources, and nothing else", () => {
        assert.deepEqual(dropLostResources(stack, "aws"), {
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

    it("should stay as it is when it had no resource of that cloud", () => {
        assert.deepEqual(dropLostResources({ deployment: {} }, "aws"), { deployment: { resources: [] } });
    });
});
