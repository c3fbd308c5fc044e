import { namespaceName } from "../../delivery/core/names";
import { variableOf } from "../../settings/parse";
import type { Admissions, AdmittedRelease, Environment } from "./admitted";
import type { WayBack } from "../../delivery/rollouts/way-back";
import { causeOf, oneLine } from "../../delivery/rollouts/wording";
import { chooseTarget, RefusedError } from "./choose";
import type { ServiceHistory } from "./history";
import { describeScenario, measured, scenarios, type Row, type Scenario } from "./matrix";
import type { Tools } from "../shared/tools";
import { askRegistry } from "./registry";

/** A release and how an update is told to deploy it. */
export interface PinnedRelease {
    readonly version: string;
    readonly variables: Readonly<Record<string, string>>;
}

export interface RollbackOptions {
    readonly stack: Environment;
    readonly to?: string | undefined;
    readonly scenario: Scenario;
    /** When it was noticed, in milliseconds since 1970: the scenario's limit counts from here. */
    readonly since: number;
    readonly now: () => number;
    /** Rotates the environment's credentials, with a release pinned, and returns the exit code. For a breach. */
    readonly rotate: (release: PinnedRelease) => Promise<number>;
    /** Prints how the database goes back, as a step for a person. */
    readonly database: boolean;
    readonly admissions: () => Promise<Admissions>;
    /** Version that the environment asks for now: the failing one. */
    readonly failing: () => Promise<string>;
    /** What services ran before a failing version. Not asked where a person names the target. */
    readonly history: (failing: string) => Promise<readonly ServiceHistory[]>;
    /** Asks a person whether to go on. */
    readonly confirm: (question: string) => Promise<boolean>;
    readonly say: (line: string) => void;
    /** Services that can go back to a release at once, by what the cluster still has. */
    readonly waysBack: (target: AdmittedRelease) => Promise<readonly WayBack[]>;
    /** Takes one of these ways and follows it to its end. */
    readonly goBack: (way: WayBack, target: AdmittedRelease) => Promise<void>;
    /** Deletes what the cluster keeps of a version that is not asked for any more, and answers what that was. */
    readonly deleteVersion: (version: string) => Promise<readonly string[]>;
    readonly tools: Tools;
}

const short = (digest: string): string => digest.slice(0, "sha256:".length + 12);

/**
 * Goes back to the last good release of an environment (specification, section 7): at once where the cluster still has
 * its pods or their ReplicaSets, then by one `pulumi up` that pins it, which brings everything else in step. Says first
 * from where to where, by which evidence, and by what way.
 *
 * Then it does what the scenario's row asks for beside (`matrix.ts`), and says whether its limits were kept.
 *
 * @returns the exit code: 1 when an update failed, or when a person said no. Pulumi's own codes stop here: its 2 is a
 *   wrong configuration, and ours says that nothing was changed
 * @throws RefusedError, before anything is changed, when there is nothing to go back to
 */
export async function rollBack(options: RollbackOptions): Promise<number> {
    const { stack, say, tools } = options;
    refuseFixedForward(options.scenario);
    const failing = await options.failing();
    const { admitted, rejected } = await options.admissions();
    rejected.forEach(say);
    const target = chooseTarget(admitted, stack, failing, options.to, await historyOf(options, failing));
    const { gone, unknown } = await askRegistry(tools, target.images);
    if (gone.length > 0) {
        throw new RefusedError(
            `${target.version} can't be restored: the registry no longer has the image of ${gone.join(" and ")}. Choose another release with --to, or build it again from ${target.commit}.`,
        );
    }
    const ways = await lookForWays(options, target);
    describePlan(options, failing, target, ways).forEach(say);
    if (unknown !== undefined) say(`The registry could not be asked for its images (${unknown}).`);
    if (!(await options.confirm(`Roll ${stack} back from ${failing} to ${target.version}?`))) {
        say("Nothing was changed.");
        return 1;
    }
    let back = (await takeWays(options, target, ways ?? [])) ? secondsSince(options) : undefined;
    const args = ["up", "--stack", stack, "--yes", "--skip-preview"];
    const { exitCode, output } = await tools.show("pulumi", args, variablesOf(stack, target));
    if (exitCode === 0) {
        back ??= secondsSince(options);
        say(`${stack} runs ${target.version}. Until a newer release is deployed, updates must pin it:`);
        say(`export ${variableOf("release", stack)}='${releaseOf(target)}'`);
        await deleteFailing(options, failing);
        return finishScenario(options, target, back);
    }
    if (/currently locked/.test(output)) {
        say(
            `The stack is locked by another update. Let it end, or end it (\`pulumi cancel --stack ${stack}\`) if it is no longer running, and run this command again.`,
        );
    }
    return 1;
}

/** The matrix's way out of a feature bug is no rollback. */
function refuseFixedForward(scenario: Scenario): void {
    if (scenario !== "feature-bug") return;
    const { title, time, decides } = scenarios[scenario];
    throw new RefusedError(
        `${title}: the way out is a hotfix forward, within ${time} (specification, section 7; docs/runbooks/hotfix.md). It is decided by ${decides}. To roll back all the same, give another --scenario.`,
    );
}

const secondsSince = ({ since, now }: RollbackOptions) => (now() - since) / 1000;

