import * as assert from "node:assert/strict";
import { releaseProgram } from "../../release/main";
import { problemsOf, releaseCalls } from "./commands";
import { steps } from "./files";

describe("The calls of release commands in workflows", () => {
    const program = releaseProgram();
    const calls = steps.flatMap(({ where, step }) =>
        releaseCalls(step.run ?? "").map((call) => ({ where: `${where} "${step.name ?? ""}"`, call })),
    );
    const judge = (line: string) => releaseCalls(line).flatMap((call) => problemsOf(program, call));

    it("should be found in every workflow", () => {
        const made = calls.map(({ call }) => {
            const end = call.findIndex(({ text }) => text.startsWith("--"));
            return call
                .slice(0, end)
                .map(({ text }) => text)
                .join(" ");
        });
        assert.deepEqual([...new Set(made)].sort(), [
            "admit",
            "attest build",
            "attest hotfix",
            "attest provenance",
            "attest rehearsal",
            "attest restoreRehearsal",
            "attest rollbackPlan",
            "check",
            "collect",
            "drift",
            "fetch",
            "observe approval",
            "observe code-review",
            "observe deployment",
            "observe incidents",
            "observe migration",
            "observe monitoring",
            "observe smoke",
            "observe soak",
            "read",
            "report",
            "rollback",
            "show build",
            "show migration-prod",
            "show migration-staging",
            "show rehearsal",
            "show restore-rehearsal",
            "show rollback-plan",
            "unpack",
        ]);
    });

    it("should use commands, options and values that the program has, and all that it requires", () => {
        const wrong = calls.flatMap(({ where, call }) =>
            problemsOf(program, call).map((problem) => `${where}: ${problem}`),
        );
        assert.deepEqual(wrong, []);
    });

    it("should sign all evidence", () => {
        const stating = calls.filter(({ call }) => /^(admit|attest|collect|observe)$/.test(call[0]!.text));
        assert.ok(stating.length >= 15);
        for (const { where, call } of stating)
            assert.ok(
                call.some(({ text }) => text === "--kms-key"),
                where,
            );
    });

    it("should be refused with a typing mistake", () => {
        const good = 'release check --checkpoint staging --evidence e --release r --keys "$KEYS"';
        assert.deepEqual(judge(good), []);
        assert.deepEqual(judge(good.replace("--keys", "--key")), [
            "release check has no option --key",
            "release check needs --keys",
            "release check takes 0 arguments, not $KEYS",
        ]);
        assert.deepEqual(judge(good.replace(" staging", " stagin")), [
            "release check --checkpoint does not accept stagin",
        ]);
        assert.deepEqual(judge(`${good} --summary`), ["release check --summary has no value"]);
        assert.deepEqual(judge(good.replace("check", "chek")), ["release has no command chek"]);
        assert.deepEqual(judge(`strict=(--strikt)\n${good} "\${strict[@]}"`), ["release check has no option --strikt"]);
        assert.deepEqual(judge(`npx ${good} \\\n  --bad | tee x`), ["release check has no option --bad"]);
        assert.deepEqual(judge("release attest approval --contents c --release r --out o"), [
            "release attest does not accept approval",
        ]);
    });
});
