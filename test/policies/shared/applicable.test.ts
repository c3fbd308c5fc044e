import * as assert from "node:assert/strict";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import * as server from "@pulumi/policy/server";
import type { Policies, ResourceValidationPolicy } from "@pulumi/policy";
import { guardrails } from "../../../policies/guardrails";
import { onlyApplicable, requestOfResources } from "../../../policies/shared/applicable";
import { copyingModule, copyLate, type CopyingModule } from "../../../policies/shared/late-copies";
import { resourcePolicy, typesOf } from "../../../policies/shared/policy";
import { specification } from "../../../policies/shared/standards";
import { attacks } from "../attack/table";

interface Answer {
    getDiagnosticsList(): { getPolicyname(): string; getMessage(): string }[];
    getNotApplicableList(): object[];
}

type Call = (call: { request: object }, callback: (error: Error | null, answer: Answer) => void) => void;

const { makeAnalyzeRpcFun } = server as unknown as {
    makeAnalyzeRpcFun: (pack: string, version: string, level: string, policies: Policies) => Call;
};

interface Given {
    readonly type: string;
    readonly inputs: object;
}

async function ask(policies: Policies, { inputs, type }: Given): Promise<Answer> {
    const request = new proto.AnalyzeRequest();
    request.setType(type);
    request.setName("resource");
    request.setUrn(`urn:pulumi:test::relaypacs::${type}::resource`);
    request.setProperties(Struct.fromJavaScript(inputs as Record<string, JavaScriptValue>));
    request.setOptions(new proto.AnalyzerResourceOptions());
    return new Promise((resolve, reject) => {
        makeAnalyzeRpcFun(
            "test",
            "1.0.0",
            "mandatory",
            policies,
        )({ request }, (error, answer) => {
            if (error) reject(error);
            else resolve(answer);
        });
    });
}

const found = (answer: Answer) =>
    answer.getDiagnosticsList().map((one) => `${one.getPolicyname()}: ${one.getMessage()}`);

/** A policy that counts how often it is asked. */
function counting(name: string, types: readonly string[] | "every", asked: string[]): ResourceValidationPolicy {
    return resourcePolicy({
        name,
        description: "Counts.",
        enforcementLevel: "mandatory",
        severity: "low",
        ...specification("1", "x"),
        remediationSteps: "None.",
        types,
        judge: (_given, _findings, { type }) => {
            asked.push(`${name} about ${type}`);
        },
    });
}

describe("Asking only the policies that are about a resource", () => {
    const undo: (() => void)[] = [];
    const install = (policies: Policies) => {
        const installed = onlyApplicable(policies);
        undo.push(installed.takeBack);
        return installed.policies;
    };
    afterEach(() => {
        for (const back of undo.splice(0).reverse()) back();
    });

    it("should find the same in each attack as asking all of them, in the same order", async () => {
        const list = Object.values(attacks).flat();
        const plain: string[][] = [];
        for (const attack of list) plain.push(found(await ask(guardrails, attack)));
        const policies = install(guardrails);
        undo.push(copyLate());
        for (const [index, attack] of list.entries())
            assert.deepEqual(found(await ask(policies, attack)), plain[index], attack.title);
    });

    it("should find the same when requests come side by side", async () => {
        const list = Object.values(attacks).flat().slice(0, 300);
        const plain = await Promise.all(list.map(async (attack) => found(await ask(guardrails, attack))));
        const policies = install(guardrails);
        const together = await Promise.all(list.map(async (attack) => found(await ask(policies, attack))));
        assert.deepEqual(together, plain);
    });

    it("should ask those about the type, those about every type, and those that say nothing about types", async () => {
        const asked: string[] = [];
        const bare: ResourceValidationPolicy = {
            name: "bare",
            description: "Bare.",
            validateResource: () => void asked.push("bare"),
        };
        const policies = install([
            counting("one", ["a:b:C"], asked),
            counting("two", ["a:b:C", "a:b:D"], asked),
            counting("all", "every", asked),
            bare,
        ]);
        const { length } = await ask(policies, { type: "a:b:D", inputs: {} }).then((answer) =>
            answer.getNotApplicableList(),
        );
        assert.deepEqual(asked, ["two about a:b:D", "all about a:b:D", "bare"]);
        assert.equal(length, 0);
        assert.deepEqual(typesOf(bare), []);
    });

    it("should give all of them to what goes through them without a request", async () => {
        const policies = install(guardrails);
        assert.deepEqual([...policies], [...guardrails]);
        assert.equal(policies.length, guardrails.length);
        new proto.AnalyzeRequest().setType("a:b:C").getType();
        await Promise.resolve();
        // What was asked in another turn of the event loop does not count.
        assert.equal([...policies].length, guardrails.length);
    });

    it("should undo its change", () => {
        const { prototype } = requestOfResources();
        const { getType } = prototype;
        const { takeBack } = onlyApplicable(guardrails);
        assert.notEqual(prototype.getType, getType);
        takeBack();
        assert.equal(prototype.getType, getType);
    });
});

describe("Copying a resource's inputs late", () => {
    it("should copy nothing before something looks, once, and a copy for each policy", () => {
        let copies = 0;
        const given = { map: { inner: "as given" }, text: "as given" };
        const sdk: CopyingModule = {
            deserializeProperties: () => {
                copies += 1;
                return structuredClone(given);
            },
        };
        const back = copyLate(sdk);
        const one = sdk.deserializeProperties({}, false) as typeof given;
        const two = sdk.deserializeProperties({}, false) as typeof given;
        assert.ok(one instanceof Object);
        assert.equal(copies, 0);
        assert.deepEqual(Object.keys(one), ["map", "text"]);
        assert.equal(one.text, "as given");
        assert.equal(copies, 1);
        one.map.inner = "spoilt";
        Object.assign(one, { more: 1 });
        Reflect.deleteProperty(one, "text");
        assert.deepEqual({ ...one }, { map: { inner: "spoilt" }, more: 1 });
        assert.equal("more" in one, true);
        assert.equal(JSON.stringify(two), JSON.stringify(given));
        assert.equal(copies, 2);
        back();
        assert.deepEqual(sdk.deserializeProperties({}, false), given);
    });

    it("should copy at once for a remediation, in which the SDK looks for secrets", () => {
        let copies = 0;
        const sdk: CopyingModule = {
            deserializeProperties: () => {
                copies += 1;
                return {};
            },
        };
        copyLate(sdk);
        sdk.deserializeProperties({}, true);
        assert.equal(copies, 1);
    });

    it("should undo its change of the SDK's own module", () => {
        const sdk = copyingModule();
        const { deserializeProperties } = sdk;
        const back = copyLate();
        assert.notEqual(sdk.deserializeProperties, deserializeProperties);
        back();
        assert.equal(sdk.deserializeProperties, deserializeProperties);
    });
});
