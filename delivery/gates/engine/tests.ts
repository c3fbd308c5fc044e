import type { Limits } from "./limits";
import type { GateContext } from "./types";
import type { Predicate } from "../../evidence/predicates";
import { counted, few } from "../../core/text";

type Run = Predicate<"testResult">;

/** The counts and times of a run. */
export function countsOf(run: Run) {
    return run.configuration[0].annotations;
}

/** For example `400 of 400 backend tests passed (12 skipped)`. */
export function passedOf(run: Run, what: string): string {
    const { passed, total, skipped } = countsOf(run);
    const ran = total - skipped;
    const aside = skipped > 0 ? ` (${skipped} skipped)` : "";
    return `${passed} of ${counted(ran, `${what} test`)} passed${aside}`;
}

/** Whether a suite skips more of its tests than is accepted where a few may be skipped. */
export function skipsTooMany(
    { skipped, total }: Readonly<Record<"skipped" | "total", number>>,
    { skippedTestPercent }: Pick<Limits, "skippedTestPercent">,
): boolean {
    return skipped * 100 > skippedTestPercent * total;
}

/**
 * Why a run did not pass completely, or is not about this release's commit. A few skipped tests are accepted, except in
 * critical paths and smoke tests.
 */
export function failuresOf(
    run: Run,
    what: string,
    skipping: "accepted" | "refused",
    { limits, release, repository }: Pick<GateContext, "limits" | "release" | "repository">,
): string[] {
    const { failed, passed, skipped, total } = countsOf(run);
    const problems: string[] = [];
    const { uri } = run.configuration[0];
    if (!uri.startsWith(`git+${repository}@${release.commit}#`)) {
        problems.push(`the ${what} tests are of ${uri}, not of commit ${release.commit.slice(0, 12)} of ${repository}`);
    }
    if (failed > 0) problems.push(`${counted(failed, `${what} test`)} failed: ${few(run.failedTests)}`);
    if (skipping === "refused" && skipped > 0) problems.push(`${counted(skipped, `${what} test`)} skipped`);
    if (skipping === "accepted" && skipsTooMany({ skipped, total }, limits)) {
        problems.push(`${skipped} of ${counted(total, `${what} test`)} skipped`);
    }
    if (passed === 0) problems.push(`no ${what} test passed`);
    return problems;
}

/** Tests that passed only after a retry. */
export function flakyOf(run: Run, what: string): string[] {
    const flaky = run.warnedTests ?? [];
    return flaky.length > 0 ? [`${counted(flaky.length, `${what} test`)} passed with a warning: ${few(flaky)}`] : [];
}
