import { resourcePolicy } from "../shared/policy";
import type { Findings } from "../shared/findings";
import { analysisKinds, judges } from "../shared/rollouts";
import type { AnalysisKind, Canary, Rollout, Step } from "../shared/rollouts";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Settings {
    readonly maximumCanaryWeightPercent: number;
    readonly minimumIdleSeconds: number;
    readonly maximumRollbackRevisions: number;
    readonly maximumProgressSeconds: number;
}

const integer = (minimum: number, maximum: number, value: number, description: string) =>
    ({ type: "integer", minimum, maximum, default: value, description }) as const;

const steps = "spec.strategy.canary.steps";

/** How much is measured, and against which limits, is judged by `kubernetes-analysis-limits`. */
export const kubernetesRolloutStrategy = resourcePolicy<Rollout, Settings>({
    name: "kubernetes-rollout-strategy",
    description:
        "A Rollout runs at full size and passes its smoke tests before it gets a request. Then it gets some requests under " +
        "measurement, and all of them under watch. It aborts by itself, and keeps the old version for an hour.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 6, Production Deployment", "Blue-Green deployment for zero-downtime"),
    remediationSteps: "Release the service with BlueGreenDeployment, which keeps the order that the message asks for.",
    configSchema: {
        properties: {
            maximumCanaryWeightPercent: integer(1, 100, 50, "Largest share of requests before the cutover, in percent"),
            minimumIdleSeconds: integer(1, 604800, 3600, "Seconds that the old version stays after the cutover"),
            maximumRollbackRevisions: integer(0, 20, 3, "Revisions back that are reached without the steps"),
            maximumProgressSeconds: integer(1, 86400, 3600, "Seconds without progress after which it must be aborted"),
        },
    },
    types: [kubernetes.rollout],
    judge: (given, findings) => {
        const { spec } = given as Rollout;
        const { settings } = findings;
        findings.part(() => {
            if (spec?.progressDeadlineAbort === true) return;
            findings.deviates("spec.progressDeadlineAbort", spec?.progressDeadlineAbort, "true");
        });
        atMost(findings, "spec.progressDeadlineSeconds", () => spec?.progressDeadlineSeconds ?? 600, {
            maximum: settings.maximumProgressSeconds,
            unit: " seconds",
        });
        atMost(findings, "spec.rollbackWindow.revisions", () => spec?.rollbackWindow?.revisions ?? 0, {
            maximum: settings.maximumRollbackRevisions,
            unit: "",
        });
        const canary = spec?.strategy?.canary;
        if (!canary) {
            findings.deviates("spec.strategy.canary", canary, "a canary with trafficRouting and steps");
            return;
        }
        judgeColours(canary, findings);
        findings.part(() => {
            judgeSteps(canary, findings);
        });
    },
});

function atMost(
    findings: Findings<Settings>,
    property: string,
    value: () => number,
    { maximum, unit }: { readonly maximum: number; readonly unit: string },
): void {
    findings.part(() => {
        const given = value();
        if (!(given <= maximum)) findings.deviates(property, given, `at most ${maximum}${unit}`);
    });
}

