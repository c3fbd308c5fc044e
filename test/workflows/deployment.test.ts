import * as assert from "node:assert/strict";
import { form } from "../sandbox/runner/support";
import { asInput, calledWith as called, programs, releases, running } from "./environments";
import { play, type Played } from "./world";

const release = releases[1]!;

/** Deploys to staging with the workflow's own scripts. */
const deployed = (more: Partial<Record<keyof typeof programs, string>> = {}): Promise<Played> =>
    play({
        file: "staging.yml",
        event: form({ release: asInput(release) }),
        programs: { ...programs, ...more },
        state: running,
    });

const job = "staging / deploy";

describe("A deployment by the workflow's own scripts", function () {
    this.timeout(120_000);

    it("should check, update, test, admit, store and tell, in this order", async () => {
        const played = await deployed();
        assert.equal(played.run.conclusion, "success", played.lines.join("\n"));
        const order = [
            "npx release show build ",
            "npx release check --checkpoint staging ",
            "pulumi up --stack staging --policy-pack policies ",
            "node build/release/smoke/main.js ",
            "npx release observe smoke ",
            "npx release check --checkpoint staging-verified ",
            "npx release admit --environment staging ",
            "aws s3 sync --only-show-errors evidence s3://",
            "gh api --method PATCH repos/relaypacs/gateway/git/refs/heads/staging ",
            "slack ",
        ];
        const places = order.map((start) => played.calls().findIndex((line) => line.startsWith(start)));
        assert.ok(!places.includes(-1), `${places.join(" ")}\n${played.calls().join("\n")}`);
        assert.deepEqual(
            places,
            [...places].sort((a, b) => a - b),
        );
        assert.match(
            called(played, "slack ")[0]!,
            /^slack RelayPACS 1\.4\.2 to staging: success\. https:\/\/github\.com\/relaypacs\/gateway\/actions\/runs\/1/,
        );
    });

    it("should give the program the release as the caller named it, and the token only to what asks for it", async () => {
        const played = await deployed();
        assert.deepEqual(called(played, "release {"), [`release ${asInput(release)}`]);
        // The token of the store is masked as soon as it is read.
        assert.ok(played.lines.includes(`${job}: pulumi says ***`), played.lines.join("\n"));
        assert.ok(!played.lines.some((line) => line.includes("token-for-github")));
    });

    it("should end before any change when the record is another one", async () => {
        const other = programs.npx.replace("$(sha256sum release.json", "$(echo other");
        const played = await deployed({ npx: other });
        assert.equal(played.results()[job], "failure");
        assert.ok(
            played.lines.includes(
                `${job}: error: The record of 1.4.2 is not the one that its signed build evidence names.`,
            ),
        );
        assert.deepEqual([...called(played, "pulumi up"), ...called(played, "npx release admit")], []);
    });

    it("should store evidence, admit nothing and tell of a failure after failed smoke tests", async () => {
        const played = await deployed({ node: `if [[ "$1" == --print ]]; then echo 3.0.0; else exit 1; fi` });
        assert.equal(played.results()[job], "failure");
        assert.equal(called(played, "npx release observe smoke ").length, 1);
        assert.equal(called(played, "aws s3 sync ").length, 1);
        assert.deepEqual([...called(played, "npx release admit"), ...called(played, "gh api --method PATCH")], []);
        assert.match(called(played, "slack ")[0]!, /to staging: failure/);
    });
});
