import * as assert from "node:assert/strict";
import { admit, admittedIn, forget } from "../../../policies/delivery/passed-release";
import { deliveryReleaseGates } from "../../../policies/delivery/release-gates";
import { deliveryReleaseSingle } from "../../../policies/delivery/release-single";
import { deliveryWorkloadRelease } from "../../../policies/delivery/workload-release";
import { delivery, kubernetes } from "../../../policies/shared/types";
import { ago, release } from "../../delivery/gates/support/contents";
import { freshEvidence } from "../../delivery/gates/support/fresh";
import { productionGates } from "../../delivery/gates/support/tables";
import { signers, stranger, trust, trustAll } from "../../delivery/gates/support/world";
import * as cluster from "../fixtures/kubernetes";
import { accepts, all, refuses, set, unknownAt, unknownValue, unset, type Change } from "../support/cases";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    judge,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
    type DeclaredStack,
} from "../support/suites";

const day = 86_400;
/** The fixtures' time is in the past; the policy judges by the clock. */
const validity = { notBefore: ago(400 * day), notAfter: new Date(Date.now() + day * 1000).toISOString() };
const trustedKeys = trustAll(validity);
const evidence = freshEvidence();
const lacking = (item: string) => evidence.filter(({ source }) => !source.startsWith(`${item}.`));

const production = {
    ...release,
    environment: "prod",
    checkpoint: "production",
    repository: "https://github.com/relaypacs/gateway",
    evidence,
    trustedKeys,
    limits: {},
};

const staging: Change = all(set("environment", "staging"), set("checkpoint", "staging"));
const smoke = "Smoke tests: Smoke test evidence is missing (accepted: 100 % of at least 3, after the deployment).";
const health = "Health response: Smoke test evidence is missing (accepted: less than 1 s).";
const errors = "Server errors: Smoke test evidence is missing (accepted: 0).";

/** The pack's keys, without which it accepts no release of production. */
const keys = (more: object = {}) => ({ trustedKeys: trustedKeys.map((key) => ({ ...key, ...more })) });
const noKeyForProd =
    "The setting trustedKeys of delivery-release-gates names no key for prod in the policy pack's configuration; " +
    "accepted: at least one public key, because the program may not choose whom production trusts.";
const twoDuties =
    `trustedKeys in the policy pack's configuration gives the key "${signers.production.id}" the duties "production" and ` +
    '"staging"; accepted: one duty, the same in all environments.';
const noEnvironments = (given: string) =>
    `trustedKeys[0].environments in the policy pack's configuration is ${given}; accepted: a list of "staging" or ` +
    '"prod", or nothing for both.';

