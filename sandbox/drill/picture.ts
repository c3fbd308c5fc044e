import { scaleLinear } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import htm from "htm";
import { h, type VNode } from "preact";
import { render } from "preact-render-to-string";
import type { Recording } from "./recording";

const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

const width = 1000;
const left = 64;
const right = 24;
const inner = width - left - right;

/** Top and height of each panel, in the picture's units. */
const panels = {
    phases: { top: 126, height: 30 },
    requests: { top: 186, height: 170 },
    weight: { top: 392, height: 90 },
    errors: { top: 512, height: 90 },
} as const;
/** Where names of phases stand that are too long for their band, one row after the other. */
const nameRows = [82, 98, 114];
const axisTop = 612;
const height = 680;

const style = `
    text { font: 13px system-ui, sans-serif; fill: var(--ink); }
    .title { font-size: 20px; font-weight: 600; }
    .outcome { font-size: 15px; }
    .faint { fill: var(--faint); }
    .panel { font-weight: 600; }
    .grid { stroke: var(--grid); stroke-width: 1; }
    .blue { fill: var(--blue); } .green { fill: var(--green); } .failed { fill: var(--bad); }
    .weight { fill: none; stroke: var(--green); stroke-width: 2.5; }
    .rate { fill: none; stroke: var(--ink); stroke-width: 2; }
    .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 4; }
    .failed-second { fill: var(--bad); } .leader { stroke: var(--faint); stroke-width: 1; }
    .mark { stroke: var(--ink); stroke-width: 1.5; } .mark.bad { stroke: var(--bad); }
    .mark-text { paint-order: stroke; stroke: var(--paper); stroke-width: 5; stroke-linejoin: round; }
    .phase { fill: var(--phase); } .phase.odd { fill: var(--phase-odd); }
    svg { --ink: #1c2733; --faint: #5b6b7b; --grid: #d9e0e7; --paper: #fff; --blue: #3b7dd8; --green: #2e9d64;
          --bad: #c62f2f; --phase: #e8eef5; --phase-odd: #d5e0ec; }
    @media (prefers-color-scheme: dark) {
        svg { --ink: #e6edf3; --faint: #9fb0c0; --grid: #2d3a47; --paper: #10171e; --blue: #5b9bf0; --green: #49c386;
              --bad: #ff7b72; --phase: #1d2833; --phase-odd: #273644; }
    }
`;

