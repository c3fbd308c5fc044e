import assert from "node:assert/strict";
import { gates } from "../../../delivery/gates";
import { columns, matrix, type Row } from "./support/matrix";

describe("The matrix of gates", () => {
    let rows: Row[] = [];
    before(() => {
        rows = matrix();
    });

    it("should have a row for each gate and no surprise", () => {
        assert.deepEqual(
            rows.map((row) => row.gate.id),
            gates.map((gate) => gate.id),
        );
        assert.deepEqual(
            rows.flatMap((row) => row.cells.flatMap((cell) => cell.surprises)),
            [],
        );
    });

    for (const [index, gate] of gates.entries()) {
        it(`should try ${gate.id} at its limit, on both sides of it, and with every kind of bad evidence`, () => {
            const cells = rows[index]?.cells ?? [];
            const statusOf = (column: string) => cells[columns.indexOf(column)]?.status;
            assert.equal(statusOf("pass"), "pass");
            assert.notEqual(statusOf("at"), "-");
            const measured = ["just below", "at", "just above"].map(statusOf);
            // Each gate must fail, or warn, at least once because of what it measures.
            assert.ok(measured.includes(gate.level === "blocking" ? "fail" : "warn"), measured.join());
            for (const column of columns.slice(4, -1)) assert.equal(statusOf(column), "fail", column);
            assert.equal(statusOf("admitted"), gate.checkpoints.includes("production") ? "pass" : "-");
        });
    }
});
