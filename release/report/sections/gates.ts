import type { Outcome } from "../../../delivery/gates";
import { counted } from "../../../delivery/core/text";
import { byStage, rejection } from "../../check/wording";
import { items } from "../../../delivery/evidence/items";
import { Bar } from "../bar";
import type { PageContents } from "../contents";
import { measuresOf } from "../measures";
import { ageText, Fact, html, Moment, Section, StatusMark, Words, type Markup } from "../parts";

/**
 * Every gate, grouped as in the specification's tables: its result, what was measured against which limit, its
 * evidence.
 */
export function GatesSection({ contents }: { contents: PageContents }): Markup {
    const { outcomes, rejected } = contents.judgement;
    return html`<${Section} id="gates" title="Quality gates">
        ${byStage(outcomes).map(
            ({ outcomes: group, stage, title }) =>
                html`<h3 id="stage-${stage}">${title}</h3>
                    <ul class="gates" role="list" aria-labelledby="stage-${stage}">
                        ${group.map((one) => html`<${GateRow} contents=${contents} outcome=${one} />`)}
                    </ul>`,
        )}
        ${
            rejected.length > 0 &&
            html`<h3 id="rejected">Evidence that counts for nothing</h3>
                <ul class="rejected">
                    ${rejected.map((one) => html`<li>${rejection(one)}</li>`)}
                </ul>`
        }
    <//>`;
}

function GateRow({ contents, outcome }: { contents: PageContents; outcome: Outcome }): Markup {
    const { find, judgement, limits } = contents;
    const { evidence, id, level, limit, measured, message, section, status, title } = outcome;
    const measures = measuresOf(outcome, find, limits, judgement.asOf);
    return html`<li id="gate-${id}" class="gate ${status}">
        <${StatusMark} status=${status} />
        <div class="gate-words">
            <h4>${title}</h4>
            ${
                status === "pass"
                    ? html`<p><${Words} text=${measured} /></p>
                          <p class="meta">Accepted: ${limit}</p>`
                    : html`<p><${Words} text=${sentence(message.slice(title.length + 2))} /></p>`
            }
        </div>
        ${
            measures.length > 0 &&
            html`<div class="bars">${measures.map((one) => html`<${Bar} measure=${one} title=${title} />`)}</div>`
        }
        <details class="gate-evidence">
            <summary>
                Evidence<span class="hidden"> of ${title}</span>: ${counted(evidence.length, "statement")}
            </summary>
            <p class="meta">Specification ${section}; ${level === "blocking" ? "blocks a release" : "warns"}.</p>
            ${evidence.map((one) => html`<${Evidence} one=${one} now=${contents.now} />`)}
        </details>
    </li>`;
}

/** Begins a gate's message, without its title, as a sentence. */
function sentence(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

function Evidence({ one, now }: { one: Outcome["evidence"][number]; now: string }): Markup {
    return html`<dl class="evidence">
        <${Fact} name="Item">${items[one.item].title}<//>
        <${Fact} name="Source"><code>${one.source}</code><//>
        <${Fact} name="Age">${ageText(one.measuredAt, now)} (<${Moment} at=${one.measuredAt} />)<//>
        <${Fact} name="Key"><code>${one.keyId}</code><//>
        <${Fact} name="SHA-256"><code>${one.sha256}</code><//>
    </dl>`;
}
