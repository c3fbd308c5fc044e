import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { parse } from "yaml";
import { chapters, pipelineReference, type Holder } from "../../docs/generate/pipeline";
import { gates, limits } from "../../delivery/gates";
import { guardrails } from "../../policies/guardrails";
import { projectRoot } from "../support/project";

const rows = [...chapters.values()].flat();
const holders = rows.flatMap(({ held }) => held);
const is =
    <Key extends string>(key: Key) =>
    (holder: Holder): holder is Extract<Holder, Record<Key, string>> =>
        key in holder;

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8");
const knownJobs = new Map<string, readonly string[]>();
const jobsOf = (file: string): readonly string[] => {
    const jobs = knownJobs.get(file) ?? Object.keys((parse(read(file)) as { jobs: object }).jobs);
    knownJobs.set(file, jobs);
    return jobs;
};

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The titles of a file's tests; a value in a title stands for any text. */
function titles(file: string): RegExp[] {
    const found: RegExp[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "it") {
            const [title] = node.arguments;
            if (title && ts.isStringLiteralLike(title)) found.push(new RegExp(`^${quoted(title.text)}$`));
            if (title && ts.isTemplateExpression(title))
                found.push(
                    new RegExp(
                        `^${quoted(title.head.text)}${title.templateSpans.map(({ literal }) => `.+${quoted(literal.text)}`).join("")}$`,
                    ),
                );
        }
        ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest));
    return found;
}

describe("The pipeline, rule by rule", () => {
    it("should name jobs that their workflows have", () => {
        const named = holders.filter(is("job"));
        assert.ok(named.length > 50);
        for (const { workflow, job } of named)
            assert.ok(jobsOf(workflow).includes(job), `${workflow} has no job ${job}`);
    });

    it("should name every job of the gateway's pipeline", () => {
        for (const file of [
            ...["ci", "publish", "deploy", "rollback", "notify"].map((name) => `.github/workflows/${name}.yml`),
            ...["ci-cd", "hotfix", "rollback"].map((name) => `templates/gateway/${name}.yml`),
        ]) {
            const named = holders.filter(is("job")).filter(({ workflow }) => workflow === file);
            for (const job of jobsOf(file))
                assert.ok(
                    named.some((one) => one.job === job),
                    `${file} ${job} is in no row`,
                );
        }
    });

    it("should have a row for every gate, and no other", () => {
        const named = holders.filter(is("gate")).map((one) => one.gate);
        assert.deepEqual(named.sort(), gates.map(({ id }) => id).sort());
    });

    it("should name policies and files that exist", () => {
        const known = new Set(guardrails.map(({ name }) => name));
        for (const { policy } of holders.filter(is("policy"))) assert.ok(known.has(policy), policy);
        for (const { code } of holders.filter(is("code"))) assert.ok(fs.existsSync(path.join(projectRoot, code)), code);
    });

    it("should be proven, row by row, by tests that exist", () => {
        const known = new Map<string, RegExp[]>();
        for (const { what, held, proven } of rows) {
            assert.ok(held.length > 0 && proven.length > 0, what);
            for (const { file, title } of proven) {
                assert.ok(fs.existsSync(path.join(projectRoot, file)), `${what} names ${file}`);
                if (!known.has(file)) known.set(file, titles(file));
                assert.ok(
                    known.get(file)!.some((one) => one.test(title)),
                    `${file} has no test "${title}"`,
                );
            }
        }
    });

    it("should say each number of the gates as it is judged", () => {
        const text = pipelineReference();
        for (const { id, threshold } of gates) assert.ok(text.includes(threshold.replaceAll("|", "\\|")), id);
        assert.ok(
            text.includes(
                `at least ${limits.criticalPaths.value}, all pass, in ${limits.criticalPathSeconds.value / 60} min`,
            ),
        );
    });

    it("should find titles with and without values, and no others", () => {
        const all = titles("test/workflows/thresholds.test.ts");
        const has = (title: string) => all.some((one) => one.test(title));
        assert.ok(has("should have the same limits of time"));
        assert.ok(has("should agree on types of the backend, however a tool would round"));
        assert.ok(!has("should agree on , however a tool would round") && !has("should have the same limits"));
    });
});
