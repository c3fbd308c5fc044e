import * as path from "node:path";
import { environment } from "../../sandbox/stacks/environment";
import { projectRoot, type Instance } from "../../sandbox/machine/instance";
import { produceDossier } from "../../sandbox/stacks/evidence/dossier";
import { toolNames } from "../../settings/schema";
import { measure, type Cost } from "./measure";

/** Numbers of services that are measured, in ascending order. */
export const sizes = [1, 10, 50] as const;

export interface Case {
    readonly command: "preview" | "up";
    readonly services: number;
    /** Whether the policy pack judges. */
    readonly pack: boolean;
    /** Whether the release is declared, or all but it (`relaypacs:bootstrap`). */
    readonly release: boolean;
}

/** What a command did, or would do. */
export interface Outcome extends Cost {
    /** Resources in the stack afterwards. */
    readonly resources: number;
    /** Resources created or changed. */
    readonly changes: number;
}

/** Folders with the signed evidence of what is measured, by number of services: made once. */
const dossiers = new Map<number, Promise<string>>();

/** `count` services, each with a port and a route; the first one reaches the database, which adds the migration. */
async function serviceVariables(instance: Instance, count: number, release: boolean): Promise<Record<string, string>> {
    const names = Array.from({ length: count }, (_, index) => `service-${index + 1}`);
    const services = names.map((name, index) => ({ name, routes: [`/${name}`], database: index === 0 }));
    if (!release) return { RELAYPACS_SERVICES: JSON.stringify(services), RELAYPACS_BOOTSTRAP: "true" };
    const digest = (number: number) => `sha256:${number.toString(16).padStart(64, "0")}`;
    const images = names.map((name, index) => [name, digest(index + 1)] as const);
    // Nothing of a release is started, so no registry needs to have it.
    const tools = toolNames.map((name, index) => [name, digest(count + index + 1)] as const);
    const released = { version: "1.0.0", commit: "0".repeat(40), images: Object.fromEntries(images) };
    const folder = path.join(instance.root, "evidence", "measured", String(count));
    if (!dossiers.has(count)) dossiers.set(count, produceDossier(instance, released, "staging", { folder }));
    return {
        RELAYPACS_SERVICES: JSON.stringify(services),
        RELAYPACS_RELEASE: JSON.stringify(released),
        RELAYPACS_TOOL_IMAGES: JSON.stringify(Object.fromEntries(tools)),
        RELAYPACS_STAGING_EVIDENCE_FOLDER: (await dossiers.get(count)) as string,
    };
}

/**
 * The counts under "Resources:" at the end of what `pulumi preview` and `pulumi up` print.
 *
 * @throws Error when they are missing
 */
export function countsIn(output: string): { readonly resources: number; readonly changes: number } {
    const block = /^Resources:\n((?: {4}.+\n?)+)/m.exec(output)?.[1];
    if (block === undefined) throw new Error(`pulumi printed no count of resources:\n${output.slice(-2000)}`);
    const sum = (pattern: RegExp) =>
        [...block.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
    const changes = sum(/^ +[+~-]+ ?(\d+) (?!deleted|to delete)/gm);
    return { changes, resources: changes + sum(/(\d+) unchanged/g) };
}

/** Runs one case and checks that it was what it should be. @throws Error when pulumi fails or the pack did not run as asked */
export async function runCase(instance: Instance, { command, services, pack, release }: Case): Promise<Outcome> {
    // Evidence first: it comes with the key that the environment then trusts.
    const workload = await serviceVariables(instance, services, release);
    const variables: Record<string, string | undefined> = { ...environment(instance), ...workload };
    // The engine refuses a configuration without a pack.
    if (!pack)
        Object.assign(variables, { PULUMI_OPTION_POLICY_PACK: undefined, PULUMI_OPTION_POLICY_PACK_CONFIG: undefined });
    const flags = command === "up" ? ["--yes", "--skip-preview"] : [];
    const args = [command, ...flags, "--stack", "staging", "--non-interactive", "--color", "never"];
    const { output, ...cost } = await measure("pulumi", args, { directory: projectRoot, environment: variables });
    if (output.includes("relaypacs-guardrails") !== pack)
        throw new Error(`The policy pack ${pack ? "did not judge" : "judged"} in pulumi ${command}:\n${output}`);
    return { ...cost, ...countsIn(output) };
}
