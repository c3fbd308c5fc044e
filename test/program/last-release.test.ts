import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { contradictionsWith, readLastRelease, type LastRelease } from "../../program/last-release";
import { service } from "../../settings/schema";
import { deploy } from "../support/harness";

const digest = `sha256:${"a".repeat(64)}`;
const images = { backend: digest, frontend: digest };
const last: LastRelease = { version: "1.4.2", images };
const services = ["backend", "frontend"].map((name) => service.parse({ name }));

const wanted = (change: object = {}, rest: object = {}) =>
    ({
        bootstrap: false,
        environment: "prod",
        services,
        release: { version: "1.4.2", images, rollback: false, ...change },
        ...rest,
    }) as const;

describe("What a stack runs", () => {
    /** What is read of a stack whose last update left these outputs. */
    async function read(outputs: Readonly<Record<string, unknown>>): Promise<LastRelease | undefined> {
        let found: Promise<LastRelease | undefined> = Promise.resolve(undefined);
        await deploy(
            () => {
                found = readLastRelease();
            },
            { outputs },
        );
        return found;
    }

    it("should be the release of the last complete update", async () => {
        const committedAt = "2026-01-14T16:00:00Z";
        const release = { ...last, commit: "b".repeat(40), hotfix: false, rollback: true, committedAt };
        assert.deepEqual(await read({ release, version: "1.4.2" }), { ...last, committedAt });
    });

    it("should be nothing before the first one", async () => {
        assert.equal(await read({}), undefined);
        assert.equal(await read({ release: {}, version: "none" }), undefined);
    });

    it("should not be a guess", async () => {
        await assert.rejects(read({ release: { version: "latest" } }), pulumi.RunError);
    });

    it("should let anything begin", () => {
        assert.deepEqual(contradictionsWith(undefined, wanted({}, { bootstrap: true, release: undefined })), []);
        assert.deepEqual(contradictionsWith(undefined, wanted()), []);
    });

    it("should not be deleted by bootstrap", () => {
        assert.deepEqual(contradictionsWith(last, wanted({}, { bootstrap: true, release: undefined })), [
            "relaypacs:bootstrap is true, but prod runs release 1.4.2; set it to false, or the update deletes every Deployment, Service and route of it.",
        ]);
    });

    for (const version of ["1.4.2", "1.4.3", "1.10.0", "2.0.0", "1.4.2-g0123abc", "1.4.3-g0123abc"])
        it(`should be replaced by ${version}`, () => {
            assert.deepEqual(contradictionsWith(last, wanted({ version })), []);
        });

    for (const version of ["1.4.1", "1.3.10", "0.9.9", "1.4.1-g0123abc"])
        it(`should not be replaced by ${version}, unless it is a rollback`, () => {
            assert.deepEqual(contradictionsWith(last, wanted({ version })), [
                `Release ${version} is older than 1.4.2, which prod runs; go back with "npx release rollback --stack prod --to ${version}".`,
            ]);
            assert.deepEqual(contradictionsWith(last, wanted({ version, rollback: true })), []);
        });

    it("should be compared by its commit's time where versions have the same numbers", () => {
        const at = (day: number) => `2026-01-${day}T16:00:00Z`;
        const running = { ...last, version: "1.4.2-gaaaaaaa", committedAt: at(14) };
        const older = wanted({ version: "1.4.2-gbbbbbbb", committedAt: at(13) });
        assert.equal(contradictionsWith(running, older).length, 1);
        assert.deepEqual(contradictionsWith(running, wanted({ committedAt: at(15) })), []);
        assert.deepEqual(contradictionsWith(running, wanted({ committedAt: at(14) })), []);
        assert.deepEqual(contradictionsWith(running, wanted()), []);
    });

    it("should not lose a service that a release leaves out", () => {
        const without = { images: { backend: digest } };
        assert.deepEqual(contradictionsWith(last, wanted(without)), [
            "relaypacs:release.images has no digest for frontend, which prod runs; add it, or take frontend out of relaypacs:services.",
        ]);
        assert.deepEqual(contradictionsWith(last, wanted({ ...without, rollback: true })), []);
        assert.deepEqual(contradictionsWith(last, wanted(without, { services: services.slice(0, 1) })), []);
    });

    it("should get a service that no release holds yet", () => {
        const third = [...services, service.parse({ name: "viewer" })];
        assert.deepEqual(contradictionsWith(last, wanted({}, { services: third })), []);
    });
});
