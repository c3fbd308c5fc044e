import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface RolloutRoutesArgs {
    readonly namespace: pulumi.Input<string>;
    /** For example `relaypacs.com`. */
    readonly hostname: string;
    /** Weighted service by path; the longest matching path answers. */
    readonly routes: Readonly<Record<string, pulumi.Input<string>>>;
    /** The cert-manager ClusterIssuer that keeps the certificate in `public-tls`; without one, it is managed elsewhere. */
    readonly certificateIssuer?: string;
}

/**
 * Matches a path without the longer ones below it. Traefik drops a route that it can't build, and without this the route
 * of a shorter path would answer for another service.
 */
function matchOf(hostname: string, path: string, paths: readonly string[]): string {
    const below = paths.filter((other) => other !== path && other.startsWith(path));
    return [
        `Host(\`${hostname}\`)`,
        `PathPrefix(\`${path}\`)`,
        ...below.sort().map((other) => `!PathPrefix(\`${other}\`)`),
    ].join(" && ");
}

/** The environment's public host name, by TLS only, routed to weighted services. */
export class RolloutRoutes extends pulumi.ComponentResource {
    constructor(name: string, args: RolloutRoutesArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:RolloutRoutes", name, {}, options);
        const metadata = { name: "public", namespace: args.namespace };
        const secretName = "public-tls";
        if (args.certificateIssuer !== undefined) {
            new k8s.apiextensions.CustomResource(
                `${name}-certificate`,
                {
                    apiVersion: "cert-manager.io/v1",
                    kind: "Certificate",
                    // It is issued once DNS points here; a release does not wait for that.
                    metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
                    spec: {
                        secretName,
                        dnsNames: [args.hostname],
                        issuerRef: { kind: "ClusterIssuer", name: args.certificateIssuer },
                    },
                },
                { parent: this },
            );
        }
        new k8s.apiextensions.CustomResource(
            name,
            {
                apiVersion: "traefik.io/v1alpha1",
                kind: "IngressRoute",
                metadata,
                spec: {
                    entryPoints: ["websecure"],
                    routes: Object.entries(args.routes).map(([path, service]) => ({
                        kind: "Rule",
                        match: matchOf(args.hostname, path, Object.keys(args.routes)),
                        services: [{ kind: "TraefikService", name: service }],
                    })),
                    tls: { secretName },
                },
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}
