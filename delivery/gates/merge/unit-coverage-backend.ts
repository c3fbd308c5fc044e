import { coverageGate } from "../engine/coverage";

/** Backend coverage of 90 % or more (specification, section 5, PR merge gates). */
export const unitCoverageBackend = coverageGate("backend", "backendCoveragePercent", "coverage-backend");
