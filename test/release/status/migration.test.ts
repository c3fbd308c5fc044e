import * as assert from "node:assert/strict";
import { migrationSentences, type FailedMigration } from "../../../release/status/migration";

const image = `registry/relaypacs/backend@sha256:${"b".repeat(64)}`;
const log = `INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
INFO  [alembic.runtime.migration] Running upgrade 0001 -> 0002, add note
INFO  [alembic.runtime.migration] Running upgrade 0002 -> 0003, add size
Traceback (most recent call last):
sqlalchemy.exc.ProgrammingError: column "size" of relation "uploads" already exists
[SQL: ALTER TABLE uploads ADD COLUMN size int]
(Background on this error at: https://sqlalche.me/e/20/f405)
`;
const why =
    'The migration of backend failed at 2026-01-14T18:00:00.000Z: sqlalchemy.exc.ProgrammingError: column "size" of relation "uploads" already exists';
const again = "once the cause is gone, pulumi up --stack prod goes on; else release rollback --stack prod";
const back = `release downgrade-database prod --image ${image} takes one step back`;

describe("The sentences about a failed migration", () => {
    const sentences = (change: Partial<FailedMigration>) =>
        migrationSentences({
            stack: "prod",
            service: "backend",
            image,
            failedAt: "2026-01-14T18:00:00.000Z",
            log,
            revision: { is: "0001" },
            ...change,
        });
    const at = (is: string) => `The database is at ${is}; the release came from 0001 and was at the step to 0003`;

    for (const [what, change, expected] of [
        ["no step was kept", {}, [why, `${at("0001")}. No step was kept: ${again}.`]],
        [
            "half of it was kept",
            { revision: { is: "0002" } },
            [why, `${at("0002")}. Half of it was kept (1 of 2 steps): ${again}, before which ${back}.`],
        ],
        [
            "each step was kept",
            { revision: { is: "0003" } },
            [why, `${at("0003")}. All of it was kept (2 of 2 steps): ${again}, before which ${back}.`],
        ],
        [
            "what serves does not know the revision, and names it",
            { revision: { problem: "\"alembic current\" failed: FAILED: Can't locate revision identified by '0002'" } },
            [why, `${at("0002")}. Half of it was kept (1 of 2 steps): ${again}, before which ${back}.`],
        ],
        [
            "something else has changed the database",
            { revision: { is: "00ff" } },
            [
                why,
                `${at("00ff")}. The revision is none of these, so something else has changed it; see docs/runbooks/migration-failed.md.`,
            ],
        ],
        [
            "the revision is unknown",
            { revision: { problem: "no pod of backend is ready" } },
            [
                why,
                "The database's revision can't be told (no pod of backend is ready); see docs/runbooks/migration-failed.md.",
            ],
        ],
        [
            "it has printed nothing",
            { log: "", failedAt: undefined },
            [
                "The migration of backend failed: it has printed nothing",
                `The database is at 0001, and no step had begun: ${again}.`,
            ],
        ],
    ] as const)
        it(`should say the way out when ${what}`, () => {
            assert.deepEqual(sentences(change), expected);
        });
});
