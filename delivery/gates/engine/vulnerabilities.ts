import type { Predicate } from "../../evidence/predicates";
import type { ItemName } from "../../evidence/items";
import type { FoundItems } from "./gate";

export const scans = ["trivy", "npm-audit", "python-audit"] as const satisfies readonly ItemName[];

type Finding = Predicate<"vulnerabilities">["scanner"]["result"][number];
export type Rating = "critical" | "high" | "medium" | "low" | "none" | "unknown";

/** From the worst. What can't be understood may be anything, and is judged like `high`. */
const ratings: readonly Rating[] = ["critical", "high", "unknown", "medium", "low", "none"];
/** npm and some distributions have words of their own. */
const synonyms: Readonly<Record<string, Rating>> = {
    moderate: "medium",
    important: "high",
    info: "none",
    negligible: "low",
};

/** CVSS v3.1 and v4.0: the rating of a base score. */
function ratingOfScore(score: number): Rating {
    if (score >= 9) return "critical";
    if (score >= 7) return "high";
    if (score >= 4) return "medium";
    return score > 0 ? "low" : "none";
}

/** What one rating says: a word, or a CVSS base score. */
function ratingOfText(text: string): Rating {
    const given = text.trim().toLowerCase();
    if (/^\d+(\.\d+)?$/.test(given)) return ratingOfScore(Number(given));
    const word = synonyms[given] ?? given;
    return ratings.find((one) => one === word) ?? "unknown";
}

/** The worst of a finding's ratings, words and scores alike; `unknown` when nothing rates it. */
export function ratingOf(finding: Finding): Rating {
    const given = finding.severity.map(({ score }) => ratingOfText(score));
    return ratings.find((one) => given.includes(one)) ?? "unknown";
}

/** A finding with its rating, the scanner that found it, and what people decided about it. */
export interface Vulnerability {
    readonly id: string;
    readonly rating: Rating;
    readonly scan: (typeof scans)[number];
    /** The package, or undefined when the scanner does not say. */
    readonly package: string | undefined;
    readonly ticket: string | undefined;
    readonly dueDate: string | undefined;
}

/** Everything that the three scanners found. */
export function vulnerabilitiesOf(found: FoundItems<(typeof scans)[number]>): Vulnerability[] {
    return scans.flatMap((scan) =>
        found[scan].flatMap(({ predicate }) =>
            predicate.scanner.result.map((finding) => ({
                id: finding.id,
                rating: ratingOf(finding),
                scan,
                package: annotation(finding, "package"),
                ticket: annotation(finding, "ticket"),
                dueDate: annotation(finding, "dueDate"),
            })),
        ),
    );
}

function annotation(finding: Finding, key: string): string | undefined {
    const values = (finding.annotations ?? []).map((one) => one[key]);
    return values.find((value) => typeof value === "string");
}

/** `CVE-2026-1234 in openssl (trivy)`. */
export function nameOf({ id, package: within, scan }: Vulnerability): string {
    return `${id}${within === undefined ? "" : ` in ${within}`} (${scan})`;
}
