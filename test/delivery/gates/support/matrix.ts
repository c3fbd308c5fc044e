import { gates, type Gate } from "../../../../delivery/gates";
import { items } from "../../../../delivery/evidence/items";
import { limitCases } from "./all-cases";
import { messageOf, type Column } from "./cases";
import { spoiledItems, spoilings } from "./spoilings";
import { ago, contents, day, release } from "./contents";
import { evidence, expedite, judge, outcomeOf } from "./world";

const limitColumns: readonly Column[] = ["pass", "just below", "at", "just above"];

/**
 * Columns of the matrix: the measured value against the limit, then what is wrong with the evidence, then a month later
 * in an environment that has admitted the release.
 */
export const columns: readonly string[] = [...limitColumns, ...spoilings.map((one) => one.column), "admitted"];

export interface Cell {
    /** The gate's status in all cases of the cell; `-` where there is no case. */
    readonly status: string;
    /** Number of cases. */
    readonly cases: number;
    /** Cases in which the gate's outcome was not as expected. */
    readonly surprises: readonly string[];
}

export interface Row {
    readonly gate: Gate;
    readonly cells: readonly Cell[];
}

function cell(statuses: readonly string[], surprises: readonly string[]): Cell {
    const status = [...new Set(statuses)].join("/") || "-";
    return { status, cases: statuses.length, surprises };
}

function limitCell(gate: Gate, column: Column): Cell {
    const surprises: string[] = [];
    const statuses = limitCases
        .filter((one) => one.gate === gate.id && one.column === column)
        .map((one) => {
            const { status, message } = outcomeOf(gate, one);
            if (status !== one.status || message !== messageOf(one)) surprises.push(`${one.title}: ${message}`);
            return status;
        });
    return cell(statuses, surprises);
}

function spoiledCell(gate: Gate, column: string): Cell {
    const surprises: string[] = [];
    const statuses = spoiledItems(gate)
        .filter(({ spoiling }) => spoiling.column === column)
        .map(({ spoiling, item }) => {
            const { status, message } = outcomeOf(gate, { spoilers: spoiling.spoil(item) });
            if (status !== "fail" || !message.includes(`${items[item].title} evidence `)) {
                surprises.push(`${item}: ${message}`);
            }
            return status;
        });
    return cell(statuses, surprises);
}

function admittedCell(gate: Gate): Cell {
    const checkpoint = gate.checkpoints.at(-1);
    if (checkpoint !== "production") return cell([], []);
    const hotfix = gate.releases === "hotfix";
    const spoilers = hotfix ? { approval: { change: expedite } } : {};
    const admission = { issuedAt: contents["admission-prod"].completedAt };
    const files = [...evidence(spoilers), ...evidence({ "admission-prod": admission }, ["admission-prod"])];
    const judgement = judge(files, { now: ago(-30 * day), release: { ...release, hotfix } });
    const outcome = judgement.outcomes.find((one) => one.id === gate.id);
    const status = outcome?.status ?? "-";
    return cell([status], status === "pass" ? [] : [`admitted: ${outcome?.message ?? "it did not judge"}`]);
}

/** Runs every gate through every column. */
export function matrix(): Row[] {
    return gates.map((gate) => ({
        gate,
        cells: [
            ...limitColumns.map((column) => limitCell(gate, column)),
            ...spoilings.map(({ column }) => spoiledCell(gate, column)),
            admittedCell(gate),
        ],
    }));
}
