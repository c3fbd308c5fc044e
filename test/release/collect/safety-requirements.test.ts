import * as assert from "node:assert/strict";
import { checkRequirements } from "../../../release/collect/safety-requirements";
import { fixture, refusal } from "./fixtures";

const check = (name: string, ...texts: readonly string[]) => {
    checkRequirements(
        fixture(name),
        "safety.json",
        texts.map((text, at) => ({ file: `requirements-${String(at + 1)}.txt`, text })),
    );
};

describe("The requirements that Safety scanned", () => {
    it("should be accepted when each is pinned and in the report", () => {
        check("safety/two-files.json", "idna==3.10\njinja2==3.1.6\n", "idna==3.10");
        check(
            "safety/clean.json",
            [
                "# comment",
                "--index-url https://index.example/simple",
                "",
                'IDNA [all] == 3.10 ; python_version > "3.8" \\',
                "    --hash=sha256:00 \\",
                "    --hash=sha256:11  # both",
            ].join("\r\n"),
        );
    });

    it("should be refused when one is not pinned, which Safety leaves out of its report", () => {
        assert.equal(
            refusal(() => {
                check("safety/unpinned.json", "jinja2>=2.0\nidna==3.10\n");
            }, "requirements-1.txt"),
            ':1:1: "jinja2>=2.0" has no exact version, so Safety did not check it; pin it with ==, for example by pip freeze.',
        );
        for (const requirement of [
            "jinja2",
            "jinja2~=3.0",
            "jinja2==3.*",
            "jinja2==3.1,!=3.1.1",
            "jinja2 @ https://files.example/jinja2.whl",
            "-e .",
            "./local",
        ])
            assert.match(
                refusal(() => {
                    check("safety/unpinned.json", `idna==3.10\n${requirement}\n`);
                }, "requirements-1.txt"),
                /^:2:1: ".*" has no exact version/,
                requirement,
            );
    });

    it("should be accepted with pip's options, with constraints, and with a file that was scanned, too", () => {
        const options = [
            "--require-hashes",
            "--find-links ./wheels",
            "-f https://files.example/",
            "--no-binary :all:",
            "--only-binary=idna",
            "--pre",
            "-c constraints.txt",
            "-r requirements-2.txt",
        ];
        check("safety/two-files.json", ["idna==3.10", ...options].join("\n"), "jinja2==3.1.6\n");
    });

    it("should be those that Safety read from standard input, from however many files", () => {
        check("safety/stdin.json", "# none\n", "idna==3.10\n");
        assert.match(
            refusal(() => {
                check("safety/stdin.json", "jinja2>=2.0\nidna==3.10\n");
            }, "requirements-1.txt"),
            /^:1:1: "jinja2>=2\.0" has no exact version, so Safety did not check it/,
        );
    });

    it("should be refused when one takes in a file that was not scanned", () => {
        assert.equal(
            refusal(() => {
                check("safety/clean.json", "idna==3.10\n-r other.txt\n");
            }, "requirements-1.txt"),
            ':2:1: "-r other.txt" takes in another file; scan it, too, and name it under requirements in the manifest.',
        );
    });

    it("should be refused when the report is about another version, unless one of several pins is it", () => {
        assert.equal(
            refusal(() => {
                check("safety/clean.json", "idna==3.9\n");
            }, "requirements-1.txt"),
            ":1:1: idna is pinned to 3.9, but safety.json is about 3.10; scan this file again.",
        );
        check("safety/clean.json", 'idna==3.9 ; python_version < "3.9"\nidna==3.10 ; python_version >= "3.9"\n');
    });

    it("should be refused when one is not in the report", () => {
        assert.equal(
            refusal(() => {
                check("safety/clean.json", "idna==3.10\njinja2==3.1.6\n");
            }, "requirements-1.txt"),
            ':2:1: "jinja2==3.1.6" is not among the packages that safety.json lists; scan this file again.',
        );
    });

    it("should be known", () => {
        for (const files of [undefined, []])
            assert.match(
                refusal(() => {
                    checkRequirements(fixture("safety/unpinned.json"), "s", files);
                }, "s"),
                /^ \(report_meta\.scanned\): Safety scanned "unpinned\.txt" and leaves out requirements that are not pinned; add these files/,
            );
        for (const files of [undefined, []])
            assert.equal(
                refusal(() => {
                    checkRequirements(fixture("safety/stdin.json"), "s", files);
                }, "s"),
                " (report_meta.scanned): Safety scanned its standard input and leaves out requirements that are not pinned; add to the reports what it read, and name it under requirements in the manifest.",
            );
        const environment = fixture("safety/clean.json").replace(
            '"scan_target": "files"',
            '"scan_target": "environment"',
        );
        checkRequirements(environment, "s", undefined);
    });
});
