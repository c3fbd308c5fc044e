import * as fs from "node:fs";
import * as path from "node:path";
import { variableOf } from "../../settings/parse";
import { blueGreen } from "../../settings/schema";
import { policyConfiguration } from "../stacks/policy-configuration";
import type { Instance } from "../machine/instance";

/** How long the stages of a release last. */
export interface Pace {
    readonly canarySeconds: number;
    readonly measurementSeconds: number;
    readonly watchSeconds: number;
    readonly blueIdleSeconds: number;
    readonly inconclusiveLimit: number;
    readonly minimumRequests: number;
    /** Seconds without progress after which green is aborted. */
    readonly rolloutTimeoutSeconds: number;
}

const { canarySeconds, measurementSeconds, watchSeconds, blueIdleSeconds, inconclusiveLimit, minimumRequests } =
    blueGreen.parse({});

/** The specification's own durations (sections 6 and 7). */
export const specifiedPace: Pace = {
    canarySeconds,
    measurementSeconds,
    watchSeconds,
    blueIdleSeconds,
    inconclusiveLimit,
    minimumRequests,
    rolloutTimeoutSeconds: 300,
};

/** Durations that let a test see all stages; weights and limits are the specification's. */
export const shortenedPace: Pace = {
    canarySeconds: 25,
    measurementSeconds: 2,
    watchSeconds: 15,
    blueIdleSeconds: 90,
    inconclusiveLimit: 7,
    minimumRequests: 20,
    rolloutTimeoutSeconds: 30,
};

/**
 * Variables with which `pulumi` releases production at a pace. The policy pack refuses durations below the
 * specification's unless its configuration allows them: in a file of the sandbox, which is not part of the project.
 */
export function paceVariables(instance: Instance, pace: Pace): Record<string, string> {
    const folder = path.join(instance.root, "drill");
    const file = path.join(folder, `policy-config-${Object.values(pace).join("-")}.json`);
    fs.mkdirSync(folder, { recursive: true });
    const configuration = {
        ...policyConfiguration(instance),
        "kubernetes-rollout-strategy": {
            minimumIdleSeconds: Math.min(pace.blueIdleSeconds, specifiedPace.blueIdleSeconds),
        },
        "kubernetes-analysis-limits": {
            minimumCanarySeconds: Math.min(pace.canarySeconds, specifiedPace.canarySeconds),
            minimumWatchSeconds: Math.min(pace.watchSeconds, specifiedPace.watchSeconds),
        },
    };
    fs.writeFileSync(file, JSON.stringify(configuration, undefined, 2));
    const { rolloutTimeoutSeconds, ...settings } = pace;
    return {
        [variableOf("blueGreen", "prod")]: JSON.stringify(settings),
        [variableOf("rolloutTimeoutSeconds", "prod")]: String(rolloutTimeoutSeconds),
        PULUMI_OPTION_POLICY_PACK_CONFIG: file,
    };
}
