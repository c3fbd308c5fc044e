import { subjectName } from "./statement";
import { elapsedSeconds } from "../core/time";
import type { ReleaseIdentity } from "../core/release";
import { items, type ItemName, type ItemPredicate } from "./items";
import type { KeyRing } from "./keys";
import { verifyEvidence, type EvidenceFile, type VerifiedEvidence } from "./verify";

/** How far the clock of a signer may be ahead, in seconds. */
const clockSkewSeconds = 300;

/** What evidence must be about; what is left out is not compared. */
export type About = Partial<ReleaseIdentity>;

/** Verified evidence of one item. */
export interface Newest<Item extends ItemName> extends VerifiedEvidence {
    readonly predicate: ItemPredicate<Item>;
}

/**
 * The newest evidence of an item, for code that goes on to state or decide something by it. Nothing unverified is read: a
 * trusted key of the right duty signed it, and it is about what was asked for.
 *
 * @param now RFC 3339, UTC
 * @returns undefined when nothing claims to be evidence of the item
 * @throws Error, one sentence, when only evidence that counts for nothing claims to be, when what may be newer can't be
 *   read, and when two contradict each other
 */
export function newestEvidence<Item extends ItemName>(
    item: Item,
    files: readonly EvidenceFile[],
    ring: KeyRing,
    now: string,
    about: About = {},
): Newest<Item> | undefined {
    const all = files.map((file) => verifyEvidence(file, ring, now));
    const verified = all.filter((one) => one.ok).filter((one) => one.item === item && isAbout(one, about));
    // What a trusted key signed and can't be read may be about any item.
    const rejected = all
        .filter((one) => !one.ok)
        .filter((one) => one.item === item || (one.item === undefined && one.unread !== undefined));
    const complain = (problem: string) => new Error(`${items[item].title} evidence ${problem}.`);
    const newestAt = Math.max(...verified.map(({ issuedAt }) => Date.parse(issuedAt)));
    const [newest, other] = verified.filter(({ issuedAt }) => Date.parse(issuedAt) === newestAt);
    if (newest === undefined) {
        const [claim] = rejected;
        if (claim === undefined) return undefined;
        throw complain(`counts for nothing: ${claim.source} ${claim.problem}`);
    }
    const unread = rejected.find(
        ({ unread }) =>
            unread !== undefined &&
            (unread.version === undefined || about.version === undefined || unread.version === about.version) &&
            (unread.issuedAt === undefined || Date.parse(unread.issuedAt) >= newestAt),
    );
    if (unread !== undefined) {
        throw complain(
            `may not be the newest: ${unread.source}, which a trusted key may have signed, ${unread.problem}`,
        );
    }
    if (other !== undefined && other.sha256 !== newest.sha256) {
        throw complain(`is contradictory: ${newest.source} and ${other.source} were issued at the same time`);
    }
    if (elapsedSeconds(now, newest.issuedAt) > clockSkewSeconds) {
        throw complain(`is from the future: ${newest.source} was issued at ${newest.issuedAt}`);
    }
    return newest as Newest<Item>;
}

function isAbout({ statement }: VerifiedEvidence, { commit, images, version }: About): boolean {
    const { relaypacsRelease, subject } = statement;
    if (version !== undefined && version !== relaypacsRelease.version) return false;
    if (commit !== undefined && commit !== relaypacsRelease.commit) return false;
    if (images === undefined) return true;
    const wanted = Object.entries(images).map(([service, digest]) => `${subjectName(service)}@${digest}`);
    const named = new Set(subject.map(({ name, digest }) => `${name}@sha256:${digest.sha256}`));
    return named.size === wanted.length && wanted.every((one) => named.has(one));
}
