import { Secret } from "@pulumi/policy";

/**
 * Marks inputs as secret that are not, in place; true when it marked one.
 *
 * Policies see unwrapped values, so no validation can tell whether a value is secret. A remediation can: under the
 * SDK's proxies the raw inputs hold secrets as `Secret`, and the engine encrypts what a remediation gives back as one.
 * A value that is unknown and not secret throws, as it does for any other policy.
 */
export function markSecret(inputs: object, ...names: readonly string[]): boolean {
    const seen = inputs as Record<string, unknown>;
    const raw = behindProxies(seen);
    const plain = names.filter((name) => !(raw[name] instanceof Secret) && isSet(seen[name]));
    for (const name of plain) raw[name] = new Secret(raw[name]);
    return plain.length > 0;
}

function isSet(value: unknown): boolean {
    return value !== undefined && value !== null && value !== "";
}

interface Proxied {
    readonly __isSpecialProxy?: boolean;
    readonly __getSpecialProxyTarget?: Record<string, unknown>;
}

/** The inputs themselves, under the proxies of the SDK. */
export function behindProxies(inputs: Record<string, unknown>): Record<string, unknown> {
    let raw = inputs;
    while ((raw as Proxied).__isSpecialProxy) raw = (raw as Proxied).__getSpecialProxyTarget as Record<string, unknown>;
    return raw;
}
