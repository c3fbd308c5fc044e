import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { readEvidence } from "../../../delivery/evidence/folder";
import { visible } from "../../../delivery/core/text";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import { verifyEvidence, type EvidenceFile } from "../../../delivery/evidence/verify";
import { checkpoints, judgeRelease } from "../../../delivery/gates";
import { readInputs, requestOf } from "../../../release/check/input";
import { now } from "../../delivery/gates/support/contents";
import { evidence, keys, seal, signerOf } from "../../delivery/gates/support/world";
import { changeJson, changeText, mutations, type Mutation } from "../collect/mutations";
import { writeDossier, type Dossier } from "../support/dossiers";
import { assertSentence, propertyRuns } from "../../support/sentences";

/** Changes a JSON text: in its value, or in its letters. */
const changed = (text: string, steps: readonly Mutation[], structured: boolean): string =>
    structured ? JSON.stringify(steps.reduce<unknown>(changeJson, JSON.parse(text))) : steps.reduce(changeText, text);

/** Asserts that what a gate says is text for people: nothing that a terminal acts on, no stack, no value of JavaScript's. */
function assertReadable(text: string): void {
    assert.doesNotMatch(text, /[\p{Cc}\p{Cs}\u2028\u2029]/u, JSON.stringify(text));
    assert.doesNotMatch(text, /\n {2,}at |undefined|\[object |node:internal|TypeError|ReferenceError/, text);
}

describe("Bad input of a judgement", function () {
    this.timeout(600_000);
    const all = evidence();
    const ring = keyRing([...keys]);
    let folder: string;
    let dossier: Dossier;
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-bad-input-"));
        dossier = writeDossier(folder, { empty: true });
    });
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });

    it("should be told in a sentence where it is a release file, a key file or a file of limits", async () => {
        const limits = path.join(folder, "limits.json");
        fs.writeFileSync(limits, JSON.stringify({ pipelineAgeHours: 24 }));
        const files = [dossier.release, dossier.keys, limits];
        const whole = new Map(files.map((file) => [file, fs.readFileSync(file, "utf8")]));
        let refused = 0;
        await fc.assert(
            fc.asyncProperty(fc.constantFrom(...files), mutations, fc.boolean(), async (file, steps, structured) => {
                fs.writeFileSync(file, changed(whole.get(file)!, steps, structured));
                try {
                    const input = await readInputs({ ...dossier, limits }, now);
                    const request = requestOf(input, "production");
                    const judgement = judgeRelease(input.evidence, request);
                    assert.equal(judgement.status, "fail", "a release without evidence passes");
                } catch (error) {
                    if (error instanceof assert.AssertionError) throw error;
                    refused += 1;
                    // As `judging` prints it.
                    assertSentence(visible((error as Error).message));
                } finally {
                    fs.writeFileSync(file, whole.get(file)!);
                }
            }),
            propertyRuns,
        );
        assert.ok(refused > propertyRuns.numRuns / 4, `only ${refused} were refused`);
    });

    it("should not count where it is a file of evidence that is damaged", () => {
        const own = path.join(folder, "damaged");
        fs.mkdirSync(own);
        const texts = all.map(({ envelope, source }) => [source, JSON.stringify(envelope)] as const);
        const hashes = new Map(
            all.map((file) => {
                const verified = verifyEvidence(file, ring, now);
                assert.ok(verified.ok, file.source);
                return [file.source, verified.sha256];
            }),
        );
        let refused = 0;
        fc.assert(
            fc.property(fc.constantFrom(...texts), mutations, fc.boolean(), ([source, text], steps, structured) => {
                fs.writeFileSync(path.join(own, source), changed(text, steps, structured));
                const [file, ...others] = readEvidence(own);
                fs.rmSync(path.join(own, source));
                assert.ok(file);
                assert.deepEqual(others, []);
                const found = verifyEvidence(file, ring, now);
                // What was changed beside the signed bytes says nothing.
                if (found.ok) assert.equal(found.sha256, hashes.get(source));
                else {
                    refused += 1;
                    assertSentence(visible(`The evidence ${source} ${found.problem}.`));
                }
            }),
            propertyRuns,
        );
        assert.ok(refused > propertyRuns.numRuns / 2, `only ${refused} were refused`);
    });

    /** The changed statement of one item, signed by the key that may sign it. */
    function resigned(item: ItemName, steps: readonly Mutation[], structured: boolean): EvidenceFile {
        const file = all.find(({ source }) => source.startsWith(`${item}.`))!;
        const { payload } = file.envelope as { readonly payload: string };
        const text = Buffer.from(payload, "base64").toString("utf8");
        return { source: file.source, envelope: seal(changed(text, steps, structured), signerOf(item)) };
    }

    it("should deny the release where it is evidence that a trusted key has signed, and say why", async () => {
        const { evidence: none, ...input } = await readInputs(dossier, now);
        assert.deepEqual(none, []);
        const names = [...new Set(all.map(({ source }) => source.split(".")[0] as ItemName))];
        assert.ok(names.every((name) => Object.hasOwn(items, name)));
        fc.assert(
            fc.property(
                fc.constantFrom(...names),
                mutations,
                fc.boolean(),
                fc.constantFrom(...checkpoints.filter((one) => one !== "monitoring")),
                (item, steps, structured, checkpoint) => {
                    const request = requestOf({ ...input, evidence: [] }, checkpoint);
                    const judgement = judgeRelease([resigned(item, steps, structured)], request);
                    assert.equal(judgement.status, "fail", `${item} alone passes`);
                    judgement.outcomes.forEach(({ message }) => {
                        assertReadable(visible(message));
                    });
                },
            ),
            propertyRuns,
        );
    });
});
