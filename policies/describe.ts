import * as fs from "node:fs";
import * as path from "node:path";
import type { Policies, PolicyConfigSchema } from "@pulumi/policy";
import { guardrails } from "./guardrails";

type Policy = Policies[number];

const begin = "<!-- policies: written by describe.ts -->";
const end = "<!-- end of policies -->";
const readme = path.join(__dirname, "README.md");

const services: Readonly<Record<string, string>> = {
    delivery: "Releases",
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
export function describePolicies(policies: Policies): string {
    return Object.entries(services)
        .map(([service, title]) => {
            const rows = policies.filter(({ name }) => name.startsWith(`${service}-`)).map(rowOf);
            const header = [
                "| Policy | Level | Severity | Control | What it asks | Settings |",
                "|---|---|---|---|---|---|",
            ];
            return [`### ${title}`, "", ...header, ...rows].join("\n");
        })
        .join("\n\n");
}

/** The README with its tables replaced. Throws when a marker is missing. */
export function describedIn(text: string, policies: Policies): string {
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${readme} lacks the line ${begin} or ${end}; put both back.`);
    return `${text.slice(0, from)}${begin}\n${describePolicies(policies)}\n${text.slice(to)}`;
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

if (require.main === module) {
    fs.writeFileSync(readme, describedIn(fs.readFileSync(readme, "utf8"), guardrails));
}
