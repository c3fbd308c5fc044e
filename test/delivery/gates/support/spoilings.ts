import { freshness } from "../../../../delivery/gates/engine/freshness";
import { stricterLimits, type Gate } from "../../../../delivery/gates";
import { formatSeconds } from "../../../../delivery/core/time";
import { items, measuredAt, type ItemName } from "../../../../delivery/evidence/items";
import { ago, contents, day, hour, now, release } from "./contents";
import { expired, expiry, measuredAgo, signerOf, stranger, type Spoiler, type Spoilers } from "./world";

/** A reason why evidence does not count, independent of its item. */
export interface Spoiling {
    /** Name of its column in the matrix. */
    readonly column: string;
    /** What the evidence is, after "is". */
    readonly defect: string;
    readonly spoil: (item: ItemName) => Spoilers;
    /** What the gate says about it, after the item's name. */
    readonly problem: (item: ItemName) => string | RegExp;
    readonly applies?: (item: ItemName) => boolean;
}

const only =
    (spoiler: (item: ItemName) => Spoiler) =>
    (item: ItemName): Spoilers => ({ [item]: spoiler(item) });

const always =
    (spoiler: Spoiler) =>
    (item: ItemName): Spoilers => ({ [item]: spoiler });

const firstImage = (item: ItemName) => (items[item].scope === "each-image" ? " for backend" : "");
const measuredIn = (item: ItemName) => measuredAt(items[item].predicate, contents[item]);
const limits = stricterLimits();
const maximumAge = (item: ItemName) => limits[freshness[item].maximumAge] * hour;
const buildStart = ago(9 * hour);
const beforeBuild = ago(9 * hour + 1);

/** An older build, so that stale evidence is not older than the build as well. */
const olderBuild: Spoiler = {
    change: (one: (typeof contents)["provenance"]) => {
        one.runDetails.metadata.startedOn = ago(400 * day);
    },
};

function unknownField({ predicate }: { predicate: Record<string, unknown> }): void {
    // Every predicate has a time, at different paths; replace the first by a word.
    const spoil = (value: Record<string, unknown>): boolean =>
        Object.entries(value).some(([key, inner]) => {
            if (typeof inner === "string" && /^\d{4}-\d{2}-\d{2}T/.test(inner)) {
                value[key] = "lately";
                return true;
            }
            return typeof inner === "object" && inner !== null && spoil(inner as Record<string, unknown>);
        });
    spoil(predicate);
}

export const spoilings: readonly Spoiling[] = [
    {
        column: "missing",
        defect: "missing",
        spoil: always({ missing: true }),
        problem: (item) => `is missing${firstImage(item)}`,
    },
    {
        column: "unsigned",
        defect: "unsigned",
        spoil: always({ reseal: (envelope) => void envelope.signatures.splice(0) }),
        problem: () => "has no signature",
    },
    {
        column: "unknown key",
        defect: "signed by an unknown key",
        spoil: always({ key: stranger }),
        problem: () => `is signed by key ${stranger.id.slice(0, 12)}, which is not trusted`,
    },
    {
        column: "expired key",
        defect: "signed by an expired key",
        spoil: always({ key: expired }),
        problem: () =>
            `is signed by key ${expired.id.slice(0, 12)}, which counts from ${ago(400 * day)} to ${expiry}, but is judged at ${now}`,
    },
    {
        column: "forged",
        defect: "forged",
        spoil: always({
            reseal: (envelope) => {
                const text = Buffer.from(envelope.payload, "base64").toString();
                envelope.payload = Buffer.from(text.replace("1.4.2", "1.4.20")).toString("base64");
            },
        }),
        problem: (item) =>
            `is forged: the signature by key ${signerOf(item).id.slice(0, 12)} does not belong to its contents`,
    },
    {
        column: "wrong digest",
        defect: "about another digest",
        spoil: always({
            restate: (statement) => {
                for (const subject of statement.subject) subject.digest.sha256 = "9".repeat(64);
            },
        }),
        problem: () =>
            `is about another image: relaypacs/backend@sha256:${"9".repeat(64)}, not ${release.images.backend ?? ""}`,
    },
    {
        column: "replayed",
        defect: "replayed from another release",
        spoil: always({
            restate: (statement) => {
                Object.assign(statement.relaypacsRelease, { version: "1.4.1", commit: "e".repeat(40) });
            },
        }),
        problem: () => "is replayed from release 1.4.1 (commit eeeeeeeeeeee); this is 1.4.2 (commit cccccccccccc)",
    },
    {
        column: "before build",
        defect: "older than the build",
        spoil: only((item) => ({ change: measuredAgo(item, 9 * hour + 1), issuedAt: beforeBuild })),
        problem: () => `is replayed: issued at ${beforeBuild}, before this release's build began at ${buildStart}`,
        applies: (item) => item !== "provenance",
    },
    {
        column: "future",
        defect: "from the future",
        spoil: only((item) => ({ change: measuredAgo(item, -61), issuedAt: ago(-61) })),
        problem: () => `is from the future: issued at ${ago(-61)}, 1 min 1 s from now`,
    },
    {
        column: "stale",
        defect: "stale",
        spoil: (item) => ({
            ...(item !== "provenance" && { provenance: olderBuild }),
            [item]: { change: measuredAgo(item, maximumAge(item) + 1) },
        }),
        problem: (item) => {
            const age = formatSeconds(maximumAge(item) + 1);
            const accepted = formatSeconds(maximumAge(item));
            return `is stale: measured at ${ago(maximumAge(item) + 1)}, ${age} ago; accepted: at most ${accepted}`;
        },
    },
    {
        column: "unknown value",
        defect: "not valid by its schema",
        spoil: always({ restate: unknownField }),
        problem: () => /^can't be understood: predicate\.[\w.]+ is "lately" \(Invalid ISO datetime\)$/,
    },
];

/** Spoilings of one gate's evidence, one item at a time. */
export function spoiledItems(gate: Gate): { spoiling: Spoiling; item: ItemName }[] {
    return gate.needs.flatMap((item) =>
        spoilings.filter((one) => one.applies?.(item) ?? true).map((spoiling) => ({ spoiling, item })),
    );
}

export { measuredIn };
