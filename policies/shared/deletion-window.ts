import type { PolicyConfigSchema } from "@pulumi/policy";
import type { Findings } from "./findings";

export interface DeletionWindowSettings {
    /** From 7 to 30. */
    readonly minimumDays: number;
}

/** Days that the provider asks for when a resource does not say. */
const providerDefault = 30;

/**
 * The rule that what is deleted can be brought back for some days: 7 by default, and 30 at most, as for KMS keys and
 * for secrets.
 *
 * @param property the resource's input that holds the days
 * @param description what the days are, for the setting's schema
 */
export function deletionWindow<Property extends string>(property: Property, description: string) {
    const minimumDays = { type: "integer", minimum: 7, maximum: 30, default: 7, description } as const;
    const configSchema: PolicyConfigSchema = { properties: { minimumDays } };
    return {
        remediationSteps: `Set ${property} to 7 or more, or leave it out: the provider's default is ${providerDefault}.`,
        configSchema,
        judge: (
            given: Readonly<Partial<Record<Property, number | null | undefined>>>,
            findings: Findings<DeletionWindowSettings>,
        ): void => {
            const { minimumDays: least } = findings.settings;
            const days = given[property];
            if ((days ?? providerDefault) >= least) return;
            findings.deviates(property, days, `${least} to 30 days`);
        },
    };
}
