import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { minimatch } from "minimatch";
import { parse } from "yaml";
import { accepts } from "../../scripts/check-node.mjs";
import { repository } from "../../settings/schema";
import { projectRoot } from "../support/project";
import { projectFiles } from "./names";

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8");

interface Update {
    readonly "package-ecosystem": string;
    readonly directory?: string;
    readonly directories?: readonly string[];
    readonly "commit-message": { readonly prefix: string; readonly include: string };
}

describe("Dependabot in this repository", () => {
    const text = read(".github/dependabot.yml");
    const { updates } = parse(text) as { updates: readonly Update[] };
    const manifests: Readonly<Record<string, RegExp>> = {
        npm: /^package-lock\.json$/,
        "github-actions": /^action\.yml$|^[a-z-]+\.yml$/,
        gomod: /^go\.mod$/,
        pip: /^requirements\.(in|txt)$/,
    };
    const foldersOf = (one: Update) => (one.directories ?? [one.directory!]).map((folder) => folder.slice(1) || ".");

    it("should look where there is something to raise, and keep to the commit convention", () => {
        for (const update of updates) {
            assert.deepEqual(update["commit-message"], { prefix: "chore", include: "scope" });
            const manifest = manifests[update["package-ecosystem"]]!;
            for (const folder of foldersOf(update)) {
                // Workflows are found from the root.
                const place =
                    update["package-ecosystem"] === "github-actions" && folder === "." ? ".github/workflows" : folder;
                const found = projectFiles.filter((file) => minimatch(path.dirname(file), place));
                assert.ok(
                    found.some((file) => manifest.test(path.basename(file))),
                    `${update["package-ecosystem"]} has nothing in ${folder}`,
                );
            }
        }
        assert.deepEqual(
            [...new Set(updates.map((one) => one["package-ecosystem"]))].sort(),
            Object.keys(manifests).sort(),
        );
    });

    it("should have every Go module with dependencies, or say that people raise it", () => {
        const listed = updates.filter((one) => one["package-ecosystem"] === "gomod").flatMap(foldersOf);
        const comment = text.slice(0, text.indexOf("version: 2"));
        for (const file of projectFiles.filter((one) => path.basename(one) === "go.mod")) {
            if (!/^require|^\t.* v\d/m.test(read(file))) continue;
            const folder = path.dirname(file);
            const module = /sandbox\/toolchain\/([^/]+)/.exec(folder)?.[1] ?? folder;
            assert.ok(
                listed.includes(folder) || comment.includes(module),
                `${folder} is neither listed nor left out by name`,
            );
        }
    });
});

describe(".github/CODEOWNERS", () => {
    const rules = read(".github/CODEOWNERS")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => line.split(/\s+/));

    it("should name folders and files that exist", () => {
        for (const [pattern] of rules.slice(1)) {
            const name = pattern!.slice(1);
            const found = projectFiles.some((file) =>
                name.endsWith("/") ? file.startsWith(name) : minimatch(file, name),
            );
            assert.ok(found, `there is nothing at ${name}`);
        }
    });

    it("should name the teams that approve production", () => {
        const { owner, approverTeams } = repository.parse({ owner: "relaypacs", name: "gateway" });
        const teams = Object.keys(approverTeams).map((slug) => `@${owner}/${slug}`);
        assert.deepEqual([...new Set(rules.flatMap(([, ...owners]) => owners))].sort(), teams.sort());
    });
});

describe(".node-version", () => {
    const version = read(".node-version").trim();
    const [major] = version.split(".");

    it("should name one version, which package.json accepts", () => {
        assert.match(version, /^\d+\.\d+\.\d+$/);
        const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
        assert.ok(accepts(`v${version}`, engines.node), engines.node);
    });

    it("should be what every workflow installs that runs this project", () => {
        const steps = projectFiles
            .filter((file) => /^(\.github|templates)\/.*\.yml$/.test(file))
            .flatMap((file) =>
                [...read(file).matchAll(/uses: actions\/setup-node@.*\n\s+with:\n\s+(.*)/g)].map(
                    ([, first]) => `${file}: ${first!}`,
                ),
            );
        const ownVersion = /: node-version-file: (platform\/)?\.node-version$/;
        // The gateway's frontend is built with what the gateway asks for.
        const asked = /^\.github\/workflows\/(ci|publish)\.yml: node-version: \$\{\{ inputs\.node-version \}\}$/;
        // In a job of the gateway, the file lies outside of the workspace, which the action of Node.js can't read.
        const action = ".github/actions/read-reports/action.yml";
        const step = `${action}: node-version: \${{ steps.platform.outputs.node }}`;
        assert.match(read(action), /- id: platform\n.*\n\s+run: echo "node=\$\(cat "\S+\/\.node-version"\)" >>/);
        assert.deepEqual(
            steps.filter((one) => !ownVersion.test(one) && !asked.test(one)),
            [step],
        );
        assert.equal(steps.filter((one) => ownVersion.test(one)).length, 4);
    });

    it("should be of the major version that is named where GitHub and Docker can't read the file", () => {
        for (const file of [".github/workflows/ci.yml", ".github/workflows/publish.yml"]) {
            const { on } = parse(read(file)) as {
                on: { workflow_call: { inputs: Readonly<Record<string, { default: string }>> } };
            };
            assert.equal(on.workflow_call.inputs["node-version"]!.default, major, file);
        }
        const images = [...read("release/smoke/Dockerfile").matchAll(/library\/node:(\d+)-/g)].map(
            ([, image]) => image,
        );
        assert.deepEqual(images, [major, major]);
        for (const page of ["README.md", "sandbox/README.md", "docs/guides/account-setup.md"])
            assert.match(read(page), new RegExp(`Node\\.js ${major!}\\b`), page);
    });

    it("should not be what types are for, which are those of the oldest version that is accepted", () => {
        const { engines, devDependencies } = JSON.parse(read("package.json")) as {
            engines: { node: string };
            devDependencies: Readonly<Record<string, string>>;
        };
        const [oldest] = /\d+\.\d+/.exec(engines.node)!;
        assert.ok(devDependencies["@types/node"]!.startsWith(`${oldest}.`), oldest);
    });
});

describe("the records of decisions", () => {
    const folder = "docs/decisions";
    const files = fs.readdirSync(path.join(projectRoot, folder)).filter((file) => file !== "README.md");
    const list = read(`${folder}/README.md`);

    it("should be numbered from 0001 without a gap", () => {
        const numbers = files.map((file) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
        assert.deepEqual(
            numbers,
            files.map((_, at) => String(at + 1).padStart(4, "0")),
        );
    });

    for (const file of files)
        it(`should have a date, a status, and all headings, and be in the list: ${file}`, () => {
            const text = read(`${folder}/${file}`);
            const parts =
                /^# (\d{4})\. (.+)\n\n- Date: (\d{4}-\d{2}-\d{2})\n- Status: (accepted|replaced by \d{4})\n/.exec(text);
            assert.ok(parts, `${file} does not begin with its number, title, date and status`);
            const [, number, title, date, status] = parts;
            assert.equal(number, file.slice(0, 4));
            const headings = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
            assert.deepEqual(headings, ["Context", "Decision", "Consequences"]);
            assert.ok(
                list.includes(`| [${number}](${file}) | ${title!} | ${date!} | ${status!} |`),
                `${file} is not in the list`,
            );
        });
});
