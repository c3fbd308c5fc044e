/** Seconds from `earlier` to `later`, both RFC 3339; negative when they are the other way round. */
export function elapsedSeconds(earlier: string, later: string): number {
    return (Date.parse(later) - Date.parse(earlier)) / 1000;
}

/** A moment as people read it, to the minute: `2026-01-14 18:00 UTC`. */
export const minuteOf = (moment: string | number | Date): string =>
    `${new Date(moment).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** Seconds as people read them: `45 s`, `4 min 30 s`, `3 h 59 min 59 s`, `2 d 3 h`. Milliseconds stay, as `0.6 s`. */
export function formatSeconds(seconds: number): string {
    const milliseconds = Math.max(0, Math.round(seconds * 1000));
    const parts: readonly (readonly [amount: number, unit: string])[] = [
        [Math.floor(milliseconds / 86_400_000), "d"],
        [Math.floor((milliseconds % 86_400_000) / 3_600_000), "h"],
        [Math.floor((milliseconds % 3_600_000) / 60_000), "min"],
        [(milliseconds % 60_000) / 1000, "s"],
    ];
    const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`);
    return shown.join(" ") || "0 s";
}

const unitSeconds: Readonly<Record<string, number>> = {
    ms: 0.001,
    s: 1,
    m: 60,
    h: 3600,
    d: 86_400,
    w: 604_800,
    y: 31_536_000,
};

/**
 * Seconds of a duration as Kubernetes, Argo Rollouts and Prometheus write it: a number of seconds (`90`, also as text),
 * or numbers with units from `ms` to `y` (`30s`, `1h30m`, `1.5m`, `15d`). A day has 24 hours, a year 365 days.
 *
 * @returns undefined for anything else
 */
export function parseSeconds(given: unknown): number | undefined {
    if (typeof given === "number") return given;
    if (typeof given !== "string") return undefined;
    if (/^\d+$/.test(given)) return Number(given);
    if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+$/.test(given)) return undefined;
    return [...given.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)].reduce(
        (sum, [, amount, unit = ""]) => sum + Number(amount) * (unitSeconds[unit] ?? 0),
        0,
    );
}
