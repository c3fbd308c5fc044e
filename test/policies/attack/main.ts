import { isRefused } from "./attack";
import { attacks } from "./table";

/** Tries every attack on the pack, and prints each with the sentence that must refuse it. */
async function main(): Promise<void> {
    const all = Object.values(attacks).flat();
    const width = Math.min(72, Math.max(...all.map(({ title }) => title.length)));
    let refused = 0;
    for (const [group, list] of Object.entries(attacks)) {
        console.log(`\n${group}\n`);
        for (const attack of list) {
            const held = await isRefused(attack);
            if (held) refused += 1;
            console.log(`${held ? "  " : "! "}${attack.title.padEnd(width)}  ${attack.refusedBy}: ${attack.sentence}`);
        }
    }
    console.log(`\nrefused ${refused} of ${all.length}`);
    if (refused < all.length) {
        console.log("The pack lets pass what begins with an exclamation mark, or refuses it in other words.");
        process.exitCode = 1;
    }
}

void main();
