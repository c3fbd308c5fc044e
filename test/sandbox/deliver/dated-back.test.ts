import * as assert from "node:assert/strict";
import { predicates } from "../../../delivery/evidence/predicates";
import { datedBack, statementDatedBack } from "../../../sandbox/deliver/dated-back";
import { historyOf } from "../../../sandbox/deliver/prometheus-history";

const hour = 3_600_000;

describe("Evidence that a delivery moves into the past", () => {
    it("should have all its times earlier by as much, in whatever form, and nothing else changed", () => {
        assert.equal(
            datedBack(
                '{"at":"2026-11-30T21:00:00Z","b":"2026-11-30T02:30:00.250+01:00","v":"1.2.0","day":"2026-11-30"}',
                hour,
            ),
            '{"at":"2026-11-30T20:00:00Z","b":"2026-11-30T00:30:00.250Z","v":"1.2.0","day":"2026-11-30"}',
        );
    });

    it("should name the record of the release as it is then, and no other artifact otherwise", () => {
        const statement = {
            predicateType: predicates.build.type,
            predicate: {
                finishedAt: "2026-11-30T21:00:00Z",
                artifacts: [
                    { name: "release.json", sha256: "old" },
                    { name: "frontend", sha256: "kept" },
                ],
            },
        };
        const { predicate } = statementDatedBack(JSON.stringify(statement), hour, "record");
        assert.deepEqual(predicate, {
            finishedAt: "2026-11-30T20:00:00Z",
            artifacts: [
                { name: "release.json", sha256: "70ce871f8a3d3fb449bc3c3ace6547cef02dfc74ffe48d912532a724bfdbe5b9" },
                { name: "frontend", sha256: "kept" },
            ],
        });
    });
});

describe("The history that Prometheus gets", () => {
    it("should have each series all the time, with requests that people make and no error", () => {
        const [up, asked, probed, failed] = historyOf(
            [
                { labels: { __name__: "up" }, value: 1 },
                { labels: { __name__: "http_requests_total", path: "/api/v1/version", status: "200" }, value: 3 },
                { labels: { __name__: "http_requests_total", path: "/health", status: "200" }, value: 7 },
                { labels: { __name__: "http_requests_total", path: "/api/v1/version", status: "500" }, value: 0 },
            ],
            0,
            60_000,
        ).map(({ samples }) => samples);
        assert.deepEqual(up, [
            [0, 1],
            [30_000, 1],
            [60_000, 1],
        ]);
        assert.deepEqual(
            asked!.map(([, value]) => value),
            [0, 1, 2],
        );
        assert.deepEqual(
            probed!.map(([, value]) => value),
            [7, 7, 7],
        );
        assert.deepEqual(
            failed!.map(([, value]) => value),
            [0, 0, 0],
        );
    });
});
