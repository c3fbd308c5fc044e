import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { guardrails } from "../../../policies/guardrails";
import { typesOf } from "../../../policies/shared/policy";
import { aws, builtIn, github, kubernetes } from "../../../policies/shared/types";
import { componentTypes, declaredTypes, harmlessTypes, judgedTypes } from "../../../policies/stack/declared-types";
import { isOver, readExceptions } from "../../../policies/stack/exceptions";
import { letInBy } from "../../../policies/stack/let-in";
import { stackResourceException } from "../../../policies/stack/resource-exception";
import { stackResourceType } from "../../../policies/stack/resource-type";
import { projectRoot } from "../../support/project";
import { accepts, refuses, set, unchanged, unknownValue } from "../support/cases";
import { describeResourcePolicy, judge } from "../support/suites";
import { syntheticState } from "../support/synthetic-stack";

const queue = "aws:sqs/queue:Queue";
const reason = "Incident 4711 needs a queue";
const dateIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const lets = (more: object = {}) => ({
    settings: { exceptions: [{ type: queue, reason, until: dateIn(1), ...more }] },
    type: queue,
});
const place = 'the setting "exceptions" of stack-resource-type (type, reason, until)';
const unknownType = (type: string) =>
    `${type} is not a type that this platform declares; accepted: one of them, or an entry for it in ${place}.`;
const over = `${queue} was let in until ${dateIn(-1)}, which is over; accepted: a later date in ${place}.`;
const token = 'one type token, such as "aws:sqs/queue:Queue"';
const date = 'a date such as "2027-01-31", at most 366 days ahead';
const mistake = (what: string, given: string, accepted: string) =>
    `exceptions[0]${what} is ${given}; accepted: ${accepted}.`;

/** A mistake lets nothing in, so the resource is refused for its type, too. */
const refusesMistake = (title: string, more: object, sentence: string) =>
    refuses(title, unchanged, [sentence, unknownType(queue)], lets(more));

describeResourcePolicy(stackResourceType, {
    type: aws.bucket,
    given: { bucket: "relaypacs-artifacts" },
    refusesOtherTypes: true,
    cases: [
        ...[builtIn.stack, builtIn.stash, kubernetes.configMap, github.branch, "relaypacs:storage:SecureBucket"].map(
            (type) => accepts(`the declared type ${type}`, unchanged, { type }),
        ),
        accepts("a declared type whose inputs are not known yet", set("bucket", unknownValue)),
        ...[
            queue,
            "aws:s3/bucketObjectv2:BucketObjectv2",
            "aws-native:s3:Bucket",
            "command:local:Command",
            "github:index/repositoryCollaborator:RepositoryCollaborator",
            "kubernetes:apps/v1:DeploymentPatch",
            "kubernetes:rbac.authorization.k8s.io/v1:RoleList",
            "kubernetes:helm.sh/v3:Release",
            "kubernetes:core/v1:configmap",
            "pulumi-nodejs:dynamic:Resource",
            "pulumi:providers:random",
            "pulumi:pulumi:StackReference",
            "relaypacs:storage:Other",
            "",
        ].map((type) => refuses(`the type "${type}"`, unchanged, unknownType(type), { type })),
        accepts("a type that a person lets in until tomorrow", unchanged, lets()),
        accepts("a type that a person lets in until the end of today", unchanged, lets({ until: dateIn(0) })),
        accepts("a type that a person lets in for 365 days", unchanged, lets({ until: dateIn(365) })),
        refuses("a type that a person let in until yesterday", unchanged, over, lets({ until: dateIn(-1) })),
        refuses("another type than the one that a person lets in", unchanged, unknownType("aws:sns/topic:Topic"), {
            ...lets(),
            type: "aws:sns/topic:Topic",
        }),
        refusesMistake("an exception without a type", { type: undefined }, mistake(".type", "not set", token)),
        refusesMistake("an exception for all types", { type: "*" }, mistake(".type", '"*"', token)),
        refusesMistake(
            "an exception for several types",
            { type: "aws:sqs/*:Queue" },
            mistake(".type", '"aws:sqs/*:Queue"', token),
        ),
        refusesMistake(
            "an exception without a reason",
            { reason: undefined },
            mistake(".reason", "not set", "a reason of at least 10 characters"),
        ),
        refusesMistake(
            "an exception whose reason says nothing",
            { reason: "because  " + " ".repeat(9) },
            mistake(".reason", '"because           "', "a reason of at least 10 characters"),
        ),
        refusesMistake("an exception without an end", { until: undefined }, mistake(".until", "not set", date)),
        refusesMistake("an exception until some day", { until: "soon" }, mistake(".until", '"soon"', date)),
        refusesMistake(
            "an exception until a day that does not exist",
            { until: "2027-02-30" },
            mistake(".until", '"2027-02-30"', date),
        ),
        refusesMistake(
            "an exception for more than a year",
            { until: dateIn(366) },
            mistake(".until", `"${dateIn(366)}"`, date),
        ),
        refusesMistake(
            "an exception with a key that it does not have",
            { untill: "2027-01-31" },
            'exceptions[0] has the key "untill"; accepted: type, reason and until.',
        ),
        refuses(
            "an exception that is no object",
            unchanged,
            [mistake("", "[]", "an object with type, reason and until"), unknownType(queue)],
            { settings: { exceptions: [[]] }, type: queue },
        ),
        refuses(
            "a mistake in an exception for the stack itself, even where nothing needs it",
            unchanged,
            [mistake(".until", '"never"', date)],
            { ...lets({ until: "never" }), type: builtIn.stack },
        ),
        refuses(
            "a type that is let in twice",
            unchanged,
            ['exceptions[1].type is "aws:sqs/queue:Queue" again; accepted: one entry a type.'],
            {
                type: queue,
                settings: {
                    exceptions: [lets().settings.exceptions[0], { type: queue, reason, until: dateIn(300) }],
                },
            },
        ),
    ],
});

