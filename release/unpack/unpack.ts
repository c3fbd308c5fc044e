import * as fs from "node:fs";
import * as path from "node:path";
import { ArchiveError, readTar } from "./tar";

/** In bytes. The reports of one job are a few megabytes. */
const maximumBytes = 256 * 1_048_576;

/** An artifact with reports is named by the job that uploaded it. */
const artifactName = /^reports-([a-z0-9]+(?:-[a-z0-9]+)*)$/;

/** The archive of an artifact's folder, which has nothing else. */
function archiveIn(folder: string, artifact: string): Buffer {
    const expected = `${artifact}.tar`;
    const found = fs.readdirSync(folder, { withFileTypes: true });
    if (found.length !== 1 || found[0]?.name !== expected || !found[0].isFile()) {
        const names = found.map(({ name }) => JSON.stringify(name)).join(", ") || "nothing";
        throw new ArchiveError(`The artifact ${artifact} has ${names}; accepted: one file ${expected}.`);
    }
    const file = path.join(folder, expected);
    const { size } = fs.lstatSync(file);
    if (size > maximumBytes) {
        throw new ArchiveError(`${expected} has ${size} bytes; accepted: at most ${maximumBytes}.`);
    }
    return fs.readFileSync(file);
}

/**
 * Unpacks the reports of the pipeline's jobs, each job's into a folder of its name, so that no job can replace the report
 * of another. Everything is read before anything is written.
 *
 * @param archives folder with one folder for each artifact, as `actions/download-artifact` makes it
 * @param out the folder to make
 * @returns the jobs, in the order of their names
 * @throws ArchiveError, one sentence, for anything but regular files below the job's own folder, each name once
 */
export function unpack(archives: string, out: string): string[] {
    if (fs.existsSync(out)) throw new ArchiveError(`${out} exists already; accepted: the name of a folder to make.`);
    const artifacts = fs
        .readdirSync(archives, { withFileTypes: true })
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    const jobs = artifacts.map((one) => {
        const [, job] = artifactName.exec(one.name) ?? [];
        if (job === undefined || !one.isDirectory())
            throw new ArchiveError(
                `${JSON.stringify(one.name)} is among the artifacts; accepted: folders named reports-<job>.`,
            );
        return { job, files: readTar(archiveIn(path.join(archives, one.name), one.name), `${one.name}.tar`) };
    });
    if (jobs.length === 0) throw new ArchiveError(`${archives} has no artifact; accepted: at least one reports-<job>.`);
    fs.mkdirSync(out);
    for (const { files, job } of jobs) {
        fs.mkdirSync(path.join(out, job));
        for (const { contents, modifiedAt, path: name } of files) {
            const file = path.join(out, job, name);
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(file, contents, { flag: "wx" });
            // Reports that do not say when they were made count from their last change.
            fs.utimesSync(file, modifiedAt, modifiedAt);
        }
    }
    return jobs.map(({ job }) => job);
}
