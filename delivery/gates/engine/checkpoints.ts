import type { Checkpoint } from "./types";

/** A gate that applies at one checkpoint applies at every later one as well. */
export const fromMerge: readonly Checkpoint[] = ["merge", "staging", "staging-verified", "production"];
export const fromStaging: readonly Checkpoint[] = ["staging", "staging-verified", "production"];
export const fromStagingVerified: readonly Checkpoint[] = ["staging-verified", "production"];
export const atProduction: readonly Checkpoint[] = ["production"];
export const atMonitoring: readonly Checkpoint[] = ["monitoring"];
