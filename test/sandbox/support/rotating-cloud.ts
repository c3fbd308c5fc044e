import * as fs from "node:fs";
import { execa } from "execa";
import type { Tools } from "../../../release/shared/tools";
import type { Instance } from "../../../sandbox/machine/instance";
import { cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import { database } from "../../../sandbox/parts/database/part";
import { pythonProgram } from "../../../sandbox/toolchain/python";
import { temporaryInstance } from "./instance";

export interface RotatingCloud {
    /** Set while tests run. */
    readonly instance: Instance;
    /** The address of production's database that it was made with. */
    readonly configured: string;
    /** The real AWS command line, on this cloud. */
    readonly run: Tools["run"];
}

/**
 * The real secret store, account and database of one suite: started before its tests, ended after them.
 *
 * @param prepare fills the store
 * @param atEnd waits for what the suite has started, once the database is down
 */
export function rotatingCloud(
    prepare: (cloud: RotatingCloud) => Promise<void>,
    atEnd: () => Promise<unknown> = () => Promise.resolve(),
): RotatingCloud {
    let instance: Instance | undefined;
    const made: RotatingCloud = {
        get instance() {
            if (!instance) throw new Error("The cloud is not up");
            return instance;
        },
        get configured() {
            return database.environment(this.instance).RELAYPACS_PROD_DATABASE_URL!;
        },
        run: async (_, args) => {
            const env = cloudEnvironment(made.instance);
            const { exitCode, all } = await execa(pythonProgram("aws"), args, { env, all: true, reject: false });
            return { exitCode: exitCode ?? 1, output: all };
        },
    };
    before(async function () {
        // PostgreSQL runs as a user of its own, in a mount namespace: only root can start it so.
        if (process.getuid?.() !== 0) this.skip();
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        await database.up(instance, () => undefined);
        await prepare(made);
    });
    after(async () => {
        if (!instance) return;
        await database.down(instance);
        await atEnd();
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });
    return made;
}
