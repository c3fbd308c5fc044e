import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { BlueGreenSettings } from "./blue-green-settings";
import { ReleaseAnalyses, templateName, type Analysis } from "./release-analyses";
import { namespaceName, templateHashLabel } from "../../delivery/core/names";
import { disruptionBudget } from "../shared/disruption-budget";
import { serverLabels, serverPod, type PodArgs } from "../shared/pod-template";

export interface BlueGreenDeploymentArgs extends PodArgs {
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    readonly settings: BlueGreenSettings;
    readonly prometheusUrl: string;
    /**
     * Seconds between two scrapes of a pod.
     *
     * @default 15
     */
    readonly scrapeSeconds?: number;
    readonly smokeTests: { readonly image: string; readonly secretName: pulumi.Input<string> };
    /** Seconds without progress after which green is aborted. */
    readonly timeoutSeconds: number;
    /** Kubeconfig context with which the rollout is followed, or undefined for the current one. */
    readonly kubernetesContext: string | undefined;
    /** Follows the Rollout to its outcome, because Pulumi itself does not wait for it. */
    readonly follow: FollowRollout;
}

/** Returns the version once its rollout is complete; fails the update when the rollout is aborted. */
export type FollowRollout = (
    rollout: k8s.apiextensions.CustomResource,
    args: {
        readonly namespace: pulumi.Input<string>;
        readonly name: string;
        readonly version: string;
        readonly replicas: number;
        readonly context?: string;
    },
) => pulumi.Output<string>;

/** Seconds that green runs on after an abort, to finish requests in flight. */
const abortScaleDownDelaySeconds = 30;

/** How many revisions a rollback may go back without steps, aborted ones included. */
const rollbackRevisions = 3;

/**
 * A service that is released blue-green (specification, section 6, "Production Deployment"): green in full beside blue,
 * smoke tests on it, half of the requests for ten minutes, all of them, five minutes more under watch, and blue idle for
 * an hour. Argo Rollouts performs it as a canary, because its blue-green strategy can't split traffic. Each stage is
 * measured; a failed measurement returns all requests to blue at once.
 *
 * Argo Rollouts owns the weights of the TraefikService and the selectors of both Services. The program declares neither,
 * so a refresh during a release shows no drift, and an update never shifts traffic.
 */
export class BlueGreenDeployment extends pulumi.ComponentResource {
    /** The weighted service that routes lead to. */
    readonly weightedServiceName: pulumi.Output<string>;
    /** The version, known once it serves all requests. */
    readonly deployed: pulumi.Output<string>;

