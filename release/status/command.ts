import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { Command, Option } from "commander";
import { bucketName, namespaceName } from "../../delivery/core/names";
import { visible } from "../../delivery/core/text";
import { clusterOf } from "../../delivery/rollouts/follow-rollout";
import { entriesOf, secretsInUse } from "../../delivery/rollouts/secrets-in-use";
import { stackSetting } from "../../settings/stack-values";
import type { Environment } from "../rollback/admitted";
import { stackAccount } from "../shared/stack-account";
import { clusterOfStack } from "../shared/stack-cluster";
import { tools, type Tools } from "../shared/tools";
import { trustedRing } from "../shared/trusted-keys";
import { driftLines } from "./drift";
import { acceptedFindings, admissionLines, countingEvidence, folderWith, trustedKeyDates } from "./evidence";
import { certificateDate, expiryLines, letInTypes, type Expiring } from "./expiry";
import { exitCodeOf, told, well, type Line } from "./line";
import { migrationLines } from "./migration";
import { secretStatus, storedVersion } from "./secrets";
import { runningJobs, runsLine, servicesOf, type Service } from "./services";
import { stateLines } from "./state";

interface Options {
    readonly stack: Environment;
    readonly context?: string;
    readonly keys?: string;
    readonly releases?: string;
}

/** Width of the parts' names. */
const margin = 11;

/** A part of the screen: its name before its first sentence, and the others below that. */
const written = (name: string, lines: readonly Line[]): string =>
    lines.map(({ text }, at) => `${(at === 0 ? name : "").padEnd(margin)} ${visible(text)}`).join("\n");

async function secretLines(cluster: KubeConfig, stack: string, store: Pick<Tools, "run">): Promise<Line[]> {
    const services = await secretsInUse(cluster, namespaceName(stack));
    const versions = entriesOf(services).map(
        async (entry) => [entry, await storedVersion(store, stack, entry)] as const,
    );
    const stored = Object.fromEntries(await Promise.all(versions));
    return services.flatMap((service) => secretStatus(service, stack, stored));
}

/** What lets the serving versions in, and what expires with them. */
async function evidenceParts(options: Options, services: readonly Service[], now: string) {
    const { keys, releases, stack } = options;
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-status-"));
    const versions = [...new Set(services.flatMap(({ version }) => version ?? []))];
    const expiring: Expiring[] = [];
    try {
        const lines = await told(async () => {
            const ring = await trustedRing(keys, stack);
            expiring.push(...trustedKeyDates(ring));
            const account = stackAccount(stack);
            if (releases === undefined && account === undefined)
                throw new Error(`Pulumi.${stack}.yaml names no account and region here, so its evidence is not known`);
            const source =
                releases === undefined && account !== undefined
                    ? { bucket: bucketName(account, "evidence"), out: path.join(temporary, "releases") }
                    : { folder: path.resolve(releases ?? "") };
            const of = versions.map(async (version) => {
                const folder = await folderWith(version, source, tools);
                expiring.push(...acceptedFindings(await countingEvidence(path.join(folder, version), ring, now)));
                return admissionLines(stack, version, folder, ring, now, services);
            });
            return (await Promise.all(of)).flat();
        });
        return { lines, expiring };
    } finally {
        fs.rmSync(temporary, { recursive: true, force: true });
    }
}

/** @returns the exit code */
async function status(options: Options): Promise<number> {
    const { context, stack } = options;
    const now = Date.now();
    const namespace = namespaceName(stack);
    const cluster = context === undefined ? clusterOfStack(stack) : clusterOf(context);
    const expiring: Expiring[] = [];
    /** Dates that are shown in their order with all others; a sentence where they can't be told. */
    const dates = (ask: () => Promise<readonly Expiring[]>) =>
        told(async () => {
            expiring.push(...(await ask()));
            return [];
        });

    let services: readonly Service[] = [];
    const running = told(async () => {
        services = await servicesOf(cluster, namespace, now);
        return services.map(runsLine);
    });
    const evidence = running.then(() => evidenceParts(options, services, new Date(now).toISOString()));
    const state = told(() => stateLines(tools, stack));
    const jobs = told(() => runningJobs(cluster, namespace));
    const migrations = told(() => migrationLines(cluster, stack));
    const drift = told(() => driftLines(stack, stackSetting("repository", stack)));
    const secrets = told(() => secretLines(cluster, stack, tools));
    const undated = Promise.all([
        dates(async () => [await certificateDate(cluster, namespace)]),
        dates(() => Promise.resolve(letInTypes())),
    ]);

    const runs = await running;
    if (runs.length === 0) throw new Error(`No service runs in ${namespace}.`);
    const admitted = await evidence;
    const underWay = [...services.flatMap((one) => one.underWay), ...(await jobs), ...(await state)];
    const expires = [...expiryLines([...expiring, ...admitted.expiring], now), ...(await undated).flat()];
    const parts: Readonly<Record<string, readonly Line[]>> = {
        runs,
        "let in": admitted.lines,
        "under way": underWay.length > 0 ? underWay : [well("Nothing.")],
        migration: await migrations,
        drift: await drift,
        expires,
        secrets: await secrets,
    };
    for (const [name, lines] of Object.entries(parts)) if (lines.length > 0) console.log(written(name, lines));
    return exitCodeOf(Object.values(parts).flat());
}

/** `release status`: on one screen, what an environment runs and what asks for somebody's attention. */
export function statusCommand(): Command {
    return new Command("status")
        .description("tell on one screen what an environment runs, by which evidence, and what needs attention")
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).makeOptionMandatory())
        .option("--context <name>", "context of the kubeconfig; the stack's own by default")
        .option(
            "--releases <folder>",
            "evidence, with one folder per release; by default the account's evidence bucket",
        )
        .option("--keys <file>", "the keys that are trusted (JSON); by default relaypacs:trustedKeys of the stack")
        .addHelpText(
            "after",
            "\nIt tells what runs since when, the admission that let it in, what is under way (a release, a Job, a lock on the\n" +
                "state), what a failed migration has left, what the workflow Drift found last, what expires next, and whether the secret store is ahead of the pods.\n" +
                "It changes nothing, and shows no value of a secret. It asks the cluster, pulumi, aws, and GitHub by GITHUB_TOKEN;\n" +
                "what can't be told is one sentence.\n" +
                "Exit codes: 0 all is well, 1 something asks for action, or nothing runs, 2 a part can't be told.",
        )
        .action(async (options: Options) => {
            // What has not answered in time must not keep the screen waiting.
            process.exit(await status(options));
        });
}