/** Both versions run side by side, and requests are routed by weight and not by the number of pods. */
function judgeColours(canary: Canary, findings: Findings<Settings>): void {
    const place = "spec.strategy.canary";
    const { minimumIdleSeconds } = findings.settings;
    for (const property of ["stableService", "canaryService"] as const) {
        findings.part(() => {
            if (!canary[property]) findings.deviates(`${place}.${property}`, canary[property], "the name of a Service");
        });
    }
    findings.part(() => {
        if (!canary.trafficRouting || Object.keys(canary.trafficRouting).length === 0) {
            findings.deviates(`${place}.trafficRouting`, canary.trafficRouting, "a router that weighs requests");
        }
    });
    findings.part(() => {
        if (!canary.dynamicStableScale) return;
        findings.deviates(`${place}.dynamicStableScale`, true, "false, or not set: the old version stays in full");
    });
    findings.part(() => {
        const given = canary.scaleDownDelaySeconds;
        // Argo's own default is 30 seconds.
        if ((given ?? 30) >= minimumIdleSeconds) return;
        findings.deviates(`${place}.scaleDownDelaySeconds`, given, `at least ${minimumIdleSeconds} seconds`);
    });
    findings.part(() => {
        const given = canary.scaleDownDelayRevisionLimit;
        if (given === undefined || given === null || given >= 1) return;
        findings.deviates(`${place}.scaleDownDelayRevisionLimit`, given, "at least 1, or not set");
    });
    findings.part(() => {
        const { analysis } = canary;
        const first = firstRequest(canary.steps ?? []);
        const starts = analysis?.startingStep ?? 0;
        if (judges(analysis, "podHealth") && starts <= first) return;
        const accepted = `${measured("podHealth")}, from step ${first} at the latest`;
        findings.deviates(`${place}.analysis`, analysis, accepted);
    });
}

/** Index of the step that sends the new version its first request; the number of steps if none does. */
function firstRequest(list: readonly Step[]): number {
    const at = list.findIndex(
        ({ setWeight, setHeaderRoute, setMirrorRoute, experiment, plugin }) =>
            (setWeight ?? 0) > 0 || setHeaderRoute || setMirrorRoute || experiment || plugin,
    );
    return at < 0 ? list.length : at;
}

function judgeSteps({ steps: given }: Canary, findings: Findings<Settings>): void {
    const list = given ?? [];
    const { maximumCanaryWeightPercent: maximum } = findings.settings;
    const first = firstRequest(list);
    const before = list.slice(0, first);
    const scaled = before.findIndex(({ setCanaryScale }) => setCanaryScale?.weight === 100);
    const smoked = (step: Step, at: number) => at > scaled && judges(step.analysis, "smokeTests");
    if (scaled < 0)
        findings.refuse(`${steps} gives requests to a part of the new version; ${accepted("setCanaryScale")}.`);
    if (!before.some(smoked))
        findings.refuse(`${steps} gives requests to what no smoke test has passed; ${accepted("smokeTests")}.`);
    const weight = list[first]?.setWeight;
    if (typeof weight !== "number" || weight > maximum) {
        findings.deviates(`${steps}[${first}].setWeight`, weight, `the first share of requests: 1 to ${maximum}`);
    }
    if (!judges(list[first + 1]?.analysis, "canaryErrors")) {
        findings.deviates(`${steps}[${first + 1}]`, list[first + 1], measured("canaryErrors"));
    }
    list.slice(first + 2, -2).forEach((step, at) => {
        const place = `${steps}[${first + 2 + at}]`;
        if (step.setCanaryScale) findings.deviates(place, step, "no other size once it has requests");
        if ((step.setWeight ?? 0) > maximum && !judges(list[first + 3 + at]?.analysis, "canaryErrors")) {
            findings.deviates(`${place}.setWeight`, step.setWeight, measured("canaryErrors"));
        }
    });
    const [cutover, watch] = [list.length - 2, list.length - 1];
    if (cutover <= first || list[cutover]?.setWeight !== 100) {
        findings.deviates(`${steps}[${Math.max(cutover, 0)}]`, list[cutover], "setWeight 100 as the last step but one");
    }
    if (!judges(list[watch]?.analysis, "deploymentErrors")) {
        findings.deviates(`${steps}[${Math.max(watch, 0)}]`, list[watch], measured("deploymentErrors"));
    }
}

function measured(kind: AnalysisKind): string {
    const hashes = kind === "smokeTests" ? "" : kind === "canaryErrors" ? " with the hashes of both" : " with its hash";
    return `a counted analysis by a template *-${analysisKinds[kind]}${hashes}`;
}

function accepted(what: "setCanaryScale" | "smokeTests"): string {
    if (what === "setCanaryScale") return "accepted: setCanaryScale with weight 100 before the first share of requests";
    return `accepted: ${measured("smokeTests")}, after setCanaryScale and before the first share of requests`;
}
