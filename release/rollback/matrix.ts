/** The specification's rollback decision matrix (section 7). */
export const scenarios = {
    "high-error-rate": { title: "High error rate", method: "Automated k8s rollback", time: "2 minutes" },
    "feature-bug": { title: "Feature bug (non-critical)", method: "Hotfix forward", time: "30 minutes" },
    "data-corruption": { title: "Data corruption", method: "Database restore + app rollback", time: "2 hours" },
    "security-breach": {
        title: "Security breach",
        method: "Immediate rollback + credential rotation",
        time: "15 minutes + 4 hours",
    },
} as const;

export type Scenario = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as Scenario[];

/** One row in a line. */
export function describeScenario(scenario: Scenario): string {
    const { title, method, time } = scenarios[scenario];
    return `${title}: ${method}, estimated ${time} (specification, section 7)`;
}
