import type { ComponentChildren } from "preact";
import type { Status } from "../../../delivery/gates";
import { elapsedSeconds, formatSeconds } from "../../../delivery/core/time";
import { counted } from "../../../delivery/core/text";
import type { PageContents } from "../contents";
import { ageText, html, Icon, numberText, roughly, type Markup } from "../parts";
import { runningVersion } from "./changes";
import { roleNames } from "./approval";

interface Tile {
    readonly title: string;
    readonly to: string;
    readonly status?: Status | undefined;
    readonly value: ComponentChildren;
    readonly detail: string;
}

/** What an approver wants to know first, each with a link to its section. */
export function KeyFacts({ contents }: { contents: PageContents }): Markup {
    const statusOf = (id: string) => contents.judgement.outcomes.find((one) => one.id === id)?.status;
    const tiles: Tile[] = [
        changesTile(contents),
        { ...soakTile(contents), status: statusOf("staging-soak") },
        { ...approvalTile(contents), status: statusOf("human-approval") },
        { ...rollbackTile(contents), status: statusOf("rollback-plan") },
        { ...incidentsTile(contents), status: statusOf("incident-count") },
        gatesTile(contents),
    ];
    return html`<nav aria-label="Key facts">
        <ul class="tiles" role="list">
            ${tiles.map(
                ({ title, to, status, value, detail }) =>
                    html`<li>
                        <a href="#${to}" class="tile ${status ?? ""}">
                            <span class="tile-title">${status && html`<${Icon} status=${status} />`}${title}</span>
                            <span class="tile-value">${value}</span>
                            <span class="tile-detail">${detail}</span>
                        </a>
                    </li>`,
            )}
        </ul>
    </nav>`;
}

function changesTile(contents: PageContents): Tile {
    const { changes, release } = contents;
    const from = runningVersion(contents);
    const people = new Set(changes?.commits.map((one) => one.author)).size;
    return {
        title: "Changes",
        to: "changes",
        value: from === undefined ? release.version : `${from} → ${release.version}`,
        detail: changes
            ? `${counted(changes.commits.length, "commit")} by ${counted(people, "person", "people")}`
            : "commits not given",
    };
}

function soakTile({ find, judgement }: PageContents): Tile {
    const soak = find("soak");
    const common = { title: "Staging soak", to: "soak" };
    if (!soak) {
        const skipped = judgement.outcomes.some((one) => one.id === "staging-soak" && one.status === "warn");
        return {
            ...common,
            value: skipped ? "skipped" : "unknown",
            detail: skipped ? "hotfix" : "no evidence that counts",
        };
    }
    const lasted = Math.min(elapsedSeconds(soak.startedAt, soak.endedAt), soak.observedSeconds);
    const errors = counted(soak.serverErrors, "error");
    return { ...common, value: roughly(lasted), detail: `${numberText(soak.requests)} requests, ${errors}` };
}

function approvalTile({ find, now }: PageContents): Tile {
    const common = { title: "Sign-off", to: "approval" };
    const decisions = find("approval")?.decisions ?? [];
    const decisive = decisions.find((one) => one.verdict === "rejected") ?? decisions[0];
    if (!decisive) return { ...common, value: "no one yet", detail: "Engineering Manager or Tech Lead" };
    const { login, role, decidedAt, verdict } = decisive;
    const others = decisions.length > 1 ? `, ${decisions.length - 1} more` : "";
    return {
        ...common,
        value: verdict === "approved" ? login : `rejected by ${login}`,
        detail: `${roleNames[role]}, ${ageText(decidedAt, now)}${others}`,
    };
}

function rollbackTile({ find, now }: PageContents): Tile {
    const common = { title: "Rollback", to: "rollback" };
    const plan = find("rollback-plan");
    if (!plan) return { ...common, value: "unknown", detail: "no plan that counts" };
    const { documentSha256, previousVersion, test } = plan;
    const planned = { ...common, value: `to ${previousVersion}` };
    if (!test) return { ...planned, detail: "never tested" };
    if (test.documentSha256 !== documentSha256) return { ...planned, detail: "changed since its test" };
    const took = formatSeconds(Math.round(test.durationSeconds));
    return { ...planned, detail: `test ${test.result} in ${took}, ${ageText(test.testedAt, now)}` };
}

function incidentsTile({ find, judgement, limits }: PageContents): Tile {
    const common = { title: "Incidents", to: "incidents" };
    if (!find("incidents")) return { ...common, value: "unknown", detail: "no evidence that counts" };
    const outcome = judgement.outcomes.find((one) => one.id === "incident-count");
    return { ...common, value: outcome?.measured ?? "unknown", detail: `in ${limits.incidentDays} days` };
}

function gatesTile({ judgement }: PageContents): Tile {
    const count = (status: Status) => judgement.outcomes.filter((one) => one.status === status).length;
    const [warned, failed] = [count("warn"), count("fail")];
    const rest = [warned > 0 ? counted(warned, "warning") : "", failed > 0 ? `${failed} denied` : ""].filter(Boolean);
    return {
        title: "Gates",
        to: "gates",
        status: judgement.status,
        value: `${count("pass")} of ${judgement.outcomes.length} pass`,
        detail: rest.length > 0 ? rest.join(", ") : "no warnings",
    };
}
