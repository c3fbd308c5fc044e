import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { unpackCommand } from "../../../release/unpack/command";
import { readTar } from "../../../release/unpack/tar";
import { unpack } from "../../../release/unpack/unpack";
import { runCommand } from "../support/running";

describe("Unpacking the reports of the pipeline's jobs", () => {
    let folder = "";
    const at = (...names: string[]) => path.join(folder, ...names);
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "unpack-"));
        fs.mkdirSync(at("packed"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    /** Packs what `make` writes, by GNU tar, as ci.yml does. */
    function pack(job: string, make: (source: string) => void, ...args: string[]): void {
        const source = at("source");
        fs.mkdirSync(source);
        make(source);
        fs.mkdirSync(at("packed", `reports-${job}`), { recursive: true });
        const archive = at("packed", `reports-${job}`, `reports-${job}.tar`);
        execFileSync("tar", [
            "--create",
            "--file",
            archive,
            "--directory",
            source,
            ...(args.length > 0 ? args : ["."]),
        ]);
        fs.rmSync(source, { recursive: true });
    }
    const write =
        (name: string, text = name) =>
        (source: string) => {
            fs.mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
            fs.writeFileSync(path.join(source, name), text);
        };
    const refused = (message: RegExp | string) => {
        assert.throws(() => unpack(at("packed"), at("out")), { name: "ArchiveError", message });
        assert.ok(!fs.existsSync(at("out")), "nothing is written");
    };

    it("should give each job a folder of its own, with contents and times, so that none replaces another's", () => {
        const long = `${"deep/".repeat(30)}report.json`;
        const time = new Date("2026-01-14T10:00:00Z");
        pack("lint-backend", (source) => {
            write("ruff.json", "[]")(source);
            write(long)(source);
            write("empty.txt", "")(source);
            fs.utimesSync(path.join(source, "ruff.json"), time, time);
        });
        pack("e2e-tests", write("ruff.json", "another"));
        assert.deepEqual(unpack(at("packed"), at("out")), ["e2e-tests", "lint-backend"]);
        assert.equal(fs.readFileSync(at("out", "lint-backend", "ruff.json"), "utf8"), "[]");
        assert.equal(fs.readFileSync(at("out", "lint-backend", long), "utf8"), long);
        assert.equal(fs.readFileSync(at("out", "lint-backend", "empty.txt"), "utf8"), "");
        assert.equal(fs.readFileSync(at("out", "e2e-tests", "ruff.json"), "utf8"), "another");
        assert.deepEqual(fs.statSync(at("out", "lint-backend", "ruff.json")).mtime, time);
    });

    for (const [what, make, args, message] of [
        [
            "a symbolic link",
            (source: string) => {
                fs.symlinkSync("/etc/passwd", path.join(source, "ruff.json"));
            },
            [],
            'reports-a.tar has "./ruff.json", which is a symbolic link; accepted: regular files and folders.',
        ],
        [
            "a link to a folder",
            (source: string) => {
                fs.symlinkSync("../e2e-tests", path.join(source, "sub"));
            },
            [],
            /which is a symbolic link/,
        ],
        [
            "a hard link",
            (source: string) => {
                write("one")(source);
                fs.linkSync(path.join(source, "one"), path.join(source, "two"));
            },
            ["one", "two"],
            'reports-a.tar has "two", which is a hard link; accepted: regular files and folders.',
        ],
        [
            "a named pipe",
            (source: string) => {
                execFileSync("mkfifo", [path.join(source, "pipe")]);
            },
            [],
            /which is a named pipe/,
        ],
        [
            "a name twice",
            write("one"),
            ["one", "one", "--hard-dereference"],
            'reports-a.tar has "one" twice; accepted: each name once.',
        ],
        [
            "one name in two ways",
            write("one"),
            ["one", "./one", "--hard-dereference"],
            'reports-a.tar has "one" twice; accepted: each name once.',
        ],
        [
            "a path that leads outside",
            write("one"),
            ["one", "--transform", "s#one#../../evidence/one#", "--absolute-names"],
            'reports-a.tar has "../../evidence/one"; accepted: paths below its own folder.',
        ],
        [
            "an absolute path",
            write("one"),
            ["one", "--transform", "s#one#/tmp/one#", "--absolute-names"],
            'reports-a.tar has "/tmp/one"; accepted: paths below its own folder.',
        ],
        [
            "a name with a line break",
            write("one\n::error::two"),
            [],
            /has "\.\/one\\n::error::two"; accepted: paths below its own folder\.$/,
        ],
        [
            "a file where a folder is",
            (source: string) => {
                write("one/two")(source);
                write("file")(source);
            },
            ["one", "file", "--transform", "s#^file$#one#"],
            'reports-a.tar has "one" as a file and as a folder; accepted: each name once.',
        ],
        [
            "an extended header",
            write("one"),
            ["one", "--format=posix"],
            /which is an entry of type "x"; accepted: regular files and folders\.$/,
        ],
    ] as const)
        it(`should refuse ${what}, and write nothing of any job`, () => {
            pack("b", write("good.json"));
            pack("a", make, ...args);
            refused(message);
        });

    it("should refuse a damaged archive", () => {
        pack("a", write("one", "x".repeat(2000)));
        const archive = at("packed", "reports-a", "reports-a.tar");
        const whole = fs.readFileSync(archive);
        fs.writeFileSync(archive, whole.subarray(0, 1700));
        refused("reports-a.tar is damaged: it ends too early.");
        fs.writeFileSync(archive, Buffer.alloc(0));
        refused("reports-a.tar is damaged: it ends too early.");
        const changed = Buffer.from(whole);
        changed.write("two", 0);
        fs.writeFileSync(archive, changed);
        refused("reports-a.tar is damaged: the checksum of a header is wrong.");
        fs.writeFileSync(archive, "<html>".repeat(200));
        refused(/^reports-a\.tar is damaged: a header has "[^"]*" for a number\.$/);
        assert.throws(() => readTar(whole.subarray(0, 512), "a"), /ends too early/);
    });

    it("should refuse artifacts of other names, and other contents of an artifact", () => {
        refused(`${at("packed")} has no artifact; accepted: at least one reports-<job>.`);
        for (const name of ["reports-..", "reports-", "reports-A", "other"]) {
            fs.mkdirSync(at("packed", name));
            refused(`"${name}" is among the artifacts; accepted: folders named reports-<job>.`);
            fs.rmdirSync(at("packed", name));
        }
        fs.writeFileSync(at("packed", "reports-a"), "");
        refused('"reports-a" is among the artifacts; accepted: folders named reports-<job>.');
        fs.rmSync(at("packed", "reports-a"));
        fs.mkdirSync(at("packed", "reports-a"));
        refused("The artifact reports-a has nothing; accepted: one file reports-a.tar.");
        fs.symlinkSync("/etc/passwd", at("packed", "reports-a", "reports-a.tar"));
        refused('The artifact reports-a has "reports-a.tar"; accepted: one file reports-a.tar.');
        fs.rmSync(at("packed", "reports-a", "reports-a.tar"));
        pack("a", write("one"));
        fs.writeFileSync(at("packed", "reports-a", "more"), "");
        refused('The artifact reports-a has "more", "reports-a.tar"; accepted: one file reports-a.tar.');
    });

    it("should be a command that ends with 2 and one sentence for what it refuses", async () => {
        pack("a", write("one"));
        const args = ["--archives", at("packed"), "--out", at("out")];
        assert.deepEqual(await runCommand(unpackCommand(), args), {
            exitCode: 0,
            stdout: "Unpacked the reports of a.\n",
            stderr: "",
        });
        const again = await runCommand(unpackCommand(), args);
        assert.equal(again.exitCode, 2);
        assert.equal(
            again.stderr,
            `release unpack: ${at("out")} exists already; accepted: the name of a folder to make.\n`,
        );
    });
});
