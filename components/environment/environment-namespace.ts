import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ControllerAccess } from "./controller-access";
import { quotaFor, type ServiceSize, type Strategy } from "../shared/resource-quota";
import { deployersGroup, namespaceName, rollbackGroup } from "../../delivery/core/names";
import { after } from "../shared/known-after";
import { NetworkBoundary, type ServiceEndpoint } from "./network-boundary";
import { databaseBackupName, restoreRehearsalName } from "../shared/network-rules";
import { nodeDisk, podSecurity } from "../shared/pod-security";
import { smokeTestsName } from "../shared/pod-template";

export interface EnvironmentNamespaceArgs {
    readonly environment: string;
    readonly services: readonly (ServiceSize & ServiceEndpoint)[];
    /**
     * How services are replaced; determines the quota, and which controllers have access.
     *
     * @default "rolling"
     */
    readonly strategy?: Strategy;
    readonly ingressNamespace: string;
    readonly monitoringNamespace: string;
    readonly database: { readonly cidrs: readonly string[]; readonly port: number };
    /**
     * Where pods that back up the database store it; without it there are no such pods.
     *
     * @default none
     */
    readonly backup?: { readonly storageCidrs: readonly string[] } | undefined;
}

/**
 * One environment's namespace (specification, sections 1 and 6): the `restricted` Pod Security Standard, a quota with
 * room for two colours, default sizes, a network that is closed except for the connections needed, service accounts
 * without tokens, and the deployer's rights.
 */
export class EnvironmentNamespace extends pulumi.ComponentResource {
    /** The namespace's name, known once everything that guards it is in place. */
    readonly namespace: pulumi.Output<string>;

    constructor(name: string, args: EnvironmentNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:environment:EnvironmentNamespace", name, {}, options);
        const namespace = new k8s.core.v1.Namespace(
            name,
            {
                metadata: {
                    name: namespaceName(args.environment),
                    labels: {
                        "app.kubernetes.io/part-of": "relaypacs",
                        "relaypacs.com/environment": args.environment,
                        ...podSecurity,
                    },
                },
            },
            { parent: this },
        );
        const inside = { namespace: namespace.metadata.name };
        const strategy = args.strategy ?? "rolling";
        const access = new ControllerAccess(
            `${name}-controllers`,
            { ...args, ...inside, rollouts: strategy === "blueGreen" },
            { parent: this },
        );
        const guards: pulumi.Resource[] = [
            access,
            ...access.grants,
            new k8s.core.v1.ResourceQuota(
                name,
                {
                    metadata: { ...inside, name: "compute" },
                    spec: {
                        hard: quotaFor(args.services, strategy, (args.backup ? 1 : 0) + (isRehearsed(args) ? 1 : 0)),
                    },
                },
                { parent: this },
            ),
            new k8s.core.v1.LimitRange(
                name,
                {
                    metadata: { ...inside, name: "container-sizes" },
                    spec: {
                        limits: [
                            {
                                type: "Container",
                                defaultRequest: { cpu: "50m", memory: "64Mi", ...nodeDisk(0).requests },
                                default: { cpu: "200m", memory: "128Mi", ...nodeDisk(0).limits },
                            },
                        ],
                    },
                },
                { parent: this },
            ),
            new NetworkBoundary(
                name,
                {
                    ...args,
                    ...inside,
                    smokeTests: strategy === "blueGreen",
                    backup: args.backup && { ...args.backup, rehearsed: isRehearsed(args) },
                },
                { parent: this },
            ),
            ...this.serviceAccounts(name, inside, args, strategy),
            ...this.deployer(name, inside, args),
        ];
        // Workloads take the name from here, so that no pod starts before its guards are in place.
        this.namespace = after(guards, namespace.metadata.name);
        this.registerOutputs({ namespace: this.namespace });
    }

