import { columns, matrix } from "./support/matrix";

/** Prints every gate against every kind of evidence: `npx ts-node test/delivery/gates/matrix.ts`. Exits 1 on a surprise. */
function print(): void {
    const rows = matrix();
    const head = ["Gate", ...columns];
    const body = rows.map(({ gate, cells }) => [
        gate.id,
        ...cells.map((cell) => (cell.surprises.length > 0 ? "WRONG" : cell.status)),
    ]);
    const widths = head.map((title, at) => Math.max(title.length, ...body.map((row) => row[at]?.length ?? 0)));
    const line = (row: readonly string[]) =>
        row
            .map((text, at) => text.padEnd(widths[at] ?? 0))
            .join("  ")
            .trimEnd();
    const cases = rows.flatMap((row) => row.cells).reduce((sum, cell) => sum + cell.cases, 0);
    const surprises = rows.flatMap(({ gate, cells }) =>
        cells.flatMap((cell) => cell.surprises.map((one) => `${gate.id}: ${one}`)),
    );
    const written = [line(head), line(widths.map((width) => "─".repeat(width))), ...body.map(line)];
    written.push("", `${rows.length} gates, ${cases} cases, ${surprises.length} surprises`, ...surprises);
    process.stdout.write(`${written.join("\n")}\n`);
    if (surprises.length > 0) process.exitCode = 1;
}

print();
