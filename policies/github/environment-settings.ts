/** The setting that says which environments a rule is about. */
export interface EnvironmentSettings {
    readonly environments: readonly string[];
}

export function environmentsWith(defaults: readonly string[]) {
    return {
        type: "array" as const,
        items: { type: "string" as const, minLength: 1 },
        minItems: 1,
        uniqueItems: true,
        default: [...defaults],
        description: "Environments that the rule is about",
    };
}