const clock = (seconds: number) =>
    `${String(Math.floor(seconds / 60))}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Distances on the time axis: whole minutes where there are many, else parts of one. */
function tickSeconds(duration: number): number[] {
    const step = [5, 10, 15, 30, 60, 120, 300, 600, 900].find((one) => duration / one <= 12) ?? 1800;
    return Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
}

/**
 * A drill's timeline as one SVG document, readable in light and dark mode, with a description as text for screen
 * readers.
 */
export function picture(recording: Recording): string {
    const began = Date.parse(recording.startedAt);
    const since = (at: string) => (Date.parse(at) - began) / 1000;
    const duration = Math.max(1, since(recording.endedAt));
    const x = scaleLinear([0, duration], [left, left + inner]);
    const at = (time: string) => x(Math.min(duration, Math.max(0, since(time))));

    const body = html`
        <svg
            xmlns="http://www.w3.org/2000/svg"
            viewBox=${`0 0 ${width} ${height}`}
            role="img"
            aria-labelledby="title story"
        >
            <title id="title">${recording.title}</title>
            <desc id="story">${description(recording, since)}</desc>
            <style>
                ${style}
            </style>
            <rect width=${width} height=${height} fill="var(--paper)" />
            <text class="title" x=${left} y="34">${recording.title}</text>
            <text class="outcome" x=${left} y="60">${`${recording.good ? "✔" : "✘"} ${recording.outcome}`}</text>
            ${phases(recording, at)} ${requests(recording, at)} ${weight(recording, at)} ${errors(recording, at)}
            ${marks(recording, at)}
            ${tickSeconds(duration).map(
                (seconds) => html`
                    <line class="grid" x1=${x(seconds)} x2=${x(seconds)} y1=${axisTop - 6} y2=${axisTop} />
                    <text class="faint" x=${x(seconds)} y=${axisTop + 14} text-anchor="middle">${clock(seconds)}</text>
                `,
            )}
            <text class="faint" x=${left + inner} y=${axisTop + 34} text-anchor="end">
                minutes and seconds since the load began
            </text>
            <g transform=${`translate(${left} ${axisTop + 24})`}>
                ${legend(recording).map(
                    ([name, text], index) => html`
                        <rect class=${name} x=${index * 190} y="0" width="12" height="12" rx="2" />
                        <text x=${index * 190 + 18} y="11">${text}</text>
                    `,
                )}
            </g>
        </svg>
    `;
    return `${render(body)}\n`;
}

function legend({ versions }: Recording): [string, string][] {
    return [
        ["blue", `blue, ${versions.blue}`],
        ["green", `green, ${versions.green}`],
        ["failed", "failed"],
    ];
}

type Place = (time: string) => number;

function frame(panel: { readonly top: number; readonly height: number }, title: string, ticks: [number, string][]) {
    return html`
        <text class="panel" x=${left} y=${panel.top - 8}>${title}</text>
        ${ticks.map(
            ([y, text]) => html`
                <line class="grid" x1=${left} x2=${left + inner} y1=${y} y2=${y} />
                <text class="faint" x=${left - 8} y=${y + 4} text-anchor="end">${text}</text>
            `,
        )}
    `;
}

function phases({ phases: all, endedAt }: Recording, at: Place) {
    const { top, height: tall } = panels.phases;
    let outside = 0;
    return all.map((phase, index) => {
        const from = at(phase.at);
        const to = at(all[index + 1]?.at ?? endedAt);
        const middle = (from + to) / 2;
        // A letter is about seven units wide.
        const fits = phase.name.length * 7.2 < to - from - 8;
        const row = nameRows[fits ? 0 : outside++ % nameRows.length] ?? top;
        const anchor = middle > left + inner * 0.7 ? "end" : "start";
        return html`
            <g>
                <title>${phase.name}</title>
                <rect
                    class=${index % 2 ? "phase odd" : "phase"}
                    x=${from}
                    y=${top}
                    width=${Math.max(0, to - from)}
                    height=${tall}
                />
                ${
                    fits
                        ? html`<text class="phase-name" x=${middle} y=${top + 20} text-anchor="middle"
                              >${phase.name}</text
                          >`
                        : html`
                              <line class="leader" x1=${middle} x2=${middle} y1=${row - 10} y2=${top} />
                              <text
                                  class="phase-name outside"
                                  x=${middle + (anchor === "end" ? -4 : 4)}
                                  y=${row}
                                  text-anchor=${anchor}
                                  >${phase.name}</text
                              >
                          `
                }
            </g>
        `;
    });
}

function requests({ seconds }: Recording, at: Place) {
    const { top, height: tall } = panels.requests;
    const most = Math.max(1, ...seconds.map((one) => one.blue + one.green + one.failed));
    // Room for the texts of marks.
    const y = scaleLinear([0, 1.3 * most], [top + tall, top]).nice(4);
    type Second = Recording["seconds"][number];
    const layer = (bottom: (one: Second) => number, height_: (one: Second) => number) =>
        area<Second>()
            .x((one) => at(one.at))
            .y0((one) => y(bottom(one)))
            .y1((one) => y(bottom(one) + height_(one)))
            .curve(curveStepAfter)([...seconds]) ?? "";
    const failed = seconds.reduce((sum, one) => sum + one.failed, 0);
    return html`
        ${frame(
            panels.requests,
            `Requests a second, by the version that answered; ${failed === 0 ? "none" : failed} failed${failed === 0 ? "" : ", in the seconds marked below"}`,
            y.ticks(4).map((one) => [y(one), String(one)]),
        )}
        <path
            class="blue"
            d=${layer(
                () => 0,
                (one) => one.blue,
            )}
        />
        <path
            class="green"
            d=${layer(
                (one) => one.blue,
                (one) => one.green,
            )}
        />
        <path
            class="failed"
            d=${layer(
                (one) => one.blue + one.green,
                (one) => one.failed,
            )}
        />
        ${
            // A failed request among hundreds is thinner than a line.
            seconds
                .filter((one) => one.failed > 0)
                .map(
                    (one) => html`
                        <rect class="failed-second" x=${at(one.at) - 1} y=${top + tall + 3} width="3" height="9">
                            <title>${`${one.failed} failed`}</title>
                        </rect>
                    `,
                )
        }
    `;
}

function weight({ weights, startedAt, endedAt }: Recording, at: Place) {
    const { top, height: tall } = panels.weight;
    const y = scaleLinear([0, 100], [top + tall, top]);
    const last = weights.at(-1)?.greenPercent ?? 0;
    const steps = [{ at: startedAt, greenPercent: 0 }, ...weights, { at: endedAt, greenPercent: last }];
    const path = line<(typeof steps)[number]>()
        .x((one) => at(one.at))
        .y((one) => y(one.greenPercent))
        .curve(curveStepAfter)(steps);
    return html`
        ${frame(
            panels.weight,
            "Share of requests that the routes send to green",
            [0, 50, 100].map((one) => [y(one), `${one} %`]),
        )}
        <path class="weight" d=${path ?? ""} />
    `;
}

function errors({ errorRates, errorLimitPercent }: Recording, at: Place) {
    const { top, height: tall } = panels.errors;
    const most = Math.max(errorLimitPercent * 2, ...errorRates.map((one) => one.percent ?? 0));
    const y = scaleLinear([0, most], [top + tall, top]).nice(3);
    type Rate = Recording["errorRates"][number];
    const path = line<Rate>()
        .defined((one) => one.percent !== undefined)
        .x((one) => at(one.at))
        .y((one) => y(one.percent ?? 0))([...errorRates]);
    return html`
        ${frame(
            panels.errors,
            "Green's failed share, as Prometheus measured it, and its limit",
            y.ticks(3).map((one) => [y(one), `${one} %`]),
        )}
        <line class="limit" x1=${left} x2=${left + inner} y1=${y(errorLimitPercent)} y2=${y(errorLimitPercent)} />
        <path class="rate" d=${path ?? ""} />
    `;
}

function marks({ marks: all }: Recording, at: Place) {
    return all.map((mark, index) => {
        const place = at(mark.at);
        // Texts of marks close to the right edge would leave the picture.
        const anchor = place > left + inner * 0.7 ? "end" : "start";
        const y = panels.requests.top + 16 + (index % 3) * 18;
        return html`
            <line
                class=${mark.bad ? "mark bad" : "mark"}
                x1=${place}
                x2=${place}
                y1=${panels.phases.top}
                y2=${axisTop - 6}
            />
            <text class="mark-text" x=${place + (anchor === "end" ? -6 : 6)} y=${y} text-anchor=${anchor}
                >${mark.text}</text
            >
        `;
    });
}

/** The picture's description in words. */
function description(
    { outcome, phases: all, marks: moments, seconds }: Recording,
    since: (at: string) => number,
): string {
    const total = seconds.reduce((sum, one) => sum + one.blue + one.green + one.failed, 0);
    const failed = seconds.reduce((sum, one) => sum + one.failed, 0);
    const lines = [
        ...all.map((phase) => ({ at: phase.at, text: phase.name })),
        ...moments.map((mark) => ({ at: mark.at, text: mark.text })),
    ].sort((a, b) => since(a.at) - since(b.at));
    return [
        `${outcome} ${total} requests, ${failed} failed.`,
        ...lines.map((one) => `${clock(Math.max(0, since(one.at)))} ${one.text}.`),
    ].join(" ");
}
