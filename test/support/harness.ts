import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

/** One resource as the program registered it. */
export interface Registered {
    readonly type: string;
    readonly name: string;
    readonly parent: string;
    readonly custom: boolean;
    readonly protect: boolean;
    readonly deleteBeforeReplace: boolean;
    readonly retainOnDelete: boolean;
    readonly ignoreChanges: readonly string[];
    readonly dependencies: readonly string[];
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Its parent, its provider, and the other options of the resource. */
    readonly placement: Placement;
}

/** Resources are named by the end of their URN: the types from the root down, then the name. */
export interface Placement {
    readonly parent: string;
    readonly provider: string;
    readonly dependencies: readonly string[];
    readonly aliases: readonly unknown[];
    readonly customTimeouts: unknown;
    readonly additionalSecretOutputs: readonly string[];
    readonly replaceOnChanges: readonly string[];
}

/** What the mock of AWS Secrets Manager holds of a secret, by the secret's id. */
interface StoredVersions {
    readonly values: Record<string, string>;
    current: string;
}

const store = new Map<string, StoredVersions>();

/** What a mock of a resource sees of a secret input: its value, or the value in its envelope. */
const opened = (value: unknown): string =>
    String(typeof value === "object" && value !== null ? (value as { readonly value?: unknown }).value : value);

/** The configuration's value is the version `version-of-<name>`, and current unless a rotation has written another. */
function keep(name: string, { secretId, secretString }: Record<string, unknown>, rotated: Rotated): void {
    const [id, written] = [String(secretId), `version-of-${name}`];
    const later = rotated[name];
    store.set(id, {
        values: { [written]: opened(secretString), ...(later && { [later.versionId]: later.value }) },
        current: later?.versionId ?? written,
    });
}

function askStore(token: string, { secretId, versionId }: Record<string, unknown>): Record<string, unknown> {
    const entry = store.get(String(secretId));
    assert.ok(entry, `no entry ${String(secretId)} in the store`);
    asked.push(
        `${token.split(":").at(-1) ?? ""} ${String(secretId)}${versionId === undefined ? "" : ` ${String(versionId)}`}`,
    );
    if (token.endsWith(":getSecretVersion")) return { secretString: entry.values[String(versionId)] };
    const stages = (id: string) => (id === entry.current ? ["AWSCURRENT"] : ["AWSPREVIOUS"]);
    return { versions: Object.keys(entry.values).map((id) => ({ versionId: id, versionStages: stages(id) })) };
}

/** Versions that a rotation has written after the configuration's, by the name of the SecretVersion. */
type Rotated = Readonly<Record<string, { readonly versionId: string; readonly value: string }>>;

/** What the last run asked the secret store. */
export const asked: string[] = [];

const registered: Registered[] = [];
const finished = new Set<string>();

