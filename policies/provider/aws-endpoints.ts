import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { builtIn } from "../shared/types";
import { inputOf, isEmpty } from "./inputs";

const redirections = [
    "customCaBundle",
    "ec2MetadataServiceEndpoint",
    "endpoints",
    "httpProxy",
    "httpsProxy",
    "insecure",
] as const;

/** Another endpoint would get the program's secrets and its signed requests. */
export const providerAwsEndpoints = resourcePolicy({
    name: "provider-aws-endpoints",
    description: "A provider of AWS talks to AWS's own endpoints, directly and with its certificates checked.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("SC-8(1)", "Transmission Confidentiality and Integrity: Cryptographic Protection"),
    remediationSteps: "Leave endpoints, proxies and certificate authorities to the environment of the program.",
    types: [builtIn.awsProvider],
    judge: (given, findings) => {
        for (const name of redirections) {
            findings.part(() => {
                if (isEmpty(inputOf(given, name))) return;
                findings.refuse(`${name} is set; accepted: not set, with AWS's own endpoints.`);
            });
        }
    },
});
