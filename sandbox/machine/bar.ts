/** A duration in words, as exact as an estimate deserves: "8 s", "45 s", "3 min", "1 h 20 min". */
export function inWords(seconds: number): string {
    if (seconds < 10) return `${Math.max(1, Math.ceil(seconds))} s`;
    if (seconds < 55) return `${Math.ceil(seconds / 5) * 5} s`;
    const minutes = Math.max(1, Math.round(seconds / 60));
    if (minutes < 60) return `${minutes} min`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How far all the work is. */
export interface Stand {
    /** From 0 to 1. */
    readonly done: number;
    /** Seconds that are left. */
    readonly left: number;
    /** What is going on. */
    readonly text: string;
}

const cells = 24;

/** One line of a terminal with a bar, not longer than `columns` characters. */
export function barLine({ done, left, text }: Stand, columns: number): string {
    const full = Math.floor(done * cells);
    const bar = "█".repeat(full) + "░".repeat(cells - full);
    const line = `${bar} ${String(Math.floor(done * 100)).padStart(3)} %  ${inWords(left)} left  ${text}`;
    return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** One line of a log. */
export const logLine = ({ done, left, text }: Stand): string =>
    `${String(Math.floor(done * 100)).padStart(3)} %, ${inWords(left)} left: ${text}`;

/** Seconds after which a log gets a line even if little has happened. */
const silence = 60;

/**
 * Shows how far the work is: one line that is drawn again and again on a terminal; in a log a line each ten per cent or
 * minute.
 */
export class Bar {
    private shown = 0;
    private tenths = 0;

    constructor(
        private readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number },
        private readonly now: () => number,
    ) {
        this.shown = now();
    }

    show(stand: Stand): void {
        if (this.output.isTTY === true) {
            this.output.write(`\r\u001b[2K${barLine(stand, (this.output.columns ?? 80) - 1)}`);
            return;
        }
        const tenths = Math.floor(stand.done * 10);
        if (tenths <= this.tenths && this.now() - this.shown < silence) return;
        this.tenths = Math.max(tenths, this.tenths);
        this.shown = this.now();
        this.output.write(`${logLine(stand)}\n`);
    }

    /** Removes the line, so that what is printed next stands in its place. */
    clear(): void {
        if (this.output.isTTY === true) this.output.write("\r\u001b[2K");
    }
}
