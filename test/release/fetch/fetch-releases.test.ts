import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { keyRing } from "../../../delivery/evidence/keys";
import { createStatement } from "../../../delivery/evidence/statement";
import { fetchCommand } from "../../../release/fetch/command";
import { fetchReleases } from "../../../release/fetch/fetch-releases";
import { newKey, seal, trust, type KeyPair } from "../../delivery/gates/support/world";
import { runCommand } from "../support/running";

const now = "2026-01-14T18:00:00Z";
const images = { backend: `sha256:${"b".repeat(64)}` };
const [production, pipeline, stranger] = [newKey(), newKey(), newKey()];
const ring = keyRing([trust(production, { duty: "production" }), trust(pipeline, { duty: "pipeline" })]);

/** An object of the bucket, by its key: its text, and how long before now it was written, in hours. */
type Bucket = Readonly<Record<string, { readonly text: string; readonly age: number }>>;

function admission(version: string, key: KeyPair = production, environment: "staging" | "prod" = "prod"): string {
    const statement = createStatement(
        "admission",
        {
            environment,
            checkpoint: environment === "prod" ? "production" : "staging",
            admittedAt: "2026-01-14T10:00:00Z",
            completedAt: "2026-01-14T10:20:00Z",
            gates: [{ id: "build-success", status: "pass" }],
        },
        { version, commit: "c".repeat(40), images },
        { issuedAt: "2026-01-14T10:20:00Z" },
    );
    return JSON.stringify(seal(JSON.stringify(statement), key));
}

const nameOf = (version: string, key: KeyPair = production, environment = "prod") =>
    `${version}/admission-${environment}.${key.id.slice(0, 8)}.json`;

const good = (version: string, age: number): Bucket => ({ [nameOf(version)]: { text: admission(version), age } });

