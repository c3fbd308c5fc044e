import { duration, elapsed } from "../../../policies/gates/shared/time";
import type { ItemPredicate } from "../../evidence/items";
import type { PageContents } from "../dossier";
import { ageText, DataTable, Fact, html, Link, Moment, Section, Tag, type Markup } from "../parts";

type Plan = ItemPredicate<"rollback-plan">;

const applicationWays: Readonly<Record<Plan["application"], string>> = {
    "blue-green-switch": "Switch traffic back to the idle colour",
    "redeploy-previous": "Deploy the previous version again",
};
const databaseWays: Readonly<Record<Plan["database"], string>> = {
    "none-needed": "Stays as it is",
    "alembic-downgrade": "Alembic downgrade",
    "restore-backup": "Restore from the backup",
};

/** How the release is undone, and that it was tried. */
export function RollbackSection({ contents }: { contents: PageContents }): Markup {
    const { find, judgement, now } = contents;
    const plan = find("rollback-plan");
    const outcome = judgement.outcomes.find((one) => one.id === "rollback-plan");
    return html`<${Section} id="rollback" title="Rollback plan">
        ${outcome?.status !== "pass" && html`<p class="note">${outcome?.message}</p>`}
        ${
            plan &&
            html`<dl class="facts">
                <${Fact} name="Back to">${plan.previousVersion}<//>
                <${Fact} name="Services">${applicationWays[plan.application]}<//>
                <${Fact} name="Database">${databaseWays[plan.database]}<//>
                <${Fact} name="Tested">${tested(plan, now)}<//>
                ${plan.test?.application && html`<${Fact} name="Tested by">${triedBy(plan.test, plan.test.application)}<//>`}
                <${Fact} name="Written at"><${Link} to=${plan.documentation} /><//>
            </dl>`
        }
    <//>`;
}

function tested({ documentSha256, test }: Plan, now: string): Markup | string {
    if (!test) return "never";
    const took = duration(Math.round(test.durationSeconds) * 1000);
    const other = test.documentSha256 !== documentSha256 && "not as it is written now: ";
    return html`${other}${test.result} in ${test.environment}, in ${took}, ${ageText(test.testedAt, now)} (<${Moment}
            at=${test.testedAt}
        />)`;
}

/** The trial's own way, which in staging is another than production's. */
function triedBy({ fromVersion, toVersion }: NonNullable<Plan["test"]>, application: Plan["application"]): string {
    const way = applicationWays[application];
    return fromVersion === undefined || toVersion === undefined ? way : `${way}, ${fromVersion} → ${toVersion}`;
}

/** Incidents before the release; a hotfix's own incident first. */
export function IncidentsSection({ contents }: { contents: PageContents }): Markup {
    const { find, judgement, limits, release } = contents;
    const record = find("incidents");
    const outcome = judgement.outcomes.find((one) => one.id === "incident-count");
    const hotfix = release.hotfix ? find("hotfix") : undefined;
    const span = limits.incidentDays * 86_400_000;
    return html`<${Section} id="incidents" title="Incidents">
        ${
            hotfix &&
            html`<p>
                This hotfix ends ${" "}<${Link} to=${hotfix.incident.uri}>${hotfix.incident.id}<//>
                (${hotfix.incident.priority}), open since ${" "}<${Moment} at=${hotfix.incident.openedAt} />.
            </p>`
        }
        ${record ? html`<p>${outcome?.measured} in ${limits.incidentDays} days; accepted: ${outcome?.limit}.</p>` : html`<p class="note">${outcome?.message}</p>`}
        ${
            record &&
            record.incidents.length > 0 &&
            html`<${DataTable}
                caption="Incidents that were opened since ${record.windowStartedAt.slice(0, 10)}"
                columns=${["Incident", "Priority", "Opened", "Counts"]}
                rows=${record.incidents.map((one) => [
                    one.uri === undefined ? one.id : html`<${Link} to=${one.uri}>${one.id}<//>`,
                    html`<${Tag} tone=${one.priority === "P1" || one.priority === "P2" ? "warn" : "plain"}
                        >${one.priority}<//
                    >`,
                    html`<${Moment} at=${one.openedAt} />`,
                    isGrave(one.priority) && elapsed(one.openedAt, judgement.asOf) <= span ? "yes" : "no",
                ])}
            />`
        }
        ${record && html`<p class="meta">Asked: ${" "}<${Link} to=${record.source} />, ${" "}<${Moment} at=${record.windowEndedAt} /></p>`}
    <//>`;
}

function isGrave(priority: string): boolean {
    return priority === "P1" || priority === "P2";
}
