import { secretName } from "../../delivery/core/names";
import { foreignEntries, platformEntries, type SecretEntry } from "../../delivery/core/stored-secrets";
import { entriesOf, type RunningService } from "../../delivery/rollouts/secrets-in-use";
import { RefusedError } from "../rollback/choose";
import type { Environment } from "../rollback/admitted";
import { duration } from "../rollback/matrix";
import type { PinnedRelease } from "../rollback/roll-back";
import type { Tools } from "../shared/tools";
import { secretStatus } from "../status/secrets";
import { beginRotation, storedEntry, versionAt, type StoredEntry } from "./store";

export interface RotateOptions {
    readonly stack: Environment;
    /** Values from before this moment are to be refused. Milliseconds since 1970. */
    readonly since: number;
    /** What updates pin. @throws RefusedError when it is not what runs */
    readonly release: () => Promise<PinnedRelease>;
    /** What serves, with the versions that its pods were started with. */
    readonly running: () => Promise<readonly RunningService[]>;
    readonly confirm: (question: string) => Promise<boolean>;
    readonly say: (line: string) => void;
    readonly tools: Tools;
    readonly wait: (milliseconds: number) => Promise<void>;
    readonly now: () => number;
}

/** How long one rotation may take: four calls of a function that has half a minute for each, and its start. */
const rotationSeconds = 300;

/** Which rotations of an entry must be younger than the breach: with two users in turn, those of both. */
const stagesOf = ({ inTurn }: SecretEntry) => (inTurn ? ["AWSCURRENT", "AWSPREVIOUS"] : ["AWSCURRENT"]);

/**
 * Rotates every secret that the platform issues, until neither a value from before `since` is accepted nor a pod has one
 * (specification, section 7, "Security breach"). Each round brings the pods to what the store gives out, then rotates: a
 * second rotation before the update would take away the password that pods have. It looks at the store and the cluster
 * alone, so after an interruption the same command goes on where it stopped. It reads no value.
 *
 * @returns the exit code: 0 when all is rotated and in use, 1 when an update failed or a person said no
 * @throws RefusedError, before anything is changed, when a rotation can't work; Error when one fails
 */
export async function rotate(options: RotateOptions): Promise<number> {
    const { stack, say, confirm } = options;
    for (const [entry] of platformEntries) refuseWithoutFunction(await storedEntry(options.tools, stack, entry), stack);
    const release = await options.release();
    plan(options, release).forEach(say);
    if (!(await confirm(`Rotate the secrets of ${stack}?`))) {
        say("Nothing was changed.");
        return 1;
    }
    return rotateAll(options, release);
}

function refuseWithoutFunction({ entry, rotationFunction }: StoredEntry, stack: Environment): void {
    if (rotationFunction !== undefined) return;
    throw new RefusedError(
        `${secretName(stack, entry)} has no rotation function; docs/guides/account-setup.md says how to make it, and an update declares it.`,
    );
}

/** The rounds, once a person has agreed. */
export async function rotateAll(options: RotateOptions, release: PinnedRelease): Promise<number> {
    const { stack, say, now } = options;
    const began = now();
    const made = new Set<string>();
    // Each round but the first rotates what is due, and nothing is due more than twice.
    for (let round = 0; round <= 2; round += 1) {
        if (!(await bringToPods(options, release))) return 1;
        const due = await dueEntries(options, made);
        if (due.length === 0) {
            say(
                `Every secret that the platform issues in ${stack} is newer than ${stamp(options.since)}, all pods have it, and the database refuses the passwords of before (${duration((now() - began) / 1000)}).`,
            );
            return 0;
        }
        for (const entry of due) made.add(await rotateOne(options, entry));
    }
    throw new Error(
        `After two rotations of each, ${stack} still has values from before ${stamp(options.since)}; accepted for --since: a time in the past.`,
    );
}

/** Which entries still accept, or give out, a value from before. */
async function dueEntries(
    { tools, stack, since }: RotateOptions,
    made: ReadonlySet<string>,
): Promise<readonly StoredEntry[]> {
    const due: StoredEntry[] = [];
    for (const [entry, specification] of platformEntries) {
        const stored = await storedEntry(tools, stack, entry);
        const isNew = (stage: string) => {
            const version = versionAt(stored, stage);
            return version !== undefined && (version.createdAt >= since || made.has(version.id));
        };
        if (!stagesOf(specification).every(isNew)) due.push(stored);
    }
    return due;
}

