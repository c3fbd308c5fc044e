import { items, type ItemName, type ItemPredicate } from "../../evidence/items";
import { momentsIn } from "../../evidence/predicates/moments";
import { packageOf, type Predicate } from "../../evidence/predicates";
import { subjectName } from "../../evidence/statement";
import type { RejectedEvidence, VerifiedEvidence } from "../../evidence/verify";
import { freshness, outlastsMeasurement } from "./freshness";
import type { Limits } from "./limits";
import { elapsedSeconds, formatSeconds } from "../../core/time";
import { isFuture, isOlder } from "./clock";
import type { Release } from "../../core/release";
import { listed } from "../../core/text";

/** Evidence that counts for this release. */
export interface Found<Item extends ItemName = ItemName> extends VerifiedEvidence {
    readonly predicate: ItemPredicate<Item>;
}

export type Lookup<Item extends ItemName> =
    { readonly found: readonly Found<Item>[] } | { readonly problem: string; readonly found?: never };

/**
 * The evidence of one release. For each item the newest statement about exactly this release decides. If it does not
 * count, no older one replaces it. Of several scanners for one item the newest statement of each decides, and all count.
 */
export class Dossier {
    /** When the build of the release's first image began; earlier evidence is a replay. */
    readonly buildStartedAt: string | undefined;

    constructor(
        private readonly verified: readonly VerifiedEvidence[],
        private readonly rejected: readonly RejectedEvidence[],
        private readonly release: Release,
        private readonly now: string,
        private readonly limits: Limits,
    ) {
        const provenance = this.lookUp("provenance").found ?? [];
        this.buildStartedAt = provenance.map((one) => one.predicate.runDetails.metadata.startedOn).sort()[0];
    }

    /** Whether anything claims to be evidence of an item, verified or rejected. */
    has(item: ItemName): boolean {
        return [...this.verified, ...this.rejected].some((one) => one.item === item);
    }

    /** The clause that names an item and what is wrong with its evidence. */
    problem(item: ItemName, clause: string): string {
        return `${items[item].title} evidence ${clause}`;
    }

    /** The evidence of an item: one statement, or one for each image and scanner. Or else what is wrong with it. */
    lookUp<Item extends ItemName>(item: Item): Lookup<Item> {
        const candidates = this.verified.filter((one) => one.item === item);
        const matching = candidates.filter((one) => this.mismatch(one) === undefined);
        const found = new Set<VerifiedEvidence>();
        for (const service of Object.keys(this.release.images)) {
            const covering = matching.filter((one) => covers(one, service));
            if (covering.length === 0) return this.refuse(item, this.absence(item, candidates, matching, service));
            for (const scanner of new Set(covering.map(scannerOf))) {
                const newest = newestOf(covering.filter((one) => scannerOf(one) === scanner));
                if (new Set(newest.map((one) => one.sha256)).size > 1) {
                    return this.refuse(item, `is contradictory: ${sources(newest)} were issued at the same time`);
                }
                for (const one of newest.slice(0, 1)) {
                    const unread = this.unreadSince(item, one.issuedAt);
                    if (unread !== undefined) return this.refuse(item, unread);
                    const problem = this.untimely(one, item);
                    if (problem !== undefined) return this.refuse(item, problem);
                    found.add(one);
                }
            }
        }
        return { found: [...found] as unknown as Found<Item>[] };
    }

    /**
     * Why the newest evidence of an item may not be the newest: something as new by a trusted key can't be read, so it may
     * be about this item and this release, and against it.
     */
    private unreadSince(item: ItemName, issuedAt: string): string | undefined {
        const found = this.rejected.find(({ item: claimed, unread }) => {
            if (unread === undefined || (claimed !== undefined && claimed !== item)) return false;
            const { commit = this.release.commit, version = this.release.version } = unread;
            if (version !== this.release.version || commit !== this.release.commit) return false;
            return unread.issuedAt === undefined || elapsedSeconds(issuedAt, unread.issuedAt) >= 0;
        });
        return found && `may not be the newest: ${found.source}, which a trusted key may have signed, ${found.problem}`;
    }

    private refuse(item: ItemName, problem: string): { problem: string } {
        return { problem: this.problem(item, problem) };
    }

    /** Why there is no evidence for a service, explained by the evidence that comes closest. */
    private absence(
        item: ItemName,
        candidates: readonly VerifiedEvidence[],
        matching: readonly VerifiedEvidence[],
        service: string,
    ): string {
        const [missed] = matching.length === 0 ? newestOf(candidates) : [];
        const mismatch = missed && this.mismatch(missed);
        if (mismatch !== undefined) return mismatch;
        const rejected = this.rejected.find((one) => one.item === item);
        if (rejected) return rejected.problem;
        return items[item].scope === "each-image" ? `is missing for ${service}` : "is missing";
    }

