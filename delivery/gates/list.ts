import { codeLint } from "./merge/code-lint";
import { codeReview } from "./merge/code-review";
import { criticalVulnerabilities } from "./merge/critical-vulnerabilities";
import { endToEndDuration } from "./merge/end-to-end-duration";
import { endToEndTests } from "./merge/end-to-end-tests";
import { highVulnerabilities } from "./merge/high-vulnerabilities";
import { integrationTests } from "./merge/integration-tests";
import { staticAnalysis } from "./merge/static-analysis";
import { typeCoverage } from "./merge/type-coverage";
import { unitCoverageBackend } from "./merge/unit-coverage-backend";
import { unitCoverageFrontend } from "./merge/unit-coverage-frontend";
import { unitTestDuration } from "./merge/unit-test-duration";
import { unitTests } from "./merge/unit-tests";
import { buildSuccess } from "./staging/build-success";
import { healthResponse } from "./staging/health-response";
import { migrationStatus } from "./staging/migration-status";
import { serverErrors } from "./staging/server-errors";
import { stagingDeployment } from "./staging/staging-deployment";
import { smokeTests } from "./staging/smoke-tests";
import { humanApproval } from "./production/human-approval";
import { incidentCount } from "./production/incident-count";
import { rollbackPlan } from "./production/rollback-plan";
import { stagingSoak } from "./production/staging-soak";
import { hotfixApproval } from "./hotfix/hotfix-approval";
import { hotfixIncident } from "./hotfix/hotfix-incident";
import { hotfixMonitoring } from "./hotfix/hotfix-monitoring";
import { hotfixRollback } from "./hotfix/hotfix-rollback";
import { hotfixSize } from "./hotfix/hotfix-size";
import { hotfixWatch } from "./hotfix/hotfix-watch";
import { hotfixTest } from "./hotfix/hotfix-test";
import type { Gate } from "./engine/types";

/** Every gate, in the order of the specification's tables (section 5, and section 6 for hotfixes). */
export const gates: readonly Gate[] = [
    codeLint,
    typeCoverage,
    unitTests,
    unitCoverageBackend,
    unitCoverageFrontend,
    unitTestDuration,
    integrationTests,
    endToEndTests,
    endToEndDuration,
    criticalVulnerabilities,
    highVulnerabilities,
    staticAnalysis,
    codeReview,
    buildSuccess,
    migrationStatus,
    stagingDeployment,
    smokeTests,
    healthResponse,
    serverErrors,
    stagingSoak,
    humanApproval,
    rollbackPlan,
    incidentCount,
    hotfixIncident,
    hotfixTest,
    hotfixRollback,
    hotfixApproval,
    hotfixSize,
    hotfixWatch,
    hotfixMonitoring,
];
