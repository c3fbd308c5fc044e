import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { disruptionBudget } from "../shared/disruption-budget";
import { serverLabels, serverPod, type PodArgs } from "../shared/pod-template";

export interface RollingDeploymentArgs extends PodArgs {
    readonly namespace: pulumi.Input<string>;
    /** Seconds without progress after which the rollout has failed. */
    readonly timeoutSeconds: number;
}

/**
 * A service that is replaced pod by pod (specification, section 6, "Staging Deployment"): each new pod is ready before
 * an old one is removed. A rollout without progress leaves the old pods serving and fails the update.
 */
export class RollingDeployment extends pulumi.ComponentResource {
    /** DNS name inside the cluster. */
    readonly host: pulumi.Output<string>;
    readonly serviceName: pulumi.Output<string>;

    constructor(name: string, args: RollingDeploymentArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:RollingDeployment", name, {}, options);
        const { service, namespace } = args;
        const labels = serverLabels(service.name);
        const metadata = { name: service.name, namespace, labels };
        const child = { parent: this };
        new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec: disruptionBudget(labels) }, child);
        const deployment = new k8s.apps.v1.Deployment(
            name,
            {
                metadata: {
                    ...metadata,
                    annotations: { "pulumi.com/timeoutSeconds": String(args.timeoutSeconds + 30) },
                },
                spec: {
                    replicas: service.replicas,
                    revisionHistoryLimit: 5,
                    progressDeadlineSeconds: args.timeoutSeconds,
                    selector: { matchLabels: labels },
                    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
                    template: serverPod(args),
                },
            },
            child,
        );
        const endpoint = new k8s.core.v1.Service(
            name,
            {
                metadata,
                spec: {
                    type: "ClusterIP",
                    selector: labels,
                    ports: [{ name: "http", port: 80, targetPort: service.port, protocol: "TCP" }],
                },
            },
            // A Service is ready when it has ready endpoints.
            { parent: this, dependsOn: deployment },
        );
        this.serviceName = endpoint.metadata.name;
        this.host = pulumi.interpolate`${endpoint.metadata.name}.${endpoint.metadata.namespace}.svc`;
        this.registerOutputs({ host: this.host, serviceName: this.serviceName });
    }
}