    /** Why evidence is about another release; undefined when it is about this one. */
    private mismatch({ item, statement }: VerifiedEvidence): string | undefined {
        const services = Object.entries(this.release.images);
        const wanted = new Map(services.map(([service, digest]) => [subjectName(service), digest]));
        for (const { name, digest } of statement.subject) {
            const own = wanted.get(name);
            if (own === undefined) return `is about ${name}, which is not an image of this release`;
            if (own !== `sha256:${digest.sha256}`) {
                return `is about another image: ${name}@sha256:${digest.sha256}, not ${own}`;
            }
        }
        const named = new Set(statement.subject.map((one) => one.name));
        const unnamed = [...wanted.keys()].filter((name) => !named.has(name));
        if (items[item].scope === "release" && unnamed.length > 0) return `says nothing about ${listed(unnamed)}`;
        const { version, commit } = statement.relaypacsRelease;
        if (version !== this.release.version || commit !== this.release.commit) {
            const other = `${version} (commit ${commit.slice(0, 12)})`;
            return `is replayed from release ${other}; this is ${this.release.version} (commit ${this.release.commit.slice(0, 12)})`;
        }
        return undefined;
    }

    /** What is wrong with the times of evidence; undefined when they are accepted. */
    private untimely(one: VerifiedEvidence, item: ItemName): string | undefined {
        const { afterBuild, maximumAge } = freshness[item];
        for (const [what, when] of [
            ["issued", one.issuedAt],
            ["measured", one.measuredAt],
        ] as const) {
            if (isFuture(when, this.now, this.limits)) {
                return `is from the future: ${what} at ${when}, ${formatSeconds(elapsedSeconds(this.now, when))} from now`;
            }
        }
        if (isFuture(one.measuredAt, one.issuedAt, this.limits)) {
            return `is contradictory: measured at ${one.measuredAt}, after it was issued at ${one.issuedAt}`;
        }
        const misplaced = this.laterThanItself(one, item);
        if (misplaced !== undefined) return misplaced;
        const start = this.buildStartedAt;
        for (const [what, when] of [
            ["issued", one.issuedAt],
            ["measured", afterBuild ? one.measuredAt : one.issuedAt],
        ] as const) {
            if (start !== undefined && elapsedSeconds(start, when) < 0) {
                return `is replayed: ${what} at ${when}, before this release's build began at ${start}`;
            }
        }
        const hours = this.limits[maximumAge];
        if (isOlder(one.measuredAt, this.now, hours)) {
            const age = formatSeconds(elapsedSeconds(one.measuredAt, this.now));
            return `is stale: measured at ${one.measuredAt}, ${age} ago; accepted: at most ${formatSeconds(hours * 3600)}`;
        }
        return undefined;
    }

    /** Which moment of a predicate has not come yet, or came after the predicate's own facts were read. */
    private laterThanItself({ issuedAt, measuredAt, predicate }: VerifiedEvidence, item: ItemName): string | undefined {
        const [what, end] = outlastsMeasurement.includes(item)
            ? (["was issued", issuedAt] as const)
            : (["was measured", measuredAt] as const);
        for (const { path, moment } of momentsIn(predicate)) {
            if (isFuture(moment, this.now, this.limits)) {
                return `is from the future: ${path} is ${moment}, ${formatSeconds(elapsedSeconds(this.now, moment))} from now`;
            }
            if (isFuture(moment, end, this.limits)) {
                return `is contradictory: ${path} is ${moment}, after it ${what} at ${end}`;
            }
        }
        return undefined;
    }
}

/** Which scanner a statement is by; its predicate for all other statements. */
function scannerOf({ name, predicate }: VerifiedEvidence): string {
    return name === "vulnerabilities" ? packageOf((predicate as Predicate<"vulnerabilities">).scanner.uri) : name;
}

function covers(one: VerifiedEvidence, service: string): boolean {
    return one.statement.subject.some(({ name }) => name === subjectName(service));
}

/** The newest by time of issue; several when they were issued at the same time. */
function newestOf(evidence: readonly VerifiedEvidence[]): VerifiedEvidence[] {
    const newest = Math.max(...evidence.map((one) => Date.parse(one.issuedAt)));
    return evidence.filter((one) => Date.parse(one.issuedAt) === newest);
}

function sources(evidence: readonly VerifiedEvidence[]): string {
    return listed(evidence.map((one) => one.source).sort());
}
