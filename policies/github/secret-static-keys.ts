import { show } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { github } from "../shared/types";

interface Holder {
    readonly secretName: string;
    readonly variableName: string;
    readonly plaintextValue: string;
    readonly value: string;
}

/** Names under which tools read a static key of a cloud or a cluster, also with an environment before or after. */
const staticKeys = new RegExp(
    "(?:^|_)(?:" +
        [
            "AWS_?(?:ACCESS_?KEY(?:_?ID)?|SECRET(?:_?ACCESS)?_?KEY|SECRET|SESSION_?TOKEN|CREDENTIALS|SHARED_CREDENTIALS_FILE)",
            "(?:AZURE|ARM)_?(?:CREDENTIALS|CLIENT_?SECRET)",
            "(?:GOOGLE|GCP|GCLOUD)_?(?:APPLICATION_?)?(?:CREDENTIALS|SA_?KEY|SERVICE_?ACCOUNT_?KEY|AUTH)",
            "KUBE_?CONFIG(?:_?(?:DATA|FILE))?",
        ].join("|") +
        ")(?:_|$)",
    "i",
);

const accessKeyId = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/;

/** The message never shows a value. */
export const githubSecretStaticKeys = resourcePolicy<Holder>({
    name: "github-secret-static-keys",
    description: "No secret and no variable of workflows is a static key of a cloud or a cluster: none exists here.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps:
        "Let the workflow take a role by OIDC (docs/decisions/0004-no-static-aws-keys.md), and delete the key.",
    types: [
        github.secret,
        github.environmentSecret,
        github.organizationSecret,
        github.dependabotSecret,
        github.variable,
        github.environmentVariable,
        github.organizationVariable,
    ],
    judge: (given, findings) => {
        findings.part(() => {
            const property = given.secretName === undefined ? "variableName" : "secretName";
            const name = given[property];
            if (!staticKeys.test(name ?? "")) return;
            findings.refuse(`${property} is ${show(name)}, a static key; accepted: a role, taken by OIDC.`);
        });
        for (const property of ["plaintextValue", "value"] as const) {
            findings.part(() => {
                if (!accessKeyId.test(given[property] ?? "")) return;
                findings.refuse(`${property} holds an AWS access key; accepted: a role, taken by OIDC.`);
            });
        }
    },
});
