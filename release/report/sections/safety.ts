import { counted } from "../../../delivery/core/text";
import { elapsedSeconds, formatSeconds } from "../../../delivery/core/time";
import type { ItemPredicate } from "../../../delivery/evidence/items";
import type { PageContents } from "../contents";
import { ageText, DataTable, Fact, html, Link, Moment, Section, Tag, Words, type Markup } from "../parts";

type Plan = ItemPredicate<"rollback-plan">;

const applicationMethods: Readonly<Record<Plan["application"], string>> = {
    "blue-green-switch": "Switch traffic back to the idle colour",
    "redeploy-previous": "Deploy the previous version again",
};
const databaseMethods: Readonly<Record<Plan["database"], string>> = {
    "none-needed": "Stays as it is",
    "alembic-downgrade": "Alembic downgrade",
    "restore-backup": "Restore from the backup",
};

/** How the release is rolled back, and the test of that plan. */
export function RollbackSection({ contents }: { contents: PageContents }): Markup {
    const { find, judgement, now } = contents;
    const plan = find("rollback-plan");
    const outcome = judgement.outcomes.find((one) => one.id === "rollback-plan");
    return html`<${Section} id="rollback" title="Rollback plan">
        ${outcome?.status !== "pass" && html`<p class="note"><${Words} text=${outcome?.message ?? ""} /></p>`}
        ${
            plan &&
            html`<dl class="facts">
                <${Fact} name="Back to">${plan.previousVersion}<//>
                <${Fact} name="Services">${applicationMethods[plan.application]}<//>
                <${Fact} name="Database">${databaseMethods[plan.database]}<//>
                <${Fact} name="Tested">${tested(plan, now)}<//>
                ${plan.test?.application && html`<${Fact} name="Test method">${testMethod(plan.test, plan.test.application)}<//>`}
                ${plan.restore && html`<${Fact} name="Lost data">${restoreOf(plan.restore, now)}<//>`}
                <${Fact} name="Written at"><${Link} to=${plan.documentation} /><//>
            </dl>`
        }
    <//>`;
}

function tested({ documentSha256, test }: Plan, now: string): Markup | string {
    if (!test) return "never";
    const took = formatSeconds(Math.round(test.durationSeconds));
    const version = test.documentSha256 !== documentSha256 && "an earlier version of the plan: ";
    return html`${version}${test.result} in ${test.environment}, in ${took}, ${ageText(test.testedAt, now)} (<${Moment}
            at=${test.testedAt}
        />)`;
}

/** How a restore of the database was tried. */
function restoreOf({ documentSha256, test }: NonNullable<Plan["restore"]>, now: string): Markup | string {
    if (!test) return "a restore was never rehearsed";
    const version = test.documentSha256 !== documentSha256 && "an earlier version of the plan: ";
    const rows = test.rows !== undefined && `${counted(test.rows, "row")} compared, `;
    return html`${version}restore in ${test.environment} ${test.result}, ${rows}${ageText(test.testedAt, now)}`;
}

/** The method of the test: staging's rollback is a redeployment, production's a switch of traffic. */
function testMethod({ fromVersion, toVersion }: NonNullable<Plan["test"]>, application: Plan["application"]): string {
    const method = applicationMethods[application];
    return fromVersion === undefined || toVersion === undefined ? method : `${method}, ${fromVersion} → ${toVersion}`;
}

/** Incidents before the release, and before them the incident that a hotfix ends. */
export function IncidentsSection({ contents }: { contents: PageContents }): Markup {
    const { find, judgement, limits, release } = contents;
    const record = find("incidents");
    const outcome = judgement.outcomes.find((one) => one.id === "incident-count");
    const hotfix = release.hotfix ? find("hotfix") : undefined;
    const span = limits.incidentDays * 86_400;
    return html`<${Section} id="incidents" title="Incidents">
        ${
            hotfix &&
            html`<p>
                This hotfix ends ${" "}<${Link} to=${hotfix.incident.uri}>${hotfix.incident.id}<//>
                (${hotfix.incident.priority}), open since ${" "}<${Moment} at=${hotfix.incident.openedAt} />.
            </p>`
        }
        ${record ? html`<p>${outcome?.measured} in ${limits.incidentDays} days; accepted: ${outcome?.limit}.</p>` : html`<p class="note"><${Words} text=${outcome?.message ?? ""} /></p>`}
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
                    isHighPriority(one.priority) && elapsedSeconds(one.openedAt, judgement.asOf) <= span ? "yes" : "no",
                ])}
            />`
        }
        ${record && html`<p class="meta">Source: ${" "}<${Link} to=${record.source} />, ${" "}<${Moment} at=${record.windowEndedAt} /></p>`}
    <//>`;
}

function isHighPriority(priority: string): boolean {
    return priority === "P1" || priority === "P2";
}
