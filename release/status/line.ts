import { causeOf } from "../../delivery/rollouts/wording";

/** `act` asks for something to be done, `unknown` can't be told; everything else is `well`. */
export type Verdict = "well" | "act" | "unknown";

/** One sentence of the screen. */
export interface Line {
    readonly text: string;
    readonly verdict: Verdict;
}

export const well = (text: string): Line => ({ text, verdict: "well" });
export const act = (text: string): Line => ({ text, verdict: "act" });

/** Seconds in which each part must have its answer: a person on call must not wait for a service that is down. */
const longest = 30;

/** What a part says, or one sentence about why it can't be told. */
export async function told(ask: () => Promise<readonly Line[]>, seconds = longest): Promise<readonly Line[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
            reject(new Error(`There is no answer within ${String(seconds)} s`));
        }, seconds * 1000);
    });
    try {
        return await Promise.race([ask(), late]);
    } catch (error) {
        return [{ text: `${causeOf(error)}.`, verdict: "unknown" }];
    } finally {
        clearTimeout(timer);
    }
}

/** What the command ends with: 1 where something is to be done, else 2 where a part can't be told. */
export function exitCodeOf(lines: readonly Line[]): number {
    if (lines.some(({ verdict }) => verdict === "act")) return 1;
    return lines.some(({ verdict }) => verdict === "unknown") ? 2 : 0;
}
