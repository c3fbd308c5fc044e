import * as assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { releaseProgram } from "../../release/main";
import { keyIdOf, keyRing, type TrustedKey } from "../../delivery/evidence/keys";
import { release } from "../../delivery/core/release";
import { problemsOf, releaseCalls } from "../workflows/commands";
import { commit, digest, run } from "../workflows/script";
import { blocks, blocksOf, syntaxErrors, unmarked, unsetVariables } from "./commands";
import { pages } from "./names";

const all = blocks();

describe("The commands of README, runbooks and guides", () => {
    it("should be found", () => {
        const found = new Set(all.map(({ page }) => page));
        for (const page of ["README.md", "docs/runbooks/roll-back.md", "docs/guides/account-setup.md"])
            assert.ok(found.has(page), page);
        assert.ok(all.length > 50, `${all.length} blocks`);
        assert.ok(
            all.some(({ commands }) => commands.includes("disable-key")),
            "an indented block",
        );
    });

    it("should be what bash can read", async () => {
        for (const { commands, place } of all) assert.equal(await syntaxErrors(commands), "", place);
    });

    it("should use variables that their page sets", () => {
        const texts = pages().filter(({ file }) => all.some(({ page }) => page === file));
        assert.deepEqual(
            texts.flatMap(({ file, text }) => unsetVariables(file, text)),
            [],
        );
    });

    it("should say when they need a real account", () => {
        const runbooks = all.filter(({ page }) => page === "README.md" || page.startsWith("docs/runbooks/"));
        assert.deepEqual(unmarked(runbooks), []);
    });

    it("should call release as it takes it", () => {
        const calls = all.flatMap(({ commands, place }) =>
            releaseCalls(commands.replace(/(^|\s)#.*$/gm, "$1")).map((words) => ({ place, words })),
        );
        assert.ok(calls.length > 15, `${calls.length} calls`);
        // A call with an ellipsis stands for those above it.
        const whole = calls.filter(({ words }) => words.every(({ text }) => text !== "…"));
        for (const { place, words } of whole) assert.deepEqual(problemsOf(releaseProgram(), words), [], place);
    });

    const block = (commands: string) => blocksOf("a.md", `Text\n\n\`\`\`sh\n${commands}\n\`\`\`\n`);

    it("should be refused where bash can't read them", async () => {
        assert.match(await syntaxErrors('echo "$(date'), /unexpected EOF/);
    });

    it("should be refused where a variable is not set", () => {
        const text = (commands: string) => `\`\`\`sh\n${commands}\n\`\`\`\n`;
        assert.deepEqual(unsetVariables("a.md", text('ls "$folder" # $comment')), [
            "a.md:2 uses $folder, which the page does not set",
        ]);
        assert.deepEqual(unsetVariables("a.md", `${text("ls ${folder}")}\n${text("folder=x")}`).length, 1);
        for (const good of [
            "folder=x\nls $folder",
            "for folder in a b; do ls $folder; done",
            "read -r name folder < list; ls $name $folder",
            "jq '$folder' file",
            'jq --arg a b "$PWD"',
        ])
            assert.deepEqual(unsetVariables("a.md", text(good)), [], good);
        assert.deepEqual(unsetVariables("a.md", `with \`ADMIN_URL\`\n${text("psql $ADMIN_URL")}`), []);
    });

    it("should be refused where they need a real account without a word", () => {
        assert.deepEqual(unmarked(block("aws eks list-clusters")), ["a.md:4"]);
        assert.deepEqual(unmarked(block("aws ecr describe-images")), []);
        assert.deepEqual(unmarked(blocksOf("a.md", "```sh real-account\naws rds wait\n```\n")), []);
        assert.throws(() => blocksOf("a.md", "```sh real-acount\nls\n```\n"), /a\.md:2 is marked "real-acount"/);
    });

    it("should be refused where release would", () => {
        const problems = (call: string) => releaseCalls(call).flatMap((words) => problemsOf(releaseProgram(), words));
        assert.deepEqual(problems("npx release rollback --stack prod --to 1.4.1"), []);
        for (const call of [
            "rollback --releases x",
            "rollback --stack production",
            "fetch --stack prod --out x --buket y",
        ])
            assert.ok(problems(`npx release ${call}`).length > 0, call);
    });
});

/** The only block with these words. */
function containing(words: string): string {
    const found = all.filter(({ commands }) => commands.includes(words));
    assert.equal(found.length, 1, `${found.length} blocks with ${words}`);
    return found[0]!.commands;
}

const log = 'echo "$(basename "$0") $*" >> calls';

describe("The blocks that turn one answer into another", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = publicKey.export({ type: "spki", format: "der" });
    const getPublicKey = `${log}\necho ${der.toString("base64")}`;
    const arn = (id: string) => `arn:aws:kms:us-east-1:123456789012:key/${id}`;

    it("should make the trusted keys of what KMS has, as the gates read them", async () => {
        const signingKeys = JSON.stringify({ pipeline: { 1: arn("a") }, staging: { 1: arn("b"), 2: arn("c") } });
        const { code, text, written, calls } = await run(
            containing("> trusted.json"),
            {},
            {
                programs: { pulumi: `echo '${signingKeys}'`, aws: getPublicKey },
            },
        );
        assert.equal(code, 0, text);
        const { "relaypacs:trustedKeys": keys } = JSON.parse(written.get("trusted.json")!) as {
            readonly "relaypacs:trustedKeys": readonly TrustedKey[];
        };
        assert.deepEqual(
            keys.map(({ duty }) => duty),
            ["pipeline", "staging", "staging"],
        );
        assert.deepEqual([...keyRing(keys.slice(0, 1)).keys()], [keyIdOf(publicKey)]);
        assert.deepEqual(
            calls,
            ["a", "b", "c"].map((id) => `aws kms get-public-key --key-id ${arn(id)} --query PublicKey --output text`),
        );
    });

    it("should show the id of a new evidence key, and its public half", async () => {
        const { code, text } = await run(
            containing('.pipeline."2"'),
            {},
            {
                programs: { pulumi: `echo '${JSON.stringify({ pipeline: { 2: arn("a") } })}'`, aws: getPublicKey },
            },
        );
        assert.equal(code, 0, text);
        assert.match(text, new RegExp(`^${createHash("sha256").update(der).digest("hex")}  key.der$`, "m"));
        assert.ok(text.endsWith(publicKey.export({ type: "spki", format: "pem" }).toString().trim()), text);
    });

    it("should turn off an evidence key by its id", async () => {
        const aws = `${log}\nif [[ $2 == describe-key ]]; then echo 1234abcd; fi`;
        const { code, calls } = await run(containing("disable-key"), {}, { programs: { aws } });
        assert.equal(code, 0);
        assert.deepEqual(calls, [
            "aws kms describe-key --key-id alias/relaypacs-evidence-pipeline --query KeyMetadata.KeyId --output text",
            "aws kms disable-key --key-id 1234abcd",
        ]);
    });

    it("should write a rollback's release as the program takes it", async () => {
        const script = `${containing("rev-list")}\necho "$RELAYPACS_RELEASE" > release.json`;
        const { code, text, written } = await run(
            script,
            {},
            {
                programs: { aws: `echo ${digest}`, git: `echo ${commit}` },
            },
        );
        assert.equal(code, 0, text);
        assert.deepEqual(release.parse(JSON.parse(written.get("release.json")!)), {
            version: "1.4.1",
            commit,
            images: { backend: digest, frontend: digest },
            hotfix: false,
            rollback: true,
        });
    });

    it("should run alembic by the newest migration's Job, with its image", async () => {
        const job = (at: string, image: string) => ({
            metadata: {
                creationTimestamp: at,
                namespace: "relaypacs-staging",
                labels: { "app.kubernetes.io/name": "backend" },
            },
            spec: {
                activeDeadlineSeconds: 300,
                template: {
                    spec: {
                        restartPolicy: "Never",
                        containers: [{ image, command: ["alembic"], args: ["upgrade", "head"] }],
                    },
                },
            },
        });
        const items = [job("2026-01-14T18:00:00Z", "newest"), job("2026-01-13T18:00:00Z", "older")];
        const { code, text, written } = await run(
            containing("alembic() {"),
            {},
            {
                programs: {
                    kubectl: `case "$*" in *"get jobs"*) cat jobs.json ;; "create -f -") cat > created.json ;; esac`,
                },
                files: { "jobs.json": JSON.stringify({ items }) },
            },
        );
        assert.equal(code, 0, text);
        const { spec } = JSON.parse(written.get("created.json")!) as ReturnType<typeof job>;
        assert.deepEqual(spec.template.spec.containers, [{ image: "newest", command: ["alembic"], args: ["current"] }]);
        assert.equal(spec.activeDeadlineSeconds, 300);
    });

    it("should show what was under way", async () => {
        const pending_operations = [{ type: "creating", resource: { urn: "urn:pulumi:staging::x", inputs: {} } }];
        const state = JSON.stringify({ deployment: { pending_operations } });
        const pulumi = `${log}\nif [[ "$*" == "stack export"* ]]; then echo '${state}'; fi`;
        const { code, text, calls } = await run(containing("pending_operations"), {}, { programs: { pulumi } });
        assert.equal(code, 0, text);
        assert.deepEqual(JSON.parse(text), [{ type: "creating", urn: "urn:pulumi:staging::x" }]);
        assert.deepEqual(calls, ["pulumi stack export --stack staging"]);
    });
});
