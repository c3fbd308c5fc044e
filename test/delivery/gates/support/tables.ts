/** The specification's tables: each gate's id, section, title and threshold. */
export const merge = [
    ["code-lint", "5, PR merge gates: Code Lint", "Code lint", "0 errors; warnings with a justification"],
    [
        "type-coverage",
        "3, stage 1: Quality Thresholds",
        "Type coverage",
        "more than 90 % of backend (mypy) and frontend (type-coverage), each of 10 or more lines or expressions",
    ],
    [
        "unit-tests",
        "5, PR merge gates: Unit Tests",
        "Unit tests",
        "100 % of the tests, of which at most 10 % are skipped",
    ],
    [
        "unit-coverage-backend",
        "5, PR merge gates: Unit Tests",
        "Backend coverage",
        "at least 90 % of 10 or more lines by coverage.py",
    ],
    [
        "unit-coverage-frontend",
        "5, PR merge gates: Unit Tests",
        "Frontend coverage",
        "at least 80 % of 10 or more lines by istanbul",
    ],
    [
        "unit-test-duration",
        "3, stage 2: Quality Gates",
        "Unit test duration",
        "less than 5 min for backend and for frontend",
    ],
    [
        "integration-tests",
        "3, stage 4: Integration Tests",
        "Integration tests",
        "100 % of the tests, of which at most 10 % are skipped",
    ],
    ["end-to-end-tests", "5, PR merge gates: E2E Tests", "Critical path tests", "100 % of at least 5 critical paths"],
    ["end-to-end-duration", "3, stage 5: Quality Gates", "Critical path duration", "less than 10 min"],
    [
        "critical-vulnerabilities",
        "5, PR merge gates: Security Scan",
        "Critical vulnerabilities",
        "0, with a database updated at most 48 h before the scan",
    ],
    [
        "high-vulnerabilities",
        "3, stage 6: Quality Gates",
        "High vulnerabilities",
        "each with a tracking ticket and a due date in the future",
    ],
    [
        "static-analysis",
        "3, stage 6: Quality Gates",
        "Static security analysis",
        "0 high findings that are not shown to be false positives; others addressed",
    ],
    [
        "code-review",
        "5, PR merge gates: Code Review",
        "Code review",
        "at least 1 approval of the last commit, each by a person who is not an author; no changes requested",
    ],
];
export const staging = [
    [
        "build-success",
        "5, Staging deployment gates: Build Success",
        "Build",
        "each image, the static assets and the build metadata, built from this release's commit by .github/workflows/ci-cd.yml",
    ],
    [
        "migration-status",
        "5, Staging deployment gates: Migration Status",
        "Migration",
        "applied in staging by alembic up to the release's newest revision",
    ],
    [
        "staging-deployment",
        "4, stage 9: Deploy to Staging",
        "Staging deployment",
        "each image with all its pods in relaypacs-staging of staging-cluster",
    ],
    [
        "smoke-tests",
        "5, Staging deployment gates: Smoke Tests",
        "Smoke tests",
        "100 % of at least 3, after the deployment",
    ],
    ["health-response", "4, stage 10: Quality Gates", "Health response", "less than 1 s"],
    ["server-errors", "4, stage 10: Quality Gates", "Server errors", "0"],
];
export const production = [
    [
        "staging-soak",
        "5, Production deployment gates: Staging Soak",
        "Staging soak",
        "at least 4 h in staging without interruption or errors",
    ],
    [
        "human-approval",
        "5, Production deployment gates: Human Approval",
        "Approval",
        "an Engineering Manager or Tech Lead who is not an author, at most 24 h ago and after the evidence; no rejection",
    ],
    [
        "rollback-plan",
        "5, Production deployment gates: Rollback Plan",
        "Rollback plan",
        "to the version that production runs, documented, and tested in staging with success in the last 90 days",
    ],
    [
        "incident-count",
        "5, Production deployment gates: Incident Count",
        "Incidents",
        "fewer than 2 of priority P1 or P2 in 7 days",
    ],
];
export const hotfix = [
    [
        "hotfix-incident",
        "6, Hotfix Deployment: When",
        "Hotfix incident",
        "an incident of priority P1 in the tracker's list, opened at most 24 h ago",
    ],
    ["hotfix-test", "6, Hotfix Deployment: Risk Mitigation", "Hotfix test", "at least one added test"],
    [
        "hotfix-rollback",
        "6, Hotfix Deployment: Risk Mitigation",
        "Hotfix rollback",
        "rehearsed in the last 24 h, as the rollback plan says",
    ],
    [
        "hotfix-approval",
        "6, Hotfix Deployment: Process",
        "Hotfix approval",
        "an expedited approval by an Engineering Manager or Tech Lead",
    ],
    ["hotfix-size", "6, Hotfix Deployment: Risk Mitigation", "Hotfix size", "at most 1 changed file beside tests"],
    ["hotfix-watch", "6, Hotfix Deployment: Process", "Hotfix watch", "monitoring for at least 1 h afterwards"],
    [
        "hotfix-monitoring",
        "6, Hotfix Deployment: Process",
        "Hotfix monitoring",
        "at least 1 h, at most 1 % errors and 20 % unhealthy pods, not rolled back",
    ],
];

/** How many gates judge an ordinary release to production. */
export const productionGates = merge.length + staging.length + production.length;

export const ids = (rows: readonly string[][]) => rows.map((row) => row[0]);
