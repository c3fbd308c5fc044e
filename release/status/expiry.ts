import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { counted } from "../../delivery/core/text";
import { refusalOf } from "../../delivery/rollouts/wording";
import { act, well, type Line } from "./line";

/** Something that counts until a moment, in milliseconds since 1970. */
export interface Expiring {
    readonly at: number;
    readonly what: string;
}

/** So many are shown of those that expire next. */
const shown = 6;

const day = 86_400_000;

/** What has expired, then what expires next, in the order of time. */
export function expiryLines(all: readonly Expiring[], now: number): readonly Line[] {
    const inOrder = [...all].sort((one, other) => one.at - other.at);
    const date = (at: number) => new Date(at).toISOString().slice(0, 10);
    const over = inOrder.filter(({ at }) => at <= now);
    const next = inOrder.filter(({ at }) => at > now);
    const rest = next.length - shown;
    return [
        ...over.map(({ at, what }) => act(`${date(at)}, over: ${what}.`)),
        ...next
            .slice(0, shown)
            .map(({ at, what }) => well(`${date(at)}, in ${counted(Math.floor((at - now) / day), "day")}: ${what}.`)),
        ...(rest > 0 ? [well(`${counted(rest, "date")} later than these.`)] : []),
    ];
}

/**
 * Until when the certificate of the public host name counts, as the ingress controller has it.
 *
 * @throws Error, one sentence, when the cluster doesn't give it out
 */
export async function certificateDate(cluster: KubeConfig, namespace: string): Promise<Expiring> {
    const name = "public-tls";
    let chain: string | undefined;
    try {
        const { data } = await cluster.makeApiClient(CoreV1Api).readNamespacedSecret({ namespace, name });
        chain = data?.["tls.crt"];
    } catch (error) {
        throw new Error(`The cluster does not give the certificate ${name} of ${namespace}: ${refusalOf(error)}.`, {
            cause: error,
        });
    }
    try {
        // The first of the chain is the host name's own.
        const certificate = new X509Certificate(Buffer.from(chain ?? "", "base64"));
        const host = certificate.subjectAltName?.replace(/^DNS:/, "").split(", ")[0] ?? name;
        return { at: Date.parse(certificate.validTo), what: `the certificate of ${host}` };
    } catch (error) {
        throw new Error(`The Secret ${name} of ${namespace} has no certificate.`, { cause: error });
    }
}

const configuration = z.object({
    "stack-resource-type": z
        .object({ exceptions: z.array(z.object({ type: z.string(), until: z.iso.date() })).default([]) })
        .default({ exceptions: [] }),
});

/** The policy pack's configuration, as `pulumi` takes it. */
const packConfiguration = () => process.env.PULUMI_OPTION_POLICY_PACK_CONFIG ?? "policies/account.json";

/**
 * Until when the policy pack lets types in that the platform does not declare (`stack-resource-type`).
 *
 * @throws Error, one sentence, when its configuration can't be read
 */
export function letInTypes(file = packConfiguration()): Expiring[] {
    let read: z.output<typeof configuration>;
    try {
        read = configuration.parse(JSON.parse(fs.readFileSync(file, "utf8")));
    } catch (error) {
        throw new Error(
            `The policy pack's configuration ${file} can't be read, so what it lets in for a time is not known.`,
            {
                cause: error,
            },
        );
    }
    return read["stack-resource-type"].exceptions.map(({ type, until }) => ({
        // It counts until the end of that day.
        at: Date.parse(until) + day,
        what: `the exception of the policy pack for ${type}`,
    }));
}
