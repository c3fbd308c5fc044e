import * as path from "node:path";
import { programFolder } from "../parts/database/install";
import { compiledProgram, nodeFiles, programFiles } from "./bundle";
import type { ImageDescription, ImageFile } from "./oci";

/** PostgreSQL's programs that `release` calls (release/backup-database/Dockerfile has all of them). */
const clients = ["psql", "pg_dump", "pg_restore", "vacuumdb"] as const;

/**
 * The image that backs up databases and tries backups, as release/backup-database/Dockerfile makes it of Debian's images, here
 * of this machine's Node.js and PostgreSQL.
 */
export async function describeDatabaseBackup(): Promise<
    Pick<ImageDescription, "files" | "entrypoint" | "environment">
> {
    const programs = await Promise.all([
        nodeFiles(),
        ...clients.map((name) => programFiles(name, path.join(programFolder(), name))),
    ]);
    // Programs share libraries; a file is in an image once.
    const files = new Map<string, ImageFile>(programs.flat().map((file) => [file.path, file]));
    return {
        files: [...files.values(), ...compiledProgram("release/main.ts", "/platform")],
        environment: { HOME: "/tmp", PATH: "/usr/local/bin" },
        entrypoint: ["/usr/local/bin/node", "/platform/release/main.js"],
    };
}
