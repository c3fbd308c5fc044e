import type { AdmittedRelease } from "./admitted";
import type { ServiceHistory } from "./history";

/** Why no rollback is done; the message is a sentence that says what to do instead. */
export class RefusedError extends Error {}

/**
 * Chooses the release to go back to: the one asked for; else what ran before the failing one by the cluster's own
 * records, as far as it was admitted; else the newest that was admitted before the failing one. A release that came
 * after it is never chosen: it was left for a reason.
 *
 * @param failing version that the environment asks for now
 * @param to version that a person asks for
 * @param history what each service ran before; empty where the cluster can't tell
 * @throws RefusedError when there is none, when services ran different ones before, or when the one asked for was never
 *   admitted or is the failing one
 */
export function chooseTarget(
    admitted: readonly AdmittedRelease[],
    environment: string,
    failing: string,
    to?: string,
    history: readonly ServiceHistory[] = [],
): AdmittedRelease {
    const newestFirst = [...admitted].sort((one, other) => Date.parse(other.admittedAt) - Date.parse(one.admittedAt));
    const known = [...new Set(newestFirst.map(({ version }) => version))];
    const listed =
        known.length > 0
            ? `Admitted to ${environment}: ${known.join(", ")}.`
            : `No release has a signed admission to ${environment}.`;
    const named = (version: string) => newestFirst.find((one) => one.version === version);
    if (to !== undefined) {
        if (to === failing)
            throw new RefusedError(
                `${environment} asks for ${to} already; going back needs another version. ${listed}`,
            );
        const target = named(to);
        if (!target)
            throw new RefusedError(
                `${to} has no signed admission to ${environment}, so it never ran there well. ${listed}`,
            );
        return target;
    }
    const target = ranBefore(history, failing, named) ?? admittedBefore(newestFirst, failing);
    if (!target) {
        throw new RefusedError(
            `There is no release to go back to from ${failing}: none was admitted to ${environment} before it. ${listed} A hotfix forward is the way out (specification, section 7).`,
        );
    }
    return target;
}

/** The admitted release that all services ran last before the failing one. */
function ranBefore(
    history: readonly ServiceHistory[],
    failing: string,
    named: (version: string) => AdmittedRelease | undefined,
): AdmittedRelease | undefined {
    const last = history.flatMap(({ service, versions }) => {
        const release = versions.map(named).find((one) => one !== undefined);
        return release === undefined ? [] : [{ service, release }];
    });
    if (new Set(last.map(({ release }) => release.version)).size > 1) {
        const each = last.map(({ service, release }) => `${service} ${release.version}`).join(", ");
        throw new RefusedError(`Before ${failing}, services ran different releases: ${each}. Choose one with --to.`);
    }
    return last[0]?.release;
}

function admittedBefore(newestFirst: readonly AdmittedRelease[], failing: string): AdmittedRelease | undefined {
    // The earliest of its admissions: a renewed one must not make it look newer than what followed it.
    const since = Math.min(
        ...newestFirst.filter(({ version }) => version === failing).map(({ admittedAt }) => Date.parse(admittedAt)),
    );
    return newestFirst.find(({ version, admittedAt }) => version !== failing && Date.parse(admittedAt) < since);
}