describe("The releases that release fetch fetches", () => {
    let folder = "";
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "fetch-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    /** Fetches from a bucket by a substitute for the aws command line. */
    async function fetched(bucket: Bucket, more: { version?: string; releases?: number; listing?: string } = {}) {
        const got: string[] = [];
        const copied: string[][] = [];
        const listing = Object.entries(bucket).map(([Key, { age }]) => ({
            Key,
            LastModified: new Date(Date.parse(now) - age * 3_600_000).toISOString(),
        }));
        const run = (command: string, args: readonly string[]) => {
            assert.equal(command, "aws");
            if (args[1] === "list-objects-v2")
                return Promise.resolve({ exitCode: 0, output: more.listing ?? JSON.stringify(listing) });
            if (args[1] === "get-object") {
                const key = args[args.indexOf("--key") + 1]!;
                got.push(key);
                fs.writeFileSync(args.at(-1)!, bucket[key]!.text);
            } else copied.push([...args]);
            return Promise.resolve({ exitCode: 0, output: "" });
        };
        const { releases = 20, version } = more;
        const out = path.join(folder, "releases");
        const answer = await fetchReleases({ bucket: "b", stack: "prod", ring, out, version, releases, now }, { run });
        return { ...answer, got, copied, out };
    }

    it("should be those with a verified admission, and be copied as files of their version's folder", async () => {
        const { copied, out, rejected, versions } = await fetched({
            ...good("1.4.1", 2),
            ...good("1.4.2-gabcdef0", 1),
        });
        assert.deepEqual(versions, ["1.4.1", "1.4.2-gabcdef0"]);
        assert.deepEqual(rejected, []);
        assert.deepEqual(
            copied,
            versions.map((version) => [
                ...["s3", "cp", "--recursive", "--only-show-errors", `s3://b/${version}/`, `${out}/${version}/`],
                ...["--exclude", "*", "--include", "*.json", "--exclude", "*/*"],
            ]),
        );
    });

    it("should never be named by an object whose first part is no version, or that has more parts", async () => {
        const text = admission("1.4.1");
        const hex = production.id.slice(0, 8);
        const keys = [
            `../policies/admission-prod.${hex}.json`,
            `../admission-prod.${hex}.json`,
            `/admission-prod.${hex}.json`,
            `1.4.1/../../policies/admission-prod.${hex}.json`,
            `1.4.1/deeper/admission-prod.${hex}.json`,
            `1.4/admission-prod.${hex}.json`,
            `v1.4.1/admission-prod.${hex}.json`,
            `1.4.1 /admission-prod.${hex}.json`,
            `1.4.1\n/admission-prod.${hex}.json`,
            `1.4.1/admission-prod.${hex}.json\n`,
            `1.4.1/admission-prod.${hex}.json.json`,
            `1.4.1/admission-staging.${hex}.json`,
            `1.4.1/admission-prod.${stranger.id.slice(0, 8)}.json`,
            `releases/admission-prod.${hex}.json`,
            "1.4.1/admission-prod.json",
        ];
        const { copied, got, versions } = await fetched(Object.fromEntries(keys.map((key) => [key, { text, age: 1 }])));
        assert.deepEqual([got, copied, versions], [[], [], []]);
        assert.deepEqual(fs.readdirSync(folder), ["releases"]);
    });

    it("should not be hidden by any number of newer admissions that count for nothing", async () => {
        const hex = production.id.slice(0, 8);
        const junk = Array.from({ length: 45 }, (_, at) => [
            `9.9.${String(at)}/admission-prod.${hex}.json`,
            { text: at % 3 === 0 ? "{" : admission("9.9.9", at % 3 === 1 ? stranger : production), age: 0 },
        ]);
        const { got, rejected, versions } = await fetched({
            ...Object.fromEntries(junk),
            ...good("1.4.1", 100),
        } as Bucket);
        assert.deepEqual(versions, ["1.4.1"]);
        assert.equal(got.length, 46);
        assert.equal(rejected.length, 45);
        assert.equal(
            rejected[0],
            `The admission 9.9.0/admission-prod.${hex}.json counts for nothing: it is not a DSSE envelope with an in-toto payload.`,
        );
        assert.ok(rejected.some((one) => one.endsWith("it is about 9.9.9, and lies under 9.9.2.")));
    });

    it("should not be let in by the key of another duty, or by the admission of another environment", async () => {
        const { rejected, versions } = await fetched({
            [nameOf("1.4.1", pipeline)]: { text: admission("1.4.1", pipeline), age: 1 },
            [nameOf("1.4.2")]: { text: admission("1.4.2", production, "staging"), age: 1 },
        });
        assert.deepEqual(versions, []);
        assert.match(rejected.join("\n"), /has the duty pipeline and may not state admission-prod/);
        assert.match(rejected.join("\n"), /has the duty production and may not state admission-staging/);
    });

    it("should be the newest, as many as are wanted, and the one that is asked for", async () => {
        const all = Object.assign({}, ...[1, 2, 3, 4].map((age) => good(`1.4.${String(age)}`, age))) as Bucket;
        assert.deepEqual((await fetched(all, { releases: 2, version: "1.3.0" })).versions, ["1.3.0", "1.4.1", "1.4.2"]);
        fs.rmSync(path.join(folder, "releases"), { recursive: true });
        const same = await fetched(all, { releases: 2, version: "1.4.1" });
        assert.deepEqual(same.versions, ["1.4.1", "1.4.2"]);
        assert.equal(same.got.length, 2);
    });

    it("should be none when nothing ran", async () => {
        assert.deepEqual((await fetched({}, { listing: "null" })).versions, []);
    });

    it("should not be guessed when the bucket can't be read", async () => {
        await assert.rejects(fetched({}, { listing: "Unable to locate credentials" }), {
            message: "The bucket b can't be read: its listing is not JSON with keys and times.",
        });
        const out = path.join(folder, "other");
        const refused = { run: () => Promise.resolve({ exitCode: 254, output: "\nAccess Denied\n" }) };
        await assert.rejects(fetchReleases({ bucket: "b", stack: "prod", ring, out, releases: 20, now }, refused), {
            message: "The bucket b can't be read: Access Denied",
        });
        assert.ok(!fs.existsSync(out));
    });

    it("should be fetched by the aws command line, with an empty version as without one", async () => {
        const before = process.env.PATH ?? "";
        const file = (name: string) => path.join(folder, name);
        const listing = JSON.stringify([{ Key: nameOf("1.4.1"), LastModified: now }]);
        fs.mkdirSync(file("bin"));
        fs.writeFileSync(file("admission.json"), admission("1.4.1"));
        fs.writeFileSync(
            file("bin/aws"),
            `#!/bin/bash
            echo "$*" >> '${file("calls")}'
            case "$2" in
                list-objects-v2) echo '${listing}' ;;
                get-object) cp '${file("admission.json")}' "\${@: -1}" ;;
            esac\n`,
            { mode: 0o755 },
        );
        const validity = { notBefore: "2026-01-01T00:00:00Z", notAfter: "2100-01-01T00:00:00Z" };
        fs.writeFileSync(file("keys.json"), JSON.stringify([trust(production, { ...validity, duty: "production" })]));
        process.env.PATH = `${file("bin")}${path.delimiter}${before}`;
        try {
            for (const [out, ...more] of [["one"], ["two", "--version", ""]]) {
                const given = ["--stack", "prod", "--bucket", "b", "--keys", file("keys.json"), "--out", file(out!)];
                assert.deepEqual(await runCommand(fetchCommand(), [...given, ...more]), {
                    exitCode: 0,
                    stdout: "Fetched the evidence of 1.4.1.\n",
                    stderr: "",
                });
            }
            const copies = fs
                .readFileSync(file("calls"), "utf8")
                .split("\n")
                .filter((call) => call.startsWith("s3 cp"));
            assert.deepEqual(
                copies.map((call) => call.split(" ")[4]),
                ["s3://b/1.4.1/", "s3://b/1.4.1/"],
            );
            const again = await runCommand(fetchCommand(), [
                ...["--stack", "prod", "--bucket", "b", "--keys", file("keys.json"), "--out", file("one")],
            ]);
            assert.equal(again.exitCode, 2);
            assert.match(again.stderr, /one exists already; give the name of a folder to make\.$/m);
        } finally {
            process.env.PATH = before;
        }
    });

    it("should be asked for by a version, or by none", async () => {
        const given = ["--stack", "prod", "--bucket", "b", "--out", path.join(folder, "x")];
        const { exitCode, stderr } = await runCommand(fetchCommand(), [...given, "--version", "../policies"]);
        assert.equal(exitCode, 2);
        assert.match(stderr, /It must be a version such as 1\.4\.1, or empty\./);
    });
});
