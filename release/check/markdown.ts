import type { Status } from "../../delivery/gates";
import type { Subject } from "./json";
import { visible } from "../../delivery/core/text";
import { byStage, isAllowed, rejection, statusWords, verdict } from "./wording";

const marks: Readonly<Record<Status, string>> = { pass: "✅", warn: "⚠️", fail: "❌" };

/** Most rejected envelopes that a summary lists: GitHub refuses summaries above 1 MiB. JSON has all. */
const mostRejected = 50;

/** The judgement for GitHub's step summary: the verdict, a table for each stage, and the evidence folded away. */
export function markdown(subject: Subject): string {
    const { release, checkpoint, judgement, now, strict } = subject;
    const shown = isAllowed(judgement, strict) ? judgement.status : "fail";
    const lines = [`## ${marks[shown]} ${escaped(verdict(release, checkpoint, judgement, strict))}`, ""];
    lines.push(`Commit ${code(release.commit.slice(0, 12))}, judged at ${escaped(now)}.`, "");
    for (const [status, heading] of [
        ["fail", "Denied"],
        ["warn", "Warnings"],
    ] as const) {
        const messages = judgement.outcomes.filter((one) => one.status === status).map((one) => one.message);
        lines.push(...list(heading, messages));
    }
    lines.push(...list("Admission", judgement.remark === undefined ? [] : [judgement.remark]));
    lines.push(...list("Obligations", judgement.obligations));
    const refused = judgement.rejected.map(rejection);
    const rest = refused.length - mostRejected;
    lines.push(
        ...list("Evidence that counts for nothing", [
            ...refused.slice(0, mostRejected),
            ...(rest > 0 ? [`… and ${rest} more.`] : []),
        ]),
    );
    for (const { title, outcomes } of byStage(judgement.outcomes)) {
        lines.push(`### ${title}`, "", "| | Gate | Measured | Accepted |", "|---|---|---|---|");
        for (const { status, title: gate, measured, limit } of outcomes) {
            const cells = [gate, measured, limit].map(escaped);
            lines.push(`| ${marks[status]} ${statusWords[status]} | ${cells.join(" | ")} |`);
        }
        lines.push("", ...evidence(outcomes), "");
    }
    return `${lines.join("\n").trimEnd()}\n`;
}

function list(heading: string, entries: readonly string[]): string[] {
    return entries.length === 0 ? [] : [`**${heading}**`, "", ...entries.map((one) => `- ${escaped(one)}`), ""];
}

function evidence(outcomes: Subject["judgement"]["outcomes"]): string[] {
    const rows = outcomes.flatMap((one) =>
        one.evidence.map(({ item, source, measuredAt, keyId, sha256 }) => {
            const cells = [escaped(one.title), item, code(source), measuredAt, code(keyId.slice(0, 12)), code(sha256)];
            return `| ${cells.join(" | ")} |`;
        }),
    );
    if (rows.length === 0) return [];
    const head = ["| Gate | Item | Source | Measured at | Key | SHA-256 |", "|---|---|---|---|---|---|"];
    return [`<details><summary>Evidence (${rows.length})</summary>`, "", ...head, ...rows, "", "</details>"];
}

/**
 * Untrusted text as plain text, in a list or a cell: each character that Markdown, HTML or math begins with, or that
 * makes a link of an address, is written as an HTML entity, which is shown as the character and means nothing.
 */
export function escaped(text: string): string {
    return visible(text)
        .replaceAll(/[&<>"'`*_~[\]\\|#!@:$]|\bwww(?=\.)/gi, entities)
        .replace(/^\s*([-+=]|\d+\.(?=\s|$))/, entities);
}

function entities(text: string): string {
    return [...text].map((character) => `&#${character.codePointAt(0) ?? 0};`).join("");
}

/** Code, as HTML: Markdown's own marks would show the entities as they are written. */
function code(text: string): string {
    return `<code>${escaped(text)}</code>`;
}
