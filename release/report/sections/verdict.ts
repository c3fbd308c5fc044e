import type { Outcome, Status } from "../../../delivery/gates";
import { headline, lacksAdmission } from "../../check/wording";
import { statusOf, type PageContents } from "../contents";
import { html, Icon, Moment, Words, type Markup } from "../parts";

/** Number of reasons that are always visible; the others are folded away. */
const alwaysVisible = 6;

/** The verdict at the top of the page: whether the release may go to production, and if not, why. */
export function Verdict({ contents }: { contents: PageContents }): Markup {
    const { judgement, release, now } = contents;
    const { outcomes, obligations, remark } = judgement;
    const state = statusOf(contents);
    const refused = lacksAdmission(release, judgement);
    const status: Status = state === "allowed" ? judgement.status : state === "awaiting" ? "warn" : "fail";
    const beginning = headline(release, "production", judgement);
    const failing = outcomes.filter((one) => one.status === "fail");
    const warning = outcomes.filter((one) => one.status === "warn");
    return html`<div class="verdict ${status}">
        <h1><${Icon} status=${status} /><span>${state === "awaiting" ? `${beginning} yet` : beginning}</span></h1>
        <p class="lead">
            ${refused ? "A rollback needs an admission." : summaryOf(state, outcomes, failing.length, warning.length)}
        </p>
        ${refused && html`<p><${Words} text=${remark ?? ""} /></p>`}
        ${failing.length > 0 && html`<${Messages} title=${refused ? "The gates say" : "Reasons"} outcomes=${failing} />`}
        ${warning.length > 0 && html`<${Messages} title="Warnings" outcomes=${warning} />`}
        ${
            obligations.length > 0 &&
            html`<h2>After the deployment</h2>
                <ul class="messages">
                    ${obligations.map((one) => html`<li><${Words} text=${one} /></li>`)}
                </ul>`
        }
        ${remark !== undefined && !refused && html`<p><${Words} text=${remark ?? ""} /></p>`}
        <p class="meta">Commit <code>${release.commit.slice(0, 12)}</code> · judged ${" "}<${Moment} at=${now} /></p>
    </div>`;
}

function summaryOf(state: ReturnType<typeof statusOf>, outcomes: readonly Outcome[], failing: number, warning: number) {
    const all = outcomes.length;
    if (state === "awaiting") return `Only the sign-off is missing. ${all - failing} of ${all} gates let it through.`;
    if (state === "denied") return `${failing} of ${all} gates ${failing === 1 ? "denies" : "deny"} it.`;
    if (warning === 0) return `All ${all} gates pass.`;
    return `${all - warning} of ${all} gates pass; ${warning} ${warning === 1 ? "lets it go with a warning" : "let it go with warnings"}.`;
}

function Messages({ title, outcomes }: { title: string; outcomes: readonly Outcome[] }): Markup {
    const rest = outcomes.length - alwaysVisible;
    return html`<h2>${title}</h2>
        <${MessageList} outcomes=${rest > 1 ? outcomes.slice(0, alwaysVisible) : outcomes} />
        ${
            rest > 1 &&
            html`<details>
                <summary>${rest} more</summary>
                <${MessageList} outcomes=${outcomes.slice(alwaysVisible)} />
            </details>`
        }`;
}

function MessageList({ outcomes }: { outcomes: readonly Outcome[] }): Markup {
    return html`<ul class="messages">
        ${outcomes.map((one) => {
            const rest = one.message.slice(one.title.length);
            return html`<li><a href="#gate-${one.id}">${one.title}</a><${Words} text=${rest} /></li>`;
        })}
    </ul>`;
}
