import { scaleLinear } from "d3-scale";
import { isWithin, type Measure } from "./measures";
import { html, type Markup } from "./parts";

/** A bullet chart: a bar for the measured value, a line for the limit, and the accepted range shaded. */
export function Bar({ measure, title }: { measure: Measure; title: string }): Markup {
    const { accepted, end, label, limit, shown, shownLimit, value } = measure;
    // In percent, so that the chart scales with the page and its text does not.
    const scale = scaleLinear([0, end], [0, 100]).clamp(true);
    const position = (number: number) => `${Math.round(scale(number) * 100) / 100}%`;
    const minimum = accepted === "at least" || accepted === "more than";
    const [from, to] = minimum ? [limit, end] : [0, limit];
    const within = isWithin(measure);
    const description = `${title}${label === "" ? "" : `, ${label}`}: ${shown}, accepted ${accepted} ${shownLimit}`;
    return html`<div class="bar">
        <div class="bar-words" aria-hidden="true">
            <span class=${within ? "within" : "beyond"}>${label === "" ? "" : `${label} `}<b>${shown}</b></span>
            <span>${accepted} ${shownLimit}</span>
        </div>
        <svg role="img" aria-label=${description} width="100%" height="14">
            <rect class="track" x="0" y="3" width="100%" height="8" rx="2" />
            <rect class="accepted" x=${position(from)} y="3" width=${position(to - from)} height="8" />
            <rect
                class=${within ? "value within" : "value beyond"}
                x="0"
                y="5"
                width=${position(value)}
                height="4"
                rx="2"
            />
            <line class="limit" x1=${position(limit)} x2=${position(limit)} y1="0" y2="14" />
        </svg>
    </div>`;
}
