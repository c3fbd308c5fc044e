import type { Checkpoint } from "./types";

/** Once a gate holds, it holds for every later step of the release. */
export const fromMerge: readonly Checkpoint[] = ["merge", "staging", "staging-verified", "production"];
export const fromStaging: readonly Checkpoint[] = ["staging", "staging-verified", "production"];
export const fromStagingVerified: readonly Checkpoint[] = ["staging-verified", "production"];
export const atProduction: readonly Checkpoint[] = ["production"];
export const atMonitoring: readonly Checkpoint[] = ["monitoring"];
