import type { PolicyConfigSchema } from "@pulumi/policy";

/**
 * A policy's settings: its schema's defaults under what the pack's configuration gives. The engine checks types and
 * bounds against the schema but lets unknown keys through, so a misspelt key is refused here.
 */
export function settingsOf<Settings>(policy: string, schema: PolicyConfigSchema | undefined, given: object): Settings {
    const properties = schema?.properties ?? {};
    const settings: Record<string, unknown> = {};
    for (const [key, property] of Object.entries(properties)) settings[key] = property.default;
    for (const [key, value] of Object.entries(given)) {
        if (!(key in properties)) {
            const known = Object.keys(properties);
            const accepted = known.length > 0 ? `accepted: ${known.join(", ")}` : "it has no settings";
            throw new Error(
                `Policy ${policy} has no setting "${key}"; ${accepted}. Correct the policy pack's configuration.`,
            );
        }
        settings[key] = value;
    }
    return settings as Settings;
}

/** Settings that several policies share, each with its schema in one place. */
export const accounts = {
    type: "array",
    items: { type: "string", pattern: "^[0-9]{12}$" },
    uniqueItems: true,
    default: ["123456789012"],
    description: "AWS accounts whose principals may be named, as 12 digits each",
} as const;

export const exemptStacks = {
    type: "array",
    items: { type: "string", minLength: 1 },
    uniqueItems: true,
    default: [] as string[],
    description: "Stacks in which deletion may take the contents along",
} as const;

export const evidencePattern = {
    type: "string",
    format: "regex",
    minLength: 1,
    default: "evidence",
    description: "Regular expression that finds evidence buckets by resource name or bucket name",
} as const;
