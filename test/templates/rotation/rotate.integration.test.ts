import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import type { Instance } from "../../../sandbox/machine/instance";
import { cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import { administer, database } from "../../../sandbox/parts/database/part";
import { pythonProgram } from "../../../sandbox/toolchain/python";
import { temporaryInstance } from "../../sandbox/support/instance";
import { projectRoot } from "../../support/project";

const folder = path.join(projectRoot, "templates", "rotation");

/** Names and versions of pinned Python packages. */
const pinsOf = (file: string) =>
    fs
        .readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => /^[\w.[\],-]+==/.test(line))
        .map((line) => line.replace(/ .*/, ""));

// The first run on a machine installs the Python packages.
describe("The rotation function", function () {
    this.timeout(300_000);
    let instance: Instance;
    before(async function () {
        // PostgreSQL runs as a user of its own, in a mount namespace: only root can start it so.
        if (process.getuid?.() !== 0) this.skip();
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        await database.up(instance, () => undefined);
        // A server that logs every statement must not log a password either.
        for (const setting of ["log_statement TO 'all'", "log_min_error_statement TO 'error'"])
            await administer(instance, "postgres", `ALTER SYSTEM SET ${setting}`);
        await administer(instance, "postgres", "SELECT pg_reload_conf()");
    });
    after(async () => {
        if ((instance as Instance | undefined) === undefined) return;
        await database.down(instance);
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    it("should rotate two users in turn, whichever step is repeated or dies, and refuse what is not its own", async () => {
        const { exitCode, all } = await execa(pythonProgram("python"), ["-B", path.join(__dirname, "rotate_test.py")], {
            env: {
                ...cloudEnvironment(instance),
                PYTHONPATH: folder,
                CONFIGURED_URL: database.environment(instance).RELAYPACS_PROD_DATABASE_URL,
                LOGS: instance.logs,
            },
            all: true,
            reject: false,
        });
        assert.equal(exitCode, 0, all);
        assert.match(all, /\nRan \d\d tests in .*\n\nOK\n?$/);
    });

    it("should be tried with the packages that its archive gets", () => {
        const own = pinsOf(path.join(folder, "requirements.txt"));
        const tried = pinsOf(path.join(projectRoot, "sandbox", "parts", "cloud", "requirements.txt"));
        assert.ok(own.includes("pg8000==1.31.6"), own.join(" "));
        assert.deepEqual(
            own.filter((pin) => !tried.includes(pin)),
            [],
        );
    });
});
