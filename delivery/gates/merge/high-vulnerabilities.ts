import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { nameOf, scans, vulnerabilitiesOf, type Vulnerability } from "../engine/vulnerabilities";
import { counted, few } from "../../core/text";

/** Each high or unrated vulnerability has a ticket and a due date in the future (specification, section 3, stage 6). */
export const highVulnerabilities = gate({
    id: "high-vulnerabilities",
    section: "3, stage 6: Quality Gates",
    title: "High vulnerabilities",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: scans,
    limit: () => "each with a tracking ticket and a due date in the future",
    measure: (found, { now }) => {
        const today = now.slice(0, 10);
        const high = vulnerabilitiesOf(found).filter((one) => one.rating === "high" || one.rating === "unknown");
        const open = high.filter((one) => shortcoming(one, today) !== undefined);
        const clause = (one: Vulnerability) => `${nameOf(one)} ${shortcoming(one, today) ?? ""}`;
        const measured = `${counted(high.length, "high vulnerability", "high vulnerabilities")}, ${high.length - open.length} tracked`;
        const tracked = few(high.map((one) => `${nameOf(one)} by ${one.ticket ?? ""} until ${one.dueDate ?? ""}`));
        return {
            measured,
            problems: open.length > 0 ? [few(open.map(clause))] : [],
            concerns: high.length > 0 ? [`accepted: ${tracked}`] : [],
        };
    },
});

/** What an accepted vulnerability lacks. */
function shortcoming({ ticket, dueDate }: Vulnerability, today: string): string | undefined {
    if (ticket === undefined || !/^[A-Z][A-Z0-9]+-[1-9]\d*$/.test(ticket))
        return "has no tracking ticket such as RP-123";
    if (dueDate === undefined || !isDay(dueDate)) return `has no due date as YYYY-MM-DD (${ticket})`;
    // Days as YYYY-MM-DD sort as text. A vulnerability that is due today is already too late.
    return dueDate > today ? undefined : `was due on ${dueDate} (${ticket})`;
}

function isDay(text: string): boolean {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
