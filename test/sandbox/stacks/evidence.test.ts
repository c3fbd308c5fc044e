import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { exampleRelease, examples } from "../../../docs/generate/evidence-examples";
import { dutyNames, mayState } from "../../../delivery/evidence/duties";
import { loadEvidence } from "../../../delivery/evidence/folder";
import { items } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import { dutyOf, sign } from "../../../sandbox/stacks/evidence/dossier";
import { makeSigningKeys, signingKeyFile, trustedKeys } from "../../../sandbox/stacks/evidence/signing-key";
import type { Instance } from "../../../sandbox/machine/instance";
import { temporaryInstance } from "../support/instance";

describe("The sandbox's evidence", () => {
    let instance: Instance;
    before(async () => {
        instance = await temporaryInstance();
    });
    after(() => {
        fs.rmSync(instance.root, { recursive: true, force: true });
    });

    it("should be signed by the key of the duty that states it, as the stacks trust it", async () => {
        makeSigningKeys(instance);
        const folder = path.join(instance.root, "signed");
        await sign(instance, folder, exampleRelease, examples);
        const trusted = trustedKeys(instance);
        const ring = keyRing(trusted);
        const verified = (await loadEvidence(folder)).map((file) =>
            verifyEvidence(file, ring, new Date().toISOString()),
        );
        const found = new Map(verified.map((one) => [one.item, one]));
        assert.deepEqual([...found.keys()].sort(), Object.keys(items).sort());
        for (const [item, one] of found) {
            assert.ok(one.ok, one.ok ? "" : `${String(item)} ${one.problem}`);
            const signer = trusted.find(({ keyId }) => keyId === one.keyId)!;
            assert.equal(signer.duty, dutyOf(one.item));
            assert.ok(mayState(dutyOf(one.item), one.item));
        }
    });

    it("should have one key a duty, which stay and which others can't read", () => {
        makeSigningKeys(instance);
        const before = trustedKeys(instance);
        makeSigningKeys(instance);
        assert.deepEqual(trustedKeys(instance), before);
        for (const duty of dutyNames)
            assert.equal(fs.statSync(signingKeyFile(instance, duty)).mode & 0o777, 0o600, duty);
        fs.rmSync(signingKeyFile(instance, "staging"));
        makeSigningKeys(instance);
        assert.notDeepEqual(trustedKeys(instance), before, "a key that is lost can't sign what is trusted");
    });
});