/** What the row asks for after the rollback, and whether its limits were kept. @returns the exit code */
async function finishScenario(options: RollbackOptions, target: AdmittedRelease, backAfter: number): Promise<number> {
    const { scenario, stack, say } = options;
    const { limitSeconds, rotationLimitSeconds }: Row = scenarios[scenario];
    if (scenario === "data-corruption") {
        const until = new Date(options.since + limitSeconds * 1000).toISOString();
        say(
            `Next, the database: release restore-database ${stack} <a time before the corruption>. The limit of both ends at ${until}.`,
        );
        return 0;
    }
    if (rotationLimitSeconds === undefined) {
        say(measured(`Users are back on ${target.version}`, backAfter, limitSeconds));
        return 0;
    }
    const begun = secondsSince(options);
    say(measured(`Users are back on ${target.version}, and the rotation begins`, begun, limitSeconds));
    const exitCode = await options.rotate(pinned(stack, target));
    const took = secondsSince(options) - begun;
    say(
        exitCode === 0
            ? measured("All credentials of the platform are rotated", took, rotationLimitSeconds)
            : "The rotation is not complete.",
    );
    return exitCode;
}

async function historyOf({ history, say, to }: RollbackOptions, failing: string): Promise<readonly ServiceHistory[]> {
    if (to !== undefined) return [];
    try {
        return await history(failing);
    } catch (error) {
        say(
            `The cluster does not tell what ran before ${failing} (${causeOf(error)}); the newest admission before it counts.`,
        );
        return [];
    }
}

/** Looks into the cluster before anything is promised. Staging has no Rollouts, and so no such way. */
async function lookForWays(
    { waysBack, say }: RollbackOptions,
    target: AdmittedRelease,
): Promise<readonly WayBack[] | undefined> {
    try {
        return await waysBack(target);
    } catch (error) {
        say(`The cluster does not tell what it still has of ${target.version} (${causeOf(error)}).`);
        return undefined;
    }
}

/**
 * First the pods that are there, then the update, which brings everything else in step.
 *
 * @returns whether every service of the release went back so
 */
async function takeWays(
    { goBack, say }: RollbackOptions,
    target: AdmittedRelease,
    ways: readonly WayBack[],
): Promise<boolean> {
    const went = await Promise.all(
        ways.map(async (way) => {
            try {
                await goBack(way, target);
                return true;
            } catch (error) {
                say(`${way.service} did not go back by itself (${causeOf(error)}); the update goes on with it.`);
                return false;
            }
        }),
    );
    const taken = ways.filter((_, at) => went[at]).map(({ service }) => service);
    return Object.keys(target.images).every((service) => taken.includes(service));
}

/** So that a failed release, when it comes again, goes through all steps. */
async function deleteFailing({ deleteVersion, say, stack }: RollbackOptions, failing: string): Promise<void> {
    try {
        const gone = await deleteVersion(failing);
        if (gone.length > 0)
            say(`Deleted what was left of ${failing}, so that it can't skip the steps: ${gone.join(", ")}.`);
    } catch (error) {
        say(
            `What is left of ${failing} could not be deleted (${oneLine((error as Error).message)}). Argo Rollouts would skip the steps for it: kubectl -n ${namespaceName(stack)} delete replicasets -l app.kubernetes.io/version=${failing}`,
        );
    }
}

/** As `relaypacs:release` takes it. Without a migration: the database knows more than this release's Alembic does. */
const releaseOf = ({ version, commit, images, hotfix }: AdmittedRelease): string =>
    JSON.stringify({ version, commit, images, ...(hotfix && { hotfix }), rollback: true });

/** The stack's own variables win over general ones, so a release that the shell has pinned can't get in the way. */
function variablesOf(stack: string, target: AdmittedRelease): Record<string, string> {
    return {
        [variableOf("release", stack)]: releaseOf(target),
        [variableOf("evidenceFolder", stack)]: target.folder,
    };
}

/** A release that was admitted, as an update takes it. */
export const pinned = (stack: string, target: AdmittedRelease): PinnedRelease => ({
    version: target.version,
    variables: variablesOf(stack, target),
});

/** How an environment goes back, by what was seen in it. */
function wayOf(stack: Environment, target: AdmittedRelease, ways: readonly WayBack[] | undefined): string[] {
    if (stack === "staging") return ["One new pod of each service must be ready before an old one goes."];
    if (ways === undefined) return ["Not known: without a step if Argo Rollouts still has it, else through all steps."];
    return Object.keys(target.images).map((service) => {
        const way = ways.find((one) => one.service === service);
        if (!way) return `${service}: nothing of it is left here, so it goes through all steps.`;
        return way.ready >= way.wanted
            ? `${service}: its ${way.ready} pods are ready, so it is back within seconds.`
            : `${service}: ${way.ready} of its ${way.wanted} pods are ready; the others start first, without the steps.`;
    });
}

function describePlan(
    { stack, scenario, database }: RollbackOptions,
    failing: string,
    target: AdmittedRelease,
    ways: readonly WayBack[] | undefined,
): string[] {
    const { version, commit, images, evidence, completedAt } = target;
    return [
        `Rollback of ${stack}: ${failing} → ${version}`,
        `  commit     ${commit}`,
        ...Object.entries(images).map(([service, digest]) => `  ${service.padEnd(10)} ${short(digest)}`),
        `  evidence   ${evidence}, which ran from ${completedAt} on`,
        `  method     ${describeScenario(scenario)}`,
        `  decided by ${scenarios[scenario].decides}`,
        `  command    pulumi up --stack ${stack}, with the release pinned`,
        ...wayOf(stack, target, ways).map((line, at) => `  ${at === 0 ? "way back " : "         "}  ${line}`),
        "  database   stays as it is: migrations work with the release before them",
        ...(database ? databaseSteps(stack) : []),
    ];
}

/** Never run from here: whether a schema can go back is for a person to know (specification, section 7). */
function databaseSteps(stack: string): string[] {
    return [
        "             and if one does not: by hand, before the update (docs/runbooks/migration-failed.md):",
        `             release downgrade-database ${stack} --despite-running-release`,
    ];
}
