import { UnknownValueError } from "@pulumi/policy";
import { hasUrlCredentials } from "../shared/credentials";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws, github, kubernetes } from "../shared/types";

/** Resources whose purpose is to hold a secret; their own policies keep it secret. */
const holders: readonly string[] = [
    aws.secretVersion,
    kubernetes.secret,
    github.secret,
    github.environmentSecret,
    github.organizationSecret,
    github.dependabotSecret,
];

/** The message says where the credential is and never shows it. */
export const stackResourceUrlCredentials = resourcePolicy<Record<string, unknown>>({
    name: "stack-resource-url-credentials",
    description:
        "No input of any resource but a secret holds a URL with a password in it. A value that is not known yet is not " +
        "a literal of the program: it is judged when it is known, before the resource is changed.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps: "Keep the URL in a secret and refer to it.",
    types: "every",
    judge: (given, findings, { type }) => {
        if (holders.includes(type)) return;
        for (const path of placesOf(given, "")) {
            findings.refuse(`${path} is a URL with a password in it; accepted: a reference to a secret.`);
        }
    },
});

function* placesOf(value: unknown, path: string): Generator<string> {
    if (typeof value === "string") {
        if (hasUrlCredentials(value)) yield path;
    } else if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index++) yield* placesOf(known(value, index), `${path}[${index}]`);
    } else if (typeof value === "object" && value !== null) {
        for (const key of Object.keys(value)) yield* placesOf(known(value, key), path === "" ? key : `${path}.${key}`);
    }
}

function known(holder: object, key: string | number): unknown {
    try {
        return (holder as Record<string | number, unknown>)[key];
    } catch (error) {
        if (error instanceof UnknownValueError) return undefined;
        throw error;
    }
}
