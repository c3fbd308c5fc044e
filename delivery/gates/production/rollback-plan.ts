import type { Predicate } from "../../evidence/predicates";
import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted } from "../../core/text";
import { formatSeconds } from "../../core/time";
import { isOlder } from "../engine/clock";
import type { GateContext } from "../engine/types";

type Plan = Predicate<"rollbackPlan">;
type Test = NonNullable<Plan["test"]>;
type Restore = NonNullable<Plan["restore"]>;

/** The rollback is documented and was tested (specification, section 5, production gates). */
export const rollbackPlan = gate({
    id: "rollback-plan",
    section: "5, Production deployment gates: Rollback Plan",
    title: "Rollback plan",
    level: "blocking",
    stage: "production",
    checkpoints: atProduction,
    releases: "all",
    needs: ["rollback-plan", "migration-staging"],
    limit: (limits) =>
        "to the version that production runs, documented, and tested in staging with success in the last " +
        `${limits.rollbackTestAgeHours / 24} days`,
    measure: (found, context) => {
        const { documentation, documentSha256, previousVersion, restore, test, ...plan } =
            found["rollback-plan"][0].predicate;
        const problems: string[] = [];
        const { productionVersion, release } = context;
        if (previousVersion === release.version) problems.push(`it goes back to ${previousVersion}, this very release`);
        // Production may run this release already, when a deployment is repeated.
        if (![undefined, previousVersion, release.version].includes(productionVersion)) {
            problems.push(`it goes back to ${previousVersion}, but production runs ${productionVersion ?? ""}`);
        }
        const { fromRevision, toRevision } = found["migration-staging"][0].predicate;
        const before = plan.productionRevision ?? fromRevision;
        if (plan.database === "none-needed" && before !== toRevision) {
            problems.push(
                `it leaves the database as it is, but the release changes it from ${before} to ${toRevision}`,
            );
        }
        if (restore) problems.push(...shortcomingsOfRestore(restore, context));
        const goal = `to ${previousVersion} by ${documentation}`;
        if (!test) {
            const never = `${goal}, never tested${restored(restore)}`;
            return { measured: never, problems: [...problems, "it was never tested"] };
        }
        const took = formatSeconds(test.durationSeconds);
        return {
            measured: `${goal}, tested in ${test.environment} at ${test.testedAt} in ${took}${restored(restore)}`,
            problems: [...problems, ...shortcomings(test, documentSha256, context)],
        };
    },
});

/** What was restored, as a clause. */
function restored(restore: Plan["restore"]): string {
    const { backupTakenAt, rows, testedAt } = restore?.test ?? {};
    if (testedAt === undefined || backupTakenAt === undefined) return "";
    return `; the backup of ${backupTakenAt} was restored at ${testedAt}, ${counted(rows ?? 0, "row")} compared`;
}

/** Why the trial of a restore does not count, as clauses (specification, section 7: data corruption). */
function shortcomingsOfRestore({ documentSha256, test }: Restore, { limits, now }: GateContext): string[] {
    if (!test) return ["a restore of the database was never rehearsed"];
    const { durationSeconds, result, rows, testedAt } = test;
    const problems: string[] = [];
    if (result !== "succeeded") problems.push(`the restore that was rehearsed at ${testedAt} failed`);
    else if (!rows) problems.push(`the restore that was rehearsed at ${testedAt} compared no row`);
    if (durationSeconds === 0) problems.push(`the restore that was rehearsed at ${testedAt} took no time`);
    if (test.documentSha256 !== documentSha256)
        problems.push(`the plan for a restore has changed since it was rehearsed at ${testedAt}`);
    if (isOlder(testedAt, now, limits.rollbackTestAgeHours))
        problems.push(`a restore was last rehearsed at ${testedAt}`);
    return problems;
}

/** Why the trial of a plan does not count, as clauses. */
function shortcomings(test: Test, documentSha256: string, { limits, now, release }: GateContext): string[] {
    const { durationSeconds, environment, fromVersion, result, testedAt, toVersion } = test;
    const problems = result === "succeeded" ? [] : [`its test in ${environment} at ${testedAt} failed`];
    if (environment !== "staging") problems.push(`it was tested in ${environment}`);
    if (durationSeconds === 0) problems.push(`its test at ${testedAt} took no time`);
    if (test.application === undefined)
        problems.push(`its test at ${testedAt} does not say how the services went back`);
    if (fromVersion === undefined || toVersion === undefined) {
        problems.push(`its test at ${testedAt} does not say from which version to which it went back`);
    } else if (fromVersion === toVersion || isLater(toVersion, fromVersion) || isLater(fromVersion, release.version)) {
        problems.push(`its test at ${testedAt} went from ${fromVersion} to ${toVersion}, which is no way back`);
    }
    if (test.documentSha256 === undefined) {
        problems.push(`its test at ${testedAt} does not say which plan it followed`);
    } else if (test.documentSha256 !== documentSha256) {
        problems.push(`it has changed since it was tested at ${testedAt}`);
    }
    if (isOlder(testedAt, now, limits.rollbackTestAgeHours)) problems.push(`it was last tested at ${testedAt}`);
    return problems;
}

/** Major, minor and patch number. What follows is the hash of a commit, which has no order. */
const numbersOf = (version: string): number[] => version.split("-", 1).join("").split(".").map(Number);

/** Whether one version is later than another; so is one that is no version at all. */
function isLater(version: string, than: string): boolean {
    const [numbers, others] = [numbersOf(version), numbersOf(than)];
    const at = numbers.findIndex((number, index) => number !== others[index]);
    return at >= 0 && !((numbers[at] ?? 0) < (others[at] ?? 0));
}
