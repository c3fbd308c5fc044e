import * as assert from "node:assert/strict";
import { isExpedited } from "../../../release/observe/approval";

describe("An approver's comment", () => {
    for (const comment of [
        "expedited",
        "Expedited",
        "EXPEDITED",
        "  expedited \n",
        "expedited\nP1, it has not soaked.",
        "\r\nexpedited\r\nP1, it has not soaked.",
    ])
        it(`should confirm that a hotfix has not soaked: ${JSON.stringify(comment)}`, () => {
            assert.ok(isExpedited(comment));
        });

    for (const comment of [
        "",
        "This is NOT expedited",
        "not expedited",
        "expedited? No.",
        "expedited: no",
        "expedited.",
        "expedited, I think",
        "unexpedited",
        "expedited approval is not needed",
        "I will not call this\nexpedited",
        "> expedited",
        "ex\u200bpedited",
    ])
        it(`should not confirm it otherwise: ${JSON.stringify(comment)}`, () => {
            assert.ok(!isExpedited(comment));
        });
});
