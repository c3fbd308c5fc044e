import type { Predicate } from "../../../release/evidence/predicates";
import { counted, few } from "./wording";

type Run = Predicate<"testResult">;

/** The counts and times of a run. */
export function countsOf(run: Run) {
    return run.configuration[0].annotations;
}

/** `all 412 backend tests passed`, or how many did. */
export function passedOf(run: Run, what: string): string {
    const { passed, total, skipped } = countsOf(run);
    const ran = total - skipped;
    const aside = skipped > 0 ? ` (${skipped} skipped)` : "";
    return `${passed} of ${counted(ran, `${what} test`)} passed${aside}`;
}

/** What keeps a run from being 100 % passed. Skipped tests are let off where the suite is not about critical paths. */
export function failuresOf(run: Run, what: string, skipping: "accepted" | "refused"): string[] {
    const { failed, passed, skipped } = countsOf(run);
    const problems: string[] = [];
    if (failed > 0) problems.push(`${counted(failed, `${what} test`)} failed: ${few(run.failedTests)}`);
    if (skipping === "refused" && skipped > 0) problems.push(`${counted(skipped, `${what} test`)} skipped`);
    if (passed === 0) problems.push(`no ${what} test passed`);
    return problems;
}

/** Tests that passed only after a retry. */
export function flakyOf(run: Run, what: string): string[] {
    const flaky = run.warnedTests ?? [];
    return flaky.length > 0 ? [`${counted(flaky.length, `${what} test`)} passed with a warning: ${few(flaky)}`] : [];
}
