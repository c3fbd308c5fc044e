import { credentialIn, isLiteral, isSecretOption } from "../shared/credentials";
import { resourcePolicy } from "../shared/policy";
import { behindProxies } from "../shared/secret-values";
import { nist } from "../shared/standards";
import { aws, builtIn, github, kubernetes } from "../shared/types";

/** Resources whose purpose is to hold a secret; their own policies keep it secret. */
const holders: ReadonlySet<string> = new Set([
    aws.secretVersion,
    kubernetes.secret,
    github.secret,
    github.environmentSecret,
    github.organizationSecret,
    github.dependabotSecret,
]);

/** Inputs of a provider that hold its credential. The SDK keeps them secret, and the environment gives them. */
const credentialsOf: Readonly<Record<string, readonly string[]>> = {
    [builtIn.githubProvider]: ["token", "appAuth"],
};

/** The message says where the credential is and never shows it. */
export const stackResourcePlainCredentials = resourcePolicy<Record<string, unknown>>({
    name: "stack-resource-plain-credentials",
    description:
        "No input of any resource but a secret holds a credential by its shape: a URL with a password, a key or token " +
        "of a known service, a private key, a webhook's address, a password among a command's options. A value that is " +
        "not known yet is not a literal of the program: it is judged when it is known, before the resource is changed.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps: "Keep the credential in a secret and refer to it.",
    types: "every",
    judge: (given, findings, { type }) => {
        if (holders.has(type)) return;
        const own = credentialsOf[type] ?? [];
        // Behind the proxies, which only find values that are not known: those are no literals.
        const inputs = behindProxies(given);
        for (const key of Object.keys(inputs)) {
            if (own.includes(key)) continue;
            search(
                inputs[key],
                () => key,
                (path, what) => {
                    const verb = what.startsWith("a URL") ? "is" : "holds";
                    findings.refuse(`${path} ${verb} ${what}; accepted: a reference to a secret.`);
                },
            );
        }
    },
});

type Report = (path: string, what: string) => void;

/** Walks through a value. The path is made for what is found alone, because almost nothing is. */
function search(value: unknown, path: () => string, report: Report): void {
    if (typeof value === "string") {
        const what = credentialIn(value);
        if (what !== undefined) report(path(), what);
    } else if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index++) {
            const item = value[index] as unknown;
            const place = () => `${path()}[${index}]`;
            search(item, place, report);
            const before = value[index - 1] as unknown;
            if (typeof item !== "string" || typeof before !== "string") continue;
            if (isSecretOption(before) && isLiteral(item)) report(place(), "a credential as an option");
        }
    } else if (typeof value === "object" && value !== null) {
        const map = value as Readonly<Record<string, unknown>>;
        for (const key of Object.keys(map)) search(map[key], () => `${path()}.${key}`, report);
    }
}
