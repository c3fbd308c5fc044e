import { html } from "htm/preact";
import { elapsedSeconds } from "../../delivery/core/time";
import type { ComponentChildren } from "preact";
import type { Status } from "../../delivery/gates";
import { statusWords } from "../check/wording";

export { html };

/** What a component returns. */
export type Markup = ReturnType<typeof html>;

/** A shape for each status, so that colour is not the only sign: circle with tick, triangle, octagon with cross. */
const shapes: Readonly<Record<Status, Markup>> = {
    pass: html`<circle cx="12" cy="12" r="10" /><path d="M7.5 12.5l3 3 6-6.5" class="mark" />`,
    warn: html`<path d="M12 2.5 22.5 21h-21z" /><path d="M12 9.5v5.5M12 17.6v.6" class="mark" />`,
    fail: html`<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" /><path d="M8.5 8.5l7 7m0-7-7 7" class="mark" />`,
};

/** The shape of a status. It is hidden from screen readers, because a word beside it says the same. */
export function Icon({ status }: { status: Status }): Markup {
    return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[status]}</svg>`;
}

/** A status as a shape and a word. */
export function StatusMark({ status }: { status: Status }): Markup {
    return html`<span class="status ${status}"><${Icon} status=${status} /><span>${statusWords[status]}</span></span>`;
}

/** A link to a web address. Any other address is shown as text: a link such as `javascript:` would run a script. */
export function Link({ to, children }: { to: string; children?: ComponentChildren }): Markup {
    const shown = children ?? to;
    return isWebAddress(to) ? html`<a href=${to} rel="noreferrer">${shown}</a>` : html`<span>${shown}</span>`;
}

export function isWebAddress(text: string): boolean {
    return /^https?:\/\//i.test(text) && URL.canParse(text);
}

const dates = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
});

/** `14 Jan 2026, 18:00 UTC`. */
export function dateText(moment: string): string {
    return `${dates.format(new Date(moment))} UTC`;
}

/** A time, for people and for machines. */
export function Moment({ at }: { at: string }): Markup {
    return html`<time datetime=${at}>${dateText(at)}</time>`;
}

/** A moment in UTC as gates write it in their sentences. */
const moment = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A gate's words with each time as people read it. */
export function Words({ text }: { text: string }): Markup {
    // What is between parentheses in the expression is split off, too, and stands at each second place.
    return html`${text.split(moment).map((part, at) => (at % 2 === 1 && !Number.isNaN(Date.parse(part)) ? html`<${Moment} at=${part} />` : part))}`;
}

const minute = 60;
const steps = [
    [24 * 60 * minute, "d"],
    [60 * minute, "h"],
    [minute, "min"],
] as const;

/** Seconds by their two largest units, rounded down: `2 d 3 h`, `5 h 12 min`, `less than a minute`. */
export function roughly(seconds: number): string {
    const first = steps.findIndex(([length]) => seconds >= length);
    if (first < 0) return "less than a minute";
    let rest = seconds;
    const parts: string[] = [];
    for (const [length, unit] of steps.slice(first, first + 2)) {
        const number = Math.floor(rest / length);
        rest -= number * length;
        if (number > 0) parts.push(`${number} ${unit}`);
    }
    return parts.join(" ");
}

/** How long ago something was when the page was made. */
export function ageText(at: string, now: string): string {
    const age = elapsedSeconds(at, now);
    return age < 0 ? "just now" : `${roughly(age)} ago`;
}

/** `18,000`. */
export function numberText(number: number): string {
    return number.toLocaleString("en-GB");
}

/** A section of the page with its heading. */
export function Section({ id, title, children }: { id: string; title: string; children?: ComponentChildren }): Markup {
    return html`<section id=${id} aria-labelledby="${id}-title">
        <h2 id="${id}-title">${title}</h2>
        ${children}
    </section>`;
}

/** One entry of a description list. */
export function Fact({ name, children }: { name: string; children?: ComponentChildren }): Markup {
    return html`<div class="fact">
        <dt>${name}</dt>
        <dd>${children}</dd>
    </div>`;
}

/** A short label, such as a commit's type. */
export function Tag({ children, tone = "plain" }: { children?: ComponentChildren; tone?: string }): Markup {
    return html`<span class="tag ${tone}">${children}</span>`;
}

/**
 * A table that becomes a list of cards on a narrow screen. Its ARIA roles are explicit, because rows and cells that are
 * displayed as blocks lose their implicit roles.
 */
export function DataTable(given: {
    caption: string;
    columns: readonly string[];
    rows: readonly ComponentChildren[][];
}) {
    const { caption, columns, rows } = given;
    return html`<table role="table">
        <caption>
            ${caption}
        </caption>
        <thead role="rowgroup">
            <tr role="row">
                ${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}
            </tr>
        </thead>
        <tbody role="rowgroup">
            ${rows.map(
                (cells) =>
                    html`<tr role="row">
                        ${cells.map((cell, index) =>
                            index === 0
                                ? html`<th role="rowheader" scope="row" data-column=${columns[0]}>${cell}</th>`
                                : html`<td role="cell" data-column=${columns[index]}>${cell}</td>`,
                        )}
                    </tr>`,
            )}
        </tbody>
    </table>`;
}
