import * as fs from "node:fs";
import * as path from "node:path";
import { toolchainCache } from "./instance";

/** Seconds that steps took when they last ran on this machine, by a name that tells apart what they had to do. */
type Durations = Readonly<Record<string, number>>;

const fileIn = (folder: string) => path.join(folder, "durations.json");

/** The recorded durations; none where the file is missing or unreadable, since they are only estimates. */
export function readDurations(folder = toolchainCache): Durations {
    try {
        const recorded = JSON.parse(fs.readFileSync(fileIn(folder), "utf8")) as Readonly<Record<string, unknown>>;
        return Object.fromEntries(
            Object.entries(recorded).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
        );
    } catch {
        return {};
    }
}

/** Records how long a step took, beside what other steps and sandboxes have recorded. */
export function recordDuration(name: string, seconds: number, folder = toolchainCache): void {
    const durations = { ...readDurations(folder), [name]: Math.round(seconds * 10) / 10 };
    fs.mkdirSync(folder, { recursive: true });
    const draft = `${fileIn(folder)}.${process.pid}`;
    fs.writeFileSync(draft, `${JSON.stringify(durations, undefined, 2)}\n`);
    fs.renameSync(draft, fileIn(folder));
}
