import { elapsedSeconds, formatSeconds } from "../../../delivery/core/time";
import { counted } from "../../../delivery/core/text";
import type { PageContents } from "../contents";
import { DataTable, dateText, Fact, html, Moment, numberText, Section, type Markup } from "../parts";
import { SoakChart } from "../soak-chart";

/** How the release's images served staging: the chart, the figures, and the timeline as a table. */
export function SoakSection({ contents }: { contents: PageContents }): Markup {
    const { find, judgement, limits } = contents;
    const soak = find("soak");
    const outcome = judgement.outcomes.find((one) => one.id === "staging-soak");
    if (!soak) {
        return html`<${Section} id="soak" title="Staging soak"><p class="note">${outcome?.message}</p><//>`;
    }
    const { course, interruptions, stretches = [] } = soak;
    const lasted = Math.min(elapsedSeconds(soak.startedAt, soak.endedAt), soak.observedSeconds);
    return html`<${Section} id="soak" title="Staging soak">
        <${SoakChart} soak=${soak} requiredSeconds=${limits.soakSeconds} />
        <dl class="facts numbers">
            <${Fact} name="Observed">${formatSeconds(lasted)} of at least ${formatSeconds(limits.soakSeconds)}<//>
            <${Fact} name="Requests">${numberText(soak.requests)}<//>
            <${Fact} name="Errors (5xx)">${numberText(soak.serverErrors)}<//>
            <${Fact} name="Container restarts">${numberText(soak.containerRestarts)}<//>
            <${Fact} name="Interruptions">${interruptions.length}<//>
        </dl>
        ${
            interruptions.length > 0 &&
            html`<${DataTable}
                caption="Interruptions"
                columns=${["Began", "Lasted", "Cause"]}
                rows=${interruptions.map((one) => [
                    html`<${Moment} at=${one.at} />`,
                    formatSeconds(one.durationSeconds),
                    one.cause,
                ])}
            />`
        }
        ${
            stretches.length > 1 &&
            html`<${DataTable}
                caption="All stretches in staging"
                columns=${["From", "Until", "Ended by"]}
                rows=${stretches.map((one) => [
                    html`<${Moment} at=${one.startedAt} />`,
                    html`<${Moment} at=${one.endedAt} />`,
                    one.endedBy,
                ])}
            />`
        }
        ${
            course &&
            course.intervals.length > 0 &&
            html`<details>
                <summary>The chart in numbers: ${counted(course.intervals.length, "interval")}</summary>
                <${DataTable}
                    caption=${`Requests in intervals of ${formatSeconds(course.intervalSeconds)}`}
                    columns=${["From", "Requests", "Errors", "Fewest serving pods"]}
                    rows=${course.intervals.map((one) => [
                        dateText(one.at),
                        numberText(one.requests),
                        numberText(one.serverErrors),
                        numberText(one.servingPods),
                    ])}
                />
            </details>`
        }
    <//>`;
}
