import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { checkExitCode } from "../../../release/collect/exit-codes";
import { readers } from "../../../release/collect/readers";
import { maximumBytes, maximumPiecewiseBytes, readPieces, readReport } from "../../../release/collect/shared/text";
import { readTrivyVersion } from "../../../release/collect/trivy-version";
import { fixture, kindOf, refusal, readable, type Kind } from "./fixtures";

/** Offsets at which a report is cut off: all in small reports, otherwise 120 and each of the last 20 bytes. */
function cuts(length: number): number[] {
    const step = Math.max(1, Math.floor(length / 120));
    return Array.from({ length }, (_, at) => at).filter((at) => at % step === 0 || at >= length - 20);
}

/** The output of `tsc --build` up to the end of its second project, the one with the error; what follows adds sums. */
const completeBuild = /\nlib\/b\.ts\(1,14\): error TS2322: [^]*\n(?:Aggregate )?Total time: .*\n$/;

const kinds = Object.keys(readers) as Kind[];

describe("A damaged report", () => {
    for (const name of readable) {
        it(`should be refused wherever ${name} is cut off`, () => {
            const bytes = Buffer.from(fixture(name));
            // The output of Black, Prettier and the compiler must end with a line break; in other reports it has no
            // meaning.
            const whole = name.endsWith(".txt") ? bytes.length : Buffer.byteLength(fixture(name).trimEnd());
            const read = (at: number) => readers[kindOf(name)](bytes.subarray(0, at).toString("utf8"), name);
            for (const at of cuts(whole)) {
                if (!name.endsWith("build.txt")) {
                    refusal(() => read(at), name);
                    continue;
                }
                // `tsc --build` writes one output after the other. Without the last, a whole one is left, and only the exit
                // code shows that.
                const entry = { kind: "typescript", file: name, version: "", exitCode: 2 } as const;
                const errors = () => {
                    const result = read(at);
                    checkExitCode(entry, result);
                    return result.kind === "lint" ? result.errors : 0;
                };
                if (!completeBuild.test(bytes.subarray(0, at).toString("utf8"))) refusal(errors, name);
                else assert.equal(errors(), 1);
            }
        });
    }

    it("should be refused wherever trivy/version.json is cut off", () => {
        const text = fixture("trivy/version.json").trimEnd();
        for (let at = 0; at < text.length; at++) refusal(() => readTrivyVersion(text.slice(0, at), "v"), "v");
    });

    for (const kind of kinds) {
        it(`should be refused by the reader of ${kind} when it is empty, blank, or starts with a byte order mark`, () => {
            const good = fixture(readable.find((name) => kindOf(name) === kind)!);
            assert.match(
                refusal(() => readers[kind]("", "r"), "r"),
                /^: The report is empty;/,
            );
            assert.match(
                refusal(() => readers[kind](" \n\t\n", "r"), "r"),
                /^: The report is empty;/,
            );
            assert.match(
                refusal(() => readers[kind](`\uFEFF${good}`, "r"), "r"),
                /^:1:1: .* byte order mark/,
            );
            assert.match(
                refusal(() => readers[kind](`${good}\0\n`, "r"), "r"),
                /NUL character/,
            );
        });

        it(`should be refused by the reader of ${kind} when another tool wrote it`, () => {
            for (const name of readable) {
                const own = kindOf(name);
                const same = new Set([own, kind]);
                // ESLint's report is the same for lint and for security.
                if (own === kind || (same.has("eslint") && same.has("eslint-security"))) continue;
                refusal(() => readers[kind](fixture(name), name), name);
            }
        });
    }
});

