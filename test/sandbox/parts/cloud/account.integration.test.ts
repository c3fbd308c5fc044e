import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseAccount } from "../../../../sandbox/parts/cloud/account";
import { projectRoot } from "../../../support/project";

describe("The sandbox's AWS account", () => {
    it("should be the one that a stack file names", () => {
        const text = `config:
  aws:region: eu-central-1
  relaypacs:awsAccountId: "000011112222"
  relaypacs:rotation: { functionArn: "arn:aws:lambda:eu-central-1:000011112222:function:rotate-secrets" }`;
        assert.deepEqual(parseAccount(text), {
            id: "000011112222",
            region: "eu-central-1",
            rotationFunction: "rotate-secrets",
        });
    });

    it("should have defaults", () => {
        for (const text of ["", "config: {}"])
            assert.deepEqual(parseAccount(text), { id: "123456789012", region: "us-east-1" });
    });

    it("should be refused when its number or region is invalid", () => {
        assert.throws(() => parseAccount("config: { 'relaypacs:awsAccountId': 123456789012 }"), {
            message: "relaypacs:awsAccountId is 123456789012, but must be twelve digits in quotes",
        });
        assert.throws(() => parseAccount("config: { 'aws:region': here }"), {
            message: 'aws:region is "here", but must be a region such as us-east-1',
        });
    });
});

describe("The Python requirements", () => {
    const folder = path.join(projectRoot, "sandbox/parts/cloud");
    /** The lines of a file, with those of the files that it names by `-r`. */
    const linesOf = (file: string): string[] =>
        fs
            .readFileSync(file, "utf8")
            .replaceAll("\\\n", " ")
            .split("\n")
            .filter((line) => line.trim() !== "" && !line.trim().startsWith("#"))
            .flatMap((line) => {
                const [, included] = /^-r (\S+)$/.exec(line) ?? [];
                return included === undefined ? [line] : linesOf(path.resolve(path.dirname(file), included));
            });
    const pins = (file: string) =>
        new Map(
            linesOf(path.join(folder, file)).map((line) => {
                const [, name, version, rest] = /^([\w-]+)(?:\[[\w,]+\])?==(\S+)(.*)$/.exec(line) ?? [];
                assert.ok(name !== undefined && version !== undefined, `${file} does not pin: ${line}`);
                return [name, { version, hashes: rest?.match(/--hash=sha256:[0-9a-f]{64}/g) ?? [] }] as const;
            }),
        );

    it("should pin every package to one version and its hashes", () => {
        const all = pins("requirements.txt");
        assert.ok(all.size > 40, `${all.size.toString()} packages`);
        for (const [name, { hashes }] of all) assert.ok(hashes.length > 0, `${name} has no hash`);
    });

    it("should include what was asked for", () => {
        const all = pins("requirements.txt");
        const asked = pins("requirements.in");
        assert.deepEqual([...asked.keys()], ["awscli", "moto", "pg8000", "scramp"]);
        for (const [name, { version }] of asked) assert.equal(all.get(name)?.version, version, name);
    });
});
