import type { Release } from "../../../../delivery/core/release";
import { exampleRelease } from "../../../../docs/generate/evidence-examples";

/** A good release, which passes every gate. Each test spoils it in one place. */
export {
    ago,
    exampleNow as now,
    exampleRepository as repository,
    examples as contents,
} from "../../../../docs/generate/evidence-examples";

export const minute = 60;
export const hour = 3600;
export const day = 86_400;

export const release: Release = { ...exampleRelease, hotfix: false };
