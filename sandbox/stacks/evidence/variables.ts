import * as fs from "node:fs";
import type { Instance } from "../../machine/instance";
import { evidenceFolder } from "./folders";
import { trustedKeys } from "./signing-key";

/** Where the stacks find their evidence, and the keys that must have signed it; nothing before these exist. */
export function evidenceVariables(instance: Instance): Record<string, string> {
    const keys = trustedKeys(instance);
    const folders = (["staging", "prod"] as const)
        .map((environment) => [environment, evidenceFolder(instance, environment)] as const)
        .filter(([, folder]) => fs.existsSync(folder))
        .map(([environment, folder]) => [`RELAYPACS_${environment.toUpperCase()}_EVIDENCE_FOLDER`, folder]);
    return {
        ...(keys.length > 0 ? { RELAYPACS_TRUSTED_KEYS: JSON.stringify(keys) } : {}),
        ...(Object.fromEntries(folders) as Record<string, string>),
    };
}
