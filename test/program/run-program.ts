import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { toolNames } from "../../settings/schema";
import { release } from "../delivery/gates/support/contents";
import { trustAll } from "../delivery/gates/support/world";
import { deploy, type Registered } from "../support/harness";
import { answering, type Answering } from "../support/reached";
import { projectRoot } from "../support/project";

/** Evidence that the program reads; every test of a run shares it. */
export const evidenceFolder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-program-"));
process.on("exit", () => {
    fs.rmSync(evidenceFolder, { recursive: true, force: true });
});

const trustedKeys = trustAll({ notAfter: new Date(Date.now() + 86_400_000).toISOString() });

/** The environment variables with which a pipeline runs the program. */
export const pipelineVariables = {
    GITHUB_TOKEN: "not-a-real-github-token",
    RELAYPACS_RELEASE: JSON.stringify(release),
    RELAYPACS_EVIDENCE_FOLDER: evidenceFolder,
    RELAYPACS_SMOKE_PASSWORD: "not-a-real-smoke-password",
    RELAYPACS_TOOL_IMAGES: JSON.stringify(
        Object.fromEntries(toolNames.map((name) => [name, `sha256:${"0123456789abcdef".repeat(4)}`])),
    ),
    RELAYPACS_DATABASE_BACKUP: JSON.stringify({
        image: `sha256:${"fedcba9876543210".repeat(4)}`,
        storageCidrs: ["10.20.4.0/24"],
    }),
    RELAYPACS_TRUSTED_KEYS: JSON.stringify(trustedKeys),
    RELAYPACS_DATABASE_URL: "postgresql://relaypacs:not-a-real-password@database:5432/relaypacs",
    RELAYPACS_DOCKER_HUB_TOKEN: "not-a-real-token",
    RELAYPACS_SLACK_WEBHOOK: "https://hooks.slack.com/services/not/a/real-one",
};

type Outputs = Readonly<Record<string, unknown>>;

/** What the program's last run returned. */
let outputs: Outputs = {};

/** An output of the program's last run, such as `release`. */
export const outputOf = (name: string): Promise<unknown> =>
    new Promise((resolve) => {
        (pulumi.output(outputs[name]) as pulumi.Output<unknown>).apply(resolve);
    });

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the program is what the engine would load
const program = require(path.join(projectRoot, "index.ts")) as () => Promise<Outputs>;

/** The account and the cluster that the program asks; one for all runs. */
let reached: Promise<Answering> | undefined;

/** Runs `index.ts` itself with a stack file's configuration and environment variables. */
export async function runProgram(
    config: Record<string, string>,
    variables: Record<string, string>,
    options: Parameters<typeof deploy>[1] = {},
): Promise<Registered[]> {
    const before = { ...process.env };
    reached ??= answering();
    Object.assign(process.env, (await reached).variables, variables);
    try {
        return await deploy(async () => {
            pulumi.runtime.setAllConfig(config);
            outputs = await program();
        }, options);
    } finally {
        process.env = before;
    }
}