/** Outputs that the cloud adds to the inputs of a resource. */
function computed(type: string, name: string): Record<string, unknown> {
    switch (type) {
        case "aws:kms/key:Key":
            return { arn: `arn:aws:kms:us-east-1:123456789012:key/${name}`, keyId: name };
        case "aws:s3/bucket:Bucket":
            return { arn: `arn:aws:s3:::${name}` };
        case "aws:ecr/repository:Repository":
            return { repositoryUrl: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${name}` };
        case "github:index/repository:Repository":
            return { nodeId: `node-${name}`, repoId: 456789 };
        case "aws:secretsmanager/secretVersion:SecretVersion":
            return { arn: `arn:aws:${type}:${name}`, versionId: `version-of-${name}` };
        case "kubernetes:core/v1:Secret":
            return { metadata: { name: `${name}-0a1b2c3d` } };
        default:
            return { arn: `arn:aws:${type}:${name}` };
    }
}

const registerOutputs = pulumi.ComponentResource.prototype["registerOutputs" as never] as (outputs?: unknown) => void;
(pulumi.ComponentResource.prototype as unknown as Record<string, unknown>).registerOutputs = function (
    this: pulumi.ComponentResource & { __name: string },
    outputs?: unknown,
) {
    finished.add(this.__name);
    registerOutputs.call(this, outputs);
};

interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getCustom(): boolean;
    getProtect(): boolean;
    getDeletebeforereplace(): boolean;
    getRetainondelete(): boolean;
    getIgnorechangesList(): string[];
    getDependenciesList(): string[];
    getProvider(): string;
    getAliasesList(): { toObject(): unknown }[];
    getCustomtimeouts(): { toObject(): unknown } | undefined;
    getAdditionalsecretoutputsList(): string[];
    getReplaceonchangesList(): string[];
    getObject(): { toJavaScript(): Record<string, unknown> };
}

interface Monitor {
    registerResource(request: Request, done: (error: Error | null, response?: unknown) => void): unknown;
}

const nameOf = (urn: string) => urn.split("::").pop() ?? "";
const placeOf = (urn: string) => urn.split("::").slice(2).join("::");

/** Runs `build` against mocks, as an update or a preview, and returns every resource that it registered, in order. */
export async function deploy(
    build: () => unknown,
    {
        stack = "staging",
        preview = false,
        rotated = {},
        outputs = {},
    }: {
        readonly stack?: string;
        readonly preview?: boolean;
        readonly rotated?: Rotated;
        /** What the stack's last update left. */
        readonly outputs?: Readonly<Record<string, unknown>>;
    } = {},
): Promise<Registered[]> {
    registered.length = 0;
    asked.length = 0;
    store.clear();
    finished.clear();
    const failures: unknown[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, type, inputs }) => {
                const given = inputs as Record<string, unknown>;
                if (type === "aws:secretsmanager/secretVersion:SecretVersion") keep(name, given, rotated);
                return { id: `${name}-id`, state: { ...given, ...merged(given, computed(type, name)) } };
            },
            call: ({ token, inputs }: pulumi.runtime.MockCallArgs) => {
                if (token === "github:index/getTeam:getTeam")
                    return { id: (inputs as { slug: string }).slug === "tech-leads" ? "2" : "1" };
                if (token === "github:index/getOrganization:getOrganization") return { id: "123456" };
                if (token === "github:index/getRepository:getRepository") return { repoId: 345678 };
                if (token === "pulumi:pulumi:readStackOutputs") return { outputs };
                if (token.startsWith("aws:secretsmanager/")) return askStore(token, inputs as Record<string, unknown>);
                throw new Error(`no mock for ${token}`);
            },
        },
        "relaypacs",
        stack,
        preview,
        "organization",
    );
    // The mocks see inputs only; parents, protection and dependencies are in the request itself.
    const monitor = (pulumi.runtime as unknown as { getMonitor(): Monitor }).getMonitor();
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, done) => {
        registered.push({
            type: request.getType(),
            name: request.getName(),
            parent: nameOf(request.getParent()),
            custom: request.getCustom(),
            protect: request.getProtect(),
            deleteBeforeReplace: request.getDeletebeforereplace(),
            retainOnDelete: request.getRetainondelete(),
            ignoreChanges: request.getIgnorechangesList(),
            dependencies: request.getDependenciesList().map(nameOf),
            inputs: request.getObject().toJavaScript(),
            placement: {
                parent: placeOf(request.getParent()),
                provider: placeOf(request.getProvider()).replace(/::[^:]*$/, ""),
                dependencies: request.getDependenciesList().map(placeOf),
                aliases: request.getAliasesList().map((alias) => alias.toObject()),
                customTimeouts: request.getCustomtimeouts()?.toObject(),
                additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
                replaceOnChanges: request.getReplaceonchangesList(),
            },
        });
        return register(request, (error, response) => {
            if (error) failures.push(error);
            done(error, response);
        });
    };
    await build();
    await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
    if (failures.length) throw failures[0] as Error;
    return [...registered];
}

function merged(inputs: Record<string, unknown>, added: Record<string, unknown>): Record<string, unknown> {
    const metadata = { ...(added.metadata as object | undefined), ...(inputs.metadata as object | undefined) };
    return Object.keys(metadata).length ? { ...added, metadata } : added;
}

/** The only resource of a type, or the one with that name. */
export function only(resources: readonly Registered[], type: string, name?: string): Registered {
    const found = resources.filter((one) => one.type === type && (name === undefined || one.name === name));
    assert.equal(found.length, 1, `${found.length} resources ${type} ${name ?? ""}`);
    return found[0]!;
}

export const ofType = (resources: readonly Registered[], type: string): Registered[] =>
    resources.filter((one) => one.type === type);

/** The value of a Pulumi secret as the engine receives it; fails when the value is not a secret. */
export function secretValue(value: unknown): unknown {
    const wrapped = value as Record<string, unknown> | undefined;
    assert.equal(wrapped?.[pulumi.runtime.specialSigKey], pulumi.runtime.specialSecretSig, "the value is not a secret");
    return wrapped.value;
}

/** Asserts what holds for every component: its token, its children's parent, its registered outputs. */
export function assertWellFormed(resources: readonly Registered[], root: string): void {
    for (const one of resources.filter((resource) => !resource.custom)) {
        assert.match(one.type, /^relaypacs:[a-z]+:[A-Z]\w+$/);
        assert.ok(finished.has(one.name), `${one.name} never registered its outputs`);
    }
    for (const one of resources.filter((resource) => resource.name !== root || resource.custom)) {
        assert.notEqual(one.parent, "", `${one.type} ${one.name} has no parent`);
    }
}
