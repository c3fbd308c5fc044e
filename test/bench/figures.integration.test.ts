import * as assert from "node:assert/strict";
import { analysisMarkdown, markdown, reportsMarkdown } from "./report";
import { Series } from "./series";
import { packShare, perFurtherResource, perResource, spreadOf, type Comparison } from "./statistics";
import { countsIn } from "./workload";

const costs = (...values: number[]) => values.map((cpu) => ({ cpu, wall: cpu * 2 }));

const small: Comparison = { services: 1, resources: 100, changes: 100, without: costs(6, 7, 5), with: costs(8, 9, 8) };
const large: Comparison = { services: 10, resources: 200, changes: 200, without: costs(7.5), with: costs(10) };

describe("The benchmark's figures", () => {
    it("should count the resources that pulumi says it changes and leaves", () => {
        assert.deepEqual(countsIn("text\nResources:\n    + 139 to create\n\nDuration: 3s\n"), {
            resources: 139,
            changes: 139,
        });
        assert.deepEqual(countsIn("Resources:\n    148 unchanged\n"), { resources: 148, changes: 0 });
        const mixed =
            "    + 200 created\n    ~ 5 updated\n    +-2 replaced\n    - 3 deleted\n    210 changes. 168 unchanged\n";
        assert.deepEqual(countsIn(`Resources:\n${mixed}\nDuration: 25s`), { resources: 375, changes: 207 });
        assert.throws(() => countsIn("error: no such stack"), /no count of resources:\nerror: no such stack/);
    });

    it("should be medians, with the pack's share as their difference", () => {
        assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 });
        assert.deepEqual(spreadOf([4, 1]), { median: 2.5, least: 1, most: 4 });
        assert.throws(() => spreadOf([]), /Nothing was measured/);
        assert.equal(packShare(small), 0.25);
        assert.deepEqual(perResource(small), { total: 0.08, pack: 0.02 });
        assert.equal(perFurtherResource(small, large), 0.02);
    });

    it("should be shown in a table, with the cost of size only between rows that do the same", () => {
        const row = (comparable: boolean) =>
            markdown([{ title: "Preview", rows: [small, large], comparable }])
                .split("\n")
                .at(-1);
        assert.equal(row(true), "| 10 | 200 | 200 | 15.0 | 20.0 | 7.5 | 10.0 | 25 % | 50.0 (12.5) | 20.0 |");
        assert.match(String(row(false)), /\| – \|$/);
    });

    it("should show what judging costs per resource, and how that grows", () => {
        const text = analysisMarkdown({
            start: { resources: 10, cpu: 2, wall: 1 },
            stacks: [
                { resources: 110, cpu: 2.5, wall: 1.5 },
                { resources: 1010, cpu: 8, wall: 7.25 },
            ],
            idle: { resources: 1010, cpu: 6, wall: 5.25 },
        });
        assert.match(text, /^\| 110 \| 1\.5 \| 2\.5 \| 5\.00 \| 1\.00 \|$/m);
        assert.match(text, /^\| 1010 \| 7\.3 \| 8\.0 \| 6\.00 \| 1\.20 \|$/m);
        assert.match(
            text,
            /about no resource: 5\.3 s, 6\.0 s of CPU time, so this pack takes 1\.33 times as much; above 1\.12 the command fails\. A start alone \(10 resources\): 1\.0 s, 2\.0 s of CPU time\. .* at most 1\.3 times/,
        );
    });

    it("should show what reading a report costs, by medians, and the most memory of any run", () => {
        const cost = (cpu: number, memory: number) => ({ cpu, memory });
        const text = reportsMarkdown([
            { tool: "pytest", tests: 700, base: [cost(4, 900), cost(5, 950)], now: [cost(1.5, 200), cost(2.1, 210)] },
        ]);
        assert.match(
            text,
            /^\| pytest \| 700 \| 4\.50 \(4\.00–5\.00\) \| 1\.80 \(1\.50–2\.10\) \| 0\.40 \| 950 \| 210 \|$/m,
        );
        assert.match(text, /fails above 0\.5 of the base's CPU time, or above 300 MiB/);
    });

    it("should not compare runs of different stacks", () => {
        const series = new Series();
        const of = { command: "preview", services: 1, pack: false, release: true } as const;
        series.add(of, { cpu: 1, wall: 1, resources: 10, changes: 10 });
        series.add({ ...of, pack: true }, { cpu: 2, wall: 2, resources: 10, changes: 10 });
        assert.deepEqual(
            series.comparisons().map(({ without, with: guarded }) => [without[0]?.cpu, guarded[0]?.cpu]),
            [[1, 2]],
        );
        series.add(of, { cpu: 1, wall: 1, resources: 11, changes: 10 });
        assert.throws(
            () => series.comparisons(),
            /Runs with 1 services differ: 10 changes in 10 resources, and 10 in 11/,
        );
    });
});
