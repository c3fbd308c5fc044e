/** One row of the specification's rollback decision matrix (section 7). */
export interface Row {
    readonly title: string;
    readonly method: string;
    /** As the specification writes it. */
    readonly time: string;
    /** The first limit of that time, in seconds: users are back, for a breach with the rotation begun. */
    readonly limitSeconds: number;
    /** The second one: all credentials are rotated. Counted from the end of the first. */
    readonly rotationLimitSeconds?: number;
    /** Who may decide that it is this row. */
    readonly decides: string;
}

const minute = 60;
const hour = 3600;

/** The matrix, by the name that `release rollback --scenario` takes. */
export const scenarios = {
    "high-error-rate": {
        title: "High error rate",
        method: "Automated k8s rollback",
        time: "2 minutes",
        limitSeconds: 2 * minute,
        decides: "Argo Rollouts during a release to production; else the person on call, alone",
    },
    "feature-bug": {
        title: "Feature bug (non-critical)",
        method: "Hotfix forward",
        time: "30 minutes",
        limitSeconds: 30 * minute,
        decides: "the person on call, with a code owner of the gateway",
    },
    "data-corruption": {
        title: "Data corruption",
        method: "Database restore + app rollback",
        time: "2 hours",
        limitSeconds: 2 * hour,
        decides: "the database's administrator, with the person on call: what was written since the backup is lost",
    },
    "security-breach": {
        title: "Security breach",
        method: "Immediate rollback + credential rotation",
        time: "15 minutes + 4 hours",
        limitSeconds: 15 * minute,
        rotationLimitSeconds: 4 * hour,
        decides: "the person on call, alone, who tells security at once",
    },
} as const satisfies Readonly<Record<string, Row>>;

export type Scenario = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as Scenario[];

/** One row in a line. */
export function describeScenario(scenario: Scenario): string {
    const { title, method, time } = scenarios[scenario];
    return `${title}: ${method}, estimated ${time} (specification, section 7)`;
}

/** A duration for people, in whole seconds: `1 h 2 min 3 s`. */
export function duration(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    const parts = [
        [Math.floor(whole / hour), "h"],
        [Math.floor((whole % hour) / minute), "min"],
        [whole % minute, "s"],
    ] as const;
    const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
    return said.length > 0 ? said.join(" ") : "0 s";
}

/** Whether something was in time, in one sentence. The limit itself is in time. */
export function measured(what: string, seconds: number, limitSeconds: number): string {
    const limit = duration(limitSeconds);
    return seconds <= limitSeconds
        ? `${what} after ${duration(seconds)}: in time (limit ${limit}).`
        : `${what} after ${duration(seconds)}: over the limit of ${limit} by ${duration(Math.max(1, seconds - limitSeconds))}.`;
}
