import { coverageGate } from "../engine/coverage";

/** Frontend coverage of 80 % or more (specification, section 5, PR merge gates). */
export const unitCoverageFrontend = coverageGate("frontend", "frontendCoveragePercent", "coverage-frontend");
