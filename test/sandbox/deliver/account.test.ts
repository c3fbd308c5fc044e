import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { nameKeys } from "../../../sandbox/deliver/account";
import { projectRoot } from "../../support/project";

describe("The stack files of a delivery", () => {
    it("should name the account's keys, with times as text, and say everything else as before", () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-stack-files-"));
        try {
            const read = (from: string, stack: string) =>
                parse(fs.readFileSync(path.join(from, `Pulumi.${stack}.yaml`), "utf8")) as { config: object };
            for (const stack of ["staging", "prod"])
                fs.copyFileSync(
                    path.join(projectRoot, `Pulumi.${stack}.yaml`),
                    path.join(folder, `Pulumi.${stack}.yaml`),
                );
            const key = {
                keyId: "a".repeat(64),
                publicKey: "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n",
                notBefore: "2026-11-29T21:00:00.000Z",
                notAfter: "2028-11-29T21:00:00.000Z",
                duty: "staging",
            } as const;
            nameKeys(folder, [key]);
            for (const stack of ["staging", "prod"]) {
                const before = read(projectRoot, stack);
                assert.deepEqual(read(folder, stack), {
                    ...before,
                    config: { ...before.config, "relaypacs:trustedKeys": [key] },
                });
                const text = fs.readFileSync(path.join(folder, `Pulumi.${stack}.yaml`), "utf8");
                assert.ok(text.includes('notBefore: "2026-11-29T21:00:00.000Z"'), text);
            }
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    });
});
