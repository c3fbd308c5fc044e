import { show } from "../shared/findings";

/** A type that a person lets in though the platform does not declare it. */
export interface Exception {
    readonly type: string;
    readonly reason: string;
    /** The last day on which it counts (UTC), `2027-01-31`. */
    readonly until: string;
}

export interface Exceptions {
    readonly byType: ReadonlyMap<string, Exception>;
    /** A sentence for each mistake. An entry with a mistake lets nothing in. */
    readonly mistakes: readonly string[];
}

const day = 86_400_000;
const maximumDays = 366;
const keys: readonly string[] = ["type", "reason", "until"];

/**
 * Reads the entries of a policy's setting. An entry that is over is no mistake: the resource of its type is refused.
 *
 * @param now milliseconds since 1970
 */
export function readExceptions(given: readonly unknown[], now: number): Exceptions {
    const byType = new Map<string, Exception>();
    const mistakes: string[] = [];
    given.forEach((entry, index) => {
        const place = `exceptions[${index}]`;
        const found = mistakeIn(entry, place, now);
        const { reason, type, until } = entry as Exception;
        if (found !== undefined) mistakes.push(found);
        else if (byType.has(type)) mistakes.push(`${place}.type is ${show(type)} again; accepted: one entry a type.`);
        else byType.set(type, { reason, type, until });
    });
    return { byType, mistakes };
}

/** Whether the last day of an exception has passed. */
export function isOver({ until }: Exception, now: number): boolean {
    return now >= endOf(until);
}

function mistakeIn(entry: unknown, place: string, now: number): string | undefined {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
        return `${place} is ${show(entry)}; accepted: an object with type, reason and until.`;
    }
    const { reason, type, until } = entry as Partial<Record<string, unknown>>;
    const other = Object.keys(entry).find((key) => !keys.includes(key));
    if (other !== undefined) return `${place} has the key ${show(other)}; accepted: type, reason and until.`;
    if (typeof type !== "string" || !/^[A-Za-z0-9-]+:[^:*\s]+:[^:*\s]+$/.test(type)) {
        return `${place}.type is ${show(type)}; accepted: one type token, such as "aws:sqs/queue:Queue".`;
    }
    if (typeof reason !== "string" || reason.trim().length < 10) {
        return `${place}.reason is ${show(reason)}; accepted: a reason of at least 10 characters.`;
    }
    if (typeof until !== "string" || !isDate(until) || endOf(until) > now + maximumDays * day) {
        return `${place}.until is ${show(until)}; accepted: a date such as "2027-01-31", at most ${maximumDays} days ahead.`;
    }
    return undefined;
}

const startOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);

const endOf = (date: string): number => startOf(date) + day;

/** A day of the calendar: `2027-02-30` is none, though JavaScript would read it. */
function isDate(text: string): boolean {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(startOf(text))) return false;
    return new Date(startOf(text)).toISOString().startsWith(text);
}
