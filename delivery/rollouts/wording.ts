/** A time of day in UTC, as logs have it. */
export function timeOfDay(time: number): string {
    return `${new Date(time).toISOString().slice(11, 19)} UTC`;
}

/** A measured value: Prometheus' answer of one series ("[0.0213]") as its number, others as they came. */
export function measured(value: string | undefined): string {
    if (value === undefined || value === "" || value === "[]") return "no data";
    const inner = /^\[([^,[\]]+)\]$/.exec(value)?.[1] ?? value;
    if (inner === "NaN") return "no data, 0 divided by 0";
    const number = Number(inner);
    return Number.isFinite(number) ? String(Number(number.toPrecision(4))) : inner;
}

const comparisons = { "<=": "at most", "<": "below", ">=": "at least", ">": "above", "==": "exactly" } as const;
const opposites = { "<=": ">", "<": ">=", ">=": "<", ">": "<=" } as const;

/** The one comparison of a result with a number in an Argo condition, if that is all there is to it. */
function comparison(condition: string): { operator: keyof typeof comparisons; number: string } | undefined {
    if (/result\[[1-9]/.test(condition)) return undefined;
    const found = [...condition.matchAll(/(?<!len\()result(?:\[0\])?\s*(<=|>=|==|<|>)\s*(-?\d+(?:\.\d+)?)/g)];
    const only = found.length === 1 ? found[0] : undefined;
    return only && { operator: only[1] as keyof typeof comparisons, number: only[2] ?? "" };
}

/** The limit that a metric's conditions set, in words where they compare with one number, else as they are written. */
export function limitOf(success: string | undefined, failure: string | undefined): string | undefined {
    const good = success === undefined ? undefined : comparison(success);
    if (good) return `${comparisons[good.operator]} ${good.number}`;
    const bad = failure === undefined ? undefined : comparison(failure);
    if (bad && bad.operator !== "==") return `${comparisons[opposites[bad.operator]]} ${bad.number}`;
    return success ?? (failure === undefined ? undefined : `not ${failure}`);
}

/** A sentence's first letter in upper case. */
export const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** The first `length` characters of a text in one line. */
export function oneLine(text: string, length = 300): string {
    const line = text.replace(/\s+/g, " ").trim();
    return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** An error's message inside another sentence: in one line, without its full stop. */
export function causeOf(error: unknown): string {
    // Node wraps one error for each address of a host name, and leaves the message empty.
    const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
    return oneLine(causes.map((one) => (one instanceof Error ? one.message : String(one))).join("; ")).replace(
        /\.$/,
        "",
    );
}

/** Why the cluster refused, without the headers that the client's own message holds. */
export function refusalOf(error: unknown): string {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    return typeof code === "number" ? `answered with ${String(code)}` : message;
}