describeResourcePolicy(deliveryReleaseGates, {
    type: delivery.release,
    given: production,
    settings: keys(),
    cases: [
        accepts("a release that may change staging", staging),
        accepts("a release in the stack that has its environment's name", staging, { stack: "staging" }),
        accepts(
            "a staging release without the evidence that only production needs",
            all(staging, set("evidence", lacking("approval"))),
        ),
        refuses("a release that fails gates, each with the gate's own message", set("evidence", lacking("smoke")), [
            smoke,
            health,
            errors,
        ]),
        refuses("a staging release in production's stack", staging, 'environment is "staging"; accepted: "prod".', {
            stack: "prod",
        }),
        refuses(
            "an environment that does not exist",
            set("environment", "test"),
            'environment is "test"; accepted: "staging" or "prod".',
        ),
        refuses(
            "a release without an environment",
            unset("environment"),
            'environment is not set; accepted: "staging" or "prod".',
        ),
        refuses(
            "a release that is judged at another checkpoint",
            set("checkpoint", "merge"),
            'checkpoint is "merge"; accepted: "production".',
        ),
        refuses("an image by tag", set("images.backend", "latest"), [
            "The release can't be judged: release.images.backend: must be sha256: and 64 hexadecimal digits.",
        ]),
        refuses("a release without images", unset("images"), [
            "The release can't be judged: release.images: Invalid input: expected record, received undefined.",
        ]),
        refuses(
            "a staging release that trusts no key",
            all(staging, set("trustedKeys", [])),
            ["No key is trusted, so no evidence counts; name at least one public key."],
            { settings: {} },
        ),
        refuses(
            "a staging release without trusted keys",
            all(staging, unset("trustedKeys")),
            ["No key is trusted, so no evidence counts; name at least one public key."],
            { settings: {} },
        ),
        accepts("a staging release by the program's keys where the pack has none", staging, { settings: {} }),
        accepts("a staging release by the program's keys where the pack has some for prod only", staging, {
            settings: { trustedKeys: [{ ...trust(stranger, validity), environments: ["prod"] }] },
        }),
        refuses("a production release where the pack has no keys", set("rollback", false), noKeyForProd, {
            settings: {},
        }),
        refuses("a production release where the pack has an empty list", set("rollback", false), noKeyForProd, {
            settings: { trustedKeys: [] },
        }),
        refuses("a production release where the pack has keys for staging only", unset("limits"), noKeyForProd, {
            settings: keys({ environments: ["staging"] }),
        }),
        accepts("a production release by a key for both environments", unset("limits"), {
            settings: keys({ environments: ["staging", "prod"] }),
        }),
        ...(["prod", [], ["production"], [7], null] as const).map((of) =>
            refuses(
                `a key of the pack for ${JSON.stringify(of)}`,
                unset("limits"),
                noEnvironments(of === null ? "not set" : JSON.stringify(of)),
                { settings: keys({ environments: of }) },
            ),
        ),
        accepts("a production release by keys that are listed for each environment", unset("limits"), {
            settings: {
                trustedKeys: [keys({ environments: ["staging"] }), keys({ environments: ["prod"] })].flatMap(
                    (one) => one.trustedKeys,
                ),
            },
        }),
        refuses("keys of the pack of which one has another duty in staging", unset("limits"), twoDuties, {
            settings: {
                trustedKeys: [
                    ...keys({ environments: ["prod"] }).trustedKeys,
                    { ...trust(signers.production, { duty: "staging", ...validity }), environments: ["staging"] },
                ],
            },
        }),
        refuses("keys of the pack of which one has another duty, for both environments", unset("limits"), twoDuties, {
            settings: {
                trustedKeys: [...trustedKeys, trust(signers.production, { duty: "staging", ...validity })],
            },
        }),
        refuses(
            "a key of the pack with two duties",
            unset("limits"),
            'Trusted key 0: duty is ["staging","production"]; accepted: one of pipeline, staging, production.',
            { settings: keys({ duty: ["staging", "production"] }) },
        ),
        refuses(
            "a key of the pack without a duty",
            unset("limits"),
            "Trusted key 0: duty is missing; accepted: one of pipeline, staging, production.",
            { settings: keys({ duty: undefined }) },
        ),
        refuses("a looser limit", set("limits", { soakSeconds: 1 }), [
            "Limit soakSeconds is 1; accepted: a number of at least 14400. Gates can only be made stricter.",
        ]),
        accepts("a release without limits", unset("limits")),
        accepts("evidence signed with the pack's keys, whatever keys the program trusts", set("trustedKeys", []), {
            settings: keys(),
        }),
        accepts(
            "a build in the pack's repository, whatever repository the program names",
            set("repository", "https://github.com/mallory/gateway"),
            { settings: { ...keys(), repository: production.repository } },
        ),
        unknownAt("repository"),
        unknownAt("version"),
        unknownAt("environment"),
        unknownAt("images.backend"),
    ],
});

describe("The policy delivery-release-gates and its memory of the release", () => {
    afterEach(() => {
        for (const stack of ["test", "prod", "staging"]) forget(stack);
    });
    const messages = (properties: object, settings: object = keys()) =>
        judge(deliveryReleaseGates, delivery.release, properties, { settings }).messages;

    it("should refuse what the program's own key signed when the pack trusts another key", () => {
        const found = messages(production, { trustedKeys: [trust(stranger, validity)] });
        assert.equal(found.length, productionGates);
        for (const one of found) assert.match(one, /is signed by key [0-9a-f]{12}, which is not trusted/);
    });

    it("should refuse a build in another repository than the pack's, which the program names", () => {
        const found = messages(production, { ...keys(), repository: "https://github.com/relaypacs/other" });
        const other = "https://github.com/relaypacs/gateway, not https://github.com/relaypacs/other";
        assert.ok(
            found.some((one) =>
                one.startsWith(`Build: the provenance of relaypacs/backend names the repository ${other}`),
            ),
            found.join("\n"),
        );
        assert.deepEqual(messages(production, { ...keys(), repository: "gateway" }), [
            "The release can't be judged: repository: must be the address of a repository such as " +
                "https://github.com/relaypacs/gateway.",
        ]);
    });

    it("should refuse a release without evidence", () => {
        const { evidence: _, ...bare } = production;
        assert.equal(messages(bare).length, productionGates);
        assert.equal(messages({ ...production, evidence: [{}] }).length, productionGates);
    });

    it("should remember the release that passed, and forget it when a later one fails", () => {
        assert.deepEqual(messages(production), []);
        const { environment, images } = admittedIn("test")!;
        // The policies' proxies hand out a constructor of their own, which Node.js 24 compares.
        assert.deepEqual([environment, { ...images }], ["prod", release.images]);
        assert.equal(messages({ ...production, evidence: lacking("smoke") }).length, 3);
        assert.equal(admittedIn("test"), undefined);
    });

    it("should forget the release when a value of it is not known", () => {
        assert.deepEqual(messages(production), []);
        assert.deepEqual(messages({ ...production, version: unknownValue }), []);
        assert.equal(admittedIn("test"), undefined);
    });
});