/** Updates when a pod has not what the store gives out. @returns false when the update failed */
async function bringToPods(options: RotateOptions, { version, variables }: PinnedRelease): Promise<boolean> {
    const { stack, say, tools } = options;
    if (await podsAreCurrent(options)) return true;
    say(`The store is ahead of what ${stack} runs: an update brings it to the pods of ${version}.`);
    const { exitCode } = await tools.show("pulumi", ["up", "--stack", stack, "--yes", "--skip-preview"], variables);
    if (exitCode !== 0) {
        say(`The update failed, and nothing more was rotated. Then this goes on: ${again(options)}`);
        return false;
    }
    if (await podsAreCurrent(options)) return true;
    throw new Error(`The update ended well, and pods of ${stack} still have other versions than the store gives out.`);
}

async function podsAreCurrent({ running, tools, stack }: RotateOptions): Promise<boolean> {
    const stored: Record<string, string> = {};
    const services = await running();
    for (const entry of entriesOf(services)) {
        const current = versionAt(await storedEntry(tools, stack, entry), "AWSCURRENT");
        if (current !== undefined) stored[entry] = current.id;
    }
    return services.every((service) => secretStatus(service, stack, stored).every(({ verdict }) => verdict === "well"));
}

/** Rotates one entry and waits until its new version is the current one. @returns that version */
async function rotateOne(options: RotateOptions, { entry, ...before }: StoredEntry): Promise<string> {
    const { tools, stack, say, wait, now } = options;
    const old = versionAt({ entry, ...before }, "AWSCURRENT")?.id;
    const until = now() + rotationSeconds * 1000;
    await beginRotation(tools, stack, entry);
    for (;;) {
        const current = versionAt(await storedEntry(tools, stack, entry), "AWSCURRENT")?.id;
        if (current !== undefined && current !== old) {
            say(`${entry}: rotated; ${current} is the current version.`);
            return current;
        }
        if (now() >= until) {
            const log = `/aws/lambda/${before.rotationFunction?.split(":").at(-1) ?? ""}`;
            throw new Error(
                `The rotation of ${secretName(stack, entry)} was not over within ${rotationSeconds} s; its log is ${log} in CloudWatch. Then this goes on: ${again(options)}`,
            );
        }
        await wait(2000);
    }
}

export const stamp = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(".000Z", "Z");

/** The same command once more, with the moment from which on values count. */
const again = ({ stack, since }: RotateOptions) =>
    `release rotate ${stack} --since ${stamp(since)}, with the same options.`;

function plan(options: RotateOptions, { version }: PinnedRelease): string[] {
    const { stack, since } = options;
    return [
        `Rotation of ${stack}: values from before ${stamp(since)} are to be refused`,
        ...platformEntries.map(
            ([entry, { inTurn }]) =>
                `  ${entry.padEnd(22)} by the rotation function${inTurn ? ", twice: both of its users" : ""}`,
        ),
        `  pods                   of ${version}, by pulumi up --stack ${stack} after each rotation; sessions end`,
        `  interrupted            ${again(options)}`,
        ...othersToReplace(stack),
    ];
}

/** What no function of the platform can rotate, with who can (specification, section 7). */
export function othersToReplace(stack: Environment): string[] {
    return [
        "Issued by others, and to be replaced by them (docs/runbooks/rotate-a-secret.md):",
        ...foreignEntries.map(
            ({ name, owner, setting }) => `  ${name.padEnd(22)} ${owner}; then pulumi config set relaypacs:${setting}`,
        ),
        `  ${"github-token".padEnd(22)} an owner of the organisation at GitHub; then ${secretName(stack, "github-token")}`,
        `  ${"smoke-test".padEnd(22)} an administrator of the application; then ${secretName(stack, "smoke-test")}`,
        `  ${"database's rotation".padEnd(22)} the database's administrator; then relaypacs-rotation/${stack}`,
    ];
}
