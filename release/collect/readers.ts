import { readBandit } from "./bandit";
import { readBlack } from "./black";
import { readCoveragePy } from "./coverage-py";
import { readEslint, readEslintSecurity } from "./eslint";
import { readIstanbul } from "./istanbul";
import { readJunit } from "./junit";
import type { ReportKind } from "./manifest";
import { readMypy } from "./mypy";
import { readMypyCoverage } from "./mypy-coverage";
import { readNpmAudit } from "./npm-audit";
import { readPipAudit } from "./pip-audit";
import { readPlaywright } from "./playwright";
import { readPrettier } from "./prettier";
import type { Reader } from "./results";
import { readRuff } from "./ruff";
import { readSafety } from "./safety";
import { readTrivy } from "./trivy";
import { readTypeCoverage } from "./type-coverage";
import { readTypescript } from "./typescript";

/** The reader of each kind of report in a manifest. */
export const readers = {
    junit: readJunit,
    playwright: readPlaywright,
    "coverage-py": readCoveragePy,
    istanbul: readIstanbul,
    ruff: readRuff,
    black: readBlack,
    mypy: readMypy,
    "mypy-coverage": readMypyCoverage,
    eslint: readEslint,
    "eslint-security": readEslintSecurity,
    prettier: readPrettier,
    typescript: readTypescript,
    "type-coverage": readTypeCoverage,
    bandit: readBandit,
    "npm-audit": readNpmAudit,
    "pip-audit": readPipAudit,
    safety: readSafety,
    trivy: readTrivy,
} as const satisfies Readonly<Record<ReportKind, Reader>>;