describe("A file that is not a report", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-collect-"));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const read = (contents: string | Buffer) => {
        const file = path.join(folder, "report");
        fs.writeFileSync(file, contents);
        return refusal(() => readReport(file, "report"), "report");
    };

    it("should be refused when it is not UTF-8", () => {
        const text = fixture("pytest/passed.xml");
        assert.match(read(Buffer.from(`\uFEFF${text}`, "utf16le")), /^:1:1: The report is UTF-16; it must be UTF-8\.$/);
        assert.match(read(Buffer.from("<a>é</a>", "latin1")), /bytes that are not UTF-8/);
        assert.match(read(Buffer.from("é").subarray(0, 1)), /bytes that are not UTF-8/);
    });

    it("should be refused when it is missing, a pipe or a folder", () => {
        const missing = path.join(folder, "missing");
        assert.match(
            refusal(() => readReport(missing, "m"), "m"),
            /^: The report does not exist; run its tool first/,
        );
        const pipe = path.join(folder, "pipe");
        execFileSync("mkfifo", [pipe]);
        assert.match(
            refusal(() => readReport(pipe, "p"), "p"),
            /^: The report must be a file\.$/,
        );
        assert.match(
            refusal(() => readReport(folder, "f"), "f"),
            /^: The report must be a file\.$/,
        );
    });

    it("should be refused unread when it is larger than the maximum", () => {
        const file = path.join(folder, "huge");
        fs.writeFileSync(file, "");
        fs.truncateSync(file, 20 * 1024 * maximumBytes);
        const before = process.memoryUsage().rss;
        assert.match(
            refusal(() => readReport(file, "huge"), "huge"),
            /^: The report has \d+ MiB; at most 64 MiB are read\.$/,
        );
        assert.ok(process.memoryUsage().rss - before < maximumBytes);
    });

    it("should be refused in pieces as it is as a whole", () => {
        const inPieces = (contents: string | Buffer) => {
            const file = path.join(folder, "report");
            fs.writeFileSync(file, contents);
            return refusal(() => readPieces(file, "report", (pieces) => readers.junit(pieces, "report")), "report");
        };
        const text = fixture("pytest/passed.xml");
        const long = `<testsuites><!--${"é".repeat(200_000)}-->`;
        assert.match(inPieces(Buffer.from(`\uFEFF${text}`, "utf16le")), /^:1:1: The report is UTF-16/);
        assert.match(inPieces(`\uFEFF${text}`), /^:1:1: .* byte order mark/);
        assert.match(inPieces(" ".repeat(200_000)), /^: The report is empty;/);
        assert.match(inPieces(`${" ".repeat(200_000)}{}`), /^:1:1: The report is JSON;/);
        assert.match(inPieces(`${long}\n\0`), /^:2:1: The report has a NUL character/);
        assert.match(inPieces(Buffer.from(long).subarray(0, 200_001)), /bytes that are not UTF-8/);
        assert.match(inPieces(long), /not well-formed XML: unclosed tag: testsuites\./);
        const file = path.join(folder, "large");
        fs.writeFileSync(file, "");
        fs.truncateSync(file, maximumPiecewiseBytes + 1);
        assert.equal(
            refusal(() => readPieces(file, "l", () => assert.fail("it was read")), "l"),
            ": The report has 128 MiB; at most 128 MiB are read.",
        );
    });

    it("should be read with its text and modification time when it is valid", () => {
        const file = path.join(folder, "good");
        fs.writeFileSync(file, "[]");
        fs.utimesSync(file, new Date("2026-01-14T18:00:00Z"), new Date("2026-01-14T18:00:00Z"));
        assert.deepEqual(readReport(file, "good"), { text: "[]", modifiedAt: new Date("2026-01-14T18:00:00Z") });
    });
});

describe("An enormous report", () => {
    it("should be refused by every reader above the maximum size", () => {
        for (const kind of kinds) {
            const [maximum, words] =
                kind === "junit" ? ([maximumPiecewiseBytes, "128 MiB"] as const) : ([maximumBytes, "64 MiB"] as const);
            assert.equal(
                refusal(() => readers[kind](" ".repeat(maximum + 1), "r"), "r"),
                `: The report is larger than ${words}, the most that is read.`,
            );
        }
    });

    it("should be refused when it nests too deep", () => {
        const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
        assert.match(
            refusal(() => readers.ruff(deep, "r"), "r"),
            /^:1:101: The report nests deeper than 100 levels\.$/,
        );
        const elements = "<a>".repeat(200_000);
        assert.match(
            refusal(() => readers.junit(elements, "r"), "r"),
            /^:1:\d+: The report nests deeper than 100 levels\.$/,
        );
    });

    it("should be refused when it declares entities, which could expand without limit", () => {
        const bomb = [
            "<!DOCTYPE testsuites [",
            ...Array.from({ length: 20 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`),
            "]><testsuites>&e20;</testsuites>",
        ].join("\n");
        assert.match(
            refusal(() => readers.junit(bomb, "r"), "r"),
            /declares entities or elements of its own/,
        );
        const external = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><testsuites>&f;</testsuites>';
        assert.match(
            refusal(() => readers.junit(external, "r"), "r"),
            /declares entities or elements of its own/,
        );
        assert.match(
            refusal(() => readers.junit("<testsuites>&f;</testsuites>", "r"), "r"),
            /not well-formed XML: undefined entity/,
        );
    });

    it("should be read when it is large but valid", () => {
        const cases = Array.from({ length: 20_000 }, (_, at) => `<testcase classname="c" name="t${at}" time="0.001"/>`);
        const suite = `<testsuite name="s" tests="20000" time="20" timestamp="2026-01-14T18:00:00Z">`;
        const run = readers.junit(`<testsuites>${suite}${cases.join("")}</testsuite></testsuites>`, "r");
        assert.equal(run.tests.length, 20_000);
        const finding = JSON.parse(fixture("ruff/findings.json")) as unknown[];
        const findings = Array.from({ length: 20_000 }, () => finding[0]);
        assert.equal(readers.ruff(JSON.stringify(findings), "r").errors, 20_000);
    });
});