    private serviceAccounts(
        name: string,
        inside: { namespace: pulumi.Output<string> },
        args: EnvironmentNamespaceArgs,
        strategy: Strategy,
    ): pulumi.Resource[] {
        const accounts = args.services.map((service) => service.name);
        if (strategy === "blueGreen") accounts.push(smokeTestsName);
        if (args.backup) accounts.push(databaseBackupName);
        if (isRehearsed(args)) accounts.push(restoreRehearsalName);
        return accounts.map(
            (account) =>
                new k8s.core.v1.ServiceAccount(
                    `${name}-${account}`,
                    { metadata: { ...inside, name: account }, automountServiceAccountToken: false },
                    { parent: this },
                ),
        );
    }

    /**
     * What the roles that deploy and that roll back may do in the namespace: release workloads, but not change guards,
     * quota or rights. Going back runs nothing in a pod, and production's role for it waits for no approver.
     */
    private deployer(
        name: string,
        inside: { namespace: pulumi.Output<string> },
        { environment, backup }: EnvironmentNamespaceArgs,
    ): pulumi.Resource[] {
        const rules = [...releaseRules, ...(backup ? [backupRule] : [])];
        const deployer = this.grant(name, inside, "deployer", deployersGroup(environment), [
            ...rules,
            // To read the database's revision in a serving pod, as evidence of the migration.
            { apiGroups: [""], resources: ["pods/exec"], verbs: ["create", "get"] },
        ]);
        if (environment !== "prod") return deployer;
        const rollback = this.grant(`${name}-rollback`, inside, "rollback", rollbackGroup(environment), rules);
        return [...deployer, ...rollback];
    }

    /** A Role of the namespace, bound to one group. */
    private grant(
        name: string,
        inside: { namespace: pulumi.Output<string> },
        role: string,
        group: string,
        rules: readonly k8s.types.input.rbac.v1.PolicyRule[],
    ): pulumi.Resource[] {
        const metadata = { ...inside, name: role };
        const granted = new k8s.rbac.v1.Role(name, { metadata, rules: [...rules] }, { parent: this });
        const binding = new k8s.rbac.v1.RoleBinding(
            name,
            {
                metadata,
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role },
                subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
            },
            { parent: this, dependsOn: granted },
        );
        return [granted, binding];
    }
}

/** Whether backups are tried here: staging's are. */
const isRehearsed = ({ backup, environment }: EnvironmentNamespaceArgs) =>
    backup !== undefined && environment === "staging";

const readVerbs = ["get", "list", "watch"];
const releaseVerbs = [...readVerbs, "create", "delete", "patch", "update"];

/** An update writes the CronJob again when the database's password has changed: its Secret has another name then. */
const backupRule: k8s.types.input.rbac.v1.PolicyRule = {
    apiGroups: ["batch"],
    resources: ["cronjobs"],
    verbs: releaseVerbs,
};

/** What releasing and going back need. */
const releaseRules: readonly k8s.types.input.rbac.v1.PolicyRule[] = [
    { apiGroups: ["apps"], resources: ["deployments"], verbs: releaseVerbs },
    { apiGroups: ["batch"], resources: ["jobs"], verbs: releaseVerbs },
    { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: releaseVerbs },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: releaseVerbs },
    { apiGroups: ["argoproj.io"], resources: ["rollouts", "analysistemplates"], verbs: releaseVerbs },
    // To abort a release by hand, and to see why one was aborted.
    { apiGroups: ["argoproj.io"], resources: ["rollouts/status"], verbs: ["patch"] },
    { apiGroups: ["argoproj.io"], resources: ["analysisruns"], verbs: readVerbs },
    { apiGroups: ["traefik.io"], resources: ["traefikservices", "ingressroutes"], verbs: releaseVerbs },
    { apiGroups: ["cert-manager.io"], resources: ["certificates"], verbs: releaseVerbs },
    { apiGroups: [""], resources: ["services"], verbs: releaseVerbs },
    { apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete", "get", "patch"] },
    // A rollback deletes aborted ReplicaSets: Argo Rollouts would later promote them without steps.
    { apiGroups: ["apps"], resources: ["replicasets"], verbs: [...readVerbs, "delete"] },
    { apiGroups: [""], resources: ["pods", "pods/log", "events", "endpoints"], verbs: readVerbs },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: readVerbs },
];
