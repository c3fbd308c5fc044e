import * as assert from "node:assert/strict";
import { Reader } from "protobufjs/minimal";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import * as server from "@pulumi/policy/server";
import type { Policies, ResourceValidation, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { guardrails } from "../../../policies/guardrails";
import { structOfRequests, unpackLate } from "../../../policies/shared/unpacking";
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

describe("Unpacking a resource's inputs late", () => {
    let takeBack: (() => void) | undefined;
    let unpackings: Uint8Array[];

    /** Counts what is unpacked from its bytes. */
    function install(): void {
        // The first reader decides how later ones are made, and puts another function there.
        Reader.create(Buffer.alloc(0));
        const { create } = Reader;
        unpackings = [];
        Reader.create = (bytes: Uint8Array) => {
            unpackings.push(bytes);
            return create(bytes);
        };
        const takeBackReading = unpackLate();
        takeBack = () => {
            takeBackReading();
            Reader.create = create;
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
            await answer(makeAnalyzeRpcFun, guardrails, request);
            await answer(makeAnalyzeRpcFun, guardrails, request);
            assert.equal(unpackings.splice(0).length, 1, resource.type);
        }
    });

    it("should unpack a stack once, however many stack policies there are, and of a resource nothing before it is looked at", async () => {
        install();
        const request = stackRequest(service);
        assert.equal(unpackings.length, 0);
        await answer(makeAnalyzeStackRpcFun, guardrails, request);
        assert.equal(unpackings.length, service.length);
        assert.equal(new Set(unpackings).size, service.length);
    });

    it("should give what google-protobuf gives, for every kind of value at any depth", () => {
        const given: Record<string, JavaScriptValue> = {
            "": "an empty name",
            name: "Zoë \u{1F5BC} \0 end",
            empty: { list: [], map: {}, text: "", zero: 0, no: false, nothing: null },
            numbers: [0, -0, 1.5, -7, 1e300, Number.MAX_SAFE_INTEGER, Infinity],
            nested: [[{ a: [null, true, { b: ["c"] }] }]],
            long: "x".repeat(70_000),
            many: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key${index}`, index])),
        };
        const bytes = Struct.fromJavaScript(given).serializeBinary();
        const plain = Struct.deserializeBinary(bytes);
        install();
        const late = Struct.deserializeBinary(bytes);
        assert.deepEqual(late.toJavaScript(), plain.toJavaScript());
        assert.deepEqual(late.toJavaScript(), given);
        assert.equal(late.toJavaScript(), late.toJavaScript());
    });

    it("should give the fields to what asks for those, before and after it was unpacked", () => {
        const bytes = Struct.fromJavaScript({ map: { text: "as given" }, list: [1, "two"] }).serializeBinary();
        const plain = Struct.deserializeBinary(bytes).toObject();
        install();
        const [fresh, used] = [Struct.deserializeBinary(bytes), Struct.deserializeBinary(bytes)];
        used.toJavaScript();
        for (const struct of [fresh, used]) {
            assert.deepEqual(struct.toObject(), plain);
            assert.deepEqual(struct.serializeBinary(), bytes);
            assert.deepEqual(struct.toJavaScript(), { map: { text: "as given" }, list: [1, "two"] });
        }
    });

    it("should skip fields that a later version may add, and refuse a value of no kind", () => {
        const tag = (number: number, type: number) => (number << 3) | type;
        const message = (number: number, ...bytes: number[]) => [tag(number, 2), bytes.length, ...bytes];
        const unknown = [...message(9, 1, 2, 3), tag(10, 0), 5];
        const text = message(3, ...Buffer.from("text"));
        const list = message(6, ...unknown, ...message(1, ...text, ...unknown));
        const key = message(1, ...Buffer.from("key"));
        const bytes = [...unknown, ...message(1, ...unknown, ...key, ...message(2, ...unknown, ...list))];
        const noKind = message(1, ...key, ...message(2, ...unknown));
        const plain = Struct.deserializeBinary(Uint8Array.from(bytes)).toJavaScript();
        assert.deepEqual(plain, { key: ["text"] });
        assert.throws(
            () => Struct.deserializeBinary(Uint8Array.from(noKind)).toJavaScript(),
            /^Error: Unexpected struct type/,
        );
        install();
        assert.deepEqual(Struct.deserializeBinary(Uint8Array.from(bytes)).toJavaScript(), plain);
        assert.throws(
            () => Struct.deserializeBinary(Uint8Array.from(noKind)).toJavaScript(),
            /^Error: Unexpected struct type/,
        );
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
        const struct = structOfRequests();
        const { getFieldsMap, toJavaScript } = struct.prototype;
        const { deserializeBinaryFromReader } = struct;
        const back = unpackLate();
        assert.notEqual(struct.deserializeBinaryFromReader, deserializeBinaryFromReader);
        back();
        assert.equal(struct.deserializeBinaryFromReader, deserializeBinaryFromReader);
        assert.deepEqual({ ...struct.prototype }.toJavaScript, toJavaScript);
        assert.deepEqual({ ...struct.prototype }.getFieldsMap, getFieldsMap);
    });
});

/** A policy's error is an answer too, without its stack trace. */
const messageOf = (error: unknown): object => ({ refused: String(error).split("\n    at ")[0] });
