import type { LimitCase } from "./cases";
import { hotfixGateCases } from "./hotfix-cases";
import { productionCases } from "./production-cases";
import { reviewCases } from "./review-cases";
import { stagingCases } from "./staging-cases";
import { testCases } from "./test-cases";
import { vulnerabilityCases } from "./vulnerability-cases";

/** Every gate against its limit, in the order of the gates. */
export const limitCases: readonly LimitCase[] = [
    ...testCases,
    ...vulnerabilityCases,
    ...reviewCases,
    ...stagingCases,
    ...productionCases,
    ...hotfixGateCases,
];
