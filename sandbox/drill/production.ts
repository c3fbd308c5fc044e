import * as fs from "node:fs";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { variableOf } from "../../settings/parse";
import { admissionOf } from "../../release/evidence/admission";
import { publishRelease, type ImageOptions, type Release } from "../application/images";
import { environment, releaseFile } from "../environment";
import { projectRoot, type Instance } from "../instance";
import { judge, produceDossier, sign } from "../release/dossier";
import { evidenceFolder } from "../release/folders";
import { paceVariables, type Pace } from "./pace";

export const namespace = "relaypacs-prod";

/** Where the evidence of production's releases is, one folder a release, as `release rollback` takes it. */
export const releasesFolder = (instance: Instance) => path.join(instance.root, "evidence", "production");

const folderOf = (instance: Instance, { version }: Release) => path.join(releasesFolder(instance), version);

/** Puts the evidence of what the sandbox itself has deployed among that of all releases. */
export function keepEvidence(instance: Instance): void {
    const release = JSON.parse(fs.readFileSync(releaseFile(instance), "utf8")) as Release;
    fs.cpSync(evidenceFolder(instance, "prod"), folderOf(instance, release), { recursive: true });
}

/** Builds and publishes a release and signs the evidence that production asks for, as if it were a good one. */
export async function publishForProduction(instance: Instance, options: ImageOptions): Promise<Release> {
    const release = await publishRelease(instance, options);
    const folder = folderOf(instance, release);
    await produceDossier(instance, release, "prod", { folder });
    // A folder beside those of releases would count as one.
    fs.rmSync(`${folder}.reports`, { recursive: true, force: true });
    return release;
}

/** Records that production runs a release: it may be applied again, and gone back to. */
export async function admitToProduction(instance: Instance, release: Release): Promise<void> {
    const folder = folderOf(instance, release);
    const judgement = judge(instance, release, "prod", folder);
    await sign(instance, folder, release, {
        "admission-prod": admissionOf("prod", judgement, new Date().toISOString()),
    });
}

/** All that a command needs to work on production at a pace, with a release pinned. */
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

export interface Ended {
    readonly exitCode: number;
    /** Standard output and standard error, as a person would read them. */
    readonly output: string;
    readonly endedAt: string;
}

/** Of a command that a signal ended: 128 and SIGKILL's number, as shells have it. */
const killedExitCode = 137;

/** A command that runs on production. */
export interface Running {
    /** What it has printed until now. */
    output(): string;
    interrupt(): void;
    kill(): void;
    readonly ended: Promise<Ended>;
}

function start(command: readonly [string, ...string[]], variables: Record<string, string>, show: boolean): Running {
    // Two cores serve requests and run Pulumi; the requests, which a drill measures, come first.
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
    private readonly running = new Set<Running>();

    constructor(
        readonly instance: Instance,
        readonly pace: Pace,
        /** Shows what commands print, for people. */
        private readonly show = false,
    ) {}

    /** Starts `pulumi` on the production stack with a release pinned. */
    pulumi(release: Release, args: readonly string[], more: Readonly<Record<string, string>> = {}): Running {
        const flags = ["--stack", "prod", "--non-interactive", "--color", "never"];
        const variables = { ...productionVariables(this.instance, this.pace, release), ...more };
        return this.start(["pulumi", ...args, ...flags], variables);
    }

    up(release: Release, more: Readonly<Record<string, string>> = {}): Running {
        return this.pulumi(release, ["up", "--yes", "--skip-preview"], more);
    }

    /** `release rollback --stack prod --yes`. */
    rollBack(...args: readonly string[]): Running {
        const command = ["-r", "ts-node/register", "release/main.ts", "rollback", "--stack", "prod", "--yes"];
        const releases = ["--releases", releasesFolder(this.instance)];
        const variables = productionVariables(this.instance, this.pace);
        return this.start(["node", ...command, ...releases, ...args], variables);
    }

    /** Ends what still runs, and takes away the lock that it leaves when it does not end by itself. */
    async end(): Promise<void> {
        const left = [...this.running];
        for (const one of left) one.interrupt();
        const ended = Promise.all(left.map((one) => one.ended));
        const patience = setTimeout(() => {
            for (const one of left) one.kill();
        }, 30_000);
        const killed = (await ended).some(({ exitCode }) => exitCode === killedExitCode);
        clearTimeout(patience);
        if (!killed) return;
        const variables = productionVariables(this.instance, this.pace);
        await this.start(["pulumi", "cancel", "--yes", "--stack", "prod"], variables).ended;
    }

    private start(command: readonly [string, ...string[]], variables: Record<string, string>): Running {
        const one = start(command, variables, this.show);
        this.running.add(one);
        void one.ended.finally(() => this.running.delete(one));
        return one;
    }
}