    constructor(name: string, args: BlueGreenDeploymentArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:BlueGreenDeployment", name, {}, options);
        const { service, namespace, settings } = args;
        const labels = serverLabels(service.name);
        const metadata = (of: string) => ({ name: of, namespace, labels });
        const stable = service.name;
        const canary = `${service.name}-canary`;
        const child = { parent: this };
        const analyses = new ReleaseAnalyses(
            `${name}-analyses`,
            {
                namespaceName: namespaceName(args.environment),
                namespace,
                service,
                settings,
                prometheusUrl: args.prometheusUrl,
                scrapeSeconds: args.scrapeSeconds ?? 15,
                smokeTests: {
                    ...args.smokeTests,
                    address: `http://${canary}.${namespaceName(args.environment)}.svc`,
                },
            },
            child,
        );
        new k8s.policy.v1.PodDisruptionBudget(
            name,
            // Over both colours together, so that the one that serves loses one pod at a time.
            { metadata: metadata(stable), spec: disruptionBudget(labels) },
            child,
        );
        const endpoints = [stable, canary].map(
            (endpoint) =>
                new k8s.core.v1.Service(
                    endpoint,
                    {
                        // It has no pods until Argo Rollouts sets its selector.
                        metadata: { ...metadata(endpoint), annotations: { "pulumi.com/skipAwait": "true" } },
                        spec: {
                            type: "ClusterIP",
                            ports: [{ name: "http", port: 80, targetPort: service.port, protocol: "TCP" }],
                        },
                    },
                    child,
                ),
        );
        const weighted = new k8s.apiextensions.CustomResource(
            `${name}-weights`,
            {
                apiVersion: "traefik.io/v1alpha1",
                kind: "TraefikService",
                metadata: metadata(stable),
                spec: {
                    weighted: {
                        services: [
                            { name: stable, port: 80 },
                            { name: canary, port: 80 },
                        ],
                    },
                },
            },
            // Argo Rollouts writes its weights into this list. Where Traefik's own definitions are installed, the list has
            // one owner as a whole, and any update of the object would be refused or reset the weights.
            { parent: this, ignoreChanges: ["metadata.labels", "spec"] },
        );
        const rollout = new k8s.apiextensions.CustomResource(
            name,
            {
                apiVersion: "argoproj.io/v1alpha1",
                kind: "Rollout",
                metadata: { ...metadata(stable), annotations: { "pulumi.com/skipAwait": "true" } },
                spec: {
                    replicas: service.replicas,
                    revisionHistoryLimit: 5,
                    rollbackWindow: { revisions: rollbackRevisions },
                    progressDeadlineSeconds: args.timeoutSeconds,
                    progressDeadlineAbort: true,
                    selector: { matchLabels: labels },
                    template: colourPod(args),
                    strategy: { canary: strategy(service.name, stable, canary, settings) },
                },
            },
            {
                parent: this,
                dependsOn: [...endpoints, weighted, analyses, ...analyses.templates],
            },
        );
        this.weightedServiceName = weighted.metadata.name;
        this.deployed = args.follow(rollout, {
            namespace,
            name: stable,
            version: args.version,
            replicas: service.replicas,
            ...(args.kubernetesContext !== undefined && { context: args.kubernetesContext }),
        });
        this.registerOutputs({ weightedServiceName: this.weightedServiceName, deployed: this.deployed });
    }
}

/** The seven steps of the specification's section 6, with those of section 7 between them. */
function strategy(service: string, stable: string, canary: string, settings: BlueGreenSettings) {
    const green = { name: "canary-hash", valueFrom: { podTemplateHashValue: "Latest" } };
    const blue = { name: "stable-hash", valueFrom: { podTemplateHashValue: "Stable" } };
    const analysis = (which: Analysis, ...args: object[]) => ({
        templates: [{ templateName: templateName(service, which) }],
        ...(args.length > 0 && { args }),
    });
    return {
        stableService: stable,
        canaryService: canary,
        trafficRouting: { traefik: { weightedTraefikServiceName: stable } },
        maxUnavailable: 0,
        scaleDownDelaySeconds: settings.blueIdleSeconds,
        // One idle colour: the quota has room for three colours, and the next release needs one.
        scaleDownDelayRevisionLimit: 1,
        abortScaleDownDelaySeconds,
        // From the step after green is scaled up.
        analysis: { ...analysis("podHealth", green), startingStep: 1 },
        steps: [
            { setCanaryScale: { weight: 100 } },
            { analysis: analysis("smokeTests") },
            { setWeight: settings.canaryWeightPercent },
            { analysis: analysis("canaryErrors", green, blue) },
            { setWeight: 100 },
            { analysis: analysis("deploymentErrors", green) },
        ],
    };
}

/** A server's pod, each colour spread over nodes by itself. */
export function colourPod(args: PodArgs) {
    const pod = serverPod(args);
    const { topologySpreadConstraints, ...spec } = pod.spec as k8s.types.input.core.v1.PodSpec;
    return {
        ...pod,
        spec: {
            ...spec,
            topologySpreadConstraints: (topologySpreadConstraints as object[]).map((constraint) => ({
                ...constraint,
                matchLabelKeys: [templateHashLabel],
            })),
        },
    };
}
