import * as fs from "node:fs";
import * as path from "node:path";
import { installPackages } from "../../machine/debian";
import { SandboxError, type Progress } from "../../machine/part";

const versionsFolder = "/usr/lib/postgresql";

/** Versions of PostgreSQL servers that Debian's packages have installed on this machine, newest first. */
const versions = (): number[] =>
    (fs.existsSync(versionsFolder) ? fs.readdirSync(versionsFolder) : [])
        .filter((version) => fs.existsSync(path.join(versionsFolder, version, "bin", "postgres")))
        .map(Number)
        .sort((a, b) => b - a);

/** Folder of the server's programs. Data of a version can be read by programs of the same version only. */
export function programFolder(dataVersion?: number): string {
    const version = versions().find((it) => dataVersion === undefined || it === dataVersion);
    if (version === undefined)
        throw new SandboxError(
            dataVersion === undefined
                ? "PostgreSQL's server is not installed; install the Debian package postgresql-15"
                : `The sandbox's data is PostgreSQL ${dataVersion}'s, which is not installed; install ` +
                      `postgresql-${dataVersion} or start again without data: make down clean up`,
        );
    return path.join(versionsFolder, String(version), "bin");
}

/** Prevents the package from creating and starting a server of its own. */
const settings = "/etc/postgresql-common/createcluster.d/relaypacs-sandbox.conf";

/** Installs Debian's PostgreSQL 15 where no server is installed. */
export async function installPostgresql(progress: Progress): Promise<void> {
    if (versions().length > 0) return;
    if (process.getuid?.() !== 0 || !fs.existsSync("/usr/bin/apt-get")) programFolder();
    progress("installing PostgreSQL 15");
    const made = fs.mkdirSync(path.dirname(settings), { recursive: true });
    fs.writeFileSync(settings, "create_main_cluster = false\n");
    try {
        await installPackages(["postgresql-15"]);
    } finally {
        fs.rmSync(settings, { force: true });
        if (made !== undefined && fs.readdirSync(path.dirname(settings)).length === 0)
            fs.rmdirSync(path.dirname(settings));
    }
}
