import * as assert from "node:assert/strict";
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import type {
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidation,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";
import type { Case, CaseOptions, Change, Properties } from "./cases";
import { analyze, remediate } from "./engine";

/** Kinds of cases that each policy has, by its name; the pack's own test asks for all of them. */
export const covered = new Map<string, Set<Case["kind"]>>();

export interface Reported {
    readonly message: string;
    readonly urn: string | undefined;
}

const options: PolicyResourceOptions = {
    protect: false,
    ignoreChanges: [],
    aliases: [],
    customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    additionalSecretOutputs: [],
};

/** Judges a resource's inputs. Gives the messages, and the unknown value that stopped the policy, if one did. */
export function judge(policy: ResourceValidationPolicy, type: string, given: object, how: CaseOptions = {}) {
    const messages: string[] = [];
    const { resourceName = "resource", settings = {}, stack = "test" } = how;
    const args = {
        type,
        name: resourceName,
        urn: `urn:pulumi:${stack}::relaypacs::${type}::${resourceName}`,
        opts: options,
        props: unknownCheckingProxy(given) as Properties,
        stackTags: new Map<string, string>(),
        getConfig: () => settings,
    };
    let unknown: string | undefined;
    try {
        const report = (message: string) => messages.push(message);
        void (policy.validateResource as ResourceValidation)(args as never, report);
    } catch (error) {
        if (!(error instanceof UnknownValueError)) throw error;
        unknown = (error as Error).message;
    }
    return { messages, unknown };
}

export interface ResourceSuite {
    readonly type: string;
    /** Inputs that the policy accepts, of which each case breaks a copy in one place. None for a type that it refuses. */
    readonly given?: object;
    /** Settings without which the policy accepts nothing; a case's own take their place. */
    readonly settings?: object;
    /** True for the one policy that refuses each type that it does not know. */
    readonly refusesOtherTypes?: boolean;
    readonly cases: readonly Case[];
}

export function describeResourcePolicy(policy: ResourceValidationPolicy, suite: ResourceSuite): void {
    const kinds = remember(policy.name, suite.cases);
    kinds.add("accepts");
    const compliant = suite.given ?? {};
    const standard = suite.settings && { settings: suite.settings };
    describe(`The policy ${policy.name}`, () => {
        if (suite.given) {
            it("should accept the compliant resource", () => {
                assert.deepEqual(judge(policy, suite.type, compliant, standard), { messages: [], unknown: undefined });
            });
        }
        it(`should ${suite.refusesOtherTypes ? "refuse" : "ignore"} resources of other types`, () => {
            const { messages, unknown } = judge(policy, "other:index:Other", {});
            assert.deepEqual([messages.length, unknown], [suite.refusesOtherTypes ? 1 : 0, undefined]);
        });
        it("should refuse a setting that it does not have", () => {
            const misspelt = { settings: { misspelt: 1 } };
            const expected = new RegExp(`^Error: Policy ${policy.name} has no setting "misspelt"; `);
            assert.throws(() => judge(policy, suite.type, compliant, misspelt), expected);
        });
        for (const each of suite.cases) {
            const type = each.type ?? suite.type;
            const given = () => changed(each.given ?? compliant, each.change);
            it(`should ${expectationOf(each)}`, async () => {
                if (each.kind === "remediates")
                    await checkRemedy(policy, type, given(), changed(each.given ?? compliant, each.remedy!));
                else if (each.kind === "leaves") assert.equal(await remediate([policy], type, given()), undefined);
                else checkJudgement(each, judge(policy, type, given(), { ...standard, ...each }));
            });
        }
    });
}

/** A resource as a stack policy receives it. Dependencies are given by resource name. */
export interface Declared {
    readonly type: string;
    readonly properties: Properties;
    readonly dependencies?: Readonly<Record<string, readonly string[]>>;
    /** Resources that it depends on explicitly (dependsOn), by name. */
    readonly dependsOn?: readonly string[];
    /** The component that it is a child of, by name. */
    readonly parent?: string;
}

export type DeclaredStack = Record<string, Declared>;

export interface StackCase {
    readonly kind: "accepts" | "refuses" | "unknown";
    readonly title: string;
    readonly change: (stack: DeclaredStack) => void;
    readonly messages: readonly string[];
    readonly settings?: object;
    /** The resource that violations are reported on. */
    readonly on?: string;
}

export interface StackSuite {
    readonly given: DeclaredStack;
    readonly cases: readonly StackCase[];
}

export function describeStackPolicy(policy: StackValidationPolicy, suite: StackSuite): void {
    const kinds = remember(policy.name, suite.cases);
    kinds.add("accepts");
    describe(`The policy ${policy.name}`, () => {
        it("should accept the compliant stack", () => {
            assert.deepEqual(judgeStack(policy, suite.given), { reported: [], unknown: undefined });
        });
        it("should accept an empty stack", () => {
            assert.deepEqual(judgeStack(policy, {}), { reported: [], unknown: undefined });
        });
        it("should refuse a setting that it does not have", () => {
            const expected = new RegExp(`^Error: Policy ${policy.name} has no setting "misspelt"; `);
            assert.throws(() => judgeStack(policy, suite.given, { misspelt: 1 }), expected);
        });
        for (const each of suite.cases) {
            it(`should ${expectationOf(each)}`, () => {
                const stack = structuredClone(suite.given);
                each.change(stack);
                const { reported, unknown } = judgeStack(policy, stack, each.settings);
                checkJudgement(each, { messages: reported.map(({ message }) => message), unknown });
                if (each.on === undefined) return;
                assert.deepEqual(
                    new Set(reported.map(({ urn }) => urn)),
                    new Set([urnOf(stack[each.on]!.type, each.on)]),
                );
            });
        }
    });
}

export function judgeStack(policy: StackValidationPolicy, stack: DeclaredStack, settings: object = {}) {
    const reported: Reported[] = [];
    let unknown: string | undefined;
    try {
        const args = { resources: resourcesOf(stack), stackTags: new Map<string, string>(), getConfig: () => settings };
        void policy.validateStack(args as never, (message, urn) => reported.push({ message, urn }));
    } catch (error) {
        if (!(error instanceof UnknownValueError)) throw error;
        unknown = (error as Error).message;
    }
    return { reported, unknown };
}

export function acceptsStack(title: string, change: StackCase["change"], settings?: object): StackCase {
    return { kind: "accepts", title, change, messages: [], ...(settings && { settings }) };
}

export function refusesStack(
    title: string,
    change: StackCase["change"],
    messages: string | string[],
    more: { on?: string; settings?: object } = {},
): StackCase {
    return { kind: "refuses", title, change, messages: [messages].flat(), ...more };
}

export function unknownInStack(
    title: string,
    change: StackCase["change"],
    path: string,
    ...messages: string[]
): StackCase {
    return { kind: "unknown", title, change, messages: [path, ...messages] };
}

/** Changes one resource of a stack. */
export function of(name: string, change: Change): StackCase["change"] {
    return (stack) => {
        change(stack[name]!.properties);
    };
}

/** Removes resources from a stack. */
export function without(...names: readonly string[]): StackCase["change"] {
    return (stack) => {
        for (const name of names) {
            if (!(name in stack)) throw new Error(`the fixture has no resource ${name}`);
            // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
            delete stack[name];
        }
    };
}

export function together(...changes: readonly StackCase["change"][]): StackCase["change"] {
    return (stack) => {
        for (const change of changes) change(stack);
    };
}

function resourcesOf(stack: DeclaredStack): PolicyResource[] {
    const resources = new Map(
        Object.entries(stack).map(([name, { type, properties }]) => {
            const props = unknownCheckingProxy(properties) as Properties;
            const resource = { type, name, urn: urnOf(type, name), opts: options, props, dependencies: [] };
            return [name, { ...resource, propertyDependencies: {} } as unknown as PolicyResource];
        }),
    );
    for (const [name, { dependencies = {}, dependsOn = [], parent }] of Object.entries(stack)) {
        const resource = resources.get(name)!;
        resource.dependencies.push(...dependsOn.flatMap((target) => resources.get(target) ?? []));
        if (parent !== undefined) Object.assign(resource, { parent: resources.get(parent) });
        for (const [property, targets] of Object.entries(dependencies)) {
            const found = targets.flatMap((target) => resources.get(target) ?? []);
            resources.get(name)!.propertyDependencies[property] = found;
        }
    }
    return [...resources.values()];
}

function urnOf(type: string, name: string): string {
    return `urn:pulumi:test::relaypacs::${type}::${name}`;
}

function checkJudgement(
    { kind, messages }: Pick<Case, "kind" | "messages">,
    judgement: { messages: string[]; unknown: string | undefined },
): void {
    if (kind !== "unknown") {
        assert.deepEqual(judgement, { messages: [...messages], unknown: undefined });
        return;
    }
    const [path, ...others] = messages;
    assert.equal(judgement.unknown, `string value at .${path} can't be known during preview`);
    assert.deepEqual(judgement.messages, others);
}

/** Checks that the remedy is the expected one, is accepted by the same policy, and is not changed again. */
async function checkRemedy(policy: ResourceValidationPolicy, type: string, given: Properties, expected: Properties) {
    const remedied = await remediate([policy], type, given);
    assert.deepEqual(remedied, expected);
    assert.deepEqual(await analyze([policy], type, expected), []);
    assert.equal(await remediate([policy], type, expected), undefined);
}

function changed(given: object, change: Change): Properties {
    const copy = structuredClone(given) as Properties;
    change(copy);
    return copy;
}

function expectationOf({ kind, title }: Pick<Case, "kind" | "title">): string {
    const expectations: Readonly<Record<Case["kind"], string>> = {
        accepts: `accept ${title}`,
        refuses: `refuse ${title}`,
        unknown: `report that ${title}`,
        remediates: `remediate ${title}`,
        leaves: `leave ${title} unchanged`,
    };
    return expectations[kind];
}

function remember(policy: string, cases: readonly Pick<Case, "kind">[]): Set<Case["kind"]> {
    const kinds = covered.get(policy) ?? new Set();
    for (const { kind } of cases) kinds.add(kind);
    covered.set(policy, kinds);
    return kinds;
}
