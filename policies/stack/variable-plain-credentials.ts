import { namesCredential } from "../shared/credentials";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { kubernetes, plain } from "../shared/types";
import type { Findings } from "../shared/findings";

interface Variable {
    readonly name?: string | null;
    readonly type?: string | null;
    readonly value?: string | null;
}

/** Inputs of the types, as far as they hold variables. */
interface Holder {
    readonly data?: Readonly<Record<string, string>> | null;
    readonly binaryData?: Readonly<Record<string, string>> | null;
    readonly environment?: {
        readonly variables?: Readonly<Record<string, string>> | null;
        readonly environmentVariables?: readonly Variable[] | null;
    } | null;
    readonly name?: string | null;
    readonly type?: string | null;
}

/**
 * Credentials by their name, where variables live beside containers. What has a known shape is found in every resource
 * by `stack-resource-plain-credentials`. The message never shows a value.
 */
export const stackVariablePlainCredentials = resourcePolicy<Holder>({
    name: "stack-variable-plain-credentials",
    description:
        "No ConfigMap, function, build or parameter in plain text holds a credential by its name: whoever may read the " +
        "settings could use it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-5(7)", "No Embedded Unencrypted Static Authenticators"),
    remediationSteps: "Put the value into a secret, and let the reader take it from there.",
    types: [kubernetes.configMap, `${kubernetes.configMap}Patch`, plain.lambda, plain.codeBuild, plain.parameter],
    judge: (given, findings, { type }) => {
        const holder = given as Holder;
        if (type === plain.parameter) judgeParameter(holder, findings);
        for (const [path, variables] of [
            ["data", holder.data],
            ["binaryData", holder.binaryData],
            ["environment.variables", holder.environment?.variables],
        ] as const) {
            for (const name of Object.keys(variables ?? {})) {
                findings.part(() => {
                    const value = variables?.[name];
                    if (!value) return;
                    if (namesCredential(name)) refuse(findings, `${path}.${name}`);
                    else for (const line of namedIn(value)) refuse(findings, `${path}.${name} (${line})`);
                });
            }
        }
        findings.each(holder.environment?.environmentVariables, ({ name, type: kind, value }, index) => {
            if (!value || (kind ?? "PLAINTEXT") !== "PLAINTEXT" || !namesCredential(name ?? "")) return;
            refuse(findings, `environment.environmentVariables[${name ?? index}]`);
        });
    },
});

function refuse(findings: Findings<object>, path: string): void {
    findings.refuse(`${path} holds a credential in plain text; accepted: a reference to a secret.`);
}

function judgeParameter({ name, type }: Holder, findings: Findings<object>): void {
    findings.part(() => {
        if (type === "SecureString" || !namesCredential(name?.split("/").at(-1) ?? "")) return;
        findings.deviates("type", type, '"SecureString" for a parameter whose name says that it is a credential');
    });
}

/** A line that sets a variable: `DB_PASS=hunter2`, `db_password: hunter2`. A variable or a file name is no credential. */
const assignment = /^\s*(?:-\s+|export\s+)?["']?([A-Za-z][A-Za-z0-9_.-]*)["']?\s*[:=]\s*["']?[^\s"'#$<{[|>/&*!]/gm;

function namedIn(text: string): string[] {
    if (!text.includes("\n") && !text.includes("=")) return [];
    return [...text.matchAll(assignment)].map(([, name]) => name ?? "").filter(namesCredential);
}
