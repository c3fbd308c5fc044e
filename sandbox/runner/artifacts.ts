import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The artifacts of one run, as version 4 of the artifact actions keeps them: a name once in an attempt, and of several
 * attempts the newest.
 */
export class Artifacts {
    private last = 0;

    constructor(private readonly folder: string) {}

    /** The id and the folder of a new artifact. @throws Error when the attempt has one of this name */
    create(name: string, attempt: number): { readonly id: number; readonly folder: string } {
        const folder = path.join(this.folder, name, String(attempt));
        if (fs.existsSync(folder))
            throw new Error(
                `Failed to CreateArtifact: an artifact with the name ${name} already exists on the workflow run.`,
            );
        fs.mkdirSync(folder, { recursive: true });
        return { id: ++this.last, folder };
    }

    /** Every artifact's newest folder, by name. */
    all(): ReadonlyMap<string, string> {
        const names = fs.existsSync(this.folder) ? fs.readdirSync(this.folder) : [];
        return new Map(
            names.sort().map((name) => {
                const attempts = fs.readdirSync(path.join(this.folder, name)).map(Number);
                return [name, path.join(this.folder, name, String(Math.max(...attempts)))];
            }),
        );
    }
}
