import type { Release } from "../../delivery/core/release";
import type { Checkpoint, Judgement, Outcome, Stage, Status } from "../../delivery/gates";
import { counted, listed } from "../../delivery/core/text";

/** The specification's tables, as people read them. */
export const stageTitles: Readonly<Record<Stage, string>> = {
    merge: "Pull request merge",
    staging: "Staging deployment",
    production: "Production deployment",
    hotfix: "Hotfix",
};

/** A status in words; never by colour alone. */
export const statusWords: Readonly<Record<Status, string>> = { pass: "pass", warn: "warning", fail: "denied" };

const step: Readonly<Record<Checkpoint, readonly [may: string, mustNot: string]>> = {
    merge: ["may be merged", "must not be merged"],
    staging: ["may go to staging", "must not go to staging"],
    "staging-verified": ["is verified in staging", "is not verified in staging"],
    production: ["may go to production", "must not go to production"],
    monitoring: ["was well in production", "must not stay in production"],
};

/** What a judgement says about a release, in a few words: `Release 1.4.2 may go to production`. */
export function headline(release: Release, checkpoint: Checkpoint, judgement: Judgement, strict = false): string {
    const [may, mustNot] = step[checkpoint];
    const what = release.hotfix ? "Hotfix" : "Release";
    return `${what} ${release.version} ${isAllowed(judgement, strict) ? may : mustNot}`;
}

/** Whether a rollback is refused because no admission lets it in, whatever its gates say: nothing else would help it. */
export const lacksAdmission = ({ rollback }: Release, { admission, status }: Judgement): boolean =>
    status === "fail" && rollback === true && admission === undefined;

/** One sentence: whether the release may go on, and the gates that say otherwise or warn. */
export function verdict(release: Release, checkpoint: Checkpoint, judgement: Judgement, strict = false): string {
    const failing = titlesOf(judgement, "fail");
    const warning = titlesOf(judgement, "warn");
    const beginning = headline(release, checkpoint, judgement, strict);
    if (lacksAdmission(release, judgement)) return `${beginning}: ${judgement.remark ?? "it is refused."}`;
    if (failing.length > 0) {
        return `${beginning}, because ${counted(failing.length, "gate")} of ${judgement.outcomes.length} ${one(failing, "denies", "deny")} it: ${listed(failing)}.`;
    }
    if (warning.length > 0 && strict) {
        return `${beginning}, because ${counted(warning.length, "gate")} of ${judgement.outcomes.length} ${one(warning, "warns", "warn")} and warnings count: ${listed(warning)}.`;
    }
    const all = counted(judgement.outcomes.length, "gate");
    if (warning.length === 0)
        return `${beginning}: ${one(judgement.outcomes, "its", "all")} ${all} ${one(judgement.outcomes, "passes", "pass")}.`;
    return `${beginning}, with ${counted(warning.length, "warning")} of ${all}: ${listed(warning)}.`;
}

/** Whether the release may go on. Warnings are said and let it pass, unless `strict`. */
export function isAllowed({ status }: Judgement, strict = false): boolean {
    return status === "pass" || (status === "warn" && !strict);
}

/** The outcomes of each of the specification's tables that judged, in its order. */
export function byStage(outcomes: readonly Outcome[]): { stage: Stage; title: string; outcomes: Outcome[] }[] {
    return (Object.keys(stageTitles) as Stage[])
        .map((stage) => ({
            stage,
            title: stageTitles[stage],
            outcomes: outcomes.filter((each) => each.stage === stage),
        }))
        .filter((group) => group.outcomes.length > 0);
}

/** What a rejected envelope is, as a sentence: where it was found, what it claims to be, and why it does not count. */
export function rejection({ source, item, problem }: Judgement["rejected"][number]): string {
    return `${source}${item === undefined ? "" : `, which claims to be ${item} evidence,`} ${problem}.`;
}

function titlesOf({ outcomes }: Judgement, status: Status): string[] {
    return outcomes.filter((each) => each.status === status).map(({ title }) => title);
}

function one(list: readonly unknown[], singular: string, plural: string): string {
    return list.length === 1 ? singular : plural;
}
