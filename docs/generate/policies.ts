import type { Policies, PolicyConfigSchema } from "@pulumi/policy";

type Policy = Policies[number];

const services: Readonly<Record<string, string>> = {
    delivery: "Releases",
    provider: "Providers",
    ecr: "Container registry (Amazon ECR)",
    s3: "Artifact store (Amazon S3)",
    secretsmanager: "Secret store (AWS Secrets Manager)",
    kms: "Keys (AWS KMS)",
    iam: "Identities (AWS IAM)",
    kubernetes: "Kubernetes",
    github: "Repository governance (GitHub)",
    stack: "Every resource",
};

/** The pack's policies as Markdown, a table a service. */
export function policiesReference(policies: Policies): string {
    const tables = Object.entries(services).flatMap(([service, title]) => [
        `## ${title}`,
        "",
        "| Policy | Level | Severity | Control | What it asks | Settings |",
        "|---|---|---|---|---|---|",
        ...policies.filter(({ name }) => name.startsWith(`${service}-`)).map(rowOf),
        "",
    ]);
    return [
        "# Policies",
        "",
        "Written by `make docs` from `policies/guardrails.ts`; a test fails when it is out of date. How the pack judges, how it",
        "is configured, and how to add a policy is in [its own page](../../policies/README.md).",
        "",
        ...tables,
    ].join("\n");
}

function rowOf(policy: Policy): string {
    const { name, enforcementLevel, severity, framework, url, description, configSchema } = policy;
    const level = "validateStack" in policy ? `${enforcementLevel}, stack` : enforcementLevel;
    const title = `${framework?.name} ${framework?.reference}`;
    const control = url === undefined ? title : `[${title}](${url})`;
    const cells = [`\`${name}\``, level, severity, control, description, settingsOf(configSchema)];
    return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
}

function settingsOf(schema: PolicyConfigSchema | undefined): string {
    return Object.entries(schema?.properties ?? {})
        .map(([key, { default: value, minimum, maximum, description }]) => {
            const bounds = minimum === undefined ? "" : `, ${minimum}–${maximum}`;
            return `\`${key}\`: ${description} (default \`${JSON.stringify(value)}\`${bounds})`;
        })
        .join("<br>");
}
