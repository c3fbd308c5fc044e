import { z } from "zod";
import { counted, few } from "../../delivery/core/text";
import { InputError } from "../shared/judging";
import { listTables, measureTable, readRevision, type Table } from "../shared/database/manifest";
import { Session, type Server } from "../shared/database/psql";
import type { Tools } from "../shared/tools";

export interface RdsRestoreRequest {
    /** The setting `relaypacs:rdsInstance`. */
    readonly instance: string;
    /** RFC 3339: the data was good then. */
    readonly moment: string;
    /** The database with its present address; the copy has the same users. */
    readonly server: Server;
    readonly tools: Pick<Tools, "run">;
    readonly confirm: (question: string) => Promise<boolean>;
    readonly say: (line: string) => void;
    /** Waits some milliseconds. */
    readonly wait: (milliseconds: number) => Promise<void>;
    readonly now: () => number;
}

/** How long RDS may take to make an instance, in seconds: half an hour for 100 GiB, and the specification allows two. */
const timeoutSeconds = 5400;

const instanceShape = z.object({
    DBInstanceIdentifier: z.string(),
    DBInstanceStatus: z.string(),
    MultiAZ: z.boolean().optional(),
    PubliclyAccessible: z.boolean().optional(),
    BackupRetentionPeriod: z.number().optional(),
    LatestRestorableTime: z.string().optional(),
    Endpoint: z.object({ Address: z.string() }).optional(),
    DBSubnetGroup: z.object({ DBSubnetGroupName: z.string() }).optional(),
    VpcSecurityGroups: z.array(z.object({ VpcSecurityGroupId: z.string() })).default([]),
    DBParameterGroups: z.array(z.object({ DBParameterGroupName: z.string() })).default([]),
    TagList: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
});

type Instance = z.infer<typeof instanceShape>;

const momentTag = "relaypacs:restored-to";

/** @throws Error with the reason that the AWS command line gives */
async function aws(tools: RdsRestoreRequest["tools"], operation: string, ...args: string[]): Promise<string> {
    const { exitCode, output } = await tools.run("aws", ["rds", operation, "--output", "json", ...args]);
    if (exitCode === 0) return output;
    if (exitCode === 127)
        throw new InputError(
            "aws can't be started; install the AWS command line, which restores where RDS has the database.",
        );
    throw new Error(`aws rds ${operation} failed: ${output.trim().split("\n").at(-1) ?? "no reason was printed"}`);
}

/** An instance; undefined where there is none of that name. */
async function describe(tools: RdsRestoreRequest["tools"], name: string): Promise<Instance | undefined> {
    try {
        const text = await aws(tools, "describe-db-instances", "--db-instance-identifier", name);
        return z.object({ DBInstances: z.array(instanceShape).length(1) }).parse(JSON.parse(text)).DBInstances[0];
    } catch (error) {
        if (/DBInstanceNotFound/.test((error as Error).message)) return undefined;
        throw error;
    }
}

/**
 * Restores a database of Amazon RDS (specification, section 7: data corruption): RDS makes a second instance as of a moment,
 * with the network and the parameters of the first. It is verified beside it: every row is read, and its schema has a
 * revision. Nothing is swapped: the command says how. Interrupted anywhere, the same call goes on with the same instance.
 *
 * @returns whether the copy is ready; false when a person said no
 * @throws InputError or Error, one sentence; the database is then as it was
 */
export async function restoreByRds(request: RdsRestoreRequest): Promise<boolean> {
    const { instance, moment, tools, say } = request;
    const copy = `${instance}-restored`;
    const source = await describe(tools, instance);
    if (source === undefined)
        throw new InputError(
            `Amazon RDS has no instance ${instance} here; accepted for relaypacs:rdsInstance: the identifier of an instance of this account and region.`,
        );
    const existing = await describe(tools, copy);
    if (existing === undefined) {
        checkMoment(source, moment);
        if (!(await request.confirm(`Restore ${instance} as of ${moment} into ${copy}?`))) {
            say("Nothing was changed.");
            return false;
        }
        await begin(request, source, copy);
        say(`RDS restores ${instance} as of ${moment} into ${copy}; ${instance} stays as it is.`);
    } else {
        const restoredTo = existing.TagList.find(({ Key }) => Key === momentTag)?.Value;
        if (restoredTo !== moment)
            throw new InputError(
                `${copy} exists already, ${restoredTo === undefined ? "and this command has not made it" : `restored to ${restoredTo}`}; delete it or give it another name first.`,
            );
        say(`${copy} is left from an interrupted run; this one goes on with it.`);
    }
    const address = await available(request, copy);
    await verify(request, copy, address);
    howToSwap(instance, copy).forEach(say);
    return true;
}

/** @throws InputError where RDS can't restore to the moment, as far as the instance tells */
function checkMoment({ DBInstanceIdentifier: name, ...source }: Instance, moment: string): void {
    if (source.BackupRetentionPeriod === 0)
        throw new InputError(`${name} keeps no automated backups (its retention is 0 days), so RDS can't restore it.`);
    const latest = source.LatestRestorableTime;
    if (latest !== undefined && Date.parse(moment) > Date.parse(latest))
        throw new InputError(
            `The timestamp is ${moment}, and ${name} can be restored up to ${new Date(latest).toISOString()}; choose that or an earlier moment.`,
        );
}

