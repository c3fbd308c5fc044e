import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface PublicIngressArgs {
    readonly namespace: pulumi.Input<string>;
    /** For example `staging.relaypacs.com`. */
    readonly hostname: string;
    readonly ingressClass: string;
    /** Service name by path; the longest matching path answers. */
    readonly routes: Readonly<Record<string, pulumi.Input<string>>>;
    /** The cert-manager ClusterIssuer that keeps the certificate in `public-tls`; without one, it is managed elsewhere. */
    readonly certificateIssuer?: string;
}

/** The environment's public host name, by TLS only, with the certificate in `public-tls`. */
export class PublicIngress extends pulumi.ComponentResource {
    constructor(name: string, args: PublicIngressArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:PublicIngress", name, {}, options);
        new k8s.networking.v1.Ingress(
            name,
            {
                metadata: {
                    name: "public",
                    namespace: args.namespace,
                    annotations: {
                        ...(args.certificateIssuer !== undefined && {
                            "cert-manager.io/cluster-issuer": args.certificateIssuer,
                        }),
                        // A release does not wait until the controller assigns an address.
                        "pulumi.com/skipAwait": "true",
                    },
                },
                spec: {
                    ingressClassName: args.ingressClass,
                    tls: [{ hosts: [args.hostname], secretName: "public-tls" }],
                    rules: [
                        {
                            host: args.hostname,
                            http: {
                                paths: Object.entries(args.routes).map(([path, service]) => ({
                                    path,
                                    pathType: "Prefix",
                                    backend: { service: { name: service, port: { name: "http" } } },
                                })),
                            },
                        },
                    ],
                },
            },
            { parent: this },
        );
        this.registerOutputs();
    }
}
