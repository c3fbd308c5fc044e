import * as assert from "node:assert/strict";

/** Ten thousand cases; set PROPERTY_SEED to try others. */
export const propertyRuns = { numRuns: 10_000, seed: Number(process.env.PROPERTY_SEED ?? 20_261_130) } as const;

/** Asserts that a message is one line for a person: a whole sentence, no stack trace, nothing that a terminal acts on. */
export function assertSentence(message: string): void {
    const shown = JSON.stringify(message);
    assert.match(message, /^\S[^]*[.!?)]$/, `${shown} is no sentence`);
    assert.doesNotMatch(message, /[\p{Cc}\p{Cs}\u2028\u2029]/u, `${shown} is more than one line`);
    assert.doesNotMatch(message, /\n? {2,}at |undefined|\[object |node:internal|TypeError|ReferenceError/, shown);
}
