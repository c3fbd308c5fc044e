import * as assert from "node:assert/strict";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import * as server from "@pulumi/policy/server";
import type { Policies, ResourceValidation, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { guardrails } from "../../../policies/guardrails";
import { structOfRequests, unpackOnce } from "../../../policies/shared/unpacking";
import { unknownValue, type Properties } from "../support/cases";
import { secret } from "../support/engine";
import { resourcesPerService, syntheticState } from "../support/synthetic-stack";

interface Resource {
    readonly type: string;
    readonly urn: string;
    readonly inputs?: Properties;
}

type Answer = proto.AnalyzeResponse | proto.RemediateResponse;
type Serve = (
    pack: string,
    version: string,
    level: string,
    policies: Policies,
) => (call: { request: object }, done: (error: Error | null, answer: Answer) => void) => void;

const { makeAnalyzeRpcFun, makeAnalyzeStackRpcFun, makeRemediateRpcFun } = server as unknown as Record<
    "makeAnalyzeRpcFun" | "makeAnalyzeStackRpcFun" | "makeRemediateRpcFun",
    Serve
>;

/** The answer of the SDK's own handler to a request in wire format. */
async function answer(serve: Serve, policies: Policies, request: object): Promise<object> {
    const response = await new Promise<Answer>((resolve, reject) => {
        serve(
            "test",
            "1.0.0",
            "mandatory",
            policies,
        )({ request }, (error, given) => {
            if (error) reject(error);
            else resolve(given);
        });
    });
    return response.toObject();
}

function packed<Request extends proto.AnalyzeRequest | proto.AnalyzerResource>(
    request: Request,
    { type, urn, inputs = {} }: Resource,
): Request {
    request.setType(type);
    request.setUrn(urn);
    request.setName(urn.split("::").at(-1) ?? "");
    request.setProperties(Struct.fromJavaScript(inputs as Record<string, JavaScriptValue>));
    request.setOptions(new proto.AnalyzerResourceOptions());
    return request;
}

const requestFor = (resource: Resource) =>
    proto.AnalyzeRequest.deserializeBinary(packed(new proto.AnalyzeRequest(), resource).serializeBinary());

const stackRequest = (resources: readonly Resource[]) =>
    proto.AnalyzeStackRequest.deserializeBinary(
        new proto.AnalyzeStackRequest()
            .setResourcesList(resources.map((resource) => packed(new proto.AnalyzerResource(), resource)))
            .serializeBinary(),
    );

/** A service of the synthetic stack, and the stack itself. */
const service = (
    syntheticState(resourcesPerService) as { readonly deployment: { readonly resources: readonly Resource[] } }
).deployment.resources;

/** The same resource with each of its inputs as `change` makes it. */
const changed = (resource: Resource, change: (value: unknown) => unknown): Resource => ({
    ...resource,
    inputs: Object.fromEntries(Object.entries(resource.inputs ?? {}).map(([key, value]) => [key, change(value)])),
});

describe("Unpacking a resource's inputs once", () => {
    let takeBack: (() => void) | undefined;
    let unpackings: object[];

    /** Counts how often the SDK unpacks whole requests, with the change installed if there is one. */
    function install(): void {
        const { prototype } = structOfRequests();
        const { toJavaScript } = prototype;
        unpackings = [];
        prototype.toJavaScript = function () {
            unpackings.push(this);
            return toJavaScript.call(this);
        };
        const takeBackMemory = unpackOnce();
        takeBack = () => {
            takeBackMemory();
            prototype.toJavaScript = toJavaScript;
        };
    }

    afterEach(() => {
        takeBack?.();
        takeBack = undefined;
    });

    const resourcePolicy = (name: string, validate: ResourceValidation): ResourceValidationPolicy => ({
        name,
        description: `${name}.`,
        validateResource: validate,
    });

    it("should hook the class that the SDK's requests use", () => {
        const properties = requestFor(service[1]!).getProperties();
        assert.ok(properties);
        assert.equal(Object.getPrototypeOf(properties), structOfRequests().prototype);
    });

    it("should unpack a resource once, however many policies may apply to it", async () => {
        install();
        for (const resource of service) {
            const request = requestFor(resource);
            const properties: object | undefined = request.getProperties();
            await answer(makeAnalyzeRpcFun, guardrails, request);
            assert.equal(unpackings.filter((struct) => struct === properties).length, 1, resource.type);
        }
    });

    it("should unpack a stack once, however many stack policies there are", async () => {
        install();
        const request = stackRequest(service);
        await answer(makeAnalyzeStackRpcFun, guardrails, request);
        for (const resource of request.getResourcesList()) {
            const properties: object | undefined = resource.getProperties();
            assert.equal(unpackings.filter((struct) => struct === properties).length, 1, resource.getType());
        }
    });

    it("should let no policy see what another has changed, at any depth", async () => {
        install();
        const inputs = { list: ["as given"], map: { inner: { text: "as given" } }, text: "as given" };
        const seen: string[] = [];
        const spoil = (props: Properties) => {
            seen.push(JSON.stringify(props));
            const { list, map } = props as typeof inputs;
            list.push("spoilt");
            map.inner.text = "spoilt";
            props.text = "spoilt";
        };
        const policies = ["first", "second"].map((name) =>
            resourcePolicy(name, ({ props }) => {
                spoil(props);
            }),
        );
        const stackPolicies = ["third", "fourth"].map((name): StackValidationPolicy => ({
            name,
            description: `${name}.`,
            validateStack: ({ resources }) => {
                for (const { props } of resources) spoil(props);
            },
        }));
        const resource = { type: "other:index:Other", urn: "urn:pulumi:test::relaypacs::other:index:Other::x", inputs };
        await answer(makeAnalyzeRpcFun, policies, requestFor(resource));
        await answer(makeAnalyzeStackRpcFun, stackPolicies, stackRequest([resource]));
        assert.deepEqual(seen, Array<string>(4).fill(JSON.stringify(inputs)));
    });

    it("should judge as without it, with known, unknown, secret and missing values, for one resource and a stack", async () => {
        const variants = [
            ...service,
            ...service.map((resource) => changed(resource, () => unknownValue)),
            ...service.map((resource) => changed(resource, secret)),
            ...service.map((resource) => changed(resource, () => false)),
            ...service.map((resource) => ({ ...resource, inputs: {} })),
        ];
        const judged = async () => {
            const answers: object[] = [];
            for (const resource of variants) {
                const request = requestFor(resource);
                answers.push(await answer(makeRemediateRpcFun, guardrails, request).catch(messageOf));
                answers.push(await answer(makeAnalyzeRpcFun, guardrails, request).catch(messageOf));
            }
            answers.push(await answer(makeAnalyzeStackRpcFun, guardrails, stackRequest(service)));
            answers.push(await answer(makeAnalyzeStackRpcFun, guardrails, stackRequest(service.slice(0, 12))));
            const unknown = service.map((resource) => changed(resource, () => unknownValue));
            answers.push(await answer(makeAnalyzeStackRpcFun, guardrails, stackRequest(unknown)));
            return answers;
        };
        const plain = await judged();
        install();
        assert.deepEqual(await judged(), plain);
        const text = JSON.stringify(plain);
        for (const part of ["can't run policy", "accepted: ", "remediation"]) assert.ok(text.includes(part), part);
    });

    it("should undo its change", () => {
        const { prototype } = structOfRequests();
        const { toJavaScript } = prototype;
        const back = unpackOnce();
        assert.notEqual(prototype.toJavaScript, toJavaScript);
        back();
        assert.equal(prototype.toJavaScript, toJavaScript);
    });
});

/** A policy's error is an answer too, without its stack trace. */
const messageOf = (error: unknown): object => ({ refused: String(error).split("\n    at ")[0] });
