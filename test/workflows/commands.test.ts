import * as assert from "node:assert/strict";
import { problemsOf, releaseCalls, releaseProgram } from "./commands";
import { steps } from "./files";

describe("calls of the release commands", () => {
    const program = releaseProgram();
    const calls = steps.flatMap(({ where, step }) =>
        releaseCalls(step.run ?? "").map((call) => ({ where: `${where} "${step.name ?? ""}"`, call })),
    );
    const judge = (line: string) => releaseCalls(line).flatMap((call) => problemsOf(program, call));

    it("are found in every workflow that makes them", () => {
        const made = calls.map(({ call }) => {
            const end = call.findIndex(({ text }) => text.startsWith("--"));
            return call
                .slice(0, end)
                .map(({ text }) => text)
                .join(" ");
        });
        assert.deepEqual([...new Set(made)].sort(), [
            "admit",
            "check",
            "collect",
            "observe approval",
            "observe code-review",
            "observe deployment",
            "observe incidents",
            "observe migration",
            "observe monitoring",
            "observe smoke",
            "observe soak",
            "report",
            "rollback",
            "state build",
            "state hotfix",
            "state provenance",
            "state rollbackPlan",
        ]);
    });

    it("use commands, options and values that the program has, and give it what it needs", () => {
        const wrong = calls.flatMap(({ where, call }) =>
            problemsOf(program, call).map((problem) => `${where}: ${problem}`),
        );
        assert.deepEqual(wrong, []);
    });

    it("sign everything that they state", () => {
        const stating = calls.filter(({ call }) => /^(admit|collect|observe|state)$/.test(call[0]!.text));
        assert.ok(stating.length >= 15);
        for (const { where, call } of stating)
            assert.ok(
                call.some(({ text }) => text === "--kms-key"),
                where,
            );
    });

    it("would be caught with a typing mistake", () => {
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
        assert.deepEqual(judge(`node -r ts-node/register release/main.ts ${good.slice(8)} \\\n  --bad | tee x`), [
            "release check has no option --bad",
        ]);
        assert.deepEqual(judge("release state approval --contents c --release r --out o"), [
            "release state does not accept approval",
        ]);
    });
});
