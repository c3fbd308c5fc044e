import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveStepAfter } from "d3-shape";
import { elapsedSeconds, formatSeconds } from "../../delivery/core/time";
import { counted } from "../../delivery/core/text";
import type { ItemPredicate } from "../../delivery/evidence/items";
import { html, numberText, type Markup } from "./parts";

type Soak = ItemPredicate<"soak">;
type Intervals = NonNullable<Soak["course"]>["intervals"];

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });
const clockWithDay = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
});

const courseHeight = 100;
/** Space above the highest interval, for the label of the scale. */
const headroom = 20;
const band = { top: 26, height: 18 };
/** Possible distances between the axis's ticks, in hours. The smallest that gives at most five ticks is used. */
const tickHours = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168];

/**
 * The chart of a soak: its time in staging, the time that is required, and its interruptions. If the evidence has a
 * timeline, also requests and errors over that time.
 */
export function SoakChart({ soak, requiredSeconds }: { soak: Soak; requiredSeconds: number }): Markup {
    const [start, end] = [Date.parse(soak.startedAt), Date.parse(soak.endedAt)];
    const enough = start + requiredSeconds * 1000;
    const last = Math.max(end, enough);
    const scale = scaleUtc([start, last], [0, 100]).clamp(true);
    // In percent, so that the chart scales with the page and its text does not.
    const at = (moment: number) => `${Math.round(scale(moment) * 100) / 100}%`;
    const intervals = soak.course?.intervals ?? [];
    const height = band.top + band.height + (intervals.length > 0 ? courseHeight + 12 : 0) + 24;
    const axis = height - 20;
    return html`<figure class="soak-chart">
        <figcaption>${describe(soak, requiredSeconds)}</figcaption>
        <svg role="img" aria-label=${describe(soak, requiredSeconds)} width="100%" height=${height}>
            <defs>
                <pattern id="hatched" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="hatched" width="5" height="5" />
                    <line class="hatch" x1="0" x2="0" y1="0" y2="5" />
                </pattern>
            </defs>
            <rect class="track" x="0" y=${band.top} width="100%" height=${band.height} rx="4" />
            <rect class="served" x="0" y=${band.top} width=${at(end)} height=${band.height} rx="4" />
            ${soak.interruptions.map(({ at: began, durationSeconds }) => {
                const from = Date.parse(began);
                const width = Math.max(scale(from + durationSeconds * 1000) - scale(from), 0.6);
                return html`<rect
                    class="interruption"
                    x=${at(from)}
                    y=${band.top - 4}
                    width="${Math.round(width * 100) / 100}%"
                    height=${band.height + 8}
                />`;
            })}
            ${intervals.length > 0 && html`<${Course} intervals=${intervals} soak=${soak} last=${last} top=${band.top + band.height + 12} />`}
            <line class="limit" x1=${at(enough)} x2=${at(enough)} y1="14" y2=${axis} />
            <text x=${at(enough)} y="10" ...${anchor(scale(enough))}>${formatSeconds(requiredSeconds)} required</text>
            ${ticks(start, last).map(
                (tick) =>
                    html`<line class="tick" x1=${at(tick)} x2=${at(tick)} y1=${axis} y2=${axis + 4} />
                        <text class="tick-label" x=${at(tick)} y=${axis + 16} ...${anchor(scale(tick))}
                            >${tickText(tick, start)}</text
                        >`,
            )}
            <line class="axis" x1="0" x2="100%" y1=${axis} y2=${axis} />
        </svg>
        <p class="legend">
            <span class="key served"></span> in staging
            ${soak.interruptions.length > 0 && html`<span class="key interruption"></span> interrupted`}
            ${intervals.length > 0 && html`<span class="key requests"></span> requests`}
            ${intervals.some((one) => one.serverErrors > 0) && html`<span class="key errors"></span> errors`}
        </p>
    </figure>`;
}

/** Requests as an area, errors as bars in front of it, on one scale. Even a single error is visible. */
function Course(given: { intervals: Intervals; soak: Soak; last: number; top: number }): Markup {
    const { intervals, last, soak, top } = given;
    const x = scaleUtc([Date.parse(soak.startedAt), last], [0, 1000]).clamp(true);
    const most = Math.max(1, ...intervals.map((one) => one.requests));
    const y = scaleLinear([0, most], [courseHeight, headroom]);
    const length = (soak.course?.intervalSeconds ?? 0) * 1000;
    const final = intervals.at(-1);
    const ends = final ? [{ ...final, at: new Date(Math.min(Date.parse(final.at) + length, last)).toISOString() }] : [];
    const shape = area<Intervals[number]>()
        .x((one) => x(Date.parse(one.at)))
        .y0(courseHeight)
        .y1((one) => y(one.requests))
        .curve(curveStepAfter)
        .digits(1);
    const errors = intervals.filter((one) => one.serverErrors > 0);
    return html`<svg
            x="0"
            y=${top}
            width="100%"
            height=${courseHeight}
            viewBox="0 0 1000 ${courseHeight}"
            preserveAspectRatio="none"
        >
            <path class="requests" d=${shape([...intervals, ...ends])} />
            ${errors.map((one) => {
                const from = x(Date.parse(one.at));
                const tall = Math.max(courseHeight - y(one.serverErrors), 8);
                const wide = Math.max(x(Date.parse(one.at) + length) - from, 4);
                return html`<rect
                    class="errors"
                    x=${round(from)}
                    y=${round(courseHeight - tall)}
                    width=${round(wide)}
                    height=${round(tall)}
                />`;
            })}
        </svg>
        <text class="tick-label" x="0" y=${top + 12}>
            up to ${numberText(most)} requests in ${formatSeconds(length / 1000)}
        </text>`;
}

function describe(soak: Soak, requiredSeconds: number): string {
    const requests = `${numberText(soak.requests)} ${soak.requests === 1 ? "request" : "requests"}`;
    const lasted = formatSeconds(elapsedSeconds(soak.startedAt, soak.endedAt));
    const required = formatSeconds(requiredSeconds);
    return (
        `In staging for ${lasted} of at least ${required}: ${requests}, ` +
        `${counted(soak.serverErrors, "error")}, ${counted(soak.interruptions.length, "interruption")}.`
    );
}

function ticks(start: number, last: number): number[] {
    const hour = 3_600_000;
    const step = (tickHours.find((hours) => (last - start) / (hours * hour) <= 4) ?? 336) * hour;
    const first = Math.ceil(start / step) * step;
    const made: number[] = [];
    for (let tick = first; tick <= last; tick += step) made.push(tick);
    return made;
}

/** The label of a tick: the time, and at midnight or a day after the start also the date. */
function tickText(tick: number, start: number): string {
    const date = new Date(tick);
    const days = (tick - start) / 86_400_000;
    return days >= 1 || clock.format(date) === "00:00" ? clockWithDay.format(date) : clock.format(date);
}

/** Aligns text near an edge so that it stays inside the chart. */
function anchor(percentage: number): Readonly<Record<string, string>> {
    if (percentage < 12) return { "text-anchor": "start" };
    return { "text-anchor": percentage > 88 ? "end" : "middle" };
}

function round(number: number): number {
    return Math.round(number * 10) / 10;
}
