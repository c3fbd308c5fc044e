import { minuteOf } from "../../delivery/core/time";
import type { Change, Looked } from "./events";
import type { Added, Owner } from "./owners";

/** Characters of a value that a sentence shows. */
const shown = 80;

function written(value: unknown): string {
    if (value === undefined) return "not set";
    const text = JSON.stringify(value);
    return text.length <= shown ? text : `${text.slice(0, shown - 1)}…`;
}

const place = (path: Change["path"]) =>
    path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");

/** The kind as people say it: `Deployment`, `aws BucketPolicy`, `github BranchProtection`. */
function kindOf(type: string): string {
    const kind = type.split(":").at(-1) ?? type;
    const provider = type.split(":")[0] ?? "";
    return provider === "kubernetes" ? kind : `${provider} ${kind}`;
}

/** When a manager changed it, to the minute. */
const since = ({ manager, time }: Owner) => (time ? `${manager} since ${minuteOf(time)}` : manager);

export interface OwnedChange extends Change {
    readonly owners: readonly Owner[];
}

/** A sentence for each change: what differs, from what, and who owns it now; and for each field that was added. */
export function sentencesOf(
    drifted: Looked,
    changes: readonly OwnedChange[] = [],
    added: readonly Added[] = [],
): string[] {
    const what = `${kindOf(drifted.type)} ${drifted.type.startsWith("kubernetes:") ? drifted.id : drifted.name}`;
    if (!drifted.changes) return [`${what} is gone.`];
    const changed = changes.map(({ found, owners, path, recorded }) => {
        const [latest] = owners;
        const owner = latest ? `; it belongs to ${since(latest)}` : "";
        return `${what}: ${place(path)} is ${written(found)}, and the stack has ${written(recorded)}${owner}.`;
    });
    return [
        ...changed,
        ...added.map((one) => `${what}: ${one.place} was added beside the stack; it belongs to ${since(one.owner)}.`),
    ];
}
