import { resourcePolicy } from "../shared/policy";
import { accounts } from "../shared/settings";
import { nist } from "../shared/standards";
import { builtIn } from "../shared/types";
import { inputOf, isEmpty } from "./inputs";

interface Settings {
    readonly accounts: readonly string[];
}

interface TakenRole {
    readonly roleArn?: unknown;
}

/** The provider compares the account of its credentials with `allowedAccountIds` before it does anything. */
export const providerAwsAccount = resourcePolicy<object, Settings>({
    name: "provider-aws-account",
    description: "A provider of AWS works in the platform's accounts alone, whatever credentials it finds.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-4", "Information Flow Enforcement"),
    remediationSteps:
        "Set allowedAccountIds to accounts of this policy's setting accounts, and take no role of another account.",
    configSchema: { properties: { accounts } },
    types: [builtIn.awsProvider],
    judge: (given, findings) => {
        const own = findings.settings.accounts;
        findings.part(() => {
            const allowed = inputOf(given, "allowedAccountIds");
            const listed = Array.isArray(allowed) && allowed.length > 0;
            if (listed && allowed.every((one) => own.includes(String(one)))) return;
            findings.deviates("allowedAccountIds", allowed, `a list of ${own.join(" or ")}`);
        });
        findings.part(() => {
            const skips = inputOf(given, "skipRequestingAccountId");
            if (isEmpty(skips)) return;
            findings.deviates("skipRequestingAccountId", skips, "not set: the provider compares the account's id");
        });
        for (const name of ["assumeRoles", "assumeRoleWithWebIdentity"]) {
            findings.part(() => {
                const taken = inputOf(given, name);
                const roles = (Array.isArray(taken) ? taken : [taken]).filter((one) => !isEmpty(one));
                findings.each(roles as (TakenRole | null)[], (role) => {
                    const arn = role?.roleArn;
                    const account = /^arn:[a-z-]+:iam::([0-9]{12}):role\//.exec(String(arn))?.[1];
                    if (account !== undefined && own.includes(account)) return;
                    findings.deviates(`${name}.roleArn`, arn, `a role of ${own.join(" or ")}`);
                });
            });
        }
    },
});