async function begin({ moment, tools }: RdsRestoreRequest, source: Instance, copy: string): Promise<void> {
    const subnets = source.DBSubnetGroup?.DBSubnetGroupName;
    const groups = source.VpcSecurityGroups.map(({ VpcSecurityGroupId: id }) => id);
    const parameters = source.DBParameterGroups[0]?.DBParameterGroupName;
    // What is not named, RDS takes from its defaults: a network and rules that no pod reaches, and plain parameters.
    await aws(
        tools,
        "restore-db-instance-to-point-in-time",
        ...["--source-db-instance-identifier", source.DBInstanceIdentifier],
        ...["--target-db-instance-identifier", copy],
        ...["--restore-time", moment],
        ...(subnets === undefined ? [] : ["--db-subnet-group-name", subnets]),
        ...(groups.length === 0 ? [] : ["--vpc-security-group-ids", ...groups]),
        ...(parameters === undefined ? [] : ["--db-parameter-group-name", parameters]),
        source.MultiAZ === true ? "--multi-az" : "--no-multi-az",
        source.PubliclyAccessible === true ? "--publicly-accessible" : "--no-publicly-accessible",
        "--copy-tags-to-snapshot",
        "--deletion-protection",
        ...["--tags", `Key=${momentTag},Value=${moment}`],
    );
}

/** Waits until an instance is available. Returns its address. */
async function available({ tools, say, wait, now }: RdsRestoreRequest, name: string): Promise<string> {
    const began = now();
    for (let last = ""; ;) {
        const found = await describe(tools, name);
        if (found === undefined) throw new Error(`${name} was deleted while RDS made it.`);
        const { DBInstanceStatus: status, Endpoint: endpoint } = found;
        if (status !== last) say(`${new Date(now()).toISOString()} ${name} is ${status}`);
        last = status;
        if (status === "available" && endpoint !== undefined) return endpoint.Address;
        if (/^(?:failed|incompatible-|restore-error|storage-full|deleting)/.test(status))
            throw new Error(`RDS has not restored ${name}: it is ${status}; the instance's events in RDS say why.`);
        if (now() - began > timeoutSeconds * 1000)
            throw new Error(
                `${name} is ${status} after ${timeoutSeconds / 60} minutes; the same command goes on waiting.`,
            );
        await wait(10_000);
    }
}

/** Reads every row of the copy and of the database, and says what differs. @throws Error when the copy is not usable */
async function verify({ server, say }: RdsRestoreRequest, copy: string, address: string): Promise<void> {
    const there = { ...server, environment: { ...server.environment, PGHOST: address } };
    const [restored, live] = [await contentsOf(there), await contentsOf(server).catch(() => undefined)];
    if (restored.tables.length === 0) throw new Error(`${copy} has no table in ${server.database}; it is not used.`);
    if (restored.revision === null)
        throw new Error(`${copy} has no schema revision in ${server.database}; it is not used.`);
    const rows = restored.tables.reduce((sum, one) => sum + one.rows, 0);
    say(
        `${copy} was read in full: ${counted(restored.tables.length, "table")}, ${counted(rows, "row")}, schema ${restored.revision}.`,
    );
    if (live === undefined) {
        say(`${server.database} can't be read now, so the two are not compared.`);
        return;
    }
    const differing = restored.tables.flatMap(({ name, rows: had, checksum }) => {
        const other = live.tables.find((one) => one.name === name);
        if (other?.checksum === checksum) return [];
        return [`${name} has ${had} rows there, ${other === undefined ? "is missing" : other.rows} now`];
    });
    const schema =
        live.revision === restored.revision ? "" : `; its schema is ${live.revision ?? "without a revision"} now`;
    say(
        differing.length === 0
            ? `No table differs from ${server.database} as it is now${schema}.`
            : `What differs from ${server.database} as it is now: ${few(differing)}${schema}.`,
    );
}

async function contentsOf(
    server: Server,
): Promise<{ readonly tables: readonly Table[]; readonly revision: string | null }> {
    const session = await Session.open(server, server.database, { jit: "off", default_transaction_read_only: "on" });
    try {
        const tables: Table[] = [];
        for (const one of await listTables(session)) tables.push(await measureTable(session, one));
        return { tables, revision: await readRevision(session) };
    } finally {
        await session.close();
    }
}

/** The copy takes the name, so that no secret changes. */
function howToSwap(instance: string, copy: string): string[] {
    const rename = (from: string, to: string) => [
        `  aws rds modify-db-instance --apply-immediately --db-instance-identifier ${from} --new-db-instance-identifier ${to}`,
        `  aws rds wait db-instance-available --db-instance-identifier ${to}`,
    ];
    return [
        `Nothing uses ${copy} yet. To put it in the place of ${instance}, which stays as ${instance}-damaged:`,
        ...rename(instance, `${instance}-damaged`),
        ...rename(copy, instance),
    ];
}