describe("What stack-resource-type lets in", () => {
    const message = (type: string, settings: object) => {
        judge(stackResourceType, type, {}, { settings });
        return judge(stackResourceException, type, {}).messages;
    };

    it("should be told to people, with the reason and the last day", () => {
        assert.deepEqual(message(queue, lets().settings), [
            `${queue} is let in until ${dateIn(1)} by an exception of stack-resource-type; its reason: ${reason}; ` +
                "accepted without one: a type that this platform declares.",
        ]);
    });

    it("should be forgotten when a later run does not let it in", () => {
        assert.equal(message(queue, lets().settings).length, 1);
        assert.deepEqual(message(queue, {}), []);
        assert.equal(letInBy(`urn:pulumi:test::relaypacs::${queue}::resource`), undefined);
    });

    it("should end with the last day, in UTC", () => {
        const noon = Date.parse("2026-06-01T12:00:00Z");
        const { byType, mistakes } = readExceptions([{ type: queue, reason, until: "2026-06-30" }], noon);
        assert.deepEqual(mistakes, []);
        assert.equal(isOver(byType.get(queue)!, Date.parse("2026-06-30T23:59:59.999Z")), false);
        assert.equal(isOver(byType.get(queue)!, Date.parse("2026-07-01T00:00:00Z")), true);
    });
});

describeResourcePolicy(stackResourceException, {
    type: queue,
    given: {},
    cases: [
        accepts("a declared type", unchanged, { type: aws.bucket }),
        accepts("an input that is not known yet", set("name", unknownValue)),
        refuses(
            "a resource that an exception lets in",
            () => {
                judge(stackResourceType, queue, {}, lets());
            },
            `${queue} is let in until ${dateIn(1)} by an exception of stack-resource-type; its reason: ${reason}; ` +
                "accepted without one: a type that this platform declares.",
        ),
    ],
});

describe("The types that the platform declares", () => {
    const registered = ["staging", "prod"].flatMap((stack) => {
        const golden = fs.readFileSync(path.join(projectRoot, `test/golden/${stack}.yaml`), "utf8");
        return Object.keys(parse(golden) as object).map((place) => place.split(" > ").at(-1)!.split("::")[0]!);
    });
    const sources = fs
        .readdirSync(path.join(projectRoot, "components"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => fs.readFileSync(path.join(projectRoot, "components", file), "utf8"))
        .join("\n");

    it("should be all that the program registers", () => {
        assert.ok(new Set(registered).size > 60);
        assert.deepEqual([...new Set(registered)].filter((type) => !declaredTypes.has(type)).sort(), []);
    });

    it("should be all of the components, and no others", () => {
        const tokens = [...sources.matchAll(/"(relaypacs:[a-z]+:[A-Za-z]+)"/g)].map(([, token]) => token!);
        const listed = [...declaredTypes].filter((type) => type.startsWith("relaypacs:"));
        assert.deepEqual([...new Set(tokens)].sort(), listed.sort());
    });

    it("should be none that the program does not use", () => {
        /** With other settings than the golden files' (`secretDelivery`), and what only the engine itself registers. */
        const elsewhere = [builtIn.stack, builtIn.ownProvider, kubernetes.externalSecret, kubernetes.secretStore];
        const unused = [...declaredTypes].filter((type) => !registered.includes(type));
        assert.deepEqual(unused.sort(), [...elsewhere].sort());
        for (const kind of ["SecretStore", "ExternalSecret"]) assert.match(sources, new RegExp(`kind: "${kind}"`));
    });

    it("should be judged by a rule about them, or said to need none", () => {
        // Its kind is asked of every object of the cluster; that alone judges nothing of what it does.
        const judging = new Set(
            guardrails.flatMap((policy) => {
                const types = typesOf(policy);
                return types === "every" || policy.name === "kubernetes-resource-kind" ? [] : types;
            }),
        );
        assert.deepEqual(
            judgedTypes.filter((type) => !judging.has(type)),
            [],
        );
        const harmless = Object.keys(harmlessTypes);
        assert.deepEqual(
            harmless.filter((type) => judging.has(type)),
            [],
        );
        for (const why of Object.values(harmlessTypes)) assert.ok(why.length > 10);
        const parts = [...judgedTypes, ...harmless, ...componentTypes];
        assert.equal(new Set(parts).size, parts.length);
    });

    it("should be all of the stack that benchmarks judge", () => {
        const { deployment } = syntheticState(1000) as { deployment: { resources: { type: string }[] } };
        const types = new Set(deployment.resources.map(({ type }) => type));
        assert.deepEqual(
            [...types].filter((type) => !declaredTypes.has(type)),
            [],
        );
    });
});
