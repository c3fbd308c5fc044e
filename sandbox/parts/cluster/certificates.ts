import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { run } from "../../machine/command";
import type { Instance } from "../../machine/instance";
import { stackSetting } from "../../stacks/stack-variables";
import { sandboxRegistry } from "../cloud/account";
import { pkiFile } from "./pki";

export { pkiFile };

interface Certificate {
    readonly name: string;
    readonly commonName: string;
    readonly organization?: string;
    readonly usage: "clientAuth" | "serverAuth";
    readonly alternativeNames?: readonly string[];
    /** Write `<name>.kubeconfig` too. */
    readonly kubeconfig?: boolean;
}

/** The first address of the service range is the API server's own service, by Kubernetes' convention. */
const apiServiceAddress = (instance: Instance) => instance.serviceRange.replace(/\.0\/\d+$/, ".1");

/** The certificates that https://kubernetes.io/docs/setup/best-practices/certificates/ asks for, without etcd's. */
function certificates(instance: Instance): Certificate[] {
    const node = { commonName: `system:node:${instance.nodeName}`, organization: "system:nodes" };
    const addresses = [`IP:${instance.nodeAddress}`, "IP:127.0.0.1"];
    const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"].map(
        (it) => `DNS:${it}`,
    );
    return [
        {
            name: "apiserver",
            commonName: "kube-apiserver",
            usage: "serverAuth",
            alternativeNames: [...service, ...addresses, `IP:${apiServiceAddress(instance)}`],
        },
        { name: "admin", commonName: "admin", organization: "system:masters", usage: "clientAuth", kubeconfig: true },
        { name: "kubelet-client", commonName: "apiserver", organization: "system:masters", usage: "clientAuth" },
        { name: "front-proxy", commonName: "front-proxy-client", usage: "clientAuth" },
        ...["kube-controller-manager", "kube-scheduler", "kube-proxy", "kube-network-policies"].map(
            (name): Certificate => ({
                name,
                commonName: `system:${name}`,
                usage: "clientAuth",
                kubeconfig: true,
            }),
        ),
        { name: "kubelet", ...node, usage: "clientAuth", kubeconfig: true },
        {
            name: "kubelet-serving",
            ...node,
            usage: "serverAuth",
            alternativeNames: [`DNS:${instance.nodeName}`, ...addresses],
        },
        {
            name: "registry",
            commonName: "registry",
            usage: "serverAuth",
            alternativeNames: [`DNS:${sandboxRegistry()}`],
        },
        // In a real environment, a public issuer signs it.
        ...["staging", "prod"].map((stack): Certificate => {
            const hostname = String(stackSetting(stack, "hostname"));
            return {
                name: `public-${stack}`,
                commonName: hostname,
                usage: "serverAuth",
                alternativeNames: [`DNS:${hostname}`],
            };
        }),
    ];
}

function configuration(subject: Record<string, string>, extensions: Record<string, string>): string {
    const lines = (entries: Record<string, string>) =>
        Object.entries(entries).map(([key, value]) => `${key} = ${value}`);
    const request = ["[req]", "prompt = no", "distinguished_name = subject", "x509_extensions = extensions"];
    return [...request, "[subject]", ...lines(subject), "[extensions]", ...lines(extensions)].join("\n");
}

async function newCertificate(folder: string, name: string, config: string, signer: readonly string[]): Promise<void> {
    // A configuration of its own, independent of the machine's defaults.
    const file = path.join(folder, `${name}.cnf`);
    fs.writeFileSync(file, config);
    const request = ["req", "-x509", "-config", file, "-days", "3650", "-nodes"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", `${name}.key`];
    await run("openssl", [...request, ...key, "-out", `${name}.crt`, ...signer], { directory: folder });
    fs.rmSync(file);
}

async function issue(folder: string, certificate: Certificate): Promise<void> {
    const { commonName, organization, usage, alternativeNames } = certificate;
    const config = configuration(
        { ...(organization === undefined ? {} : { O: organization }), CN: commonName },
        {
            basicConstraints: "critical,CA:FALSE",
            keyUsage: "critical,digitalSignature",
            extendedKeyUsage: usage,
            ...(alternativeNames === undefined ? {} : { subjectAltName: alternativeNames.join(",") }),
        },
    );
    await newCertificate(folder, certificate.name, config, ["-CA", "ca.crt", "-CAkey", "ca.key"]);
}

function kubeconfig(instance: Instance, folder: string, name: string, contexts: readonly string[]): string {
    const data = (file: string) => fs.readFileSync(path.join(folder, file)).toString("base64");
    const cluster = { server: instance.kubernetesApi, "certificate-authority-data": data("ca.crt") };
    const user = { "client-certificate-data": data(`${name}.crt`), "client-key-data": data(`${name}.key`) };
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: instance.nodeName, cluster }],
        users: [{ name, user }],
        contexts: contexts.map((context) => ({ name: context, context: { cluster: instance.nodeName, user: name } })),
        "current-context": contexts[0],
    });
}

/** Issues the certificates and writes the kubeconfigs that a folder with a certificate authority does not have yet. */
async function issueMissing(instance: Instance, folder: string): Promise<void> {
    const missing = (file: string) => !fs.existsSync(path.join(folder, file));
    await Promise.all(
        certificates(instance)
            .filter(({ name }) => missing(`${name}.crt`))
            .map((certificate) => issue(folder, certificate)),
    );
    for (const { name, kubeconfig: wanted } of certificates(instance)) {
        if (wanted !== true || !missing(`${name}.kubeconfig`)) continue;
        const contexts = name === "admin" ? ["staging-cluster", "prod-cluster"] : [name];
        const text = kubeconfig(instance, folder, name, contexts);
        fs.writeFileSync(path.join(folder, `${name}.kubeconfig`), text, { mode: 0o600 });
    }
}

const underWay = new Map<string, Promise<void>>();

/**
 * Makes the cluster's certificate authority, certificates and kubeconfigs, once a sandbox; all of them or none. Parts
 * that start at the same time share one run.
 */
export function createCertificates(instance: Instance): Promise<void> {
    const running = underWay.get(instance.root);
    if (running !== undefined) return running;
    const created = create(instance).finally(() => underWay.delete(instance.root));
    underWay.set(instance.root, created);
    return created;
}

async function create(instance: Instance): Promise<void> {
    const target = path.dirname(pkiFile(instance, "ca.crt"));
    if (!fs.existsSync(target)) {
        const folder = `${target}.new`;
        fs.rmSync(folder, { recursive: true, force: true });
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
        const authority = { basicConstraints: "critical,CA:TRUE", keyUsage: "critical,keyCertSign,cRLSign" };
        await newCertificate(
            folder,
            "ca",
            configuration({ CN: instance.nodeName }, { ...authority, subjectKeyIdentifier: "hash" }),
            [],
        );
        const { publicKey, privateKey } = generateKeyPairSync("ec", {
            namedCurve: "P-256",
            publicKeyEncoding: { type: "spki", format: "pem" },
            privateKeyEncoding: { type: "pkcs8", format: "pem" },
        });
        fs.writeFileSync(path.join(folder, "service-account.pub"), publicKey);
        fs.writeFileSync(path.join(folder, "service-account.key"), privateKey, { mode: 0o600 });
        await issueMissing(instance, folder);
        fs.renameSync(folder, target);
    }
    // A sandbox that was created with fewer certificates.
    await issueMissing(instance, target);
    // Users of the sandbox may change the current context; the next start resets it.
    fs.copyFileSync(pkiFile(instance, "admin.kubeconfig"), instance.kubeconfig);
}
