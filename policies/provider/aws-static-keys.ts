import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { builtIn } from "../shared/types";
import { inputOf, isEmpty } from "./inputs";

/** Inputs that hold a key, or say where a file with keys is. */
const holders = ["accessKey", "secretKey", "token", "profile", "sharedConfigFiles", "sharedCredentialsFiles"] as const;

/** The message never shows a key. */
export const providerAwsStaticKeys = resourcePolicy({
    name: "provider-aws-static-keys",
    description: "A provider of AWS has no keys of its own: its credentials are the environment's, and short-lived.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...securityHub("IAM.3", "IAM users' access keys should be rotated every 90 days or less"),
    remediationSteps: "Leave keys and profiles out, and take a role by OIDC before the program runs.",
    types: [builtIn.awsProvider],
    judge: (given, findings) => {
        for (const name of holders) {
            findings.part(() => {
                if (isEmpty(inputOf(given, name))) return;
                findings.refuse(`${name} is set; accepted: not set, with the credentials of the environment.`);
            });
        }
    },
});
