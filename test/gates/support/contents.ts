import type { Release } from "../../../policies/gates";
import { exampleRelease } from "../../../release/evidence/examples";

/** A good release: every gate passes. The tests spoil it in one place each. */
export { ago, exampleNow as now, examples as contents } from "../../../release/evidence/examples";

export const minute = 60;
export const hour = 3600;
export const day = 86_400;

export const release: Release = { ...exampleRelease, hotfix: false };