const admitted = { urn: "release", environment: "staging", images: { backend: cluster.digest } } as const;
const other = `sha256:${"9".repeat(64)}`;
const container = "spec.template.spec.containers.0.image";
const path = "spec.template.spec.containers[backend].image";
const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
const notReleased = (namespace: string) =>
    `metadata.namespace is "relaypacs-${namespace}", but no Release for ${namespace} has passed its gates before it; ` +
    "accepted: a workload that depends on one.";

describe("After a Release for staging has passed:", () => {
    before(() => {
        admit("test", admitted);
    });
    after(() => {
        forget("test");
    });

    describeResourcePolicy(deliveryWorkloadRelease, {
        type: kubernetes.deployment,
        given: cluster.deployment,
        cases: [
            accepts(
                "the released image from another registry",
                set(container, `docker.io/relaypacs/backend@${cluster.digest}`),
            ),
            accepts("a Job that runs the released image", set("metadata.labels", {}), {
                type: kubernetes.job,
                given: cluster.job,
            }),
            accepts(
                "any image in a namespace that belongs to no environment",
                all(set("metadata.namespace", "traefik"), set(container, "x")),
            ),
            accepts("an image of a listed tool", set(container, `${registry}/relaypacs/smoke-tests@${other}`)),
            accepts("a Rollout that refers to a Deployment", set("spec", { workloadRef: { name: "backend" } }), {
                type: kubernetes.rollout,
                given: cluster.rollout,
            }),
            refuses(
                "another digest of a released image",
                set(container, `${registry}/relaypacs/backend@${other}`),
                `${path} is "${registry}/relaypacs/backend@${other}"; accepted: ${cluster.digest}.`,
            ),
            refuses(
                "an image that is not part of the release",
                set(container, `${registry}/relaypacs/reports@${other}`),
                `${path} is "${registry}/relaypacs/reports@${other}"; accepted: an image of the Release (backend).`,
            ),
            refuses(
                "a tool that is not listed",
                set(container, `${registry}/relaypacs/smoke-tests@${other}`),
                `${path} is "${registry}/relaypacs/smoke-tests@${other}"; accepted: an image of the Release (backend).`,
                { settings: { tools: [] } },
            ),
            refuses(
                "another project's image of the same name",
                set(container, `docker.io/notrelaypacs/backend@${cluster.digest}`),
                `${path} is "docker.io/notrelaypacs/backend@${cluster.digest}"; accepted: an image of the Release (backend).`,
            ),
            refuses(
                "a container without an image",
                unset(container),
                `${path} is not set; accepted: an image of the Release (backend).`,
            ),
            refuses(
                "the released image in the other environment",
                set("metadata.namespace", "relaypacs-prod"),
                notReleased("prod"),
            ),
            refuses("a workload in a stack without a Release", set("metadata.labels", {}), notReleased("staging"), {
                stack: "other",
            }),
            unknownAt("metadata.namespace"),
            unknownAt(container),
        ],
    });
});

const stack: DeclaredStack = {
    gates: { type: delivery.release, properties: {} },
    stash: { type: "pulumi:index:Stash", properties: {}, parent: "gates" },
    release: { type: "relaypacs:delivery:ServiceRelease", properties: {}, dependsOn: ["stash"] },
    backend: { type: kubernetes.deployment, properties: { ...cluster.deployment }, parent: "release" },
    migration: { type: kubernetes.job, properties: { ...cluster.job }, dependsOn: ["gates"] },
    traefik: { type: kubernetes.deployment, properties: { metadata: { namespace: "traefik" } } },
};

describeStackPolicy(deliveryReleaseSingle, {
    given: stack,
    cases: [
        acceptsStack("a stack without workloads", without("gates", "release", "backend", "migration")),
        refusesStack("workloads in a stack without a Release", without("gates"), [
            "backend depends on no Release; accepted: a workload that waits for the Release.",
            "migration depends on no Release; accepted: a workload that waits for the Release.",
        ]),
        refusesStack(
            "a workload that does not depend on the Release",
            (resources) => {
                resources.backend = { type: kubernetes.deployment, properties: { ...cluster.deployment } };
            },
            "backend does not depend on gates; accepted: a workload that waits for the Release.",
            { on: "backend" },
        ),
        refusesStack(
            "two Releases in one stack",
            (resources) => {
                resources.more = { type: delivery.release, properties: {} };
            },
            "more is another Release beside gates; accepted: one in a stack.",
            { on: "more" },
        ),
        unknownInStack(
            "the namespace of a workload is not known yet",
            together(of("traefik", set("metadata.namespace", unknownValue))),
            "metadata.namespace",
        ),
    ],
});
