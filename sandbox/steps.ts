import { Listr, PRESET_TIMER, type ListrTask, type ListrTaskWrapper } from "listr2";
import { SandboxError, type Progress } from "./part";

type Wrapper = ListrTaskWrapper<object, never, never>;

/** One line of `make up`. */
export interface Step {
    readonly title: string;
    readonly run: (progress: Progress) => Promise<void>;
}

/** Seconds between two signs of life of a step: steady on a terminal, sparse in a log. */
const interval = process.stdout.isTTY ? 1 : 15;

function elapsed(since: number): string {
    const seconds = Math.round((Date.now() - since) / 1000);
    return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}

/** Shows what a step is doing and for how long it has been at it, also while it has nothing new to say. */
async function runWithProgress(step: Step, task: Wrapper): Promise<void> {
    const start = Date.now();
    let line = "";
    const show = () => {
        task.output = `${line === "" ? step.title : line} (${elapsed(start)})`;
    };
    const timer = setInterval(show, interval * 1000);
    try {
        await step.run((text) => {
            line = text;
            if (process.stdout.isTTY) show();
        });
    } finally {
        clearInterval(timer);
    }
}

/**
 * Runs steps, one after the other or all at once, and shows them: a live list on a terminal, plain lines elsewhere.
 * When some fail, those beside them go on to their end; the error then tells all failures.
 */
export async function runSteps(steps: readonly Step[], order: "in turn" | "at once"): Promise<void> {
    const failures: unknown[] = [];
    const tasks = steps.map((step): ListrTask<object> => {
        return {
            title: step.title,
            task: async (_, task) => {
                await runWithProgress(step, task as Wrapper).catch((error: unknown) => {
                    failures.push(error);
                    throw new Error((error as Error).message.split("\n")[0], { cause: error });
                });
            },
        };
    });
    const list = new Listr(tasks, {
        concurrent: order === "at once",
        exitOnError: order === "in turn",
        rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false, collapseErrors: false },
        fallbackRendererOptions: { timer: PRESET_TIMER },
    });
    await list.run().catch(() => undefined);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new SandboxError(failures.map((error) => (error as Error).message).join("\n\n"));
}
