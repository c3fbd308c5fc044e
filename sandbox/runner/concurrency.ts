interface Member {
    readonly cancel: () => void;
    readonly start: (release: (() => void) | undefined) => void;
}

interface Group {
    holder: Member;
    waiting: Member[];
}

export interface Entry {
    readonly group: string;
    readonly cancelInProgress: boolean;
    /** Whether one waits or up to a hundred. @default "single" */
    readonly queue?: "single" | "max";
    /** Ends the run or the job that has the group, where a newer one says `cancel-in-progress`. */
    readonly cancel: () => void;
    /** Aborted when what waits is cancelled by hand. */
    readonly signal: AbortSignal;
}

const longestQueue = { single: 1, max: 100 } as const;

/**
 * The concurrency groups of a repository, for runs and jobs alike
 * (https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency). One
 * has the group; of those that wait, the newest stays, unless the queue is longer.
 */
export class ConcurrencyGroups {
    private readonly groups = new Map<string, Group>();

    /** Waits for a group. Answers the function that leaves it, or nothing when what waited was cancelled. */
    enter({ group, cancelInProgress, queue = "single", cancel, signal }: Entry): Promise<(() => void) | undefined> {
        // GitHub ignores the case of a group's name.
        const name = group.toLowerCase();
        return new Promise((resolve) => {
            const member: Member = { cancel, start: resolve };
            const found = this.groups.get(name);
            if (found === undefined) {
                this.groups.set(name, { holder: member, waiting: [] });
                resolve(() => {
                    this.leave(name);
                });
                return;
            }
            while (found.waiting.length >= longestQueue[queue]) found.waiting.shift()?.start(undefined);
            found.waiting.push(member);
            signal.addEventListener("abort", () => {
                if (!found.waiting.includes(member)) return;
                found.waiting = found.waiting.filter((one) => one !== member);
                resolve(undefined);
            });
            if (cancelInProgress) found.holder.cancel();
        });
    }

    private leave(name: string): void {
        const group = this.groups.get(name);
        const next = group?.waiting.shift();
        if (group === undefined || next === undefined) {
            this.groups.delete(name);
            return;
        }
        group.holder = next;
        next.start(() => {
            this.leave(name);
        });
    }
}
