import { z } from "zod";
import { commit, component, count, login, moment, text, ticket, tool, uri } from "./fields";

/** The tool that measures each component's coverage (specification, section 3, stage 2). */
export const coverageTools = { backend: "coverage.py", frontend: "istanbul" } as const;

/** Lines that unit tests executed (specification, section 3, stage 2). The gate computes the percentage. */
export const coverage = z
    .object({
        component,
        tool: tool("coverage.py or istanbul"),
        linesCovered: count("Lines that were executed"),
        linesTotal: count("Lines that can be executed"),
        branchesCovered: count("Branches that were taken").optional(),
        branchesTotal: count("Branches that can be taken").optional(),
        measuredAt: moment("When the coverage was measured"),
    })
    .refine((one) => one.linesCovered <= one.linesTotal, { error: "linesCovered is more than linesTotal" })
    .refine((one) => (one.branchesCovered ?? 0) <= (one.branchesTotal ?? 0), {
        error: "branchesCovered is more than branchesTotal",
    })
    .describe("Line coverage of one component's unit tests");

/** Tools that must have run over each component (specification, section 3, stage 1). */
export const lintTools = {
    backend: ["ruff", "black", "mypy"],
    frontend: ["eslint", "prettier", "typescript"],
} as const;

/** Linters, formatters and type checkers over one component. */
export const lint = z
    .object({
        component,
        tools: z
            .array(
                z.object({
                    name: text("ruff, black, mypy, eslint, prettier or typescript"),
                    version: text("Version of the tool, as it prints it"),
                    errors: count("Errors; for a formatter, files that it would change"),
                    warnings: count("Warnings"),
                    justification: text("Why the warnings are acceptable").optional(),
                }),
            )
            .min(1)
            .describe("Each tool once"),
        measuredAt: moment("When the last tool finished"),
    })
    .refine((one) => new Set(one.tools.map((each) => each.name)).size === one.tools.length, {
        error: "tools names one tool twice",
    })
    .describe("What linters, formatters and type checkers found in one component");

/** The tool that measures how much of each component has types (specification, section 3, stage 1). */
export const typeCoverageTools = { backend: "mypy", frontend: "type-coverage" } as const;

/** How much of one component has types (specification, section 3, stage 1). The gate computes the percentage. */
export const typeCoverage = z
    .object({
        component,
        tool: tool("mypy or type-coverage"),
        typedCount: count("Expressions, or lines in mypy's report, whose types are known"),
        totalCount: count("All expressions, or lines"),
        measuredAt: moment("When the type coverage was measured"),
    })
    .refine((one) => one.typedCount <= one.totalCount, { error: "typedCount is more than totalCount" })
    .describe("How much of one component has types");

export const sastTools = ["bandit", "eslint-security"] as const;
export type SastTool = (typeof sastTools)[number];

/** Static analysis for security (specification, section 3, stages 1 and 6). */
export const sast = z
    .object({
        tool: z
            .object({ name: z.enum(sastTools).describe("The tool"), version: text("Version of the tool") })
            .describe("The tool that ran"),
        findings: z
            .array(
                z.object({
                    rule: text("Rule that found it, such as B602 or security/detect-eval-with-expression"),
                    severity: z.enum(["high", "medium", "low"]).describe("Severity, as the tool rates it"),
                    file: text("File, from the repository's root"),
                    line: count("Line in the file, from 1"),
                    resolution: z
                        .object({
                            kind: z
                                .enum(["false-positive", "accepted"])
                                .describe("Why the code stays as it is; what was fixed is not a finding"),
                            ticket,
                            justification: text("Why that is safe"),
                        })
                        .optional()
                        .describe("How the finding was addressed, when the code stays as it is"),
                }),
            )
            .describe("Everything that was found"),
        measuredAt: moment("When the analysis finished"),
    })
    .describe("What static analysis for security found");

/** The reviews of the pull request that the release comes from (specification, sections 2 and 5). */
export const codeReview = z
    .object({
        pullRequest: uri("The pull request"),
        headCommit: commit("Last commit of the pull request, which was reviewed"),
        mergeCommit: commit("What the pull request became on `main`; absent before the merge").optional(),
        authors: z.array(login("Author of the pull request or of one of its commits")).min(1).describe("Authors"),
        reviews: z
            .array(
                z.object({
                    login: login("Reviewer"),
                    state: z.enum(["approved", "changes-requested"]).describe("The reviewer's last verdict"),
                    commit: commit("Commit that was reviewed"),
                    submittedAt: moment("When the review was submitted"),
                }),
            )
            .describe("The last verdict of each reviewer; comments and dismissed reviews are not verdicts"),
        measuredAt: moment("When GitHub was asked"),
    })
    .describe("The reviews of the pull request");
