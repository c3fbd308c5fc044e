import { aws, github, kubernetes } from "../../../policies/shared/types";
import * as amazon from "../fixtures/aws";
import * as hub from "../fixtures/github";
import * as cluster from "../fixtures/kubernetes";

interface Sample {
    readonly name: string;
    readonly type: string;
    readonly properties: object;
    /** Inputs that refer to another sample of the same service, by that sample's name. */
    readonly refersTo?: Readonly<Record<string, string>>;
}

/** One service as the platform declares it: registry, store, secret, namespace, workload and repository. */
const service: readonly Sample[] = [
    { name: "key", type: aws.key, properties: amazon.key },
    { name: "images", type: aws.ecrRepository, properties: amazon.repository },
    {
        name: "images-lifecycle",
        type: aws.ecrLifecyclePolicy,
        properties: amazon.lifecyclePolicy,
        refersTo: { repository: "images" },
    },
    {
        name: "images-policy",
        type: aws.ecrRepositoryPolicy,
        properties: amazon.repositoryPolicy,
        refersTo: { repository: "images" },
    },
    { name: "artifacts", type: aws.bucket, properties: amazon.bucket },
    {
        name: "artifacts-block",
        type: aws.bucketPublicAccessBlock,
        properties: amazon.publicAccessBlock,
        refersTo: { bucket: "artifacts" },
    },
    {
        name: "artifacts-encryption",
        type: aws.bucketEncryption,
        properties: amazon.bucketEncryption,
        refersTo: { bucket: "artifacts" },
    },
    {
        name: "artifacts-policy",
        type: aws.bucketPolicy,
        properties: amazon.bucketPolicy,
        refersTo: { bucket: "artifacts" },
    },
    {
        name: "artifacts-versioning",
        type: aws.bucketVersioning,
        properties: amazon.bucketVersioning,
        refersTo: { bucket: "artifacts" },
    },
    {
        name: "artifacts-ownership",
        type: aws.bucketOwnership,
        properties: amazon.bucketOwnership,
        refersTo: { bucket: "artifacts" },
    },
    {
        name: "artifacts-lifecycle",
        type: aws.bucketLifecycle,
        properties: amazon.bucketLifecycle,
        refersTo: { bucket: "artifacts" },
    },
    {
        name: "artifacts-log",
        type: aws.bucketLogging,
        properties: amazon.bucketLogging,
        refersTo: { bucket: "artifacts" },
    },
    { name: "secret", type: aws.secret, properties: amazon.secret },
    {
        name: "secret-policy",
        type: aws.secretPolicy,
        properties: amazon.secretPolicy,
        refersTo: { secretArn: "secret" },
    },
    {
        name: "secret-rotation",
        type: aws.secretRotation,
        properties: amazon.secretRotation,
        refersTo: { secretId: "secret" },
    },
    { name: "role", type: aws.role, properties: amazon.role },
    { name: "role-policy", type: aws.rolePolicy, properties: amazon.rolePolicy, refersTo: { role: "role" } },
    { name: "namespace", type: kubernetes.namespace, properties: cluster.namespace },
    { name: "quota", type: kubernetes.resourceQuota, properties: cluster.resourceQuota },
    { name: "limits", type: kubernetes.limitRange, properties: cluster.limitRange },
    { name: "deny", type: kubernetes.networkPolicy, properties: cluster.defaultDeny },
    { name: "network", type: kubernetes.networkPolicy, properties: cluster.networkPolicy },
    { name: "account", type: kubernetes.serviceAccount, properties: cluster.serviceAccount },
    { name: "deployer", type: kubernetes.role, properties: cluster.role },
    { name: "deployer-binding", type: kubernetes.roleBinding, properties: cluster.roleBinding },
    { name: "migration", type: kubernetes.job, properties: cluster.job },
    { name: "deployment", type: kubernetes.deployment, properties: cluster.deployment },
    { name: "budget", type: kubernetes.podDisruptionBudget, properties: cluster.podDisruptionBudget },
    { name: "service", type: kubernetes.service, properties: cluster.service },
    { name: "ingress", type: kubernetes.ingress, properties: cluster.ingress },
    { name: "repository", type: github.repository, properties: hub.repository },
    {
        name: "main",
        type: github.branchProtection,
        properties: hub.branchProtection,
        refersTo: { repositoryId: "repository" },
    },
    {
        name: "staging",
        type: github.branchProtection,
        properties: { ...hub.branchProtection, pattern: "staging" },
        refersTo: { repositoryId: "repository" },
    },
    { name: "tags", type: github.ruleset, properties: hub.ruleset, refersTo: { repository: "repository" } },
    {
        name: "production",
        type: github.environment,
        properties: hub.environment,
        refersTo: { repository: "repository" },
    },
];

const project = "relaypacs";
const stack = "synthetic";
const stackUrn = `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;

/**
 * A stack of compliant services, as `pulumi stack export` writes it, for measuring what judging costs: `pulumi policy
 * analyze --file STATE --policy-pack policies`.
 *
 * @param count resources beside the stack itself; the last service may be incomplete, and then lacks companions
 */
export function syntheticState(count: number): object {
    const resources = Array.from({ length: count }, (_, index) => {
        const number = Math.floor(index / service.length);
        return resourceOf(service[index % service.length]!, number);
    });
    const now = new Date(0).toISOString();
    return {
        version: 3,
        deployment: {
            manifest: { time: now, magic: "", version: "" },
            resources: [{ urn: stackUrn, custom: false, type: "pulumi:pulumi:Stack" }, ...resources],
        },
    };
}

/** How many resources one service has. */
export const resourcesPerService = service.length;

function resourceOf({ name, type, properties, refersTo = {} }: Sample, number: number): object {
    const inputs = numbered(properties, number);
    const targets = Object.entries(refersTo).map(([input, target]) => {
        const found = service.find((each) => each.name === target)!;
        return [input, [urnOf(found.type, found.name, number)]] as const;
    });
    return {
        urn: urnOf(type, name, number),
        custom: true,
        id: `${name}-${number}`,
        type,
        inputs,
        outputs: { ...inputs, id: `${name}-${number}` },
        parent: stackUrn,
        dependencies: targets.flatMap(([, urns]) => urns),
        propertyDependencies: Object.fromEntries(targets),
    };
}

/** Each service has a namespace and buckets of its own. */
function numbered(properties: object, number: number): object {
    const text = JSON.stringify(properties)
        .replaceAll("relaypacs-staging", `relaypacs-${number}`)
        .replaceAll("relaypacs-artifacts", `relaypacs-artifacts-${number}`);
    return JSON.parse(text) as object;
}

function urnOf(type: string, name: string, number: number): string {
    return `urn:pulumi:${stack}::${project}::${type}::${name}-${number}`;
}
