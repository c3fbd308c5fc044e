import { isRefused as gatesRefuse } from "../delivery/attack/attack";
import { evidenceAttacks } from "../delivery/attack/table";
import { isRefused as packRefuses } from "../policies/attack/attack";
import { attacks as packAttacks } from "../policies/attack/table";

interface Attack {
    readonly title: string;
    readonly refusedBy: string;
    readonly sentence: string;
}

interface Count {
    readonly refused: number;
    readonly tried: number;
}

/** Tries every attack of a part, and prints each with the sentence that must refuse it. */
async function tryAll<One extends Attack>(
    part: string,
    table: Readonly<Record<string, readonly One[]>>,
    isRefused: (attack: One) => boolean | Promise<boolean>,
): Promise<Count> {
    const all = Object.values(table).flat();
    const width = Math.min(72, Math.max(...all.map(({ title }) => title.length)));
    let refused = 0;
    console.log(`\n${part}`);
    for (const [group, list] of Object.entries(table)) {
        console.log(`\n${group}\n`);
        for (const attack of list) {
            const held = await isRefused(attack);
            if (held) refused += 1;
            console.log(`${held ? "  " : "! "}${attack.title.padEnd(width)}  ${attack.refusedBy}: ${attack.sentence}`);
        }
    }
    return { refused, tried: all.length };
}

async function main(): Promise<void> {
    const gates = await tryAll("THE GATES, BY EVIDENCE", evidenceAttacks, gatesRefuse);
    const pack = await tryAll("THE POLICY PACK, BY RESOURCES", packAttacks, packRefuses);
    const [refused, tried] = [gates.refused + pack.refused, gates.tried + pack.tried];
    console.log(`\nby evidence: refused ${gates.refused} of ${gates.tried}`);
    console.log(`by resources: refused ${pack.refused} of ${pack.tried}`);
    console.log(`\nrefused ${refused} of ${tried}`);
    if (refused < tried) {
        console.log("What begins with an exclamation mark passes, or is refused in other words.");
        process.exitCode = 1;
    }
}

void main();
