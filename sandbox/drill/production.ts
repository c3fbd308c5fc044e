import * as fs from "node:fs";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { variableOf } from "../../settings/parse";
import { admissionOf } from "../../delivery/gates/engine/admission-statement";
import { publishRelease, type ImageOptions, type Release } from "../application/images";
import { environment, releaseFile } from "../stacks/environment";
import { projectRoot, type Instance } from "../machine/instance";
import { judge, produceDossier, sign } from "../stacks/evidence/dossier";
import { evidenceFolder } from "../stacks/evidence/folders";
import { paceVariables, type Pace } from "./pace";

export const namespace = "relaypacs-prod";

/** Where the evidence of production's releases is, one folder a release, as `release rollback` takes it. */
export const releasesFolder = (instance: Instance) => path.join(instance.root, "evidence", "production");

const folderOf = (instance: Instance, { version }: Release) => path.join(releasesFolder(instance), version);

/** Copies the evidence of the sandbox's own deployment to the folder of all releases. */
export function copyOwnEvidence(instance: Instance): void {
    const release = JSON.parse(fs.readFileSync(releaseFile(instance), "utf8")) as Release;
    fs.cpSync(evidenceFolder(instance, "prod"), folderOf(instance, release), { recursive: true });
}

/** Builds and publishes a release and signs the evidence that production requires, as if the release were good. */
export async function publishForProduction(instance: Instance, options: ImageOptions): Promise<Release> {
    const release = await publishRelease(instance, options);
    const folder = folderOf(instance, release);
    await produceDossier(instance, release, "prod", { folder });
    // Any other folder there would count as a release.
    fs.rmSync(`${folder}.reports`, { recursive: true, force: true });
    return release;
}

/** Records that production runs a release, which may then be applied again, and be rolled back to. */
export async function admitToProduction(instance: Instance, release: Release): Promise<void> {
    const folder = folderOf(instance, release);
    const judgement = judge(instance, release, "prod", folder);
    await sign(instance, folder, release, {
        "admission-prod": admissionOf("prod", judgement, new Date().toISOString()),
    });
}

/** Environment of a command that works on production at a pace, with a fixed release. */
export function productionVariables(instance: Instance, pace: Pace, release?: Release): Record<string, string> {
    return {
        ...environment(instance),
        ...paceVariables(instance, pace),
        ...(release && {
            [variableOf("release", "prod")]: JSON.stringify(release),
            [variableOf("evidenceFolder", "prod")]: folderOf(instance, release),
        }),
    };
}

export interface CommandResult {
    readonly exitCode: number;
    /** Standard output and standard error, interleaved. */
    readonly output: string;
    readonly endedAt: string;
}

/** Exit code of a command that SIGKILL ended: 128 plus the signal's number, as in shells. */
const killedExitCode = 137;

/** A command that runs on production. */
export interface RunningCommand {
    /** What it has printed until now. */
    output(): string;
    interrupt(): void;
    kill(): void;
    readonly ended: Promise<CommandResult>;
}

function start(
    command: readonly [string, ...string[]],
    variables: Record<string, string>,
    show: boolean,
): RunningCommand {
    // Requests and Pulumi share two cores; the requests, which a drill measures, have priority.
    const child = execa("nice", ["-n", "10", ...command], {
        cwd: projectRoot,
        env: variables,
        all: true,
        reject: false,
        stdin: "ignore",
        ...(show && { stdout: ["pipe", "inherit"], stderr: ["pipe", "inherit"] }),
    }) as ResultPromise<{ all: true; reject: false }>;
    let printed = "";
    child.all.on("data", (data: Buffer) => (printed += data.toString()));
    return {
        output: () => printed,
        interrupt: () => child.kill("SIGINT"),
        kill: () => child.kill("SIGKILL"),
        ended: child.then(({ exitCode }) => ({
            exitCode: exitCode ?? killedExitCode,
            output: printed,
            endedAt: new Date().toISOString(),
        })),
    };
}

/** The production stack of a sandbox, released at a pace. */
export class Production {
    private readonly running = new Set<RunningCommand>();
    private newest: RunningCommand | undefined;

    constructor(
        readonly instance: Instance,
        readonly pace: Pace,
        /** Shows what commands print, for people. */
        private readonly show = false,
    ) {}

    /** Starts `pulumi` on the production stack with a fixed release. */
    pulumi(release: Release, args: readonly string[], more: Readonly<Record<string, string>> = {}): RunningCommand {
        const flags = ["--stack", "prod", "--non-interactive", "--color", "never"];
        const variables = { ...productionVariables(this.instance, this.pace, release), ...more };
        return this.start(["pulumi", ...args, ...flags], variables);
    }

    up(release: Release, more: Readonly<Record<string, string>> = {}): RunningCommand {
        return this.pulumi(release, ["up", "--yes", "--skip-preview"], more);
    }

    /** `release rollback --stack prod --yes`. */
    rollBack(...args: readonly string[]): RunningCommand {
        const command = ["release/bin.mjs", "rollback", "--stack", "prod", "--yes"];
        const releases = ["--releases", releasesFolder(this.instance)];
        const variables = productionVariables(this.instance, this.pace);
        return this.start(["node", ...command, ...releases, ...args], variables);
    }

    /** `release status --stack prod`. */
    status(): RunningCommand {
        const variables = productionVariables(this.instance, this.pace);
        const releases = ["--releases", releasesFolder(this.instance)];
        return this.start(["node", "release/bin.mjs", "status", "--stack", "prod", ...releases], variables);
    }

    /** What the newest command has printed until now. */
    get printed(): string {
        return this.newest?.output() ?? "";
    }

    /** Ends the commands that still run, and removes the lock of one that had to be killed. */
    async end(): Promise<void> {
        const left = [...this.running];
        for (const one of left) one.interrupt();
        const ended = Promise.all(left.map((one) => one.ended));
        const deadline = setTimeout(() => {
            for (const one of left) one.kill();
        }, 30_000);
        const killed = (await ended).some(({ exitCode }) => exitCode === killedExitCode);
        clearTimeout(deadline);
        if (!killed) return;
        const variables = productionVariables(this.instance, this.pace);
        await this.start(["pulumi", "cancel", "--yes", "--stack", "prod"], variables).ended;
    }

    private start(command: readonly [string, ...string[]], variables: Record<string, string>): RunningCommand {
        const one = start(command, variables, this.show);
        this.running.add(one);
        this.newest = one;
        void one.ended.finally(() => this.running.delete(one));
        return one;
    }
}
